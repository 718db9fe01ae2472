package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// mailbox is a TakeMail that keeps what it is given, or fails.
type mailbox struct {
	mails []string
	err   error
}

func (m *mailbox) take(_ context.Context, raw []byte) error {
	if m.err == nil {
		m.mails = append(m.mails, string(raw))
	}
	return m.err
}

func push(t *testing.T, m *mailbox, token, body string) (*site, answer) {
	t.Helper()
	s := newSite(t, func(o *Options) { o.TakeMail, o.InboundToken = m.take, "of-the-provider" })
	r := httptest.NewRequest(http.MethodPost, inboundPath, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", token)
	}
	return s, s.do(r)
}

func TestAPushedMailIsTaken(t *testing.T) {
	t.Parallel()
	large := "Subject: large\r\n\r\n" + strings.Repeat("x", 1<<20) // beyond what other routes allow
	var m mailbox
	for _, body := range []string{"Subject: hi\r\n\r\nhello", large} {
		if _, a := push(t, &m, "Bearer of-the-provider", body); a.status != http.StatusNoContent {
			t.Fatalf("status %d: %s", a.status, a.body)
		}
	}
	if len(m.mails) != 2 || m.mails[1] != large {
		t.Errorf("%d mails were taken", len(m.mails))
	}
}

func TestOnlyTheProviderMayPush(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"", "of-the-provider", "Bearer ", "Bearer of-the-provide", "Bearer of-the-provider2", "Basic of-the-provider"} {
		var m mailbox
		if _, a := push(t, &m, token, "Subject: hi\r\n\r\nhello"); a.status != http.StatusUnauthorized || len(m.mails) > 0 {
			t.Errorf("%q: status %d, %d mails taken", token, a.status, len(m.mails))
		}
	}
	s := newSite(t, func(o *Options) { o.TakeMail = (&mailbox{}).take })
	r := httptest.NewRequest(http.MethodPost, inboundPath, strings.NewReader("x"))
	r.Header.Set("Authorization", "Bearer ")
	s.do(r).mustHold(t, http.StatusUnauthorized)
}

func TestAPushThatCannotBeTakenComesAgain(t *testing.T) {
	t.Parallel()
	s, a := push(t, &mailbox{err: errors.New(leak)}, "Bearer of-the-provider", "Subject: hi\r\n\r\nhello")
	a.mustHold(t, http.StatusServiceUnavailable, "try again")
	s.mustNotLeak(a)
	_, a = push(t, &mailbox{}, "Bearer of-the-provider", "")
	a.mustHold(t, http.StatusBadRequest, "no mail")
	_, a = push(t, &mailbox{}, "Bearer of-the-provider", strings.Repeat("x", maxMail+1))
	a.mustHold(t, http.StatusRequestEntityTooLarge)
}
