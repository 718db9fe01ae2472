package phone_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"nurture/internal/sandbox/phone"
)

func TestCloseGivesUpWebhooksThatHang(t *testing.T) {
	t.Parallel()
	for _, manual := range []bool{false, true} {
		asked := make(chan struct{}, 8)
		hanging := &owner{}
		hanging.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm() // only with the body read does the server notice that its client left
			asked <- struct{}{}
			<-r.Context().Done()
		}))
		t.Cleanup(hanging.Close)
		s := newPhone(t, phone.Config{Manual: manual})
		do(t, s, http.MethodPost, callsPath, callForm(hanging))
		played := make(chan int, 1)
		if manual {
			go func() { played <- s.Run(context.Background()) }()
		}
		<-asked
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if manual {
			if n := <-played; n != 1 {
				t.Errorf("Run played %d calls", n)
			}
		}
		if call := s.Calls()[0]; len(call.Problems) == 0 {
			t.Errorf("the log does not tell that the webhooks failed: %+v", call)
		}
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	slow := &owner{}
	slow.Server = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(slow.Close)
	s := newPhone(t, phone.Config{})
	do(t, s, http.MethodPost, callsPath, callForm(slow))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Wait(ended); err == nil {
		t.Error("Wait returned while a webhook was open")
	}
	close(release)
	if err := s.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	if got := s.Calls()[0].Status; got != phone.Completed {
		t.Errorf("status %s after Wait", got)
	}
}

func TestNewNeedsAnAccountAndAClock(t *testing.T) {
	t.Parallel()
	if _, err := phone.New(phone.Config{AccountSID: account, AuthToken: token}); err == nil {
		t.Error("started without a clock")
	}
}
