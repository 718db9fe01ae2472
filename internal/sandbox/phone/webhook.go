package phone

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio's signature is HMAC-SHA1
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxTwiML is Twilio's limit for an answer.
const maxTwiML = 64 << 10

// webhook is a URL of the owner's; the zero value is none.
type webhook struct {
	url    string
	method string
}

// sign is X-Twilio-Signature: HMAC-SHA1, keyed with the auth token, of the URL followed by each form key and value, keys sorted
// (https://www.twilio.com/docs/usage/security#validating-requests).
func sign(authToken, target string, form url.Values) string {
	text := target
	for _, key := range slices.Sorted(maps.Keys(form)) {
		text += key + form.Get(key)
	}
	mac := hmac.New(sha1.New, []byte(authToken))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// ask sends the form to the webhook, once more when the answer is not 2xx, and returns the last answer's body and status (0: none).
func (s *Server) ask(ctx context.Context, hook webhook, form url.Values) (body []byte, code, tries int) {
	for tries < 2 && ctx.Err() == nil && s.ctx.Err() == nil {
		tries++
		body, code = s.askOnce(ctx, hook, form)
		if code/100 == 2 {
			break
		}
	}
	return body, code, tries
}

func (s *Server) askOnce(ctx context.Context, hook webhook, form url.Values) ([]byte, int) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()

	target, content, signed := hook.url, strings.NewReader(form.Encode()), form
	if hook.method == http.MethodGet {
		separator := "?"
		if strings.Contains(target, "?") {
			separator = "&"
		}
		target, content, signed = target+separator+form.Encode(), strings.NewReader(""), nil
	}
	request, err := http.NewRequestWithContext(ctx, hook.method, target, content)
	if err != nil {
		return nil, 0
	}
	if hook.method != http.MethodGet {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	}
	request.Header.Set("User-Agent", "TwilioProxy/1.1")
	request.Header.Set("X-Twilio-Signature", sign(s.config.AuthToken, target, signed))
	response, err := s.client.Do(request)
	if err != nil {
		return nil, 0
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxTwiML))
	if err != nil {
		return nil, 0
	}
	return body, response.StatusCode
}

// form holds what every webhook of the call is told.
func (s *Server) form(c *call, status string) url.Values {
	return url.Values{
		"CallSid": {c.log.SID}, "AccountSid": {s.config.AccountSID}, "ApiVersion": {apiVersion},
		"From": {c.log.From}, "To": {c.log.To}, "Caller": {c.log.From}, "Called": {c.log.To},
		"Direction": {"outbound-api"}, "CallStatus": {status},
	}
}

// postStatus posts one status callback, twice when callbacks are doubled, and logs it.
func (s *Server) postStatus(ctx context.Context, c *call, e event) {
	if c.status.url == "" || c.callback == Never {
		return
	}
	form := s.form(c, e.status)
	form.Set("CallbackSource", "call-progress-events")
	form.Set("SequenceNumber", strconv.Itoa(e.sequence))
	form.Set("Timestamp", e.at.UTC().Format(time.RFC1123Z))
	if e.name == Completed {
		form.Set("CallDuration", strconv.Itoa(c.answer.DurationSeconds))
		form.Set("SipResponseCode", strconv.Itoa(c.answer.SIPResponseCode))
		if c.detect && c.answer.AnsweredBy != NobodyYet {
			form.Set("AnsweredBy", c.answer.AnsweredBy)
		}
	}
	times := 1
	if c.callback == Doubled {
		times = 2
	}
	for range times {
		_, code, tries := s.ask(ctx, c.status, form)
		s.update(c, func(log *Call) {
			log.Callbacks = append(log.Callbacks, Delivery{Status: e.status, Sequence: e.sequence, Tries: tries, Code: code})
			if code/100 != 2 {
				log.Problems = append(log.Problems, fmt.Sprintf("11200 status callback %s answered %d", e.status, code))
			}
		})
	}
}
