package cadence

// String gives the reason's name as it is stored.
func (r Reason) String() string { return string(r) }

// Sentence says the reason to a person, as a whole sentence that fits a wait, a pause, an end and a skipped touch alike. An
// unknown reason says its own name; "" says nothing.
func (r Reason) Sentence() string {
	if s, ok := sentences[r]; ok {
		return s
	}
	if r == "" {
		return ""
	}
	return "The reason on record is " + string(r) + "."
}

var sentences = map[Reason]string{
	ReasonEnrolled:          "The lead was enrolled, and the cadence begins with its first step then.",
	ReasonStepDelay:         "The step has its own wait after the one before it.",
	ReasonOutsideWindow:     "The send window is closed at the lead's place: hours, weekend, holiday or legal quiet hours.",
	ReasonRetry:             "Nobody answered; the same step is tried again.",
	ReasonTouchInFlight:     "A touch is under way; nothing else happens until its outcome is known.",
	ReasonOutOfOffice:       "The lead is out of office.",
	ReasonHumanReply:        "The lead answered in person, and somebody has to see to that first.",
	ReasonStatedDate:        "The lead asked for a later date.",
	ReasonColleague:         "A colleague at the same account answered in person.",
	ReasonByPerson:          "A person ordered it.",
	ReasonAwaitingTask:      "A person's task, or a meeting that was set, comes first.",
	ReasonDossierIncomplete: "The lead qualifies, but the dossier lacks answers that sales needs.",
	ReasonPromoted:          "The lead was handed to sales.",
	ReasonExhausted:         "All steps of the cadence are done.",
	ReasonBudgetSpent:       "The cycle's budget of attempts is used up.",
	ReasonMoved:             "The lead was moved to another cadence.",
	ReasonNotNow:            "The lead said: not now.",
	ReasonNotInterested:     "The lead is not interested.",
	ReasonOptedOut:          "The lead opted out.",
	ReasonBounced:           "Mail to the lead bounced.",
	ReasonDisqualified:      "By the lead definition this is no lead: an answer rules it out.",
	ReasonLeftCompany:       "The lead left the company.",
	ReasonRejected:          "Sales handed the lead back.",
	ReasonUntaken:           "No cadence's audience takes this lead.",
	ReasonTakenBack:         "A person moved the lead back to qualified: sales gets it again when somebody has talked to it.",
	ReasonResumed:           "A pause is over, and the step in hand comes next.",
	ReasonNoConsent:         "There is no recorded consent to voicemail drops.",
	ReasonNothingNew:        "The lead has been sent all that this step could choose from; nothing is repeated.",
	ReasonTopicOff:          "The lead has switched this topic off on its preference page.",
	ReasonNoAddress:         "The lead has no usable address for that channel.",
	ReasonSuppressed:        "The lead's address is suppressed.",
	ReasonOverdue:           "Nobody did the task in time.",
	ReasonStopped:           "The enrolment had moved on or stopped when the touch was about to leave.",
	ReasonTemplate:          "The template could not be filled for this lead.",
	ReasonProviderRefused:   "The provider refused the touch for good.",
	ReasonUnreachable:       "The lead has no usable address on any channel.",
	ReasonBranch:            "A branch of the cadence led here.",
	ReasonUnknownZone:       "It is not known when the lead may lawfully be called, because its time zone is not certain.",
	ReasonAnswerLost:        "The provider's answer was lost; the touch may or may not have reached the lead.",
	ReasonColleagueStopped:  "A colleague at the same account answered, and the cadence stops for all of them.",
	ReasonVerify:            "Answers that the lead gave by itself have to be confirmed by a call.",
	ReasonTime:              "By what it said once the lead is ready now, and nobody has talked to it lately: a call has to confirm that.",
	ReasonResponse:          "The rule for the lead's last response says so.",
	ReasonCapacity:          "It is due, and goes out as soon as its sender has room.",
	ReasonCallLimit:         "Its number has had as many calls and voicemails within 24 hours as are allowed at its place.",
	ReasonFrequency:         "The lead has had as many touches of late as the cap on their frequency allows.",
	ReasonPace:              "It is due, and goes out as soon as its sender's hour has room.",
	ReasonWarmUp:            "It is due, and its mailbox is being warmed up: it may send only little yet.",
	ReasonDomainLimit:       "It is due, and the lead's mail domain has been sent as much as its limit allows for now.",
	ReasonMisfired:          "It was late by an outage or a pause of its mailbox, and the cadence says what becomes of such a touch.",
	ReasonRevised:           "A new version of the cadence was applied, and the lead goes on with it.",
	ReasonEnded:             "The lead needs no next action any more.",
}
