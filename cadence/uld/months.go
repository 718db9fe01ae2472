package uld

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// daysPerMonth is the mean month of the Gregorian calendar: 400 years have 146,097 days.
const daysPerMonth = 146097.0 / 4800

// maxMonths bounds a time frame. Beyond it somebody typed a year: 2027 is no number of months.
const maxMonths = 600

// monthsBetween counts calendar months from one instant to another, with the fraction of the last month; negative when to
// is before from. The same day and hour of the next month is 1, a last day counts as the last day of a shorter month.
func monthsBetween(from, to time.Time) float64 {
	from, to = from.UTC(), to.UTC()
	if to.Before(from) {
		return -monthsBetween(to, from)
	}
	n := (to.Year()-from.Year())*12 + int(to.Month()) - int(from.Month())
	begin, end := addMonths(from, n), time.Time{}
	if begin.After(to) {
		n, begin, end = n-1, addMonths(from, n-1), begin
	} else {
		end = addMonths(from, n+1)
	}
	return float64(n) + to.Sub(begin).Seconds()/end.Sub(begin).Seconds()
}

// monthsUntil counts the months from the day of now to a day, to the hundredth and not below 0.
func monthsUntil(day, now time.Time) float64 { return round2(max(0, monthsBetween(today(now), day))) }

// countDown gives what is left at now of months that were counted at given, to the hundredth and not below 0.
func countDown(months float64, given, now time.Time) float64 {
	return round2(max(0, months-max(0, monthsBetween(given, now))))
}

// monthsAfter gives the instant that is so many months after t, as monthsBetween counts; about t where n is negative.
func monthsAfter(t time.Time, n float64) time.Time {
	t, n = t.UTC(), max(n, 0)
	whole := int(n)
	begin, end := addMonths(t, whole), addMonths(t, whole+1)
	return begin.Add(time.Duration((n - float64(whole)) * float64(end.Sub(begin))))
}

// addMonths moves t by n calendar months; unlike AddDate it stays within the month: 31 January and one is 28 February.
func addMonths(t time.Time, n int) time.Time {
	year, month, day := t.Date()
	month += time.Month(n)
	if day > 28 {
		day = min(day, time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day())
	}
	hour, minute, second := t.Clock()
	return time.Date(year, month, day, hour, minute, second, t.Nanosecond(), time.UTC)
}

// today is the calendar day that t shows in its own location, as midnight UTC: the form of date values.
func today(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

const quantity = `(\d+(?:[.,]\d+)?|half an?|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)`

var (
	hedges   = regexp.MustCompile(`^(?:(?:in|within|about|around|approx\.?|ca\.?|roughly)\s+|~\s*)+`)
	spanForm = regexp.MustCompile(`^` + quantity + `(?:\s*(?:-|–|to|or)\s*` + quantity + `)?` +
		`\s*(d|days?|w|wks?|weeks?|m|mo|mos|months?|q|quarters?|y|yrs?|years?)?$`)
	yearMonth = regexp.MustCompile(`^\d{4}-\d{2}$`)

	numberWords = map[string]float64{
		"half a": 0.5, "half an": 0.5, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
		"eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
	}
	unitMonths = map[byte]float64{'d': 1 / daysPerMonth, 'w': 7 / daysPerMonth, 'm': 1, 'q': 3, 'y': 12}
)

// readMonths reads a time frame as months from the day of at; false when s is none. Where s names a span of time
// ("3-6 months", "next quarter", "2026-09") its end counts, so that no lead is called ready too early.
func readMonths(s string, at time.Time) (float64, bool) {
	s = hedges.ReplaceAllString(strings.Join(strings.Fields(strings.ToLower(s)), " "), "")
	switch s {
	case "now", "today", "immediately", "asap", "right away", "straight away":
		return 0, true
	}
	if end, ok := readDay(s, at); ok {
		return round2(monthsBetween(today(at), end)), true
	}
	m := spanForm.FindStringSubmatch(s)
	if m == nil || m[3] == "" && (strings.ContainsAny(m[1][:1], "ah") || strings.HasPrefix(m[2], "a")) {
		return 0, false // "a" alone is an article
	}
	n := quantityOf(m[1])
	if m[2] != "" {
		n = max(n, quantityOf(m[2]))
	}
	unit := byte('m')
	if m[3] != "" {
		unit = m[3][0]
	}
	return round2(n * unitMonths[unit]), true
}

func round2(f float64) float64 { return math.Round(f*100) / 100 }

func quantityOf(s string) float64 {
	if n, ok := numberWords[s]; ok {
		return n
	}
	n, _ := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64) // the pattern lets only digits through
	return n
}

// readDay reads a date, a month of a year, or this or next week, month, quarter or year, as its last day.
func readDay(s string, at time.Time) (time.Time, bool) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, true
	}
	if yearMonth.MatchString(s) {
		t, err := time.Parse("2006-01", s)
		return t.AddDate(0, 1, -1), err == nil
	}
	which, period, _ := strings.Cut(s, " ")
	ahead := 0
	switch which {
	case "this":
	case "next":
		ahead = 1
	default:
		return time.Time{}, false
	}
	day := today(at)
	y, m := day.Year(), day.Month()
	switch period {
	case "week": // ISO 8601: it ends on Sunday
		return day.AddDate(0, 0, (7-int(day.Weekday()))%7+7*ahead), true
	case "month":
		return time.Date(y, m+time.Month(1+ahead), 0, 0, 0, 0, 0, time.UTC), true
	case "quarter":
		first := (m-1)/3*3 + 1
		return time.Date(y, first+time.Month(3+3*ahead), 0, 0, 0, 0, 0, time.UTC), true
	case "year":
		return time.Date(y+ahead, time.December, 31, 0, 0, 0, 0, time.UTC), true
	}
	return time.Time{}, false
}
