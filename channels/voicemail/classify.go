package voicemail

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/twilio/twilio-go/client"
	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"nurture/channels"
)

// ruling is what an error code says about the message and its sender.
type ruling struct {
	outcome    channels.Outcome
	stopSender bool
}

var (
	refusedMessage = ruling{outcome: channels.Permanent}
	refusedSender  = ruling{outcome: channels.Temporary, stopSender: true}
	backOff        = ruling{outcome: channels.Temporary}
	ambiguous      = ruling{outcome: channels.Unknown}
)

// rulings holds Twilio's error codes that decide by themselves, whatever the HTTP status. Source: Twilio's error dictionary,
// https://www.twilio.com/docs/api/errors/<code>.
var rulings = map[int]ruling{
	// The number called: another try would be refused alike.
	13223: refusedMessage, // Dial: invalid phone number format
	13224: refusedMessage, // Dial: Twilio does not support calling this number
	13225: refusedMessage, // Dial: number is blocked
	21201: refusedMessage, // no 'To' number
	21211: refusedMessage, // invalid 'To' number
	21214: refusedMessage, // 'To' number cannot be reached
	21215: refusedMessage, // geographic permission: the account may not call this country
	21216: refusedMessage, // the account may not call this number: blocked
	21217: refusedMessage, // 'To' number not well formed
	21219: refusedMessage, // 'To' number not verified (trial accounts)

	// The sender or the account: the lead is blameless, so the touch stays retryable, but nothing more goes out before
	// somebody repairs the configuration.
	10001: refusedSender, // account not active
	20003: refusedSender, // authentication failed
	20005: refusedSender, // account not active
	20006: refusedSender, // access denied
	20404: refusedSender, // the account's call list is not there: wrong account SID
	21205: refusedSender, // our Url is invalid: our public URL is misconfigured
	21210: refusedSender, // 'From' number not verified, not ours
	21212: refusedSender, // invalid 'From' number
	21213: refusedSender, // no 'From' number
	21222: refusedSender, // account SID holds illegal characters: twilio-go says so itself, before it sends anything
	21224: refusedSender, // auth token holds illegal characters: likewise
	21609: refusedSender, // our StatusCallback is invalid

	// Too fast. Refused before a call is made.
	10004: backOff, // call concurrency limit
	20429: backOff, // too many requests

	// The server broke while it worked: the call may exist.
	20500: ambiguous, // internal server error
	20503: ambiguous, // service unavailable
}

// classify turns what happened to a create request into a receipt without its touch.
func classify(x *exchange, call *openapi.ApiV2010Call, err error) channels.Receipt {
	if err == nil {
		if call != nil && call.Sid != nil && *call.Sid != "" {
			return channels.Receipt{Outcome: channels.Sent, ProviderID: *call.Sid, Detail: describe(call)}
		}
		// Success without a CallSid: created or not, nobody says.
		return channels.Receipt{Outcome: channels.Unknown, Detail: fmt.Sprintf("twilio: HTTP %d without a CallSid", x.status)}
	}
	rule, detail := judge(x, err)
	receipt := channels.Receipt{Outcome: rule.outcome, StopSender: rule.stopSender, Detail: detail}
	if rule.outcome == channels.Temporary {
		receipt.RetryAfter = x.retryAfter
	}
	return receipt
}

// judge rules on a failed request, by Twilio's code where there is one, else by what HTTP and the connection tell.
func judge(x *exchange, err error) (ruling, string) {
	var refusal *client.TwilioRestError
	if errors.As(err, &refusal) {
		detail := fmt.Sprintf("twilio %d (HTTP %d): %s", refusal.Code, x.status, refusal.Message)
		if rule, known := rulings[refusal.Code]; known {
			return rule, detail
		}
		return byStatus(x.status, true), detail
	}
	var transport *url.Error
	if errors.As(err, &transport) {
		err = transport.Err // without the URL, which names the account
	}
	if x.status != 0 {
		return byStatus(x.status, false), fmt.Sprintf("twilio: HTTP %d: %v", x.status, err)
	}
	if x.wrote.Load() {
		// Dropped or timed out after the request left: Twilio may have acted on it.
		return ambiguous, fmt.Sprintf("twilio: no answer after the request was written: %v", err)
	}
	// Not dialled, no TLS, no slot in time: nothing can have reached Twilio.
	return backOff, fmt.Sprintf("twilio: not reached: %v", err)
}

// byStatus rules by the HTTP status of an answer that carries no known code. spoken says that the answer was Twilio's own JSON
// and not some proxy's page.
func byStatus(status int, spoken bool) ruling {
	switch {
	case status == http.StatusTooManyRequests: // RFC 6585 section 4: not processed
		return backOff
	case status == http.StatusUnauthorized, status == http.StatusForbidden: // RFC 9110 sections 15.5.2, 15.5.4
		if spoken {
			return refusedSender
		}
		return backOff
	case status == http.StatusRequestTimeout, status == http.StatusConflict:
		// RFC 9110 section 15.5.9 lets a client repeat a 408, but only one that may be repeated at all; a 409 speaks of
		// a state that something has reached already.
		return ambiguous
	case status >= 400 && status < 500: // RFC 9110 section 15.5: the client's error, nothing was done
		if spoken {
			return refusedMessage
		}
		return backOff // a proxy's refusal says nothing about the lead
	default:
		// 5xx, JSON or HTML: it broke underway. 2xx with an unreadable or empty body, 3xx: nobody says what was done.
		return ambiguous
	}
}

func describe(call *openapi.ApiV2010Call) string {
	if call.Status == nil {
		return "twilio: created"
	}
	return "twilio: " + *call.Status
}
