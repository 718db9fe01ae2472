package store

import (
	"context"
	"fmt"
)

// The words that leads are found by are kept beside them, in lead_words and account_words, and written after them: an index of words costs as
// much as all others together, and is cheapest written in bulk. words_due says whose words are to be written; until they are, a search finds the newest leads,
// which it reads one by one, and those whose whole address or key it names.

// The text that a lead l and a company f are found by, and the words of it.
const (
	leadText  = `l.first_name || ' ' || l.last_name || ' ' || l.email || ' ' || l.key`
	firmText  = `f.name || ' ' || f.domain`
	leadWords = `to_tsvector('simple', translate(` + leadText + `, '@.-_+/', '      '))`
	firmWords = `to_tsvector('simple', translate(` + firmText + `, '@.-_+/', '      '))`
)

// wordsBite is how many leads a row of words_due names at most.
const wordsBite = 1000

// noteWords notes that the words of leads and companies are to be written.
func noteWords(ctx context.Context, db DB, leadIDs, accountIDs []int64) error {
	if _, err := db.Exec(ctx, `INSERT INTO words_due (lead_ids, account_ids)
		SELECT coalesce(array_agg(lead_id) FILTER (WHERE lead_id IS NOT NULL), '{}'), coalesce(array_agg(account_id) FILTER (WHERE account_id IS NOT NULL), '{}')
		FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS n(lead_id, account_id, ord) GROUP BY (ord - 1) / $3 ORDER BY (ord - 1) / $3`,
		leadIDs, accountIDs, wordsBite); err != nil {
		return fmt.Errorf("note whose words are to be written: %w", err)
	}
	return nil
}

// WriteWords writes the words of some leads and companies whose words are due, the oldest first, and returns how many; limit is about how many. Who
// calls it is alone: of two at once the one that read a lead earlier could write it later.
func WriteWords(ctx context.Context, db DB, limit int) (int, error) {
	var n int
	err := db.QueryRow(ctx, `
		WITH due AS (
			DELETE FROM words_due WHERE id IN (SELECT id FROM (
				SELECT id, n, sum(n) OVER (ORDER BY id) AS upto FROM (
					SELECT id, cardinality(lead_ids) + cardinality(account_ids) AS n FROM words_due ORDER BY id LIMIT 500) first) d WHERE upto - n < $1) RETURNING lead_ids, account_ids
		), named AS (
			INSERT INTO lead_words AS w (lead_id, words)
			SELECT l.id, `+leadWords+` FROM (SELECT DISTINCT unnest(lead_ids) AS id FROM due OFFSET 0) n JOIN leads l ON l.id = n.id
			ON CONFLICT (lead_id) DO UPDATE SET words = excluded.words WHERE w.words <> excluded.words
		), firms AS (
			INSERT INTO account_words AS w (account_id, words)
			SELECT f.id, `+firmWords+` FROM (SELECT DISTINCT unnest(account_ids) AS id FROM due OFFSET 0) n JOIN accounts f ON f.id = n.id
			ON CONFLICT (account_id) DO UPDATE SET words = excluded.words WHERE w.words <> excluded.words
		)
		SELECT coalesce(sum(cardinality(lead_ids) + cardinality(account_ids)), 0)::int FROM due`, limit).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("write words to search by: %w", err)
	}
	return n, nil
}
