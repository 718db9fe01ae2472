package store

import (
	"context"
	"fmt"
	"strings"
	"unicode"
)

// maxSearchWords bounds how many words of a search count.
const maxSearchWords = 6

// LeadCandidates lists leads of whom every word of a search begins one of the names, or a part of the address or the key; at most limit, in the
// order of ids. A search without words finds none.
func LeadCandidates(ctx context.Context, db DB, search string, limit int) ([]Lead, error) {
	query := prefixQuery(search)
	if query == "" {
		return nil, nil
	}
	leads, err := collect[Lead](ctx, db, `SELECT `+leadColumns+` FROM `+leadTables+`
		WHERE l.id IN (SELECT f.id FROM leads f
			WHERE to_tsvector('simple', translate(f.first_name || ' ' || f.last_name || ' ' || f.email || ' ' || f.key, '@.-_+/', '      '))
				@@ to_tsquery('simple', $1) LIMIT $2)
		ORDER BY l.id`, query, limit)
	if err != nil {
		return nil, fmt.Errorf("search leads: %w", err)
	}
	return leads, nil
}

// prefixQuery makes a text search query of what somebody typed: all words, each as a beginning.
func prefixQuery(search string) string {
	words := strings.FieldsFunc(Clean(search), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	for i, w := range words[:min(len(words), maxSearchWords)] {
		words[i] = "'" + w + "':*"
	}
	return strings.Join(words[:min(len(words), maxSearchWords)], " & ")
}
