package cadence_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"nurture/cadence"
	"nurture/cadence/uld"
)

// A scenario is a txtar file: what it shows, then
//
//   - cadence: the name of a plan of plans_test.go
//   - lead: what is not as usual, one a line: "no phone", "no email", "no consent", "no zone", "zone NAME", "stage NAME"
//   - events: "at 2026-03-02 09:00: EVENT", "when due: EVENT" or "then: EVENT", in the lead's time
//   - want: each event again with its actions, and after "=" what the enrolment has become; make golden writes it
func TestScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d scenarios, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := newScenario(t, archive)
			got := s.run(section(archive, "events"))
			if os.Getenv("NURTURE_UPDATE_GOLDEN") == "1" {
				setSection(archive, "want", got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(section(archive, "want"), got); diff != "" {
				t.Errorf("want −, got +:\n%s", diff)
			}
		})
	}
}

func section(a *txtar.Archive, name string) string {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func setSection(a *txtar.Archive, name, text string) {
	for i := range a.Files {
		if a.Files[i].Name == name {
			a.Files[i].Data = []byte(text)
			return
		}
	}
	a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(text)})
}

type scenario struct {
	t    *testing.T
	plan cadence.Plan
	e    cadence.Enrollment
	now  time.Time
	log  strings.Builder
}

func newScenario(t *testing.T, a *txtar.Archive) *scenario {
	t.Helper()
	name := strings.TrimSpace(section(a, "cadence"))
	p, ok := plans()[name]
	if !ok {
		t.Fatalf("no plan %q", name)
	}
	s := &scenario{t: t, plan: p, e: pending()}
	for line := range strings.Lines(section(a, "lead")) {
		words := strings.Fields(line)
		switch strings.Join(words[:min(2, len(words))], " ") {
		case "no phone":
			s.e.Lead.Phone = false
		case "no email":
			s.e.Lead.Email = false
		case "no consent":
			s.e.Lead.VoicemailConsent = false
		case "no zone":
			s.e.Lead.Place.Zones = nil
		default:
			switch words[0] {
			case "zone":
				s.e.Lead.Place.Zones = words[1:]
			case "stage":
				s.e.Lead.Stage = cadence.Stage(words[1])
			default:
				t.Fatalf("lead: %q", line)
			}
		}
	}
	return s
}

func (s *scenario) run(events string) string {
	for line := range strings.Lines(events) {
		when, what, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			s.t.Fatalf("events: %q", line)
		}
		switch clock, absolute := strings.CutPrefix(when, "at "); {
		case absolute:
			s.now = at(s.t, clock)
		case when == "when due":
			if s.e.Due == nil {
				s.t.Fatalf("%q, but nothing is due\n%s", line, s.log.String())
			}
			s.now = s.e.Due.At
		case when != "then":
			s.t.Fatalf("events: %q", line)
		}
		s.step(what)
	}
	return s.log.String()
}

func (s *scenario) step(what string) {
	ev := s.event(strings.Fields(what))
	switch ev.(type) { // the claim spends an attempt
	case cadence.TouchSent, cadence.TouchUnknown, cadence.TouchFailed:
		s.e.Attempts++
	}
	before := s.e
	var actions []cadence.Action
	s.e, actions = cadence.Decide(s.plan, s.e, ev, s.now)
	fmt.Fprintf(&s.log, "%s  %s\n", s.clock(s.now), what)
	for _, a := range actions {
		fmt.Fprintf(&s.log, "    %s\n", s.action(a))
	}
	if len(actions) == 0 && cmp.Equal(before, s.e) {
		s.log.WriteString("    = unchanged\n")
		return
	}
	fmt.Fprintf(&s.log, "    = %s\n", s.state())
}

// event reads an event of the touch in hand, or with "of step N run N" of another.
func (s *scenario) event(words []string) cadence.Event {
	step, run, words := s.stepRun(words, s.e.Step, s.e.Run, "of")
	rest := words[1:]
	arg := ""
	if len(rest) > 0 {
		arg = rest[0]
	}
	switch words[0] {
	case "enrolled":
		return cadence.Enrolled{NotBefore: s.date(rest)}
	case "due":
		return cadence.FellDue{}
	case "sent":
		return cadence.TouchSent{Step: step, Run: run}
	case "unknown":
		return cadence.TouchUnknown{Step: step, Run: run}
	case "failed":
		return cadence.TouchFailed{Step: step, Run: run, Reason: cadence.Reason(arg)}
	case "refused":
		return cadence.TouchRefused{Step: step, Run: run, Reason: cadence.Reason(arg)}
	case "expired":
		return cadence.TaskExpired{Step: step, Run: run}
	case "verdict":
		return s.verdict(rest)
	case "colleague":
		return cadence.ColleagueResponded{}
	case "paused":
		return cadence.PausedByPerson{Until: s.date(rest)}
	case "resumed":
		return cadence.ResumedByPerson{}
	case "stopped":
		return cadence.StoppedByPerson{End: cadence.EndReason(arg)}
	case "suppressed":
		return cadence.Suppressed{Scope: cadence.SuppressScope(arg)}
	}
	return s.response(words)
}

// response reads "KIND", "KIND answers", "KIND answers step N run N", each with "until DATE" or "until DATE HH:MM".
func (s *scenario) response(words []string) cadence.Event {
	ev := cadence.Responded{Kind: cadence.ResponseKind(words[0]), Step: -1, Date: s.date(words[1:])}
	if len(words) > 1 && words[1] == "answers" {
		ev.Step, ev.Run, _ = s.stepRun(words, s.e.Step, s.e.Run, "answers")
	}
	if _, ok := cadence.DefaultRules()[ev.Kind]; !ok {
		s.t.Fatalf("no event %q", words[0])
	}
	return ev
}

// stepRun takes "AFTER step N run N" out of words; steps count from 1 as people do.
func (s *scenario) stepRun(words []string, step, run int, after string) (int, int, []string) {
	for i, w := range words {
		if w != after || i+4 >= len(words) || words[i+1] != "step" {
			continue
		}
		if _, err := fmt.Sscan(words[i+2]+" "+words[i+4], &step, &run); err != nil {
			s.t.Fatal(err)
		}
		return step - 1, run, append(append([]string(nil), words[:i]...), words[i+5:]...)
	}
	return step, run, words
}

// date reads "until DATE", a whole day as responses carry it, or "until DATE HH:MM" in the lead's time.
func (s *scenario) date(words []string) *time.Time {
	for i, w := range words {
		if w != "until" {
			continue
		}
		day, err := time.Parse(time.DateOnly, words[i+1])
		if err != nil {
			s.t.Fatal(err)
		}
		if i+2 < len(words) {
			day = at(s.t, words[i+1]+" "+words[i+2])
		}
		return &day
	}
	return nil
}

func (s *scenario) verdict(words []string) cadence.Event {
	ev := cadence.Evaluated{Outcome: uld.Outcome(words[0])}
	for i := 1; i+1 < len(words); i += 2 {
		switch list := strings.Split(words[i+1], ","); words[i] {
		case "missing":
			ev.Missing = list
		case "verify":
			ev.Verify = list
		}
	}
	return ev
}

func (s *scenario) clock(t time.Time) string {
	loc, err := time.LoadLocation(berlin)
	if err != nil {
		s.t.Fatal(err)
	}
	return t.In(loc).Format("Mon 2006-01-02 15:04")
}

func (s *scenario) state() string {
	out := string(s.e.State)
	if s.e.State != cadence.Running {
		out += " (" + string(s.e.Reason) + ")"
	}
	if s.e.State == cadence.Finished {
		return out
	}
	out += ", " + s.stepName(s.e.Step, s.e.Run)
	if s.e.InFlight {
		out += ", in flight"
	}
	if d := s.e.Due; d != nil {
		out += ", due " + s.clock(d.At) + " (" + string(d.Reason) + ")"
	}
	return out
}

func (s *scenario) stepName(step, run int) string {
	if step >= len(s.plan.Steps) {
		return "past the last step"
	}
	name := fmt.Sprintf("step %d %s", step+1, s.plan.Steps[step].Key)
	if run > 1 {
		name += fmt.Sprintf(" run %d", run)
	}
	return name
}

func (s *scenario) action(a cadence.Action) string {
	switch a := a.(type) {
	case cadence.PlanTouch:
		return fmt.Sprintf("plan %s %s, until %s (%s)", a.Channel, s.stepName(a.Step, a.Run), s.clock(a.WindowEnds), a.Reason)
	case cadence.SkipTouch:
		return fmt.Sprintf("skip %s %s (%s)", a.Channel, s.stepName(a.Step, a.Run), a.Reason)
	case cadence.CancelOpen:
		if a.Only != nil {
			return fmt.Sprintf("cancel %s (%s)", s.stepName(a.Only.Step, a.Only.Run), a.Reason)
		}
		return fmt.Sprintf("cancel what is open (%s)", a.Reason)
	case cadence.OpenTask:
		ask := ""
		if len(a.Ask) > 0 {
			ask = ", ask " + strings.Join(a.Ask, " and ")
		}
		return fmt.Sprintf("task %s by %s%s (%s)", a.Kind, s.clock(a.DueBy), ask, a.Reason)
	case cadence.Suppress:
		return fmt.Sprintf("suppress %s (%s)", a.Scope, a.Reason)
	case cadence.InvalidatePhone:
		return fmt.Sprintf("invalidate phone (%s)", a.Reason)
	case cadence.MoveStage:
		return fmt.Sprintf("stage %s (%s)", a.To, a.Reason)
	case cadence.HandOff:
		if len(a.Missing) > 0 {
			return fmt.Sprintf("hand off, blocked by %s (%s)", strings.Join(a.Missing, " and "), a.Reason)
		}
		return fmt.Sprintf("hand off (%s)", a.Reason)
	case cadence.EnrollIn:
		if a.NotBefore != nil {
			return fmt.Sprintf("enrol in %s from %s (%s)", a.Cadence, s.clock(*a.NotBefore), a.Reason)
		}
		return fmt.Sprintf("enrol in %s (%s)", a.Cadence, a.Reason)
	case cadence.EndLead:
		return fmt.Sprintf("end lead: %s (%s)", a.End, a.Reason)
	case cadence.TellColleagues:
		return fmt.Sprintf("tell colleagues (%s)", a.Reason)
	}
	s.t.Fatalf("unknown action %T", a)
	return ""
}
