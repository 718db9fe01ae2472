package cadence

import (
	"time"

	"nurture/cadence/uld"
)

// Event is something that happened to an enrolment. The set is sealed.
type Event interface{ event() }

// The events.
type (
	// Enrolled starts a pending enrolment. NotBefore delays its first step; nil starts at once.
	Enrolled struct{ NotBefore *time.Time }

	// FellDue says that the time of Enrollment.Due has come. An alarm that rings before it is stale.
	// Down is how much of the time since then nothing was planned in, for the enrolment's sender: see Misfire.
	FellDue struct{ Down time.Duration }

	// TouchSent says that the provider took the touch, or that a call task was filed.
	TouchSent struct{ Step, Run int }

	// TouchUnknown says that it cannot be known whether the provider took the touch. By the default policy it counts as sent.
	TouchUnknown struct{ Step, Run int }

	// TouchFailed says that the touch was refused for good, by us before sending or by the provider.
	TouchFailed struct {
		Step, Run int
		Reason    Reason // "" counts as ReasonProviderRefused
	}

	// TouchRefused says that the claim found a reason not to send: nothing left. RefuseTouch names the reason.
	// Again is when it may be made at the earliest, for ReasonCallLimit.
	TouchRefused struct {
		Step, Run int
		Reason    Reason
		Again     time.Time
	}

	// Responded is a response by the lead, its mail system, its phone, or the person who worked its task. Step and Run name
	// the touch that it answers; Step −1 when it answers none.
	//
	// Date is the return date or the stated date; nil when none was named. Midnight UTC, as in predicate.Value, means the
	// whole day as the lead's own calendar has it; any other time is an instant (NamedDay and NamedInstant make them). A date that is past, or more than five
	// years ahead, counts as none.
	//
	// InARow is how many soft bounces the lead's mail has met in a row, this one included; see ResponseKind.ShowsLife for what ends a row.
	// 0 counts as 1.
	//
	// Named says that the response names somebody else to talk to: where the lead itself is gone, a person is asked to see to that.
	Responded struct {
		Kind      ResponseKind
		Step, Run int
		Date      *time.Time
		InARow    int
		Named     bool
	}

	// ColleagueResponded says that another lead of the same account answered in person or was promoted.
	ColleagueResponded struct{}

	// Evaluated carries a new verdict. Missing lists the required dossier items and criteria without an answer. Declined says
	// that sales, or the lead itself ("not now"), has said no and no person has confirmed anything since: the same evidence does
	// not promote against that. ByTime says that nothing was heard of the lead: time alone has changed the verdict. Named is then the day, or
	// the instant, from which on the lead itself wants to hear of us again; nil when it named none that is still ahead.
	Evaluated struct {
		Outcome  uld.Outcome
		Verify   []string
		Missing  []string
		Declined bool
		ByTime   bool
		Named    *time.Time
	}

	// TaskExpired says that nobody did the task of a touch within its time.
	TaskExpired struct{ Step, Run int }

	// PausedByPerson is a person's order to pause: until Until, or, when it is nil, until ResumedByPerson.
	PausedByPerson struct{ Until *time.Time }

	// ResumedByPerson ends a pause now.
	ResumedByPerson struct{}

	// StoppedByPerson ends the enrolment; the lead gets End, or moves on as the plan's Then says when End is "".
	StoppedByPerson struct{ End EndReason }

	// MovedByPerson ends the enrolment by a person's order; the lead begins the cadence To at once.
	MovedByPerson struct{ To string }

	// RestsOn says that an enrolment rests for good and nobody has the task to look after it, as it was before there were such tasks.
	RestsOn struct{}

	// Untaken says that a person took the lead in because another lead had named it, and that no cadence's audience takes it.
	Untaken struct{}

	// TakenBack says that a person moved the lead back to qualified, out of the hands of sales. Ask is what sales would need to have it again.
	TakenBack struct{ Ask []string }

	// Suppressed says that an address of the lead was suppressed outside of a response to this enrolment.
	Suppressed struct{ Scope SuppressScope }
)

func (Enrolled) event()           {}
func (FellDue) event()            {}
func (TouchSent) event()          {}
func (TouchUnknown) event()       {}
func (TouchFailed) event()        {}
func (TouchRefused) event()       {}
func (Responded) event()          {}
func (ColleagueResponded) event() {}
func (Evaluated) event()          {}
func (TaskExpired) event()        {}
func (PausedByPerson) event()     {}
func (ResumedByPerson) event()    {}
func (StoppedByPerson) event()    {}
func (MovedByPerson) event()      {}
func (RestsOn) event()            {}
func (Untaken) event()            {}
func (TakenBack) event()          {}
func (Suppressed) event()         {}
