package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nurture/config"
	"nurture/internal/figure"
)

// Failure is an expectation that did not come true, or an event that could not happen.
type Failure struct {
	// Problem names the place and what was expected.
	config.Problem
	Instead string // what happened that comes nearest; "" when nothing of the kind did
	Near    int    // its index in the timeline; −1 for none
}

// String prints a failure like a problem of the configuration, with what happened instead in place of the hint.
func (f Failure) String() string {
	text := f.Problem.String()
	if f.Instead != "" {
		text += "\n  instead: " + f.Instead
	}
	return text
}

// compare matches the expectations with the timeline in order: each must be found at, or after, the instant at which the one before was.
// matched is the index of the last entry that was, −1 for none.
func compare(s config.Scenario, timeline []Entry, zone string, cut time.Time) (failures []Failure, matched int) {
	c := comparison{timeline: timeline, zone: zone, cut: cut, used: make([]bool, len(timeline)), from: s.Start, last: -1}
	for _, e := range s.Expect {
		c.expect(e)
	}
	if s.Complete && len(c.failures) == 0 {
		c.leftOver(s)
	}
	return c.failures, c.last
}

type comparison struct {
	timeline []Entry
	zone     string
	used     []bool
	from     time.Time // when the last match was
	last     int       // its index, −1 for none
	failures []Failure
	cut      time.Time // where the run ended with something still to come; zero: there was nothing more
}

func (c *comparison) expect(e config.Expectation) {
	if e.Kind == "no_touch_after" {
		c.expectSilence(e)
		return
	}
	for i, entry := range c.timeline {
		if !c.used[i] && !entry.At.Before(c.from) && len(c.differences(e, entry)) == 0 {
			c.used[i], c.from, c.last = true, entry.At, max(c.last, i)
			return
		}
	}
	c.missed(e)
}

func (c *comparison) expectSilence(e config.Expectation) {
	for i, entry := range c.timeline {
		if entry.Kind != "touch" || entry.At.Before(e.At.From) || e.Until.Given() && !entry.At.Before(e.Until.From) {
			continue
		}
		f := Failure{Problem: e.Where, Near: i, Instead: Shown(entry.At, c.zone) + "  " + entry.Line(c.zone)}
		f.Message = "expected no touch after " + e.At.Written
		c.failures = append(c.failures, f)
		return
	}
}

// missed reports an expectation that nothing meets, with what comes nearest.
func (c *comparison) missed(e config.Expectation) {
	f := Failure{Problem: e.Where, Near: -1}
	f.Message = "expected " + wording(e)
	near, early := c.nearest(e)
	if near >= 0 {
		entry := c.timeline[near]
		f.Near = near
		f.Instead = Shown(entry.At, c.zone) + "  " + entry.Line(c.zone)
		if differences := c.differences(e, entry); len(differences) > 0 {
			f.Instead += "\n           " + strings.Join(differences, "; ")
		} else if early {
			f.Instead += "\n           that is before what is expected above; put expectations in the order of their times"
		}
	} else {
		f.Instead = "nothing of the kind happens"
		if !c.cut.IsZero() {
			f.Instead += " before the run ends on " + Shown(c.cut, c.zone) + "; until: takes it further"
		}
	}
	c.failures = append(c.failures, f)
}

// nearest finds the entry that an expectation most likely means: of the same kind and name, else a skip of the touch or a touch in place
// of the skip, else of the same kind; of several the one with the fewest differences, then the nearest in time. early tells that it
// comes before what was matched last.
func (c *comparison) nearest(e config.Expectation) (index int, early bool) {
	index, best := -1, 0
	for i, entry := range c.timeline {
		score := kinship(e, entry)
		if score == 0 || c.used[i] {
			continue
		}
		score = score*1_000_000 - 100_000*len(c.differences(e, entry)) - distance(e.At, entry.At)
		if entry.At.Before(c.from) {
			score -= 50_000
		}
		if index < 0 || score > best {
			index, best = i, score
		}
	}
	return index, index >= 0 && c.timeline[index].At.Before(c.from)
}

// kinship says how much an entry is like what is expected; 0 is not at all.
func kinship(e config.Expectation, entry Entry) int {
	stepLike := func(kind string) bool { return kind == "touch" || kind == "skip" }
	switch {
	case entry.Kind == e.Kind && entry.Name == e.Name:
		return 4
	case stepLike(e.Kind) && stepLike(entry.Kind) && entry.Name == e.Name:
		return 3
	case entry.Kind == e.Kind:
		return 2
	}
	return 0
}

// distance is how far an instant is from a moment, in hours, at most a few years.
func distance(m config.Moment, at time.Time) int {
	if !m.Given() || m.Holds(at) {
		return 0
	}
	return min(int(m.From.Sub(at).Abs().Hours()), 40_000)
}

// differences lists in what an entry is not what is expected; none when it is.
func (c *comparison) differences(e config.Expectation, entry Entry) []string {
	var out []string
	differ := func(what, want, got string) {
		if want != "" && want != got {
			if got == "" {
				got = "none"
			}
			out = append(out, fmt.Sprintf("%s is %s, not %s", what, got, want))
		}
	}
	if e.Kind != entry.Kind {
		out = append(out, strings.TrimSpace(fmt.Sprintf("it is a %s, not a %s. %s", entry.Kind, e.Kind, entry.Reason.Sentence())))
	}
	differ(noun(e.Kind), e.Name, entry.Name)
	out = append(out, c.late("it happens", e.At, entry.At)...)
	differ("the cadence", e.Cadence, entry.Cadence)
	differ("the reason", string(e.Reason), string(entry.Reason))
	differ("the channel", string(e.Channel), string(entry.Channel))
	differ("the variant", e.Variant, entry.Variant)
	differ("the template", e.Template, entry.Template)
	if e.Run > 0 && e.Run != entry.Run {
		out = append(out, fmt.Sprintf("it is run %d, not %d", entry.Run, e.Run))
	}
	out = append(out, c.late(untilWords[e.Kind], e.Until, entry.Until)...)
	out = append(out, c.late("it is due", e.By, entry.By)...)
	out = append(out, lists("it lacks", e.Missing, entry.Missing)...)
	out = append(out, lists("to verify are", e.Verify, entry.Verify)...)
	differ("the readiness", string(e.Readiness), string(entry.Readiness))
	return out
}

var untilWords = map[string]string{"pause": "the pause ends", "move": "the other cadence begins"}

// noun says what the name of an expectation is.
func noun(kind string) string {
	switch kind {
	case "touch", "skip":
		return "the step"
	case "pause", "finish", "end":
		return "the reason"
	case "move":
		return "the cadence"
	}
	return "the " + kind
}

// late compares a time with the moment that is expected.
func (c *comparison) late(what string, want config.Moment, got time.Time) []string {
	switch {
	case !want.Given() || want.Holds(got):
		return nil
	case got.IsZero():
		return []string{what + " at no time, not at " + want.Written}
	}
	apart, direction := got.Sub(want.From), "later"
	if apart < 0 {
		apart, direction = -apart, "earlier"
	}
	if want.To.Sub(want.From) > time.Minute { // a day: hours are no matter
		apart = max(apart.Round(24*time.Hour), 24*time.Hour)
	}
	return []string{fmt.Sprintf("%s %s, %s %s", what, Shown(got, c.zone), span(apart), direction)}
}

// span says how long something is, roughly.
func span(d time.Duration) string {
	unit, n := "minute", int(d.Minutes())
	switch {
	case d >= 24*time.Hour:
		unit, n = "day", int(d.Hours()/24)
	case d >= time.Hour && d%time.Hour == 0:
		unit, n = "hour", int(d.Hours())
	}
	return figure.Count(n, unit)
}

// lists compares keys without regard to their order.
func lists(what string, want, got []string) []string {
	if want == nil || slices.Equal(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))) {
		return nil
	}
	if len(got) == 0 {
		got = []string{"nothing"}
	}
	return []string{what + " " + strings.Join(got, ", ")}
}

// wording says what is expected.
func wording(e config.Expectation) string {
	text := e.Kind + " " + e.Name
	if e.Kind == "finish" {
		text = "the cadence to be over: " + e.Name
	}
	for _, part := range []struct{ before, value string }{
		{" in ", e.Cadence},
		{" by ", string(e.Channel)},
		{", variant ", e.Variant},
		{", template ", e.Template},
		{" at ", e.At.Written},
		{", until ", e.Until.Written},
		{", to be done by ", e.By.Written},
		{", because of ", string(e.Reason)},
		{", readiness ", string(e.Readiness)},
		{", lacking ", strings.Join(e.Missing, ", ")},
		{", to verify ", strings.Join(e.Verify, ", ")},
	} {
		if part.value != "" {
			text += part.before + part.value
		}
	}
	if e.Run > 0 {
		text += fmt.Sprintf(", run %d", e.Run)
	}
	return text
}

// leftOver reports the touches and skips that nobody expected, up to the last that somebody did.
func (c *comparison) leftOver(s config.Scenario) {
	for i, entry := range c.timeline {
		if i > c.last || c.used[i] || entry.Kind != "touch" && entry.Kind != "skip" {
			continue
		}
		f := Failure{Near: i, Problem: s.Where}
		f.Message = fmt.Sprintf("%s at %s is not expected, and the test says complete: true",
			strings.TrimSuffix(entry.Line(c.zone), ": "+string(entry.Reason)), Shown(entry.At, c.zone))
		c.failures = append(c.failures, f)
	}
}
