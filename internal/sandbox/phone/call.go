package phone

import (
	"context"
	"slices"
	"time"
)

// Call is the log of one call: who was called, what was said, how it ended.
type Call struct {
	SID        string
	To         string
	From       string
	URL        string    // where TwiML is asked for: carries the caller's token
	At         time.Time // created
	AnsweredBy string
	Said       []string // texts of Say, in order
	Played     []string // URLs of Play
	Dialled    []string // numbers of Dial
	HungUp     bool     // the TwiML hung up, rather than running out
	Status     string   // queued, in-progress, then how it ended
	EndedAt    time.Time
	Callbacks  []Delivery // status callbacks as posted, in order of posting
	Problems   []string   // what Twilio would put in its debugger: webhooks that failed (11200), TwiML not understood (12200)
}

// Delivery is one status callback.
type Delivery struct {
	Status   string
	Sequence int
	Tries    int // 2 when the first was not answered with 2xx
	Code     int // HTTP status of the last try; 0 when nobody answered
}

type state int

const (
	queued state = iota
	playing
	over
)

// call is a call as the stand-in keeps it. log and state are guarded by Server.mu, all else never changes after creation.
type call struct {
	log      Call
	state    state
	answer   Answer
	detect   bool // MachineDetection was asked for
	voice    webhook
	status   webhook
	events   []string // events that status callbacks are wanted for
	callback CallbackFault
	early    bool // the first callback was posted already
	answered chan struct{}
	begin    func() // closes answered: the create request has its answer, the course may begin
}

func (c *call) answeredAt() time.Time {
	return c.log.At.Add(time.Duration(c.answer.RingSeconds) * time.Second)
}

func (c *call) end() time.Time {
	return c.answeredAt().Add(time.Duration(c.answer.DurationSeconds) * time.Second)
}

func (c *call) copyLog() Call {
	log := c.log
	log.Said, log.Played, log.Dialled = slices.Clone(log.Said), slices.Clone(log.Played), slices.Clone(log.Dialled)
	log.Callbacks, log.Problems = slices.Clone(log.Callbacks), slices.Clone(log.Problems)
	return log
}

// event is one status callback to be posted.
type event struct {
	name     string // what StatusCallbackEvent asks for
	status   string // CallStatus
	sequence int
	at       time.Time
}

// timeline is the status callbacks of the call that were asked for, numbered from 0 in their order.
func (c *call) timeline() []event {
	all := []event{
		{name: "initiated", status: "initiated", at: c.log.At},
		{name: "ringing", status: "ringing", at: c.log.At},
	}
	switch c.answer.Status {
	case Completed:
		all = append(all, event{name: "answered", status: "in-progress", at: c.answeredAt()})
	case Failed, Canceled:
		all = all[:1] // it never rang
	}
	all = append(all, event{name: Completed, status: c.answer.Status, at: c.end()})
	wanted := slices.DeleteFunc(all, func(e event) bool { return !slices.Contains(c.events, e.name) })
	for i := range wanted {
		wanted[i].sequence = i
	}
	return wanted
}

// course plays the call to its end.
func (s *Server) course(ctx context.Context, c *call) {
	timeline := c.timeline()
	post := func(events []event) {
		for _, e := range events {
			s.postStatus(ctx, c, e)
		}
	}
	split := len(timeline)
	if split > 0 && timeline[split-1].name == Completed {
		split--
	}
	before, after := timeline[:split], timeline[split:]
	if c.early && len(before) > 0 {
		before = before[1:]
	} else if c.early && len(after) > 0 {
		after = after[1:]
	}
	if c.callback != Reversed {
		post(before)
	}
	s.converse(ctx, c)
	s.finish(c)
	if c.callback == Reversed {
		slices.Reverse(timeline)
		post(timeline)
	} else {
		post(after)
	}
}

// converse asks for TwiML and plays it, where somebody is there to hear it.
func (s *Server) converse(ctx context.Context, c *call) {
	if c.answer.Status != Completed || (c.detect && c.answer.AnsweredBy == NobodyYet) {
		return
	}
	s.update(c, func(log *Call) {
		log.Status = "in-progress"
		if c.detect {
			log.AnsweredBy = c.answer.AnsweredBy
		}
	})
	s.follow(ctx, c, c.voice, nil, 0)
}

func (s *Server) finish(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.state = over
	c.log.Status = c.answer.Status
	c.log.EndedAt = c.end()
}

func (s *Server) update(c *call, change func(*Call)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&c.log)
}
