package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/cadence/uld"
)

// Response is anything a lead did back.
type Response struct {
	ID           int64                `db:"id"`
	LeadID       int64                `db:"lead_id"`
	EnrollmentID *int64               `db:"enrollment_id"`
	TouchID      *int64               `db:"touch_id"`
	Kind         cadence.ResponseKind `db:"kind"`
	Source       string               `db:"source"`
	ExternalID   string               `db:"external_id"`
	Said         string               `db:"said"`
	Date         *time.Time           `db:"date"`
	By           string               `db:"by"`
	At           time.Time            `db:"at"`
	EvaluatedAt  *time.Time           `db:"evaluated_at"`
}

const responseColumns = `id, lead_id, enrollment_id, touch_id, kind, source, external_id, said, date, by, at, evaluated_at`

// InsertResponses stores responses and returns their ids in order; 0 for one whose source and external id are known already
// (D10: the same event twice changes nothing).
func InsertResponses(ctx context.Context, db DB, rows []Response) ([]int64, error) {
	type row = Response
	type inserted struct {
		ID         int64  `db:"id"`
		Source     string `db:"source"`
		ExternalID string `db:"external_id"`
	}
	stored, err := collect[inserted](ctx, db, `
		INSERT INTO responses (lead_id, enrollment_id, touch_id, kind, source, external_id, said, date, by, at)
		SELECT n.lead_id, n.enrollment_id, n.touch_id, n.kind, n.source, n.external_id, n.said, n.date, n.by, n.at
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
			$9::text[], $10::timestamptz[]) WITH ORDINALITY
			AS n(lead_id, enrollment_id, touch_id, kind, source, external_id, said, date, by, at, ord)
		ORDER BY n.ord
		ON CONFLICT (source, external_id) DO NOTHING
		RETURNING id, source, external_id`,
		column(rows, func(r *row) int64 { return r.LeadID }), column(rows, func(r *row) *int64 { return r.EnrollmentID }),
		column(rows, func(r *row) *int64 { return r.TouchID }), column(rows, func(r *row) string { return string(r.Kind) }),
		column(rows, func(r *row) string { return r.Source }), column(rows, func(r *row) string { return r.ExternalID }),
		column(rows, func(r *row) string { return Clean(r.Said) }), column(rows, func(r *row) *time.Time { return r.Date }),
		column(rows, func(r *row) string { return r.By }), column(rows, func(r *row) time.Time { return r.At }))
	if err != nil {
		return nil, fmt.Errorf("store responses: %w", err)
	}
	byKey := make(map[[2]string]int64, len(stored))
	for _, s := range stored {
		byKey[[2]string{s.Source, s.ExternalID}] = s.ID
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		key := [2]string{r.Source, r.ExternalID}
		ids[i] = byKey[key]
		delete(byKey, key) // the same event twice in one batch is one response
	}
	return ids, nil
}

// LockUnevaluated loads those of the responses that are not evaluated yet and keeps others from evaluating them meanwhile.
func LockUnevaluated(ctx context.Context, db DB, ids []int64) ([]Response, error) {
	return collect[Response](ctx, db, `SELECT `+responseColumns+` FROM responses WHERE id = ANY($1) AND evaluated_at IS NULL
		ORDER BY id FOR NO KEY UPDATE`, ids)
}

// LeadResponses loads all responses of a lead, the oldest first.
func LeadResponses(ctx context.Context, db DB, leadID int64) ([]Response, error) {
	return collect[Response](ctx, db, `SELECT `+responseColumns+` FROM responses WHERE lead_id = $1 ORDER BY id`, leadID)
}

// MarkEvaluated notes that responses were evaluated.
func MarkEvaluated(ctx context.Context, db DB, ids []int64, now time.Time) error {
	_, err := db.Exec(ctx, `UPDATE responses SET evaluated_at = $2 WHERE id = ANY($1) AND evaluated_at IS NULL`, ids, now)
	return err
}

// LeadFact is a fact with the lead that it is about.
type LeadFact struct {
	LeadID int64
	uld.Fact
}

// InsertFacts appends facts. It returns their ids in order.
func InsertFacts(ctx context.Context, db DB, rows []LeadFact) ([]int64, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	type row = LeadFact
	values := make([]string, len(rows))
	for i := range rows {
		b, err := json.Marshal(rows[i].Value)
		if err != nil {
			return nil, err
		}
		values[i] = string(b)
	}
	ids, err := scalars[int64](ctx, db, `
		INSERT INTO facts (lead_id, criterion, value, class, response_id, by, at, words)
		SELECT n.lead_id, n.criterion, n.value::jsonb, n.class, nullif(n.response_id, 0), n.by, n.at, n.words
		FROM unnest($1::bigint[], $2::text[], $3::text[], $4::smallint[], $5::bigint[], $6::text[], $7::timestamptz[], $8::text[])
			WITH ORDINALITY AS n(lead_id, criterion, value, class, response_id, by, at, words, ord)
		ORDER BY n.ord RETURNING id`,
		column(rows, func(r *row) int64 { return r.LeadID }), column(rows, func(r *row) string { return r.Criterion }), values,
		column(rows, func(r *row) int16 { return int16(r.Class) }), column(rows, func(r *row) int64 { return r.ResponseID }),
		column(rows, func(r *row) string { return r.By }), column(rows, func(r *row) time.Time { return r.At }),
		column(rows, func(r *row) string { return Clean(r.Words) }))
	if err != nil {
		return nil, fmt.Errorf("store facts: %w", err)
	}
	return ids, nil
}

// Facts loads the facts about leads: lead id → facts, the oldest first.
func Facts(ctx context.Context, db DB, leadIDs []int64) (map[int64][]uld.Fact, error) {
	rows, err := db.Query(ctx, `SELECT id, lead_id, criterion, value, class, coalesce(response_id, 0), by, at, words
		FROM facts WHERE lead_id = ANY($1) ORDER BY lead_id, id`, leadIDs)
	if err != nil {
		return nil, fmt.Errorf("load facts: %w", err)
	}
	facts := make(map[int64][]uld.Fact, len(leadIDs))
	var f uld.Fact
	var leadID int64
	var value []byte
	var class int16
	// A lead may have a thousand: naming a struct's fields and checking JSON anew for each row would take most of the time.
	if _, err := pgx.ForEachRow(rows, []any{&f.ID, &leadID, &f.Criterion, &value, &class, &f.ResponseID, &f.By, &f.At, &f.Words}, func() error {
		if err := f.Value.UnmarshalJSON(value); err != nil {
			return fmt.Errorf("fact %d: %w", f.ID, err)
		}
		f.Class, f.At = uld.Class(class), f.At.UTC()
		facts[leadID] = append(facts[leadID], f)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("load facts: %w", err)
	}
	return facts, nil
}

// NewVerdict is what an evaluation said of a lead. ResponseID 0 is an evaluation that no response asked for.
type NewVerdict struct {
	LeadID, ResponseID int64
	Verdict            uld.Verdict
	Reason             uld.Occasion
}

// InsertVerdicts stores verdicts by the definition with the given hash, one a lead, and returns their ids by lead.
func InsertVerdicts(ctx context.Context, db DB, definitionHash string, rows []NewVerdict) (map[int64]int64, error) {
	type row = NewVerdict
	texts := make([]string, len(rows))
	for i := range rows {
		var err error
		if texts[i], err = jsonText(rows[i].Verdict, "{}"); err != nil {
			return nil, err
		}
	}
	type inserted struct {
		ID     int64 `db:"id"`
		LeadID int64 `db:"lead_id"`
	}
	stored, err := collect[inserted](ctx, db, `INSERT INTO verdicts (lead_id, response_id, uld_hash, outcome, readiness, verdict, at, reason)
		SELECT n.lead_id, nullif(n.response_id, 0), $1, n.outcome, n.readiness, n.verdict::jsonb, n.at, n.reason
		FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[]) WITH ORDINALITY
			AS n(lead_id, response_id, outcome, readiness, verdict, at, reason, ord)
		ORDER BY n.ord RETURNING id, lead_id`,
		definitionHash, column(rows, func(r *row) int64 { return r.LeadID }), column(rows, func(r *row) int64 { return r.ResponseID }),
		column(rows, func(r *row) string { return string(r.Verdict.Outcome) }),
		column(rows, func(r *row) string { return string(r.Verdict.Readiness) }), texts,
		column(rows, func(r *row) time.Time { return r.Verdict.At }), column(rows, func(r *row) string { return string(r.Reason) }))
	if err != nil {
		return nil, fmt.Errorf("store verdicts: %w", err)
	}
	ids := make(map[int64]int64, len(stored))
	for _, v := range stored {
		ids[v.LeadID] = v.ID
	}
	return ids, nil
}

// SetReadiness moves the readiness of leads as their verdicts say.
func SetReadiness(ctx context.Context, db DB, rows []NewVerdict, now time.Time) error {
	type row = NewVerdict
	_, err := db.Exec(ctx, `UPDATE leads l SET readiness = n.readiness, updated_at = $3
		FROM unnest($1::bigint[], $2::text[]) AS n(id, readiness) WHERE l.id = n.id AND l.readiness <> n.readiness`,
		column(rows, func(r *row) int64 { return r.LeadID }), column(rows, func(r *row) string { return string(r.Verdict.Readiness) }), now)
	return err
}

// StoredVerdict is a verdict with its place in the record.
type StoredVerdict struct {
	ID         int64        `db:"id"`
	ResponseID *int64       `db:"response_id"`
	Verdict    uld.Verdict  `db:"verdict"`
	Reason     uld.Occasion `db:"reason"` // "" when it was not kept
}

// LeadVerdicts loads the verdicts on a lead, the oldest first.
func LeadVerdicts(ctx context.Context, db DB, leadID int64) ([]StoredVerdict, error) {
	return collect[StoredVerdict](ctx, db, `SELECT id, response_id, verdict, reason FROM verdicts WHERE lead_id = $1 ORDER BY id`, leadID)
}

// VerdictLine is a verdict in a sentence.
type VerdictLine struct {
	Outcome   string       `db:"outcome"`
	Readiness string       `db:"readiness"`
	Because   string       `db:"because"`
	At        time.Time    `db:"at"`
	Reason    uld.Occasion `db:"reason"` // "" when it was not kept
}

// LeadVerdictLines lists the verdicts on a lead, the oldest first, without what they go by.
func LeadVerdictLines(ctx context.Context, db DB, leadID int64) ([]VerdictLine, error) {
	return collect[VerdictLine](ctx, db, `SELECT outcome, readiness, coalesce(verdict ->> 'because', '') AS because, at, reason FROM verdicts WHERE lead_id = $1 ORDER BY id`, leadID)
}

// LatestVerdicts loads the newest verdict on each lead that has one.
func LatestVerdicts(ctx context.Context, db DB, leadIDs []int64) (map[int64]*uld.Verdict, error) {
	type latest struct {
		LeadID  int64       `db:"lead_id"`
		Verdict uld.Verdict `db:"verdict"`
	}
	rows, err := collect[latest](ctx, db, `SELECT v.lead_id, v.verdict FROM unnest($1::bigint[]) AS n(id)
		JOIN LATERAL (SELECT lead_id, verdict FROM verdicts WHERE lead_id = n.id ORDER BY id DESC LIMIT 1) v ON true`, leadIDs)
	verdicts := make(map[int64]*uld.Verdict, len(rows))
	for i := range rows {
		verdicts[rows[i].LeadID] = &rows[i].Verdict
	}
	return verdicts, err
}

// InsertImportedFacts appends facts that an import implies, leaving out those that were in force when they were said: a file that is imported again, or
// a later one that says the same, changes nothing, and one that says again what was otherwise in between does.
func InsertImportedFacts(ctx context.Context, db DB, rows []LeadFact) error {
	if len(rows) == 0 {
		return nil
	}
	leadIDs := column(rows, func(r *LeadFact) int64 { return r.LeadID })
	known, err := Facts(ctx, db, leadIDs)
	if err != nil {
		return err
	}
	var fresh []LeadFact
	for _, r := range rows {
		if !saidAlready(known[r.LeadID], r.Fact) {
			fresh = append(fresh, r)
		}
	}
	_, err = InsertFacts(ctx, db, fresh)
	return err
}

// saidAlready reports whether the latest of the facts that was said by the time of f, and about the same, says what f does.
func saidAlready(facts []uld.Fact, f uld.Fact) bool {
	var latest *uld.Fact
	for i := range facts {
		k := &facts[i]
		if k.Criterion == f.Criterion && k.Class == f.Class && !k.At.After(f.At) && (latest == nil || !k.At.Before(latest.At)) {
			latest = k
		}
	}
	return latest != nil && latest.Value == f.Value
}
