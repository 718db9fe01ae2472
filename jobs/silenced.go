package jobs

import (
	"context"
	"sync"
	"time"

	"nurture/cadence"
	"nurture/channels"
)

// alarmAgain is after how long, on the real clock, an alarm about a sender that still cannot send is raised once more.
const alarmAgain = time.Hour

// silenced remembers which senders nothing leaves from, so that it is told when that begins and when it ends, and not for each touch. What waits for
// them shows nowhere else: it is planned, as ever.
type silenced struct {
	mu     sync.Mutex
	alarms map[sendingFrom]alarm
}

type sendingFrom struct {
	channel cadence.Channel
	sender  string
}

type alarm struct {
	refused bool // by the server; else it is not reached
	at      time.Time
}

// raise notes what keeps a sender from sending; true when it is to be told.
func (s *silenced) raise(from sendingFrom, refused bool, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, known := s.alarms[from]
	if known && last.refused == refused && now.Sub(last.at) < alarmAgain {
		return false
	}
	if s.alarms == nil {
		s.alarms = map[sendingFrom]alarm{}
	}
	s.alarms[from] = alarm{refused: refused, at: now}
	return true
}

// end notes that a sender sends; true when it could not until now.
func (s *silenced) end(from sendingFrom) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.alarms[from]
	delete(s.alarms, from)
	return known
}

// heed raises an alarm when a sender is refused or its server cannot be reached, and tells when that is over. What was cut off because this
// process ends says nothing.
func (e *Engine) heed(ctx context.Context, channel cadence.Channel, sender string, receipts []channels.Receipt) {
	var refusal, unreached *channels.Receipt
	sent := false
	for i := range receipts {
		switch r := &receipts[i]; {
		case r.Outcome == channels.Sent:
			sent = true
		case r.StopSender && (refusal == nil || refusal.Unreached):
			refusal = r
		case r.Unreached && unreached == nil:
			unreached = r
		}
	}
	from := sendingFrom{channel, sender}
	switch {
	case refusal != nil:
		if e.silenced.raise(from, true, e.realNow()) {
			e.log.ErrorContext(ctx, "alarm: nothing leaves from a sender, which is refused; what is planned waits, and is tried again: nurture doctor looks at its account",
				"channel", channel, "sender", sender, "said", refusal.Detail)
		}
	case sent:
		if e.silenced.end(from) {
			e.log.InfoContext(ctx, "a sender sends again", "channel", channel, "sender", sender)
		}
	case unreached != nil && ctx.Err() == nil:
		if e.silenced.raise(from, false, e.realNow()) {
			e.log.ErrorContext(ctx, "alarm: nothing leaves from a sender, whose server cannot be reached; what is planned waits, and is tried again",
				"channel", channel, "sender", sender, "said", unreached.Detail)
		}
	}
}
