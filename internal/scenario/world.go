package scenario

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"nurture/cadence"
	"nurture/cadence/uld"
	"nurture/config"
)

// fall is something that comes by the clock alone.
func (r *run) fall(what string) {
	if what == nextTurn {
		r.weigh(true)
		return
	}
	if what == nextTask {
		r.note(Entry{Kind: "overdue", Name: r.plan.Steps[r.core.Step].Key, Cadence: r.plan.Key, Run: r.core.Run})
		r.decide(cadence.TaskExpired{Step: r.core.Step, Run: r.core.Run})
		return
	}
	r.decide(cadence.FellDue{})
}

// decide asks the core and carries out what it says.
func (r *run) decide(ev cadence.Event) {
	r.core.Lead, r.core.Attempts = r.lead, r.attempts
	r.core.Lead.Fields = r.fields()
	plan := r.plan
	plan.CallHours = r.config.Settings.Compliance.CallHours(r.lead.Place)
	before := r.core
	after, actions := cadence.Decide(plan, r.core, ev, r.now)
	r.core = after
	recent, fields := r.lead.Recent, r.lead.Fields
	r.lead = after.Lead
	r.lead.Recent, r.lead.Fields = recent, fields
	if after.State == cadence.Finished && before.State != cadence.Finished {
		r.note(Entry{Kind: "finish", Name: string(after.Reason), Cadence: plan.Key})
	}
	if after.State == cadence.Paused && (before.State != cadence.Paused || before.Reason != after.Reason || moved(before.Due, after.Due)) {
		e := Entry{Kind: "pause", Name: string(after.Reason), Cadence: plan.Key}
		if after.Due != nil {
			e.Until = after.Due.At
		}
		r.note(e)
	}
	for _, action := range actions {
		r.perform(plan, action)
	}
	for _, action := range actions { // what leads to further decisions comes when this one is carried out
		switch a := action.(type) {
		case cadence.PlanTouch:
			r.touch(plan, a)
		case cadence.EnrollIn:
			next := r.config.Plans[a.Cadence]
			r.enrol(a.Cadence, a.NotBefore, next.Term != plan.Term || next.Term == cadence.LongTerm)
		}
	}
}

// moved reports whether an appointment is another.
func moved(a, b *cadence.Due) bool {
	return (a == nil) != (b == nil) || a != nil && !a.At.Equal(b.At)
}

// perform carries one action out.
func (r *run) perform(plan cadence.Plan, action cadence.Action) {
	switch a := action.(type) {
	case cadence.SkipTouch:
		r.note(Entry{
			Kind: "skip", Name: plan.Steps[a.Step].Key, Cadence: plan.Key, Channel: a.Channel, Run: a.Run, Reason: a.Reason,
		})
	case cadence.CancelOpen:
		for key := range r.taskDue {
			if a.Kind == "" && (a.Only == nil || *a.Only == key) {
				delete(r.taskDue, key)
			}
		}
	case cadence.OpenTask:
		r.note(Entry{Kind: "task", Name: string(a.Kind), Reason: a.Reason, By: a.DueBy, Ask: a.Ask})
	case cadence.Suppress:
		r.note(Entry{Kind: "suppress", Name: string(a.Scope), Reason: a.Reason})
	case cadence.MoveStage:
		r.note(Entry{Kind: "stage", Name: string(a.To), Reason: a.Reason})
	case cadence.HandOff:
		state := "offered"
		if len(a.Missing) > 0 {
			state = "blocked"
		}
		r.note(Entry{Kind: "handoff", Name: state, Reason: a.Reason, Missing: a.Missing})
	case cadence.EnrollIn:
		e := Entry{Kind: "move", Name: a.Cadence, Reason: a.Reason}
		if a.NotBefore != nil {
			e.Until = *a.NotBefore
		}
		r.note(e)
	case cadence.EndLead:
		r.note(Entry{Kind: "end", Name: string(a.End), Reason: a.Reason})
	case cadence.PlanTouch, cadence.InvalidatePhone, cadence.TellColleagues: // decide makes the touch; the lead that the core gives back says the one, the other is not about this lead
	}
}

// touch claims a touch as a worker does, and makes it: mails leave, voicemail drops ring, tasks are filed.
func (r *run) touch(plan cadence.Plan, a cadence.PlanTouch) {
	step := plan.Steps[a.Step]
	key := cadence.StepRun{Step: a.Step, Run: a.Run}
	rings := step.Kind == cadence.StepCall || step.Kind == cadence.StepVoicemail
	facts := cadence.TouchFacts{
		State: r.core.State, Moved: r.core.Step != a.Step || r.core.Run != a.Run, Address: r.lead.Email,
		Attempts: r.attempts, Budget: plan.Budget, WindowEnds: a.WindowEnds, Now: r.now,
	}
	if rings {
		facts.Address = r.lead.Phone
		facts.CallRoom = cadence.CallRoom(r.rings, r.config.Settings.Compliance.MaxCalls(r.lead.Place), r.now)
	}
	if reason := cadence.RefuseTouch(facts); reason != "" {
		r.decide(cadence.TouchRefused{Step: a.Step, Run: a.Run, Reason: reason, Again: facts.CallRoom})
		return
	}
	r.attempts++
	r.lead.Recent = append(r.lead.Recent, r.now)
	r.lead.Had = append(r.lead.Had, cadence.Had(a.Channel, a.Variant.Template))
	if rings {
		r.rings = append(r.rings, r.now)
	}
	r.note(Entry{
		Kind: "touch", Name: step.Key, Cadence: plan.Key, Channel: a.Channel, Run: a.Run, Variant: a.Variant.Name,
		Template: a.Variant.Template, Reason: a.Reason, Attempt: r.attempts, Budget: plan.Budget,
	})
	r.latest[step.Key], r.touchedAt[step.Key] = key, r.now
	if a.Channel == cadence.ChannelEmail {
		r.latestMail, r.mailed = key, true
	}
	if a.Channel == cadence.ChannelCall {
		if _, expires := plan.TaskTimes(step, r.lead.Place, r.now); expires != nil {
			r.taskDue[key] = *expires
		}
	}
	r.decide(cadence.TouchSent(key))
}

// happen is an event of the scenario.
func (r *run) happen(e config.ScenarioEvent) {
	r.base = r.now
	if e.Accepted {
		r.accept(e)
		return
	}
	response, isResponse := e.Event.(cadence.Responded)
	if !isResponse {
		r.note(Entry{Kind: "event", Name: nameOf(e.Event)})
		r.decide(e.Event)
		return
	}
	r.note(Entry{Kind: "event", Name: string(response.Kind)})
	if !r.address(e, &response) {
		return
	}
	r.learn(e, response.Kind)
	if response.Kind == cadence.NotNow || response.Kind == cadence.NotInterested || response.Kind == cadence.HandoffRejected {
		r.refused = r.now
		if response.Date != nil && (r.named == nil || response.Date.After(*r.named)) {
			r.named = response.Date
		}
	}
	response.InARow = r.countBounces(response.Kind)
	r.decide(response)
	r.weigh(false)
}

// nameOf says what an event is.
func nameOf(ev cadence.Event) string {
	switch ev := ev.(type) {
	case cadence.PausedByPerson:
		return "asked for a pause"
	case cadence.ResumedByPerson:
		return "a person ends the pause"
	case cadence.StoppedByPerson:
		return "a person takes the lead out of the cadence"
	case cadence.Suppressed:
		return "suppressed by a list: " + string(ev.Scope)
	case cadence.ColleagueResponded:
		return "a colleague answers"
	}
	return fmt.Sprintf("%T", ev)
}

// accept is sales taking the lead on.
func (r *run) accept(e config.ScenarioEvent) {
	r.note(Entry{Kind: "event", Name: "sales accepts the handoff"})
	if err := cadence.CheckStageMove(r.lead.Stage, cadence.StageAccepted, r.scenario.Lead.SelfQualified, ""); err != nil {
		r.fail(e.Where, "there is no handoff to accept: "+err.Error())
		return
	}
	r.lead.Stage = cadence.StageAccepted
	r.note(Entry{Kind: "stage", Name: string(cadence.StageAccepted)})
}

// address finds the touch that a response answers; false when there is none that was named.
func (r *run) address(e config.ScenarioEvent, response *cadence.Responded) bool {
	switch {
	case e.Answers != "":
		key, made := r.latest[e.Answers]
		if !made {
			if _, earlier := r.touchedAt[e.Answers]; earlier {
				return true // of a cadence that the lead has left since
			}
			r.fail(e.Where, fmt.Sprintf("it answers %q, and no touch of that step was made by then", e.Answers))
			return false
		}
		response.Step, response.Run = key.Step, key.Run
	case r.openTask() && byPerson(response.Kind):
		response.Step, response.Run = r.core.Step, r.core.Run
	case r.mailed && !slices.Contains(cadence.KindsOfCalls(), response.Kind):
		response.Step, response.Run = r.latestMail.Step, r.latestMail.Run
	}
	return true
}

// openTask reports whether the step in hand is a task that waits for a person.
func (r *run) openTask() bool {
	return r.core.InFlight && r.core.Step < len(r.plan.Steps) && r.plan.Steps[r.core.Step].Kind.Channel() == cadence.ChannelCall
}

// byPerson reports whether a response is what an SDR says of a task.
func byPerson(kind cadence.ResponseKind) bool {
	return slices.Contains(cadence.KindsOfCalls(), kind) || kind == cadence.MeetingSet || kind == cadence.Done
}

// learn takes the answers that come with a response.
func (r *run) learn(e config.ScenarioEvent, kind cadence.ResponseKind) {
	class := uld.HumanConfirmed
	if kind == cadence.FormFilled {
		class = uld.SelfAsserted
	}
	for _, key := range slices.Sorted(maps.Keys(e.Facts)) {
		value, ok := r.answer(e.Where, key, e.Facts[key], r.now)
		if !ok {
			continue
		}
		r.facts = append(r.facts, uld.Fact{ID: int64(len(r.facts) + 1), Criterion: key, Value: value, Class: class, At: r.now})
	}
}

// countBounces gives how many soft bounces have come in a row. A mail that has not bounced for a week begins the row anew.
func (r *run) countBounces(kind cadence.ResponseKind) int {
	const quiet = 7 * 24 * time.Hour
	switch {
	case kind == cadence.SoftBounce:
		if r.now.Sub(r.bouncedAt) > quiet {
			r.bounces = 0
		}
		r.bounces++
		r.bouncedAt = r.now
	case kind.ShowsLife():
		r.bounces = 0
	}
	return r.bounces
}

// weigh holds what is known against the definition, as happens after every response, and by time when that alone changes the verdict.
func (r *run) weigh(byTime bool) {
	definition := r.config.Definition
	verdict := uld.Evaluate(definition, r.facts, r.scenario.Lead.SelfQualified, r.now)
	e := Entry{Kind: "verdict", Name: string(verdict.Outcome), Verify: verdict.Verify, Readiness: verdict.Readiness}
	if verdict.Because != r.because { // said once
		e.Why, r.because = verdict.Because, verdict.Because
	}
	r.note(e)
	evaluated := cadence.Evaluated{
		Outcome: verdict.Outcome, Verify: verdict.Verify, Missing: uld.MissingForHandoff(definition, r.facts),
		Declined: uld.Declined(r.facts, r.refused), ByTime: byTime,
	}
	if byTime {
		evaluated.Named = r.named
	}
	r.decide(evaluated)
	r.turn, r.turns = uld.NextTurn(definition, r.facts, r.scenario.Lead.SelfQualified, r.now)
}

func (r *run) note(e Entry) {
	e.At = r.now
	r.timeline = append(r.timeline, e)
}
