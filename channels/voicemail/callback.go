package voicemail

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"nurture/cadence"
)

// NoSequence is the Sequence of a callback without a number: Twilio numbers status callbacks, not its requests for TwiML.
const NoSequence = -1

// Callback is what Twilio tells about a call: in a status callback, or when it asks what to do.
// Callbacks come in any order, late and more than once. CallSID and Sequence together name one; the larger Sequence is newer.
type Callback struct {
	CallSID         string
	AccountSID      string
	Status          string    // initiated, queued, ringing, in-progress, completed, busy, failed, no-answer, canceled
	Sequence        int       // from 0; NoSequence when not numbered
	AnsweredBy      string    // human, fax, unknown, machine_start, machine_end_beep, _silence, _other; "" not told
	DurationSeconds int       // 0 until the call has ended
	SIPResponseCode int       // how the far end answered: 404 and 484 mean a bad number; 0 not told
	At              time.Time // UTC; zero when not told
}

// ParseCallback reads the form of a status callback or of a request for TwiML. Check the signature first. It fails without
// CallSid or CallStatus, and on a SequenceNumber that is no number. Lesser fields that cannot be read are left zero: they
// are no reason to lose the news of how a call ended.
func ParseCallback(form url.Values) (Callback, error) {
	c := Callback{
		CallSID:    form.Get("CallSid"),
		AccountSID: form.Get("AccountSid"),
		Status:     form.Get("CallStatus"),
		Sequence:   NoSequence,
		AnsweredBy: form.Get("AnsweredBy"),
	}
	if c.CallSID == "" {
		return Callback{}, errors.New("voicemail: callback without CallSid")
	}
	if c.Status == "" {
		return Callback{}, fmt.Errorf("voicemail: callback of %s without CallStatus", c.CallSID)
	}
	if raw := form.Get("SequenceNumber"); raw != "" {
		sequence, err := strconv.Atoi(raw)
		if err != nil || sequence < 0 {
			return Callback{}, fmt.Errorf("voicemail: callback of %s: SequenceNumber %q is not a number from 0", c.CallSID, raw)
		}
		c.Sequence = sequence
	}
	c.DurationSeconds, _ = strconv.Atoi(form.Get("CallDuration"))
	c.SIPResponseCode, _ = strconv.Atoi(form.Get("SipResponseCode"))
	if at, err := time.Parse(time.RFC1123Z, form.Get("Timestamp")); err == nil {
		c.At = at.UTC()
	}
	return c, nil
}

// ID names the callback among all: the key to deduplicate on. A fetched call and a request for TwiML have none: "".
func (c Callback) ID() string {
	if c.Sequence == NoSequence {
		return ""
	}
	return c.CallSID + "/" + strconv.Itoa(c.Sequence)
}

// Response says what the call's end means for the cadence. While the call goes on it is "", false.
//
// voicemail_left rests on two things here: detection ended at the end of a greeting, and the call was completed. It needs a third, which Twilio's
// callback does not tell: that Twilio got the words when it asked for them (Script.Leaves). Where it did not (error 11200), it says so to the machine,
// and the call completes all the same.
func (c Callback) Response() (kind cadence.ResponseKind, final bool) {
	switch c.Status {
	case "completed":
		return c.completed(), true
	case "no-answer":
		return cadence.NoAnswer, true
	case "busy":
		return cadence.Busy, true
	case "failed", "canceled":
		return cadence.CallFailed, true
	default: // queued, initiated, ringing, in-progress, and whatever Twilio may invent
		return "", false
	}
}

func (c Callback) completed() cadence.ResponseKind {
	switch {
	case machineListens(c.AnsweredBy):
		return cadence.VoicemailLeft
	case c.AnsweredBy == "human":
		return cadence.AnsweredByHuman
	case c.AnsweredBy == "fax":
		return cadence.AnsweredByFax
	default:
		// unknown; machine_start, of a mode that we do not use; "", when the far end hung up before detection ended.
		// Answer hung up on all of them.
		return cadence.DetectionFailed
	}
}

// machineListens reports whether a machine has ended its greeting and records.
func machineListens(answeredBy string) bool {
	return strings.HasPrefix(answeredBy, "machine_end_")
}
