package cadence

// Reason names why something happened or did not. Every action and every wait carries one; `nurture leads why` prints its
// sentence.
type Reason string

// Why an enrolment waits, pauses or ends, and why a touch was not made.
const (
	ReasonEnrolled          Reason = "enrolled"        // the cadence begins with its first step
	ReasonStepDelay         Reason = "step_delay"      // the step's own wait
	ReasonOutsideWindow     Reason = "outside_window"  // send window, quiet hours or holiday
	ReasonRetry             Reason = "retry"           // nobody answered: same step again
	ReasonTouchInFlight     Reason = "touch_in_flight" // being sent, or a person's task
	ReasonOutOfOffice       Reason = "out_of_office"
	ReasonHumanReply        Reason = "human_reply"
	ReasonStatedDate        Reason = "stated_date" // the lead asked for that date
	ReasonColleague         Reason = "colleague_replied"
	ReasonByPerson          Reason = "by_person"
	ReasonAwaitingTask      Reason = "awaiting_task"
	ReasonDossierIncomplete Reason = "dossier_incomplete"
	ReasonPromoted          Reason = "promoted"
	ReasonExhausted         Reason = "exhausted"    // all steps done
	ReasonBudgetSpent       Reason = "budget_spent" // the cycle's attempts are used up
	ReasonMoved             Reason = "moved"
	ReasonNotNow            Reason = "not_now"
	ReasonNotInterested     Reason = "not_interested"
	ReasonOptedOut          Reason = "opted_out"
	ReasonBounced           Reason = "bounced"
	ReasonDisqualified      Reason = "disqualified"
	ReasonLeftCompany       Reason = "left_company"
	ReasonRejected          Reason = "handoff_rejected"
	ReasonTakenBack         Reason = "taken_back" // a person moved it back to qualified
	ReasonUntaken           Reason = "untaken"    // no cadence's audience takes it
	ReasonResumed           Reason = "resumed"
	ReasonNoConsent         Reason = "no_consent"  // voicemail without recorded consent
	ReasonTopicOff          Reason = "topic_off"   // the lead wants no mail about it
	ReasonNothingNew        Reason = "nothing_new" // all that the step may choose from was sent to the lead before
	ReasonNoAddress         Reason = "no_address"  // no usable address for the channel
	ReasonSuppressed        Reason = "suppressed"
	ReasonOverdue           Reason = "overdue"
	ReasonStopped           Reason = "stopped" // the enrolment was no longer running when the touch was claimed
	ReasonTemplate          Reason = "template_error"
	ReasonProviderRefused   Reason = "provider_refused" // permanent refusal
	ReasonUnreachable       Reason = "unreachable"
	ReasonBranch            Reason = "branch"
	ReasonUnknownZone       Reason = "unknown_zone"
	ReasonAnswerLost        Reason = "answer_lost" // the provider may or may not have it
	ReasonColleagueStopped  Reason = "colleague_stopped"
	ReasonVerify            Reason = "verify"
	ReasonTime              Reason = "time"
	ReasonResponse          Reason = "response"   // a response whose rule says so
	ReasonCapacity          Reason = "capacity"   // due, and waiting for its sender to have room
	ReasonCallLimit         Reason = "call_limit" // its number has had all the calls that are allowed in 24 hours
	ReasonFrequency         Reason = "frequency"  // the lead has had all the touches that are allowed in the span
	ReasonPace              Reason = "pace"       // due, and waiting for its sender's hour
	ReasonWarmUp            Reason = "warm_up"    // due, and its mailbox is new: it sends little yet, or nothing before a day
	ReasonDomainLimit       Reason = "domain_limit"
	ReasonMisfired          Reason = "misfired" // late by an outage beyond the cadence's grace
	ReasonEnded             Reason = "ended"    // the lead needs no next action any more
	ReasonRevised           Reason = "revised"  // a new version of the cadence was applied, and the lead moved to it
)
