package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
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
	var batch pgx.Batch
	note := func(leadIDs, accountIDs []int64) {
		batch.Queue(`INSERT INTO words_due (lead_ids, account_ids) VALUES ($1, $2)`, leadIDs, accountIDs)
	}
	for bite := range slices.Chunk(leadIDs, wordsBite) {
		note(bite, []int64{})
	}
	for bite := range slices.Chunk(accountIDs, wordsBite) {
		note([]int64{}, bite)
	}
	if err := sendBatch(ctx, db, &batch); err != nil {
		return fmt.Errorf("note whose words are to be written: %w", err)
	}
	return nil
}

// WordsAreDue tells whether words of leads or companies are still to be written.
func WordsAreDue(ctx context.Context, db DB) (bool, error) {
	var due bool
	if err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM words_due)`).Scan(&due); err != nil {
		return false, fmt.Errorf("look whether words are due: %w", err)
	}
	return due, nil
}

// WriteWords writes the words of some leads and companies whose words are due, the oldest first, and returns how many it looked at; limit is about how
// many. It waits for nobody: those that somebody holds stay due. Who calls it is alone: of two at once the one that read a lead earlier could write it later.
func WriteWords(ctx context.Context, db DB, limit int) (int, error) {
	var n int
	err := db.QueryRow(ctx, `
		WITH due AS (
			DELETE FROM words_due WHERE id IN (SELECT id FROM (
				SELECT id, n, sum(n) OVER (ORDER BY id) AS upto FROM (
					SELECT id, cardinality(lead_ids) + cardinality(account_ids) AS n FROM words_due ORDER BY id LIMIT 500) first) d WHERE upto - n < $1) RETURNING lead_ids, account_ids
		), lead AS (
			SELECT DISTINCT unnest(lead_ids) AS id FROM due
		), firm AS (
			SELECT DISTINCT unnest(account_ids) AS id FROM due
		), named AS MATERIALIZED (
			SELECT l.id, `+leadWords+` AS words FROM lead JOIN leads l ON l.id = lead.id FOR KEY SHARE OF l SKIP LOCKED
		), called AS MATERIALIZED (
			SELECT f.id, `+firmWords+` AS words FROM firm JOIN accounts f ON f.id = firm.id FOR KEY SHARE OF f SKIP LOCKED
		), of_leads AS (
			INSERT INTO lead_words AS w (lead_id, words) SELECT id, words FROM named
			ON CONFLICT (lead_id) DO UPDATE SET words = excluded.words WHERE w.words <> excluded.words
		), of_firms AS (
			INSERT INTO account_words AS w (account_id, words) SELECT id, words FROM called
			ON CONFLICT (account_id) DO UPDATE SET words = excluded.words WHERE w.words <> excluded.words
		), busy AS (
			SELECT ARRAY(SELECT id FROM lead JOIN leads l USING (id) EXCEPT SELECT id FROM named) AS lead_ids,
				ARRAY(SELECT id FROM firm JOIN accounts f USING (id) EXCEPT SELECT id FROM called) AS account_ids
		), later AS (
			INSERT INTO words_due (lead_ids, account_ids) SELECT lead_ids, account_ids FROM busy WHERE lead_ids <> '{}' OR account_ids <> '{}'
		)
		SELECT coalesce(sum(cardinality(lead_ids) + cardinality(account_ids)), 0)::int FROM due`, limit).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("write words to search by: %w", err)
	}
	return n, nil
}
