package uld_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

// day is a day at noon UTC.
func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t.Add(12 * time.Hour)
}

func ExampleCriterion_ParseAnswer() {
	timing := uld.Criterion{Key: "decision", Type: uld.AnswerMonths}
	march := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	for _, said := range []string{"3 months", "in 2 weeks", "next quarter", "2026-09-02", "when hell freezes"} {
		fmt.Println(timing.ParseAnswer(said, march))
	}
	// Output:
	// 3 <nil>
	// 0.46 <nil>
	// 3.93 <nil>
	// 6 <nil>
	//  decision: "when hell freezes" is no time frame, write months (3), a span (2 weeks, 1 year, next quarter) or a date (2026-09-30)
}

func TestParseAnswer(t *testing.T) {
	t.Parallel()
	yes, no := predicate.Bool(true), predicate.Bool(false)
	num := predicate.Number
	for _, tc := range []struct {
		typ  uld.AnswerType
		in   string
		want predicate.Value
	}{
		{uld.AnswerText, "  The ERP crashes\nweekly ", predicate.Text("The ERP crashes\nweekly")},
		{uld.AnswerText, "none", predicate.Text("none")},
		{uld.AnswerChoice, " economic BUYER ", predicate.Text("Economic buyer")},
		{uld.AnswerYesNo, "y", yes},
		{uld.AnswerYesNo, " Yes", yes},
		{uld.AnswerYesNo, "TRUE", yes},
		{uld.AnswerYesNo, "1", yes},
		{uld.AnswerYesNo, "n", no},
		{uld.AnswerYesNo, "no", no},
		{uld.AnswerYesNo, "false", no},
		{uld.AnswerYesNo, "0", no},
		{uld.AnswerNumber, "12", num(12)},
		{uld.AnswerNumber, "-3.5", num(-3.5)},
		{uld.AnswerNumber, "+7", num(7)},
		{uld.AnswerNumber, "12,5", num(12.5)},
		{uld.AnswerNumber, "0.125", num(0.125)},
		{uld.AnswerNumber, "0,125", num(0.125)},
		{uld.AnswerNumber, "1.2500", num(1.25)},
		{uld.AnswerNumber, "1,250", num(1250)},
		{uld.AnswerNumber, "1,250,000.75", num(1250000.75)},
		{uld.AnswerNumber, "1.250.000,75", num(1250000.75)},
		{uld.AnswerNumber, "1.250,5", num(1250.5)},
		{uld.AnswerNumber, "1 250 000", num(1250000)},
		{uld.AnswerNumber, "1\u202f250,5", num(1250.5)},
		{uld.AnswerNumber, "1'250.5", num(1250.5)},
		{uld.AnswerNumber, "\u22121_250", num(-1250)},
		{uld.AnswerDate, " 2026-01-15", predicate.Date(day("2026-01-15"))},
		{uld.AnswerMonths, "3", num(3)},
		{uld.AnswerMonths, "0", num(0)},
		{uld.AnswerMonths, "1,5", num(1.5)},
		{uld.AnswerMonths, "3 Months", num(3)},
		{uld.AnswerMonths, "3m", num(3)},
		{uld.AnswerMonths, "in 2 weeks", num(0.46)},
		{uld.AnswerMonths, "10 days", num(0.33)},
		{uld.AnswerMonths, "2 years", num(24)},
		{uld.AnswerMonths, "within about 1.5 yrs", num(18)},
		{uld.AnswerMonths, "~2 quarters", num(6)},
		{uld.AnswerMonths, "half a year", num(6)},
		{uld.AnswerMonths, "a month", num(1)},
		{uld.AnswerMonths, "twelve months", num(12)},
		{uld.AnswerMonths, "3-6 months", num(6)},
		{uld.AnswerMonths, "6 to 3 months", num(6)},
		{uld.AnswerMonths, "one or two years", num(24)},
		{uld.AnswerMonths, "asap", num(0)},
		{uld.AnswerMonths, "Now", num(0)},
		{uld.AnswerMonths, "2026-03-02", num(0)},
		{uld.AnswerMonths, "2026-09-02", num(6)},
		{uld.AnswerMonths, "2026-09", num(6.93)},
		{uld.AnswerMonths, "this week", num(0.19)},    // 2 March 2026 is a Monday
		{uld.AnswerMonths, "next week", num(0.42)},    // Sunday, 15 March
		{uld.AnswerMonths, "this month", num(0.94)},   // 31 March
		{uld.AnswerMonths, "next month", num(1.93)},   // 30 April
		{uld.AnswerMonths, "this quarter", num(0.94)}, // 31 March
		{uld.AnswerMonths, "next quarter", num(3.93)}, // 30 June
		{uld.AnswerMonths, "this year", num(9.94)},
		{uld.AnswerMonths, "next year", num(21.94)},
		{uld.AnswerMonths, "50 years", num(600)},
	} {
		c := uld.Criterion{Key: "k", Type: tc.typ, Options: []string{"Economic buyer", "Influencer"}}
		got, err := c.ParseAnswer(tc.in, day("2026-03-02"))
		if err != nil || got != tc.want {
			t.Errorf("%s %q: got %s, %v; want %s", tc.typ, tc.in, got, err, tc.want)
		}
	}
}

func TestParseAnswerRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		typ  uld.AnswerType
		in   string
		want string // part of the error
	}{
		{uld.AnswerText, " \n", "k: there is no answer"},
		{uld.AnswerChoice, "boss", `k: "boss" is none of the choices, use one of: Economic buyer, Influencer`},
		{uld.AnswerYesNo, "perhaps", "write yes or no"},
		{uld.AnswerNumber, "a lot", "is no number"},
		{uld.AnswerNumber, "inf", "is no number"},
		{uld.AnswerNumber, "0x1f", "is no number"},
		{uld.AnswerNumber, "12,34,56", "is no number"},
		{uld.AnswerNumber, "1,250.00.1", "is no number"},
		{uld.AnswerNumber, strings.Repeat("9", 400), "is no number"},
		{uld.AnswerNumber, "1.250", "write 1250 or 1.2500"},
		{uld.AnswerDate, "15.01.2026", "write year-month-day"},
		{uld.AnswerDate, "2026-02-30", "write year-month-day"},
		{uld.AnswerMonths, "soon", "is no time frame"},
		{uld.AnswerMonths, "-3", "is no time frame"},
		{uld.AnswerMonths, "a", "is no time frame"},
		{uld.AnswerMonths, "half a", "is no time frame"},
		{uld.AnswerMonths, "next summer", "is no time frame"},
		{uld.AnswerMonths, "last month", "is no time frame"},
		{uld.AnswerMonths, "2026-13", "more than 600 months"},
		{uld.AnswerMonths, "2026-03-01", "is past"},
		{uld.AnswerMonths, "2027", "more than 600 months"},
		{"essay", "x", `unknown answer type "essay"`},
	} {
		c := uld.Criterion{Key: "k", Type: tc.typ, Options: []string{"Economic buyer", "Influencer"}}
		got, err := c.ParseAnswer(tc.in, day("2026-03-02"))
		if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), "k: ") {
			t.Errorf("%s %q: got %s, %v; want an error with %q", tc.typ, tc.in, got, err, tc.want)
		}
		if !got.IsZero() {
			t.Errorf("%s %q: a value came with the error: %s", tc.typ, tc.in, got)
		}
	}
}

func TestMonthsCountFromTheDayOfTheLead(t *testing.T) {
	t.Parallel()
	c := uld.Criterion{Key: "k", Type: uld.AnswerMonths}
	late := time.Date(2026, 3, 2, 23, 30, 0, 0, time.FixedZone("EST", -5*3600)) // 3 March in UTC
	if got, err := c.ParseAnswer("2026-04-02", late); err != nil || got != predicate.Number(1) {
		t.Errorf("got %s, %v; want 1", got, err)
	}
}

// A number that the program itself has written is read back as the same number, unless it is the one form that people read
// differently.
func TestNumbersRoundTrip(t *testing.T) {
	t.Parallel()
	c := uld.Criterion{Key: "k", Type: uld.AnswerNumber}
	rapid.Check(t, func(t *rapid.T) {
		v := predicate.Number(float64(rapid.IntRange(-1e9, 1e9).Draw(t, "hundredths")) / 100)
		got, err := c.ParseAnswer(v.String(), day("2026-03-02"))
		if err != nil || got != v {
			t.Fatalf("%s: got %s, %v", v, got, err)
		}
	})
}

func TestDossierAnswer(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ key, in, want string }{
		{"competition", " Acme and Initech ", "Acme and Initech"},
		{"competition", "NONE", "none"},
		{"callback_at", "None", "none"},
		{"callback_at", "2026-03-02 14:00", "2026-03-02T14:00"},
		{"callback_at", "2026-03-02T14:00", "2026-03-02T14:00"},
		{"callback_at", "2026-03-02T14:00:30", "2026-03-02T14:00"},
		{"callback_at", "2026-03-02 14:00:30", "2026-03-02T14:00"},
		{"callback_at", "2026-03-02T14:00:00+01:00", "2026-03-02T14:00:00+01:00"},
		{"callback_at", "2026-03-02 14:00 +01:00", "2026-03-02T14:00:00+01:00"},
		{"callback_at", "2026-03-02 14:00Z", "2026-03-02T14:00:00Z"},
	} {
		got, err := uld.DossierItem{Key: tc.key}.ParseAnswer(tc.in, day("2026-03-01"))
		if err != nil || got != predicate.Text(tc.want) {
			t.Errorf("%s %q: got %s, %v; want %s", tc.key, tc.in, got, err, tc.want)
		}
	}
	for _, tc := range []struct{ key, in, want string }{
		{"competition", "  ", "competition: there is no answer"},
		{"callback_at", "2026-03-02", "callback_at: "},
		{"callback_at", "tomorrow at two", "write such as 2026-03-02 14:00, or none"},
		{"callback_at", "2026-03-02 25:00", "is no date and time"},
	} {
		got, err := uld.DossierItem{Key: tc.key}.ParseAnswer(tc.in, day("2026-03-01"))
		if err == nil || !strings.Contains(err.Error(), tc.want) || !got.IsZero() {
			t.Errorf("%s %q: got %s, %v; want an error with %q", tc.key, tc.in, got, err, tc.want)
		}
	}
}
