package store

import (
	"context"
	"fmt"
	"time"
)

// Proposal is a value that a statement brings against one that it may not replace. Either LeadID or AccountID is set.
type Proposal struct {
	ID         int64      `db:"id"`
	LeadID     int64      `db:"lead_id"`
	AccountID  int64      `db:"account_id"`
	Field      string     `db:"field"`
	Value      string     `db:"value"`
	StampID    int64      `db:"stamp_id"`
	ProposedAt time.Time  `db:"proposed_at"`
	DecidedAt  *time.Time `db:"decided_at"` // nil while it is open
	DecidedBy  string     `db:"decided_by"`
	Accepted   bool       `db:"accepted"`
}

const proposalColumns = `id, coalesce(lead_id, 0) AS lead_id, coalesce(account_id, 0) AS account_id, field, value, stamp_id, proposed_at,
	decided_at, decided_by, accepted`

// InsertProposals stores proposals. One that is on record, decided or not, is not made again; while it is open the latest statement stands behind it.
func InsertProposals(ctx context.Context, db DB, proposals []Proposal, now time.Time) error {
	for _, of := range []struct {
		column string
		id     func(*Proposal) int64
	}{{"lead_id", func(p *Proposal) int64 { return p.LeadID }}, {"account_id", func(p *Proposal) int64 { return p.AccountID }}} {
		var rows []Proposal
		seen := map[Proposal]bool{}
		for _, p := range proposals {
			if of.id(&p) != 0 && !seen[p] {
				seen[p] = true
				rows = append(rows, p)
			}
		}
		if len(rows) == 0 {
			continue
		}
		_, err := db.Exec(ctx, fmt.Sprintf(`INSERT INTO field_proposals AS p (%[1]s, field, value, stamp_id, proposed_at)
			SELECT n.*, $5 FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) AS n ORDER BY 1, 2, 3
			ON CONFLICT (%[1]s, field, md5(value)) WHERE %[1]s IS NOT NULL
			DO UPDATE SET stamp_id = greatest(p.stamp_id, excluded.stamp_id) WHERE p.decided_at IS NULL`, of.column),
			column(rows, of.id), column(rows, func(p *Proposal) string { return p.Field }), column(rows, func(p *Proposal) string { return p.Value }),
			column(rows, func(p *Proposal) int64 { return p.StampID }), now)
		if err != nil {
			return fmt.Errorf("store proposals: %w", err)
		}
	}
	return nil
}

// OpenProposals lists what waits for a decision about a lead and its account (0: none), the oldest first, at most limit.
func OpenProposals(ctx context.Context, db DB, leadID, accountID int64, limit int) ([]Proposal, error) {
	return collect[Proposal](ctx, db, `SELECT `+proposalColumns+` FROM field_proposals
		WHERE decided_at IS NULL AND (lead_id = $1 OR account_id = $2) ORDER BY id LIMIT $3`, leadID, accountID, limit)
}

// FindProposal loads a proposal; ErrNotFound when there is none.
func FindProposal(ctx context.Context, db DB, id int64) (Proposal, error) {
	p, err := one[Proposal](ctx, db, `SELECT `+proposalColumns+` FROM field_proposals WHERE id = $1`, id)
	if err != nil {
		return p, fmt.Errorf("proposal %d: %w", id, err)
	}
	return p, nil
}

// DecideProposals closes the open ones of some proposals and says how many these were.
func DecideProposals(ctx context.Context, db DB, ids []int64, accepted bool, by string, now time.Time) (int64, error) {
	tag, err := db.Exec(ctx, `UPDATE field_proposals SET decided_at = $2, decided_by = $3, accepted = $4 WHERE id = ANY($1) AND decided_at IS NULL`,
		ids, now, Clean(by), accepted)
	if err != nil {
		return 0, fmt.Errorf("decide proposals: %w", err)
	}
	return tag.RowsAffected(), nil
}
