package web_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nurture/channels/voicemail"
	"nurture/internal/token"
	"nurture/web"
)

const (
	publicAddress = "https://nurture.seller.example"
	voiceKey      = "0123456789abcdef0123456789abcdef"
)

// twilio is a request as the voice provider makes it, signed with a key over the address and the sorted form.
func twilio(method, path string, form url.Values, key string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(publicAddress + path))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		mac.Write([]byte(name + form.Get(name)))
	}
	r.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return r
}

// damaged are tokens that a good one may become on its way or under a forger's hands: empty, cut short, one bit of each kind of place turned.
func damaged(good string) map[string]string {
	bad := map[string]string{"empty": "", "cut to one": good[:1], "cut by one": good[:len(good)-1], "cut in half": good[:len(good)/2], "doubled": good + good}
	for _, at := range []int{0, len(good) / 3, len(good) / 2, len(good) - 1} {
		flipped := []byte(good)
		flipped[at] ^= 1
		bad["a bit turned at "+strconv.Itoa(at)] = string(flipped)
	}
	return bad
}

// TestEveryRouteWithEveryToken asks every route that takes a token, with GET and HEAD and with what acts, for good tokens and for all that are
// none: what only reads changes nothing in the whole database, whatever the token, and what acts changes nothing without the right one.
func TestEveryRouteWithEveryToken(t *testing.T) {
	t.Parallel()
	pool, engine, _, lead := livePage(t)
	touch := mailed(t, pool, lead)
	page := web.New(web.Options{Engine: engine, Signature: voicemail.NewValidator(publicAddress, voiceKey)})
	good := map[string]string{
		"/u/": engine.Tokens().Make(token.Unsubscribe, touch), "/p/": engine.Tokens().Make(token.Preferences, touch),
		"/q/": engine.Tokens().Make(token.SelfQualify, touch), "/c/": engine.Tokens().MakeLink(touch, "https://www.example.com/"),
		"/twilio/voice/": engine.VoiceToken(touch), "/twilio/status/": engine.VoiceToken(touch),
	}
	form := url.Values{
		"List-Unsubscribe": {"One-Click"}, "rhythm": {"pause_6"}, "contact": {"stop_contact"}, "answer.people_to_train": {"12"}, "nonce": {"abc"},
		"CallSid": {"CA1"}, "CallStatus": {"completed"}, "AnsweredBy": {"human"},
	}
	before := everything(t, pool)
	tried := 0
	for _, prefix := range slices.Sorted(maps.Keys(good)) {
		tokens := damaged(good[prefix])
		for other, tok := range good {
			if tok != good[prefix] {
				tokens["the one for "+other] = tok
			}
		}
		for name, tok := range tokens {
			path := prefix + url.PathEscape(tok)
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
				tried++
				w := send(page, twilio(method, path, form, voiceKey))
				if w.Code < 400 && w.Code/100 != 3 || w.Header().Get("Location") != "" && w.Code == http.StatusFound {
					t.Errorf("%s %s with a token that is %s: %d", method, prefix, name, w.Code)
				}
			}
		}
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			tried++
			send(page, httptest.NewRequest(method, prefix+good[prefix]+"?"+form.Encode(), nil)) // as a scanner does; a person's click is counted elsewhere
		}
		if strings.HasPrefix(prefix, "/twilio/") {
			for name, r := range map[string]*http.Request{
				"another key": twilio(http.MethodPost, prefix+good[prefix], form, "another"), "no signature": browser(http.MethodPost, prefix+good[prefix], form.Encode()),
				"the signature of another address": func() *http.Request {
					r := twilio(http.MethodPost, prefix+good["/u/"], form, voiceKey)
					r.URL.Path = prefix + good[prefix]
					return r
				}(),
			} {
				tried++
				if w := send(page, r); w.Code != http.StatusForbidden {
					t.Errorf("%s with %s: %d", prefix, name, w.Code)
				}
			}
		}
		if diff := cmp.Diff(before, everything(t, pool)); diff != "" {
			t.Fatalf("%s changed (-before +after)\n%s", prefix, diff)
		}
	}
	for _, pattern := range web.Patterns() {
		if prefix, _, public := strings.Cut(pattern[strings.Index(pattern, "/"):], "{token}"); public && good[prefix] == "" {
			t.Errorf("no token for %s", pattern)
		}
	}
	if tried < 200 {
		t.Errorf("only %d requests", tried)
	}
	// The same form with the right token and key does act, or all of this would show nothing.
	if w := send(page, twilio(http.MethodPost, "/u/"+good["/u/"], form, voiceKey)); w.Code != http.StatusOK || everything(t, pool) == before {
		t.Errorf("the right token: %d", w.Code)
	}
}
