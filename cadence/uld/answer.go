package uld

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"nurture/cadence/predicate"
)

// NoneAnswer is the answer of a dossier item that was asked for and turned out to be nothing: no competitor, say.
const NoneAnswer = "none"

var errNoAnswer = errors.New("there is no answer; leave the question out when it was not asked")

// ParseAnswer turns what a person types into the value of an answer given at the time at, whose location says which day it
// is there. The error says what could have been typed. The types take:
//   - text: anything but white space;
//   - choice: one of Options in any case;
//   - yes_no: yes, no, y, n, true, false, 1, 0;
//   - number: 12, -3.5, 12,5; with thousands separators 1,250,000 or 1 250 000 or 1.250.000,50. A lone 1.250 is refused:
//     it is read differently in different countries;
//   - months: 3, 3 months, in 2 weeks, 1.5 years, 3-6 months (6), now, next quarter and 2026-09 (their last day), or a date
//     that is not past; at most 600, rounded to hundredths;
//   - date: 2026-01-15.
func (c Criterion) ParseAnswer(s string, at time.Time) (predicate.Value, error) {
	v, err := c.Type.parse(s, c.Options, at)
	if err != nil {
		return predicate.Value{}, fmt.Errorf("%s: %w", c.Key, err)
	}
	return v, nil
}

func (t AnswerType) parse(s string, options []string, at time.Time) (predicate.Value, error) {
	v := predicate.Text(strings.TrimSpace(s))
	if v.Blank() {
		return predicate.Value{}, errNoAnswer
	}
	switch t {
	case AnswerText:
		return v, nil
	case AnswerChoice:
		return parseChoice(v, options)
	case AnswerYesNo:
		return parseYesNo(v)
	case AnswerNumber:
		return parseNumber(v.Text)
	case AnswerMonths:
		return parseMonths(v.Text, at)
	case AnswerDate:
		d, ok := v.As(predicate.KindDate)
		if !ok {
			return d, fmt.Errorf("%q is no date, write year-month-day such as 2026-01-15", v.Text)
		}
		return d, nil
	}
	return predicate.Value{}, fmt.Errorf("the question has the unknown answer type %q, use one of %s", string(t), joinNames(AnswerTypes()))
}

func parseChoice(v predicate.Value, options []string) (predicate.Value, error) {
	for _, option := range options {
		if v.Same(predicate.Text(option)) {
			return predicate.Text(option), nil
		}
	}
	return predicate.Value{}, fmt.Errorf("%q is none of the choices, use one of: %s", v.Text, strings.Join(options, ", "))
}

func parseYesNo(v predicate.Value) (predicate.Value, error) {
	switch v.Text {
	case "1":
		return predicate.Bool(true), nil
	case "0":
		return predicate.Bool(false), nil
	}
	b, ok := v.As(predicate.KindBool)
	if !ok {
		return b, fmt.Errorf("%q is neither yes nor no, write yes or no", v.Text)
	}
	return b, nil
}

func parseMonths(s string, at time.Time) (predicate.Value, error) {
	n, ok := readMonths(s, at)
	switch {
	case !ok:
		return predicate.Value{}, fmt.Errorf("%q is no time frame, write months (3), a span (2 weeks, 1 year, next quarter) or a date (2026-09-30)", s)
	case n < 0:
		return predicate.Value{}, fmt.Errorf("%q is past, write when the decision is expected from now on", s)
	case n > maxMonths:
		return predicate.Value{}, fmt.Errorf("%q is more than %d months, for a year write its last day, such as 2027-12-31", s, maxMonths)
	}
	return predicate.Number(n), nil
}

var (
	plainNumber = regexp.MustCompile(`^[+-]?\d+(?:[.,]\d+)?$`)
	ambiguous   = regexp.MustCompile(`^[+-]?[1-9]\d{0,2}\.\d{3}$`)
	grouped     = []struct {
		form             *regexp.Regexp
		thousands, point string
	}{
		{regexp.MustCompile(`^[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$`), ",", "."},
		{regexp.MustCompile(`^[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$`), ".", ","},
		{regexp.MustCompile(`^[+-]?[1-9]\d{0,2}(?:[ '’_]\d{3})+(?:[.,]\d+)?$`), " '’_", ","},
	}
)

func parseNumber(s string) (predicate.Value, error) {
	clean := strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2212", "-").Replace(s)
	if ambiguous.MatchString(clean) {
		whole := strings.Replace(clean, ".", "", 1)
		return predicate.Value{}, fmt.Errorf("%q can mean thousands or a fraction, write %s or %s0", s, whole, clean)
	}
	digits := ""
	for _, g := range grouped {
		if g.form.MatchString(clean) {
			digits = strings.Map(func(r rune) rune {
				if strings.ContainsRune(g.thousands, r) {
					return -1
				}
				return r
			}, clean)
			digits = strings.Replace(digits, g.point, ".", 1)
			break
		}
	}
	if digits == "" && plainNumber.MatchString(clean) {
		digits = strings.Replace(clean, ",", ".", 1)
	}
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return predicate.Value{}, fmt.Errorf("%q is no number, write digits only, such as 12, 12.5 or 1,250", s)
	}
	return predicate.Number(n), nil
}

// atSuffix ends the keys of dossier items whose answer is a date and time.
const atSuffix = "_at"

// localTime is how a date-time without a zone is kept: the lead's own wall clock.
const localTime = "2006-01-02T15:04"

// ParseAnswer turns what a person types into the value of a dossier item: free text, or "none" in any case for "asked:
// none". An item whose Key ends in _at takes a date and time instead, such as 2026-03-02 14:00, with an offset or without
// (then it is the lead's local time); it is kept as text, in RFC 3339 or as 2026-03-02T14:00.
func (d DossierItem) ParseAnswer(s string, _ time.Time) (predicate.Value, error) {
	v := predicate.Text(strings.TrimSpace(s))
	switch {
	case v.Blank():
		return predicate.Value{}, fmt.Errorf("%s: %w", d.Key, errNoAnswer)
	case strings.EqualFold(v.Text, NoneAnswer):
		return predicate.Text(NoneAnswer), nil
	case !strings.HasSuffix(d.Key, atSuffix):
		return v, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02 15:04Z07:00", "2006-01-02 15:04 Z07:00"} {
		if t, err := time.Parse(layout, v.Text); err == nil {
			return predicate.Text(t.Format(time.RFC3339)), nil
		}
	}
	for _, layout := range []string{localTime, "2006-01-02 15:04", "2006-01-02T15:04:05", time.DateTime} {
		if t, err := time.Parse(layout, v.Text); err == nil {
			return predicate.Text(t.Format(localTime)), nil
		}
	}
	return predicate.Value{}, fmt.Errorf("%s: %q is no date and time, write such as 2026-03-02 14:00, or none", d.Key, v.Text)
}

func joinNames[T ~string](names []T) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = string(name)
	}
	return strings.Join(parts, ", ")
}
