package calendar

import (
	"fmt"
	"strconv"
	"strings"
)

// endOfDay is the Minute at which a day ends.
const endOfDay Minute = 24 * 60

// String gives the time as on a 24-hour clock: "09:05", and "24:00" for the end of the day.
func (m Minute) String() string { return fmt.Sprintf("%02d:%02d", int(m)/60, int(m)%60) }

// String gives the span as ParseSpan reads it: "09:00-17:00".
func (s Span) String() string { return s.From.String() + "-" + s.To.String() }

// empty reports whether no minute is in the span.
func (s Span) empty() bool { return s.To <= s.From }

// ParseSpan reads hours such as "09:00-17:00" or "8:00-24:00". The span must lie within one day and must not be empty.
func ParseSpan(text string) (Span, error) {
	from, to, ok := strings.Cut(strings.ReplaceAll(text, "–", "-"), "-")
	if !ok {
		return Span{}, spanError(text, "there is no dash")
	}
	var s Span
	var err error
	if s.From, err = parseMinute(from); err != nil {
		return Span{}, spanError(text, err.Error())
	}
	if s.To, err = parseMinute(to); err != nil {
		return Span{}, spanError(text, err.Error())
	}
	if s.empty() {
		return Span{}, spanError(text, "the end must be later than the start on the same day")
	}
	return s, nil
}

func spanError(text, why string) error {
	return fmt.Errorf("hours %q: %s; write them like \"09:00-17:00\", to 24:00 at the latest", text, why)
}

// parseMinute reads "9:00", "09:00" and so on up to "24:00".
func parseMinute(text string) (Minute, error) {
	text = strings.TrimSpace(text)
	hour, minute, ok := strings.Cut(text, ":")
	h, hok := digits(hour, 2)
	m, mok := digits(minute, 2)
	at := Minute(h*60 + m)
	if !ok || !hok || !mok || len(minute) != 2 || m > 59 || at > endOfDay {
		return 0, fmt.Errorf("%q is not a time", text)
	}
	return at, nil
}

// digits reads a number of at most width decimal digits without a sign.
func digits(text string, width int) (int, bool) {
	if text == "" || len(text) > width {
		return 0, false
	}
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}
