package cadence

import "nurture/cadence/calendar"

// DefaultRules gives the rule of every kind of response that a plan has no rule of its own for. The map is the caller's to
// change. A plan's configuration lays its own rules over these.
func DefaultRules() map[ResponseKind]Rule {
	proceed := Rule{Flow: FlowContinue}
	retry := Rule{Flow: FlowRetry, RetryAfter: calendar.Delay{BusinessDays: 1}}
	referral := pauseWith(calendar.Delay{BusinessDays: 5}, TaskReferral)
	optOut := Rule{Flow: FlowFinish, Suppress: SuppressAll, End: EndOptedOut}
	gone := Rule{Flow: FlowFinish, End: EndLeftCompany}
	rules := map[ResponseKind]Rule{
		NoAnswer: retry, Busy: retry,
		WrongNumber:   {Flow: FlowContinue, InvalidatePhone: true},
		MeetingSet:    {Flow: FlowPause, Else: safety},
		CallBackLater: {Flow: FlowPause, Until: StatedDate, Else: answerWithin, Task: TaskCallback, TaskWithin: answerWithin},
		Referral:      referral, WrongPerson: referral,
		NotNow:              {Flow: FlowMove, Until: StatedDate, Else: calendar.Delay{Days: 90}},
		NotInterested:       {Flow: FlowFinish, End: EndNotInterested},
		NoLongerWithCompany: gone, LeftCompany: gone,
		DoNotCall:   {Flow: FlowContinue, Suppress: SuppressPhone},
		Reply:       pauseWith(safety, TaskTriage),
		Interested:  pauseWith(safety, TaskCall),
		Question:    pauseWith(safety, TaskManualEmail),
		OutOfOffice: {Flow: FlowPause, Until: ReturnDate, Else: calendar.Delay{BusinessDays: 5}},
		HardBounce:  {Flow: FlowContinue, Suppress: SuppressEmail},
		SoftBounce:  {Flow: FlowPause, Else: calendar.Delay{Days: 2}, Suppress: SuppressEmail, SuppressAfter: 3},
		Complaint:   optOut, Unsubscribe: optOut,
		HandoffRejected: {Flow: FlowFinish},
	}
	for _, kind := range []ResponseKind{
		LeftVoicemail, LeftLiveMessage, Gatekeeper, Connected, Done, PolicyBounce, Click, FormFilled, TopicsChosen,
		VoicemailLeft, AnsweredByHuman, AnsweredByFax, DetectionFailed, CallFailed,
	} {
		rules[kind] = proceed
	}
	return rules
}

func pauseWith(atMost calendar.Delay, task TaskKind) Rule {
	return Rule{Flow: FlowPause, Else: atMost, Task: task, TaskWithin: answerWithin}
}

var defaultRules = DefaultRules()

// RuleFor gives the rule that a response of the kind follows: the plan's own, else the default, else to continue. What law
// and promise demand holds whatever the plan says: an opt-out suppresses and ends, a human reply at least pauses.
func (p Plan) RuleFor(kind ResponseKind) Rule {
	rule, ok := p.OnResponse[kind]
	if !ok {
		rule, ok = defaultRules[kind]
	}
	if !ok {
		rule = Rule{Flow: FlowContinue}
	}
	switch kind { //nolint:exhaustive // no other kind has a floor
	case Unsubscribe, Complaint:
		rule.Flow, rule.Suppress, rule.SuppressAfter, rule.End = FlowFinish, SuppressAll, 0, EndOptedOut
	case HardBounce:
		rule.Suppress, rule.SuppressAfter = widen(rule.Suppress, SuppressEmail), 0
	case DoNotCall:
		rule.Suppress, rule.SuppressAfter = widen(rule.Suppress, SuppressPhone), 0
	case Reply:
		if rule.Flow != FlowFinish && rule.Flow != FlowMove && rule.Flow != FlowPause {
			rule.Flow, rule.Until, rule.Else = FlowPause, NoDate, safety
		}
	}
	return rule
}

// widen gives the scope that forbids what either of two scopes forbids.
func widen(scope, least SuppressScope) SuppressScope {
	if scope == SuppressNone || scope == least {
		return least
	}
	return SuppressAll
}

// reasonOf names what a response is to an enrolment that it moves, pauses or ends.
func reasonOf(kind ResponseKind) Reason {
	switch kind { //nolint:exhaustive // all others move nothing by themselves
	case OutOfOffice:
		return ReasonOutOfOffice
	case Reply, Interested, Question, Referral, WrongPerson:
		return ReasonHumanReply
	case MeetingSet:
		return ReasonAwaitingTask
	case CallBackLater:
		return ReasonStatedDate
	case NotNow:
		return ReasonNotNow
	case NotInterested:
		return ReasonNotInterested
	case NoLongerWithCompany, LeftCompany:
		return ReasonLeftCompany
	case Unsubscribe, Complaint, DoNotCall:
		return ReasonOptedOut
	case HardBounce, SoftBounce, PolicyBounce:
		return ReasonBounced
	case WrongNumber:
		return ReasonNoAddress
	case NoAnswer, Busy:
		return ReasonRetry
	case HandoffRejected:
		return ReasonRejected
	}
	return ReasonResponse
}
