package cadence

import "time"

// Action is something that the shell must do, in order, in the transaction that saves the enrolment. The set is sealed; every
// action says why.
type Action interface{ action() }

// StepRun names one run of one step of an enrolment.
type StepRun struct{ Step, Run int }

// The actions.
type (
	// PlanTouch writes a touch into the ledger and an alarm for its sender. The touch may be claimed until WindowEnds.
	//
	// A touch of the same step and run that was skipped before it left, by CancelOpen or at its claim, is planned again; one
	// that is claimed already is left as it is, and its outcome still arrives.
	PlanTouch struct {
		Step, Run  int
		Channel    Channel
		Variant    Variant
		WindowEnds time.Time
		Reason     Reason // what it waited for until now
	}

	// SkipTouch writes a touch that is not made into the ledger, with the reason.
	SkipTouch struct {
		Step, Run int
		Channel   Channel
		Reason    Reason
	}

	// CancelOpen skips this enrolment's planned touches and closes its open tasks. It comes before any OpenTask of the same
	// decision. Touches already claimed are left: their outcome still arrives.
	CancelOpen struct {
		Only   *StepRun // nil: all of them; else the touch of this step and run alone, with its task
		Kind   TaskKind // "": as Only says; else the task of this kind alone, and no touch
		Reason Reason
	}

	// OpenTask asks a person to do something by DueBy. When a task of the kind is open for the lead already, that one gets
	// the newer Ask and no second is opened.
	OpenTask struct {
		Kind  TaskKind
		DueBy time.Time
		Dated bool     // it is not to be done before DueBy: the lead named the time, or somebody was in touch a moment ago
		Ask   []string // keys of criteria and dossier items to ask for
		// UntilTaken says that the lead's next cadence, its end or sales makes the task needless.
		UntilTaken bool
		Reason     Reason
	}

	// Suppress forbids an address of the lead, in every enrolment: the shell closes open tasks that need the address, and
	// applies Suppressed to another running enrolment of the lead, if there is one.
	Suppress struct {
		Scope  SuppressScope
		Reason Reason
	}

	// InvalidatePhone marks the lead's phone as wrong.
	InvalidatePhone struct{ Reason Reason }

	// MoveStage moves the lead to To. Every move of a decision passes CheckStageMove, one stage at a time.
	MoveStage struct {
		To     Stage
		Reason Reason
	}

	// HandOff offers the lead to sales, or records the handoff as blocked while Missing is not empty; repeated, it renews
	// the list of a blocked handoff, and without Missing offers it.
	HandOff struct {
		Missing []string
		Reason  Reason
	}

	// EnrollIn begins another cadence for the lead. The shell creates a pending enrolment and applies Enrolled to it.
	EnrollIn struct {
		Cadence   string
		NotBefore *time.Time // nil: at once
		Reason    Reason
	}

	// EndLead records that the lead needs no next action any more.
	EndLead struct {
		End    EndReason
		Reason Reason
	}

	// TellColleagues applies ColleagueResponded to the running enrolments of the lead's account.
	TellColleagues struct{ Reason Reason }
)

func (PlanTouch) action()       {}
func (SkipTouch) action()       {}
func (CancelOpen) action()      {}
func (OpenTask) action()        {}
func (Suppress) action()        {}
func (InvalidatePhone) action() {}
func (MoveStage) action()       {}
func (HandOff) action()         {}
func (EnrollIn) action()        {}
func (EndLead) action()         {}
func (TellColleagues) action()  {}
