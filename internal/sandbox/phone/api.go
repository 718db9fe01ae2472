package phone

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const apiVersion = "2010-04-01"

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /"+apiVersion+"/Accounts/{resource}", s.accountFile(s.authenticated(s.account)))
	mux.HandleFunc("POST /"+apiVersion+"/Accounts/{account}/Calls.json", s.authenticated(s.create))
	mux.HandleFunc("GET /"+apiVersion+"/Accounts/{account}/Calls.json", s.authenticated(s.list))
	mux.HandleFunc("GET /"+apiVersion+"/Accounts/{account}/Calls/{call}", s.authenticated(s.get))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { notFound(w, r.URL.Path) })
	return mux
}

func (s *Server) authenticated(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if subtle.ConstantTimeCompare([]byte(user), []byte(s.config.AccountSID)) != 1 ||
			subtle.ConstantTimeCompare([]byte(password), []byte(s.config.AuthToken)) != 1 {
			refuse(w, Refusal{Status: http.StatusUnauthorized, Code: 20003, Message: "Authenticate"})
			return
		}
		if r.PathValue("account") != s.config.AccountSID {
			notFound(w, r.URL.Path)
			return
		}
		next(w, r)
	}
}

// accountFile finds the account's name in Accounts/{name}.json.
func (s *Server) accountFile(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutSuffix(r.PathValue("resource"), ".json")
		if !ok {
			notFound(w, r.URL.Path)
			return
		}
		r.SetPathValue("account", name)
		next(w, r)
	}
}

// account answers with the account resource (https://www.twilio.com/docs/iam/api/account).
func (s *Server) account(w http.ResponseWriter, r *http.Request) {
	status, kind := s.config.AccountStatus, "Full"
	if status == "" {
		status = "active"
	}
	if s.config.Trial {
		kind = "Trial"
	}
	answer(w, http.StatusOK, map[string]any{
		"sid": s.config.AccountSID, "owner_account_sid": s.config.AccountSID, "friendly_name": "Stand-in", "status": status, "type": kind,
		"uri": r.URL.Path,
	})
}

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		refuse(w, Refusal{Code: 20001, Message: err.Error()})
		return
	}
	attempt := s.attempt(r.PostForm)
	var fault Fault
	if s.config.Fault != nil {
		fault = s.config.Fault(attempt)
	}
	switch fault.Answer {
	case Refused:
		refuse(w, fault.Refusal)
		return
	case RateLimited:
		if seconds := int(fault.RetryAfter / time.Second); seconds > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(seconds))
		}
		refuse(w, Refusal{Status: http.StatusTooManyRequests, Code: 20429, Message: "Too Many Requests"})
		return
	}
	if refusal, bad := validate(r.PostForm); bad {
		refuse(w, refusal)
		return
	}
	var made *call
	if fault.Created || fault.Answer == Answered || fault.Answer == EmptyBody {
		made = s.accept(r.PostForm, fault.Callbacks)
		if fault.Callbacks == Early {
			s.postEarly(made)
		}
		s.start(made)
		defer made.begin()
		if fault.Answer == Stalled {
			made.begin()
		}
	}
	s.answerCreate(w, r, fault.Answer, made)
}

func (s *Server) answerCreate(w http.ResponseWriter, r *http.Request, fault AnswerFault, made *call) {
	switch fault {
	case ServerError:
		refuse(w, Refusal{Status: http.StatusInternalServerError, Code: 20500, Message: "Internal Server Error"})
	case BadGateway:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"))
	case Dropped:
		s.drop(w)
	case Stalled:
		select {
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
	case EmptyBody:
		w.WriteHeader(http.StatusCreated)
	default:
		s.mu.Lock()
		resource := s.resource(made)
		s.mu.Unlock()
		answer(w, http.StatusCreated, resource)
	}
}

// drop closes the connection under the request, without an answer.
func (s *Server) drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // not HTTP/1: abort the stream, which the client sees as a dropped connection
	}
	_ = conn.Close()
}

func (s *Server) attempt(form url.Values) Attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	to := form.Get("To")
	s.attempts[to]++
	return Attempt{To: to, From: form.Get("From"), URL: form.Get("Url"), N: s.attempts[to]}
}

// magic are the numbers that Twilio's test credentials refuse
// (https://www.twilio.com/docs/iam/test-credentials#test-calls), by parameter.
var magic = map[string]map[string]Refusal{
	"To": {
		"+15005550001": {Code: 21217, Message: "Phone number does not appear to be valid"},
		"+15005550002": {Code: 21214, Message: "'To' phone number cannot be reached"},
		"+15005550003": {Code: 21215, Message: "Account not authorized to call this number. Perhaps you need to enable some international permissions"},
		"+15005550004": {Code: 21216, Message: "Account not allowed to call this number"},
	},
	"From": {
		"+15005550001": {Code: 21212, Message: "The 'From' number is not a valid phone number"},
		"+15005550007": {Code: 21210, Message: "The source phone number provided is not yet verified for your account"},
	},
}

func validate(form url.Values) (Refusal, bool) {
	to, from := form.Get("To"), form.Get("From")
	switch {
	case to == "":
		return Refusal{Code: 21201, Message: "No 'To' number specified"}, true
	case from == "":
		return Refusal{Code: 21213, Message: "No 'From' number specified"}, true
	case !e164.MatchString(to):
		return Refusal{Code: 21211, Message: "The phone number you are attempting to call, " + to + ", is not valid."}, true
	case !e164.MatchString(from):
		return Refusal{Code: 21212, Message: "The source phone number provided, " + from + ", is not a valid phone number."}, true
	}
	for parameter, numbers := range magic {
		if refusal, ok := numbers[form.Get(parameter)]; ok {
			return refusal, true
		}
	}
	if !absolute(form.Get("Url")) {
		return Refusal{Code: 21205, Message: "Url is not a valid URL: " + form.Get("Url")}, true
	}
	if hook := form.Get("StatusCallback"); hook != "" && !absolute(hook) {
		return Refusal{Code: 21609, Message: "Invalid 'StatusCallback' URL: " + hook}, true
	}
	for _, name := range form["StatusCallbackEvent"] {
		if !slices.Contains([]string{"initiated", "ringing", "answered", Completed}, name) {
			return Refusal{Code: 21626, Message: "Invalid statusEvents: " + name}, true
		}
	}
	return Refusal{}, false
}

func absolute(raw string) bool {
	parsed, err := url.Parse(raw)
	return err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Host != ""
}

// accept makes the call. Its persona is asked outside the lock, since it is the owner's code.
func (s *Server) accept(form url.Values, callbacks CallbackFault) *call {
	to, from := form.Get("To"), form.Get("From")
	answered := make(chan struct{})
	c := &call{
		answered: answered,
		begin:    sync.OnceFunc(func() { close(answered) }),
		detect:   form.Get("MachineDetection") != "" && form.Get("SendDigits") == "",
		voice:    webhook{url: form.Get("Url"), method: methodOr(form.Get("Method"))},
		status:   webhook{url: form.Get("StatusCallback"), method: methodOr(form.Get("StatusCallbackMethod"))},
		events:   form["StatusCallbackEvent"],
		callback: callbacks,
		state:    playing, // nobody may play it before it is answered for
		answer:   Machine.withDefaults(),
	}
	if len(c.events) == 0 {
		c.events = []string{Completed}
	}
	c.log = Call{To: to, From: from, URL: form.Get("Url"), At: s.config.Now(), Status: "queued"}
	s.mu.Lock()
	s.calls = append(s.calls, c)
	s.byTo[to] = append(s.byTo[to], c)
	c.log.SID = fmt.Sprintf("CA%032x", len(s.calls))
	s.bySID[c.log.SID] = c
	n := len(s.byTo[to])
	s.mu.Unlock()

	answer := Machine
	if s.config.Persona != nil {
		answer = s.config.Persona(to, from, n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.answer, c.state = answer.withDefaults(), queued
	if s.config.Manual {
		s.queue = append(s.queue, c)
	}
	return c
}

func (s *Server) postEarly(c *call) {
	timeline := c.timeline()
	if len(timeline) == 0 {
		return
	}
	s.mu.Lock()
	c.state, c.early = playing, true
	s.mu.Unlock()
	s.postStatus(s.ctx, c, timeline[0])
	s.mu.Lock()
	c.state = queued
	s.mu.Unlock()
}

func methodOr(method string) string {
	if strings.EqualFold(method, http.MethodGet) {
		return http.MethodGet
	}
	return http.MethodPost
}

func notFound(w http.ResponseWriter, path string) {
	refuse(w, Refusal{Status: http.StatusNotFound, Code: 20404, Message: "The requested resource " + path + " was not found"})
}

func refuse(w http.ResponseWriter, refusal Refusal) {
	if refusal.Status == 0 {
		refusal.Status = http.StatusBadRequest
	}
	answer(w, refusal.Status, map[string]any{
		"code": refusal.Code, "message": refusal.Message, "status": refusal.Status,
		"more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", refusal.Code),
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may have gone: its own error says so
	// On its way before the call's course begins: a callback overtakes it only when told to.
	_ = http.NewResponseController(w).Flush()
}
