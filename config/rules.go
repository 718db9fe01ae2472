package config

import (
	"maps"

	"nurture/cadence"
)

// responseKinds are all the responses that on_response may speak of.
var responseKinds = []cadence.ResponseKind{
	cadence.Reply, cadence.OutOfOffice, cadence.LeftCompany, cadence.HardBounce, cadence.SoftBounce, cadence.PolicyBounce,
	cadence.Complaint, cadence.Unsubscribe, cadence.Click, cadence.FormFilled, cadence.TopicsChosen,
	cadence.Interested, cadence.NotNow, cadence.NotInterested, cadence.Referral, cadence.Question, cadence.WrongPerson,
	cadence.NoAnswer, cadence.Busy, cadence.LeftVoicemail, cadence.LeftLiveMessage, cadence.Gatekeeper, cadence.WrongNumber,
	cadence.Connected, cadence.MeetingSet, cadence.CallBackLater, cadence.NoLongerWithCompany, cadence.DoNotCall, cadence.Done,
	cadence.VoicemailLeft, cadence.AnsweredByHuman, cadence.AnsweredByFax, cadence.DetectionFailed, cadence.CallFailed,
	cadence.HandoffRejected,
}

// readOnResponse reads the rules of a cadence and lays them over the usual ones.
func (r *cadenceReader) readOnResponse(n node) map[cadence.ResponseKind]cadence.Rule {
	rules := maps.Clone(r.usualRules)
	o := n.object()
	defer o.close()
	for _, kind := range responseKinds {
		if value := o.get(string(kind)); value.given() {
			rules[kind] = r.readRule(value, kind, r.usualRules[kind])
		}
	}
	return rules
}

// The keys that say what a response does to the cadence; a rule has exactly one.
const (
	keyContinue   = "continue"
	keyPause      = "pause"
	keyPauseUntil = "pause_until"
	keyResume     = "resume"
	keyRetry      = "retry_after"
	keyMove       = "move_to"
	keyFinish     = "finish"
)

// readRule reads one rule. What the usual rule for that response suppresses or invalidates stays so: law and courtesy ask
// for it, whatever becomes of the cadence.
func (r *cadenceReader) readRule(n node, kind cadence.ResponseKind, usual cadence.Rule) cadence.Rule {
	o := n.object()
	defer o.close()
	rule := cadence.Rule{
		Task:            choice(o.get("task"), "", ruledTasks...),
		Suppress:        choice(o.get("suppress"), usual.Suppress, cadence.SuppressEmail, cadence.SuppressPhone, cadence.SuppressAll),
		InvalidatePhone: o.get("invalidate_phone").yes() || usual.InvalidatePhone,
	}
	readAfter(o, &rule, usual)
	if suppress := o.get("suppress"); suppress.given() && !covers(rule.Suppress, usual.Suppress) {
		suppress.fail("remove the line, or write a wider one", "%q always suppresses %q, it cannot be narrowed", kind, usual.Suppress)
	}
	within := o.get("within")
	rule.TaskWithin = within.delay()
	if within.given() && rule.Task == "" && !o.has("task") {
		within.fail("add the task, such as task: call", `"within" has no effect without a task`)
	}
	r.readFlow(o, kind, &rule)
	return rule
}

// readAfter reads how many in a row it takes until the rule suppresses: by itself what is usual, and at once when "suppress" is written
// alone.
func readAfter(o *object, rule *cadence.Rule, usual cadence.Rule) {
	after := o.get("after")
	switch {
	case usual.SuppressAfter == 0 && after.given():
		after.fail("remove the line", "only soft bounces are counted")
	case after.given():
		rule.SuppressAfter = after.whole(usual.SuppressAfter, 1, 20)
	case !o.has("suppress"):
		rule.SuppressAfter = usual.SuppressAfter
	}
}

// covers reports whether forbidding wide forbids all that narrow does.
func covers(wide, narrow cadence.SuppressScope) bool {
	return wide == narrow || wide == cadence.SuppressAll || narrow == cadence.SuppressNone
}

// readFlow reads what the response does to the cadence.
func (r *cadenceReader) readFlow(o *object, kind cadence.ResponseKind, rule *cadence.Rule) {
	keys := []string{keyContinue, keyPause, keyPauseUntil, keyRetry, keyMove, keyFinish}
	if !o.has(keyMove) { // beside move_to, resume is a date
		keys = append(keys, keyResume)
	}
	key := o.sole("what happens to the cadence", keys...)
	value := o.get(key)
	switch key {
	case "": // reported; which of these belong to it cannot be told
		o.get("else")
		o.get(keyResume)
	case keyContinue:
		rule.Flow = cadence.FlowContinue
		value.only()
	case keyResume:
		rule.Flow = cadence.FlowResume
		value.only()
	case keyPause:
		rule.Flow, rule.Else = cadence.FlowPause, value.wait()
	case keyPauseUntil:
		rule.Flow = cadence.FlowPause
		rule.Until = readDateSource(value)
		rule.Else = o.need("else", "how long to pause when no date is named, such as else: 5 business days").wait()
	case keyRetry:
		rule.Flow, rule.RetryAfter = cadence.FlowRetry, value.wait()
	case keyMove:
		rule.Flow = cadence.FlowMove
		rule.Move = r.readMove(o, value)
	case keyFinish:
		rule.Flow, rule.End = cadence.FlowFinish, endOf[kind]
		value.only()
	}
}

// endOf says why a lead ends when a rule finishes its cadence after a response; after all others the plan's "then" follows.
var endOf = map[cadence.ResponseKind]cadence.EndReason{
	cadence.NotInterested: cadence.EndNotInterested, cadence.WrongPerson: cadence.EndNotInterested,
	cadence.Unsubscribe: cadence.EndOptedOut, cadence.Complaint: cadence.EndOptedOut, cadence.DoNotCall: cadence.EndOptedOut,
	cadence.LeftCompany: cadence.EndLeftCompany, cadence.NoLongerWithCompany: cadence.EndLeftCompany,
}

func readDateSource(n node) cadence.DateSource {
	return choice(n, cadence.NoDate, cadence.ReturnDate, cadence.StatedDate)
}

// readMove reads move_to with the date to wait for.
func (r *cadenceReader) readMove(o *object, to node) *cadence.Move {
	move := cadence.Move{To: r.cadenceName(to)}
	if resume := o.get(keyResume); resume.given() {
		move.Until = readDateSource(resume)
		move.Else = o.need("else", "how long to wait when no date is named, such as else: 90 days").wait()
	} else {
		move.Else = o.get("else").delay()
	}
	return &move
}

// readThen reads what follows the last step.
func (r *cadenceReader) readThen(n node) cadence.Ending {
	o := n.object()
	defer o.close()
	switch key := o.sole("what follows", keyMove, "close"); key {
	case keyMove:
		return cadence.Ending{Move: &cadence.Move{To: r.cadenceName(o.get(key)), Else: o.get("after").delay()}}
	case "close":
		o.get(key).only()
		return cadence.Ending{Close: true}
	}
	o.get("after")
	return cadence.Ending{}
}
