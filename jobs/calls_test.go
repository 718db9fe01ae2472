package jobs

import (
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/internal/leadfile"
	"nurture/store"
)

// withCompliance is the starter's settings with lines added to its compliance, and other files.
func withCompliance(t *testing.T, lines string, files map[string]string) map[string]string {
	t.Helper()
	all := maps.Clone(files)
	all["nurture.yaml"] = starterFile(t, "nurture.yaml", "\ncompliance:\n", "\ncompliance:\n"+lines)
	return all
}

// oneNumber gives n leads that share the number of the first.
func oneNumber(n int) []leadfile.Lead {
	leads := make([]leadfile.Lead, n)
	for i := range leads {
		leads[i] = person(i + 1)
		leads[i].Phone = person(1).Phone
	}
	return leads
}

// plannedFor lets the first touches of leads be planned.
func (r *rig) plannedFor(leads ...leadfile.Lead) []int64 {
	r.t.Helper()
	r.at(tenOClock)
	r.importLeads(leads...)
	r.tick()
	ids := r.touchIDs("planned")
	if len(ids) != len(leads) {
		r.t.Fatalf("%d touches are planned, want %d", len(ids), len(leads))
	}
	return ids
}

// due is when and why the enrolment of a touch goes on.
func (r *rig) due(touchID int64) (at time.Time, reason cadence.Reason) {
	r.t.Helper()
	r.scan(`SELECT e.due_at, e.due_reason FROM touches t JOIN enrollments e ON e.id = t.enrollment_id WHERE t.id = $1`, []any{touchID}, &at, &reason)
	return at.UTC(), reason
}

// TestCallCapIsByNumber: two leads that share a number count together, in one batch too; the second is called when the first call has left the 24
// hours, and no attempt is spent until then.
func TestCallCapIsByNumber(t *testing.T) {
	t.Parallel()
	for _, channel := range []cadence.Channel{cadence.ChannelVoicemail, cadence.ChannelCall} {
		steps := map[cadence.Channel]string{cadence.ChannelVoicemail: voiceStep, cadence.ChannelCall: callStep}[channel]
		t.Run(string(channel), func(t *testing.T) {
			t.Parallel()
			r := newLiveRig(t, withCompliance(t, "  max_per_day: 1\n", firstSeven(steps+laterMail)))
			ids := r.plannedFor(oneNumber(2)...)
			r.sendNow(channel, ids...)
			if got := r.touch(ids[0]); got.State != "sent" {
				t.Fatalf("the first is %+v", got)
			}
			got := r.touch(ids[1])
			at, reason := r.due(ids[1])
			if got.State != "skipped" || got.Reason != string(cadence.ReasonCallLimit) || got.Step != 0 || got.Attempts != 0 {
				t.Errorf("the second is %+v", got)
			}
			if want := tenOClock.Add(24 * time.Hour); !at.Equal(want) || reason != cadence.ReasonCallLimit {
				t.Errorf("it goes on at %v because of %q, want %v", at, reason, want)
			}
			r.at(at.Add(-time.Microsecond))
			r.tick()
			if n := len(r.touchIDs("planned")); n != 0 {
				t.Errorf("%d touches are planned too early", n)
			}
			r.at(at)
			r.tick()
			r.sendNow(channel, ids[1])
			if got := r.touch(ids[1]); got.State != "sent" || got.Attempt != 1 {
				t.Errorf("a day later the second is %+v", got)
			}
			r.noLeaks()
		})
	}
}

// TestCallCapHoldsUnderConcurrency lets as many workers as there are leads claim calls to one number at once.
func TestCallCapHoldsUnderConcurrency(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, withCompliance(t, "  max_per_day: 3\n", firstSeven(voiceStep+laterMail)))
	ids := r.plannedFor(oneNumber(10)...)
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() {
			if err := r.send(r.ctx, r.ctx, cadence.ChannelVoicemail, "", []int64{id}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	sent, put := len(r.touchIDs("sent")), r.count(`SELECT count(*) FROM enrollments WHERE due_reason = 'call_limit'`)
	if sent != 3 || put != 7 || len(r.voice.messages()) != 3 {
		t.Errorf("%d voicemails were dropped, %d leads wait; want 3 and 7", sent, put)
	}
}

// TestCallCapIsByPlace: a cap holds where it is written; mail is never held back by it.
func TestCallCapIsByPlace(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, withCompliance(t, "", firstSeven(voiceStep+laterMail)))
	leads := oneNumber(5)
	for i := range leads {
		leads[i].Country, leads[i].Region, leads[i].Zones = "US", "FL", []string{"America/New_York"}
	}
	leads[4].Region = "NY"
	r.at(tenOClock.Add(6 * time.Hour))
	r.importLeads(leads...)
	r.tick()
	ids := r.touchIDs("planned")
	r.sendNow(cadence.ChannelVoicemail, ids...)
	for i, want := range []string{"sent", "sent", "sent", "skipped", "sent"} {
		if got := r.touch(ids[i]); got.State != want {
			t.Errorf("lead %d: %s because of %q, want %s", i+1, got.State, got.Reason, want)
		}
	}
}

// TestManualCallsCount: calls that people log, with a task or without, fill the cap; what a provider says of a voicemail counts once.
func TestManualCallsCount(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, withCompliance(t, "  max_per_day: 3\n", firstSeven(voiceStep+laterMail)))
	ids := r.plannedFor(oneNumber(3)...)
	r.sendNow(cadence.ChannelVoicemail, ids[0])
	first, second := r.leadOf(ids[0]), r.leadOf(ids[1])
	r.respond(first, cadence.NoAnswer, func(in *ResponseInput) { in.TouchID, in.Source = ids[0], "twilio" })
	r.respond(second, cadence.OutOfOffice) // no call
	room := func() int {
		calls, err := store.CallsTo(r.ctx, r.pool, []string{person(1).Phone}, r.clock.Now().Add(-cadence.CallSpan), 0)
		must(t, err)
		return 3 - len(calls[person(1).Phone])
	}
	if room() != 2 {
		t.Fatalf("room for %d more calls, want 2: one voicemail was dropped", room())
	}
	r.pass(time.Hour)
	r.respond(first, cadence.NoAnswer) // a redial by hand
	r.respond(second, cadence.Busy)
	if room() != 0 {
		t.Errorf("room for %d more calls, want none", room())
	}
	r.sendNow(cadence.ChannelVoicemail, ids[2])
	if at, reason := r.due(ids[2]); reason != cadence.ReasonCallLimit || !at.Equal(tenOClock.Add(24*time.Hour)) {
		t.Errorf("the third lead's voicemail waits until %v because of %q", at, reason)
	}
}

// TestTakingACallTask: a person is not handed a call that would be one too many; what was called anyway is logged and counts.
func TestTakingACallTask(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, withCompliance(t, "  max_per_day: 2\n", firstSeven(mailStep+laterMail)))
	ids := r.importLeads(oneNumber(3)...)
	r.at(tenOClock)
	var tasks []int64
	for _, lead := range ids {
		var id int64
		r.scan(`INSERT INTO tasks (lead_id, kind, state, owner, title, why, opened_at, due_at)
			VALUES ($1, 'verify', 'open', 'mara@example.com', 'Call', 'x', $2, $2) RETURNING id`, []any{lead, r.clock.Now()}, &id)
		tasks = append(tasks, id)
	}
	must(t, r.ClaimTask(r.ctx, tasks[0], "mara"))
	must(t, r.ClaimTask(r.ctx, tasks[0], "mara")) // her own again
	must(t, r.CompleteTask(r.ctx, TaskOutcome{TaskID: tasks[1], By: "mara", Disposition: cadence.NoAnswer}))
	r.pass(time.Hour)
	err := r.ClaimTask(r.ctx, tasks[2], "jonas")
	if !errors.Is(err, ErrCalledEnough) || !strings.Contains(err.Error(), "2 times") || !strings.Contains(err.Error(), "Tue 10:00") {
		t.Errorf("the third call: %v", err)
	}
	must(t, r.CompleteTask(r.ctx, TaskOutcome{TaskID: tasks[2], By: "jonas", Disposition: cadence.NoAnswer}))
	calls, err := store.CallsTo(r.ctx, r.pool, []string{person(1).Phone}, r.clock.Now().Add(-cadence.CallSpan), 0)
	must(t, err)
	if n := len(calls[person(1).Phone]); n != 3 {
		t.Errorf("%d calls are on record, want 3", n)
	}
}

// TestFrequencyAcrossCadences: the cap counts the touches of every cadence, and the lead is touched as soon as there is room.
func TestFrequencyAcrossCadences(t *testing.T) {
	t.Parallel()
	steps := "  - email: intro\n  - email: case-study\n    after: 1 day\n  - email: study-team-size\n    after: 1 day\n"
	files := firstSeven(steps)
	files["cadences/first-seven.yaml"] = strings.Replace(files["cadences/first-seven.yaml"], "budget: 7", "budget: 7\nfrequency: { touches: 2, per: 7 days }", 1)
	r := newLiveRig(t, files)
	id := r.planned(1)[0]
	r.sendNow(cadence.ChannelEmail, id)
	r.at(tenOClock.Add(24 * time.Hour))
	r.tick()
	r.sendNow(cadence.ChannelEmail, r.touchIDs("planned")...)
	r.at(tenOClock.Add(48 * time.Hour))
	r.tick()
	at, reason := r.due(id)
	if n := len(r.touchIDs("planned")); n != 0 || reason != cadence.ReasonFrequency || !at.Equal(tenOClock.Add(7*24*time.Hour)) {
		t.Fatalf("%d touches planned, due %v because of %q; want none before a week has gone by", n, at, reason)
	}
	r.at(at)
	r.tick()
	r.sendNow(cadence.ChannelEmail, r.touchIDs("planned")...)
	if n := len(r.mail.messages()); n != 3 {
		t.Errorf("%d mails, want 3", n)
	}
	r.noLeaks()
}
