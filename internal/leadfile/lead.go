// Package leadfile reads files of leads: it finds out encoding and delimiter, repairs what exports are known to break,
// maps columns to lead fields and normalises their values. It knows no database. Every record of a file comes out either
// as a Row or as a Rejection with line and reason; nothing is dropped in silence. docs/import.md is the user's side of it.
package leadfile

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Row is one accepted record of a file.
type Row struct {
	Line     int // 1-based number of the record's first line
	Lead     Lead
	Repaired string // what was put right before the record could be read, "" when it was sound
}

// Lead is what one record says of a person, normalised. Texts are trimmed, in Unicode NFC, on one line and free of control
// characters; "" is unknown.
type Lead struct {
	Key       string // stable id: the file's, else Email, else Phone
	Email     string // lower case, syntactically valid, or ""
	Phone     string // E.164, valid for its country, or ""
	FirstName string
	LastName  string
	Title     string // job title
	Role      string // role in the purchase or job function
	City      string
	Country   string   // ISO 3166-1 alpha-2
	Region    string   // state or province: its code without the country ("CA") when known, else as the file writes it
	Zones     []string // IANA zones that the lead may be in, sorted; empty when nothing tells
	Language  string   // BCP 47
	Source    string
	Origin    Origin
	Owner     string
	Account   Account
	Consent   Consent
	OptedOut  OptedOut
	CreatedAt time.Time         // zero when unknown
	Fields    map[string]string // custom fields without empty ones; nil when there are none
	Facts     map[string]string // criterion key → answer, to be recorded as inferred; nil when there are none
	Outcome   map[string]string // what the demo's personas are made of; nil when there is none
}

// Origin tells how a lead came to us; it never changes later.
type Origin string

// The origins.
const (
	OriginInquiry       Origin = "inquiry"
	OriginSelfQualified Origin = "self_qualified"
)

// Account is the lead's company.
type Account struct {
	Name      string
	Domain    string // lower case, without scheme, "www." and path
	Industry  string
	Employees int               // 0 unknown; the lower end of a range
	Country   string            // ISO 3166-1 alpha-2
	Fields    map[string]string // custom fields without empty ones; nil when there are none
}

// Consent is what the lead allowed, by kind of contact.
type Consent struct {
	Email, Voicemail, Call Permission
}

// Permission is a recorded answer of the lead to being contacted. The zero Permission means that the file says nothing.
type Permission struct {
	State PermissionState
	At    time.Time // when it was given; zero when the file says only yes or no
}

// PermissionState is unset, granted or refused.
type PermissionState string

// The states of a permission.
const (
	PermissionUnset   PermissionState = ""
	PermissionGranted PermissionState = "granted"
	PermissionRefused PermissionState = "refused"
)

// OptedOut is what the lead forbade.
type OptedOut struct {
	Email bool
	Call  bool // calls and voicemail
}

// Rejection is one record that was not accepted.
type Rejection struct {
	Line   int    // 1-based number of the record's first line
	Raw    string // the record as it stands in the file, at most 200 characters
	Column string // the file's column at fault, else the field; "" when the record as a whole is
	Reason string // what is wrong, without a full stop
	Hint   string // the way out, or ""
	// Key and OptedOut are set on duplicates: a second line of a lead may be the one that carries its opt-out, and an
	// importer must honour that.
	Key      string
	OptedOut OptedOut
}

// Notice is something that the reader of a report should know about an accepted record, or about the file when Line is 0.
type Notice struct {
	Kind   NoticeKind
	Line   int
	Column string
	Reason string
	Hint   string
}

// NoticeKind tells values that could not be used from records that had to be repaired.
type NoticeKind string

// The kinds of notices.
const (
	KindWarning  NoticeKind = "warning"
	KindRepaired NoticeKind = "repaired"
	KindNote     NoticeKind = "note" // on the file as a whole
)

// rawLimit is how many characters of a rejected record a report repeats.
const rawLimit = 200

// clip gives the first limit characters of b as valid UTF-8 without line breaks or NUL, with an ellipsis when there are more.
func clip(b []byte, limit int) string {
	var out strings.Builder
	for n := 0; len(b) > 0; n++ {
		if n == limit {
			out.WriteString("…")
			break
		}
		r, size := utf8.DecodeRune(b)
		switch {
		case r == '\n':
			out.WriteString("⏎")
		case r == '\r' || r == 0:
		default:
			out.WriteRune(r)
		}
		b = b[size:]
	}
	return out.String()
}
