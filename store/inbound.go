package store

import (
	"context"
	"encoding/json"
	"errors"
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

// InsertInbounds stores mails and returns their ids in order; 0 for one that is known already, by its source or by its bytes, be it from
// earlier in the list.
func InsertInbounds(ctx context.Context, db DB, mails []InboundMail) ([]int64, error) {
	var batch pgx.Batch
	ids := make([]int64, len(mails))
	for i, m := range mails {
		batch.Queue(`INSERT INTO inbound_mails (source, external_id, digest, sender, subject, kind, why, classification, state, note,
				lead_id, touch_id, response_id, received_at, raw)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
			ON CONFLICT DO NOTHING RETURNING id`,
			m.Source, Clean(m.ExternalID), m.Digest, Clean(m.Sender), Clean(m.Subject), m.Kind, Clean(m.Why), m.Classification, m.State, Clean(m.Note), m.LeadID,
			m.TouchID, m.ResponseID, m.ReceivedAt, m.Raw).QueryRow(func(row pgx.Row) error {
			err := row.Scan(&ids[i])
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			return err
		})
	}
	if err := sendBatch(ctx, db, &batch); err != nil {
		return nil, fmt.Errorf("store inbound mails: %w", err)
	}
	return ids, nil
}

// SetInboundResponses notes which response each of some mails became.
func SetInboundResponses(ctx context.Context, db DB, mailIDs, responseIDs []int64) error {
	_, err := db.Exec(ctx, `UPDATE inbound_mails m SET response_id = r.response_id
		FROM unnest($1::bigint[], $2::bigint[]) AS r(id, response_id) WHERE m.id = r.id`, mailIDs, responseIDs)
	if err != nil {
		return fmt.Errorf("note the responses of inbound mails: %w", err)
	}
	return nil
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

// SetOldInboundsAside sets up to limit mails aside that have waited for a person since before an instant, and lets their bytes go. Those that
// somebody holds just now are left alone. It returns their ids, the oldest first.
func SetOldInboundsAside(ctx context.Context, db DB, before time.Time, note string, limit int) ([]int64, error) {
	ids, err := scalars[int64](ctx, db, `WITH old AS (
			SELECT id FROM inbound_mails WHERE state = 'unmatched' AND received_at < $1 ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED
		), aside AS (
			UPDATE inbound_mails m SET state = 'set_aside', raw = NULL, note = CASE WHEN m.note = '' THEN $2 ELSE $2 || '; ' || m.note END
			FROM old WHERE m.id = old.id RETURNING m.id
		) SELECT id FROM aside ORDER BY id`, before, note, limit)
	if err != nil {
		return nil, fmt.Errorf("set old mails aside: %w", err)
	}
	return ids, nil
}

// UnmatchedMails lists the mails that wait for a person, the oldest first, without their bytes: those after an id; 0 is all. limit 0 is 1,000.
func UnmatchedMails(ctx context.Context, db DB, after int64, limit int) ([]InboundMail, error) {
	if limit <= 0 {
		limit = 1000
	}
	return collect[InboundMail](ctx, db, `SELECT `+inboundColumns+`, NULL::bytea AS raw FROM inbound_mails m
		WHERE m.state = 'unmatched' AND m.id > $1 ORDER BY m.id LIMIT $2`, after, limit)
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

// TouchesSentAs finds the touches with the given ids that were sent under the Message-IDs beside them, by those; others are left out.
func TouchesSentAs(ctx context.Context, db DB, ids []int64, messageIDs []string) (map[string]TouchRef, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	type sent struct {
		TouchRef
		MessageID string `db:"message_id"`
	}
	rows, err := collect[sent](ctx, db, `SELECT t.id, t.enrollment_id, t.lead_id, t.step, t.run, t.channel, t.state, t.address, t.sender, t.tries, t.message_given, t.message_id
		FROM unnest($1::bigint[], $2::text[]) AS n(id, message_id) JOIN touches t ON t.id = n.id AND t.message_id = n.message_id`, ids, messageIDs)
	if err != nil {
		return nil, err
	}
	found := make(map[string]TouchRef, len(rows))
	for _, r := range rows {
		found[r.MessageID] = r.TouchRef
	}
	return found, nil
}

// LeadsByEmail finds the leads with the given addresses, by those: their ids in order.
func LeadsByEmail(ctx context.Context, db DB, addresses []string) (map[string][]int64, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	type owner struct {
		Address string `db:"address"`
		LeadID  int64  `db:"lead_id"`
	}
	rows, err := collect[owner](ctx, db, `SELECT a.address, l.id AS lead_id FROM (SELECT DISTINCT unnest($1::text[]) AS address) a
		JOIN leads l ON l.email = lower(a.address) AND l.email <> '' ORDER BY l.id`, addresses)
	if err != nil {
		return nil, err
	}
	found := make(map[string][]int64, len(rows))
	for _, r := range rows {
		found[r.Address] = append(found[r.Address], r.LeadID)
	}
	return found, nil
}

// TaskText is what a lead said and the kind of task that it belongs into.
type TaskText struct {
	LeadID int64
	Kind   cadence.TaskKind
	Text   string
}

// DescribeTasks writes what leads said, each once, into the open task about it: the one of the kind, or one that was opened at now, when a
// rule asks for another kind. What an earlier mail said stays below.
func DescribeTasks(ctx context.Context, db DB, texts []TaskText, now time.Time) error {
	if len(texts) == 0 {
		return nil
	}
	leads, kinds, said := make([]int64, len(texts)), make([]string, len(texts)), make([]string, len(texts))
	for i, t := range texts {
		leads[i], kinds[i], said[i] = t.LeadID, string(t.Kind), Clean(t.Text)
	}
	_, err := db.Exec(ctx, `UPDATE tasks t SET script = left(CASE WHEN t.script = '' THEN n.said ELSE n.said || E'\n\nBefore:\n\n' || t.script END, 20000)
		FROM unnest($1::bigint[], $2::text[], $3::text[]) AS n(lead_id, kind, said)
		WHERE t.lead_id = n.lead_id AND t.touch_id IS NULL AND (t.kind = n.kind OR t.opened_at = $4) AND t.state IN ('open', 'claimed')`,
		leads, kinds, said, now)
	if err != nil {
		return fmt.Errorf("describe tasks: %w", err)
	}
	return nil
}
