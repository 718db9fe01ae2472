package phone_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twilio/twilio-go/client"

	"nurture/internal/sandbox/phone"
)

const (
	account = "AC00000000000000000000000000000001"
	token   = "secret"
	lead    = "+12025550123"
	sender  = "+12025550199"
)

var start = time.Date(2026, 3, 2, 15, 4, 5, 0, time.UTC)

// owner is the application whose webhooks the stand-in asks.
type owner struct {
	*httptest.Server
	twiml string

	mu     sync.Mutex
	forms  []url.Values // status callbacks, in order of arrival
	forged int
	codes  []int // answers to give to status callbacks, first come first; then 204
}

func newOwner(t *testing.T, twiml string) *owner {
	t.Helper()
	o := &owner{twiml: twiml}
	o.Server = httptest.NewServer(http.HandlerFunc(o.serve))
	t.Cleanup(o.Close)
	return o
}

func (o *owner) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	validator := client.NewRequestValidator(token)
	if !validator.ValidateBody(o.URL+r.URL.RequestURI(), body, r.Header.Get("X-Twilio-Signature")) {
		o.forged++
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if r.URL.Path == "/status" {
		o.forms = append(o.forms, form)
		code := http.StatusNoContent
		if len(o.codes) > 0 {
			code, o.codes = o.codes[0], o.codes[1:]
		}
		w.WriteHeader(code)
		return
	}
	twiml := o.twiml
	if r.URL.Path == "/after" {
		twiml = "<Response><Say>" + form.Get("DialCallStatus") + "</Say></Response>"
	}
	_, _ = io.WriteString(w, twiml)
}

func (o *owner) statuses() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var seen []string
	for _, form := range o.forms {
		seen = append(seen, form.Get("SequenceNumber")+" "+form.Get("CallStatus")+" "+form.Get("AnsweredBy"))
	}
	return seen
}

func newPhone(t *testing.T, config phone.Config) *phone.Server {
	t.Helper()
	config.AccountSID, config.AuthToken = account, token
	if config.Now == nil {
		config.Now = func() time.Time { return start }
	}
	s, err := phone.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func callForm(o *owner) url.Values {
	return url.Values{
		"To": {lead}, "From": {sender}, "Url": {o.URL + "/voice?touch=7"}, "StatusCallback": {o.URL + "/status"},
		"StatusCallbackEvent": {"initiated", "ringing", "answered", "completed"}, "MachineDetection": {"DetectMessageEnd"},
	}
}

// do sends a request as the account and returns status and decoded JSON.
func do(t *testing.T, s *phone.Server, method, path string, form url.Values) (int, map[string]any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(account, token)
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body map[string]any
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body
}

const callsPath = "/2010-04-01/Accounts/" + account + "/Calls.json"

type courseCase struct {
	name     string
	answer   phone.Answer
	twiml    string
	want     phone.Call
	statuses []string // sequence, status, answered by
}

func courseCases() []courseCase {
	const message = "<Response><Play>https://x.test/a.mp3</Play><Say>Hello &amp; bye</Say><Hangup/><Say>never</Say></Response>"
	return []courseCase{
		{
			name: "machine", answer: phone.Machine, twiml: message,
			want: phone.Call{
				Status: "completed", AnsweredBy: "machine_end_beep", HungUp: true, EndedAt: start.Add(55 * time.Second),
				Played: []string{"https://x.test/a.mp3"}, Said: []string{"Hello & bye"},
			},
			statuses: []string{"0 initiated ", "1 ringing ", "2 in-progress ", "3 completed machine_end_beep"},
		},
		{
			name: "no answer", answer: phone.Answer{Status: phone.NoAnswer, RingSeconds: 60}, twiml: message,
			want:     phone.Call{Status: "no-answer", EndedAt: start.Add(time.Minute)},
			statuses: []string{"0 initiated ", "1 ringing ", "2 no-answer "},
		},
		{
			name: "failed", answer: phone.Answer{Status: phone.Failed}, twiml: message,
			want:     phone.Call{Status: "failed", EndedAt: start},
			statuses: []string{"0 initiated ", "1 failed "},
		},
		{
			name: "hung up before detection", answer: phone.Answer{AnsweredBy: phone.NobodyYet, DurationSeconds: 2}, twiml: message,
			want:     phone.Call{Status: "completed", EndedAt: start.Add(2 * time.Second)},
			statuses: []string{"0 initiated ", "1 ringing ", "2 in-progress ", "3 completed "},
		},
		{
			name: "dial with an action", answer: phone.Answer{AnsweredBy: phone.Human, DialStatus: phone.Busy},
			twiml: `<Response><Dial action="/after"><Number>+12025550100</Number></Dial><Say>never</Say></Response>`,
			want: phone.Call{
				Status: "completed", AnsweredBy: "human", EndedAt: start,
				Dialled: []string{"+12025550100"}, Said: []string{"busy"},
			},
			statuses: []string{"0 initiated ", "1 ringing ", "2 in-progress ", "3 completed human"},
		},
		{
			name: "not TwiML", answer: phone.Answer{AnsweredBy: phone.Human}, twiml: "<Response><Record/></Response>",
			want: phone.Call{
				Status: "completed", AnsweredBy: "human", EndedAt: start, Problems: []string{"12200 verb not understood: Record"},
			},
			statuses: []string{"0 initiated ", "1 ringing ", "2 in-progress ", "3 completed human"},
		},
	}
}

func TestCourse(t *testing.T) {
	t.Parallel()
	for _, test := range courseCases() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := newOwner(t, test.twiml)
			s := newPhone(t, phone.Config{Persona: func(string, string, int) phone.Answer { return test.answer }})
			if status, body := do(t, s, http.MethodPost, callsPath, callForm(o)); status != http.StatusCreated || body["status"] != "queued" {
				t.Fatalf("create: %d %v", status, body)
			}
			if err := s.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := s.Calls()[0]
			got.Callbacks = nil
			test.want.SID, test.want.To, test.want.From, test.want.URL, test.want.At = got.SID, lead, sender, o.URL+"/voice?touch=7", start
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("call (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.statuses, o.statuses()); diff != "" {
				t.Errorf("callbacks (-want +got):\n%s", diff)
			}
			if o.forged != 0 {
				t.Errorf("%d webhooks were not signed as the library demands", o.forged)
			}
		})
	}
}

func TestRunPlaysInOrderOfCreationAndOnlyWhatIsDue(t *testing.T) {
	t.Parallel()
	o := newOwner(t, "<Response><Hangup/></Response>")
	now := start
	s := newPhone(t, phone.Config{
		Manual: true, Now: func() time.Time { return now },
		Persona: func(_, _ string, n int) phone.Answer { // the first call is the longest
			return phone.Answer{AnsweredBy: phone.Human, DurationSeconds: 100 - 30*n}
		},
	})
	for range 3 {
		do(t, s, http.MethodPost, callsPath, callForm(o))
	}
	if n := s.RunDue(t.Context()); n != 0 {
		t.Errorf("%d calls ended at once", n)
	}
	due, ok := s.NextDue()
	if want := start.Add(10 * time.Second); !ok || !due.Equal(want) {
		t.Errorf("NextDue = %v, %v; want %v", due, ok, want)
	}
	now = due
	if n := s.RunDue(t.Context()); n != 1 || s.Calls()[2].Status != "completed" || s.Calls()[0].Status != "queued" {
		t.Errorf("at %v: %d calls played, %+v", now, n, s.Calls())
	}
	if n := s.Run(t.Context()); n != 2 {
		t.Errorf("Run played %d calls, want the other 2", n)
	}
	var order []string
	for _, form := range o.forms {
		if form.Get("CallStatus") == "completed" {
			order = append(order, form.Get("CallDuration"))
		}
	}
	if diff := cmp.Diff([]string{"10", "70", "40"}, order); diff != "" {
		t.Errorf("durations in order of play (-want +got):\n%s", diff)
	}
	if _, ok := s.NextDue(); ok {
		t.Error("NextDue after all were played")
	}
}

func TestCallbackIsRetriedOnceAndThenGivenUp(t *testing.T) {
	t.Parallel()
	o := newOwner(t, "<Response/>")
	o.codes = []int{500, 204, 500, 503}
	s := newPhone(t, phone.Config{Manual: true})
	form := callForm(o)
	form["StatusCallbackEvent"] = []string{"initiated", "completed"}
	do(t, s, http.MethodPost, callsPath, form)
	s.Run(t.Context())
	want := []phone.Delivery{
		{Status: "initiated", Sequence: 0, Tries: 2, Code: 204},
		{Status: "completed", Sequence: 1, Tries: 2, Code: 503},
	}
	call := s.Calls()[0]
	if diff := cmp.Diff(want, call.Callbacks); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"11200 status callback completed answered 503"}, call.Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestCallbackFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault phone.CallbackFault
		want  []string
	}{
		{"in order", phone.InOrder, []string{"0 initiated ", "1 ringing ", "2 in-progress ", "3 completed machine_end_beep"}},
		{"early", phone.Early, []string{"0 initiated ", "1 ringing ", "2 in-progress ", "3 completed machine_end_beep"}},
		{"doubled", phone.Doubled, []string{
			"0 initiated ", "0 initiated ", "1 ringing ", "1 ringing ", "2 in-progress ", "2 in-progress ",
			"3 completed machine_end_beep", "3 completed machine_end_beep",
		}},
		{"never", phone.Never, nil},
		{"reversed", phone.Reversed, []string{"3 completed machine_end_beep", "2 in-progress ", "1 ringing ", "0 initiated "}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := newOwner(t, "<Response/>")
			s := newPhone(t, phone.Config{Manual: true, Fault: func(phone.Attempt) phone.Fault {
				return phone.Fault{Callbacks: test.fault}
			}})
			do(t, s, http.MethodPost, callsPath, callForm(o))
			if early := len(o.statuses()); (early == 1) != (test.fault == phone.Early) {
				t.Errorf("%d callbacks before the answer to the create request", early)
			}
			s.Run(t.Context())
			if diff := cmp.Diff(test.want, o.statuses()); diff != "" {
				t.Errorf("callbacks (-want +got):\n%s", diff)
			}
		})
	}
}
