package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// FieldMessage is a request or a delivery that writes fields.
type FieldMessage struct {
	Source string // "enrichment", or "api" and the token's id
	ID     string // its name there
	Digest []byte // SHA-256 of what it asks for
}

// ErrMessageReused is returned, wrapped, when a message comes with the name of another one.
var ErrMessageReused = errors.New("another message had this name")

// fieldMessagesKept is for how long messages are known again.
const fieldMessagesKept = 90 * 24 * time.Hour

// TakeFieldMessage notes a message. It is fresh when none of that name was taken before, else answer is what was answered then; a message of that name that
// another transaction is taking is waited for. The caller saves its answer in the same transaction. ErrMessageReused for another message of the same name. Names that are old
// enough are forgotten by the way.
func TakeFieldMessage(ctx context.Context, db DB, m FieldMessage, now time.Time) (answer []byte, fresh bool, err error) {
	if _, err = db.Exec(ctx, `DELETE FROM field_messages WHERE (source, id) IN (
		SELECT source, id FROM field_messages WHERE received_at < $1 ORDER BY received_at LIMIT 10 FOR UPDATE SKIP LOCKED)`, now.Add(-fieldMessagesKept)); err != nil {
		return nil, false, fmt.Errorf("forget old messages: %w", err)
	}
	tag, err := db.Exec(ctx, `INSERT INTO field_messages (source, id, digest, answer, received_at) VALUES ($1, $2, $3, 'null', $4) ON CONFLICT DO NOTHING`,
		m.Source, Clean(m.ID), m.Digest, now)
	if err != nil {
		return nil, false, fmt.Errorf("note a message: %w", err)
	}
	if tag.RowsAffected() == 1 {
		return nil, true, nil
	}
	var digest []byte
	if err = db.QueryRow(ctx, `SELECT digest, answer FROM field_messages WHERE source = $1 AND id = $2`, m.Source, Clean(m.ID)).Scan(&digest, &answer); err != nil {
		return nil, false, fmt.Errorf("find a message: %w", err)
	}
	if !bytes.Equal(digest, m.Digest) {
		return nil, false, fmt.Errorf("message %q: %w", m.ID, ErrMessageReused)
	}
	return answer, false, nil
}

// AnswerFieldMessage saves what was answered.
func AnswerFieldMessage(ctx context.Context, db DB, m FieldMessage, answer []byte) error {
	_, err := db.Exec(ctx, `UPDATE field_messages SET answer = $3 WHERE source = $1 AND id = $2`, m.Source, Clean(m.ID), string(answer))
	if err != nil {
		return fmt.Errorf("save an answer: %w", err)
	}
	return nil
}

// LeadsNamed finds the leads with a key or, when key is "", with an email address, at most limit.
func LeadsNamed(ctx context.Context, db DB, key, email string, limit int) ([]int64, error) {
	if key != "" {
		return scalars[int64](ctx, db, `SELECT id FROM leads WHERE key = $1`, Clean(key))
	}
	return scalars[int64](ctx, db, `SELECT id FROM leads WHERE email = lower($1) AND email <> '' ORDER BY id LIMIT $2`, Clean(email), limit)
}

// AccountNamed finds an account by its domain, else by its key; ErrNotFound when there is none.
func AccountNamed(ctx context.Context, db DB, name string) (int64, error) {
	ids, err := scalars[int64](ctx, db, `SELECT id FROM (
			SELECT id, 0 AS rank FROM accounts WHERE key = $1
			UNION ALL SELECT id, 1 FROM accounts WHERE domain = $1 AND domain <> '' AND domain <> key) a
		ORDER BY rank, id LIMIT 1`, Clean(name))
	if err == nil && len(ids) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return 0, fmt.Errorf("account %q: %w", name, err)
	}
	return ids[0], nil
}

// LockAccounts locks accounts in the order of ids. Who locks leads too locks the accounts first, as an import does.
func LockAccounts(ctx context.Context, db DB, ids []int64) error {
	_, err := db.Exec(ctx, `SELECT id FROM accounts WHERE id = ANY($1) ORDER BY id FOR UPDATE`, ids)
	return err
}

// JoinAccount gives leads that have no account the one with a key, which it makes when there is none, and returns its id.
func JoinAccount(ctx context.Context, db DB, key string, leadIDs []int64, now time.Time) (int64, error) {
	if _, err := db.Exec(ctx, `INSERT INTO accounts (key, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING`, Clean(key), now); err != nil {
		return 0, fmt.Errorf("store an account: %w", err)
	}
	id, err := AccountNamed(ctx, db, key)
	if err != nil {
		return 0, err
	}
	if err := LockAccounts(ctx, db, []int64{id}); err != nil {
		return 0, err
	}
	if _, err := db.Exec(ctx, `UPDATE leads SET account_id = $1, updated_at = $3 WHERE id = ANY($2) AND account_id IS NULL`, id, leadIDs, now); err != nil {
		return 0, fmt.Errorf("join an account: %w", err)
	}
	return id, nil
}

// SettleProposals closes what is open about fields of a lead or an account (the other 0) on which a person has spoken: accepted where the value is the
// person's.
func SettleProposals(ctx context.Context, db DB, leadID, accountID int64, values map[string]string, by string, now time.Time) error {
	fields, texts := make([]string, 0, len(values)), make([]string, 0, len(values))
	for field, value := range values {
		fields, texts = append(fields, field), append(texts, value)
	}
	_, err := db.Exec(ctx, `UPDATE field_proposals p SET decided_at = $5, decided_by = $6, accepted = p.value = n.value
		FROM unnest($3::text[], $4::text[]) AS n(field, value)
		WHERE p.decided_at IS NULL AND p.field = n.field AND (p.lead_id = $1 OR p.account_id = $2)`, leadID, accountID, fields, texts, now, Clean(by))
	if err != nil {
		return fmt.Errorf("settle proposals: %w", err)
	}
	return nil
}
