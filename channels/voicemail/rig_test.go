package voicemail_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"nurture/channels"
	"nurture/channels/voicemail"
	"nurture/internal/sandbox/phone"
)

const (
	account   = "AC00000000000000000000000000000001"
	authToken = "0123456789abcdef"
	lead      = "+12025550123"
	sender    = "+12025550199"
)

var start = time.Date(2026, 3, 2, 15, 4, 5, 678901000, time.UTC)

// rig is a channel, the stand-in that it calls, and the application that the stand-in asks.
type rig struct {
	*voicemail.Channel
	phone *phone.Server
	app   *httptest.Server

	mu        sync.Mutex
	script    voicemail.Script
	callbacks []voicemail.Callback // as they came
	touches   []string             // the token of each
	forged    int
}

func newRig(t *testing.T, config phone.Config, change func(*voicemail.Config)) *rig {
	t.Helper()
	r := &rig{script: voicemail.Script{Text: "Hello, this is Alice."}}
	r.app = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(r.app.Close)

	config.AccountSID, config.AuthToken = account, authToken
	if config.Now == nil {
		config.Now = func() time.Time { return start }
	}
	var err error
	if r.phone, err = phone.New(config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.phone.Close(); err != nil {
			t.Errorf("phone: %v", err)
		}
	})
	own := voicemail.Config{
		AccountSID: account, AuthToken: authToken, BaseURL: r.phone.URL(), PublicURL: r.app.URL, Timeout: 5 * time.Second,
		Token: func(touchID int64) string { return fmt.Sprintf("t/%d", touchID) },
	}
	if change != nil {
		change(&own)
	}
	if r.Channel, err = voicemail.New(own); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Channel.Close)
	return r
}

// serve is what the web package does with Twilio's requests: validate, parse, answer or record.
func (r *rig) serve(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !voicemail.NewValidator(r.app.URL, authToken).Valid(request) {
		r.forged++
		http.Error(w, "bad signature", http.StatusForbidden)
		return
	}
	if err := request.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	callback, err := voicemail.ParseCallback(request.PostForm)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if _, ok := strings.CutPrefix(request.URL.Path, voicemail.VoicePath); ok {
		_, _ = w.Write(voicemail.Answer(callback.AnsweredBy, r.script))
		return
	}
	if token, ok := strings.CutPrefix(request.URL.Path, voicemail.StatusPath); ok {
		r.callbacks = append(r.callbacks, callback)
		r.touches = append(r.touches, token)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	http.NotFound(w, request)
}

func message(id int64) channels.Message {
	return channels.Message{TouchID: id, To: channels.Party{Address: lead}, From: channels.Party{Name: "Alice", Address: sender}}
}

// one sends one message.
func (r *rig) one(t *testing.T, m channels.Message) channels.Receipt {
	t.Helper()
	receipts := r.Send(t.Context(), []channels.Message{m})
	if len(receipts) != 1 || receipts[0].TouchID != m.TouchID {
		t.Fatalf("receipts %+v for touch %d", receipts, m.TouchID)
	}
	return receipts[0]
}
