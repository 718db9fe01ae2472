package store

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// ListedLead is a lead as a list shows it.
type ListedLead struct {
	ID        int64     `db:"id"`
	Key       string    `db:"key"`
	FirstName string    `db:"first_name"`
	LastName  string    `db:"last_name"`
	Email     string    `db:"email"`
	Title     string    `db:"title"`
	Company   string    `db:"company"`
	Stage     string    `db:"stage"`
	Readiness string    `db:"readiness"`
	EndReason string    `db:"end_reason"`
	Owner     string    `db:"owner"`
	UpdatedAt time.Time `db:"updated_at"`
}

// Name is how the lead is called.
func (l *ListedLead) Name() string {
	return (&Lead{FirstName: l.FirstName, LastName: l.LastName, Email: l.Email, Key: l.Key}).FullName()
}

const listedColumns = `l.id, l.key, l.first_name, l.last_name, l.email, l.title, coalesce(a.name, '') AS company, l.stage, l.readiness, l.end_reason,
	l.owner, l.updated_at`

// The expressions of the indexes leads_words and accounts_words (migration 0013), which a search must repeat word for word.
const (
	leadWords = `to_tsvector('simple', translate(l.first_name || ' ' || l.last_name || ' ' || l.email || ' ' || l.key, '@.-_+/', '      '))`
	firmWords = `to_tsvector('simple', translate(f.name || ' ' || f.domain, '@.-_+/', '      '))`
)

// SearchLeads finds leads by the beginnings of words of their name, address or key, of their company, or by their phone number; the newest first, at most
// limit. A search for nothing lists the newest leads below the id before; 0 is all.
func SearchLeads(ctx context.Context, db DB, search string, before int64, limit int) ([]ListedLead, error) {
	words := searchWords(search)
	if words == "" {
		return collect[ListedLead](ctx, db, `SELECT `+listedColumns+` FROM leads l LEFT JOIN accounts a ON a.id = l.account_id
			WHERE $1 = 0 OR l.id < $1 ORDER BY l.id DESC LIMIT $2`, before, limit)
	}
	rows, err := collect[ListedLead](ctx, db, `SELECT `+listedColumns+` FROM leads l LEFT JOIN accounts a ON a.id = l.account_id
		WHERE ($4 = 0 OR l.id < $4) AND l.id IN (
			(SELECT l.id FROM leads l WHERE `+leadWords+` @@ to_tsquery('simple', $1) LIMIT 1000)
			UNION (SELECT l.id FROM accounts f JOIN leads l ON l.account_id = f.id WHERE `+firmWords+` @@ to_tsquery('simple', $1) LIMIT 1000)
			UNION (SELECT l.id FROM leads l WHERE l.phone = $2 AND l.phone <> '' LIMIT 1000))
		ORDER BY l.id DESC LIMIT $3`, words, searchPhone(search), limit, before)
	if err != nil {
		return nil, fmt.Errorf("search leads: %w", err)
	}
	return rows, nil
}

// searchWords makes a text search query of what was typed: every word must begin a word. Nothing but letters and digits gets into it.
func searchWords(search string) string {
	words := strings.FieldsFunc(Clean(search), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		words[i] = w + ":*"
	}
	return strings.Join(words, " & ")
}

// searchPhone is what was typed as a number in E.164; "" when it is none.
func searchPhone(search string) string {
	s := strings.TrimSpace(search)
	if !strings.HasPrefix(s, "+") {
		return ""
	}
	return "+" + strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
