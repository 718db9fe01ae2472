package chaos

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/internal/leadfile"
	"nurture/internal/sandbox/mailsink"
	"nurture/jobs"
	"nurture/store"
)

const (
	importBatch = 40
	// sdrEvery is how often the SDRs look at their tasks, and sdrBatch how many they do then.
	sdrEvery = 500 * time.Millisecond
	sdrBatch = 50
)

// startPeople lets leads come in and SDRs work.
func (w *world) startPeople(ctx context.Context) {
	w.background.Go(func() {
		for !w.clear.Load() {
			if err := w.admit(ctx); err != nil {
				w.log.Warn("leads could not be imported", "error", err)
			}
			if !pause(ctx, 200*time.Millisecond) {
				return
			}
		}
	})
	w.background.Go(func() {
		for pause(ctx, sdrEvery) {
			if err := w.workTasks(ctx); err != nil {
				w.log.Warn("tasks could not be worked", "error", err)
			}
		}
	})
}

// admit imports some leads when there is not enough work.
func (w *world) admit(ctx context.Context) error {
	undone, err := store.CountUndone(ctx, w.pool)
	if err != nil || undone.Touches+undone.Waiting > w.InFlight {
		return err
	}
	w.peopleMu.Lock()
	first := w.imported
	w.peopleMu.Unlock()
	rows := make([]leadfile.Row, min(importBatch, w.InFlight))
	for i := range rows {
		rows[i] = leadfile.Row{Line: i + 2, Lead: newLead(first+i+1, w.clock())}
	}
	if _, err := w.engine.Import(ctx, rows); err != nil {
		return err // perhaps committed all the same: the same keys once more change nothing
	}
	w.peopleMu.Lock()
	defer w.peopleMu.Unlock()
	w.imported += len(rows)
	return nil
}

func newLead(n int, now time.Time) leadfile.Lead {
	l := leadfile.Lead{
		Key: fmt.Sprintf("lead-%06d", n), FirstName: "Lead", LastName: fmt.Sprintf("No%d", n), Email: fmt.Sprintf("lead-%06d@leads.example.com", n),
		Phone: fmt.Sprintf("+4930%07d", n), Country: "DE", Zones: []string{"Europe/Berlin"}, Language: "en", Source: "mail",
		Origin: leadfile.OriginInquiry, CreatedAt: now,
	}
	if n%3 == 0 {
		l.Source = "phone"
	}
	l.Consent.Email.State, l.Consent.Voicemail.State = leadfile.PermissionGranted, leadfile.PermissionGranted
	return l
}

// gotMail lets a lead decide what it does about a mail. It is called before the sender has its answer, and returns at once.
func (w *world) gotMail(m mailsink.Mail) {
	if w.clear.Load() || len(m.To) == 0 {
		return
	}
	roll, after := w.leadDice.roll(), w.leadDice.between(0, 1500*time.Millisecond)
	var answer func(context.Context, mailsink.Mail) (int, error)
	stops := true
	switch {
	case roll < 0.03:
		answer = w.leave
	case roll < 0.05:
		answer = func(ctx context.Context, m mailsink.Mail) (int, error) {
			return w.reply(ctx, m, "Please stop. Unsubscribe me.")
		}
	case roll < 0.07:
		answer, stops = func(ctx context.Context, m mailsink.Mail) (int, error) {
			return w.reply(ctx, m, "This comes at the right moment. Can somebody call me?")
		}, false
	default:
		return
	}
	w.answering.Add(1)
	w.background.Go(func() {
		defer w.answering.Add(-1)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		pause(ctx, after)
		if err := w.insist(ctx, m, answer, stops); err != nil {
			w.log.Error("a lead was not heard", "lead", m.To[0], "error", err)
			w.counts.add("unheard", 1)
		}
	})
}

// insist repeats an answer until it is acknowledged, as mail systems and browsers do, and remembers a stop.
func (w *world) insist(ctx context.Context, m mailsink.Mail, answer func(context.Context, mailsink.Mail) (int, error), stops bool) error {
	for {
		status, err := answer(ctx, m)
		if err == nil && status/100 == 2 {
			break
		}
		if !pause(ctx, 300*time.Millisecond) {
			return fmt.Errorf("last answered with %d: %w", status, err)
		}
	}
	if !stops {
		w.counts.add("replies", 1)
		return nil
	}
	w.counts.add("opt_outs", 1)
	touchID, ok := jobs.TouchOf(m.MessageID)
	if !ok {
		return fmt.Errorf("%q names no touch", m.MessageID)
	}
	return w.noteStop(ctx, touchID, w.Now())
}

// noteStop remembers when a lead's stop was acknowledged, and what of its touches had been claimed by then. Whatever is claimed later and
// leaves breaks the promise.
func (w *world) noteStop(ctx context.Context, touchID int64, at time.Time) error {
	for {
		stop, leadID, err := readStop(ctx, w.pool, touchID, at)
		if err == nil {
			w.peopleMu.Lock()
			defer w.peopleMu.Unlock()
			if _, twice := w.stops[leadID]; !twice {
				w.stops[leadID] = stop
			}
			return nil
		}
		if !pause(ctx, 20*time.Millisecond) {
			return err
		}
	}
}

func readStop(ctx context.Context, db store.DB, touchID int64, at time.Time) (Stop, int64, error) {
	refs, err := store.TouchRefs(ctx, db, []int64{touchID})
	if err != nil || len(refs) == 0 {
		return Stop{}, 0, fmt.Errorf("touch %d: %w", touchID, err)
	}
	touches, err := store.AuditLead(ctx, db, refs[0].LeadID)
	stop := Stop{At: at, Claims: map[int64]int{}}
	for _, t := range touches {
		stop.Claims[t.ID] = t.Tries
	}
	return stop, refs[0].LeadID, err
}

// leave follows the link of a mail as a mail program does: a one-click POST (RFC 8058).
func (w *world) leave(ctx context.Context, m mailsink.Mail) (int, error) {
	for _, link := range strings.Split(m.Headers["List-Unsubscribe"], ",") {
		if link = strings.Trim(link, " <>"); strings.HasPrefix(link, "http") {
			return post(ctx, link, "application/x-www-form-urlencoded", url.Values{"List-Unsubscribe": {"One-Click"}}.Encode())
		}
	}
	return 0, fmt.Errorf("no link in List-Unsubscribe: %q", m.Headers["List-Unsubscribe"])
}

// reply answers a mail, and a provider pushes the answer.
func (w *world) reply(ctx context.Context, m mailsink.Mail, text string) (int, error) {
	raw := fmt.Sprintf("From: <%s>\r\nTo: <%s>\r\nSubject: Re: %s\r\nMessage-ID: <re-%s>\r\nIn-Reply-To: <%s>\r\n"+
		"Date: %s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n",
		m.To[0], "mara@example.com", m.Subject, m.MessageID, m.MessageID, m.At.Format(time.RFC1123Z), text)
	return post(ctx, w.url+"/inbound/email", "message/rfc822", raw)
}

func post(ctx context.Context, to, kind, body string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set("Authorization", "Bearer "+inboundToken)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// workTasks lets the SDRs do some of their tasks. A task to ring a lead whose stop was acknowledged before they looked breaks the promise.
func (w *world) workTasks(ctx context.Context) error {
	looked := w.Now()
	tasks, err := store.OpenTasks(ctx, w.pool, "", sdrBatch)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if w.stoppedBefore(t.LeadID, looked) && t.Kind.Rings() {
			w.counts.add("tasks_after_stop", 1)
			w.log.Error("a task to ring a lead that said stop", "task", t.ID, "lead", t.LeadID)
		}
		o := jobs.TaskOutcome{TaskID: t.ID, By: t.Owner, Disposition: cadence.Done}
		switch {
		case t.Kind.Rings():
			o.Disposition = w.disposition()
		case t.Kind == cadence.TaskTriage:
			o.Disposition = cadence.Question
		}
		err := w.engine.CompleteTask(ctx, o)
		if err != nil {
			w.log.Warn("a task could not be logged", "task", t.ID, "kind", t.Kind, "disposition", o.Disposition, "error", err)
			continue
		}
		w.counts.add("tasks_done", 1)
		if o.Disposition == cadence.NotInterested && t.TouchID != nil {
			w.counts.add("opt_outs", 1)
			if err := w.noteStop(ctx, *t.TouchID, w.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) disposition() cadence.ResponseKind {
	switch roll := w.leadDice.roll(); {
	case roll < 0.1 && !w.clear.Load():
		return cadence.NotInterested
	case roll < 0.4:
		return cadence.LeftVoicemail
	case roll < 0.6:
		return cadence.NoAnswer
	}
	return cadence.Connected
}

func (w *world) stoppedBefore(leadID int64, t time.Time) bool {
	w.peopleMu.Lock()
	defer w.peopleMu.Unlock()
	stop, ok := w.stops[leadID]
	return ok && stop.At.Before(t)
}
