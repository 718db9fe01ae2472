package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"nurture/config"
)

// VoiceAccount is what the voice provider says of the account.
type VoiceAccount struct {
	Name   string
	Status string // "active", "suspended" or "closed"
	Trial  bool   // it may call verified numbers only
}

// Voice judges the voice account. ask gets the account with the credentials that are configured.
func Voice(ctx context.Context, sid string, ask func(context.Context) (VoiceAccount, error)) []Finding {
	const what = "twilio"
	account, err := ask(ctx)
	switch {
	case err != nil && strings.Contains(err.Error(), "HTTP 401"):
		return []Finding{fail(what, err.Error(), "check twilio.account_sid and NURTURE_TWILIO_AUTH_TOKEN against the Twilio console")}
	case err != nil && strings.Contains(err.Error(), "HTTP 404"):
		return []Finding{fail(what, err.Error(), "check twilio.account_sid against the Twilio console")}
	case err != nil:
		return []Finding{fail(what, err.Error(), "check twilio.base_url, if you set it, and that this machine may connect to api.twilio.com")}
	case account.Status != "active":
		return []Finding{fail(what, fmt.Sprintf("the account %s is %s", sid, account.Status), "settle it in the Twilio console: calls are refused until then")}
	case account.Trial:
		return []Finding{warn(what, "a trial account: it calls verified numbers only, with a notice before", "upgrade it in the Twilio console")}
	}
	return []Finding{good(what, "the credentials are right, account %q is active", account.Name)}
}

// Numbers judges the caller ids of the senders.
func Numbers(senders []config.Sender) []Finding {
	const what = "caller ids"
	var valid []string
	var findings []Finding
	for _, s := range senders {
		if s.Phone == "" {
			continue
		}
		number, err := phonenumbers.Parse(s.Phone, "")
		if err != nil || !phonenumbers.IsValidNumber(number) {
			findings = append(findings, fail(what, fmt.Sprintf("%s of %s is no number that exists", s.Phone, s.Email),
				"write phone below senders with + and country code, as bought from or verified by Twilio"))
			continue
		}
		valid = append(valid, s.Phone)
	}
	if len(valid) == 0 && len(findings) == 0 {
		return []Finding{warn(what, "no sender has a number: no voicemail can leave", "give a sender below senders a phone")}
	}
	if len(valid) > 0 {
		findings = append(findings, good(what, "%s", strings.Join(valid, ", ")))
	}
	return findings
}
