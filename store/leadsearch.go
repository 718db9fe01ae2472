package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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
// have to be asked for all of them. What fits so few that they fill no page there is found by index; of more than searchHits any will do. Of those whose words
// are due the newest searchHits are looked for among them.
const (
	searchWindow   = 3000
	searchHits     = 20_000
	searchFirms    = 5000
	sharedFirms    = 500 // where a search is for words of a lead and its company together
	sharedLetters  = 3   // there, shorter words are whole ones: the index would have to gather most companies
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

// SearchLeads finds leads by words of their name, address or key, or of their company, or by their phone number; the newest first, at most limit. The last
// word that was typed must begin one of the lead's, or of the company's; those before it are whole words, as is one before a dot, a hyphen or the like.
// Where nobody has them, every word but one before a dot or the like need only begin one. Where nobody fits so either, some words may be of the lead and the
// others of its company ("kowalski acme"), as far as at most sharedFirms companies with any of the words tell. A search for nothing lists the newest leads. Only those below the id
// before are listed; 0 is all. After an import of many thousands it is some time until those behind the newest are found by words; by a whole address or key
// they are at once.
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

// findLeads gives the ids of the leads that a search finds. Words before the last are taken as typed to their end first: the index reads one list for a whole
// word, and gathers those of all that begin with an unfinished one, which takes it most of the time of a search.
func findLeads(ctx context.Context, db DB, search string, words []searchWord, before int64, limit int) ([]int64, error) {
	before = cmp.Or(before, newest)
	if phone := searchPhone(search); phone != "" {
		return scalars[int64](ctx, db, `SELECT id FROM (SELECT id FROM leads WHERE phone = $1 AND phone <> '' OFFSET 0) l WHERE id < $2 ORDER BY id DESC LIMIT $3`, phone, before, limit)
	}
	exact := strings.TrimSpace(Clean(search))
	finished := slices.Clone(words)
	for i := range finished[:len(finished)-1] {
		finished[i].whole = true
	}
	ways := []func(before int64, limit int) ([]int64, error){
		func(before int64, limit int) ([]int64, error) {
			return findWords(ctx, db, finished, exact, before, limit)
		},
	}
	if !slices.Equal(finished, words) {
		ways = append(ways, func(before int64, limit int) ([]int64, error) { return findWords(ctx, db, words, exact, before, limit) })
	}
	if len(words) > 1 {
		ways = append(ways, func(before int64, limit int) ([]int64, error) { return findTogether(ctx, db, finished, before, limit) })
	}
	for i, find := range ways {
		ids, err := find(before, limit)
		if err != nil || len(ids) > 0 || i == len(ways)-1 {
			return ids, err
		}
		if before < newest { // the next part of a list is of the same kind as what came before
			first, err := find(newest, 1)
			if err != nil || len(first) > 0 {
				return nil, err
			}
		}
	}
	return nil, nil
}

// findTogether gives the ids of the leads that all of the words fit when those of their companies count too: of the first companies that have any of the
// words, the leads that have the others.
func findTogether(ctx context.Context, db DB, words []searchWord, before int64, limit int) ([]int64, error) {
	query := make([]string, len(words))
	for i, w := range words {
		w.whole = w.whole || utf8.RuneCountInString(w.text) < sharedLetters
		query[i] = w.query()
	}
	ids, err := scalars[int64](ctx, db, findShared, pgx.NamedArgs{
		"any": strings.Join(query, " | "), "query": strings.Join(query, " & "), "before": before, "limit": limit, "firms": sharedFirms, "hits": searchWindow,
	})
	if err != nil {
		return nil, fmt.Errorf("search leads and companies together: %w", err)
	}
	return ids, nil
}

// findShared is the statement that finds by words of leads and their companies together.
const findShared = `WITH firms AS MATERIALIZED (SELECT w.account_id AS id, w.words FROM account_words w WHERE w.words @@ to_tsquery('simple', @any) LIMIT @firms),
	staff AS MATERIALIZED (SELECT l.id, f.words FROM firms f CROSS JOIN LATERAL (SELECT l.id FROM leads l WHERE l.account_id = f.id OFFSET 0) l LIMIT @hits)
	SELECT s.id FROM staff s CROSS JOIN LATERAL (SELECT w.words FROM lead_words w WHERE w.lead_id = s.id OFFSET 0) w
	WHERE s.id < @before AND s.words || w.words @@ (SELECT to_tsquery('simple', @query)) ORDER BY s.id DESC LIMIT @limit`

// findWords gives the ids of the leads that all of the words fit, or that have the exact key or address.
func findWords(ctx context.Context, db DB, words []searchWord, exact string, before int64, limit int) ([]int64, error) {
	args := pgx.NamedArgs{"before": before, "limit": limit, "hits": searchHits, "firms": searchFirms, "exact": exact}
	query, holds := make([]string, len(words)), make([]string, len(words))
	for i, w := range words {
		query[i], holds[i] = w.query(), fmt.Sprintf(`strpos(t.text, lower(@word%d)) > 0`, i)
		args[fmt.Sprintf("word%d", i)] = w.text
	}
	args["query"] = strings.Join(query, " & ")
	ids, err := scalars[int64](ctx, db, findNewest(strings.Join(holds, " AND ")), args)
	if err != nil {
		return nil, fmt.Errorf("search the newest leads: %w", err)
	}
	if len(ids) >= limit {
		return ids, nil
	}
	args["newest"] = ids // their words may not be written yet
	if ids, err = scalars[int64](ctx, db, findIndexed, args); err != nil {
		return nil, fmt.Errorf("search leads: %w", err)
	}
	return ids, nil
}

// findNewest is the statement that goes through the newest leads: by their written words, and where these are due by their text, which must hold what was
// typed. Looking for characters takes a tenth of what taking words apart does, so it comes first, and decides nothing. The query is made once, not for each
// lead, and how many leads there are is said in the statement: Postgres would take an unknown limit for a tenth of all.
func findNewest(holds string) string {
	const query = `(SELECT to_tsquery('simple', @query))`
	due := func(ids string) string {
		return fmt.Sprintf(`(SELECT unnest(%s) FROM (SELECT %[1]s FROM words_due ORDER BY id DESC LIMIT %d) d LIMIT %d)`, ids, searchWindow, searchHits)
	}
	return `WITH seen AS MATERIALIZED (SELECT id, account_id FROM leads WHERE id < @before ORDER BY id DESC LIMIT ` + strconv.Itoa(searchWindow) + `)
		SELECT DISTINCT id FROM (
			SELECT w.lead_id AS id FROM (SELECT * FROM lead_words WHERE lead_id < @before AND lead_id >= (SELECT min(id) FROM seen) OFFSET 0) w WHERE w.words @@ ` + query + `
			UNION ALL SELECT s.id FROM (SELECT DISTINCT account_id AS id FROM seen) f
				CROSS JOIN LATERAL (SELECT FROM account_words w WHERE w.account_id = f.id AND w.words @@ ` + query + ` OFFSET 0) w JOIN seen s ON s.account_id = f.id
			UNION ALL SELECT l.id FROM (SELECT id FROM seen WHERE id IN ` + due("lead_ids") + ` OFFSET 0) s
				JOIN leads l ON l.id = s.id CROSS JOIN LATERAL (SELECT lower(` + leadText + `) AS text) t WHERE ` + holds + ` AND ` + leadWords + ` @@ ` + query + `
			UNION ALL SELECT s.id FROM (SELECT id, account_id FROM seen WHERE account_id IN ` + due("account_ids") + ` OFFSET 0) s
				JOIN accounts f ON f.id = s.account_id CROSS JOIN LATERAL (SELECT lower(` + firmText + `) AS text) t WHERE ` + holds + ` AND ` + firmWords + ` @@ ` + query + `
		) found ORDER BY id DESC LIMIT @limit`
}

// findIndexed is the statement that finds by index what fits few leads. Companies are found before their leads are: for a part of them only, reading all would
// seem cheap while Postgres knows nothing of their words.
const findIndexed = `WITH firms AS MATERIALIZED (SELECT w.account_id AS id FROM account_words w WHERE w.words @@ to_tsquery('simple', @query) LIMIT @firms)
	SELECT DISTINCT id FROM (
		(SELECT id FROM (SELECT w.lead_id AS id FROM lead_words w WHERE w.words @@ to_tsquery('simple', @query) LIMIT @hits) w WHERE id < @before ORDER BY id DESC LIMIT @limit)
		UNION ALL SELECT unnest(@newest::bigint[])
		UNION ALL (SELECT l.id FROM leads l WHERE l.key = @exact OR l.email = lower(@exact) AND l.email <> '')
		UNION ALL (SELECT id FROM (SELECT l.id FROM firms f CROSS JOIN LATERAL (SELECT l.id FROM leads l WHERE l.account_id = f.id OFFSET 0) l LIMIT @hits) l
			WHERE id < @before ORDER BY id DESC LIMIT @limit)
	) found WHERE id < @before ORDER BY id DESC LIMIT @limit`

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
