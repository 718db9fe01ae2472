package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"
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

// What a search reads at most. The newest searchWindow leads are gone through one by one: a word that fits many is found there at once, while the index would
// have to be asked for all of them. What fits so few that they fill no page there is found by index; of more than searchHits any will do.
const (
	searchWindow   = 3000
	searchHits     = 20_000
	searchFirms    = 5000
	maxSearchWords = 6
)

// newest is an id above all others, for lists from their beginning.
const newest = int64(math.MaxInt64)

// ListedLeads lists leads, the newest first, below the id before, at most limit; 0 is from the newest.
func ListedLeads(ctx context.Context, db DB, before int64, limit int) ([]ListedLead, error) {
	rows, err := collect[ListedLead](ctx, db, `SELECT `+listedColumns+` FROM leads l LEFT JOIN accounts a ON a.id = l.account_id
		WHERE l.id < $1 ORDER BY l.id DESC LIMIT $2`, cmp.Or(before, newest), limit)
	if err != nil {
		return nil, fmt.Errorf("list leads: %w", err)
	}
	return rows, nil
}

// SearchLeads finds leads by words of their name, address or key, or of their company, or by their phone number; the newest first, at most limit. Every word
// that was typed must begin one of the lead's, or of the company's; one before a dot, a hyphen or the like is whole. A search for nothing lists the newest
// leads. Only those below the id before are listed; 0 is all. After an import of many thousands it is some time until those behind the newest are found by
// words; by a whole address or key they are at once.
func SearchLeads(ctx context.Context, db DB, search string, before int64, limit int) ([]ListedLead, error) {
	words := searchWords(search)
	if len(words) == 0 {
		return ListedLeads(ctx, db, before, limit)
	}
	ids, err := findLeads(ctx, db, search, words, before, limit)
	if err != nil {
		return nil, err
	}
	rows, err := collect[ListedLead](ctx, db, `SELECT `+listedColumns+` FROM unnest($1::bigint[]) AS n(id) JOIN leads l ON l.id = n.id
		LEFT JOIN accounts a ON a.id = l.account_id ORDER BY l.id DESC`, ids)
	if err != nil {
		return nil, fmt.Errorf("load the leads that were found: %w", err)
	}
	return rows, nil
}

// LeadCandidates is SearchLeads with all that is known of each lead. A search without words finds none.
func LeadCandidates(ctx context.Context, db DB, search string, limit int) ([]Lead, error) {
	words := searchWords(search)
	if len(words) == 0 {
		return nil, nil
	}
	ids, err := findLeads(ctx, db, search, words, 0, limit)
	if err != nil {
		return nil, err
	}
	leads, err := collect[Lead](ctx, db, `SELECT `+leadColumns+` FROM unnest($1::bigint[]) AS n(id) JOIN `+leadTables+` ON l.id = n.id ORDER BY l.id DESC`, ids)
	if err != nil {
		return nil, fmt.Errorf("load the leads that were found: %w", err)
	}
	return leads, nil
}

// findLeads gives the ids of the leads that a search finds.
func findLeads(ctx context.Context, db DB, search string, words []searchWord, before int64, limit int) ([]int64, error) {
	if phone := searchPhone(search); phone != "" {
		return scalars[int64](ctx, db, `SELECT id FROM (SELECT id FROM leads WHERE phone = $1 AND phone <> '' OFFSET 0) l WHERE id < $2 ORDER BY id DESC LIMIT $3`, phone, cmp.Or(before, newest), limit)
	}
	query := make([]string, len(words))
	args := pgx.NamedArgs{"before": cmp.Or(before, newest), "limit": limit, "window": searchWindow, "hits": searchHits, "firms": searchFirms, "exact": strings.TrimSpace(Clean(search))}
	holds := func(text string) string {
		sql := `true`
		for i := range words {
			sql += fmt.Sprintf(` AND strpos(%s, lower(@word%d)) > 0`, text, i)
		}
		return sql
	}
	for i, w := range words {
		query[i], args[fmt.Sprintf("word%d", i)] = w.query(), w.text
	}
	args["query"] = strings.Join(query, " & ")
	// Looking for characters takes a tenth of what taking words apart does, so it comes first, and decides nothing.
	ids, err := scalars[int64](ctx, db, `SELECT l.id FROM (
			SELECT l.*, lower(`+leadText+`) AS text FROM leads l WHERE l.id < @before ORDER BY l.id DESC LIMIT @window) l
		LEFT JOIN LATERAL (SELECT f.*, lower(`+firmText+`) AS text FROM accounts f WHERE f.id = l.account_id OFFSET 0) f ON true
		WHERE (`+holds("l.text")+`) AND `+leadWords+` @@ to_tsquery('simple', @query) OR (`+holds("f.text")+`) AND `+firmWords+` @@ to_tsquery('simple', @query)
		ORDER BY l.id DESC LIMIT @limit`, args)
	if err != nil {
		return nil, fmt.Errorf("search the newest leads: %w", err)
	}
	if len(ids) >= limit {
		return ids, nil
	}
	args["newest"] = ids // their words may not be written yet
	// Companies are found before their leads are: for a part of them only, reading all would seem cheap while Postgres knows nothing of their words.
	ids, err = scalars[int64](ctx, db, `WITH firms AS MATERIALIZED (SELECT w.account_id AS id FROM account_words w WHERE w.words @@ to_tsquery('simple', @query) LIMIT @firms),
		hits AS MATERIALIZED ((SELECT w.lead_id AS id FROM lead_words w WHERE w.words @@ to_tsquery('simple', @query) LIMIT @hits)
			UNION ALL SELECT unnest(@newest::bigint[])
			UNION ALL (SELECT l.id FROM leads l WHERE l.key = @exact OR l.email = lower(@exact) AND l.email <> '')
			UNION ALL (SELECT l.id FROM firms f CROSS JOIN LATERAL (SELECT l.id FROM leads l WHERE l.account_id = f.id OFFSET 0) l LIMIT @hits))
		SELECT DISTINCT id FROM hits WHERE id < @before ORDER BY id DESC LIMIT @limit`, args)
	if err != nil {
		return nil, fmt.Errorf("search leads: %w", err)
	}
	return ids, nil
}

// searchWord is a word that was typed.
type searchWord struct {
	text  string
	whole bool // nothing is to follow
}

// query is the word in a text search query.
func (w searchWord) query() string {
	if w.whole {
		return "'" + w.text + "'"
	}
	return "'" + w.text + "':*"
}

// searchWords takes apart what was typed, the first words of it. Nothing but letters, digits and their marks gets into them. A dot, a hyphen or the like after a word
// tells that it is whole, which spares the index the longest lists: those of "com" and what begins so.
func searchWords(search string) []searchWord {
	var words []searchWord
	for _, part := range strings.Fields(Clean(search)) {
		texts := strings.FieldsFunc(part, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
		for i, text := range texts {
			words = append(words, searchWord{text, i < len(texts)-1 || !strings.HasSuffix(part, text)})
		}
	}
	return words[:min(len(words), maxSearchWords)]
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
