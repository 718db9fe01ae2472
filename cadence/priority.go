package cadence

// Priority orders what is due and waits for capacity: a lower one goes first. Within a priority the longest overdue goes first.
type Priority int16

// The priorities. What a lead waits for comes before what we want of it, and what was begun before what was not.
const (
	PriorityAnswered Priority = iota // the lead answered, is near a decision, or came of its own accord
	PriorityBegun                    // a further step of an active cadence
	PriorityFirst                    // the first step of an active cadence
	PriorityLong                     // long-term cadences: a day more or less does not matter
)

// Priorities lists all priorities, the first to go first.
func Priorities() []Priority {
	return []Priority{PriorityAnswered, PriorityBegun, PriorityFirst, PriorityLong}
}

// PriorityOf gives the priority of the step in hand. It is stored with the appointment, so it may look only at what an event changes.
func PriorityOf(plan Plan, e Enrollment) Priority {
	switch {
	case e.Last.Human(), e.Last == Click, e.Last == FormFilled, e.Lead.is("lead.readiness", "near_term"):
		return PriorityAnswered
	case plan.Term == LongTerm:
		return PriorityLong
	case e.Step > 0 || e.Run > 1:
		return PriorityBegun
	case e.Lead.is("lead.origin", "self_qualified"):
		return PriorityAnswered
	}
	return PriorityFirst
}

// is reports whether a field of the lead is that text.
func (l Lead) is(field, text string) bool { return l.Fields[field].Text == text }
