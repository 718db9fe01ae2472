package uld

import (
	"time"

	"nurture/cadence/predicate"
)

// Outcome is what should happen to the lead.
type Outcome string

// The outcomes: hand to sales, keep nurturing, stop for good.
const (
	Promote Outcome = "promote"
	Nurture Outcome = "nurture"
	Close   Outcome = "close"
)

// Readiness is how soon the lead will decide.
type Readiness string

// The readiness values; ReadinessUnknown until the time-frame criterion is met or unmet on sufficient evidence.
const (
	ReadinessUnknown Readiness = "unknown"
	LongTerm         Readiness = "long_term"
	NearTerm         Readiness = "near_term"
)

// Occasion is what a verdict was asked for by.
type Occasion string

// The occasions: a response of the lead's, another definition, the passing of time, a person's order.
const (
	ByResponse   Occasion = "response"
	ByDefinition Occasion = "definition"
	ByTime       Occasion = "time"
	ByPerson     Occasion = "person"
)

// State is how one criterion stands.
type State string

// The states of a criterion.
const (
	Met     State = "met"
	Unmet   State = "unmet"
	Missing State = "unknown"
)

// Verdict is the answer of one evaluation. It explains itself: every criterion of the definition is listed in order.
type Verdict struct {
	Outcome   Outcome    `json:"outcome"`
	Readiness Readiness  `json:"readiness"`
	Because   string     `json:"because"` // one sentence
	Criteria  []Finding  `json:"criteria"`
	Conflicts []Conflict `json:"conflicts,omitempty"`
	// Verify lists the criteria that a person should confirm by a call, in the order of the definition: those in conflict,
	// and, when self-asserted answers alone would promote the lead, each of these (A6).
	Verify []string  `json:"verify,omitempty"`
	At     time.Time `json:"at"`
}

// Finding says how one criterion stands, on which evidence, and what would flip it.
type Finding struct {
	Criterion  string          `json:"criterion"`
	Dimension  Dimension       `json:"dimension"`
	Required   bool            `json:"required"`
	State      State           `json:"state"`
	Answer     predicate.Value `json:"answer"`            // zero when none
	Class      Class           `json:"class"`             // of the fact in force, also when it is too weak to count; ClassNone when none
	FactID     int64           `json:"fact_id,omitempty"` // the fact in force
	ResponseID int64           `json:"response_id,omitempty"`
	Why        string          `json:"why"`
	Flip       string          `json:"flip"` // what would change State; "" for met criteria whose change would not matter
}

// Conflict is a newer fact of a lower class that contradicts the one in force: it does not override, a person verifies.
type Conflict struct {
	Criterion string `json:"criterion"`
	Held      Fact   `json:"held"`
	Against   Fact   `json:"against"`
}
