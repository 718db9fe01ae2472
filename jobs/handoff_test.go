package jobs

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/cadence/uld"
	"nurture/channels"
	"nurture/internal/dossier"
	"nurture/store"
)

// criteria are answers that meet the starter's definition, dossierItems complete its dossier.
var (
	criteria = map[string]string{
		"major_hazards": "yes", "people_to_train": "14", "driver": "retirements", "wants_on_site": "yes", "funding": "training_budget",
		"part_in_decision": "decides", "months_to_decision": "3",
	}
	dossierItems = map[string]string{
		"budget_process": "the plant manager signs", "decision_timeline": "by May", "people": "the safety lead", "driving_events": "none",
		"pain_points": "we wait for leaders", "competition": "none", "callback_at": "2026-03-20 10:00",
	}
)

// answers types answers for a response.
func (r *rig) answers(sets ...map[string]string) []uld.Fact {
	r.t.Helper()
	all := map[string]string{}
	for _, set := range sets {
		for k, v := range set {
			all[k] = v
		}
	}
	facts, err := parseAnswers(r.cfg.Definition, TaskOutcome{Answers: all}, r.clock.Now())
	must(r.t, err)
	return facts
}

// ready makes a response say all that sales needs, as heard by a person.
func (r *rig) ready() func(*ResponseInput) {
	return func(in *ResponseInput) {
		in.Answers, in.Confirms, in.By = r.answers(criteria, dossierItems), true, "mara"
	}
}

// deliver works the delivery jobs that wait, as River would.
func (r *rig) deliver(id int64) error {
	return (&handoffWorker{engine: r.Engine}).Work(r.ctx, jobOf(DeliverHandoff{id}))
}

// TestHandoffFromAnswersToAcceptance walks E1 to E3: blocked while the dossier lacks something, offered when it is complete, delivered
// once, accepted once.
func TestHandoffFromAnswersToAcceptance(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(callStep+laterMail))
	touch := r.planned(1)[0]
	lead := r.leadOf(touch)
	r.sendNow(cadence.ChannelCall, touch)
	tasks, err := store.OpenTasks(r.ctx, r.pool, "", 0)
	must(t, err)
	must(t, r.CompleteTask(r.ctx, TaskOutcome{TaskID: tasks[0].ID, By: "mara", Disposition: cadence.Connected, Answers: criteria}))
	r.evaluateAll()
	blocked := r.handoff(lead)
	if blocked.State != store.HandoffBlocked || !slices.Contains(blocked.Missing, "callback_at") || slices.Contains(blocked.Missing, "hot_buttons") {
		t.Fatalf("handoff %+v, want it blocked for want of the dossier", blocked)
	}
	if e := r.running(lead); e.State != "paused" || r.lead(lead).Stage != "qualified" {
		t.Errorf("enrolment %+v of a lead in stage %s", e, r.lead(lead).Stage)
	}
	r.noLeaks()
	open, err := store.OpenTasks(r.ctx, r.pool, "", 0)
	must(t, err)
	if len(open) != 1 || open[0].Kind != cadence.TaskDossier || !slices.Contains(open[0].Ask, "callback_at") {
		t.Fatalf("tasks %+v, want one that asks for the rest", open)
	}
	if err := r.deliver(blocked.ID); err != nil || len(r.mail.messages()) != 0 {
		t.Errorf("a blocked handoff was delivered: %v", err)
	}
	if err := r.AcceptHandoff(r.ctx, blocked.ID, "priya"); !errors.Is(err, ErrDecided) {
		t.Errorf("a blocked handoff was accepted: %v", err)
	}

	must(t, r.CompleteTask(r.ctx, TaskOutcome{TaskID: open[0].ID, By: "mara", Disposition: cadence.Connected, Answers: dossierItems}))
	r.evaluateAll()
	offered := r.handoff(lead)
	if offered.ID != blocked.ID || offered.State != store.HandoffOffered || offered.Rep == "" || offered.RespondBy == nil || offered.VerdictID == nil {
		t.Fatalf("handoff %+v, want the same one offered", offered)
	}
	if e := r.running(lead); e.ID != 0 || r.lead(lead).Stage != "handed_off" {
		t.Errorf("running %+v, stage %s", e, r.lead(lead).Stage)
	}
	r.checkDossier(offered)
	if n := r.count(`SELECT count(*) FROM river_job WHERE kind = 'deliver_handoff'`); n != 1 {
		t.Errorf("%d delivery jobs", n)
	}

	r.mail.set(outcome(channels.Unknown))
	if err := r.deliver(offered.ID); err == nil {
		t.Error("a delivery whose answer was lost counts as done")
	}
	r.mail.set(nil)
	for range 3 {
		must(t, r.deliver(offered.ID))
	}
	sent := r.mail.messages()
	if len(sent) != 2 || sent[0].Mail.MessageID != sent[1].Mail.MessageID || sent[1].To.Address != offered.Rep || sent[1].TouchID >= 0 ||
		!strings.Contains(sent[1].Text, "we wait for leaders") || sent[1].HTML == "" {
		t.Errorf("mails %+v", sent)
	}

	var wg sync.WaitGroup
	var accepted, refused int
	var mu sync.Mutex
	for range 4 {
		wg.Go(func() {
			err := r.AcceptHandoff(r.ctx, offered.ID, "priya")
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				accepted++
			} else if errors.Is(err, ErrDecided) {
				refused++
			}
		})
	}
	wg.Wait()
	if accepted != 1 || refused != 3 || r.lead(lead).Stage != "accepted" {
		t.Errorf("accepted %d times, refused %d, stage %s", accepted, refused, r.lead(lead).Stage)
	}
	r.respond(lead, cadence.Connected, r.ready())
	r.evaluateAll()
	if n := r.count(`SELECT count(*) FROM handoffs`); n != 1 {
		t.Errorf("%d handoffs: a lead that sales has was handed off again", n)
	}
	r.noLeaks()
}

// handoff is the lead's newest.
func (r *rig) handoff(lead int64) store.Handoff {
	r.t.Helper()
	all, err := store.LeadHandoffs(r.ctx, r.pool, lead)
	must(r.t, err)
	if len(all) == 0 {
		r.t.Fatal("there is no handoff")
	}
	return all[len(all)-1]
}

// checkDossier holds the dossier against the ledger (E1).
func (r *rig) checkDossier(h store.Handoff) {
	r.t.Helper()
	var d dossier.Dossier
	must(r.t, json.Unmarshal(h.Dossier, &d))
	text := d.Markdown()
	for _, want := range []string{"the plant manager signs", "we wait for leaders", "Customer 001", "retirements"} {
		if !strings.Contains(text, want) {
			r.t.Errorf("the dossier does not say %q:\n%s", want, text)
		}
	}
}

// TestRejectedLeadGoesBackToNurture with the reason, in a new cycle, and comes again only when something new was heard (E4, B4).
func TestRejectedLeadGoesBackToNurture(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	lead := r.leadOf(r.planned(1)[0])
	r.respond(lead, cadence.Connected, r.ready())
	r.evaluateAll()
	first := r.handoff(lead)
	if err := r.RejectHandoff(r.ctx, first.ID, "priya", ""); err == nil {
		t.Error("rejected without a reason")
	}
	r.pass(time.Hour)
	must(t, r.RejectHandoff(r.ctx, first.ID, "priya", "no budget after all"))
	if err := r.RejectHandoff(r.ctx, first.ID, "priya", "again"); !errors.Is(err, ErrDecided) {
		t.Errorf("rejected twice: %v", err)
	}
	back := func() {
		t.Helper()
		r.evaluateAll()
		r.noLeaks()
		e, l := r.running(lead), r.lead(lead)
		if e.CadenceKey != "long-game" || e.Cycle != 2 || e.Attempts != 0 || l.Stage != "nurturing" {
			t.Fatalf("enrolment %s of cycle %d with %d attempts, stage %s; want the long game with a fresh budget", e.CadenceKey, e.Cycle, e.Attempts, l.Stage)
		}
	}
	back()
	r.pass(time.Hour)
	r.respond(lead, cadence.Click)
	back()
	stages, err := store.LeadStages(r.ctx, r.pool, lead)
	must(t, err)
	var names []string
	for _, s := range stages {
		names = append(names, s.Stage)
	}
	if !slices.Equal(names, []string{"nurturing", "qualified", "handed_off", "recycled", "nurturing"}) {
		t.Errorf("stages %v", names)
	}
	r.respond(lead, cadence.Connected, r.ready())
	r.evaluateAll()
	if second := r.handoff(lead); second.ID == first.ID || second.State != store.HandoffOffered {
		t.Errorf("handoff %+v, want a second one after new answers", second)
	}
}

// TestFormsAloneNeverPromote: a lead that fills in the whole form is called first (A5, A6).
func TestFormsAloneNeverPromote(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	r.at(tenOClock)
	self := person(1)
	self.Origin = "self_qualified"
	lead := r.importLeads(self)[0]
	r.tick()
	r.respond(lead, cadence.FormFilled, func(in *ResponseInput) { in.Answers = r.answers(criteria, dossierItems) })
	r.evaluateAll()
	if n := r.count(`SELECT count(*) FROM handoffs`); n != 0 {
		t.Error("a form alone promoted the lead")
	}
	if kinds := r.tasksAbout(lead); !slices.Equal(kinds, []cadence.TaskKind{cadence.TaskVerify}) {
		t.Fatalf("tasks %v, want one to verify", kinds)
	}
	tasks, err := store.OpenTasks(r.ctx, r.pool, "", 0)
	must(t, err)
	confirmed := map[string]string{}
	for _, key := range tasks[0].Ask {
		confirmed[key] = criteria[key]
	}
	must(t, r.CompleteTask(r.ctx, TaskOutcome{TaskID: tasks[0].ID, By: "mara", Disposition: cadence.Connected, Answers: confirmed}))
	r.evaluateAll()
	if h := r.handoff(lead); h.State != store.HandoffOffered || r.lead(lead).Origin != "self_qualified" {
		t.Errorf("handoff %+v of a lead of origin %s", h, r.lead(lead).Origin)
	}
}

// TestOptOutWithdrawsTheOffer: a lead that leaves while sales has not answered is taken back; one that a rep has taken on is theirs to talk to.
func TestOptOutWithdrawsTheOffer(t *testing.T) {
	t.Parallel()
	for _, kind := range []cadence.ResponseKind{cadence.Unsubscribe, cadence.Complaint} {
		r := newLiveRig(t, firstSeven(mailStep+laterMail))
		lead, h := r.offeredLead()
		r.respond(lead, kind)
		r.evaluateAll()
		if is, l := r.handoff(lead), r.lead(lead); is.State != store.HandoffWithdrawn || l.Stage != "disqualified" || l.EndReason != "opted_out" {
			t.Errorf("%s: handoff %s, lead %s, ended %q", kind, is.State, l.Stage, l.EndReason)
		}
		must(t, r.deliver(h.ID))
		if n := len(r.mail.messages()); n != 0 {
			t.Errorf("%s: %d mails tell sales to call", kind, n)
		}
		if err := r.AcceptHandoff(r.ctx, h.ID, "priya"); !errors.Is(err, ErrDecided) {
			t.Errorf("%s: accepted all the same: %v", kind, err)
		}
		r.noLeaks()
	}
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	lead, h := r.offeredLead()
	must(t, r.AcceptHandoff(r.ctx, h.ID, "priya"))
	r.respond(lead, cadence.Unsubscribe)
	if is, l := r.handoff(lead), r.lead(lead); is.State != store.HandoffAccepted || l.Stage != "accepted" || l.EndReason != "" {
		t.Errorf("handoff %s, lead %s, ended %q", is.State, l.Stage, l.EndReason)
	}
	r.noLeaks()
}

// TestClosedLeadIsNotHandedOff: nor is one that waits for its dossier.
func TestClosedLeadIsNotHandedOff(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	lead := r.leadOf(r.planned(1)[0])
	r.respond(lead, cadence.Connected, func(in *ResponseInput) { in.Answers, in.Confirms = r.answers(criteria), true })
	r.evaluateAll()
	r.respond(lead, cadence.Unsubscribe)
	if h := r.handoff(lead); h.State != store.HandoffWithdrawn {
		t.Errorf("handoff %+v of a lead that left", h)
	}
	r.evaluateAll()
	if n := r.count(`SELECT count(*) FROM handoffs WHERE state IN ('blocked', 'offered')`); n != 0 {
		t.Error("the evaluation behind the opt-out handed the lead off")
	}
	r.noLeaks()
}

// TestRepsShareByTerritoryAndLoad is E3's way to the right rep.
func TestRepsShareByTerritoryAndLoad(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	r.at(tenOClock)
	american := person(1)
	american.Country, american.Zones, american.Phone = "US", []string{"America/New_York"}, "+12125550001"
	leads := r.importLeads(american, person(2), person(3), person(4))
	for _, lead := range leads {
		r.respond(lead, cadence.Connected, r.ready())
	}
	r.evaluateAll()
	for i, lead := range leads {
		rep := r.handoff(lead).Rep
		if i > 0 && rep != "tomas@example.com" {
			t.Errorf("a German lead went to %s", rep)
		}
	}
	if n := r.count(`SELECT count(*) FROM handoffs WHERE state = 'offered'`); n != 4 {
		t.Errorf("%d handoffs", n)
	}
}

// TestManagerIsToldThoughTheRepCannotBe: whose mailbox is gone, such as after leaving, keeps no handoff from the manager (E4).
func TestManagerIsToldThoughTheRepCannotBe(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	_, h := r.offeredLead()
	r.mail.set(func(m channels.Message) channels.Receipt {
		if m.To.Address == h.Rep {
			return channels.Receipt{Outcome: channels.Permanent, Detail: "550 5.1.1 no such user"}
		}
		return channels.Receipt{Outcome: channels.Sent, Detail: "250 ok"}
	})
	if err := r.deliver(h.ID); err == nil {
		t.Error("a delivery that was refused counts as done")
	}
	r.at(h.RespondBy.Add(time.Minute))
	r.tick()
	if err := r.deliver(h.ID); err == nil || !strings.Contains(err.Error(), h.Rep) {
		t.Errorf("the rep's refusal is not told any more: %v", err)
	}
	for range 2 {
		_ = r.deliver(h.ID)
	}
	manager := 0
	for _, m := range r.mail.messages() {
		if m.To.Address == "elena@example.com" {
			manager++
		}
	}
	if h := r.handoff(h.LeadID); manager != 1 || h.ToldAt == nil || h.DeliveredAt != nil {
		t.Errorf("the manager got %d mails, told at %v, delivered at %v", manager, h.ToldAt, h.DeliveredAt)
	}
}
