package voicemail

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/twilio/twilio-go/client"
)

// MaxCallbackBytes bounds the body of a request that claims to come from Twilio; real ones are under 2 KB.
const MaxCallbackBytes = 64 << 10

// Validator tells Twilio's requests from forged ones. The zero value refuses all. Make it with NewValidator.
type Validator struct {
	publicURL string
	keys      []client.RequestValidator
}

// NewValidator returns a validator for requests that Twilio sends below publicURL: the URL as Twilio knows it, perhaps with a path
// prefix that a proxy strips. Several tokens may be given while one is being rotated; empty ones are left out, since anybody
// can sign with an empty key.
func NewValidator(publicURL string, authTokens ...string) Validator {
	v := Validator{publicURL: strings.TrimRight(publicURL, "/")}
	for _, token := range authTokens {
		if token != "" {
			v.keys = append(v.keys, client.NewRequestValidator(token))
		}
	}
	return v
}

// Valid reports whether r carries Twilio's signature over its public URL and its form
// (https://www.twilio.com/docs/usage/security#validating-requests). Host and scheme of r are ignored: proxies rewrite them.
// Signatures are compared in constant time. A body past MaxCallbackBytes is refused. The body can be read again afterwards.
func (v Validator) Valid(r *http.Request) bool {
	signature := r.Header.Get("X-Twilio-Signature")
	if signature == "" || len(v.keys) == 0 {
		return false
	}
	body, err := readBody(r)
	if err != nil {
		return false
	}
	url := v.publicURL + r.URL.EscapedPath()
	if r.URL.RawQuery != "" {
		url += "?" + r.URL.RawQuery
	}
	for _, key := range v.keys {
		if key.ValidateBody(url, body, signature) {
			return true
		}
	}
	return false
}

var errBodyTooLong = errors.New("voicemail: body too long")

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxCallbackBytes+1))
	if err != nil {
		return nil, err
	}
	if len(body) > MaxCallbackBytes {
		return nil, errBodyTooLong
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}
