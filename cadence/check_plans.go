package cadence

import (
	"maps"
	"slices"
	"strings"
)

// CheckPlans finds what is wrong among plans, by key: moves to cadences that do not exist, and active cadences that hand
// their leads round and never to a long-term cadence or an end. What is wrong within a plan is Plan.Check's to find.
func CheckPlans(plans map[string]Plan) []Problem {
	var problems []Problem
	for _, key := range slices.Sorted(maps.Keys(plans)) {
		plan := plans[key]
		c := &check{plan: plan}
		c.plan.Key = key
		for _, kind := range slices.Sorted(maps.Keys(plan.OnResponse)) {
			if m := plan.OnResponse[kind].Move; m != nil {
				c.target(plans, key, *m, "on_response."+string(kind)+".move_to")
			}
		}
		if m := plan.Then.Move; m != nil {
			c.target(plans, key, *m, "then.move_to")
			c.rounds(plans, key)
		}
		problems = append(problems, c.problems...)
	}
	return problems
}

// target checks that a move leads to another cadence that exists. A long-term cadence may begin again.
func (c *check) target(plans map[string]Plan, from string, m Move, path string) {
	if _, ok := plans[m.To]; !ok && m.To != "" {
		c.fail(path, "the cadences are "+strings.Join(slices.Sorted(maps.Keys(plans)), ", "), "there is no cadence %q", m.To)
	} else if m.To == from && path != "then.move_to" {
		c.fail(path, "pause instead, or name another cadence", "the lead is in %q already", m.To)
	}
}

// rounds follows Then from a plan and reports a way that stays among active cadences for ever. A long-term cadence on the way
// must take time, or leads would run round at once.
func (c *check) rounds(plans map[string]Plan, from string) {
	way := []string{from}
	for key := from; ; {
		plan, ok := plans[key]
		if !ok || plan.Then.Move == nil || plan.Then.Close {
			return
		}
		if plan.Term == LongTerm {
			switch {
			case key != from:
			case plan.instant():
				c.fail("steps", "put months between its steps", "a long-term cadence without any wait would send its leads on at once")
			default:
				c.shortcut(plans, from)
			}
			return
		}
		key = plan.Then.Move.To
		if slices.Contains(way, key) {
			c.fail("then.move_to", "let one of them move to a long-term cadence, or close",
				"the active cadences %s → %s hand leads round for ever", strings.Join(way, " → "), key)
			return
		}
		way = append(way, key)
	}
}

// shortcut reports a way round that no wait is on: branches lead past those that there are.
func (c *check) shortcut(plans map[string]Plan, from string) {
	way := []string{from}
	for key := from; ; {
		plan, ok := plans[key]
		if !ok || plan.Then.Move == nil || plan.Then.Close || !plan.Then.Move.Else.Zero() || !plan.passable() {
			return
		}
		key = plan.Then.Move.To
		if key == from {
			c.fail("steps", "put the wait before the branch", "a branch leads past every wait, so that %s → %s may hand leads round at once",
				strings.Join(way, " → "), key)
			return
		}
		if slices.Contains(way, key) { // a round that this cadence is not on
			return
		}
		way = append(way, key)
	}
}

// passable reports whether there is a way through the plan on which nothing makes a lead wait: touches may be left out.
func (p Plan) passable() bool {
	reached := make([]bool, len(p.Steps)+1)
	reached[0] = true
	for i, s := range p.Steps {
		if !reached[i] || !s.After.Zero() {
			continue
		}
		reached[i+1] = true
		for _, b := range s.Branches {
			to := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Key == b.Goto })
			if b.Goto == GotoEnd {
				to = len(p.Steps)
			}
			if to > i {
				reached[to] = true
			}
		}
	}
	return reached[len(p.Steps)]
}

// instant reports whether nothing in the plan makes a lead wait on its way through.
func (p Plan) instant() bool {
	for _, s := range p.Steps {
		if !s.After.Zero() {
			return false
		}
	}
	return p.Then.Move.Else.Zero()
}
