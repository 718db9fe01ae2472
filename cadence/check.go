package cadence

import (
	"fmt"
	"maps"
	"slices"

	"nurture/cadence/calendar"
)

// Problem is one thing that is wrong with a plan, though it may be well written.
type Problem struct {
	Plan    string // the cadence's key
	Path    string // where, in the words of a cadence file: "steps[2].after", "on_response.not_now.move_to"; indices from 0
	Message string
	Hint    string // what to do about it
}

// String gives the problem in one line.
func (p Problem) String() string {
	s := p.Plan + ": " + p.Path + ": " + p.Message
	if p.Hint != "" {
		s += "; " + p.Hint
	}
	return s
}

// check gathers the problems of one plan.
type check struct {
	plan     Plan
	problems []Problem
}

func (c *check) fail(path, hint, format string, args ...any) {
	c.problems = append(c.problems, Problem{Plan: c.plan.Key, Path: path, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// Check finds everything in a plan that could strand a lead, break a promise, or never happen, in the order of a cadence
// file. A plan without problems never leaks: each of its unfinished enrolments has a touch in flight or an appointment,
// save in a pause that asked a person to end it.
func (p Plan) Check() []Problem {
	c := &check{plan: p}
	c.head()
	c.steps()
	for _, kind := range slices.Sorted(maps.Keys(p.OnResponse)) {
		c.rule(kind, p.OnResponse[kind], "on_response."+string(kind))
	}
	c.account()
	c.then()
	return c.problems
}

func (c *check) head() {
	p := c.plan
	if p.Key == "" {
		c.fail("cadence", "such as cadence: first-seven", "the cadence has no name")
	}
	if p.Term != Active && p.Term != LongTerm {
		c.fail("term", "write active or long_term", "there is no term %q", p.Term)
	}
	if p.IntakePerDay < -1 {
		c.fail("intake", "0 is no cap, -1 never enrols by itself", "%d leads a day cannot be taken in", p.IntakePerDay)
	}
	if p.Window.Zero() {
		c.fail("window", "open it on at least one day", "the window is never open, so nothing would ever leave")
	}
	if p.Budget < 1 {
		c.fail("budget", "7 is a good start", "a budget of %d attempts allows no touch", p.Budget)
	}
}

// delay checks that a delay is one wait.
func (c *check) delay(path string, d calendar.Delay) {
	set := 0
	for _, n := range []int{d.Hours, d.Days, d.BusinessDays} {
		if n < 0 {
			c.fail(path, "write a number from 0", "a wait cannot be negative")
			return
		}
		if n > 0 {
			set++
		}
	}
	if set > 1 {
		c.fail(path, "keep one of them, or add a wait step", "hours, days and business days cannot be mixed in one wait")
	}
}

func (c *check) account() {
	a := c.plan.Account
	switch a.Do {
	case AccountContinue, AccountStop:
	case AccountPause:
		c.delay("account.pause", a.Pause)
		if a.Pause.Zero() {
			c.fail("account.pause", "such as pause: 10 business days", "colleagues pause, but nothing says for how long")
		}
	default:
		c.fail("account", "write continue, pause or stop", "there is no account policy %q", a.Do)
	}
}

func (c *check) then() {
	then := c.plan.Then
	switch {
	case then.Move == nil && !then.Close:
		c.fail("then", "such as then: {move_to: long-game}, or then: {close: true}", "nothing follows the last step, so leads would fall out")
		return
	case then.Move != nil && then.Close:
		c.fail("then", "keep one of them", "a lead cannot both move and end")
		return
	case then.Close:
		return
	}
	if then.Move.Until != NoDate {
		c.fail("then.resume", "wait for a number of days", "no response comes before the end of the steps, so there is no date to wait for")
	}
	c.move(*then.Move, "then")
}

func (c *check) move(m Move, path string) {
	if m.To == "" {
		c.fail(path+".move_to", "name a cadence", "the move names no cadence")
	}
	if !m.Until.known() {
		c.fail(path+".resume", "write return_date or stated_date", "there is no date %q in a response", m.Until)
	}
	c.delay(path+".else", m.Else)
}

func (d DateSource) known() bool { return d == NoDate || d == ReturnDate || d == StatedDate }
