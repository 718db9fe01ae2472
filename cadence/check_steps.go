package cadence

import (
	"fmt"

	"nurture/cadence/calendar"
)

func (c *check) steps() {
	if len(c.plan.Steps) == 0 {
		c.fail("steps", "such as - email: intro", "the cadence has no steps")
	}
	first := map[string]int{}
	for i, s := range c.plan.Steps {
		path := fmt.Sprintf("steps[%d]", i)
		other, taken := first[s.Key]
		switch {
		case s.Key == "" || s.Key == GotoEnd:
			c.fail(path+".name", "give it a name of its own", "a step cannot be called %q", s.Key)
		case taken:
			c.fail(path+".name", "give it a name of its own", "step %d is called %q already", other+1, s.Key)
		default:
			first[s.Key] = i
		}
		c.step(i, s, path)
	}
}

func (c *check) step(i int, s Step, path string) {
	c.delay(path+".after", s.After)
	switch s.Kind {
	case StepWait:
		if s.After.Zero() {
			c.fail(path+".wait", "such as wait: 3 days", "the step waits for nothing")
		}
		c.noTouch(s, path)
	case StepBranch:
		c.branches(i, s, path)
		c.noTouch(s, path)
	case StepEmail, StepVoicemail, StepCall, StepManualEmail:
		c.touch(s, path)
	default:
		c.fail(path, "write email, voicemail, call, manual_email, wait or branch", "there is no step kind %q", s.Kind)
	}
	if s.Kind != StepBranch && len(s.Branches) > 0 {
		c.fail(path+".branch", "make it a step of its own", "only a branch step has cases")
	}
}

// noTouch checks that a step that reaches nobody has nothing that only touches have.
func (c *check) noTouch(s Step, path string) {
	if len(s.Variants)+len(s.Library) > 0 {
		c.fail(path+".variants", "remove them", "a %s step has no template", s.Kind)
	}
	if s.Tries > 1 {
		c.fail(path+".tries", "remove the line", "a %s step is not answered, so there is nothing to try again", s.Kind)
	}
	if s.Window != nil {
		c.fail(path+".window", "remove the line", "a %s step reaches nobody and needs no window", s.Kind)
	}
	c.noTask(s, path)
}

func (c *check) noTask(s Step, path string) {
	if !s.Within.Zero() || s.Overdue != "" {
		c.fail(path+".within", "remove within and if_overdue", "only a person's task can be overdue")
	}
}

func (c *check) touch(s Step, path string) {
	c.variants(s, path+".variants")
	if s.Tries < 1 {
		c.fail(path+".tries", "1 is once", "a step that is tried %d times is never made", s.Tries)
	}
	if s.Tries > 1 && !s.isVoice() {
		c.fail(path+".tries", "remove the line", "only calls and voicemail are tried again, not %s", s.Kind.words())
	}
	if s.isTask() {
		c.delay(path+".within", s.Within)
		switch s.Overdue {
		case OverdueAdvance, OverdueKeep, OverdueFinish:
		default:
			c.fail(path+".if_overdue", "write advance, keep or finish", "there is no overdue policy %q", s.Overdue)
		}
	} else {
		c.noTask(s, path)
	}
	c.window(s, path+".window")
}

func (c *check) variants(s Step, path string) {
	switch {
	case len(s.Variants) == 0 && len(s.Library) == 0:
		c.fail(path, "such as - email: intro", "the step names no template")
	case len(s.Variants) > 0 && len(s.Library) > 0:
		c.fail(path, "keep one of them", "the step has variants, and chooses by subject too")
	}
	names := map[string]bool{}
	for _, v := range s.Variants {
		if v.Template == "" {
			c.fail(path, "name a template", "variant %q names no template", v.Name)
		}
		if len(s.Variants) > 1 && (v.Name == "" || names[v.Name]) {
			c.fail(path, "such as {a: intro, b: intro-question}", "each variant needs a name of its own, and %q is none", v.Name)
		}
		names[v.Name] = true
	}
}

// window checks that the step is possible at all.
func (c *check) window(s Step, path string) {
	w := c.plan.Window
	if s.Window != nil {
		w = *s.Window
		if w.Zero() {
			c.fail(path, "open it on at least one day", "the window is never open, so the step would never be made")
			return
		}
	}
	if s.isVoice() && !w.Zero() && calendar.Intersect(w, c.plan.CallHours).Zero() {
		c.fail(path, "move it into the call hours", "the window and the legal call hours (%s) have no hour in common", c.plan.CallHours)
	}
}

func (c *check) branches(i int, s Step, path string) {
	if len(s.Branches) == 0 {
		c.fail(path+".branch", "such as when: {last.response: {is: connected}}, goto: case-study", "the branch has no cases")
	}
	for n, b := range s.Branches {
		at := fmt.Sprintf("%s.branch[%d]", path, n)
		if b.When.IsZero() && n < len(s.Branches)-1 {
			c.fail(at, "move it to the end", "the cases below this one are never reached")
		}
		if target := c.index(b.Goto); b.Goto != GotoEnd && target < 0 {
			c.fail(at+".goto", "name a later step, or end", "there is no step %q", b.Goto)
		} else if b.Goto != GotoEnd && target <= i {
			c.fail(at+".goto", "name a later step, or end", "step %q is not further down: a lead could go round in circles", b.Goto)
		}
	}
}

// index gives the place of the step of that key, −1 when there is none.
func (c *check) index(key string) int {
	for i, s := range c.plan.Steps {
		if s.Key == key {
			return i
		}
	}
	return -1
}
