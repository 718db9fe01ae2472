package predicate

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Kind is the type of a Value.
type Kind string

// The kinds. A time frame is a number, counted in months: the unit in which buyers state theirs.
const (
	KindText   Kind = "text"
	KindNumber Kind = "number"
	KindBool   Kind = "bool"
	KindDate   Kind = "date"
)

// Value is one typed answer or field. The zero Value (Kind "") is "no value". It is comparable with == when it was made by
// Text, Number, Bool or Date; Same compares as predicates do.
type Value struct {
	Kind   Kind
	Text   string    // KindText
	Number float64   // KindNumber
	Bool   bool      // KindBool
	Date   time.Time // KindDate: midnight UTC of that day
}

// isoDate is the only form in which dates are written and read: ISO 8601, calendar date.
const isoDate = "2006-01-02"

// Text makes a text value. NUL characters are dropped and bytes that are not UTF-8 replaced by U+FFFD, because Postgres
// can hold neither.
func Text(s string) Value {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return Value{Kind: KindText, Text: strings.ReplaceAll(s, "\x00", "")}
}

// Number makes a number value. f must be finite: NaN and the infinities compare with nothing and cannot be marshalled.
func Number(f float64) Value {
	if f == 0 {
		f = 0 // −0 and 0 are one answer and must print alike
	}
	return Value{Kind: KindNumber, Number: f}
}

// Bool makes a yes-or-no value.
func Bool(b bool) Value { return Value{Kind: KindBool, Bool: b} }

// Date makes a date value of the calendar day that t shows in its own location; the time of day is dropped.
func Date(t time.Time) Value {
	y, m, d := t.Date()
	return Value{Kind: KindDate, Date: time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

// IsZero reports whether v is "no value".
func (v Value) IsZero() bool { return v.Kind == "" }

// Blank reports whether v says nothing: no value, or a text of white space only. Predicates treat it as not known.
func (v Value) Blank() bool {
	return v.Kind == "" || v.Kind == KindText && strings.TrimSpace(v.Text) == ""
}

// String gives the value as people read it: the text itself, 12.5, yes or no, 2026-01-15; "" for no value.
func (v Value) String() string {
	switch v.Kind {
	case KindText:
		return v.Text
	case KindNumber:
		if a := math.Abs(v.Number); a != 0 && (a >= 1e15 || a < 1e-9) {
			return strconv.FormatFloat(v.Number, 'g', -1, 64)
		}
		return strconv.FormatFloat(v.Number, 'f', -1, 64)
	case KindBool:
		if v.Bool {
			return "yes"
		}
		return "no"
	case KindDate:
		return v.Date.Format(isoDate)
	}
	return ""
}

// As reads v as a value of kind k; false when it does not read as one. Text reads as a number (12.5), a bool (yes, no, y, n,
// true, false in any case) or a date (2026-01-15), and every value reads as text. What does not read comes back as no value.
func (v Value) As(k Kind) (Value, bool) {
	switch {
	case v.Kind == "":
		return Value{}, false
	case v.Kind == k:
		return v, true
	case k == KindText:
		return Text(v.String()), true
	case v.Kind != KindText:
		return Value{}, false
	}
	return readText(strings.TrimSpace(v.Text), k)
}

func readText(s string, k Kind) (Value, bool) {
	switch k {
	case KindNumber:
		// ParseFloat also takes inf, nan and hexadecimal: no person means those.
		if strings.Trim(s, "+-.0123456789eE") != "" {
			return Value{}, false
		}
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return Number(f), true
		}
	case KindBool:
		switch strings.ToLower(s) {
		case "yes", "y", "true":
			return Bool(true), true
		case "no", "n", "false":
			return Bool(false), true
		}
	case KindDate:
		if t, err := time.Parse(isoDate, s); err == nil {
			return Date(t), true
		}
	case KindText: // As has answered that
	}
	return Value{}, false
}

// Same reports whether both are known and the operator Is would call them equal: text without regard to case and
// surrounding space, and text that reads as the other's kind by what it means.
func (v Value) Same(w Value) bool {
	if v.Blank() || w.Blank() {
		return false
	}
	return equal(v, w)
}
