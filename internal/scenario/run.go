// Package scenario runs what marketers write in tests/*.yaml: one lead on a virtual clock, through the decision core, the calendar and the
// definition that the workers run, without a database. It plays the world that a scenario does not mention: every mail leaves when it
// is due, every call task is filed and nobody works it unless an event says so.
package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
	"nurture/config"
)

// Result is what came of a scenario.
type Result struct {
	Scenario config.Scenario
	Timeline []Entry
	Failures []Failure // none: it passed
	Zone     string    // the lead's, in which times are shown
	matched  int       // index of the last entry that an expectation was matched with
}

// horizon is how far a scenario is run past its last event, unless it says otherwise: more than a year, so that "nobody answers" reaches
// the end of a cadence.
const horizon = 400 * 24 * time.Hour

// Run plays a scenario of a configuration and compares.
func Run(c *config.Config, s config.Scenario) Result {
	r := &run{config: c, scenario: s, taskDue: map[cadence.StepRun]time.Time{}}
	r.lead = r.newLead()
	r.now = s.Start
	until := s.Until
	if until.IsZero() {
		until = s.Start.Add(horizon)
		for _, e := range s.Expect {
			for _, m := range []config.Moment{e.At, e.Until} {
				if m.Given() && m.To.Add(24*time.Hour).After(until) {
					until = m.To.Add(24 * time.Hour)
				}
			}
		}
	}
	begun := r.play(until)
	result := Result{Scenario: s, Timeline: r.timeline, Zone: r.zone(), Failures: r.broken, matched: -1}
	if !begun { // which is all there is to say: nothing that is expected can happen
		return result
	}
	missed, matched := compare(s, r.timeline, result.Zone, r.cut)
	result.Failures, result.matched = append(r.broken, missed...), matched
	return result
}

// run is a scenario being played.
type run struct {
	config   *config.Config
	scenario config.Scenario
	now      time.Time
	lead     cadence.Lead
	facts    []uld.Fact
	because  string     // of the last verdict
	named    *time.Time // from when on the lead wants to hear of us again; nil: it named no day
	refused  time.Time  // when sales or the lead last said no
	turn     time.Time  // when time alone changes the verdict, if it does:
	turns    bool

	plan     cadence.Plan
	core     cadence.Enrollment
	cycle    int
	attempts int
	enrolled bool

	rings      []time.Time // calls and voicemail drops
	bounces    int         // soft ones in a row
	bouncedAt  time.Time
	latest     map[string]cadence.StepRun // by step key, of this enrolment
	latestMail cadence.StepRun
	mailed     bool
	touchedAt  map[string]time.Time // by step key, of all enrolments
	taskDue    map[cadence.StepRun]time.Time
	base       time.Time // what the next "after" counts from

	timeline []Entry
	broken   []Failure
	cut      time.Time // where the run ended with something still to come; zero: there was nothing more
}

func (r *run) zone() string {
	if zones := r.scenario.Lead.Place.Zones; len(zones) > 0 {
		return zones[0]
	}
	return r.config.Settings.Zone
}

func (r *run) location() *time.Location {
	if loc, err := calendar.Location(r.zone()); err == nil {
		return loc
	}
	return time.UTC
}

func (r *run) newLead() cadence.Lead {
	s := r.scenario.Lead
	lead := cadence.Lead{
		ID: 1, Key: s.Key, Place: s.Place, ZoneAssumed: s.ZoneAssumed, Email: s.Email, Phone: s.Phone,
		VoicemailConsent: s.ConsentVoicemail, Stage: s.Stage, TopicsOff: s.TopicsOff, Fields: maps.Clone(s.Fields),
		Language: s.Fields["lead.language"].Text,
	}
	lead.Fields["consent.email"] = predicate.Bool(s.ConsentEmail)
	lead.Fields["consent.voicemail"] = predicate.Bool(s.ConsentVoicemail)
	lead.Fields["consent.call"] = predicate.Bool(s.ConsentCall)
	for _, f := range s.Facts {
		value, ok := r.answer(r.scenario.Where, f.Criterion, f.Value.Text, r.scenario.Start)
		if !ok {
			continue
		}
		f.Value, f.At = value, r.scenario.Start
		r.facts = append(r.facts, f)
	}
	return lead
}

// answer reads an answer on the day that it is where the lead is. The reader of scenarios has refused what is none on any day; what is past by then,
// it could not know.
func (r *run) answer(where config.Problem, key, said string, at time.Time) (predicate.Value, bool) {
	value, err := r.config.Definition.ParseAnswer(key, said, at.In(r.location()))
	if err != nil {
		r.fail(where, err.Error())
	}
	return value, err == nil
}

// play enrols the lead and lets time pass until there is nothing more to do, or until. False when no cadence takes the lead.
func (r *run) play(until time.Time) bool {
	r.base = r.now
	r.latest, r.touchedAt = map[string]cadence.StepRun{}, map[string]time.Time{}
	if !r.begin() {
		return false
	}
	events := r.scenario.Events
	for {
		at, what, ok := r.next(events)
		if !ok {
			break
		}
		if at.After(until) {
			r.cut = until
			break
		}
		if at.After(r.now) {
			r.now = at
		}
		if what == nextEvent {
			r.happen(events[0])
			events = events[1:]
			if grown := r.now.Add(horizon); r.scenario.Until.IsZero() && grown.After(until) {
				until = grown
			}
			continue
		}
		r.fall(what)
	}
	for _, e := range events {
		r.fail(e.Where, "this never happened: "+r.unreached(e))
	}
	return true
}

// begin puts the lead into its cadence.
func (r *run) begin() bool {
	key := r.scenario.Cadence
	if key == "" {
		if key = r.taker(); key == "" {
			where := r.scenario.Where
			where.Hint = "name a cadence with cadence:, or make the lead as an audience wants it"
			r.fail(where, "no cadence's audience takes this lead: "+r.refusals())
			return false
		}
	}
	r.turn, r.turns = uld.NextTurn(r.config.Definition, r.facts, r.scenario.Lead.SelfQualified, r.now)
	r.enrol(key, nil, true)
	return true
}

// taker gives the cadence whose audience takes the lead, as intake chooses it; "" for none.
func (r *run) taker() string {
	look := r.look()
	for _, key := range slices.Sorted(maps.Keys(r.config.Plans)) {
		if plan := r.config.Plans[key]; plan.IntakePerDay >= 0 && plan.Audience.Eval(look) == predicate.True {
			return key
		}
	}
	return ""
}

// refusals says why no cadence takes the lead.
func (r *run) refusals() string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(r.config.Plans)) {
		why := r.config.Plans[key].Audience.Explain(r.look())
		if r.config.Plans[key].IntakePerDay < 0 {
			why = "it takes nobody by itself"
		}
		all = append(all, key+": "+why)
	}
	return strings.Join(all, "; ")
}

// look is how audience rules look at the lead.
func (r *run) look() predicate.Lookup {
	fields := r.fields()
	return func(field string) (predicate.Value, bool) { v, ok := fields[field]; return v, ok }
}

// fields are what audience rules and branches look at, as they stand now.
func (r *run) fields() map[string]predicate.Value {
	fields := maps.Clone(r.lead.Fields)
	fields["lead.stage"] = predicate.Text(string(r.lead.Stage))
	uld.AddAnswers(fields, r.config.Definition.Answers(r.facts, r.now))
	return fields
}

// enrol begins a run through a cadence.
func (r *run) enrol(key string, notBefore *time.Time, newCycle bool) {
	plan, ok := r.config.Plans[key]
	if !ok {
		return
	}
	if newCycle {
		r.cycle, r.attempts = r.cycle+1, 0
	}
	r.plan, r.enrolled = plan, true
	r.core = cadence.Enrollment{ID: int64(r.cycle), State: cadence.Pending, Cycle: r.cycle, LastRun: -1}
	r.latest, r.mailed = map[string]cadence.StepRun{}, false
	clear(r.taskDue)
	r.decide(cadence.Enrolled{NotBefore: notBefore})
}

// What can come next.
const (
	nextDue   = "due"
	nextTask  = "task"
	nextTurn  = "turn"
	nextEvent = "event"
)

// next tells what comes first: the appointment, the end of a task, or the next event. At one instant the program is faster than people.
func (r *run) next(events []config.ScenarioEvent) (at time.Time, what string, ok bool) {
	consider := func(t time.Time, w string) {
		if !ok || t.Before(at) {
			at, what, ok = t, w, true
		}
	}
	if r.turns && r.lead.Weighable() {
		consider(r.turn, nextTurn)
	}
	if r.core.Due != nil && r.core.State != cadence.Finished {
		consider(r.core.Due.At, nextDue)
	}
	if due, open := r.taskDue[cadence.StepRun{Step: r.core.Step, Run: r.core.Run}]; open && r.core.InFlight {
		consider(due, nextTask)
	}
	if len(events) > 0 {
		if t, known := r.timeOf(events[0]); known {
			consider(t, nextEvent)
		}
	}
	return at, what, ok
}

// timeOf gives when an event happens; false while the touch that it follows has not been made.
func (r *run) timeOf(e config.ScenarioEvent) (time.Time, bool) {
	if !e.At.IsZero() {
		return e.At, true
	}
	base := r.base
	if e.Answers != "" {
		made, ok := r.touchedAt[e.Answers]
		if !ok {
			return time.Time{}, false
		}
		base = made
	}
	// Days keep the reading of the lead's clock, as the waits of steps do.
	at := base.In(r.location()).AddDate(0, 0, e.After.Days).Add(time.Duration(e.After.Hours) * time.Hour).UTC()
	if at.Before(r.now) {
		at = r.now
	}
	return at, true
}

// unreached says why an event could not happen.
func (r *run) unreached(e config.ScenarioEvent) string {
	if _, known := r.timeOf(e); !known {
		return fmt.Sprintf("it answers %q, and no touch of that step was made", e.Answers)
	}
	return "the run ended before"
}

func (r *run) fail(where config.Problem, message string) {
	where.Message = message
	r.broken = append(r.broken, Failure{Problem: where})
}
