package calendar

import (
	"fmt"
	"strings"
	"time"
)

// everyDay is how all seven days are written.
const everyDay = "every day"

// weekdays are the days in the order in which people write a week, which differs from time.Weekday's.
var weekdays = [7]time.Weekday{
	time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday,
}

// ParseDays reads days of the week, by time.Weekday: "mon-fri", "mon,wed,fri", "sat", "every day". Names may be written
// out, in any case; a range may go over the week's end ("sat-wed").
func ParseDays(text string) ([7]bool, error) {
	var days [7]bool
	if strings.EqualFold(strings.Join(strings.Fields(text), " "), everyDay) {
		return [7]bool{true, true, true, true, true, true, true}, nil
	}
	for part := range strings.SplitSeq(strings.ReplaceAll(text, "–", "-"), ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, ok := parseWeekday(first)
		if !ok {
			return [7]bool{}, daysError(text, first)
		}
		to, ok := parseWeekday(last)
		if !ok {
			return [7]bool{}, daysError(text, last)
		}
		days[from] = true
		for d := from; d != to; {
			d = (d + 1) % 7
			days[d] = true
		}
	}
	return days, nil
}

func daysError(text, part string) error {
	return fmt.Errorf("days %q: %q is not a day; write mon, tue, wed, thu, fri, sat, sun as in \"mon-fri\" or \"mon,wed,fri\", or \"every day\"",
		text, strings.TrimSpace(part))
}

// parseWeekday reads "mon" or "Monday".
func parseWeekday(text string) (time.Weekday, bool) {
	text = strings.TrimSpace(text)
	for _, d := range weekdays {
		if strings.EqualFold(text, dayName(d)) || strings.EqualFold(text, d.String()) {
			return d, true
		}
	}
	return 0, false
}

// dayName gives "mon" for Monday.
func dayName(d time.Weekday) string { return strings.ToLower(d.String()[:3]) }

// FormatDays writes days of the week the way ParseDays reads them, from Monday on, three and more in a row as a range. No
// day at all is "no day", which ParseDays refuses.
func FormatDays(days [7]bool) string {
	var parts []string
	for i := 0; i < len(weekdays); {
		if !days[weekdays[i]] {
			i++
			continue
		}
		end := i + 1
		for end < len(weekdays) && days[weekdays[end]] {
			end++
		}
		switch {
		case end-i == 7:
			return everyDay
		case end-i >= 3:
			parts = append(parts, dayName(weekdays[i])+"-"+dayName(weekdays[end-1]))
		default:
			for ; i < end; i++ {
				parts = append(parts, dayName(weekdays[i]))
			}
		}
		i = end
	}
	if len(parts) == 0 {
		return "no day"
	}
	return strings.Join(parts, ",")
}
