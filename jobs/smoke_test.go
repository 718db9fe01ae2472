package jobs

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/store"
)

func TestSixtyDaysOfThirtyLeads(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	r.importPeople(30)
	r.start()
	r.until(monday.Add(60*24*time.Hour), r.noLeaks)
	summary, err := store.Summarize(r.ctx, r.pool)
	must(t, err)
	if summary.MaxTouchesPerCycle > 7 {
		t.Errorf("%d touches in a cycle", summary.MaxTouchesPerCycle)
	}
	if summary.Sent["email"] != 90 || summary.Sent["voicemail"] != 60 || summary.Sent["call"] != 60 {
		t.Errorf("sent %v, want three mails, two voicemails and two calls a lead", summary.Sent)
	}
	if summary.Running["long-game"] != 30 {
		t.Errorf("running %v, want all in the long game", summary.Running)
	}
}

// TestFromMailToSalesThroughRiver lets River do all of it: the mails, the evaluation behind each answer, the delivery to sales; while Run
// ticks as it does in the program.
func TestFromMailToSalesThroughRiver(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	r.at(tenOClock)
	leads := r.importPeople(6)
	ctx, stop := context.WithCancel(r.ctx)
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		r.Run(ctx, 5*time.Millisecond)
	}()
	defer func() { stop(); <-ran }()
	r.start()
	eventually(t, "all have their mail", func() bool { return len(r.touchIDs("sent")) == len(leads) })
	for i, lead := range leads[:4] {
		if i < 2 {
			r.respond(lead, cadence.Connected, r.ready())
		} else {
			r.respond(lead, cadence.Reply)
		}
	}
	eventually(t, "sales has its mails", func() bool {
		return r.count(`SELECT count(*) FROM handoffs WHERE delivered_at IS NOT NULL`) == 2 &&
			r.count(`SELECT count(*) FROM responses WHERE evaluated_at IS NULL`) == 0
	})
	if n := len(r.mail.messages()); n != len(leads)+2 {
		t.Errorf("%d mails, want %d to leads and two to sales", n, len(leads))
	}
	if n := r.count(`SELECT count(*) FROM workers`); n != 1 {
		t.Errorf("%d workers are registered", n)
	}
	failed := r.count(`SELECT count(*) FROM river_job WHERE state IN ('retryable', 'discarded')`)
	if failed != 0 {
		t.Errorf("%d jobs failed", failed)
	}
	r.noLeaks()
}

// TestEvaluatedOnce: the same evaluation job in several hands at once gives one verdict.
func TestEvaluatedOnce(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	lead := r.leadOf(r.planned(1)[0])
	ids := []int64{r.respond(lead, cadence.Click), r.respond(lead, cadence.Connected, r.ready())}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if err := (&evaluateWorker{engine: r.Engine}).Work(r.ctx, jobOf(Evaluate{ids})); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if v, h := r.count(`SELECT count(*) FROM verdicts`), r.count(`SELECT count(*) FROM handoffs`); v != 1 || h != 1 {
		t.Errorf("%d verdicts and %d handoffs, want one of each", v, h)
	}
}

// TestUnknownKindIsRefused: a response that no rule knows is an error of the caller.
func TestUnknownKindIsRefused(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	lead := r.importPeople(1)[0]
	if _, err := r.Respond(r.ctx, []ResponseInput{{LeadID: lead, Kind: "shrug", Source: "s", ExternalID: "1"}}); err == nil {
		t.Error("a shrug was taken for a response")
	}
	if err := r.SettleUnknown(r.ctx, 99, true); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("settled a touch that does not exist: %v", err)
	}
}
