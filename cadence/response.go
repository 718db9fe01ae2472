package cadence

import "slices"

// ResponseKind is anything a lead, its mail system or its phone did back, and the few things that people inside do that a
// cadence must react to.
type ResponseKind string

// Mail.
const (
	Reply        ResponseKind = "reply"         // a human wrote; its meaning is not known yet
	OutOfOffice  ResponseKind = "out_of_office" // may carry a return date
	LeftCompany  ResponseKind = "left_company"
	HardBounce   ResponseKind = "hard_bounce"
	SoftBounce   ResponseKind = "soft_bounce"
	PolicyBounce ResponseKind = "policy_bounce"
	Complaint    ResponseKind = "complaint"
	Unsubscribe  ResponseKind = "unsubscribe"
	Click        ResponseKind = "click"
	FormFilled   ResponseKind = "form"          // self-asserted answers
	TopicsChosen ResponseKind = "topics_chosen" // switched topics of mail off or on, on its preference page
)

// What a human reply or a conversation means, as a person says.
const (
	Interested    ResponseKind = "interested"
	NotNow        ResponseKind = "not_now" // may carry a stated date
	NotInterested ResponseKind = "not_interested"
	Referral      ResponseKind = "referral"
	Question      ResponseKind = "question"
	WrongPerson   ResponseKind = "wrong_person"
)

// Call dispositions that an SDR records. Referral, NotNow and NotInterested are dispositions as well.
const (
	NoAnswer            ResponseKind = "no_answer"
	Busy                ResponseKind = "busy"
	LeftVoicemail       ResponseKind = "left_voicemail"
	LeftLiveMessage     ResponseKind = "left_live_message"
	Gatekeeper          ResponseKind = "gatekeeper"
	WrongNumber         ResponseKind = "wrong_number"
	Connected           ResponseKind = "connected"
	MeetingSet          ResponseKind = "meeting_set"
	CallBackLater       ResponseKind = "call_back_later" // carries a stated date
	NoLongerWithCompany ResponseKind = "no_longer_with_company"
	DoNotCall           ResponseKind = "do_not_call"
	Done                ResponseKind = "done" // a manual email was sent, a referral followed up
)

// Voicemail drops, from the provider's callbacks. NoAnswer and Busy come from there too.
const (
	VoicemailLeft   ResponseKind = "voicemail_left"
	AnsweredByHuman ResponseKind = "answered_by_human"
	AnsweredByFax   ResponseKind = "answered_by_fax"
	DetectionFailed ResponseKind = "detection_failed" // machine or human not told apart: hung up, nothing dropped
	CallFailed      ResponseKind = "call_failed"
)

// HandoffRejected is sales saying no to a handoff.
const HandoffRejected ResponseKind = "handoff_rejected"

// Human reports whether a person at the lead's company answered in person: what pauses colleagues by account policy.
func (k ResponseKind) Human() bool {
	switch k { //nolint:exhaustive // everything else is a machine or nobody
	case Reply, Interested, NotNow, NotInterested, Referral, Question, WrongPerson, Connected, MeetingSet, CallBackLater:
		return true
	}
	return false
}

// IsBounce reports that a mail system refused a mail or could not deliver it.
func (k ResponseKind) IsBounce() bool {
	return k == HardBounce || k == SoftBounce || k == PolicyBounce
}

// ShowsLife reports whether a response is a sign that mail reaches somebody: it ends a row of soft bounces.
func (k ResponseKind) ShowsLife() bool {
	switch k { //nolint:exhaustive // a phone that nobody answers says nothing about the mailbox
	case OutOfOffice, Unsubscribe, Complaint, Click, FormFilled, TopicsChosen:
		return true
	}
	return k.Human()
}

// KindsThatShowLife lists the responses that end a row of soft bounces.
func KindsThatShowLife() []ResponseKind {
	var kinds []ResponseKind
	for kind := range defaultRules {
		if kind.ShowsLife() {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// KindsOfCalls lists the outcomes that only a call by a person of ours has: each one on record is an attempt to ring somebody.
func KindsOfCalls() []ResponseKind {
	return []ResponseKind{NoAnswer, Busy, LeftVoicemail, LeftLiveMessage, Gatekeeper, WrongNumber, Connected, CallBackLater}
}

// unreached reports whether a call of a person of ours came to nothing but a message for the lead.
func (k ResponseKind) unreached() bool {
	switch k { //nolint:exhaustive // by all others something was heard of the lead, or no person of ours rang
	case NoAnswer, Busy, LeftVoicemail, LeftLiveMessage, Gatekeeper:
		return true
	}
	return false
}

// CallDispositions lists the outcomes that a call by a person of ours can have, in the order in which a desk shows them.
func CallDispositions() []ResponseKind {
	return []ResponseKind{
		NoAnswer, Busy, LeftVoicemail, LeftLiveMessage, Gatekeeper, WrongNumber, Connected, MeetingSet, CallBackLater, Referral, NotNow,
		NotInterested, NoLongerWithCompany, DoNotCall,
	}
}

// ReplyMeanings lists what a human reply can mean, as a person who reads it says.
func ReplyMeanings() []ResponseKind {
	return []ResponseKind{
		Interested, NotNow, NotInterested, Referral, Question, WrongPerson, Unsubscribe, MeetingSet, NoLongerWithCompany,
	}
}

// Refusals lists the responses by which a lead itself says that what is known of it does not make it ready: see Evaluated.Declined.
func Refusals() []ResponseKind { return []ResponseKind{NotNow, NotInterested} }

// byMachine reports whether a mail system, a phone system or a web page reported the response: no person of ours has looked
// at it.
func (k ResponseKind) byMachine() bool {
	switch k { //nolint:exhaustive // everything else was said to a person, or by one of ours
	case OutOfOffice, LeftCompany, HardBounce, SoftBounce, PolicyBounce, Complaint, Unsubscribe, Click, FormFilled, TopicsChosen,
		NoAnswer, Busy, VoicemailLeft, AnsweredByHuman, AnsweredByFax, DetectionFailed, CallFailed:
		return true
	}
	return false
}
