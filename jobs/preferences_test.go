package jobs

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/internal/token"
	"nurture/store"
)

// prefer chooses on the preference page of a touch, on a form of its own.
func (r *rig) prefer(touchID int64, choices ...Choice) Standing {
	r.t.Helper()
	s, err := r.Prefer(r.ctx, r.Tokens().Make(token.Preferences, touchID), "form "+itoa(serial.Add(1)), choices, nil)
	must(r.t, err)
	return s
}

// notNow is a first cadence with a rule of its own for "not now", and how it ends.
func notNow(rule, then string) map[string]string {
	files := firstSeven(mailStep + laterMail)
	text := files["cadences/first-seven.yaml"]
	files["cadences/first-seven.yaml"] = strings.Replace(text, "then: { move_to: long-game }", "on_response:\n  not_now: "+rule+"\nthen: "+then, 1)
	return files
}

// TestARestIsKeptWhateverTheCadenceSays asks for a rest in cadences that make different things of "not now": nothing leaves before its end.
func TestARestIsKeptWhateverTheCadenceSays(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"starter":        nil,
		"ignores it":     notNow("{ continue: true }", "{ move_to: long-game }"),
		"short pause":    notNow("{ pause: 2 days }", "{ move_to: long-game }"),
		"moves at once":  notNow("{ move_to: long-game, else: 1 day }", "{ move_to: long-game }"),
		"moves to first": notNow("{ move_to: event-follow-up }", "{ move_to: long-game }"),
		"closes":         notNow("{ pause_until: stated_date, else: 1 day }", "{ close: true }"),
	} {
		for choice, months := range pauseMonths {
			if files != nil && choice != PauseThree {
				continue // how long makes no difference to what a rule does
			}
			t.Run(name+" "+string(choice), func(t *testing.T) {
				t.Parallel()
				r := newLiveRig(t, files)
				id := r.planned(1)[0]
				s := r.prefer(id, choice)
				end := wholeDay(tenOClock).AddDate(0, months, 0)
				if s.QuietUntil == nil || s.QuietUntil.Before(end.Add(-14*time.Hour)) || s.Stopped {
					t.Fatalf("standing %+v, want a rest until %s", s, end)
				}
				if got := r.touch(id); got.State != "skipped" {
					t.Errorf("the touch in hand is %s", got.State)
				}
				for day := tenOClock; day.Before(end.Add(-24 * time.Hour)); day = day.AddDate(0, 0, 5) {
					r.at(day)
					r.tick()
				}
				if n := len(r.touchIDs("planned")); n != 0 {
					t.Errorf("%d touches are planned before %s", n, end)
				}
				r.noLeaks()
			})
		}
	}
}

func TestLessOften(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	id := r.planned(1)[0]
	if s := r.prefer(id, LessOften); !s.LessOften || s.CallsOff || s.MailOff {
		t.Errorf("standing %+v", s)
	}
	if got := r.running(r.leadOf(id)); got.CadenceKey != "long-game" || got.State != "active" {
		t.Errorf("in %s, %s", got.CadenceKey, got.State)
	}
	before := r.dump()
	r.prefer(id, LessOften)
	if got := r.running(r.leadOf(id)); got.CadenceKey != "long-game" {
		t.Errorf("asked again, in %s; before\n%s", got.CadenceKey, before)
	}
	r.noLeaks()

	elsewhere := newLiveRig(t, notNow("{ move_to: event-follow-up }", "{ move_to: long-game }")) // which is no slower
	id = elsewhere.planned(1)[0]
	if s := elsewhere.prefer(id, LessOften); !s.LessOften || elsewhere.running(elsewhere.leadOf(id)).CadenceKey != "long-game" {
		t.Errorf("standing %+v in %s", s, elsewhere.running(elsewhere.leadOf(id)).CadenceKey)
	}

	closing := newLiveRig(t, notNow("{ continue: true }", "{ close: true }")) // there is no slower cadence
	id = closing.planned(1)[0]
	s := closing.prefer(id, LessOften)
	if s.QuietUntil == nil || s.QuietUntil.Before(tenOClock.AddDate(0, 0, lessOftenGap-1)) {
		t.Errorf("standing %+v", s)
	}
}

func TestNeverCallAndStop(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(callStep+mailStep))
	ids := r.planned(2)
	r.sendNow(cadence.ChannelCall, ids...)
	lead := r.leadOf(ids[0])
	if s := r.prefer(ids[0], NeverCall); !s.CallsOff || s.MailOff || s.Stopped {
		t.Errorf("standing %+v", s)
	}
	if kinds := r.tasksAbout(lead); len(kinds) != 0 {
		t.Errorf("open tasks %v after never call", kinds)
	}
	if got := r.running(lead); got.State != "active" {
		t.Errorf("the cadence is %s, want it to go on by mail", got.State)
	}
	if s := r.prefer(ids[1], PauseThree, StopContact, NeverCall); !s.Stopped {
		t.Errorf("standing %+v", s)
	}
	if got := r.lead(r.leadOf(ids[1])); got.EndReason != "opted_out" || !got.EmailSuppressed || !got.PhoneSuppressed {
		t.Errorf("lead %+v", got)
	}
	responses, err := store.LeadResponses(r.ctx, r.pool, r.leadOf(ids[1]))
	must(t, err)
	if len(responses) != 1 || responses[0].Kind != cadence.Unsubscribe || responses[0].Source != "preferences" || responses[0].By != theLead {
		t.Errorf("responses %+v", responses)
	}
	r.noLeaks()
}

// TestTheSameFormCountsOnce sends a form again after a person has ended the pause: the person's word stays.
func TestTheSameFormCountsOnce(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, notNow("{ continue: true }", "{ move_to: long-game }"))
	id := r.planned(1)[0]
	tok := r.Tokens().Make(token.Preferences, id)
	_, err := r.Prefer(r.ctx, tok, "form", []Choice{PauseSix}, nil)
	must(t, err)
	r.exec(`UPDATE enrollments SET due_at = $1`, tenOClock.Add(time.Hour))
	before := r.dump()
	_, err = r.Prefer(r.ctx, tok, "form", []Choice{PauseSix}, nil)
	must(t, err)
	if after := r.dump(); after != before {
		t.Errorf("the same form again made\n%s\nof\n%s", after, before)
	}
	if s := r.prefer(id, PauseSix); s.QuietUntil == nil {
		t.Errorf("a new form does not count: %+v", s)
	}
}

// TestARestHoldsIntakeOff is a lead that waits for audience rules when it asks for a rest.
func TestARestHoldsIntakeOff(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	id := r.planned(1)[0]
	lead := r.leadOf(id)
	r.exec(`UPDATE enrollments SET state = 'finished', due_at = NULL`)
	r.exec(`UPDATE leads SET intake_at = $1`, r.clock.Now())
	if s := r.prefer(id, PauseMonth); s.Idle || s.QuietUntil == nil || s.QuietUntil.Before(wholeDay(tenOClock).AddDate(0, 1, -1)) {
		t.Errorf("standing %+v", s)
	}
	r.tick()
	if got := r.lead(lead); got.IntakeAt == nil || got.IntakeAt.Before(wholeDay(tenOClock).AddDate(0, 1, 0)) {
		t.Errorf("intake looks at the lead at %v", got.IntakeAt)
	}
	r.exec(`UPDATE leads SET intake_at = NULL`)
	if s := r.prefer(id, PauseMonth); !s.Idle || s.QuietUntil != nil {
		t.Errorf("standing %+v", s)
	}
	if got := r.lead(lead); got.IntakeAt != nil {
		t.Error("a lead that waits for nothing is given to intake")
	}
}

func TestChoicesThatAreNone(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	id := r.planned(1)[0]
	before := r.dump()
	tok := r.Tokens().Make(token.Preferences, id)
	if _, err := r.Prefer(r.ctx, tok, "", []Choice{PauseMonth, "sing\x00\xff"}, nil); !errors.Is(err, ErrUnknownChoice) {
		t.Errorf("error %v", err)
	}
	for _, bad := range []string{"", tok + "x", r.Tokens().Make(token.Unsubscribe, id)} {
		if _, err := r.Prefer(r.ctx, bad, "", []Choice{PauseMonth}, nil); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := r.Preferences(r.ctx, r.Tokens().Make(token.Preferences, id+1000)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a touch that is gone: %v", err)
	}
	if after := r.dump(); after != before {
		t.Errorf("changed\n%s", after)
	}
}

// selfQualified is a set of answers that would promote if a person had heard them.
var selfQualified = map[string]string{
	"major_hazards": "yes", "people_to_train": "12", "driver": "audit_finding", "wants_on_site": "yes", "funding": "training_budget",
	"part_in_decision": "decides", "months_to_decision": "3",
}

// TestAFormAloneNeverPromotes is A5 and A6: it opens a task to verify by a call, once.
func TestAFormAloneNeverPromotes(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	id := r.planned(1)[0]
	lead := r.leadOf(id)
	origin := r.lead(lead).Origin
	for range 3 {
		must(t, r.SelfQualify(r.ctx, r.Tokens().Make(token.SelfQualify, id), "form", selfQualified))
		r.evaluateAll()
	}
	if kinds := r.tasksAbout(lead); !slices.Equal(kinds, []cadence.TaskKind{cadence.TaskVerify}) {
		t.Errorf("open tasks %v, want one to verify", kinds)
	}
	if n := r.count(`SELECT count(*) FROM handoffs`); n != 0 {
		t.Errorf("%d handoffs on a form alone", n)
	}
	if n := r.count(`SELECT count(*) FROM facts WHERE class = 2`); n != len(selfQualified) {
		t.Errorf("%d facts, want %d", n, len(selfQualified))
	}
	if got := r.lead(lead); got.Origin != origin || got.Stage == "handed_off" {
		t.Errorf("origin %s, stage %s", got.Origin, got.Stage)
	}
}

func TestAnswersThatCannotBeRead(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	tok := r.Tokens().Make(token.SelfQualify, r.planned(1)[0])
	before := r.dump()
	err := r.SelfQualify(r.ctx, tok, "n", map[string]string{
		"people_to_train": "a few", "driver": "revenge", "months_to_decision": "2031", "major_hazards": "\x00yes\xff", "funding": strings.Repeat("x", MaxAnswer+1), "no_such": "1",
	})
	var problems AnswerProblems
	if !errors.As(err, &problems) || len(problems) != 4 || problems["major_hazards"] != "" || strings.Contains(problems["driver"], "driver:") {
		t.Errorf("problems %v", err)
	}
	for _, blank := range []map[string]string{nil, {"driver": " \x00 "}, {"no_such": "1"}} {
		if err := r.SelfQualify(r.ctx, tok, "n", blank); !errors.Is(err, ErrUnanswered) {
			t.Errorf("%v: %v", blank, err)
		}
	}
	if after := r.dump(); after != before {
		t.Errorf("changed\n%s", after)
	}
}
