package jobs

import (
	"context"
	"fmt"

	"nurture/cadence"
	"nurture/config"
	"nurture/store"
)

// Waiting says what keeps an enrolment that is due: which allowance is spent, by reason and in words. Both are "" when none is: then it
// is taken as soon as what was planned before has been sent, mostly with the next tick.
func (e *Engine) Waiting(ctx context.Context, row store.Enrollment) (cadence.Reason, string, error) {
	now := e.now()
	current, err := e.liveNow(ctx, e.pool)
	if err != nil {
		return "", "", err
	}
	a, err := current.config.Settings.AllowancesAt(e.desk, now)
	if err != nil {
		return "", "", err
	}
	spenders := roomIn(&row).Spenders()
	used, err := store.UsedSince(ctx, e.pool, spenders, a.Midnight, cadence.HourBefore(now), now)
	if err != nil {
		return "", "", err
	}
	for _, s := range spenders {
		if reason, words := spentWords(s, a.Of[s], used[s].Used, warmingUp(current.config.Settings, s, a.Of[s], e.desk)); reason != "" {
			return reason, words, nil
		}
	}
	return "", "", nil
}

// spentWords names what is spent of an allowance; "" when something is left.
func spentWords(s store.Spender, a cadence.Allowance, u cadence.Used, warming bool) (cadence.Reason, string) {
	_, why := a.Left(u)
	who, span, n, of := s.Sender, "today", u.Day, a.Day
	if s.Domain != "" {
		who = "mail to " + s.Domain
	}
	switch {
	case why == "":
		return "", ""
	case why == cadence.ReasonPace:
		span, n, of = "within an hour", u.Hour, a.Hour
	}
	words := fmt.Sprintf("%s: %d of %d %s", who, n, of, span)
	switch {
	case s.Domain != "":
		return cadence.ReasonDomainLimit, words
	case why == cadence.ReasonCapacity && warming:
		return cadence.ReasonWarmUp, words + ", while it is warmed up"
	}
	return why, words
}

// warmingUp reports whether a warm-up keeps a mailbox below its full cap.
func warmingUp(settings config.Settings, s store.Spender, a cadence.Allowance, desk int) bool {
	for _, sender := range settings.Senders {
		if s.Channel == string(cadence.ChannelEmail) && sender.Email == s.Sender {
			return a.Day < sender.Allowance().Times(desk).Day
		}
	}
	return false
}
