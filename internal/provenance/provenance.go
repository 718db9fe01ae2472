// Package provenance says whose word counts for the fields of a lead and of its account. Every value is known by the statement behind it: who
// said it, and of when that is. Rule is the whole of it, and is pure.
package provenance

import "time"

// Kind is who speaks.
type Kind string

// The kinds of statements.
const (
	Unknown    Kind = "unknown"    // stored before statements were kept
	Import     Kind = "import"     // a file; the source is its name
	API        Kind = "api"        // a program with a token; the source is the token's name
	Enrichment Kind = "enrichment" // a vendor of data; the source is its name
	Referral   Kind = "referral"   // another lead
	Person     Kind = "person"     // somebody who works here; the source is the login
)

// Stamp is a statement: everything that was said at once by one source.
type Stamp struct {
	ID      int64
	Kind    Kind
	Source  string
	AsOf    time.Time // of when what it says is; zero when that is not known
	Written time.Time // when it was stored first; zero when that is not known
}

// StaleAfter is how old a value may become before it should be looked at again. Every year about a third of those who are reached at a company
// have another title, employer or number.
const StaleAfter = 365 * 24 * time.Hour

// Stale says whether a statement is too old at now to rely on it. Of what nobody dated it cannot be told.
func (s Stamp) Stale(now time.Time) bool { return !s.AsOf.IsZero() && now.Sub(s.AsOf) > StaleAfter }

// Held is a value on record, with the statement behind it; Value "" is none.
type Held struct {
	Value string
	Stamp Stamp
}

// Ruling is what becomes of a value that a statement brings.
type Ruling string

// The rulings.
const (
	Keep    Ruling = "kept"     // what is on record stays: the statement is empty, older, or says the same
	Write   Ruling = "written"  // the value counts from now on
	Renew   Ruling = "renewed"  // the same value, of a later date: the statement behind it counts from now on
	Propose Ruling = "proposed" // what is on record stays until a person decides
)

// Rule says what becomes of a value. A later statement beats an earlier one, and of the same date the one that comes later. An empty value
// erases nothing. A person's word counts from when it is given, and gives way to a person's only. Contact tells that the value is an address, number or
// domain, on which consent, suppression and identity hang: a vendor may fill in a missing one, and may not change one.
func Rule(held Held, value string, by Stamp, contact bool) Ruling {
	earlier := by.AsOf.Before(held.Stamp.AsOf)
	guarded := held.Stamp.Kind == Person && by.Kind != Person
	switch {
	case value == "":
		return Keep
	case held.Value == "":
		return Write
	case value == held.Value:
		confirmed := by.Kind == Person && held.Stamp.Kind != Person
		if !confirmed && (earlier || guarded || by.AsOf.Equal(held.Stamp.AsOf)) {
			return Keep
		}
		return Renew
	case by.Kind == Person:
		return Write
	case earlier:
		return Keep
	case guarded, contact && by.Kind == Enrichment:
		return Propose
	}
	return Write
}
