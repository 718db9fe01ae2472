package store

import (
	"context"
	"fmt"
	"time"
)

// Referral is somebody whom a lead named to talk to instead.
type Referral struct {
	ID         int64         `db:"id"`
	LeadID     int64         `db:"lead_id"`     // who named them
	ResponseID *int64        `db:"response_id"` // in which answer
	Name       string        `db:"name"`        // "" unknown
	Email      string        `db:"email"`       // "" unknown; one of Email and Phone is known
	Phone      string        `db:"phone"`       // E.164, "" unknown
	State      ReferralState `db:"state"`
	By         string        `db:"by"`     // who decided
	Reason     string        `db:"reason"` // why it was declined
	ProposedAt time.Time     `db:"proposed_at"`
	DecidedAt  *time.Time    `db:"decided_at"`
	NewLeadID  *int64        `db:"new_lead_id"` // accepted: the lead that it became, or was already
}

// ReferralState is what became of a referral.
type ReferralState string

// The states of a referral.
const (
	ReferralProposed ReferralState = "proposed"
	ReferralAccepted ReferralState = "accepted"
	ReferralDeclined ReferralState = "declined"
)

const referralColumns = `r.id, r.lead_id, r.response_id, r.name, r.email, r.phone, r.state, r.by, r.reason, r.proposed_at, r.decided_at, r.new_lead_id`

// InsertReferrals proposes people. Somebody whom the same lead named before, and who was not declined since, is left out.
func InsertReferrals(ctx context.Context, db DB, rows []Referral) error {
	if len(rows) == 0 {
		return nil
	}
	type row = Referral
	_, err := db.Exec(ctx, `
		INSERT INTO referrals (lead_id, response_id, name, email, phone, state, proposed_at)
		SELECT n.lead_id, n.response_id, n.name, n.email, n.phone, 'proposed', n.proposed_at
		FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::timestamptz[]) WITH ORDINALITY
			AS n(lead_id, response_id, name, email, phone, proposed_at, ord)
		ORDER BY n.ord ON CONFLICT (lead_id, email, phone) WHERE state <> 'declined' DO NOTHING`,
		column(rows, func(r *row) int64 { return r.LeadID }), column(rows, func(r *row) *int64 { return r.ResponseID }),
		column(rows, func(r *row) string { return Clean(r.Name) }), column(rows, func(r *row) string { return Clean(r.Email) }),
		column(rows, func(r *row) string { return Clean(r.Phone) }), column(rows, func(r *row) time.Time { return r.ProposedAt }))
	if err != nil {
		return fmt.Errorf("propose referrals: %w", err)
	}
	return nil
}

// ListReferrals lists the referrals in a state, or all when state is "", the oldest first: those after an id; 0 is all. limit 0 is 1,000.
func ListReferrals(ctx context.Context, db DB, state ReferralState, after int64, limit int) ([]Referral, error) {
	if limit <= 0 {
		limit = 1000
	}
	return collect[Referral](ctx, db, `SELECT `+referralColumns+` FROM referrals r WHERE ($1 = '' OR r.state = $1) AND r.id > $2
		ORDER BY r.id LIMIT $3`, string(state), after, limit)
}

// LeadReferrals lists whom a lead named, the oldest first.
func LeadReferrals(ctx context.Context, db DB, leadID int64) ([]Referral, error) {
	return collect[Referral](ctx, db, `SELECT `+referralColumns+` FROM referrals r WHERE r.lead_id = $1 ORDER BY r.id`, leadID)
}

// GetReferral loads one referral. ErrNotFound when there is none.
func GetReferral(ctx context.Context, db DB, id int64) (Referral, error) {
	return oneReferral(ctx, db, id, "")
}

// LockReferral is GetReferral that also locks the row. The lead's enrolment is locked before it.
func LockReferral(ctx context.Context, db DB, id int64) (Referral, error) {
	return oneReferral(ctx, db, id, " FOR UPDATE")
}

func oneReferral(ctx context.Context, db DB, id int64, lock string) (Referral, error) {
	r, err := one[Referral](ctx, db, `SELECT `+referralColumns+` FROM referrals r WHERE r.id = $1`+lock, id)
	if err != nil {
		return r, fmt.Errorf("referral %d: %w", id, err)
	}
	return r, nil
}

// DecideReferral notes what was decided about a referral, whose lock the caller holds.
func DecideReferral(ctx context.Context, db DB, r Referral, now time.Time) error {
	_, err := db.Exec(ctx, `UPDATE referrals SET state = $2, by = $3, reason = $4, new_lead_id = $5, decided_at = $6 WHERE id = $1`,
		r.ID, string(r.State), Clean(r.By), Clean(r.Reason), r.NewLeadID, now)
	if err != nil {
		return fmt.Errorf("decide referral %d: %w", r.ID, err)
	}
	return nil
}

// LinkReferred notes who named a lead, and puts it into that lead's account where it has none of its own. Whoever named it first stays.
func LinkReferred(ctx context.Context, db DB, leadID, by int64) error {
	_, err := db.Exec(ctx, `UPDATE leads l SET referred_by = coalesce(l.referred_by, s.id), account_id = coalesce(l.account_id, s.account_id)
		FROM leads s WHERE l.id = $1 AND s.id = $2 AND l.id <> s.id`, leadID, by)
	if err != nil {
		return fmt.Errorf("link the referred lead %d: %w", leadID, err)
	}
	return nil
}

// LeadsByPhone finds the leads with a number, in the order of ids.
func LeadsByPhone(ctx context.Context, db DB, phone string) ([]Lead, error) {
	return collect[Lead](ctx, db, `SELECT `+leadColumns+` FROM `+leadTables+` WHERE l.phone = $1 AND l.phone <> '' ORDER BY l.id`, phone)
}

// LockOpenTask locks and loads a lead's open or claimed task of a kind that no touch made. ErrNotFound when it has none. The lead's enrolment
// is locked before it.
func LockOpenTask(ctx context.Context, db DB, leadID int64, kind string) (Task, error) {
	return one[Task](ctx, db, `SELECT `+taskColumns+` FROM tasks k WHERE k.lead_id = $1 AND k.kind = $2 AND k.touch_id IS NULL
		AND k.state IN ('open', 'claimed') FOR UPDATE`, leadID, kind)
}
