package jobs

import (
	"context"
	"slices"
	"sync"
	"time"

	"nurture/cadence"
	"nurture/channels"
	"nurture/config"
	"nurture/store"
)

const (
	// alarmAgain is after how long, on the real clock, an alarm about a sender that still cannot send is logged once more.
	alarmAgain = time.Hour
	// inboxForgotten is after how long without another try nobody reads a mailbox any more. A worker tries at least four times as often.
	inboxForgotten = time.Hour
)

// troubles are what this process cannot do, and what it can: from which senders nothing leaves, and which mailboxes are not read. It tells the log when
// that begins and ends, and not for each touch; shareTroubles tells everybody. What waits for a sender shows nowhere else: it is planned, as ever.
type troubles struct {
	mu sync.Mutex
	of map[troubled]*tries
}

// troubled is a channel and a sender, or store.TroubleInbox and a mailbox.
type troubled struct{ what, about string }

// tries is how it went, by the real clock.
type tries struct {
	failing  bool      // the last one failed
	grave    bool      // that is to be shown
	refused  bool      // by the server; else it was not reached
	said     string    // why it failed
	since    time.Time // of the first failure in a row
	failedAt time.Time // the last one
	wellAt   time.Time // the last one that did not fail
	lasting  bool      // a connection holds: all is well until something else is said
	loggedAt time.Time // when the failure was told last
	shared   time.Time // failedAt as everybody knows it
}

// find gives how it goes with what; mu is held.
func (t *troubles) find(what, about string) *tries {
	key := troubled{what, about}
	if t.of[key] == nil {
		if t.of == nil {
			t.of = map[troubled]*tries{}
		}
		t.of[key] = &tries{}
	}
	return t.of[key]
}

// fail notes a try that failed; true when the log is to tell.
func (t *troubles) fail(what, about string, refused, grave bool, said string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.find(what, about)
	if !s.failing || s.since.IsZero() {
		s.since = now
	}
	tell := !s.failing || s.refused != refused || now.Sub(s.loggedAt) >= alarmAgain
	if tell {
		s.loggedAt = now
	}
	s.failing, s.grave, s.refused, s.said, s.failedAt, s.lasting = true, grave, refused, said, now, false
	return tell
}

// succeed notes a try that did not fail; lasting says that it goes on until something else is said. True when the one before failed.
func (t *troubles) succeed(what, about string, lasting bool, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.find(what, about)
	failed := s.failing
	s.failing, s.wellAt, s.lasting, s.shared = false, now, lasting, time.Time{}
	return failed
}

// news compares with what everybody knows: what is to be noted, and what is over.
func (t *troubles) news(known []store.Trouble) (met, over []store.Trouble) {
	t.mu.Lock()
	defer t.mu.Unlock()
	noted := map[troubled]bool{}
	for _, k := range known {
		key := troubled{k.What, k.About}
		noted[key] = true
		if s := t.of[key]; s != nil && !s.failing && (s.lasting || !s.wellAt.Before(k.SeenAt)) {
			over = append(over, k)
		}
	}
	for key, s := range t.of {
		if !s.failing || !s.grave {
			continue
		}
		fresh, overcome := !s.failedAt.Equal(s.shared), !noted[key] && !s.shared.IsZero() // overcome: another process could do it since
		switch {
		case fresh && overcome:
			s.since = s.failedAt
		case overcome:
			s.since = time.Time{}
		}
		if fresh {
			met = append(met, store.Trouble{What: key.what, About: key.about, Refused: s.refused, Said: s.said, Since: s.since, SeenAt: s.failedAt})
		}
	}
	return met, over
}

// told notes what everybody knows now.
func (t *troubles) told(met []store.Trouble) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, m := range met {
		t.find(m.What, m.About).shared = m.SeenAt
	}
}

// shareTroubles writes where the other processes read it what this one cannot do, and takes away what it can do again, or what nobody tries any more.
func (e *Engine) shareTroubles(ctx context.Context) error {
	if e.worker.ID == "" {
		return nil
	}
	known, err := store.Troubles(ctx, e.pool)
	if err != nil {
		return err
	}
	met, over := e.troubles.news(known)
	if cfg, err := e.LastLive(ctx); err == nil {
		for _, k := range known {
			if !stillTried(k, cfg.Settings, e.realNow()) && !slices.Contains(over, k) {
				over = append(over, k)
			}
		}
	}
	if err := store.ChangeTroubles(ctx, e.pool, met, over); err != nil {
		return err
	}
	e.troubles.told(met)
	return nil
}

// stillTried says whether anybody would notice the end of a trouble: its sender is one of the configuration, its mailbox was tried lately.
func stillTried(t store.Trouble, settings config.Settings, realNow time.Time) bool {
	if t.What == store.TroubleInbox {
		return realNow.Sub(t.SeenAt) < inboxForgotten
	}
	return slices.ContainsFunc(settings.Senders, func(s config.Sender) bool { return s.Email == t.About })
}

// Troubles lists what the workers cannot do for the moment, by whichever process met it last: from which senders of the settings nothing leaves, and which
// mailboxes are not read. What has lasted longest comes first.
func Troubles(ctx context.Context, db store.DB, settings config.Settings, realNow time.Time) ([]store.Trouble, error) {
	all, err := store.Troubles(ctx, db)
	return slices.DeleteFunc(all, func(t store.Trouble) bool { return !stillTried(t, settings, realNow) }), err
}

// troubleOf is why nothing leaves from a sender on a channel; nil when that is not among troubles.
func troubleOf(troubles []store.Trouble, channel, sender string) *store.Trouble {
	i := slices.IndexFunc(troubles, func(t store.Trouble) bool { return t.What == channel && t.About == sender })
	if i < 0 {
		return nil
	}
	return &troubles[i]
}

// UnreadInboxes lists the mailboxes that answers should be read from and are not.
func (e *Engine) UnreadInboxes(ctx context.Context) ([]store.Trouble, error) {
	all, err := Troubles(ctx, e.pool, config.Settings{}, e.realNow())
	return slices.DeleteFunc(all, func(t store.Trouble) bool { return t.What != store.TroubleInbox }), err
}

// InboxUnread notes that a mailbox could not be read, and why; grave is false while that may be over in a moment. The log is the caller's to write.
func (e *Engine) InboxUnread(mailbox, said string, refused, grave bool) {
	e.troubles.fail(store.TroubleInbox, mailbox, refused, grave, said, e.realNow())
}

// InboxRead notes that a mailbox is read from now on; with lasting false, that nobody is to read it any more.
func (e *Engine) InboxRead(mailbox string, lasting bool) {
	e.troubles.succeed(store.TroubleInbox, mailbox, lasting, e.realNow())
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
	what := string(channel)
	switch {
	case refusal != nil:
		if e.troubles.fail(what, sender, true, true, refusal.Detail, e.realNow()) {
			e.log.ErrorContext(ctx, "alarm: nothing leaves from a sender, which is refused; what is planned waits, and is tried again: nurture doctor looks at its account",
				"channel", channel, "sender", sender, "said", refusal.Detail)
		}
	case sent:
		if e.troubles.succeed(what, sender, false, e.realNow()) {
			e.log.InfoContext(ctx, "a sender sends again", "channel", channel, "sender", sender)
		}
	case unreached != nil && ctx.Err() == nil:
		if e.troubles.fail(what, sender, false, true, unreached.Detail, e.realNow()) {
			e.log.ErrorContext(ctx, "alarm: nothing leaves from a sender, whose server or send journal cannot be reached; what is planned waits, and is tried again",
				"channel", channel, "sender", sender, "said", unreached.Detail)
		}
	}
}
