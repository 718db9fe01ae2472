package jobs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/config"
	"nurture/internal/leadfile"
	"nurture/store"
)

// fourSteps is a cadence that leads go through in these tests, and otherSteps what becomes of it: a longer wait, an added step, another
// template, and no fourth step.
const (
	fourSteps = "on_change: move\nsteps:\n  - email: intro\n  - voicemail: hello\n    after: 2 business days\n" +
		"  - call: discovery\n    after: 1 business day\n    within: 5 business days\n  - email: case-study\n    after: 3 business days\n"
	otherSteps = "on_change: move\nsteps:\n  - email: intro\n  - voicemail: hello\n    after: 4 business days\n" +
		"  - email: leave-it-here\n    after: 1 business day\n  - call: second-call\n    after: 1 business day\n    within: 5 business days\n"
)

// revised gives the starter with other lines for the first cadence.
func revised(t testing.TB, lines string) *config.Config {
	t.Helper()
	return starterWith(t, map[string]string{"cadences/first-seven.yaml": "cadence: first-seven\ngoal: a test\n" +
		"audience: { stage: { in: [inquiry, nurturing, recycled] } }\n" +
		"window: { days: mon-fri, hours: \"09:00-17:00\", zone: lead, holidays: lead }\nbudget: 7\n" + lines + "then: { move_to: long-game }\n"})
}

// populated has n leads everywhere in the four steps: waiting for a first mail, for a voicemail and for a call, with touches planned and
// claimed, with calls that wait for their SDRs, and paused. It is Thursday, 10:00 in Berlin.
func populated(t testing.TB, n int) *rig {
	t.Helper()
	r := newRig(t, func(o *Options) { o.Desk = 1000 })
	r.planAhead = 2 * n // what is left planned for days must not keep the rest from being planned
	r.goLive(revised(t, fourSteps))
	r.at(tenOClock)
	rows := make([]leadfile.Row, n)
	for i := range rows {
		rows[i] = leadfile.Row{Line: i + 2, Lead: person(i + 1)}
	}
	_, err := r.Import(r.ctx, rows)
	must(t, err)
	r.tick()
	mails := r.touchIDs("planned")
	r.sendAll(cadence.ChannelEmail, mails[:len(mails)*2/3])
	r.at(tenOClock.Add(48 * time.Hour))
	r.tick()
	mails = r.plannedOf(cadence.ChannelEmail)
	r.sendAll(cadence.ChannelEmail, mails[:len(mails)*3/4]) // the oldest have missed their window, and are planned again
	voice := r.plannedOf(cadence.ChannelVoicemail)
	r.sendAll(cadence.ChannelVoicemail, voice[:len(voice)/2])
	_, err = r.claimTogether(r.ctx, cadence.ChannelVoicemail, [][]int64{voice[len(voice)-20:]})
	must(t, err)
	r.at(tenOClock.Add(72 * time.Hour))
	r.tick()
	calls := r.plannedOf(cadence.ChannelCall)
	must(t, r.fileCalls(r.ctx, calls[:len(calls)/2]))
	r.exec(`UPDATE tasks SET state = 'claimed', claimed_by = 'mara@example.com', claimed_at = $1 WHERE touch_id = ANY($2)`, r.now(), calls[len(calls)/2-30:len(calls)/2])
	for i, id := range voice[:60] {
		r.respond(r.leadOf(id), []cadence.ResponseKind{cadence.OutOfOffice, cadence.Question}[i%2])
	}
	return r
}

// plannedOf lists the planned touches of a channel.
func (r *rig) plannedOf(channel cadence.Channel) []int64 {
	r.t.Helper()
	rows, err := r.pool.Query(r.ctx, `SELECT id FROM touches WHERE state = 'planned' AND channel = $1 ORDER BY id`, channel)
	must(r.t, err)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	must(r.t, err)
	return ids
}

// sendAll claims and records touches in great windows, as if all of them had been sent.
func (r *rig) sendAll(channel cadence.Channel, ids []int64) {
	r.t.Helper()
	must(r.t, inBites(ids, func(ids []int64) error {
		windows, err := r.claimTogether(r.ctx, channel, [][]int64{ids})
		if err != nil {
			return err
		}
		results := make([]store.TouchResult, len(windows[0]))
		for i, o := range windows[0] {
			results[i] = store.TouchResult{TouchID: o.TouchID, State: store.TouchSent, NotBefore: r.now()}
		}
		_, err = r.recordTogether(r.ctx, [][]store.TouchResult{results})
		return err
	}))
}

// standings reads where every enrolment of a cadence stands: its version's number first.
func (r *rig) standings() map[int64]string {
	r.t.Helper()
	return r.byID(`SELECT e.id, v.number, e.state, e.reason, e.step, e.run, e.last_run, e.in_flight, e.due_at, e.due_local, e.due_zone,
			e.due_reason, e.held_until, e.channel, e.sender, e.domain, e.priority, e.last_response, c.attempts, c.budget
		FROM enrollments e JOIN cadence_versions v ON v.id = e.cadence_version_id JOIN all_cycles c ON c.lead_id = e.lead_id AND c.cycle = e.cycle
		WHERE v.cadence_key = 'first-seven'`)
}

// byID reads rows that begin with an id: id → the rest.
func (r *rig) byID(sql string) map[int64]string {
	r.t.Helper()
	rows, err := r.pool.Query(r.ctx, sql)
	must(r.t, err)
	all := map[int64]string{}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (int64, error) {
		values, err := row.Values()
		if err == nil {
			all[values[0].(int64)] = fmt.Sprint(values[1:]...)
		}
		return 0, err
	})
	must(r.t, err)
	return all
}

// TestPlanIsWhatApplyDoes, lead by lead, with ten thousand of them inside, and a rollback puts every one back.
func TestPlanIsWhatApplyDoes(t *testing.T) {
	t.Parallel()
	r := populated(t, 10_000)
	before, ledger := r.standings(), r.ledger()
	next := revised(t, otherSteps)
	plan, err := r.PlanChange(r.ctx, next, 14)
	must(t, err)
	if d := cmp.Diff(before, r.standings()); d != "" {
		t.Fatal("a plan has changed something: ", d)
	}
	applied := r.goLive(next)
	r.checkApplied(plan, applied, before, next)

	back, err := r.Rollback(r.ctx, 1, "test")
	must(t, err)
	if back.Restored != applied.Leads[0].Move || len(back.NotRestored) != 0 {
		t.Errorf("%d of %d leads were put back; not: %+v", back.Restored, applied.Leads[0].Move, back.NotRestored)
	}
	calledOff := map[int64]bool{}
	for _, p := range plan.People {
		calledOff[p.EnrollmentID] = p.CalledOff
	}
	after := r.standings()
	for id, was := range before {
		_, was, _ = strings.Cut(was, " ") // the version has a number of its own
		if _, is, _ := strings.Cut(after[id], " "); is != was && !calledOff[id] {
			t.Fatalf("enrolment %d after the rollback:\n%s, before the apply\n%s", id, is, was)
		}
	}
	r.tick() // what was called off is planned again
	now := r.ledger()
	for id := range calledOff {
		if calledOff[id] && ledger[id] != now[id] {
			t.Fatalf("enrolment %d has in hand %q after the rollback, had %q", id, now[id], ledger[id])
		}
	}
}

// ledger reads what touch every enrolment of a cadence has in hand.
func (r *rig) ledger() map[int64]string {
	r.t.Helper()
	return r.byID(`SELECT e.id, t.step_key, t.run, t.channel, t.template FROM enrollments e
		JOIN touches t ON t.enrollment_id = e.id AND t.step = e.step AND t.run = e.run`)
}

// checkApplied compares what a plan said of every lead with where it stands after the apply.
func (r *rig) checkApplied(plan *Change, applied Applied, before map[int64]string, cfg *config.Config) {
	r.t.Helper()
	if d := cmp.Diff(plan.Leads, applied.Leads); d != "" {
		r.t.Errorf("the plan's numbers and the apply's: %s", d)
	}
	planned := map[int64]LeadChange{}
	for _, p := range plan.People {
		planned[p.EnrollmentID] = p
	}
	rows, err := r.pool.Query(r.ctx, `SELECT e.id, v.number, e.step, e.due_at, e.in_flight FROM enrollments e
		JOIN cadence_versions v ON v.id = e.cadence_version_id WHERE v.cadence_key = 'first-seven' AND e.state <> 'finished' ORDER BY e.id`)
	must(r.t, err)
	var id int64
	var number, step, moved, finish, redated int
	var due *time.Time
	var inFlight bool
	after := r.standings()
	var steps [5]int
	_, err = pgx.ForEachRow(rows, []any{&id, &number, &step, &due, &inFlight}, func() error {
		p := planned[id]
		if p.Redated {
			redated++
		}
		if number == 1 {
			if finish++; p.Moves || p.Redated || after[id] != before[id] {
				return fmt.Errorf("enrolment %d finishes on its version, and the plan said %+v; it stands\n%s, before\n%s", id, p, after[id], before[id])
			}
			return nil
		}
		moved++
		steps[step]++
		key := ""
		if step < len(cfg.Plans["first-seven"].Steps) {
			key = cfg.Plans["first-seven"].Steps[step].Key
		}
		if !p.Moves || key != p.Step || inFlight == (p.Due != nil) || (due == nil) != (p.Due == nil) || due != nil && !due.Equal(*p.Due) {
			return fmt.Errorf("enrolment %d stands at %q, due %v; the plan said %+v", id, key, due, p)
		}
		return nil
	})
	must(r.t, err)
	if l := applied.Leads[0]; l.Move != moved || l.Finish != finish || l.Redated != redated || l.Inside != moved+finish {
		r.t.Errorf("%d moved, %d finish, %d have another next touch; the apply said %+v", moved, finish, redated, l)
	}
	if slices.Contains(steps[:3], 0) || moved < 9000 || finish == 0 || redated < 3000 || redated > moved {
		r.t.Errorf("this tries too little: %d moved, %d finish, %d redated, at steps %v", moved, finish, redated, steps)
	}
}

// TestSkippedTouchesMoveAlong: a touch that missed its window lies ahead of its lead when a step is put in front of it. It keeps to its step through every
// version that follows.
func TestSkippedTouchesMoveAlong(t *testing.T) {
	t.Parallel()
	const intro, added, study = "  - email: intro\n", "  - email: leave-it-here\n    after: 1 business day\n", "  - email: case-study\n    after: 1 business day\n"
	const last = "  - email: intro-question\n    after: 20 business days\n"
	version := func(steps string) *config.Config { return revised(t, "on_change: move\nsteps:\n"+steps+last) }
	r := newRig(t)
	r.goLive(version(intro + study))
	r.at(tenOClock)
	r.importPeople(1)
	r.tick()
	r.sendAll(cadence.ChannelEmail, r.touchIDs("planned"))
	r.pass(24 * time.Hour)
	r.tick()
	skipped := r.touchIDs("planned")
	r.pass(10 * time.Hour) // nobody sent it, and the day is over
	r.sendNow(cadence.ChannelEmail, skipped...)
	for _, steps := range []string{intro + added + study, intro + study} {
		r.goLive(version(steps))
	}
	r.pass(14 * time.Hour)
	r.tick()
	r.sendAll(cadence.ChannelEmail, r.touchIDs("planned"))
	r.goLive(version(intro + added + study))
	if d := cmp.Diff(map[int64]string{1: "0 intro sent", 2: "2 case-study sent"}, r.byID(`SELECT id, step || ' ' || step_key || ' ' || state FROM touches`)); d != "" {
		t.Errorf("wanted (-) and found (+) touches differ:\n%s", d)
	}
}

// TestOverduePolicyChanges: while a call waits for its SDR, a version comes in which nothing ends the wait, or ends it. The lead is never left without
// anything that follows.
func TestOverduePolicyChanges(t *testing.T) {
	t.Parallel()
	version := func(policy string) *config.Config {
		return revised(t, "on_change: move\nsteps:\n  - call: discovery\n    within: 2 business days\n    if_overdue: "+policy+"\n  - email: case-study\n    after: 1 business day\n")
	}
	for _, c := range []struct{ from, to, task, kind string }{
		{from: "advance", to: "keep", task: "open", kind: "call"},
		{from: "keep", to: "advance", task: "open", kind: "call"},
		{from: "keep", to: "finish", task: "open", kind: "call"},
		{from: "advance", to: "finish", task: "expired", kind: "call"},
	} {
		t.Run(c.from+" to "+c.to, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.goLive(version(c.from))
			r.at(tenOClock)
			r.importPeople(1)
			r.tick()
			must(t, r.fileCalls(r.ctx, r.touchIDs("planned")))
			r.goLive(version(c.to))
			r.pass(10 * 24 * time.Hour)
			r.tick()
			r.noLeaks()
			if n := r.count(`SELECT count(*) FROM tasks WHERE state = $1 AND kind = $2`, c.task, c.kind); n != 1 {
				t.Errorf("the task is not %s", c.task)
			}
		})
	}
}
