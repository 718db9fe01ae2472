package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
)

// InboundMail is a mail that came back.
type InboundMail struct {
	ID             int64           `db:"id"`
	Source         string          `db:"source"`
	ExternalID     string          `db:"external_id"`
	Digest         []byte          `db:"digest"` // sha256 of the mail's bytes
	Sender         string          `db:"sender"`
	Subject        string          `db:"subject"`
	Kind           string          `db:"kind"`
	Why            string          `db:"why"`
	Classification json.RawMessage `db:"classification"`
	State          InboundState    `db:"state"`
	Note           string          `db:"note"`
	LeadID         *int64          `db:"lead_id"`
	TouchID        *int64          `db:"touch_id"`
	ResponseID     *int64          `db:"response_id"`
	ReceivedAt     time.Time       `db:"received_at"`
	Raw            []byte          `db:"raw"` // nil once nobody needs it any more
}

// InboundState is what became of a mail.
type InboundState string

// The states of an inbound mail: it told a cadence something or is only noted, it waits for a person, a person set it aside.
const (
	InboundTaken     InboundState = "taken"
	InboundUnmatched InboundState = "unmatched"
	InboundSetAside  InboundState = "set_aside"
)

const inboundColumns = `m.id, m.source, m.external_id, m.digest, m.sender, m.subject, m.kind, m.why, m.classification, m.state, m.note,
	m.lead_id, m.touch_id, m.response_id, m.received_at`

// InsertInbound stores a mail and returns its id; 0 when it is known already, by its source or by its bytes.
func InsertInbound(ctx context.Context, db DB, m InboundMail) (int64, error) {
	var id int64
	err := db.QueryRow(ctx, `INSERT INTO inbound_mails (source, external_id, digest, sender, subject, kind, why, classification, state, note,
			lead_id, touch_id, response_id, received_at, raw)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT DO NOTHING RETURNING id`,
		m.Source, Clean(m.ExternalID), m.Digest, Clean(m.Sender), Clean(m.Subject), m.Kind, Clean(m.Why), m.Classification, m.State, Clean(m.Note), m.LeadID, m.TouchID, m.ResponseID,
		m.ReceivedAt, m.Raw).Scan(&id)
	switch {
	case err == nil:
		return id, nil
	case err == pgx.ErrNoRows: //nolint:errorlint // QueryRow returns it as it is
		return 0, nil
	}
	return 0, fmt.Errorf("store inbound mail: %w", err)
}

// ResolveInbound says what became of a mail and lets its bytes go.
func ResolveInbound(ctx context.Context, db DB, id int64, state InboundState, leadID, responseID *int64, note string) error {
	_, err := db.Exec(ctx, `UPDATE inbound_mails SET state = $2, lead_id = coalesce($3, lead_id), response_id = coalesce($4, response_id),
		note = $5, raw = NULL WHERE id = $1`, id, state, leadID, responseID, Clean(note))
	if err != nil {
		return fmt.Errorf("resolve inbound mail %d: %w", id, err)
	}
	return nil
}

// UnmatchedMails lists the mails that wait for a person, the oldest first, without their bytes. limit 0 is 1,000.
func UnmatchedMails(ctx context.Context, db DB, limit int) ([]InboundMail, error) {
	if limit <= 0 {
		limit = 1000
	}
	return collect[InboundMail](ctx, db, `SELECT `+inboundColumns+`, NULL::bytea AS raw FROM inbound_mails m
		WHERE m.state = 'unmatched' ORDER BY m.id LIMIT $1`, limit)
}

// GetInbound loads one mail with its bytes. ErrNotFound when there is none.
func GetInbound(ctx context.Context, db DB, id int64) (InboundMail, error) {
	return oneInbound(ctx, db, id, "")
}

// LockInbound is GetInbound that also locks the row.
func LockInbound(ctx context.Context, db DB, id int64) (InboundMail, error) {
	return oneInbound(ctx, db, id, " FOR UPDATE")
}

func oneInbound(ctx context.Context, db DB, id int64, lock string) (InboundMail, error) {
	m, err := one[InboundMail](ctx, db, `SELECT `+inboundColumns+`, m.raw FROM inbound_mails m WHERE m.id = $1`+lock, id)
	if err != nil {
		return m, fmt.Errorf("inbound mail %d: %w", id, err)
	}
	return m, nil
}

// TouchesSentAs finds the touches with the given ids that were sent under the Message-IDs beside them, in the order of those; others are
// left out.
func TouchesSentAs(ctx context.Context, db DB, ids []int64, messageIDs []string) ([]TouchRef, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return collect[TouchRef](ctx, db, `SELECT t.id, t.enrollment_id, t.lead_id, t.step, t.run, t.channel, t.state, t.address, t.sender, t.tries
		FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS n(id, message_id, ord)
		JOIN touches t ON t.id = n.id AND t.message_id = n.message_id
		ORDER BY n.ord`, ids, messageIDs)
}

// LeadsByEmail finds the leads with an address, in the order of ids.
func LeadsByEmail(ctx context.Context, db DB, address string) ([]Lead, error) {
	return collect[Lead](ctx, db, `SELECT `+leadColumns+` FROM `+leadTables+` WHERE l.email = lower($1) AND l.email <> '' ORDER BY l.id`, address)
}

// DescribeTask writes what a lead said into the open task about it: the one of the kind, or one that was opened at now, when a rule asks for
// another kind. What an earlier mail said stays below.
func DescribeTask(ctx context.Context, db DB, leadID int64, kind cadence.TaskKind, text string, now time.Time) error {
	_, err := db.Exec(ctx, `UPDATE tasks SET script = left(CASE WHEN script = '' THEN $3 ELSE $3 || E'\n\nBefore:\n\n' || script END, 20000)
		WHERE lead_id = $1 AND touch_id IS NULL AND (kind = $2 OR opened_at = $4) AND state IN ('open', 'claimed')`,
		leadID, string(kind), Clean(text), now)
	if err != nil {
		return fmt.Errorf("describe the task: %w", err)
	}
	return nil
}
