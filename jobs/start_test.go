package jobs

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"nurture/config"
	"nurture/internal/leadfile"
	"nurture/store"
)

// TestStartIsBegin: leads that are decided before they are stored end up exactly as those that are enrolled, loaded and decided one by one
// do, whoever they are, wherever they are, and whatever the cadence begins with.
func TestStartIsBegin(t *testing.T) {
	t.Parallel()
	audiences := map[string]string{
		"audience of facts":  "{ any_of: [{ facts.driver: { known: true } }, { consent.email: { is: true } }] }",
		"audience of fields": "{ any_of: [{ not: { lead.fields.tier: { is: Gold } } }, { lead.source: { known: true } }], account.employees: { at_least: 100 } }",
	}
	for name, steps := range map[string]string{
		"mail":               mailStep + laterMail,
		"mail of tuesday":    "  - email: intro\n    after: 2 days\n",
		"voicemail":          voiceStep + mailStep,
		"call":               callStep + mailStep,
		"wait":               "  - wait: 3 business days\n" + callStep,
		"branch":             "  - branch:\n      - when: { facts.driver: { known: true } }\n        goto: later\n      - else: intro\n" + mailStep + "  - { email: case-study, name: later }\n",
		"audience of facts":  mailStep + laterMail,
		"audience of fields": "  - email: intro\n    variants: { a: intro, b: case-study }\n",
		"frequency":          mailStep + "frequency: { touches: 2, per: 7 days }\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := firstSeven(steps)
			if rule, ok := audiences[name]; ok {
				file := "cadences/first-seven.yaml"
				files[file] = strings.Replace(files[file], "{ stage: { in: [inquiry, nurturing, recycled] } }", rule, 1)
			}
			quick, slow := newLiveRig(t, files), newLiveRig(t, files)
			for _, r := range []*rig{quick, slow} {
				r.at(tenOClock)
				r.importLeads(crowd(rand.New(rand.NewPCG(3, 5)), 60)...)
				r.exec(`UPDATE leads SET stage = 'recycled' WHERE id % 7 = 0`)
				r.exec(`UPDATE leads SET readiness = 'near_term' WHERE id % 5 = 0`)
				r.exec(`UPDATE leads SET topics_off = '{news}' WHERE id % 4 = 0`)
			}
			_, err := quick.intake(quick.ctx)
			must(t, err)
			must(t, slow.beginAll())
			if n := quick.count(`SELECT count(*) FROM enrollments WHERE state = 'active'`); n < 30 {
				t.Fatalf("only %d leads were enrolled", n)
			}
			if diff := cmp.Diff(slow.beginnings(), quick.beginnings()); diff != "" {
				t.Errorf("begun (-) and started (+) differ:\n%s", diff)
			}
			if audiences[name] == "" { // the others leave some whom none takes
				quick.noLeaks()
			}
		})
	}
}

// TestFirstMoveIsTold: a lead that came to nurturing with its first enrolment has no row for that, and everybody who reads its stages finds it where it
// belongs; one whose stage had changed before has a row for each.
func TestFirstMoveIsTold(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep))
	r.at(tenOClock)
	ids := r.importLeads(person(1), person(2))
	must(t, store.MoveStages(r.ctx, r.pool, []store.StageMove{{LeadID: ids[1], Stage: "disqualified", Reason: "a student"}}, tenOClock))
	must(t, store.MoveStages(r.ctx, r.pool, []store.StageMove{{LeadID: ids[1], Stage: "inquiry", Reason: "has a job now"}}, tenOClock))
	_, err := r.intake(r.ctx)
	must(t, err)
	must(t, store.MoveStages(r.ctx, r.pool, []store.StageMove{{LeadID: ids[0], Stage: "qualified", Reason: "it said so"}}, tenOClock))
	at := tenOClock
	enrolled := store.LoggedStage{Stage: "nurturing", Reason: "enrolled", At: at}
	for i, want := range [][]store.LoggedStage{
		{enrolled, {Stage: "qualified", Reason: "it said so", At: at}},
		{{Stage: "disqualified", Reason: "a student", At: at}, {Stage: "inquiry", Reason: "has a job now", At: at}, enrolled},
	} {
		got, err := store.LeadStages(r.ctx, r.pool, ids[i])
		must(t, err)
		if diff := cmp.Diff(want, got, cmpopts.EquateApproxTime(0)); diff != "" {
			t.Errorf("stages of lead %d (-want +got):\n%s", i+1, diff)
		}
		var kept struct {
			StageMoves []struct {
				ID            int64
				LeadID        int64 `json:"lead_id"`
				Stage, Reason string
				At            time.Time
			} `json:"stage_moves"`
		}
		record, err := store.LeadRecords(r.ctx, r.pool, ids[i])
		must(t, err)
		must(t, json.Unmarshal(record, &kept))
		got = nil
		for _, m := range kept.StageMoves {
			if m.ID == 0 || m.LeadID != ids[i] {
				t.Errorf("lead %d is exported with the move %+v", i+1, m)
			}
			got = append(got, store.LoggedStage{Stage: m.Stage, Reason: m.Reason, At: m.At})
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateApproxTime(0)); diff != "" {
			t.Errorf("exported stages of lead %d (-want +got):\n%s", i+1, diff)
		}
	}
	if n := r.count(`SELECT count(*) FROM stage_moves WHERE reason = 'enrolled'`); n != 1 {
		t.Errorf("%d moves that an enrolment tells have rows of their own, want 1", n)
	}
	sum, err := store.Summarize(r.ctx, r.pool)
	must(t, err)
	if diff := cmp.Diff(map[string]int{"disqualified": 1, "inquiry": 1, "nurturing": 2, "qualified": 1}, sum.Reached); diff != "" {
		t.Errorf("reached (-want +got):\n%s", diff)
	}
}

// TestFirstCycleIsTold: a lead's first cycle has no row while nothing is counted in it, and everybody finds it as if it had, also after its budget was changed; the
// first touch makes the row.
func TestFirstCycleIsTold(t *testing.T) {
	t.Parallel()
	written := func(budget string) *config.Config {
		return starterWith(t, map[string]string{"cadences/first-seven.yaml": "cadence: first-seven\ngoal: a test\naudience: { stage: { in: [inquiry] } }\n" +
			"window: { days: mon-fri, hours: \"09:00-17:00\", zone: lead, holidays: lead }\nbudget: " + budget + "\non_change: move\nsteps:\n" +
			"  - email: intro\n    after: 1 business day\n" + laterMail + "then: { move_to: long-game }\n"})
	}
	r := newRig(t)
	r.goLive(written("7"))
	r.at(tenOClock)
	id := r.importLeads(person(1))[0]
	_, err := r.intake(r.ctx)
	must(t, err)
	type cycle struct {
		LeadID                  int64 `json:"lead_id"`
		Cycle, Budget, Attempts int
		StartedAt               time.Time `json:"started_at"`
	}
	expect := func(when string, rows, budget, attempts int) {
		t.Helper()
		if n := r.count(`SELECT count(*) FROM cycles`); n != rows {
			t.Errorf("%s: %d cycles have rows, want %d", when, n, rows)
		}
		var kept struct{ Cycles []cycle }
		record, err := store.LeadRecords(r.ctx, r.pool, id)
		must(t, err)
		must(t, json.Unmarshal(record, &kept))
		want := []cycle{{LeadID: id, Cycle: 1, Budget: budget, Attempts: attempts, StartedAt: tenOClock}}
		if diff := cmp.Diff(want, kept.Cycles, cmpopts.EquateApproxTime(0)); diff != "" {
			t.Errorf("%s: exported (-want +got):\n%s", when, diff)
		}
		enrollments, err := store.LeadEnrollments(r.ctx, r.pool, id)
		must(t, err)
		if e := enrollments[0]; e.Budget != budget || e.Attempts != attempts {
			t.Errorf("%s: %d of %d touches are spent, want %d of %d", when, e.Attempts, e.Budget, attempts, budget)
		}
		sum, err := store.Summarize(r.ctx, r.pool)
		must(t, err)
		if sum.CyclesBegun != 1 || sum.Returns != 0 {
			t.Errorf("%s: %d cycles begun, %d returns", when, sum.CyclesBegun, sum.Returns)
		}
	}
	expect("enrolled", 0, 7, 0)
	r.goLive(written("3"))
	expect("with another budget", 0, 3, 0)
	r.start()
	r.until(tenOClock.AddDate(0, 0, 2), nil)
	expect("sent", 1, 3, 1)
	r.noLeaks()
}

// beginAll enrols whoever intake would, by way of begin.
func (r *rig) beginAll() error {
	return r.inTx(r.ctx, func(tx pgx.Tx, now time.Time) error {
		current, err := r.liveNow(r.ctx, tx)
		if err != nil {
			return err
		}
		ids, err := store.TakeWaiting(r.ctx, tx, now, 1000)
		if err != nil {
			return err
		}
		leads, err := store.Leads(r.ctx, tx, ids)
		if err != nil {
			return err
		}
		gates, err := r.gates(r.ctx, tx, now, current)
		if err != nil {
			return err
		}
		var enroll []admission
		var results []store.IntakeResult
		for i := range leads {
			facts, err := store.Facts(r.ctx, tx, []int64{leads[i].ID})
			if err != nil {
				return err
			}
			result := store.IntakeResult{LeadID: leads[i].ID, Note: "no cadence's audience takes this lead"}
			alone := kind{lead: &leads[i], facts: facts[leads[i].ID]}
			if gate, _ := choose(gates, alone.takers(gates, current.config, now)); gate != nil {
				enroll, result.Note = append(enroll, admission{leads[i].ID, gate.plan.Key, false}), ""
			}
			results = append(results, result)
		}
		if err := store.SaveIntake(r.ctx, tx, results); err != nil {
			return err
		}
		return r.begin(r.ctx, tx, now, current, enroll)
	})
}

// beginnings are all that enrolling writes, in every column but the ids that it hands out.
func (r *rig) beginnings() []string {
	r.t.Helper()
	var all []string
	for _, sql := range []string{
		`SELECT (to_jsonb(l))::text FROM leads l ORDER BY l.id`,
		`SELECT (to_jsonb(c))::text FROM all_cycles c ORDER BY lead_id, cycle`,
		`SELECT (to_jsonb(e) - 'id' - 'moved_to' - 'budget')::text FROM enrollments e ORDER BY lead_id, cycle`,
		`SELECT (to_jsonb(m) - 'id')::text FROM stage_log m ORDER BY lead_id, m.id`,
		`SELECT (to_jsonb(t) - 'id' - 'enrollment_id')::text FROM tasks t ORDER BY lead_id`,
	} {
		rows, err := r.pool.Query(r.ctx, sql)
		must(r.t, err)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		must(r.t, err)
		all = append(all, lines...)
	}
	return all
}

// crowd makes up leads with and without addresses, consents, zones, opt-outs and answers, all over the world.
func crowd(random *rand.Rand, n int) []leadfile.Lead {
	places := []leadfile.Lead{
		{Country: "DE", Zones: []string{"Europe/Berlin"}},
		{Country: "US", Region: "TX", Zones: []string{"America/Chicago", "America/Denver"}},
		{Country: "US", Region: "CA", Zones: []string{"America/Los_Angeles"}},
		{Country: "IN", Zones: []string{"Asia/Kolkata"}},
		{Country: "AU", Zones: []string{"Australia/Sydney"}},
		{},
	}
	leads := make([]leadfile.Lead, n)
	for i := range leads {
		l, place := person(i+1), places[random.IntN(len(places))]
		l.Country, l.Region, l.Zones = place.Country, place.Region, place.Zones
		one := func(in int) bool { return random.IntN(in) == 0 }
		if one(5) {
			l.Phone = ""
		}
		if one(6) {
			l.Email = ""
		}
		if one(4) {
			l.Consent = leadfile.Consent{}
		}
		if one(4) {
			l.Origin = leadfile.OriginSelfQualified
		}
		if one(6) {
			l.OptedOut.Email = true
		}
		if one(8) {
			l.OptedOut.Call = true
		}
		if one(3) {
			l.Facts = map[string]string{"driver": fmt.Sprint("reason ", i)}
		}
		if one(2) {
			l.Fields = map[string]string{"tier": []string{"gold", "silver"}[random.IntN(2)]}
		}
		if one(4) {
			l.Source = ""
		}
		leads[i] = l
	}
	return leads
}
