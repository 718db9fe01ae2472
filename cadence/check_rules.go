package cadence

import "slices"

var taskKinds = []TaskKind{TaskCall, TaskManualEmail, TaskTriage, TaskVerify, TaskDossier, TaskReferral, TaskCallback}

var endReasons = []EndReason{
	EndNotInterested, EndOptedOut, EndDisqualified, EndLeftCompany, EndUnreachable, EndExhausted, EndWon, EndLost,
}

// rule checks what a plan does on one kind of response.
func (c *check) rule(kind ResponseKind, r Rule, path string) {
	if _, known := defaultRules[kind]; !known {
		c.fail(path, "see the list of responses", "there is no response %q", kind)
		return
	}
	switch r.Flow {
	case FlowContinue, FlowResume, FlowFinish:
	case FlowPause:
		c.pauseRule(r, path)
	case FlowRetry:
		c.delay(path+".retry_after", r.RetryAfter)
		if r.RetryAfter.Zero() {
			c.fail(path+".retry_after", "such as retry_after: 1 business day", "the same step would run again at once")
		}
	case FlowMove:
		c.moveRule(r, path)
	default:
		c.fail(path, "write continue, pause, resume, retry_after, move_to or finish", "there is no flow %q", r.Flow)
	}
	c.ruleExtras(kind, r, path)
	c.floor(kind, r, path)
}

func (c *check) pauseRule(r Rule, path string) {
	c.delay(path+".else", r.Else)
	if !r.Until.known() {
		c.fail(path+".pause_until", "write return_date or stated_date", "there is no date %q in a response", r.Until)
	}
	switch {
	case !r.Else.Zero():
	case r.Until != NoDate:
		c.fail(path+".else", "such as else: 5 business days", "a response that names no date would pause the lead for ever")
	case r.Task == "":
		c.fail(path+".pause", "give it a length, or add a task", "the pause lasts until a person ends it, and nobody is asked to")
	}
}

func (c *check) moveRule(r Rule, path string) {
	if r.Move != nil {
		c.move(*r.Move, path)
		return
	}
	// Without a target of its own the rule follows Then, or pauses as a pause rule would.
	c.pauseRule(r, path)
}

func (c *check) ruleExtras(kind ResponseKind, r Rule, path string) {
	if r.Task != "" && !slices.Contains(taskKinds, r.Task) {
		c.fail(path+".task", "such as task: call", "there is no task %q", r.Task)
	}
	c.delay(path+".within", r.TaskWithin)
	if r.SuppressAfter != 0 && (kind != SoftBounce || r.Suppress == SuppressNone || r.SuppressAfter < 0) {
		c.fail(path+".after", "remove the line", "only the soft bounces before a suppression are counted")
	}
	if r.End != "" && !slices.Contains(endReasons, r.End) {
		c.fail(path+".finish", "such as not_interested", "there is no end %q", r.End)
	}
	if r.End != "" && r.Flow != FlowFinish {
		c.fail(path+".finish", "finish, or name no end", "a lead cannot end while its cadence goes on")
	}
	switch r.Suppress {
	case SuppressNone, SuppressEmail, SuppressPhone, SuppressAll:
	default:
		c.fail(path+".suppress", "write email, phone or all", "there is no scope %q", r.Suppress)
	}
}

// floor reports rules that ask for less than RuleFor grants.
func (c *check) floor(kind ResponseKind, r Rule, path string) {
	granted := Plan{OnResponse: map[ResponseKind]Rule{kind: r}}.RuleFor(kind)
	if granted.Flow != r.Flow {
		c.fail(path, "remove the rule: the usual one does what is needed", "after %s the cadence cannot %s", kind, r.Flow)
	}
	if granted.Suppress != r.Suppress {
		c.fail(path+".suppress", "suppress "+string(granted.Suppress), "after %s the address must not be used again", kind)
	}
}
