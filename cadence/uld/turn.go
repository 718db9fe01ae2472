package uld

import (
	"slices"
	"time"

	"nurture/cadence/predicate"
)

// hundredth is the least step in which answers in months are counted down (see round2).
const hundredth = 0.01

// NextTurn gives the first instant after now, in UTC and to the microsecond, at which time alone changes the verdict: its Outcome, its Readiness or what
// is to be verified, if nobody says anything until then. It is false when time changes nothing any more. Evaluate tells what the verdict is from then on.
//
// Only answers in months and the date of a decision get older, and both only ever come nearer, so that a lead has a handful of turns in all.
func NextTurn(def Definition, facts []Fact, selfQualified bool, now time.Time) (time.Time, bool) {
	held, conflicts := current(facts, def.contradicts)
	if !def.ages(held) {
		return time.Time{}, false
	}
	trusted := def.trusted(selfQualified)
	a := assess(def, held, trusted, now)
	instants := def.turns(held, now)
	if confirmed := a.confirmedAt(); a.promotable() {
		stale := func(at time.Time) bool { return monthsBetween(confirmed, at) > FreshMonths }
		instants = appendTurn(instants, stale, now, addMonths(confirmed.UTC(), FreshMonths))
	}
	if len(instants) == 0 {
		return time.Time{}, false
	}
	slices.SortFunc(instants, time.Time.Compare)
	instants = slices.CompactFunc(instants, time.Time.Equal)
	before := a.verdict(def, held, conflicts, now)
	for _, at := range instants {
		if v := judgeHeld(def, held, conflicts, trusted, at); v.Outcome != before.Outcome || v.Readiness != before.Readiness || !slices.Equal(v.Verify, before.Verify) {
			return at, true
		}
	}
	return time.Time{}, false
}

// ages reports whether any answer gets older.
func (d Definition) ages(held map[string]Fact) bool {
	timing := d.Timing()
	for i := range d.Criteria {
		if _, known := held[d.Criteria[i].Key]; known && d.Criteria[i].ages(i == timing) {
			return true
		}
	}
	return false
}

func (c *Criterion) ages(timing bool) bool {
	return c.Type == AnswerMonths || timing && c.Type == AnswerDate
}

// promotable reports whether time can make the answers promote, or has: what does not get older stands in nobody's way.
func (a *assessment) promotable() bool {
	return a.confirmed() && !slices.ContainsFunc(a.judged, func(j judgement) bool {
		return (j.Required || j.Disqualifies) && !j.ages(j.timing) && j.state == Unmet || j.Required && j.state == Missing
	})
}

// turns lists the instants after now at which an answer passes something that the definition compares it with.
func (d Definition) turns(held map[string]Fact, now time.Time) []time.Time {
	timing := d.Timing()
	var instants []time.Time
	for i := range d.Criteria {
		c := &d.Criteria[i]
		fact, known := held[c.Key]
		if !known || !c.ages(i == timing) {
			continue
		}
		given := c.read(&fact)
		if given.IsZero() {
			continue
		}
		if c.Type == AnswerDate {
			within := func(at time.Time) bool { return monthsUntil(given.Date, at) <= float64(d.horizon()) }
			instants = appendTurn(instants, within, now, addMonths(given.Date, -d.horizon()))
			continue
		}
		left := countDown(given.Number, fact.At, now)
		for _, limit := range c.limits(i == timing, d.horizon()) {
			if left <= limit {
				continue
			}
			within := func(at time.Time) bool { return countDown(given.Number, fact.At, at) <= limit }
			instants = appendTurn(instants, within, now, monthsAfter(fact.At, given.Number-limit-hundredth/2))
		}
	}
	return instants
}

// limits are the numbers of months at or below which an answer to c may be judged otherwise than above.
func (c *Criterion) limits(timing bool, horizon int) []float64 {
	var limits []float64
	if timing {
		limits = append(limits, float64(horizon))
	}
	for _, arg := range c.Accept.Arguments() {
		if n, ok := arg.As(predicate.KindNumber); ok {
			limits = append(limits, n.Number, n.Number-hundredth/2) // at most n, and below it
		}
	}
	return limits
}

// appendTurn adds the first instant at which within holds, if that is after now; once it holds it holds for ever. about is where that is, give or take.
func appendTurn(instants []time.Time, within func(time.Time) bool, now, about time.Time) []time.Time {
	if within(now) {
		return instants
	}
	early, late := about.UnixMicro(), about.UnixMicro()
	const first, last = 16, 2 * maxMonths * 31 * 24 * int64(time.Hour/time.Microsecond)
	for step := int64(first); !within(time.UnixMicro(late).UTC()); step *= 8 {
		if step > last {
			return instants // it never holds
		}
		late += step
	}
	for step := int64(first); within(time.UnixMicro(early).UTC()); step *= 8 {
		early -= step
	}
	for late-early > 1 {
		if mid := early + (late-early)/2; within(time.UnixMicro(mid).UTC()) {
			late = mid
		} else {
			early = mid
		}
	}
	return append(instants, time.UnixMicro(late).UTC())
}
