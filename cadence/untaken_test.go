package cadence_test

import (
	"testing"
	"time"

	"nurture/cadence"
)

// TestUntaken: outside of all cadences no rule of one acts, so what a person heard is somebody's task until a cadence, an end or sales has the lead.
func TestUntaken(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	e, now := running(t, 1)
	e.State, e.Due, e.InFlight = cadence.Finished, nil, false
	e.Lead.Untaken, e.Lead.Stage = true, cadence.StageInquiry
	for name, c := range map[string]struct {
		ev      cadence.Event
		change  func(*cadence.Enrollment)
		kind    cadence.TaskKind // "": nobody is asked
		until   bool
		end     cadence.EndReason
		enrolls bool
	}{
		"named, with a phone":             {ev: cadence.Untaken{}, kind: cadence.TaskCall, until: true},
		"named, without one":              {ev: cadence.Untaken{}, change: func(e *cadence.Enrollment) { e.Lead.Phone = false }, kind: cadence.TaskManualEmail, until: true},
		"taken meanwhile":                 {ev: cadence.Untaken{}, change: func(e *cadence.Enrollment) { e.Lead.Untaken = false }},
		"ended meanwhile":                 {ev: cadence.Untaken{}, change: func(e *cadence.Enrollment) { e.Lead.Ended = cadence.EndOptedOut }},
		"with sales meanwhile":            {ev: cadence.Untaken{}, change: func(e *cadence.Enrollment) { e.Lead.Stage = cadence.StageHandedOff }},
		"done":                            {ev: cadence.Responded{Kind: cadence.Done, Step: -1}, kind: cadence.TaskCall, until: true},
		"nobody answered":                 {ev: cadence.Responded{Kind: cadence.NoAnswer, Step: -1}, kind: cadence.TaskCall, until: true},
		"interested":                      {ev: cadence.Responded{Kind: cadence.Interested, Step: -1}, kind: cadence.TaskCall},
		"wrong number":                    {ev: cadence.Responded{Kind: cadence.WrongNumber, Step: -1}, kind: cadence.TaskManualEmail, until: true},
		"wrong number, and no mail":       {ev: cadence.Responded{Kind: cadence.WrongNumber, Step: -1}, change: func(e *cadence.Enrollment) { e.Lead.Email = false }, end: cadence.EndUnreachable},
		"replied":                         {ev: cadence.Responded{Kind: cadence.Reply, Step: -1}, kind: cadence.TaskTriage},
		"clicked":                         {ev: cadence.Responded{Kind: cadence.Click, Step: -1}},
		"away":                            {ev: cadence.Responded{Kind: cadence.OutOfOffice, Step: -1}},
		"not interested":                  {ev: cadence.Responded{Kind: cadence.NotInterested, Step: -1}, end: cadence.EndNotInterested},
		"asked out":                       {ev: cadence.Responded{Kind: cadence.Unsubscribe, Step: -1}, end: cadence.EndOptedOut},
		"not now":                         {ev: cadence.Responded{Kind: cadence.NotNow, Step: -1}, enrolls: true},
		"a lead that a cadence waits for": {ev: cadence.Responded{Kind: cadence.Done, Step: -1}, change: func(e *cadence.Enrollment) { e.Lead.Untaken = false }},
	} {
		before := e
		if c.change != nil {
			c.change(&before)
		}
		after, actions := cadence.Decide(p, before, c.ev, now)
		var task *cadence.OpenTask
		var end cadence.EndReason
		enrolls, tasks := false, 0
		for _, a := range actions {
			switch a := a.(type) {
			case cadence.OpenTask:
				task, tasks = &a, tasks+1
			case cadence.EndLead:
				end = a.End
			case cadence.EnrollIn:
				enrolls = true
			}
		}
		if after.State != cadence.Finished || end != c.end || enrolls != c.enrolls || tasks > 1 || (task != nil) != (c.kind != "") {
			t.Errorf("%s: %s, ended %q, enrolled %t, %d tasks: %#v", name, after.State, end, enrolls, tasks, actions)
			continue
		}
		if task != nil && (task.Kind != c.kind || task.UntilTaken != c.until || task.DueBy.Before(now.Add(time.Hour)) || task.Reason == "") {
			t.Errorf("%s: asked is %+v", name, task)
		}
	}
}
