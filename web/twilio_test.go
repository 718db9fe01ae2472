package web

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"nurture/channels/voicemail"
	"nurture/jobs"
	"nurture/store"
)

const (
	publicURL = "https://nurture.seller.example"
	authToken = "0123456789abcdef0123456789abcdef"
)

// signed is a request as Twilio makes it: the form, and a signature over the address as Twilio knows it and the sorted form
// (https://www.twilio.com/docs/usage/security#validating-requests).
func signed(path string, form url.Values, key string) *http.Request {
	r := request(http.MethodPost, path, form.Encode())
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(publicURL + path))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		mac.Write([]byte(name + form.Get(name)))
	}
	r.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return r
}

func TestTwilioSignature(t *testing.T) {
	t.Parallel()
	status := url.Values{"CallSid": {"CA1"}, "CallStatus": {"completed"}}
	voice := url.Values{"CallSid": {"CA1"}, "AnsweredBy": {"machine_end_beep"}}
	for _, tc := range []struct {
		name   string
		r      *http.Request
		status int
		did    string
	}{
		{"voice", signed("/twilio/voice/"+goodToken, voice, authToken), 200, "[script machine_end_beep]"},
		{"status", signed("/twilio/status/"+goodToken, status, authToken), 204, "[callback completed]"},
		{"status with a query", signed("/twilio/status/"+goodToken+"?try=2", status, authToken), 204, "[callback completed]"},
		{"voice unsigned", request("POST", "/twilio/voice/"+goodToken, voice.Encode()), 403, "[]"},
		{"status unsigned", request("POST", "/twilio/status/"+goodToken, status.Encode()), 403, "[]"},
		{"voice with another key", signed("/twilio/voice/"+goodToken, voice, "another"), 403, "[]"},
		{"status with another key", signed("/twilio/status/"+goodToken, status, "another"), 403, "[]"},
		{"a form changed on its way", tampered(signed("/twilio/status/"+goodToken, status, authToken)), 403, "[]"},
		{"signed for another touch", moved(signed("/twilio/status/"+goodToken, status, authToken), "/twilio/status/v9-zzzz"), 403, "[]"},
		{"a forged token, well signed", signed("/twilio/status/v9-zzzz", status, authToken), 404, "[]"},
		{"a forged token for the script", signed("/twilio/voice/v9-zzzz", voice, authToken), 404, "[]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(o *Options) { o.Signature = voicemail.NewValidator(publicURL, authToken) })
			a := s.do(tc.r)
			a.mustHold(t, tc.status)
			mustBeHard(t, a)
			if did := fmt.Sprint(s.engine.done()); did != tc.did {
				t.Errorf("did %s, want %s", did, tc.did)
			}
			if strings.Contains(a.body, leak) {
				t.Errorf("said %s", a.body)
			}
		})
	}
}

func tampered(r *http.Request) *http.Request {
	other := request(r.Method, r.URL.String(), "CallSid=CA1&CallStatus=busy")
	other.Header.Set("X-Twilio-Signature", r.Header.Get("X-Twilio-Signature"))
	return other
}

func moved(r *http.Request, path string) *http.Request {
	r.URL.Path = path
	return r
}

func TestTwilioIsRefusedWhenNothingIsConfigured(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.Signature = nil })
	for _, path := range []string{"/twilio/voice/", "/twilio/status/"} {
		s.do(signed(path+goodToken, url.Values{"CallSid": {"CA1"}}, "")).mustHold(t, http.StatusForbidden)
	}
	if calls := s.engine.done(); len(calls) > 0 {
		t.Errorf("did %v", calls)
	}
}

// A fault is answered so that the provider comes again, and says nothing of what is inside.
func TestVoiceFaults(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		err    error
		status int
	}{
		{errors.New(leak), http.StatusServiceUnavailable},
		{fmt.Errorf("%s: %w", leak, jobs.ErrBadCallback), http.StatusBadRequest},
		{fmt.Errorf("%s: %w", leak, store.ErrNotFound), http.StatusNotFound},
	} {
		for _, path := range []string{"/twilio/voice/", "/twilio/status/"} {
			s := newSite(t)
			s.engine.err = tc.err
			a := s.do(request(http.MethodPost, path+goodToken, "CallSid=CA1&CallStatus=completed"))
			a.mustHold(t, tc.status)
			if strings.Contains(a.body, "hunter2") {
				t.Errorf("%s said %s", path, a.body)
			}
			if tc.status != http.StatusNotFound {
				s.mustNotLeak(a)
			}
		}
	}
}

func TestAFormThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.do(request(http.MethodPost, "/twilio/status/"+goodToken, "CallSid=%zz"))
	a.mustHold(t, http.StatusBadRequest, "cannot be read")
	if strings.Contains(a.body, "zz") {
		t.Errorf("said %s", a.body)
	}
}
