package cadence

import (
	"time"

	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
)

// Enrollment is one lead's run through one plan, as Decide sees it: the stored state plus the facts of the lead that the
// decision needs. Decide takes it by value and returns the next one.
type Enrollment struct {
	ID     int64
	Lead   Lead
	State  State
	Reason Reason // why it is in State; for Paused and Finished always set
	Cycle  int    // 1 for a lead's first
	// Attempts is how many touches of the cycle are spent, over all cadences; at most the plan's Budget.
	Attempts int
	Step     int // index of the step in flight or next; len(Plan.Steps) when all are done
	Run      int // which run of that step, from 1
	// LastRun is the run of the step before Step that ended last; −1 when there is none, 0 when it is not known. It tells the
	// answer to the latest run from a late one to an earlier run, which must not make the step run again.
	LastRun  int
	InFlight bool // a touch or its task is under way: nothing is due until it ends
	// Due is when Decide wants to be asked again; nil when only an event can move the enrolment on.
	Due *Due
	// Held is the appointment for the step in hand that a pause put off; nil when there was none. The end of a pause never brings a
	// step forward, save where the lead itself named the day.
	Held *time.Time
	// Last is the latest response to this enrolment, for branches; "" for none.
	Last ResponseKind
}

// Due is an appointment with Decide: the wall-clock intent, its instant, and why not sooner.
type Due struct {
	Intent calendar.Intent
	At     time.Time // UTC, microseconds
	Reason Reason
}

// State of an enrolment; docs/state-machines.md draws the moves.
type State string

// The states. Pending has no touch yet, Finished never moves again.
const (
	Pending  State = "pending"
	Running  State = "active"
	Paused   State = "paused"
	Finished State = "finished"
)

// Lead is what a decision needs to know of a lead.
type Lead struct {
	ID    int64
	Key   string // stable, from the import: variants hash it
	Place calendar.Place
	// ZoneAssumed says that Place.Zones is only where the operator is, for want of anything better: good enough for a mail, not for
	// ringing somebody's phone.
	ZoneAssumed bool
	// Email and Phone tell whether the address is there and usable; a suppressed or invalidated one is not.
	Email, Phone     bool
	VoicemailConsent bool // prior express consent to prerecorded calls is on record
	Stage            Stage
	Ended            EndReason // "" while the lead is being nurtured
	TopicsOff        []string  // keys of the topics that the lead wants no mail about
	// Untaken says that the lead is in no cadence, and that audience rules did not take it when they looked at it last.
	Untaken  bool
	Language string // BCP 47; "" when it is not known
	// Had are the templates that the lead was sent, by any cadence, as Had names them; needed only for a plan with a Library.
	Had []string
	// Recent are the instants of the touches that the lead was made of late, by any cadence; needed only for a plan with a Frequency, and
	// then at least those of that span.
	Recent []time.Time
	// Fields are what audience rules and branches look at: "lead.country", "account.employees", "facts.role" …
	Fields map[string]predicate.Value
}

// EndReason is why a lead needs no next action any more.
type EndReason string

// The end reasons.
const (
	EndNotInterested EndReason = "not_interested"
	EndOptedOut      EndReason = "opted_out"
	EndDisqualified  EndReason = "disqualified" // the definition says close
	EndLeftCompany   EndReason = "left_company"
	EndUnreachable   EndReason = "unreachable" // no usable address on any channel
	EndExhausted     EndReason = "exhausted"   // only where a plan's Then closes
	EndWon           EndReason = "won"
	EndLost          EndReason = "lost"
)
