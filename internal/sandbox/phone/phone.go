// Package phone stands in for Twilio's voice API over real HTTP: it takes calls from the real client, plays their course by
// personas, asks for TwiML and does what it says, and posts signed callbacks. Faults are injected by a function.
//
// Its times come from an injected clock; nothing in it waits for one.
package phone

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// callbackTimeout is how long Twilio waits for an answer to a webhook.
const callbackTimeout = 15 * time.Second

// closeGrace is how long Close lets requests under way end before it cuts their connections.
const closeGrace = 2 * time.Second

// Config is what the stand-in needs to know.
type Config struct {
	AccountSID string
	AuthToken  string // checks the API's callers and signs callbacks
	Now        func() time.Time
	// AccountStatus is what the account resource says; "" is "active".
	AccountStatus string
	Trial         bool // the account resource says that this is a trial account
	// Client asks for TwiML and posts callbacks; nil is a private one with Twilio's time-out of 15 s.
	Client *http.Client
	// Persona says how the owner of a number behaves: n counts the calls made to it, from 1. It may be called from several
	// goroutines. Nil: a machine answers every call.
	Persona func(to, from string, n int) Answer
	// Fault says what goes wrong with a request to create a call; nil or the zero Fault: nothing.
	Fault func(Attempt) Fault
	// Manual leaves accepted calls queued until Run or RunDue; else each plays at once on a goroutine of its own.
	Manual bool
}

// Server is the stand-in. Make it with New, end it with Close.
type Server struct {
	config   Config
	client   *http.Client
	listener net.Listener
	http     *http.Server
	served   chan struct{}
	ctx      context.Context //nolint:containedctx // ends with the server: Close gives up callbacks under way
	cancel   context.CancelFunc
	running  sync.Mutex // one Run at a time

	mu       sync.Mutex
	calls    []*call // in order of creation
	queue    []*call // those for Run, in order of creation
	bySID    map[string]*call
	byTo     map[string][]*call
	attempts map[string]int // create requests by To
	requests int
	active   int           // courses on goroutines
	idle     chan struct{} // closed when active falls to 0
	closed   bool
}

// New starts a stand-in on a free port of 127.0.0.1.
func New(config Config) (*Server, error) {
	if config.AccountSID == "" || config.AuthToken == "" || config.Now == nil {
		return nil, errors.New("phone: AccountSID, AuthToken and Now are all needed")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("phone: no port to listen on: %w", err)
	}
	s := &Server{
		config: config, client: config.Client, listener: listener, served: make(chan struct{}),
		bySID: make(map[string]*call), byTo: make(map[string][]*call), attempts: make(map[string]int),
	}
	if s.client == nil {
		s.client = &http.Client{Timeout: callbackTimeout, Transport: &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute}}
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.http = &http.Server{Handler: s.routes(), ReadHeaderTimeout: callbackTimeout, ErrorLog: log.New(io.Discard, "", 0)}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(listener) // always http.ErrServerClosed: the listener is closed by Close only
	}()
	return s, nil
}

// URL is the stand-in's scheme and host, to be used in place of Twilio's.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Close takes no more requests, gives up callbacks under way, and returns once every goroutine has ended. Calls still queued
// stay queued. To let calls play out first, use Wait.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	grace, done := context.WithTimeout(context.Background(), closeGrace)
	defer done()
	err := s.http.Shutdown(grace)
	if err != nil { // a client holds a connection open without a request
		err = s.http.Close()
	}
	<-s.served
	if waitErr := s.Wait(context.Background()); err == nil {
		err = waitErr
	}
	s.running.Lock() // a Run under way gives up as its callbacks fail
	defer s.running.Unlock()
	s.client.CloseIdleConnections()
	return err
}

// Wait returns once no course is being played on a goroutine, or with ctx's error. It does not play queued calls.
func (s *Server) Wait(ctx context.Context) error {
	for {
		s.mu.Lock()
		active, idle := s.active, s.idle
		s.mu.Unlock()
		if active == 0 {
			return nil
		}
		select {
		case <-idle:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Run plays every queued call to its end, in order of creation, those created meanwhile included, and returns how many. It
// ends early with ctx or Close; calls not begun stay queued.
func (s *Server) Run(ctx context.Context) int {
	return s.play(ctx, func(*call) bool { return true })
}

// RunDue is Run for the calls that have ended by now: what a virtual clock calls after each step.
func (s *Server) RunDue(ctx context.Context) int {
	now := s.config.Now()
	return s.play(ctx, func(c *call) bool { return !c.end().After(now) })
}

// NextDue is when the queued call that ends first ends; false without queued calls.
func (s *Server) NextDue() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var next time.Time
	found := false
	for _, c := range s.queue {
		if end := c.end(); !found || end.Before(next) {
			next, found = end, true
		}
	}
	return next, found
}

func (s *Server) play(ctx context.Context, due func(*call) bool) int {
	s.running.Lock()
	defer s.running.Unlock()
	played := 0
	for ctx.Err() == nil && s.ctx.Err() == nil {
		c := s.takeQueued(due)
		if c == nil {
			break
		}
		s.course(ctx, c)
		played++
	}
	return played
}

func (s *Server) takeQueued(due func(*call) bool) *call {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, c := range s.queue {
		if c.state == queued && due(c) {
			c.state = playing
			s.queue = slices.Delete(s.queue, i, i+1)
			return c
		}
	}
	return nil
}

// start plays the call's course on a goroutine, once it may begin, unless Run is to do it. From here on Wait waits for it.
func (s *Server) start(c *call) {
	if s.config.Manual {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || c.state != queued {
		return
	}
	c.state = playing
	if s.active == 0 {
		s.idle = make(chan struct{})
	}
	s.active++
	go func() {
		defer s.ended()
		<-c.answered
		s.course(s.ctx, c)
	}()
}

func (s *Server) ended() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active--
	if s.active == 0 {
		close(s.idle)
	}
}

// Requests is how many requests to create a call came in, refused and lost ones included.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// Calls is the log of the calls that exist, in order of creation.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := make([]Call, len(s.calls))
	for i, c := range s.calls {
		log[i] = c.copyLog()
	}
	return log
}
