package jobs

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// TestNextTouchesComeAsPlanned: after an apply the real engine, on the virtual clock, plans each lead's next touch when `nurture plan` said.
func TestNextTouchesComeAsPlanned(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Desk = 100 })
	r.goLive(revised(t, fourSteps))
	r.importPeople(40)
	r.start()
	r.until(tenOClock.Add(26*time.Hour), nil)
	r.importLeads(person(41), person(42), person(43))
	r.settle()
	r.respond(1, cadence.OutOfOffice)
	plan, err := r.PlanChange(r.ctx, revised(t, otherSteps), 14)
	must(t, err)
	applied := r.goLive(revised(t, otherSteps))
	if l := applied.Leads[0]; l.Move != 43 || l.Redated < 40 {
		t.Fatalf("%+v: this tries too little", l)
	}
	last := r.count(`SELECT max(id) FROM touches`)
	r.until(r.clock.Now().Add(12*24*time.Hour), nil)
	for _, p := range plan.People {
		var at time.Time
		var step string
		r.scan(`SELECT planned_at, step_key FROM touches WHERE enrollment_id = $1 AND id > $2 ORDER BY id LIMIT 1`, []any{p.EnrollmentID, last}, &at, &step)
		if p.Next == nil || !at.Equal(p.Next.At) || step != p.Next.Step {
			t.Errorf("%s was sent %s at %s; the plan said %+v", p.Lead, step, at, p.Next)
		}
	}
	// Nothing doubled, nothing lost: each step of the new version once, in its order.
	rows, err := r.pool.Query(r.ctx, `SELECT lead_id, string_agg(step_key, ' ' ORDER BY planned_at, id) FROM touches WHERE state = 'sent' GROUP BY lead_id`)
	must(t, err)
	var lead int64
	var steps string
	_, err = pgx.ForEachRow(rows, []any{&lead, &steps}, func() error {
		if want := "intro hello leave-it-here second-call"; !strings.HasPrefix(want, steps) || !strings.Contains(steps, "leave-it-here") {
			return fmt.Errorf("lead %d was sent %s, want %s", lead, steps, want)
		}
		return nil
	})
	must(t, err)
	r.noLeaks()
}

// TestTwoAppliesAtOnce: one wins, the other is told who was faster with what.
func TestTwoAppliesAtOnce(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	r.importPeople(20)
	r.at(tenOClock)
	r.tick()
	people := []string{"ana@example.com", "ben@example.com"}
	errs := make([]error, len(people))
	var both sync.WaitGroup
	for i, by := range people {
		cfg := revised(t, strings.Replace(fourSteps, "2 business days", fmt.Sprint(i+5, " business days"), 1))
		both.Go(func() { _, errs[i] = r.ApplyOnto(r.ctx, cfg, by, 1) })
	}
	both.Wait()
	winner, loser := 0, 1
	if errs[0] != nil {
		winner, loser = 1, 0
	}
	if errs[winner] != nil || !errors.Is(errs[loser], ErrStale) {
		t.Fatalf("%v; %v", errs[0], errs[1])
	}
	if want := fmt.Sprintf("this was made for version 1, and version 2 was applied by %s on Mon 2 Mar 2026 10:00:00 CET", people[winner]); !strings.Contains(errs[loser].Error(), want) {
		t.Errorf("the loser hears %q, want %q", errs[loser], want)
	}
	if n := r.count(`SELECT count(*) FROM config_versions`); n != 2 {
		t.Errorf("%d versions", n)
	}
}

// TestMovesGoOnWhileWorkersWork: workers claim, send and record while versions change under them; nothing is lost, doubled or stuck.
func TestMovesGoOnWhileWorkersWork(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Desk = 100 })
	first, second := revised(t, fourSteps), revised(t, strings.Replace(otherSteps, "email: intro", "email: intro-question", 1))
	r.goLive(first)
	r.importPeople(120)
	r.start()
	for day := range 14 {
		r.at(tenOClock.Add(time.Duration(day) * 24 * time.Hour))
		cfg := first
		if day%2 == 0 {
			cfg = second
		}
		var swap sync.WaitGroup
		r.tick()
		swap.Go(func() { r.goLive(cfg) })
		r.tick()
		swap.Wait()
		r.idle()
		r.tick()
		r.idle()
	}
	r.until(r.clock.Now().Add(10*24*time.Hour), nil)
	r.noLeaks()
	if n := r.count(`SELECT count(*) FROM (SELECT enrollment_id, step_key FROM touches WHERE state = 'sent' AND channel <> 'call' GROUP BY 1, 2 HAVING count(*) > 1) twice`); n != 0 {
		t.Errorf("%d touches were made twice", n)
	}
	if n := r.count(`SELECT count(DISTINCT step_key) FROM touches WHERE state = 'sent' AND step < 0`); n == 0 {
		t.Error("this tries too little: no step went")
	}
	stuck := r.count(`SELECT count(*) FROM enrollments e WHERE e.in_flight AND NOT EXISTS (SELECT FROM touches t
		LEFT JOIN tasks k ON k.touch_id = t.id WHERE t.enrollment_id = e.id AND t.step = e.step AND t.run = e.run
			AND (t.state IN ('planned', 'claimed', 'unknown') OR k.state IN ('open', 'claimed')))`)
	if stuck != 0 {
		t.Errorf("%d enrolments wait for a touch that there is not", stuck)
	}
}

// TestRollbackLeavesWhoHasGoneOn, and says why.
func TestRollbackLeavesWhoHasGoneOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.goLive(revised(t, fourSteps))
	ids := r.planned(4)
	r.sendNow(cadence.ChannelEmail, ids...)
	r.goLive(revised(t, otherSteps))
	r.respond(r.leadOf(ids[0]), cadence.OutOfOffice)
	r.respond(r.leadOf(ids[1]), cadence.Unsubscribe)
	back, err := r.Rollback(r.ctx, 1, "test")
	must(t, err)
	if back.Version != 3 || back.To != 1 || back.Restored != 2 || len(back.NotRestored) != 2 {
		t.Fatalf("%+v", back)
	}
	for i, want := range []string{"it answered (out_of_office)", "the cadence has ended for it since"} {
		if !strings.Contains(back.NotRestored[i].Why, want) {
			t.Errorf("%+v, want %q", back.NotRestored[i], want)
		}
	}
	if n := r.count(`SELECT count(*) FROM enrollments e JOIN cadence_versions v ON v.id = e.cadence_version_id WHERE v.live AND v.cadence_key = 'first-seven' AND e.state <> 'finished'`); n != 3 {
		t.Errorf("%d leads go on with the version that was brought back, want 3", n)
	}
	if again, err := r.Rollback(r.ctx, 1, "test"); err != nil || again.Changed {
		t.Errorf("rolled back to what is live: %+v %v", again, err)
	}
	if _, err := r.Rollback(r.ctx, 99, "test"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("rolled back to nothing: %v", err)
	}
	forth, err := r.Rollback(r.ctx, 2, "test")
	must(t, err)
	if l := forth.Leads[0]; forth.Restored != 3 || l.Inside != 3 || l.Move != 3 { // the rollback's own moves are taken back
		t.Errorf("%+v", forth)
	}
}

// TestAnswerDuringAnApply: the outcome of a call that comes while an apply moves the lead is that of the step as the new version numbers it.
func TestAnswerDuringAnApply(t *testing.T) {
	t.Parallel()
	const calls = "on_change: move\nsteps:\n  - email: intro\n  - call: discovery\n    within: 5 business days\n  - email: case-study\n    after: 3 business days\n"
	r := newRig(t)
	r.goLive(revised(t, calls))
	r.sendNow(cadence.ChannelEmail, r.planned(1)...)
	r.tick()
	r.sendNow(cadence.ChannelCall, r.touchIDs("planned")...)
	var touch, lead int64
	r.scan(`SELECT touch_id, lead_id FROM tasks WHERE kind = 'call'`, nil, &touch, &lead)
	next := revised(t, strings.Replace(calls, "  - call", "  - wait: 1 day\n    name: rest\n  - call", 1))
	answered := make(chan error, 1)
	must(t, pgx.BeginFunc(r.ctx, r.pool, func(tx pgx.Tx) error {
		applied, err := r.makeLive(r.ctx, tx, r.now(), next, activation{by: "test", was: &store.ConfigVersion{ID: 1, ULDHash: next.DefinitionHash}},
			func(id int64, changed []string) ([]LeadsInside, error) {
				return r.moveLeads(r.ctx, tx, r.now(), next, id, changed)
			})
		if err != nil || applied.Leads[0].Move != 1 {
			return fmt.Errorf("%+v: %w", applied, err)
		}
		go func() {
			_, err := r.Respond(r.ctx, []ResponseInput{{LeadID: lead, TouchID: touch, Kind: cadence.LeftVoicemail, Source: "test", ExternalID: "1"}})
			answered <- err
		}()
		eventually(t, "the answer waits for the apply", func() bool {
			return r.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0
		})
		return nil
	}))
	must(t, <-answered)
	if x := r.touch(touch); x.Step != 3 || x.InFlight || !x.Due {
		t.Errorf("the call was done, and yet %+v", x)
	}
}

// TestMovesTakeTheBudgetAlong, and a rollback brings it back; what was spent already stays allowed.
func TestMovesTakeTheBudgetAlong(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.goLive(revised(t, fourSteps))
	ids := r.planned(2)
	r.sendNow(cadence.ChannelEmail, ids[0])
	with := func(budget string) Applied {
		files := map[string]string{"cadences/first-seven.yaml": strings.Replace("cadence: first-seven\ngoal: a test\nbudget: 7\n"+fourSteps+"then: { move_to: long-game }\n", "budget: 7", budget, 1)}
		return r.goLive(starterWith(t, files))
	}
	budgets := func(want int) {
		t.Helper()
		if n := r.count(`SELECT count(*) FROM all_cycles WHERE budget = $1`, want); n != 2 {
			t.Errorf("%d cycles have a budget of %d, want both", n, want)
		}
		if n := r.count(`SELECT count(*) FROM touches WHERE state = 'planned' AND budget = $1`, want); n != 1 {
			t.Errorf("%d planned touches have a budget of %d, want 1", n, want)
		}
	}
	if l := with("budget: 1").Leads[0]; l.Move != 2 {
		t.Fatalf("%+v", l)
	}
	budgets(1)
	with("budget: 12")
	budgets(12)
	r.sendNow(cadence.ChannelEmail, ids[1]) // its attempt fits the ledger
	if x := r.touch(ids[1]); x.State != "sent" || x.Attempt != 1 {
		t.Errorf("%+v", x)
	}
	if _, err := r.Rollback(r.ctx, 1, "test"); err != nil {
		t.Fatal(err)
	}
	if n := r.count(`SELECT count(*) FROM all_cycles WHERE budget = 7`); n != 2 {
		t.Errorf("%d cycles have their budget back", n)
	}
}

// TestPlanOfOtherChanges: a cadence that goes lets its leads finish, settings and nothing at all move nobody.
func TestPlanOfOtherChanges(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	r.planned(3)
	plan := func(files map[string]string) *Change {
		change, err := r.PlanChange(r.ctx, starterWith(t, files), 7)
		must(t, err)
		return change
	}
	if c := plan(firstSeven(mailStep + laterMail)); c.Changed || len(c.People)+len(c.Leads) != 0 {
		t.Errorf("nothing: %+v", c)
	}
	files := firstSeven(mailStep + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "Mara Lindqvist", "Mara Renamed")
	c := plan(files)
	if !c.Changed || len(c.People)+len(c.Leads) != 0 || len(c.Forecast.Days) != 7 || c.Forecast.Days[0].Was.Emails != 3 || c.Forecast.Days[0].New.Emails != 3 {
		t.Errorf("settings: %+v", c)
	}
	gone := map[string]string{"cadences/first-seven.yaml": ""}
	for _, path := range []string{"cadences/long-game.yaml", "cadences/event-follow-up.yaml"} {
		gone[path] = starterFile(t, path, "then: { move_to: first-seven }", "then: { close: true }")
	}
	c = plan(gone)
	if len(c.Leads) != 3 || c.Leads[1].Cadence != "first-seven" || c.Leads[1].Finish != 3 || c.Leads[1].Move != 0 || len(c.People) != 0 {
		t.Errorf("a cadence goes: %+v", c)
	}
	if _, err := r.Apply(r.ctx, starterWith(t, gone), "test"); err != nil {
		t.Fatal(err)
	}
	if n := r.count(`SELECT count(*) FROM enrollments WHERE in_flight`); n != 3 {
		t.Errorf("%d leads go on in the cadence that is gone, want 3", n)
	}
}

// TestRenumbering: touches keep to their steps when these change places, come in between, go, and come back.
func TestRenumbering(t *testing.T) {
	t.Parallel()
	const intro, hello, study, last = "  - email: intro\n", "  - voicemail: hello\n", "  - email: case-study\n", "  - email: leave-it-here\n    after: 30 days\n"
	version := func(steps ...string) string { return "on_change: move\nsteps:\n" + strings.Join(steps, "") }
	r := newRig(t)
	r.goLive(revised(t, version(intro, hello, study, last)))
	r.planned(1)
	for _, channel := range []cadence.Channel{cadence.ChannelEmail, cadence.ChannelVoicemail, cadence.ChannelEmail} {
		r.tick()
		r.sendNow(channel, r.touchIDs("planned")...)
	}
	for i, tt := range []struct {
		steps []string
		want  string // the touches by number, and where the lead stands
	}{
		{[]string{study, intro, hello, last}, "case-study=0 intro=1 hello=2, at 3"},
		{[]string{hello, "  - wait: 1 day\n    name: rest\n", study, intro, last}, "hello=0 case-study=2 intro=3, at 4"},
		{[]string{last}, "intro=-3 case-study=-2 hello=-1, at 0"},
		{[]string{intro, last}, "intro=-3 case-study=-2 hello=-1, at 1"}, // it comes back, and is not made again
		{[]string{hello, intro, last}, "intro=-3 case-study=-2 hello=-1, at 2"},
	} {
		if applied := r.goLive(revised(t, version(tt.steps...))); applied.Leads[0].Move != 1 || applied.Leads[0].Redated != 0 {
			t.Errorf("version %d: %+v", i+2, applied.Leads)
		}
		var got string
		var step int
		r.scan(`SELECT string_agg(step_key || '=' || t.step, ' ' ORDER BY t.step), max(e.step) FROM touches t JOIN enrollments e ON e.id = t.enrollment_id`, nil, &got, &step)
		if got = fmt.Sprintf("%s, at %d", got, step); !sameNumbers(got, tt.want) {
			t.Errorf("version %d: %s, want %s", i+2, got, tt.want)
		}
	}
}

// sameNumbers tells whether two lists of touches say the same; in which order touches were put aside does not matter.
func sameNumbers(got, want string) bool {
	if !strings.Contains(want, "=-") {
		return got == want
	}
	_, at, _ := strings.Cut(want, ", ")
	return strings.Count(got, "=-") == strings.Count(want, "=-") && strings.HasSuffix(got, at)
}

// TestRollbackOverSeveralVersions puts back what each of them moved, on whatever version it was.
func TestRollbackOverSeveralVersions(t *testing.T) {
	t.Parallel()
	for _, to := range []int64{1, 2, 3} {
		r := newRig(t)
		versions := []string{
			fourSteps, strings.Replace(fourSteps, "on_change: move", "on_change: finish", 1) + "  - email: leave-it-here\n    after: 2 days\n", otherSteps,
			strings.Replace(otherSteps, "4 business days", "9 business days", 1),
		}
		r.goLive(revised(t, versions[0]))
		ids := r.planned(4)
		r.sendNow(cadence.ChannelEmail, ids[:2]...)
		stood := map[int64]map[int64]string{1: r.standings()}
		for i, v := range versions[1:] {
			r.goLive(revised(t, v))
			stood[int64(i+2)] = r.standings()
		}
		back, err := r.Rollback(r.ctx, to, "test")
		must(t, err)
		if back.Restored != 4 || len(back.NotRestored) != 0 {
			t.Errorf("to version %d: %+v", to, back)
		}
		for id, was := range stood[to] {
			_, was, _ = strings.Cut(was, " ")
			if _, is, _ := strings.Cut(r.standings()[id], " "); is != was {
				t.Errorf("to version %d: enrolment %d stands\n%s, stood\n%s", to, id, is, was)
			}
		}
		// Version 2 let them finish on version 1.
		on := r.count(`SELECT min(v.number) FROM enrollments e JOIN cadence_versions v ON v.id = e.cadence_version_id WHERE v.cadence_key = 'first-seven'`)
		if want := map[int64]int{1: 5, 2: 1, 3: 5}[to]; on != want {
			t.Errorf("to version %d: they are on version %d of the cadence, want %d", to, on, want)
		}
	}
}

// TestIntakeAndApplyTakeTurns: nobody is enrolled in the old version while an apply moves those inside.
func TestIntakeAndApplyTakeTurns(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.goLive(revised(t, fourSteps))
	r.importPeople(3)
	next := revised(t, otherSteps)
	must(t, pgx.BeginFunc(r.ctx, r.pool, func(tx pgx.Tx) error {
		_, err := r.makeLive(r.ctx, tx, r.now(), next, activation{by: "test", was: &store.ConfigVersion{ID: 1, ULDHash: next.DefinitionHash}},
			func(id int64, changed []string) ([]LeadsInside, error) {
				r.tick()
				return r.moveLeads(r.ctx, tx, r.now(), next, id, changed)
			})
		return err
	}))
	if n := r.count(`SELECT count(*) FROM enrollments`); n != 0 {
		t.Errorf("%d leads were enrolled beside the apply", n)
	}
	r.tick()
	if n := r.count(`SELECT count(*) FROM enrollments e JOIN cadence_versions v ON v.id = e.cadence_version_id WHERE v.live`); n != 3 {
		t.Errorf("%d leads are in the new version, want 3", n)
	}
}
