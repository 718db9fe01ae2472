package voicemail_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nurture/channels"
	"nurture/channels/voicemail"
	"nurture/internal/sandbox/phone"
)

type answerCase struct {
	name  string
	fault phone.Fault
	want  channels.Receipt
	calls int // that exist at Twilio afterwards
}

func answerCases() []answerCase {
	refused := func(status, code int) phone.Fault {
		return phone.Fault{Answer: phone.Refused, Refusal: phone.Refusal{Status: status, Code: code, Message: "because"}}
	}
	permanent := channels.Receipt{Outcome: channels.Permanent}
	unknown := channels.Receipt{Outcome: channels.Unknown}
	temporary := channels.Receipt{Outcome: channels.Temporary}
	stop := channels.Receipt{Outcome: channels.Temporary, StopSender: true}
	return []answerCase{
		{"created", phone.Fault{}, channels.Receipt{Outcome: channels.Sent, ProviderID: "CA00000000000000000000000000000001"}, 1},
		{"bad To", refused(400, 21211), permanent, 0},
		{"To unreachable", refused(400, 21214), permanent, 0},
		{"geo permission", refused(400, 21215), permanent, 0},
		{"blocked", refused(400, 21216), permanent, 0},
		{"To malformed", refused(400, 21217), permanent, 0},
		{"dial blocked", refused(400, 13225), permanent, 0},
		{"a code that nobody knows", refused(400, 29999), permanent, 0},
		{"bad From", refused(400, 21212), stop, 0},
		{"From not ours", refused(400, 21210), stop, 0},
		{"our Url", refused(400, 21205), stop, 0},
		{"authentication", refused(401, 20003), stop, 0},
		{"forbidden", refused(403, 29998), stop, 0},
		{"no such account", refused(404, 20404), stop, 0},
		{"rate limited", phone.Fault{Answer: phone.RateLimited, RetryAfter: 7 * time.Second}, channels.Receipt{Outcome: channels.Temporary, RetryAfter: 7 * time.Second}, 0},
		{"rate limited without a time", phone.Fault{Answer: phone.RateLimited}, temporary, 0},
		{"too many calls", refused(400, 10004), temporary, 0},
		{"429 with another code", refused(429, 20000), temporary, 0},
		{"request time-out", refused(408, 20000), unknown, 0},
		{"conflict", refused(409, 20000), unknown, 0},
		{"503", refused(503, 20503), unknown, 0},
		{"20503 by whatever status", refused(400, 20503), unknown, 0},
		{"500, no call", phone.Fault{Answer: phone.ServerError}, unknown, 0},
		{"500, a call", phone.Fault{Answer: phone.ServerError, Created: true}, unknown, 1},
		{"HTML 502, no call", phone.Fault{Answer: phone.BadGateway}, unknown, 0},
		{"HTML 502, a call", phone.Fault{Answer: phone.BadGateway, Created: true}, unknown, 1},
		{"dropped, no call", phone.Fault{Answer: phone.Dropped}, unknown, 0},
		{"dropped, a call", phone.Fault{Answer: phone.Dropped, Created: true}, unknown, 1},
		{"empty 201", phone.Fault{Answer: phone.EmptyBody}, unknown, 1},
	}
}

func TestSendClassifiesEveryAnswer(t *testing.T) {
	t.Parallel()
	for _, test := range answerCases() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, phone.Config{Manual: true, Fault: func(phone.Attempt) phone.Fault { return test.fault }}, nil)
			got := r.one(t, message(7))
			if got.Detail == "" {
				t.Error("no detail for people")
			}
			if strings.Contains(got.Detail, account) || strings.Contains(got.Detail, authToken) {
				t.Errorf("detail tells the account: %s", got.Detail)
			}
			got.Detail, got.TouchID = "", 0
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			if calls := len(r.phone.Calls()); calls != test.calls {
				t.Errorf("%d calls, want %d", calls, test.calls)
			}
			if n := r.phone.Requests(); n != 1 {
				t.Errorf("%d requests for one touch", n)
			}
		})
	}
}

func TestSendGivesUpAfterTheTimeout(t *testing.T) {
	t.Parallel()
	// On a busy machine the time may be up before the request is on its way, which is Temporary and rightly so: double it
	// until the request got there.
	for timeout := 20 * time.Millisecond; ; timeout *= 2 {
		r := newRig(t, phone.Config{Manual: true, Fault: func(phone.Attempt) phone.Fault {
			return phone.Fault{Answer: phone.Stalled, Created: true}
		}}, func(c *voicemail.Config) { c.Timeout = timeout })
		got := r.one(t, message(1))
		if got.Outcome == channels.Temporary && r.phone.Requests() == 0 && timeout < time.Minute {
			continue
		}
		if got.Outcome != channels.Unknown {
			t.Errorf("got %+v, want unknown", got)
		}
		return
	}
}

func TestSendWithoutAConnectionIsTemporary(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + listener.Addr().String()
	listener.Close()
	r := newRig(t, phone.Config{}, func(c *voicemail.Config) { c.BaseURL = nobody })
	if got := r.one(t, message(1)); got.Outcome != channels.Temporary || got.StopSender {
		t.Errorf("dial refused: %+v, want temporary", got)
	}

	plain := newRig(t, phone.Config{}, func(c *voicemail.Config) { c.BaseURL = strings.Replace(c.BaseURL, "http:", "https:", 1) })
	if got := plain.one(t, message(1)); got.Outcome != channels.Temporary {
		t.Errorf("TLS refused: %+v, want temporary", got)
	}
}

// A connection that died while it was idle must neither lose the request nor send it twice.
func TestSendOnAStaleConnection(t *testing.T) {
	t.Parallel()
	r := newRig(t, phone.Config{Manual: true, Fault: func(a phone.Attempt) phone.Fault {
		if a.N == 2 {
			return phone.Fault{Answer: phone.Dropped}
		}
		return phone.Fault{}
	}}, nil)
	want := []channels.Outcome{channels.Sent, channels.Unknown, channels.Sent}
	for i, outcome := range want {
		if got := r.one(t, message(int64(i))); got.Outcome != outcome {
			t.Errorf("message %d: %+v, want %s", i, got, outcome)
		}
	}
	if n := r.phone.Requests(); n != len(want) {
		t.Errorf("%d requests for %d messages: the transport repeated one", n, len(want))
	}
}

func TestSendAnswersOneReceiptPerMessageInOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t, phone.Config{Manual: true}, func(c *voicemail.Config) { c.MaxConcurrent = 8 })
	var messages []channels.Message
	for i := range int64(40) {
		m := message(i)
		switch i % 4 {
		case 1:
			m.To.Address = "not a number"
		case 2:
			m.To.Address = ""
		}
		messages = append(messages, m)
	}
	for i, got := range r.Send(t.Context(), messages) {
		want := channels.Sent
		if i%4 == 1 || i%4 == 2 {
			want = channels.Permanent
		}
		if got.TouchID != int64(i) || got.Outcome != want {
			t.Errorf("receipt %d: %+v, want %s", i, got, want)
		}
	}
	if calls := len(r.phone.Calls()); calls != 20 {
		t.Errorf("%d calls, want 20", calls)
	}
}

func TestSendStopsForARefusedSenderOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t, phone.Config{Manual: true}, func(c *voicemail.Config) { c.MaxConcurrent = 1 })
	var messages []channels.Message
	for i := range int64(6) {
		m := message(i)
		if i%2 == 0 {
			m.From.Address = "+15005550001" // an invalid From
		}
		messages = append(messages, m)
	}
	for i, got := range r.Send(t.Context(), messages) {
		if stopped := i%2 == 0; got.StopSender != stopped || (got.Outcome == channels.Temporary) != stopped {
			t.Errorf("receipt %d: %+v", i, got)
		}
	}
	if n := r.phone.Requests(); n != 4 {
		t.Errorf("%d requests, want 3 and a single one of the refused sender", n)
	}
}

func TestSendBoundsItsConcurrency(t *testing.T) {
	t.Parallel()
	var open, most atomic.Int32
	var once sync.Once
	release := make(chan struct{})
	r := newRig(t, phone.Config{Manual: true, Fault: func(phone.Attempt) phone.Fault {
		now := open.Add(1)
		defer open.Add(-1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		if now == 2 {
			once.Do(func() { close(release) }) // the bound is reached once; from here on nobody waits
		}
		<-release
		return phone.Fault{}
	}}, func(c *voicemail.Config) { c.MaxConcurrent = 2 })
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for _, got := range r.Send(t.Context(), []channels.Message{message(1), message(2), message(3)}) {
				if got.Outcome != channels.Sent {
					t.Errorf("got %+v", got)
				}
			}
		})
	}
	group.Wait()
	if most.Load() != 2 {
		t.Errorf("%d requests at once over two Sends, want 2", most.Load())
	}
}

func TestSendWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r := newRig(t, phone.Config{Fault: func(phone.Attempt) phone.Fault {
		cancel() // while the first request is open
		return phone.Fault{Answer: phone.Stalled}
	}}, func(c *voicemail.Config) { c.MaxConcurrent = 1 })
	receipts := r.Send(ctx, []channels.Message{message(1), message(2)})
	if receipts[0].Outcome != channels.Unknown || receipts[0].TouchID != 1 {
		t.Errorf("open when the context ended: %+v, want unknown", receipts[0])
	}
	if receipts[1].Outcome != channels.Temporary || receipts[1].TouchID != 2 {
		t.Errorf("not begun: %+v, want temporary", receipts[1])
	}
	if n := r.phone.Requests(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestRetryAfterAsADateAndHTMLRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		header map[string]string
		body   string
		want   channels.Receipt
	}{
		{"date", 429, map[string]string{"Date": "Mon, 02 Mar 2026 10:00:00 GMT", "Retry-After": "Mon, 02 Mar 2026 10:01:30 GMT"}, "<html>", channels.Receipt{Outcome: channels.Temporary, RetryAfter: 90 * time.Second}},
		{"date gone by", 429, map[string]string{"Date": "Mon, 02 Mar 2026 10:00:00 GMT", "Retry-After": "Mon, 02 Mar 2026 09:00:00 GMT"}, "", channels.Receipt{Outcome: channels.Temporary}},
		{"nonsense", 429, map[string]string{"Retry-After": "soon"}, "", channels.Receipt{Outcome: channels.Temporary}},
		{"a proxy's 403", 403, nil, "<html>forbidden</html>", channels.Receipt{Outcome: channels.Temporary}},
		{"a proxy's 400", 400, nil, "<html>bad</html>", channels.Receipt{Outcome: channels.Temporary}},
		{"redirect", 307, map[string]string{"Location": "/elsewhere"}, "", channels.Receipt{Outcome: channels.Unknown}},
		{"HTML 200", 200, nil, "<html>captive portal</html>", channels.Receipt{Outcome: channels.Unknown}},
		{"JSON without a SID", 201, nil, `{"status":"queued"}`, channels.Receipt{Outcome: channels.Unknown}},
		{"endless", 201, nil, strings.Repeat("x", 1<<21), channels.Receipt{Outcome: channels.Unknown}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				if _, set := r.Header["Idempotency-Key"]; set {
					t.Error("an Idempotency-Key lets the transport repeat the POST")
				}
				for key, value := range test.header {
					w.Header().Set(key, value)
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			}))
			t.Cleanup(proxy.Close)
			r := newRig(t, phone.Config{}, func(c *voicemail.Config) { c.BaseURL = proxy.URL })
			got := r.one(t, message(1))
			got.Detail, got.TouchID = "", 0
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			if n := requests.Load(); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestCredentialsThatTheLibraryRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, phone.Config{}, func(c *voicemail.Config) { c.AuthToken = "with space" })
	if got := r.one(t, message(1)); got.Outcome != channels.Temporary || !got.StopSender {
		t.Errorf("got %+v, want the sender stopped", got)
	}
	if n := r.phone.Requests(); n != 0 {
		t.Errorf("%d requests went out", n)
	}
}

func TestNewTellsEveryErrorAtOnce(t *testing.T) {
	t.Parallel()
	_, err := voicemail.New(voicemail.Config{BaseURL: "http://127.0.0.1:1/api", PublicURL: "nurture.example"})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, part := range []string{"auth token", "Token is nil", "base URL", "public URL"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not tell of %q", err, part)
		}
	}
}

// TestPanicCostsOneCall: what goes wrong in our own code about one call leaves its fate open, and the process goes on with the others.
func TestPanicCostsOneCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, phone.Config{}, func(c *voicemail.Config) {
		token := c.Token
		c.Token = func(touchID int64) string {
			if touchID == 2 {
				panic("no token for you")
			}
			return token(touchID)
		}
	})
	receipts := r.Send(t.Context(), []channels.Message{message(1), message(2), message(3)})
	for i, want := range []channels.Outcome{channels.Sent, channels.Unknown, channels.Sent} {
		if receipts[i].Outcome != want || receipts[i].TouchID != int64(i+1) {
			t.Errorf("receipt %d is %+v", i, receipts[i])
		}
	}
}
