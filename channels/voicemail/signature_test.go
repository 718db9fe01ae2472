package voicemail_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"nurture/channels/voicemail"
)

// The vector of Twilio's library (client/request_validator_test.go): auth token 12345, this URL, these parameters.
const (
	vectorToken     = "12345"
	vectorSignature = "vOEb5UThFn24KEfnOFLQY2AE5FY="
)

func vectorForm() url.Values {
	return url.Values{
		"Digits": {"1234"}, "CallSid": {"CA1234567890ABCDE"}, "To": {"+18005551212"}, "Caller": {"+14158675309"},
		"From": {"+14158675309"}, "ReasonConferenceEnded": {"test"}, "Reason": {"Participant"},
	}
}

func vectorRequest(form url.Values) *http.Request {
	// The proxy has rewritten scheme and host.
	r := httptest.NewRequest(http.MethodPost, "http://10.0.0.7:8080/myapp.php?foo=1&bar=2", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", vectorSignature)
	return r
}

type signatureCase struct {
	name      string
	validator voicemail.Validator
	change    func(*http.Request, url.Values) *http.Request // of the vector's request and form; nil leaves it
	want      bool
}

func signatureCases() []signatureCase {
	const public = "https://mycompany.com"
	right := voicemail.NewValidator(public, vectorToken)
	return []signatureCase{
		{"the vector", right, nil, true},
		{"public URL with a slash", voicemail.NewValidator(public+"/", vectorToken), nil, true},
		{"while tokens rotate", voicemail.NewValidator(public, "new", vectorToken), nil, true},
		{"another token", voicemail.NewValidator(public, "54321"), nil, false},
		{"another host", voicemail.NewValidator("https://evil.example", vectorToken), nil, false},
		{"plain HTTP", voicemail.NewValidator("http://mycompany.com", vectorToken), nil, false},
		{"no token", voicemail.NewValidator(public, ""), nil, false},
		{"no token, signed with an empty key", voicemail.NewValidator(public, ""), func(r *http.Request, _ url.Values) *http.Request {
			mac := hmac.New(sha1.New, nil)
			mac.Write([]byte(public + "/myapp.php"))
			empty := httptest.NewRequest(http.MethodPost, "/myapp.php", nil)
			empty.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
			return empty
		}, false},
		{"zero value", voicemail.Validator{}, nil, false},
		{"no signature", right, func(r *http.Request, _ url.Values) *http.Request {
			r.Header.Del("X-Twilio-Signature")
			return r
		}, false},
		{"forged signature", right, func(r *http.Request, _ url.Values) *http.Request {
			r.Header.Set("X-Twilio-Signature", "v"+strings.ToLower(vectorSignature[1:]))
			return r
		}, false},
		{"changed field", right, func(_ *http.Request, form url.Values) *http.Request {
			form.Set("Digits", "1235")
			return vectorRequest(form)
		}, false},
		{"added field", right, func(_ *http.Request, form url.Values) *http.Request {
			form.Set("AnsweredBy", "human")
			return vectorRequest(form)
		}, false},
		{"changed query", right, func(r *http.Request, _ url.Values) *http.Request {
			r.URL.RawQuery = "foo=1&bar=3"
			return r
		}, false},
		{"body too long", right, func(r *http.Request, form url.Values) *http.Request {
			body := form.Encode() + strings.Repeat("&", voicemail.MaxCallbackBytes)
			long := httptest.NewRequest(http.MethodPost, r.URL.String(), strings.NewReader(body))
			long.Header = r.Header
			return long
		}, false},
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	for _, test := range signatureCases() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := vectorRequest(vectorForm())
			if test.change != nil {
				r = test.change(r, vectorForm())
			}
			if got := test.validator.Valid(r); got != test.want {
				t.Errorf("Valid = %v, want %v", got, test.want)
			}
		})
	}
}

func TestValidLeavesTheBodyToRead(t *testing.T) {
	t.Parallel()
	r := vectorRequest(vectorForm())
	if !voicemail.NewValidator("https://mycompany.com", vectorToken).Valid(r) {
		t.Fatal("refused")
	}
	if err := r.ParseForm(); err != nil || r.PostForm.Get("CallSid") != "CA1234567890ABCDE" {
		t.Errorf("form after the check: %v, %v", r.PostForm, err)
	}
}
