package phone

import "time"

// Who may answer, Twilio's AnsweredBy. NobodyYet is a call that was picked up and hung up again before detection ended: Twilio
// then never asks for TwiML.
const (
	Human             = "human"
	Fax               = "fax"
	UnknownParty      = "unknown"
	MachineEndBeep    = "machine_end_beep"
	MachineEndSilence = "machine_end_silence"
	MachineEndOther   = "machine_end_other"
	NobodyYet         = ""
)

// How a call may end, Twilio's CallStatus.
const (
	Completed = "completed"
	NoAnswer  = "no-answer"
	Busy      = "busy"
	Failed    = "failed"
	Canceled  = "canceled"
)

// Answer is how the owner of a number behaves on one call.
type Answer struct {
	Status          string // "" is Completed
	AnsweredBy      string // read when Completed
	RingSeconds     int
	DurationSeconds int    // from pick-up to hang-up; read when Completed
	SIPResponseCode int    // 0: 200 when completed, else what fits the status
	DialStatus      string // how a number that the TwiML dials behaves; "" is Completed
}

// Machine is an answering machine that beeps after four rings: what nearly every call meets.
var Machine = Answer{AnsweredBy: MachineEndBeep, RingSeconds: 20, DurationSeconds: 35}

func (a Answer) withDefaults() Answer {
	if a.Status == "" {
		a.Status = Completed
	}
	if a.DialStatus == "" {
		a.DialStatus = Completed
	}
	if a.Status != Completed {
		a.DurationSeconds, a.AnsweredBy = 0, NobodyYet
	}
	if a.SIPResponseCode == 0 {
		a.SIPResponseCode = sipCodes[a.Status]
	}
	return a
}

// sipCodes are the final answers of RFC 3261 section 21 that go with a status.
var sipCodes = map[string]int{Completed: 200, NoAnswer: 487, Busy: 486, Failed: 404, Canceled: 487}

// Attempt is a request to create a call.
type Attempt struct {
	To   string
	From string
	URL  string // where TwiML is to be asked for: carries the caller's token
	N    int    // counts the requests for this To, refused ones included, from 1
}

// Fault is what goes wrong with a request to create a call, and with the callbacks of that call. The zero value: nothing.
type Fault struct {
	Answer AnswerFault
	// Created says for the answers that leave it open (ServerError, BadGateway, Dropped, Stalled) that the call exists all
	// the same.
	Created bool
	// RetryAfter goes with RateLimited; rounded down to seconds, 0 leaves the header out.
	RetryAfter time.Duration
	// Refusal goes with Refused.
	Refusal   Refusal
	Callbacks CallbackFault
}

// Refusal is an error of the API.
type Refusal struct {
	Status  int // HTTP; 0 is 400
	Code    int // Twilio's
	Message string
}

// AnswerFault is what goes wrong with the answer to a create request.
type AnswerFault int

// The answers.
const (
	Answered    AnswerFault = iota // as it should be
	Refused                        // Fault.Refusal; no call
	RateLimited                    // 429, code 20429; no call
	ServerError                    // 500, JSON, code 20500
	BadGateway                     // 502, an HTML page
	Dropped                        // the connection is closed without an answer
	Stalled                        // no answer until the client gives up
	EmptyBody                      // 201 with nothing in it; the call exists
)

// CallbackFault is what goes wrong with a call's callbacks.
type CallbackFault int

// The ways of callbacks.
const (
	InOrder  CallbackFault = iota // as it should be
	Early                         // the first comes before the answer to the create request
	Doubled                       // each comes twice
	Never                         // none comes; TwiML is still asked for
	Reversed                      // the last comes first, after the call has ended
)
