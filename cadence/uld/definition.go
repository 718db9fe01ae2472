// Package uld is the Universal Lead Definition: what marketing and sales agreed a qualified lead is, the facts that
// are known about a lead, and the verdict that follows from both. It is pure: the same definition and facts give the same
// verdict anywhere.
package uld

import (
	"slices"
	"time"

	"nurture/cadence/predicate"
)

// Definition is one version of the Universal Lead Definition as written in uld.yaml.
type Definition struct {
	Key           string // a name, such as "b2b-course"
	Title         string
	Horizon       int // months; an answer to the time-frame criterion within it is near-term. Default 6.
	Criteria      []Criterion
	SelfQualified SelfQualifiedPolicy
	Dossier       []DossierItem // what a handoff must carry beyond the criteria
}

// Dimension groups criteria.
type Dimension string

// The dimensions of a criterion (PRODUCT: fit, need, desire, budget process, authority, time frame).
const (
	Fit       Dimension = "fit"
	Need      Dimension = "need"
	Desire    Dimension = "desire"
	Budget    Dimension = "budget"
	Authority Dimension = "authority"
	TimeFrame Dimension = "time_frame"
)

// Dimensions lists the dimensions in the order in which help texts show them.
func Dimensions() []Dimension { return []Dimension{Fit, Need, Desire, Budget, Authority, TimeFrame} }

// Valid reports whether d is one of Dimensions.
func (d Dimension) Valid() bool { return slices.Contains(Dimensions(), d) }

// AnswerType says what an answer may be.
type AnswerType string

// The answer types. Months is a whole or fractional number of months from the day of the answer.
const (
	AnswerText   AnswerType = "text"
	AnswerChoice AnswerType = "choice"
	AnswerYesNo  AnswerType = "yes_no"
	AnswerNumber AnswerType = "number"
	AnswerMonths AnswerType = "months"
	AnswerDate   AnswerType = "date"
)

// AnswerTypes lists the answer types in the order in which help texts show them.
func AnswerTypes() []AnswerType {
	return []AnswerType{AnswerText, AnswerChoice, AnswerYesNo, AnswerNumber, AnswerMonths, AnswerDate}
}

// Valid reports whether t is one of AnswerTypes.
func (t AnswerType) Valid() bool { return slices.Contains(AnswerTypes(), t) }

// Kind is the kind of the values that answers of this type have; "" for an unknown type.
func (t AnswerType) Kind() predicate.Kind {
	switch t {
	case AnswerText, AnswerChoice:
		return predicate.KindText
	case AnswerYesNo:
		return predicate.KindBool
	case AnswerNumber, AnswerMonths:
		return predicate.KindNumber
	case AnswerDate:
		return predicate.KindDate
	}
	return ""
}

// AnswerField is the one field that the Accept predicates of criteria read.
const AnswerField = "answer"

// DefaultHorizon is the horizon in months of a definition that names none.
const DefaultHorizon = 6

// Criterion is one thing that must be known of a lead.
type Criterion struct {
	Key       string // snake_case, unique in the definition
	Dimension Dimension
	Question  string // what an SDR or a form asks
	Type      AnswerType
	Options   []string            // the choices of AnswerChoice
	Accept    predicate.Predicate // leaf predicates on Field "answer"; zero: any known answer is accepted
	Required  bool
	Evidence  Class // the least class that counts; ClassNone is the default, HumanConfirmed
	// Disqualifies makes a lead whose answer is known on sufficient evidence and not accepted close rather than nurture.
	Disqualifies bool
}

// SelfQualifiedPolicy says what becomes of a lead that qualified itself on a form (A6).
type SelfQualifiedPolicy struct {
	Mode       SelfQualifiedMode
	ReviewedBy string // required for DirectToSales
	ReviewedOn time.Time
}

// SelfQualifiedMode is VerifyByCall (default, also "") or DirectToSales.
type SelfQualifiedMode string

// The modes of SelfQualifiedPolicy.
const (
	VerifyByCall  SelfQualifiedMode = "verify_by_call"
	DirectToSales SelfQualifiedMode = "direct_to_sales"
)

// DossierItem is one thing a rep must find in the dossier before a handoff is delivered (E2). Its answer is a fact whose
// criterion is Key; the text "none" counts as "asked: none".
type DossierItem struct {
	Key      string // e.g. "pain_points", "competition", "decision_people", "callback_at"
	Title    string
	Question string
	Required bool
}

// Fact is one answer about a lead. Facts are append-only: a later or stronger one does not erase an earlier one.
type Fact struct {
	ID         int64           `json:"id"`
	Criterion  string          `json:"criterion"` // a Criterion.Key or DossierItem.Key
	Value      predicate.Value `json:"value"`
	Class      Class           `json:"class"`
	ResponseID int64           `json:"response_id,omitempty"` // the response that it came from; 0 for imported data
	By         string          `json:"by,omitempty"`          // who recorded it
	At         time.Time       `json:"at"`
	Words      string          `json:"words,omitempty"` // the lead's own words, when noted
}
