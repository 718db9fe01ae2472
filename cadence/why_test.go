package cadence_test

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
)

func TestWhy(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	now := at(t, "2026-03-02 09:00")
	later := now.Add(time.Hour)
	due := func(when time.Time, r cadence.Reason) *cadence.Due { return &cadence.Due{At: when, Reason: r} }
	tests := []struct {
		name   string
		e      cadence.Enrollment
		next   string
		at     *time.Time
		reason cadence.Reason
	}{
		{
			"waiting",
			cadence.Enrollment{State: cadence.Running, Step: 1, Run: 1, Due: due(later, cadence.ReasonStepDelay)},
			`step 2 of 4: voicemail "hello"`, &later, cadence.ReasonStepDelay,
		},
		{
			"a retry",
			cadence.Enrollment{State: cadence.Running, Step: 2, Run: 2, Due: due(later, cadence.ReasonRetry)},
			`step 3 of 4: call "discovery" (run 2)`, &later, cadence.ReasonRetry,
		},
		{
			"due",
			cadence.Enrollment{State: cadence.Running, Step: 1, Run: 1, Due: due(now, cadence.ReasonStepDelay)},
			`step 2 of 4: voicemail "hello"`, &now, cadence.ReasonCapacity,
		},
		{
			"being sent",
			cadence.Enrollment{State: cadence.Running, Step: 0, Run: 1, InFlight: true},
			`step 1 of 4: email "intro" is being sent`, nil, cadence.ReasonTouchInFlight,
		},
		{
			"a task",
			cadence.Enrollment{State: cadence.Running, Step: 2, Run: 1, InFlight: true},
			`step 3 of 4: call "discovery" is with a person`, nil, cadence.ReasonTouchInFlight,
		},
		{
			"paused",
			cadence.Enrollment{State: cadence.Paused, Reason: cadence.ReasonOutOfOffice, Step: 3, Run: 1, Due: due(later, cadence.ReasonOutOfOffice)},
			`the pause ends, then step 4 of 4: email "case-study"`, &later, cadence.ReasonOutOfOffice,
		},
		{
			"paused by a person",
			cadence.Enrollment{State: cadence.Paused, Reason: cadence.ReasonByPerson, Step: 4, Run: 1},
			`paused until somebody resumes it, then the cadence ends`, nil, cadence.ReasonByPerson,
		},
		{
			"finished",
			cadence.Enrollment{State: cadence.Finished, Reason: cadence.ReasonPromoted, Due: due(later, "")},
			"nothing in this cadence: it has ended", nil, cadence.ReasonPromoted,
		},
		{"pending", cadence.Enrollment{State: cadence.Pending}, "the enrolment begins", nil, cadence.ReasonEnrolled},
		{"a leak", cadence.Enrollment{State: cadence.Running, Reason: cadence.ReasonEnrolled}, "nothing", nil, ""},
	}
	for _, tt := range tests {
		got := cadence.Why(p, tt.e, now)
		if got.Next != tt.next || got.Reason != tt.reason || (got.At == nil) != (tt.at == nil) || got.At != nil && !got.At.Equal(*tt.at) || got.Sentence == "" {
			t.Errorf("%s: got %+v", tt.name, got)
		}
	}
}

func TestWhyTellsWhenTheStepComesThatAPausePutsOff(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	now, appointment := at(t, "2026-03-02 09:00"), at(t, "2026-09-01 10:00")
	pause := func(end string, reason cadence.Reason, held *time.Time) cadence.Enrollment {
		over := at(t, end)
		return cadence.Enrollment{
			State: cadence.Paused, Reason: reason, Step: 2, Run: 1, Held: held, Lead: cadence.Lead{Phone: true, Place: calendar.Place{Zones: []string{berlin}}},
			Due: &cadence.Due{At: over, Intent: calendar.Intent{Local: over, Zone: "UTC"}, Reason: reason},
		}
	}
	const keeps = "The pause ends before, and the step keeps its own time."
	tests := []struct {
		name  string
		e     cadence.Enrollment
		want  string
		keeps bool
	}{
		{"it keeps a later appointment", pause("2026-03-09 10:00", cadence.ReasonColleague, &appointment), "2026-09-01 10:00", true},
		{"the lead named a day instead", pause("2026-03-09 10:00", cadence.ReasonStatedDate, &appointment), "2026-03-09 10:00", false},
		{"no call at that hour", pause("2026-03-09 05:00", cadence.ReasonOutOfOffice, nil), "2026-03-09 09:00", false},
		{"it can come at once", pause("2026-03-09 10:00", cadence.ReasonOutOfOffice, nil), "2026-03-09 10:00", false},
	}
	for _, tt := range tests {
		got := cadence.Why(p, tt.e, now)
		if got.At == nil || !got.At.Equal(at(t, tt.want)) || strings.Contains(got.Sentence, keeps) != tt.keeps || got.Reason != tt.e.Reason {
			t.Errorf("%s: got %v, %+v, want %s", tt.name, got.At, got, tt.want)
		}
	}
}

func TestWhyTellsThatTheStepWillBeLeftOut(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	now := at(t, "2026-03-02 09:00")
	lead := cadence.Lead{Email: true, Phone: true, Place: calendar.Place{Zones: []string{berlin}}}
	mute := lead
	mute.Email = false
	tests := []struct {
		name string
		e    cadence.Enrollment
		want cadence.Reason
	}{
		{"mail that can leave", cadence.Enrollment{Lead: lead, Step: 0}, ""},
		{"no mail any more", cadence.Enrollment{Lead: mute, Step: 0}, cadence.ReasonNoAddress},
		{"no consent", cadence.Enrollment{Lead: lead, Step: 1}, cadence.ReasonNoConsent},
		{"after a pause", cadence.Enrollment{Lead: mute, Step: 3, State: cadence.Paused, Reason: cadence.ReasonByPerson}, cadence.ReasonNoAddress},
		{"being sent", cadence.Enrollment{Lead: mute, Step: 0, InFlight: true}, ""},
	}
	for _, tt := range tests {
		e := tt.e
		e.Run, e.State = 1, cmp.Or(e.State, cadence.Running)
		if !e.InFlight {
			e.Due = &cadence.Due{At: now.Add(time.Hour), Intent: calendar.Intent{Local: now.Add(time.Hour), Zone: "UTC"}, Reason: cadence.ReasonStepDelay}
		}
		got := cadence.Why(p, e, now)
		if got.Skip != tt.want || (tt.want != "") != strings.HasSuffix(got.Sentence, " "+tt.want.Sentence()) {
			t.Errorf("%s: got %+v", tt.name, got)
		}
	}
}

func TestWhyNamesManualEmail(t *testing.T) {
	t.Parallel()
	e := cadence.Enrollment{State: cadence.Running, Step: 4, Run: 1, InFlight: true}
	if got := cadence.Why(plans()["forked"], e, time.Time{}).Next; got != `step 5 of 5: manual email "summary" is with a person` {
		t.Errorf("got %q", got)
	}
}
