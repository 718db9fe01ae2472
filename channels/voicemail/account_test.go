package voicemail_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"nurture/channels/voicemail"
	"nurture/internal/sandbox/phone"
)

func TestAccount(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		phone  phone.Config
		change func(*voicemail.Config)
		want   voicemail.Account
		err    string
	}{
		"active":      {want: voicemail.Account{Name: "Stand-in", Status: "active"}},
		"trial":       {phone: phone.Config{Trial: true}, want: voicemail.Account{Name: "Stand-in", Status: "active", Trial: true}},
		"suspended":   {phone: phone.Config{AccountStatus: "suspended"}, want: voicemail.Account{Name: "Stand-in", Status: "suspended"}},
		"wrong token": {change: func(c *voicemail.Config) { c.AuthToken = "wrong" }, err: "twilio 20003 (HTTP 401): Authenticate"},
		"nobody":      {change: func(c *voicemail.Config) { c.BaseURL = "http://127.0.0.1:1" }, err: "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, test.phone, test.change)
			got, err := r.Account(t.Context())
			if got != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("got %+v, %v", got, err)
			}
			if calls := r.phone.Calls(); len(calls) != 0 {
				t.Errorf("asking made calls: %+v", calls)
			}
		})
	}
}

func TestAccountOfSomebodyElse(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"sid": "AC2"}`)) }))
	t.Cleanup(other.Close)
	r := newRig(t, phone.Config{}, func(c *voicemail.Config) { c.BaseURL = other.URL })
	if _, err := r.Account(t.Context()); err == nil || !strings.Contains(err.Error(), "not this account's") {
		t.Errorf("got %v", err)
	}
}
