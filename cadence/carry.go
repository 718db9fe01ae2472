package cadence

import (
	"slices"
	"time"

	"nurture/cadence/calendar"
)

// OnChange says what becomes of the leads inside a cadence when a new version of it is applied.
type OnChange string

// The policies. The zero OnChange is to finish.
const (
	FinishOld     OnChange = "finish"           // they finish on the version that they began with
	MoveAll       OnChange = "move"             // they go on with the new version from where they stand
	MoveIfNotPast OnChange = "move_if_not_past" // so do those that have not come to the first changed step; the others finish
)

// Hand is what an enrolment has in hand in the ledger: the touch of the step and run that it stands at.
type Hand string

// The hands.
const (
	HandEmpty   Hand = ""        // nothing, or what is over
	HandPlanned Hand = "planned" // a touch that no worker has taken yet
	HandLeaving Hand = "leaving" // a touch that a worker has taken, or of which nobody knows whether it left
	HandTask    Hand = "task"    // a task that waits for a person
	HandTaken   Hand = "taken"   // a task that a person has taken
)

// Past is what the ledger tells of an enrolment.
type Past struct {
	Hand Hand
	// Since are instants at which the step in hand may have come in hand, such as when the touch before it was sent.
	Since []time.Time
	// Gone are the keys of the steps that were made in older versions of the plan and that the version it is on does not have: where one
	// comes back, it is not made again.
	Gone []string
}

// Stay names why an enrolment finishes on its version; "" when it moves.
type Stay string

// Why an enrolment stays.
const (
	StayFinished  Stay = "finished"  // it is over
	StayPolicy    Stay = "policy"    // the cadence says so
	StayPast      Stay = "past"      // it has come to the first changed step, or beyond
	StayReordered Stay = "reordered" // steps were moved across the place where it stands: some would be made twice, or never
	StayLeaving   Stay = "leaving"   // a touch that the new version does not have is just being made
)

// Sentence says to a person why leads finish on their version.
func (s Stay) Sentence() string {
	switch s {
	case StayFinished:
		return "the cadence is over for them"
	case StayPolicy:
		return "the cadence lets leads finish on the version that they began with (on_change)"
	case StayPast:
		return "they have come to the first changed step, or are past it (on_change: move_if_not_past)"
	case StayReordered:
		return "steps were moved across the place where they stand: a move would make some twice, or never"
	case StayLeaving:
		return "a touch that the new version does not have is just being made"
	}
	return ""
}

// Carry takes an enrolment from the old version of a plan to the new one: it stands at the step that comes next for it there, and its
// next touch is dated as the new version says. A wait that has changed is counted anew from that instant of Past.Since from which the old
// wait gave the appointment that stands. An appointment that something else gave (a pause, a date that the lead named, a limit) is kept, inside the new window.
//
// What it says is to be saved in the order: the actions, which speak of the steps of the old version; the numbers of the touches, by
// Revision.To; the enrolment. When it stays, e comes back as it is.
func (r Revision) Carry(policy OnChange, e Enrollment, past Past, now time.Time) (Enrollment, []Action, Stay) {
	m := &carrying{
		revision: r, past: past, was: e,
		decision: decision{plan: r.New, e: e, now: now.UTC().Truncate(time.Microsecond)},
	}
	m.was.Step, m.was.Run = max(e.Step, 0), max(e.Run, 1)
	if stay := m.stay(policy); stay != "" {
		return e, nil, stay
	}
	m.carry()
	return m.e, m.actions, ""
}

// carrying is one run of Carry.
type carrying struct {
	decision
	revision Revision
	was      Enrollment
	past     Past
	kept     bool // the step in hand is a step of the new version
	to       int  // where the enrolment stands in it
}

// stay finds the place in the new version, or why there is none.
func (m *carrying) stay(policy OnChange) Stay {
	switch {
	case m.was.State == Finished:
		return StayFinished
	case policy != MoveAll && policy != MoveIfNotPast:
		return StayPolicy
	case policy == MoveIfNotPast && m.changed():
		return StayPast
	}
	if !m.place() {
		return StayReordered
	}
	if busy := m.past.Hand == HandLeaving || m.past.Hand == HandTaken; busy && !m.kept {
		return StayLeaving
	}
	return ""
}

// changed reports whether the enrolment has come to the first changed step.
func (m *carrying) changed() bool {
	return m.was.Step > m.revision.First || m.was.Step == m.revision.First && m.begun()
}

// begun reports whether anything of the step in hand was made or is under way.
func (m *carrying) begun() bool {
	return m.was.InFlight || m.was.Run > 1 || m.past.Hand != HandEmpty
}

// place finds where the enrolment stands in the new version: at the first step that is not behind it. It is false when the steps were
// moved so that none divides what it has behind it from what is ahead.
func (m *carrying) place() bool {
	r := m.revision
	behind := min(m.was.Step, len(r.To))
	first, last := 0, len(r.From)
	for i, j := range r.To {
		switch {
		case j < 0:
		case i < behind:
			first = max(first, j+1)
		default:
			last = min(last, j)
		}
	}
	for j, i := range r.From {
		if i < 0 && slices.Contains(m.past.Gone, r.New.Steps[j].Key) {
			first = max(first, j+1)
		}
	}
	if first > last {
		return false
	}
	m.to = first
	m.kept = m.was.Step < len(r.To) && r.To[m.was.Step] >= 0
	if !m.kept {
		return true
	}
	own := r.To[m.was.Step]
	// Who jumped here by a branch does not make up for what was added on the way that it did not go.
	jumped := m.was.LastRun == none && m.was.Step > 0
	if m.begun() || jumped {
		m.to = own
	}
	if m.to < own {
		m.kept = false
	}
	return m.to <= last
}

// carry is what becomes of an enrolment that has a place.
func (m *carrying) carry() {
	m.e.Step, m.e.Run, m.e.LastRun = m.to, 1, none
	if m.kept {
		m.e.Run = m.was.Run
	}
	if before := m.was.Step - 1; m.to > 0 && before >= 0 && before < len(m.revision.To) && m.revision.To[before] == m.to-1 {
		m.e.LastRun = m.was.LastRun
	}
	switch {
	case m.was.State == Paused:
		m.carryHeld()
	case m.was.InFlight && m.kept && !m.outdated():
	case m.was.InFlight:
		m.do(CancelOpen{Only: &StepRun{Step: m.was.Step, Run: m.was.Run}, Reason: ReasonRevised})
		m.e.InFlight, m.e.Due = false, m.soon()
	case m.was.State == Running:
		m.e.Due = m.appointment(m.was.Due)
	}
}

// outdated reports whether a planned touch names a template that the new version does not send this lead.
func (m *carrying) outdated() bool {
	if m.past.Hand != HandPlanned {
		return false
	}
	key := m.e.Lead.Key
	was := m.revision.Old.Steps[m.was.Step].VariantFor(m.revision.Old.Key, key)
	return was != m.revision.New.Steps[m.to].VariantFor(m.revision.New.Key, key)
}

// carryHeld dates the appointment anew that a pause put off. The pause itself goes on.
func (m *carrying) carryHeld() {
	if m.was.Held == nil {
		return
	}
	held := m.appointment(&Due{At: *m.was.Held, Reason: ReasonStepDelay}).At
	m.e.Held = &held
}

// appointment is when the step in hand is due by the new version; was is when it was by the old one, nil when it was not.
func (m *carrying) appointment(was *Due) *Due {
	step, ok := m.step()
	switch {
	case !ok || was == nil:
		return m.soon()
	case m.kept && sameTiming(m.revision.Old, m.revision.New, m.was.Step, m.to):
		return was
	}
	if from, found := m.counted(was); found {
		due := m.due(step, step.After, from, was.Reason)
		if due.At.Before(m.now) {
			return m.soon()
		}
		return due
	}
	return m.due(step, noDelay, was.At, was.Reason)
}

// counted finds from when the wait of the old step was counted: from there it gives the appointment that stands.
func (m *carrying) counted(was *Due) (time.Time, bool) {
	switch was.Reason { //nolint:exhaustive // all others were given by something else than the step's wait
	case ReasonStepDelay, ReasonEnrolled, ReasonBranch, ReasonOutsideWindow:
	default:
		return time.Time{}, false
	}
	if m.was.Step >= len(m.revision.Old.Steps) {
		return time.Time{}, false
	}
	old := &decision{plan: m.revision.Old, e: m.was, now: m.now}
	step := m.revision.Old.Steps[m.was.Step]
	latest := slices.SortedFunc(slices.Values(m.past.Since), func(a, b time.Time) int { return b.Compare(a) })
	for _, from := range latest {
		if from = from.UTC(); old.due(step, step.After, from, was.Reason).At.Equal(was.At) {
			return from, true
		}
	}
	return time.Time{}, false
}

// soon is the next moment at which the step in hand may be made; now, when the plan is at its end.
func (m *carrying) soon() *Due {
	if step, ok := m.step(); ok {
		return m.due(step, noDelay, m.now, ReasonRevised)
	}
	return &Due{Intent: calendar.IntentOf(m.now, undated), At: m.now, Reason: ReasonRevised}
}
