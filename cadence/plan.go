package cadence

import (
	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
)

// Plan is one version of a cadence, with every default filled in. It is immutable once built.
type Plan struct {
	Key      string // such as "first-seven"
	Goal     string
	Term     Term
	Audience predicate.Predicate
	// IntakePerDay caps how many leads the audience rule enrols a day; 0 is no cap, −1 never enrols by itself.
	IntakePerDay int
	Window       calendar.Window // when anything may leave
	CallHours    calendar.Window // legal hours for voice: calls and voicemail need both
	Budget       int             // attempts allowed on a lead per cycle, over all channels and cadences
	Frequency    Frequency       // how many touches a lead gets in a span; the zero one does not cap them
	Steps        []Step          // at least one
	OnResponse   map[ResponseKind]Rule
	Account      AccountPolicy
	Misfire      Misfire
	OnChange     OnChange // what becomes of leads inside when this version is applied
	Then         Ending
}

// Takes reports whether the plan's audience rule takes a lead by itself; look gives its fields and facts.
func (p Plan) Takes(look predicate.Lookup) bool {
	return p.IntakePerDay >= 0 && p.Audience.Eval(look) == predicate.True
}

// BeginsCycle reports whether a lead that moves from a plan of one term to a plan of another begins a new cycle there, with a fresh budget
// (B4). A long-term plan begun again does.
func BeginsCycle(from, to Term) bool { return to != from || to == LongTerm }

// Term tells active cadences, which spend a cycle's budget in weeks, from long-term ones, which spread it over months.
// A move between the two begins a new cycle; a move between two active cadences goes on in the same one.
type Term string

// The terms.
const (
	Active   Term = "active"
	LongTerm Term = "long_term"
)

// StepKind is what a step does.
type StepKind string

// The step kinds. Wait and Branch make no touch.
const (
	StepEmail       StepKind = "email"
	StepVoicemail   StepKind = "voicemail"
	StepCall        StepKind = "call"
	StepManualEmail StepKind = "manual_email" // a task: a person writes the mail
	StepWait        StepKind = "wait"
	StepBranch      StepKind = "branch"
)

// Channel is how a touch reaches a lead.
type Channel string

// The channels. Call covers every step that files a task for a person, manual email included.
const (
	ChannelEmail     Channel = "email"
	ChannelVoicemail Channel = "voicemail"
	ChannelCall      Channel = "call"
)

// Channel gives the channel of a step's touches; "" for Wait and Branch.
func (k StepKind) Channel() Channel {
	switch k {
	case StepEmail:
		return ChannelEmail
	case StepVoicemail:
		return ChannelVoicemail
	case StepCall, StepManualEmail:
		return ChannelCall
	case StepWait, StepBranch:
	}
	return ""
}

// Step is one planned touch, wait or branch.
type Step struct {
	Key      string // unique in the plan: the name it is given, else its template, else kind and number
	Kind     StepKind
	Variants []Variant      // the templates to choose from; one for most steps, none for Wait, Branch and with a Library
	Library  Library        // what the step chooses from for each lead, instead of Variants; nil for most steps
	After    calendar.Delay // since the previous step was sent or ended
	Within   calendar.Delay // tasks: how long a person has before the task is overdue; zero is no limit
	Overdue  OverduePolicy  // tasks only
	Window   *calendar.Window
	Tries    int // how often the step may run when nobody answers; 1 or more
	Branches []Branch
}

// Variant is one of the templates that a step chooses from. A lead's variant never changes.
type Variant struct {
	Name     string // "" when the step has one template only
	Template string // "intro" is templates/<channel>/intro.md
	Topic    string // emails: what the template is about, as its front matter says; "" for nothing that a lead can switch off
}

// OverduePolicy says what becomes of a task that nobody did in time.
type OverduePolicy string

// The overdue policies: go on with the next step, keep the task open, or end the cadence.
const (
	OverdueAdvance OverduePolicy = "advance"
	OverdueKeep    OverduePolicy = "keep"
	OverdueFinish  OverduePolicy = "finish"
)

// Branch sends a lead on to the step Goto, further down, when When holds; the zero When is the else case.
// Goto "end" ends the cadence as exhausted.
type Branch struct {
	When predicate.Predicate
	Goto string
}

// GotoEnd is the Branch.Goto that ends the cadence.
const GotoEnd = "end"

// AccountPolicy says what a human reply, a meeting or a promotion of one lead does to colleagues at the same account.
type AccountPolicy struct {
	Do    AccountAction
	Pause calendar.Delay // AccountPause
}

// AccountAction is the choice of an AccountPolicy.
type AccountAction string

// The account actions.
const (
	AccountContinue AccountAction = "continue"
	AccountPause    AccountAction = "pause"
	AccountStop     AccountAction = "stop"
)

// Ending is what follows when a cadence's steps or the cycle's budget are spent: a move, or a close.
type Ending struct {
	Move  *Move
	Close bool // the lead ends as exhausted; only where a business does not nurture on
}

// Move sends a lead to another cadence, at once or at a date.
type Move struct {
	To    string         // cadence key
	Until DateSource     // wait for this date of the response; "" for none
	Else  calendar.Delay // wait this long when the response names no date
}

// DateSource names the date in a response that a rule waits for.
type DateSource string

// The date sources: the return date of an out-of-office reply, and the date that the lead asked for.
const (
	NoDate     DateSource = ""
	ReturnDate DateSource = "return_date"
	StatedDate DateSource = "stated_date"
)

// Rule is what a response does to the enrolment. Flow is what happens to the cadence; the rest comes on top.
type Rule struct {
	Flow       Flow
	Until      DateSource     // FlowPause: until this date,
	Else       calendar.Delay // or for this long when the response names none; zero pauses until a person resumes
	RetryAfter calendar.Delay // FlowRetry
	// Move is where FlowMove goes. nil is where the plan's Then goes, at Until or after Else; a long-term plan, and one whose
	// Then closes, pauses instead.
	Move       *Move
	Task       TaskKind // open a task of this kind as well; "" for none
	TaskWithin calendar.Delay
	Suppress   SuppressScope // "" for none
	// SuppressAfter holds Suppress back until the lead has answered like this so many times in a row; 0 and 1 suppress at once. Only soft
	// bounces are counted.
	SuppressAfter   int
	InvalidatePhone bool
	End             EndReason // FlowFinish: why the lead ends; "" lets the plan's Then follow
}

// Flow is what a response does to the course of the cadence.
type Flow string

// The flows.
const (
	FlowContinue Flow = "continue" // nothing changes; a task that the response completes counts as done and the next step follows
	FlowPause    Flow = "pause"
	FlowResume   Flow = "resume"
	FlowRetry    Flow = "retry" // run the same step again while its tries and the budget last, else go on
	FlowFinish   Flow = "finish"
	FlowMove     Flow = "move"
)

// SuppressScope is what a response forbids from now on.
type SuppressScope string

// The scopes of a suppression.
const (
	SuppressNone  SuppressScope = ""
	SuppressEmail SuppressScope = "email"
	SuppressPhone SuppressScope = "phone" // calls and voicemail
	SuppressAll   SuppressScope = "all"
)

// TaskKind is what a person is asked to do.
type TaskKind string

// The task kinds.
const (
	TaskCall        TaskKind = "call"
	TaskManualEmail TaskKind = "manual_email"
	TaskTriage      TaskKind = "triage"  // read a human reply and say what it means
	TaskVerify      TaskKind = "verify"  // call to confirm self-asserted or conflicting answers
	TaskDossier     TaskKind = "dossier" // call to complete what a handoff lacks
	TaskReferral    TaskKind = "referral"
	TaskCallback    TaskKind = "callback" // a call at the time that the lead asked for
	TaskReview      TaskKind = "review"   // look after a lead whose cadence rests until somebody resumes it; no rule can ask for it
)

// Rings reports whether the task is to call somebody.
func (k TaskKind) Rings() bool {
	return k == TaskCall || k == TaskVerify || k == TaskDossier || k == TaskCallback
}
