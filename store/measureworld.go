package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// World is what `nurture bench pages` fills a scratch database with: a company that has nurtured for two years. Everything follows from the ids of leads, so
// two worlds of a size are alike.
type World struct {
	Leads                      int
	Now                        time.Time
	SDRs, Reps, Mailboxes      []string // addresses; the first SDR has a third of all tasks
	FirstNames, LastNames      []string
	Firms, Trades, Legal       []string // words of companies' names
	Titles                     []string
	Countries, Zones           []string // side by side
	Replies                    []string // what leads write back
	Steps                      []WorldStep
	Facts                      json.RawMessage // an array of objects: criterion, value, class as a number, words
	Verdict                    json.RawMessage
	Trace                      string // what a job that failed says
	Mail                       []byte // one that nobody could be found for
	Suppressed, Mails, Letters int    // suppressed addresses of nobody; mails that were taken; mails that wait
}

// WorldStep is a step of a live cadence, in the order of its plan.
type WorldStep struct {
	Cadence, Key, Channel, Template, Variant string
	Place                                    int
}

// FillWorld fills an empty database that a configuration is live in. It passes the foreign keys by, which only a superuser may.
func FillWorld(ctx context.Context, tx pgx.Tx, w World) error {
	type step = WorldStep
	for _, part := range []struct {
		sql  string
		args []any
	}{
		{`SET LOCAL session_replication_role = replica`, nil},
		{`CREATE TEMP TABLE world (leads int, now timestamptz, sdrs text[], reps text[], mailboxes text[], first_names text[], last_names text[], firms text[], trades text[],
			legal text[], titles text[], countries text[], zones text[], replies text[], facts jsonb, verdict jsonb, trace text, mail bytea, suppressed int, mails int, letters int)
			ON COMMIT DROP`, nil},
		{`INSERT INTO world VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`, []any{
			w.Leads, w.Now, w.SDRs, w.Reps, w.Mailboxes, w.FirstNames, w.LastNames, w.Firms, w.Trades, w.Legal, w.Titles, w.Countries, w.Zones, w.Replies,
			w.Facts, w.Verdict, w.Trace, w.Mail, w.Suppressed, w.Mails, w.Letters,
		}},
		{`CREATE TEMP TABLE world_steps (cadence text, place int, key text, channel text, template text, variant text) ON COMMIT DROP`, nil},
		{`INSERT INTO world_steps SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[])`, []any{
			column(w.Steps, func(s *step) string { return s.Cadence }), column(w.Steps, func(s *step) int { return s.Place }),
			column(w.Steps, func(s *step) string { return s.Key }), column(w.Steps, func(s *step) string { return s.Channel }),
			column(w.Steps, func(s *step) string { return s.Template }), column(w.Steps, func(s *step) string { return s.Variant }),
		}},
	} {
		if _, err := tx.Exec(ctx, part.sql, part.args...); err != nil {
			return fmt.Errorf("prepare a world: %w", err)
		}
	}
	for _, part := range [][]worldPart{worldOfLeads, worldOfAnswers, worldOfPeople, worldOfOps} {
		for _, p := range part {
			if _, err := tx.Exec(ctx, p.sql); err != nil {
				return fmt.Errorf("make up %s: %w", p.what, err)
			}
		}
	}
	return nil
}

// worldPart is a statement that fills a table from the temporary table world.
type worldPart struct{ what, sql string }

// Of a hundred leads, by the last two digits of the id: 0–6 are in first-seven, 7–9 in long-game; 10–49 went through first-seven and wait for more; 50–79 are
// new; 98 went to sales; the others have ended, but for some of 99, which nobody will come back to.
const worldLead = `CASE WHEN l.id % 100 < 10 THEN 'inside' WHEN l.id % 100 < 50 THEN 'through' WHEN l.id % 100 < 80 THEN 'new'
	WHEN l.id % 100 = 98 THEN 'sales' WHEN l.id % 1000 = 99 THEN 'leak' ELSE 'ended' END`

// worldHandoff is how the handoff of a lead that went to sales stands, by the digits before.
const worldHandoff = `(ARRAY['offered', 'escalated', 'blocked', 'withdrawn', 'accepted', 'accepted', 'accepted', 'rejected', 'rejected', 'rejected',
	'rejected', 'rejected', 'won', 'won', 'won', 'won', 'lost', 'lost', 'lost', 'lost'])[1 + l.id / 100 % 20]`

// worldOfLeads are companies, leads, and where these stand in their cadences.
var worldOfLeads = []worldPart{
	{"companies", `INSERT INTO accounts (key, name, domain, industry, employees, country, created_at)
		SELECT 'company-' || i, firms[1 + i % cardinality(firms)] || ' ' || trades[1 + i / 7 % cardinality(trades)]
				|| CASE WHEN i % 400 = 0 THEN ' Research, Development, Engineering and Process Safety Consulting for Southern Europe' ELSE '' END
				|| ' ' || legal[1 + i / 3 % cardinality(legal)],
			lower(firms[1 + i % cardinality(firms)]) || '-' || i || '.example.com', (ARRAY['chemicals', 'pharma', 'food', 'energy', 'metals'])[1 + i % 5],
			20 + i * 37 % 9000, countries[1 + i % cardinality(countries)], now - interval '2 years'
		FROM world, generate_series(1, leads / 4 + 1) AS i`},
	{"leads", `INSERT INTO leads (key, email, phone, first_name, last_name, title, city, country, zones, language, source, account_id, mailbox, owner, consent_email,
			consent_voicemail, consent_call, stage, readiness, end_reason, ended_at, intake_at, created_at, updated_at)
		SELECT l.key, replace(lower(l.first), ' ', '-') || '.' || l.id || '@' || a.domain, CASE WHEN l.id % 5 > 0 THEN '+4930' || 1000000 + l.id ELSE '' END, l.first, l.last,
			l.title, 'Berlin', l.country, ARRAY[l.zone], 'en', (ARRAY['trade show', 'website', 'webinar', 'list of 2024'])[1 + l.id % 4], a.id, l.mailbox,
			CASE WHEN l.kind = 'leak' AND l.id % 2000 = 99 THEN '' ELSE l.owner END, l.born, CASE WHEN l.id % 3 = 0 THEN l.born END, CASE WHEN l.id % 2 = 0 THEN l.born END,
			CASE l.kind WHEN 'inside' THEN 'nurturing' WHEN 'through' THEN 'recycled' WHEN 'new' THEN 'inquiry' WHEN 'leak' THEN 'inquiry'
				WHEN 'sales' THEN CASE l.handoff WHEN 'blocked' THEN 'qualified' WHEN 'withdrawn' THEN 'recycled' WHEN 'rejected' THEN 'recycled' WHEN 'offered' THEN 'handed_off'
					WHEN 'escalated' THEN 'handed_off' ELSE l.handoff END ELSE 'disqualified' END,
			CASE WHEN l.kind = 'sales' OR l.id % 31 = 0 THEN 'near_term' WHEN l.id % 7 = 0 THEN 'long_term' ELSE 'unknown' END,
			CASE WHEN l.kind = 'ended' THEN (ARRAY['opted_out', 'disqualified', 'unreachable', 'left_company'])[1 + l.id % 4]
				WHEN l.kind = 'sales' AND l.handoff IN ('won', 'lost') THEN l.handoff ELSE '' END,
			CASE WHEN l.kind = 'ended' OR l.kind = 'sales' AND l.handoff IN ('won', 'lost') THEN now - l.id % 700 * interval '1 day' END,
			CASE WHEN l.kind IN ('through', 'new') OR l.kind = 'sales' AND l.handoff IN ('blocked', 'withdrawn', 'rejected') THEN now + l.id % 90 * interval '1 day' END,
			l.born, now - l.id * 7919 % 61320 * interval '17 minutes'
		FROM (SELECT l.id, 'lead-' || l.id AS key, ` + worldLead + ` AS kind, ` + worldHandoff + ` AS handoff, now, now - (leads - l.id) * interval '2 years' / leads AS born,
				CASE WHEN l.id % 1000 = 1 THEN 'Maximiliane Alexandra Theodora' ELSE first_names[1 + l.id * 7 % cardinality(first_names)] END AS first,
				CASE WHEN l.id % 1000 = 1 THEN 'von Hohenlohe-Waldenburg-Schillingsfürst' ELSE last_names[1 + l.id * 13 % cardinality(last_names)] END AS last,
				titles[1 + l.id / 11 % cardinality(titles)] AS title, countries[1 + l.id / 4 % cardinality(countries)] AS country, zones[1 + l.id / 4 % cardinality(zones)] AS zone,
				mailboxes[1 + l.id % cardinality(mailboxes)] AS mailbox, CASE WHEN l.id % 3 = 0 THEN sdrs[1] ELSE sdrs[1 + l.id / 3 % cardinality(sdrs)] END AS owner
			FROM world, generate_series(1::bigint, leads) AS l(id) ORDER BY l.id) l
		JOIN accounts a ON a.key = 'company-' || 1 + l.id / 4 ORDER BY l.id`},
	{"words of leads", `INSERT INTO lead_words (lead_id, words) SELECT l.id, ` + leadWords + ` FROM leads l`},
	{"words of companies", `INSERT INTO account_words (account_id, words) SELECT f.id, ` + firmWords + ` FROM accounts f`},
	{"cycles", `INSERT INTO cycles (lead_id, cycle, budget, attempts, started_at)
		SELECT l.id, 1, 7, CASE ` + worldLead + ` WHEN 'inside' THEN l.id / 100 % 6 ELSE 4 END, now - l.id % 500 * interval '1 day' - interval '40 days'
		FROM world, leads l WHERE ` + worldLead + ` IN ('inside', 'through', 'sales', 'ended')`},
	{"enrolments", `INSERT INTO enrollments (lead_id, cadence_version_id, cycle, state, reason, step, run, due_local, due_zone, due_at, due_reason, channel, sender, started_at, ended_at)
		SELECT l.id, v.id, 1, CASE WHEN kind <> 'inside' THEN 'finished' WHEN l.id / 10 % 11 = 0 THEN 'paused' ELSE 'active' END,
			CASE kind WHEN 'inside' THEN 'enrolled' WHEN 'through' THEN 'exhausted' WHEN 'sales' THEN 'promoted' ELSE 'disqualified' END,
			CASE WHEN kind = 'inside' THEN l.id / 100 % 6 ELSE 4 END, 1, due AT TIME ZONE 'UTC', CASE WHEN due IS NULL THEN '' ELSE 'UTC' END, due, CASE WHEN due IS NULL THEN '' ELSE 'step_delay' END,
			CASE WHEN due IS NULL THEN '' ELSE s.channel END,
			CASE WHEN due IS NULL THEN '' WHEN s.channel = 'call' THEN l.owner ELSE l.mailbox END, now - l.id % 30 * interval '1 day' - interval '10 days',
			CASE WHEN kind <> 'inside' THEN now - l.id % 500 * interval '1 day' END
		FROM (SELECT l.*, ` + worldLead + ` AS kind, w.now, CASE WHEN l.id % 100 < 7 AND l.id / 100 % 6 <> 2 OR l.id % 100 IN (7, 8, 9) THEN w.now + (1 + l.id % 400) * interval '1 hour' END AS due
			FROM world w, leads l) l
		JOIN cadence_versions v ON v.live AND v.cadence_key = CASE WHEN l.id % 100 IN (7, 8, 9) THEN 'long-game' ELSE 'first-seven' END
		JOIN world_steps s ON s.cadence = v.cadence_key AND s.place = l.id / 100 % 6
		WHERE kind IN ('inside', 'through', 'sales', 'ended') ORDER BY l.id`},
	{"touches", `INSERT INTO touches (enrollment_id, lead_id, cycle, attempt, budget, step, run, step_key, channel, template, variant, sender, address, state, reason, result,
			tries, planned_at, not_before, window_ends_at, claimed_at, sent_at, message_id)
		SELECT e.id, e.lead_id, 1, s.place + 1, 7, s.place, 1, s.key, s.channel, s.template, CASE WHEN s.variant <> '' AND e.lead_id % 2 = 0 THEN 'b' ELSE s.variant END,
			CASE WHEN s.channel = 'call' THEN l.owner ELSE l.mailbox END, CASE WHEN s.channel = 'email' THEN l.email ELSE l.phone END,
			CASE WHEN e.lead_id % 4000 = 5 AND s.place = 3 THEN 'unknown' WHEN e.lead_id % 23 = 0 AND s.channel = 'voicemail' THEN 'skipped' ELSE 'sent' END,
			CASE WHEN e.lead_id % 23 = 0 AND s.channel = 'voicemail' THEN 'no_consent' ELSE '' END,
			CASE WHEN s.channel = 'call' AND e.state = 'finished' THEN 'no_answer' ELSE '' END, 1, at, at, at + interval '8 hours', at, at,
			CASE WHEN s.channel = 'email' THEN e.id || '.' || s.place || '@mail.example.com' ELSE '' END
		FROM enrollments e JOIN leads l ON l.id = e.lead_id JOIN cadence_versions v ON v.id = e.cadence_version_id
		JOIN world_steps s ON s.cadence = v.cadence_key AND s.place <= CASE WHEN e.state = 'finished' THEN 3 WHEN e.step = 2 AND v.cadence_key = 'first-seven' THEN 2 ELSE e.step - 1 END
		CROSS JOIN LATERAL (SELECT e.started_at + s.place * interval '4 days' - CASE WHEN e.state = 'finished' THEN e.lead_id % 480 * interval '1 day' ELSE interval '0' END AS at) moment
		ORDER BY e.id, s.place`},
}

// worldOfAnswers are what leads did, and what was made of it.
var worldOfAnswers = []worldPart{
	{"responses", `INSERT INTO responses (lead_id, enrollment_id, touch_id, kind, source, external_id, said, by, at, evaluated_at)
		SELECT t.lead_id, t.enrollment_id, t.id, kind, CASE WHEN t.channel = 'call' THEN 'task' ELSE 'world' END, 'world-' || t.id,
			CASE WHEN kind = 'reply' THEN replies[1 + t.id % cardinality(replies)] ELSE '' END, CASE WHEN t.channel = 'call' THEN t.sender ELSE '' END,
			t.sent_at + interval '5 hours', t.sent_at + interval '5 hours'
		FROM world, touches t CROSS JOIN LATERAL (SELECT CASE WHEN t.channel = 'call' THEN CASE WHEN t.result <> '' THEN 'no_answer' END
			WHEN t.id % 40 = 0 THEN 'reply' WHEN t.id % 12 = 1 THEN 'click' WHEN t.id % 200 = 3 THEN 'hard_bounce' WHEN t.id % 50 = 7 THEN 'out_of_office' END AS kind) k
		WHERE kind IS NOT NULL AND t.state = 'sent' ORDER BY t.id`},
	{"a lead with a long story", `INSERT INTO responses (lead_id, kind, source, external_id, said, at, evaluated_at)
		SELECT 1, 'reply', 'world', 'story-' || i, replies[1 + i % cardinality(replies)], now - i * interval '2 days', now - i * interval '2 days' FROM world, generate_series(1, 200) AS i`},
	{"answers", `INSERT INTO facts (lead_id, criterion, value, class, response_id, by, at, words)
		SELECT r.lead_id, f.fact ->> 'criterion', f.fact -> 'value', (f.fact ->> 'class')::smallint, r.id, 'world', r.at, f.fact ->> 'words'
		FROM world, responses r, jsonb_array_elements(facts) AS f(fact) WHERE r.kind = 'reply' ORDER BY r.id`},
	{"verdicts", `INSERT INTO verdicts (lead_id, response_id, uld_hash, outcome, readiness, verdict, at)
		SELECT r.lead_id, r.id, v.uld_hash, verdict ->> 'outcome', verdict ->> 'readiness', verdict, r.at
		FROM world, responses r, (SELECT uld_hash FROM config_versions ORDER BY id DESC LIMIT 1) v WHERE r.kind IN ('reply', 'no_answer') AND r.id % 3 > 0 ORDER BY r.id`},
	{"moves from stage to stage", `INSERT INTO stage_moves (lead_id, stage, reason, at)
		SELECT e.lead_id, m.stage, m.reason, e.started_at FROM enrollments e CROSS JOIN (VALUES ('inquiry', 'imported'), ('nurturing', 'enrolled')) AS m(stage, reason)
		WHERE e.id % 4 = 0 OR m.stage = 'nurturing' ORDER BY e.id`},
	{"visits to links", `INSERT INTO link_visits (touch_id, link, target, at, seen_at, state)
		SELECT touch_id, 'case-study', 'https://www.example.com/case-study', at, at, 'counted' FROM responses WHERE kind = 'click'`},
	{"handoffs", `INSERT INTO handoffs (lead_id, state, rep, missing, created_at, offered_at, respond_by, delivered_at, decided_at, reason, decided_by, escalated_at, told_at)
		SELECT lead_id, state, rep, CASE WHEN state = 'blocked' THEN ARRAY['decision_timeline', 'people', 'callback_at'] ELSE '{}' END, at,
			CASE WHEN state <> 'blocked' THEN at END, CASE WHEN state <> 'blocked' THEN at + interval '24 hours' END, CASE WHEN state <> 'blocked' THEN at END,
			CASE WHEN state IN ('accepted', 'rejected', 'won', 'lost', 'withdrawn') THEN at + interval '9 hours' END,
			CASE WHEN state = 'rejected' THEN (ARRAY['no budget before next year', 'They have just signed with somebody else, and asked us politely to come back when that contract ends.',
				'cannot be reached'])[1 + lead_id / 100 % 3] ELSE '' END,
			CASE WHEN state IN ('accepted', 'rejected', 'won', 'lost') THEN rep ELSE '' END,
			CASE WHEN state = 'escalated' THEN at + interval '24 hours' END, CASE WHEN state = 'escalated' THEN at + interval '24 hours' END
		FROM (SELECT l.id AS lead_id, reps[1 + l.id / 100 % cardinality(reps)] AS rep, state,
				now - CASE state WHEN 'offered' THEN l.id / 100 % 24 * interval '1 hour' WHEN 'escalated' THEN interval '30 hours' + l.id / 100 % 40 * interval '1 hour'
					ELSE l.id / 100 % 600 * interval '1 day' END AS at
			FROM world, leads l CROSS JOIN LATERAL (SELECT ` + worldHandoff + ` AS state) s
			WHERE ` + worldLead + ` = 'sales') h ORDER BY at`},
	{"outcomes", `INSERT INTO handoff_outcomes (handoff_id, outcome, amount_cents, currency, reason, by, at)
		SELECT h.id, CASE WHEN h.state = 'accepted' THEN 'opportunity' ELSE h.state END, CASE WHEN h.state = 'lost' THEN 0 ELSE 1250050 + h.id * 977 % 9000000 END,
			CASE WHEN h.state = 'lost' THEN '' ELSE 'EUR' END, CASE WHEN h.state = 'lost' THEN 'went with what they had' ELSE '' END, h.rep, h.decided_at + interval '10 days'
		FROM handoffs h WHERE h.state IN ('won', 'lost') OR h.state = 'accepted' AND h.id % 2 = 0 ORDER BY h.id`},
}

// WorldSample is something of each kind to look at; 0 is none.
type WorldSample struct {
	Story       int64  `db:"story"`        // a lead with a long story
	Inside      int64  `db:"inside"`       // a lead in a cadence
	Waiting     int64  `db:"waiting"`      // a lead that no cadence has
	Ended       int64  `db:"ended"`        // a lead that nobody contacts any more
	Middle      int64  `db:"middle"`       // half of the leads have a smaller id
	Phone       string `db:"phone"`        // of a lead
	Call        int64  `db:"call"`         // a task of a cadence that is due
	Callback    int64  `db:"callback"`     // a task that no step filed
	Done        int64  `db:"done"`         // a task that is over
	Offered     int64  `db:"offered"`      // handoffs by state
	Blocked     int64  `db:"blocked"`      //
	Accepted    int64  `db:"accepted"`     //
	LastHandoff int64  `db:"last_handoff"` // half of the handoffs have a smaller id
	Mail        int64  `db:"mail"`         // that waits
	LastDeed    int64  `db:"last_deed"`    // half of the audit log has a smaller id
}

// SampleWorld finds something of each kind.
func SampleWorld(ctx context.Context, db DB) (WorldSample, error) {
	sql := `SELECT (SELECT min(id) FROM leads) AS story`
	for name, of := range map[string]string{
		"inside": `SELECT min(lead_id) FROM enrollments WHERE state = 'active'`, "waiting": `SELECT max(id) FROM leads WHERE intake_at IS NOT NULL`,
		"ended": `SELECT max(id) FROM leads WHERE end_reason <> ''`, "middle": `SELECT (min(id) + max(id)) / 2 FROM leads`,
		"call":     `SELECT id FROM tasks WHERE state = 'open' AND touch_id IS NOT NULL ORDER BY due_at, id LIMIT 1`,
		"callback": `SELECT id FROM tasks WHERE state = 'open' AND touch_id IS NULL ORDER BY due_at, id LIMIT 1`,
		"done":     `SELECT id FROM tasks WHERE state = 'done' ORDER BY done_at DESC LIMIT 1`,
		"offered":  `SELECT max(id) FROM handoffs WHERE state = 'offered'`, "blocked": `SELECT max(id) FROM handoffs WHERE state = 'blocked'`,
		"accepted": `SELECT max(id) FROM handoffs WHERE state = 'accepted'`, "last_handoff": `SELECT (min(id) + max(id)) / 2 FROM handoffs`,
		"mail": `SELECT min(id) FROM inbound_mails WHERE state = 'unmatched'`, "last_deed": `SELECT (min(id) + max(id)) / 2 FROM audit_log`,
	} {
		sql += `, coalesce((` + of + `), 0) AS ` + name
	}
	s, err := one[WorldSample](ctx, db, sql+`, coalesce((SELECT phone FROM leads WHERE phone <> '' ORDER BY id DESC LIMIT 1), '') AS phone`)
	if err != nil {
		return s, fmt.Errorf("find something of each kind: %w", err)
	}
	return s, nil
}

// SetDossiers gives every handoff the same dossier.
func SetDossiers(ctx context.Context, db DB, dossier json.RawMessage) error {
	if _, err := db.Exec(ctx, `UPDATE handoffs SET dossier = $1`, dossier); err != nil {
		return fmt.Errorf("give handoffs a dossier: %w", err)
	}
	return nil
}
