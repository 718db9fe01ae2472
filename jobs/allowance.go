package jobs

import (
	"context"
	"time"

	"nurture/cadence"
	"nurture/store"
)

// backlogLimit is up to how many due enrolments of a sender and priority are counted.
const backlogLimit = 1000

// SenderState is how a mailbox, a number or an SDR stands today: the day is the operator's.
type SenderState struct {
	Channel   cadence.Channel
	Sender    string            // the mailbox; for calls the SDR's
	Name      string            // the person
	Allowance cadence.Allowance // what may leave; cadence.Unlimited where nothing is said
	Used      cadence.Used
	Why       cadence.Reason // the allowance that is spent; "" while something is left
	Words     string         // the same for people, such as "mara@example.com: 120 of 120 today"
	Due       int            // enrolments that wait for their turn; more than backlogLimit of a priority are not counted
	OldestDue *time.Time     // when the one that is due longest was due; nil when none is
	PausedAt  *time.Time     // email only; nil: it sends
	Paused    string         // why
	Refused   int            // email only: leads whose mail was refused for policy within a day, since the mailbox was resumed
	Stuck     *store.Trouble // why nothing leaves, though it is not paused; nil while it sends, as far as is known
	Gone      bool           // the live configuration has it no more; it is listed, last, because it is paused
}

// SenderStates tells how every mailbox, number and SDR of the live configuration stands, in its order. ErrNotReady before the first apply.
func (e *Engine) SenderStates(ctx context.Context) ([]SenderState, error) {
	now := e.now()
	current, err := e.liveNow(ctx, e.pool)
	if err != nil {
		return nil, err
	}
	settings := current.config.Settings
	a, err := settings.AllowancesAt(e.desk, now)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, s := range settings.Senders {
		names[s.Email] = s.Name
	}
	for _, s := range settings.Team.SDRs {
		names[s.Email] = s.Name
	}
	var states []SenderState
	var spenders []store.Spender
	var rooms []store.Room
	for _, s := range a.Order {
		if s.Domain != "" {
			continue
		}
		spenders = append(spenders, s)
		states = append(states, SenderState{Channel: cadence.Channel(s.Channel), Sender: s.Sender, Name: names[s.Sender], Allowance: a.Of[s]})
		for _, domain := range append([]string{""}, settings.Mail.ThrottledDomains()...) {
			if domain == "" || s.Channel == string(cadence.ChannelEmail) {
				rooms = append(rooms, store.Room{Channel: s.Channel, Sender: s.Sender, Domain: domain})
			}
		}
	}
	used, err := store.UsedSince(ctx, e.pool, spenders, a.Midnight, cadence.HourBefore(now), now)
	if err != nil {
		return nil, err
	}
	backlogs, err := store.Backlogs(ctx, e.pool, rooms, backlogLimit, now)
	if err != nil {
		return nil, err
	}
	waiting := map[store.Spender]store.Backlog{}
	for _, b := range backlogs {
		waiting[store.Spender{Channel: b.Channel, Sender: b.Sender}] = b
	}
	for i, s := range spenders {
		state := &states[i]
		state.Used = used[s].Used
		state.Why, state.Words = spentWords(s, a.Of[s], state.Used, warmingUp(settings, s, a.Of[s], e.desk))
		state.Due, state.OldestDue = waiting[s].Due, waiting[s].Oldest
	}
	troubles, err := Troubles(ctx, e.pool, settings, e.realNow())
	if err != nil {
		return nil, err
	}
	for i := range states {
		states[i].Stuck = troubleOf(troubles, string(states[i].Channel), states[i].Sender)
	}
	return e.addHealth(ctx, states, now)
}

// addHealth adds what is known of the mailboxes' standing with mail systems, and the mailboxes that are paused and not configured any more.
func (e *Engine) addHealth(ctx context.Context, states []SenderState, now time.Time) ([]SenderState, error) {
	known, err := store.Senders(ctx, e.pool)
	if err != nil {
		return nil, err
	}
	refused, err := store.PolicyBounces(ctx, e.pool, now.Add(-cadence.PolicyBounceSpan))
	if err != nil {
		return nil, err
	}
	mailboxes := map[string]int{}
	for i := range states {
		if states[i].Channel == cadence.ChannelEmail {
			mailboxes[states[i].Sender], states[i].Refused = i, refused[states[i].Sender]
		}
	}
	for _, k := range known {
		if k.PausedAt == nil {
			continue
		}
		i, configured := mailboxes[k.Mailbox]
		if !configured {
			i, states = len(states), append(states, SenderState{Channel: cadence.ChannelEmail, Sender: k.Mailbox, Refused: refused[k.Mailbox], Gone: true})
		}
		states[i].PausedAt, states[i].Paused = k.PausedAt, k.Reason
	}
	return states, nil
}
