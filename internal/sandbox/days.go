package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/internal/token"
	"nurture/jobs"
	"nurture/store"
)

// run lets the days pass: the engine does what is due, people react, and the clock jumps to when something happens next.
func (w *world) run(ctx context.Context) error {
	end := end(w.Days)
	for {
		if err := w.moment(ctx); err != nil {
			return fmt.Errorf("at %s: %w", w.clock.Now().Format(time.DateTime), err)
		}
		next, err := w.next(ctx)
		if err != nil {
			return err
		}
		if w.Progress != nil {
			w.Progress(Progress{
				Day: int(w.clock.Now().Sub(Start).Hours() / 24), Days: w.Days, Touches: w.sink.Total() + w.phone.Requests() + w.called,
			})
		}
		if !next.Before(end) {
			w.clock.Advance(end)
			_, err := w.engine.Tally(ctx) // the pages show the end
			return err
		}
		w.clock.Advance(next)
	}
}

// moment lets everything happen that is due at this instant, until nothing is.
func (w *world) moment(ctx context.Context) error {
	for {
		moved := 0
		for _, part := range []func(context.Context) (int, error){w.arrive, w.work, w.ring, w.read, w.react, w.workTasks, w.sell} {
			n, err := part(ctx)
			if err != nil {
				return err
			}
			moved += n
		}
		if moved == 0 {
			return nil
		}
	}
}

// Waiting for the workers: how often to look, when to tick again because a touch waits for an alarm, and when to give up.
const (
	lookEvery = time.Millisecond
	nudge     = 200 * time.Millisecond
	giveUp    = 2 * time.Minute
)

// work lets the engine plan and its workers finish.
func (w *world) work(ctx context.Context) (int, error) {
	moved, err := w.engine.Tick(ctx)
	if err != nil {
		return moved, err
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for looks := time.Duration(0); ; looks += lookEvery {
		busy, err := store.Busy(ctx, w.pool, w.clock.Now())
		if err != nil || !busy {
			return moved, err
		}
		if looks > giveUp {
			return moved, fmt.Errorf("the workers have not become idle within %s", giveUp)
		}
		if looks > 0 && looks%nudge == 0 {
			if _, err := w.engine.Tick(ctx); err != nil {
				return moved, err
			}
		}
		timer.Reset(lookEvery)
		select {
		case <-ctx.Done():
			return moved, ctx.Err()
		case <-timer.C:
		}
	}
}

// ring lets the calls that are over by now take their course; what their callbacks bring is for the workers.
func (w *world) ring(ctx context.Context) (int, error) { return w.phone.RunDue(ctx), nil }

// pendingReaction is something that a lead will do.
type pendingReaction struct {
	at      time.Time
	leadID  int64
	touchID int64
	reaction
}

// read lets the leads read their mail and decide what they will do about it.
func (w *world) read(ctx context.Context) (int, error) {
	w.mailMu.Lock()
	mails := w.inbox
	w.inbox = nil
	w.mailMu.Unlock()
	var touchIDs []int64
	for _, m := range mails {
		if id, ok := jobs.TouchOf(m.MessageID); ok {
			touchIDs = append(touchIDs, id)
		}
	}
	refs, err := store.TouchRefs(ctx, w.pool, touchIDs)
	if err != nil {
		return 0, err
	}
	sort.Slice(refs, func(i, j int) bool { return refs[i].LeadID < refs[j].LeadID })
	now := w.clock.Now()
	for _, r := range refs {
		about := w.count(r.LeadID, "mail")
		re := w.personas[r.LeadID].onMail(about, now)
		if re == nil {
			continue
		}
		if re.kind == cadence.Reply {
			w.replied[r.LeadID] = about
		}
		w.pending = append(w.pending, pendingReaction{now.Add(re.after), r.LeadID, r.TouchID, *re})
	}
	return 0, nil
}

// react lets the leads do what they had decided to do by now, in a fixed order.
func (w *world) react(ctx context.Context) (int, error) {
	now := w.clock.Now()
	var due, later []pendingReaction
	for _, r := range w.pending {
		if r.at.After(now) {
			later = append(later, r)
		} else {
			due = append(due, r)
		}
	}
	w.pending = later
	sort.Slice(due, func(i, j int) bool {
		if !due[i].at.Equal(due[j].at) {
			return due[i].at.Before(due[j].at)
		}
		return due[i].leadID < due[j].leadID
	})
	var inputs []jobs.ResponseInput
	for _, r := range due {
		if r.kind == cadence.Unsubscribe {
			if err := w.leave(ctx, r); err != nil {
				return 0, err
			}
			continue
		}
		inputs = append(inputs, jobs.ResponseInput{
			LeadID: r.leadID, TouchID: r.touchID, Kind: r.kind, Source: "mailbox", ExternalID: fmt.Sprintf("%s-%d", r.kind, r.touchID),
			Said: r.said, Date: r.date, At: now,
		})
	}
	if len(inputs) > 0 {
		if _, err := w.engine.Respond(ctx, inputs); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

// leave follows the link of a mail as a mail program does: a one-click POST (RFC 8058).
func (w *world) leave(ctx context.Context, r pendingReaction) error {
	link := w.url + "/u/" + w.engine.Tokens().Make(token.Unsubscribe, r.touchID)
	body := url.Values{"List-Unsubscribe": {"One-Click"}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, link, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("unsubscribe: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("unsubscribe: %s", response.Status)
	}
	w.stopNow(r.leadID, cadence.Unsubscribe)
	return nil
}

// next is when something happens next: the engine's appointments, the leads' intentions, calls that end, and desks that open.
func (w *world) next(ctx context.Context) (time.Time, error) {
	now := w.clock.Now()
	never := now.Add(365 * 24 * time.Hour)
	next := never
	sooner := func(t time.Time) {
		if t.After(now) && t.Before(next) {
			next = t
		}
	}
	if due, ok, err := store.NextDue(ctx, w.pool, now); err != nil {
		return next, err
	} else if ok {
		sooner(due)
	}
	for _, r := range w.pending {
		sooner(r.at)
	}
	if len(w.late) > 0 {
		sooner(w.late[0].Lead.CreatedAt)
	}
	if due, ok := w.phone.NextDue(); ok {
		sooner(due)
	}
	open, err := store.PeopleWaited(ctx, w.pool, now)
	if err != nil {
		return next, err
	}
	if open {
		sooner(now.Add(step))
	}
	return ceil(next, step), nil
}

// ceil rounds up, so that what falls due within a step happens together.
func ceil(t time.Time, by time.Duration) time.Time {
	if r := t.Truncate(by); !r.Equal(t) {
		return r.Add(by)
	}
	return t
}
