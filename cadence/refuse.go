package cadence

import "time"

// TouchFacts is what was read about a touch whose claim did not succeed.
type TouchFacts struct {
	State      State // of the enrolment
	Moved      bool  // the enrolment stands at another step or run by now
	Suppressed bool  // the address, its domain or the whole lead
	Address    bool  // there is a usable one
	NoConsent  bool  // voicemail: no consent to prerecorded calls is on record any more
	TopicOff   bool  // email: the lead has switched off what it is about
	Held       bool  // email: the mailbox that it would leave from is paused
	HasAttempt bool  // an earlier try of this touch has spent its attempt already
	Attempts   int   // spent in the cycle
	Budget     int
	WindowEnds time.Time // zero: no end
	CallRoom   time.Time // calls and voicemail: when the number may be called again (CallRoom); zero: now
	Now        time.Time
}

// RefuseTouch names why the claim of a touch did not succeed; "" when nothing is wrong any more, and the claim is simply to
// be tried again. Of several reasons it names the one that is hardest to undo.
func RefuseTouch(f TouchFacts) Reason {
	switch {
	case f.State != Running || f.Moved:
		return ReasonStopped
	case f.Suppressed:
		return ReasonSuppressed
	case !f.Address:
		return ReasonNoAddress
	case f.NoConsent:
		return ReasonNoConsent
	case f.TopicOff:
		return ReasonTopicOff
	case f.Held:
		return ReasonCapacity
	case !f.HasAttempt && f.Attempts >= f.Budget:
		return ReasonBudgetSpent
	case f.CallRoom.After(f.Now):
		return ReasonCallLimit
	case !f.WindowEnds.IsZero() && !f.Now.Before(f.WindowEnds):
		return ReasonOutsideWindow
	}
	return ""
}
