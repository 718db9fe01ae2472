package jobs

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels"
	"nurture/channels/voicemail"
	"nurture/internal/sandbox/clock"
	"nurture/internal/token"
	"nurture/store"
)

// TestNotSentWhileTheCadenceGoesOn: a person finds that a touch was not sent at the instant at which its paused enrolment takes the step up again. Whoever
// comes second must see the first, or the enrolment waits for ever for a touch that is skipped.
func TestNotSentWhileTheCadenceGoesOn(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "on_unknown: assume_sent", "on_unknown: ask")
	r := newLiveRig(t, files)
	id := r.planned(1)[0]
	r.mail.set(outcome(channels.Unknown))
	r.sendNow(cadence.ChannelEmail, id)
	r.mail.set(nil)
	latest, err := store.LatestEnrollment(r.ctx, r.pool, r.leadOf(id))
	must(t, err)
	tell := func(tx pgx.Tx, event cadence.Event) error {
		return r.apply(r.ctx, tx, r.now(), []transition{{enrollmentID: latest.ID, event: event}}, nil)
	}
	must(t, pgx.BeginFunc(r.ctx, r.pool, func(tx pgx.Tx) error { return tell(tx, cadence.PausedByPerson{}) }))
	must(t, pgx.BeginFunc(r.ctx, r.pool, func(tx pgx.Tx) error { return tell(tx, cadence.ResumedByPerson{}) }))
	settled := make(chan error, 1)
	must(t, pgx.BeginFunc(r.ctx, r.pool, func(tx pgx.Tx) error {
		if err := tell(tx, cadence.FellDue{}); err != nil {
			return err
		}
		go func() { settled <- r.SettleUnknown(r.ctx, id, false) }()
		eventually(t, "the person's word waits for the cadence", func() bool {
			return r.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0
		})
		return nil
	}))
	must(t, <-settled)
	if got := r.touch(id); got.State != "planned" || !got.InFlight {
		t.Errorf("touch %+v, want it planned for the enrolment that waits for it", got)
	}
	r.noLeaks()
	r.tick()
	r.sendNow(cadence.ChannelEmail, id)
	if got := r.touch(id); got.State != "sent" || got.Step != 1 || got.Attempts != 1 {
		t.Errorf("touch %+v", got)
	}
}

// TestCallThatWasNotAbsentAfterAll: the provider's list did not know the call yet and the touch was planned again; then the call itself reports. It must
// not be made a second time.
func TestCallThatWasNotAbsentAfterAll(t *testing.T) {
	t.Parallel()
	r, _, id := lostCall(t, channels.Temporary, "assume_sent")
	if got := r.touch(id); got.State != "planned" {
		t.Fatalf("touch %+v, want it planned again", got)
	}
	form := url.Values{"CallSid": {"CA7"}, "CallStatus": {"ringing"}}
	must(t, r.VoiceCallback(r.ctx, r.VoiceToken(id), form))
	if got := r.touch(id); got.State != "sent" || got.Step != 1 || got.Attempts != 1 {
		t.Errorf("the call rings, and its touch is %+v", got)
	}
	r.tick()
	r.sendNow(cadence.ChannelVoicemail, id)
	if n := len(r.voice.messages()); n != 1 {
		t.Errorf("%d calls were made", n)
	}
}

// hangingProvider does not answer until it is let go.
type hangingProvider struct {
	asked sync.Once
	hangs chan struct{} // closed when it was asked
	letGo chan struct{}
}

func (p *hangingProvider) Reconcile(_ context.Context, probes []voicemail.Probe) []channels.Receipt {
	p.asked.Do(func() { close(p.hangs) })
	<-p.letGo
	receipts := make([]channels.Receipt, len(probes))
	for i, probe := range probes {
		receipts[i] = channels.Receipt{TouchID: probe.TouchID, Outcome: channels.Unknown}
	}
	return receipts
}

// TestSignsOfLifeWhileTheProviderHangs: asking about lost calls can take minutes when the provider does not answer. Processes of other machines must not
// take this one for dead meanwhile, and give up what it has in hand.
func TestSignsOfLifeWhileTheProviderHangs(t *testing.T) {
	t.Parallel()
	p := &hangingProvider{hangs: make(chan struct{}), letGo: make(chan struct{})}
	real := clock.New(monday)
	r := newLiveRig(t, firstSeven(voiceStep+laterMail), func(o *Options) { o.Reconciler, o.RealNow = p, real.Now })
	id := r.planned(1)[0]
	r.voice.set(outcome(channels.Unknown))
	r.sendNow(cadence.ChannelVoicemail, id)
	must(t, r.Recover(r.ctx))
	real.Advance(real.Now().Add(reconcileWait))
	ctx, cancel := context.WithCancel(r.ctx)
	var running sync.WaitGroup
	running.Go(func() { r.Run(ctx, 10*time.Millisecond) })
	defer func() { close(p.letGo); cancel(); running.Wait() }()
	<-p.hangs
	for range 3 {
		real.Advance(real.Now().Add(deadAfter))
		eventually(t, "another sign of life", func() bool {
			return r.count(`SELECT count(*) FROM workers WHERE id = 'w1' AND seen_at = $1`, real.Now()) == 1
		})
	}
}

// TestOneBadTouchOfTheDead holds up neither the others of its process nor its jobs (K3).
func TestOneBadTouchOfTheDead(t *testing.T) {
	t.Parallel()
	real := clock.New(monday)
	r := newLiveRig(t, nil, func(o *Options) { o.RealNow = real.Now })
	ids := r.planned(3)
	r.claimAs(store.Worker{ID: "far", Host: "elsewhere", SeenAt: monday}, ids...)
	all := r.handedTo("far")
	r.exec(`ALTER TABLE touches ADD CONSTRAINT spoilt CHECK (NOT (id = ` + itoa(ids[1]) + ` AND state = 'unknown'))`)
	must(t, r.Recover(r.ctx))
	real.Advance(real.Now().Add(deadAfter))
	for range 2 {
		if err := r.Recover(r.ctx); err == nil {
			t.Error("nobody says that something is wrong")
		}
	}
	for i, want := range []string{"unknown", "claimed", "unknown"} {
		if got := r.touch(ids[i]); got.State != want {
			t.Errorf("touch %d is %s, want %s", i, got.State, want)
		}
	}
	if n := r.jobsIn("available"); n != all {
		t.Errorf("%d of %d jobs are given back", n, all)
	}
	r.exec(`ALTER TABLE touches DROP CONSTRAINT spoilt`)
	for range 2 {
		must(t, r.Recover(r.ctx))
	}
	if n := r.count(`SELECT count(*) FROM workers WHERE id = 'far'`); n != 0 || r.touch(ids[1]).State != "unknown" {
		t.Errorf("once the cause is gone, touch %+v, %d workers", r.touch(ids[1]), n)
	}
}

// TestOneBadLostCall keeps no other from being settled (K3).
func TestOneBadLostCall(t *testing.T) {
	t.Parallel()
	p := &provider{outcome: channels.Sent}
	r := newLiveRig(t, firstSeven(voiceStep+laterMail), func(o *Options) { o.Reconciler = p })
	ids := r.planned(3)
	r.voice.set(outcome(channels.Unknown))
	r.sendNow(cadence.ChannelVoicemail, ids...)
	r.exec(`ALTER TABLE touches ADD CONSTRAINT spoilt CHECK (NOT (id = ` + itoa(ids[1]) + ` AND state = 'sent'))`)
	must(t, r.Recover(r.ctx))
	r.pass(reconcileWait)
	if err := r.Recover(r.ctx); err == nil {
		t.Error("nobody says that something is wrong")
	}
	for i, want := range []string{"sent", "unknown", "sent"} {
		if got := r.touch(ids[i]); got.State != want {
			t.Errorf("touch %d is %s, want %s", i, got.State, want)
		}
	}
}

// TestOneBadAnswerIsWeighedAlone: answers that came in together, such as mails or calls of the API, are one job; one that cannot be weighed keeps no other
// lead from its verdict (K3).
func TestOneBadAnswerIsWeighedAlone(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	leads := r.importPeople(3)
	inputs := make([]ResponseInput, len(leads))
	for i, id := range leads {
		inputs[i] = ResponseInput{LeadID: id, Kind: cadence.Reply, Source: "test", ExternalID: itoa(id)}
	}
	ids, err := r.Respond(r.ctx, inputs)
	must(t, err)
	r.exec(`ALTER TABLE verdicts ADD CONSTRAINT spoilt CHECK (lead_id <> ` + itoa(leads[1]) + `)`)
	w := &evaluateWorker{engine: r.Engine}
	if err := w.Work(r.ctx, jobOf(Evaluate{ResponseIDs: ids})); err == nil {
		t.Error("the job does not say that something is wrong")
	}
	for i, lead := range leads {
		if n := r.count(`SELECT count(*) FROM verdicts WHERE lead_id = $1`, lead); (n == 1) != (i != 1) {
			t.Errorf("lead %d has %d verdicts", i, n)
		}
	}
	r.exec(`ALTER TABLE verdicts DROP CONSTRAINT spoilt`)
	must(t, w.Work(r.ctx, jobOf(Evaluate{ResponseIDs: ids})))
	if n := r.count(`SELECT count(*) FROM verdicts`); n != 3 {
		t.Errorf("%d verdicts once the cause is gone", n)
	}
}

// TestUnsubscribedAgain: the suppression was taken back, and the lead clicks on the same link again: it must be left alone, whatever was known before (D6).
func TestUnsubscribedAgain(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	id := r.planned(1)[0]
	r.sendNow(cadence.ChannelEmail, id)
	link := r.tokens.Make(token.Unsubscribe, id)
	suppressed := func() int { return r.count(`SELECT count(*) FROM suppressions`) }
	must(t, r.Unsubscribe(r.ctx, link))
	first := suppressed()
	must(t, r.Unsubscribe(r.ctx, link))
	if n := r.count(`SELECT count(*) FROM responses`); n != 1 || first == 0 {
		t.Fatalf("%d responses of two clicks, %d suppressions", n, first)
	}
	for _, address := range []string{person(1).Email, person(1).Phone} {
		_, err := r.LiftSuppression(r.ctx, address, "", "asked to hear from us", "mara@example.com")
		must(t, err)
	}
	r.pass(time.Hour)
	must(t, r.Unsubscribe(r.ctx, link))
	if n := suppressed(); n != first {
		t.Errorf("%d suppressions after the lead's second word, want %d", n, first)
	}
}

// TestOutlookOfAnEscalatedHandoff names it: the lead waits for sales, which is no leak.
func TestOutlookOfAnEscalatedHandoff(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	id, h := r.offeredLead()
	look := func() string {
		t.Helper()
		lead, err := store.LeadByID(r.ctx, r.pool, id)
		must(t, err)
		o, err := r.Outlook(r.ctx, &lead)
		must(t, err)
		return o.Next
	}
	if next := look(); !strings.Contains(next, "is offered") {
		t.Errorf("next is %q", next)
	}
	r.at(h.RespondBy.Add(time.Minute))
	r.tick()
	if next := look(); !strings.Contains(next, "is escalated") {
		t.Errorf("next is %q", next)
	}
}
