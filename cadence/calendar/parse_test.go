package calendar_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nurture/cadence/calendar"
)

func TestParseSpan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]calendar.Span{
		"09:00-17:00":   {From: 540, To: 1020},
		"9:00-17:30":    {From: 540, To: 1050},
		" 8:00 – 21:00": {From: 480, To: 1260},
		"00:00-24:00":   {From: 0, To: 1440},
		"23:59-24:00":   {From: 1439, To: 1440},
	} {
		if got, err := calendar.ParseSpan(text); err != nil || got != want {
			t.Errorf("ParseSpan(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for text, why := range map[string]string{
		"":             "no dash",
		"9-17":         "not a time",
		"09:00":        "no dash",
		"09:00-17:60":  "not a time",
		"09:00-24:01":  "not a time",
		"25:00-26:00":  "not a time",
		"x9:00-17:00":  "not a time",
		"+9:00-17:00":  "not a time",
		"009:00-17:00": "not a time",
		"09:0-17:00":   "not a time",
		"17:00-09:00":  "later than the start",
		"09:00-09:00":  "later than the start",
	} {
		_, err := calendar.ParseSpan(text)
		if err == nil {
			t.Errorf("ParseSpan(%q) succeeds", text)
		} else if !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), `"09:00-17:00"`) {
			t.Errorf("ParseSpan(%q) says %q; it should name the reason %q and an example", text, err, why)
		}
	}
}

func TestSpanRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, 1439).Draw(t, "from")
		want := calendar.Span{From: calendar.Minute(from), To: calendar.Minute(rapid.IntRange(from+1, 1440).Draw(t, "to"))}
		if got, err := calendar.ParseSpan(want.String()); err != nil || got != want {
			t.Fatalf("ParseSpan(%q) = %v, %v", want, got, err)
		}
	})
}

func TestParseDays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"mon-fri":            "mon-fri",
		"Mon - Fri":          "mon-fri",
		"mon–wed":            "mon-wed",
		"monday, wed,Friday": "mon,wed,fri",
		"sat":                "sat",
		"sat-sun":            "sat,sun",
		"sun-thu":            "mon-thu,sun",
		"sat-wed":            "mon-wed,sat,sun",
		"fri,mon":            "mon,fri",
		"mon-sun":            "every day",
		"every day":          "every day",
		" Every  Day ":       "every day",
	} {
		got, err := calendar.ParseDays(text)
		if err != nil || calendar.FormatDays(got) != want {
			t.Errorf("ParseDays(%q) = %s, %v; want %s", text, calendar.FormatDays(got), err, want)
		}
	}
	for _, text := range []string{"", "mon-", "-fri", "weekdays", "mon,,fri", "mo", "mon-fri-sun", "no day"} {
		if got, err := calendar.ParseDays(text); err == nil {
			t.Errorf("ParseDays(%q) = %s", text, calendar.FormatDays(got))
		} else if !strings.Contains(err.Error(), "mon-fri") {
			t.Errorf("ParseDays(%q) does not say what is accepted: %v", text, err)
		}
	}
	if days, _ := calendar.ParseDays("sun-tue"); days != [7]bool{time.Sunday: true, time.Monday: true, time.Tuesday: true} {
		t.Errorf("sun-tue = %v", days)
	}
}

func TestDaysRoundTrip(t *testing.T) {
	t.Parallel()
	for set := 1; set < 128; set++ {
		var want [7]bool
		for d := range want {
			want[d] = set>>d&1 == 1
		}
		if got, err := calendar.ParseDays(calendar.FormatDays(want)); err != nil || got != want {
			t.Errorf("ParseDays(%q) = %v, %v; want %v", calendar.FormatDays(want), got, err, want)
		}
	}
	if got := calendar.FormatDays([7]bool{}); got != "no day" {
		t.Errorf("no days at all = %q", got)
	}
}

func TestParseDelay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]calendar.Delay{
		"2 business days":      {BusinessDays: 2},
		"1 Business  Day":      {BusinessDays: 1},
		"3 days":               {Days: 3},
		"1 day":                {Days: 1},
		"36 hours":             {Hours: 36},
		"1 hour":               {Hours: 1},
		"90 days":              {Days: 90},
		"2 weeks":              {Days: 14},
		"1 week":               {Days: 7},
		"0 days":               {},
		"No wait":              {},
		"3650 days":            {Days: 3650},
		"87600 hours":          {Hours: 87600},
		"521 weeks":            {Days: 3647},
		" 3650 business days ": {BusinessDays: 3650},
	} {
		if got, err := calendar.ParseDelay(text); err != nil || got != want {
			t.Errorf("ParseDelay(%q) = %+v, %v; want %+v", text, got, err, want)
		}
	}
	for text, why := range map[string]string{
		"":                       "a number and a unit",
		"3":                      "a number and a unit",
		"days":                   "a number and a unit",
		"-3 days":                "not a whole number",
		"+3 days":                "not a whole number",
		"2.5 days":               "not a whole number",
		"two days":               "not a whole number",
		"3 months":               "not a unit",
		"3 days later":           "not a unit",
		"3651 days":              "ten years",
		"87601 hours":            "ten years",
		"522 weeks":              "ten years",
		"99999999999999999 days": "not a whole number",
	} {
		_, err := calendar.ParseDelay(text)
		if err == nil {
			t.Errorf("ParseDelay(%q) succeeds", text)
		} else if !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), "2 business days") {
			t.Errorf("ParseDelay(%q) says %q; it should name the reason %q and an example", text, err, why)
		}
	}
}

func TestDelayRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 3650).Draw(t, "n")
		want := rapid.SampledFrom([]calendar.Delay{{Hours: n}, {Days: n}, {BusinessDays: n}}).Draw(t, "delay")
		if got, err := calendar.ParseDelay(want.String()); err != nil || got != want {
			t.Fatalf("ParseDelay(%q) = %+v, %v", want, got, err)
		}
		if want.Zero() != (n == 0) {
			t.Fatalf("%+v.Zero() = %v", want, want.Zero())
		}
	})
	if got := (calendar.Delay{Days: 1, Hours: 2}).String(); got != "1 day and 2 hours" {
		t.Errorf("two fields = %q", got)
	}
}
