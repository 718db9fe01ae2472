package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Tallied says when the tallies were counted, and how long that took.
type Tallied struct {
	At   time.Time `db:"counted_at"`
	Took int64     `db:"took_ms"` // milliseconds
}

// StepTally counts the touches of a step and variant, those of all versions of the cadence together. Sent + Skipped + Failed + Unknown + Waiting
// is Planned. Bounced, Replied, Connected and Promoted are touches upon which that came; each counts once.
type StepTally struct {
	Cadence   string `db:"cadence_key"`
	Step      string `db:"step_key"`
	Channel   string `db:"channel"`
	Variant   string `db:"variant"`
	Planned   int    `db:"planned"`
	Waiting   int    `db:"waiting"`
	Sent      int    `db:"sent"`
	Skipped   int    `db:"skipped"`
	Failed    int    `db:"failed"`
	Unknown   int    `db:"unknown"`
	Bounced   int    `db:"bounced"`
	Replied   int    `db:"replied"`
	Connected int    `db:"connected"`
	Promoted  int    `db:"promoted"`
}

// Add adds another tally's counts.
func (t *StepTally) Add(o StepTally) {
	t.Planned, t.Waiting, t.Sent, t.Skipped, t.Failed = t.Planned+o.Planned, t.Waiting+o.Waiting, t.Sent+o.Sent, t.Skipped+o.Skipped, t.Failed+o.Failed
	t.Unknown, t.Bounced, t.Replied = t.Unknown+o.Unknown, t.Bounced+o.Bounced, t.Replied+o.Replied
	t.Connected, t.Promoted = t.Connected+o.Connected, t.Promoted+o.Promoted
}

// DayTally counts what a cadence sent on a day.
type DayTally struct {
	Cadence string    `db:"cadence_key"`
	Channel string    `db:"channel"`
	Day     time.Time `db:"day"` // midnight UTC stands for a day in the operator's zone
	Sent    int       `db:"sent"`
}

// PlaceTally counts the leads at a step of a cadence, or through it.
type PlaceTally struct {
	Cadence string `db:"cadence_key"`
	Step    string `db:"step_key"` // "" for those that are through
	State   string `db:"state"`
	Reason  string `db:"reason"` // why it is through
	Leads   int    `db:"leads"`
}

// StageTally counts the leads in a stage.
type StageTally struct {
	Stage string `db:"stage"`
	Leads int    `db:"leads"`
}

// Tallies are all of them.
type Tallies struct {
	Steps  []StepTally
	Days   []DayTally
	Places []PlaceTally
	Stages []StageTally
	Barred []SuppressionGroup
	Known  []CoverageTally
}

// TallyQuery says what counts as what.
type TallyQuery struct {
	Bounces, Human, Spoken []string  // kinds of responses: bounces; a person answered; of these, by voice
	Since                  time.Time // days before are not told apart
	Zone                   string    // of the days
}

// PlaceCount counts enrolments of a cadence's version at a step.
type PlaceCount struct {
	CadenceVersionID int64  `db:"cadence_version_id"`
	Step             int    `db:"step"` // −1: through
	State            string `db:"state"`
	Reason           string `db:"reason"`
	Leads            int    `db:"leads"`
}

// lastBefore finds the touch of a lead that was made last before an instant, for what answers none in particular.
const lastBefore = `LEFT JOIN LATERAL (SELECT t.id FROM touches t WHERE %s AND t.lead_id = %s AND t.state IN ('sent', 'unknown') AND t.sent_at <= %s
	ORDER BY t.sent_at DESC, t.id DESC LIMIT 1) last ON true`

// CountTouchTallies reads the whole ledger once: steps and days. It is for the background: with five million touches it takes seconds.
func CountTouchTallies(ctx context.Context, db DB, q TallyQuery) ([]StepTally, []DayTally, error) {
	type row struct {
		StepTally
		Day *time.Time `db:"day"`
	}
	rows, err := collect[row](ctx, db, `
		WITH answered AS (
			SELECT coalesce(r.touch_id, last.id) AS touch_id, bool_or(r.kind = ANY($1)) AS bounced, bool_or(r.kind = ANY($2)) AS human, bool_or(r.kind = ANY($3)) AS spoken
			FROM responses r `+fmt.Sprintf(lastBefore, `r.touch_id IS NULL`, `r.lead_id`, `r.at`)+`
			WHERE r.kind = ANY($1) OR r.kind = ANY($2) GROUP BY 1
		), promoted AS (
			SELECT coalesce(r.touch_id, last.id) AS touch_id, count(*) AS n
			FROM handoffs h LEFT JOIN verdicts v ON v.id = h.verdict_id LEFT JOIN responses r ON r.id = v.response_id
			`+fmt.Sprintf(lastBefore, `r.touch_id IS NULL`, `h.lead_id`, `coalesce(r.at, h.created_at)`)+`
			WHERE h.offered_at IS NOT NULL GROUP BY 1
		)
		SELECT v.cadence_key, t.step_key, t.channel, t.variant, CASE WHEN t.sent_at >= $4 THEN (t.sent_at AT TIME ZONE $5)::date END AS day,
			count(*)::int AS planned, count(*) FILTER (WHERE t.state IN ('planned', 'claimed'))::int AS waiting, count(*) FILTER (WHERE t.state = 'sent')::int AS sent,
			count(*) FILTER (WHERE t.state = 'skipped')::int AS skipped, count(*) FILTER (WHERE t.state = 'failed')::int AS failed,
			count(*) FILTER (WHERE t.state = 'unknown')::int AS unknown, count(*) FILTER (WHERE a.bounced)::int AS bounced,
			count(*) FILTER (WHERE a.human AND NOT (a.spoken OR t.channel = 'call'))::int AS replied,
			count(*) FILTER (WHERE a.spoken OR a.human AND t.channel = 'call')::int AS connected, coalesce(sum(p.n), 0)::int AS promoted
		FROM touches t JOIN enrollments e ON e.id = t.enrollment_id JOIN cadence_versions v ON v.id = e.cadence_version_id
		LEFT JOIN answered a ON a.touch_id = t.id LEFT JOIN promoted p ON p.touch_id = t.id
		GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`, q.Bounces, q.Human, q.Spoken, q.Since, q.Zone)
	if err != nil {
		return nil, nil, fmt.Errorf("count touches: %w", err)
	}
	var steps []StepTally
	var days []DayTally
	at := map[DayTally]int{} // without the count
	for _, r := range rows {
		if n := len(steps); n > 0 && steps[n-1].Cadence == r.Cadence && steps[n-1].Step == r.Step && steps[n-1].Channel == r.Channel && steps[n-1].Variant == r.Variant {
			steps[n-1].Add(r.StepTally)
		} else {
			steps = append(steps, r.StepTally)
		}
		if r.Day == nil || r.Sent == 0 {
			continue
		}
		day := DayTally{Cadence: r.Cadence, Channel: r.Channel, Day: *r.Day}
		if i, ok := at[day]; ok {
			days[i].Sent += r.Sent
			continue
		}
		at[day] = len(days)
		day.Sent = r.Sent
		days = append(days, day)
	}
	return steps, days, nil
}

// CountPlaces counts the enrolments at each step of each version, and those that are through by their end.
func CountPlaces(ctx context.Context, db DB) ([]PlaceCount, error) {
	counts, err := collect[PlaceCount](ctx, db, `SELECT cadence_version_id, CASE WHEN state = 'finished' THEN -1 ELSE step END AS step, state,
			CASE WHEN state = 'finished' THEN reason ELSE '' END AS reason, count(*)::int AS leads
		FROM enrollments GROUP BY 1, 2, 3, 4`)
	if err != nil {
		return nil, fmt.Errorf("count enrolments: %w", err)
	}
	return counts, nil
}

// CountStages counts the leads in each stage.
func CountStages(ctx context.Context, db DB) ([]StageTally, error) {
	counts, err := collect[StageTally](ctx, db, `SELECT stage, count(*)::int AS leads FROM leads GROUP BY stage`)
	if err != nil {
		return nil, fmt.Errorf("count stages: %w", err)
	}
	return counts, nil
}

// SaveTallies replaces all tallies. Run it in a transaction.
func SaveTallies(ctx context.Context, db DB, t Tallies, done Tallied) error {
	var batch pgx.Batch
	batch.Queue(`INSERT INTO tallies (counted_at, took_ms) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET counted_at = excluded.counted_at, took_ms = excluded.took_ms`,
		done.At, done.Took)
	for _, table := range []string{"step_tallies", "day_tallies", "place_tallies", "stage_tallies", "suppression_tallies", "coverage_tallies"} {
		batch.Queue(`DELETE FROM ` + table)
	}
	type step = StepTally
	text := func(f func(*step) string) []string { return column(t.Steps, f) }
	number := func(f func(*step) int) []int { return column(t.Steps, f) }
	batch.Queue(`INSERT INTO step_tallies (cadence_key, step_key, channel, variant, planned, waiting, sent, skipped, failed, unknown, bounced, replied, connected, promoted)
		SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[], $10::int[], $11::int[],
			$12::int[], $13::int[], $14::int[])`,
		text(func(s *step) string { return s.Cadence }), text(func(s *step) string { return s.Step }), text(func(s *step) string { return s.Channel }),
		text(func(s *step) string { return s.Variant }), number(func(s *step) int { return s.Planned }), number(func(s *step) int { return s.Waiting }),
		number(func(s *step) int { return s.Sent }), number(func(s *step) int { return s.Skipped }), number(func(s *step) int { return s.Failed }),
		number(func(s *step) int { return s.Unknown }), number(func(s *step) int { return s.Bounced }), number(func(s *step) int { return s.Replied }),
		number(func(s *step) int { return s.Connected }), number(func(s *step) int { return s.Promoted }))
	batch.Queue(`INSERT INTO day_tallies (cadence_key, channel, day, sent) SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::int[])`,
		column(t.Days, func(d *DayTally) string { return d.Cadence }), column(t.Days, func(d *DayTally) string { return d.Channel }),
		column(t.Days, func(d *DayTally) time.Time { return d.Day }), column(t.Days, func(d *DayTally) int { return d.Sent }))
	batch.Queue(`INSERT INTO place_tallies (cadence_key, step_key, state, reason, leads) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[])`,
		column(t.Places, func(p *PlaceTally) string { return p.Cadence }), column(t.Places, func(p *PlaceTally) string { return p.Step }),
		column(t.Places, func(p *PlaceTally) string { return p.State }), column(t.Places, func(p *PlaceTally) string { return p.Reason }),
		column(t.Places, func(p *PlaceTally) int { return p.Leads }))
	batch.Queue(`INSERT INTO stage_tallies (stage, leads) SELECT * FROM unnest($1::text[], $2::int[])`,
		column(t.Stages, func(s *StageTally) string { return s.Stage }), column(t.Stages, func(s *StageTally) int { return s.Leads }))
	type barred = SuppressionGroup
	batch.Queue(`INSERT INTO suppression_tallies (channel, reason, addresses, first_at, last_at) SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::timestamptz[], $5::timestamptz[])`,
		column(t.Barred, func(g *barred) string { return string(g.Scope) }), column(t.Barred, func(g *barred) string { return g.Reason }),
		column(t.Barred, func(g *barred) int { return g.N }), column(t.Barred, func(g *barred) time.Time { return g.First }),
		column(t.Barred, func(g *barred) time.Time { return g.Last }))
	queueCoverage(&batch, t.Known)
	if err := sendBatch(ctx, db, &batch); err != nil {
		return fmt.Errorf("save tallies: %w", err)
	}
	return nil
}

// LastTallied is when the tallies were counted. ErrNotFound before the first time.
func LastTallied(ctx context.Context, db DB) (Tallied, error) {
	return one[Tallied](ctx, db, `SELECT counted_at, took_ms FROM tallies`)
}

// StepTallies lists the tallies of the steps of a cadence, all cadences for "".
func StepTallies(ctx context.Context, db DB, cadence string) ([]StepTally, error) {
	return collect[StepTally](ctx, db, `SELECT * FROM step_tallies WHERE $1 = '' OR cadence_key = $1 ORDER BY cadence_key, step_key, variant`, cadence)
}

// DayTallies lists what each cadence sent on each day since a day, by cadence and day.
func DayTallies(ctx context.Context, db DB, since time.Time) ([]DayTally, error) {
	return collect[DayTally](ctx, db, `SELECT * FROM day_tallies WHERE day >= $1::date ORDER BY cadence_key, day, channel`, since)
}

// PlaceTallies lists where the leads of a cadence are, of all cadences for "".
func PlaceTallies(ctx context.Context, db DB, cadence string) ([]PlaceTally, error) {
	return collect[PlaceTally](ctx, db, `SELECT * FROM place_tallies WHERE $1 = '' OR cadence_key = $1 ORDER BY cadence_key, step_key, state, leads DESC, reason`, cadence)
}

// StageTallies lists how many leads are in each stage that has any.
func StageTallies(ctx context.Context, db DB) ([]StageTally, error) {
	return collect[StageTally](ctx, db, `SELECT * FROM stage_tallies ORDER BY stage`)
}
