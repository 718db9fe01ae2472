package jobs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/store"
)

// offeredLead is a lead that was just offered to sales, and its handoff.
func (r *rig) offeredLead() (lead int64, h store.Handoff) {
	r.t.Helper()
	lead = r.leadOf(r.planned(1)[0])
	r.respond(lead, cadence.Connected, r.ready())
	r.evaluateAll()
	if h = r.handoff(lead); h.State != store.HandoffOffered {
		r.t.Fatalf("the handoff is %s", h.State)
	}
	return lead, h
}

func (r *rig) stages(lead int64) []string {
	r.t.Helper()
	moves, err := store.LeadStages(r.ctx, r.pool, lead)
	must(r.t, err)
	names := make([]string, len(moves))
	for i, m := range moves {
		names[i] = m.Stage
	}
	return names
}

// TestOutcomesCloseTheLoop: an accepted lead becomes an opportunity and is won; that is corrected, with a reason; all is joined to where it came from (E5).
func TestOutcomesCloseTheLoop(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	lead, h := r.offeredLead()
	won := OutcomeReport{HandoffID: h.ID, Outcome: store.OutcomeWon, AmountCents: 1200050, Currency: "EUR", By: "priya"}
	if err := r.ReportOutcome(r.ctx, won); !errors.Is(err, ErrDecided) {
		t.Errorf("an outcome before anybody accepted: %v", err)
	}
	must(t, r.AcceptHandoff(r.ctx, h.ID, "priya"))
	must(t, r.ReportOutcome(r.ctx, OutcomeReport{HandoffID: h.ID, Outcome: store.OutcomeOpportunity, By: "priya"}))
	r.noLeaks()
	r.pass(time.Hour)
	must(t, r.ReportOutcome(r.ctx, won))
	if l := r.lead(lead); l.Stage != "won" || l.EndReason != "won" || r.handoff(lead).State != store.HandoffWon {
		t.Errorf("lead %s, ended %q, handoff %s", l.Stage, l.EndReason, r.handoff(lead).State)
	}
	loops, err := store.ClosedLoops(r.ctx, r.pool, monday.AddDate(-1, 0, 0), 10)
	must(t, err)
	if len(loops) != 1 || loops[0].Outcome != store.OutcomeWon || loops[0].AmountCents != 1200050 || loops[0].Source != "test" || loops[0].Cadence != "first-seven" ||
		loops[0].CadenceVersion != 1 || loops[0].ULDHash != r.cfg.DefinitionHash || loops[0].Rep != h.Rep {
		t.Errorf("%+v", loops)
	}
	r.pass(time.Hour)
	lost := OutcomeReport{HandoffID: h.ID, Outcome: store.OutcomeBoughtElsewhere, Reason: "the contract was never signed", By: "priya"}
	must(t, r.ReportOutcome(r.ctx, lost))
	if l := r.lead(lead); l.Stage != "lost" || l.EndReason != "lost" || r.handoff(lead).State != store.HandoffLost {
		t.Errorf("lead %s, ended %q, handoff %s", l.Stage, l.EndReason, r.handoff(lead).State)
	}
	if got := r.stages(lead); !slices.Equal(got[len(got)-4:], []string{"accepted", "opportunity", "won", "lost"}) {
		t.Errorf("stages %v", got)
	}
	said, err := store.OutcomesOf(r.ctx, r.pool, h.ID)
	must(t, err)
	if len(said) != 3 || said[2].Reason != lost.Reason || said[1].Currency != "EUR" {
		t.Errorf("%+v", said)
	}
	r.noLeaks()
}

// TestLostLeadGoesBackToNurture when sales says so, with its history and a fresh budget.
func TestLostLeadGoesBackToNurture(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	lead, h := r.offeredLead()
	must(t, r.AcceptHandoff(r.ctx, h.ID, "priya"))
	must(t, r.ReportOutcome(r.ctx, OutcomeReport{HandoffID: h.ID, Outcome: store.OutcomeLost, Reason: "project stopped", By: "priya", Nurture: true}))
	r.evaluateAll()
	if e, l := r.running(lead), r.lead(lead); e.CadenceKey != "long-game" || l.Stage != "nurturing" || l.EndReason != "" {
		t.Errorf("cadence %q, lead %s, ended %q", e.CadenceKey, l.Stage, l.EndReason)
	}
	if r.handoff(lead).State != store.HandoffLost {
		t.Errorf("handoff %s", r.handoff(lead).State)
	}
	r.noLeaks()
}

// TestGivenBackAfterAcceptance: sales may change its mind, with a reason.
func TestGivenBackAfterAcceptance(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	lead, h := r.offeredLead()
	must(t, r.AcceptHandoff(r.ctx, h.ID, "priya"))
	must(t, r.RejectHandoff(r.ctx, h.ID, "priya", "the site closes"))
	r.evaluateAll()
	if e := r.running(lead); e.CadenceKey != "long-game" || r.handoff(lead).State != store.HandoffRejected || r.handoff(lead).DecidedBy != "priya" {
		t.Errorf("cadence %q, handoff %s", e.CadenceKey, r.handoff(lead).State)
	}
	r.noLeaks()
}

func TestOutcomesThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		report OutcomeReport
		field  string
		want   string
	}{
		"unknown":               {OutcomeReport{Outcome: "maybe"}, "outcome", `"maybe" is no such outcome`},
		"currency missing":      {OutcomeReport{Outcome: store.OutcomeWon, AmountCents: 1}, "currency", "name it by its three letters"},
		"currency in words":     {OutcomeReport{Outcome: store.OutcomeWon, AmountCents: 1, Currency: "euro"}, "currency", "name it by its three letters"},
		"below zero":            {OutcomeReport{Outcome: store.OutcomeWon, AmountCents: -1, Currency: "EUR"}, "amount", "below zero"},
		"loss without a reason": {OutcomeReport{Outcome: store.OutcomeLost, Reason: " "}, "reason", "needs a reason"},
		"won and nurtured":      {OutcomeReport{Outcome: store.OutcomeWon, Nurture: true}, "nurture", "only a lost lead goes back"},
	} {
		var mistake OutcomeMistake
		if err := c.report.Check(); !errors.Is(err, ErrOutcome) || !strings.Contains(err.Error(), c.want) || !errors.As(err, &mistake) || mistake.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	for text, want := range map[string]int64{"": 0, "12000": 1200000, "12000.5": 1200050, " 0.07 ": 7, "12000.50": 1200050} {
		if got, err := ParseAmount(text); err != nil || got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"1,200", "1.200", "12 000", "-5", "EUR 5", "1e6", "9999999999999"} {
		if got, err := ParseAmount(text); !errors.Is(err, ErrOutcome) {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
}

// TestUnansweredHandoffEscalates: nobody answers in time, the manager is told once, either may answer, and another rep may get it (E4).
func TestUnansweredHandoffEscalates(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	lead, h := r.offeredLead()
	must(t, r.deliver(h.ID))
	r.tick()
	if r.handoff(lead).State != store.HandoffOffered {
		t.Fatal("escalated before its time")
	}
	r.at(h.RespondBy.Add(time.Minute))
	r.tick()
	if got := r.handoff(lead); got.State != store.HandoffEscalated || got.EscalatedAt == nil {
		t.Fatalf("the handoff is %s", got.State)
	}
	r.noLeaks()
	for range 2 {
		must(t, r.deliver(h.ID))
	}
	manager := r.cfg.Settings.Team.Manager.Email
	sent := r.mail.messages()
	if len(sent) != 2 || sent[0].To.Address != h.Rep || sent[1].To.Address != manager || !strings.HasPrefix(sent[1].Subject, "Not answered in time") ||
		sent[0].Mail.MessageID == sent[1].Mail.MessageID {
		t.Errorf("%d mails, or to others", len(sent))
	}
	page := fmt.Sprintf("/desk/handoffs/%d", h.ID)
	for i, asks := range []string{"Please accept this lead by ", "was to answer by now and has not"} {
		if m := sent[i]; !m.Mail.Automatic {
			t.Errorf("mail %d has machines answer", i)
		} else if !strings.Contains(m.Text, asks) || !strings.Contains(m.HTML, asks) || !strings.Contains(m.Text, page) || !strings.Contains(m.HTML, page+`"`) {
			t.Errorf("mail %d does not say what is asked, or where to answer, in both of its parts:\n%s\n%s", i, m.Text, m.HTML)
		}
	}
	other := ""
	for _, rep := range r.cfg.Settings.Team.Reps {
		if rep.Email != h.Rep {
			other = rep.Email
		}
	}
	if err := r.ReassignHandoff(r.ctx, h.ID, "nobody@example.com"); !errors.Is(err, ErrNoRep) || !strings.Contains(err.Error(), manager) {
		t.Errorf("given to nobody: %v", err)
	}
	must(t, r.ReassignHandoff(r.ctx, h.ID, other))
	again := r.handoff(lead)
	if again.State != store.HandoffOffered || again.Rep != other || again.DeliveredAt != nil || !again.RespondBy.After(*h.RespondBy) {
		t.Errorf("the handoff is %s, of %s", again.State, again.Rep)
	}
	must(t, r.deliver(h.ID))
	if sent := r.mail.messages(); len(sent) != 3 || sent[2].To.Address != other || sent[2].Mail.MessageID == sent[0].Mail.MessageID {
		t.Errorf("%d mails, or to others", len(sent))
	}
	r.at(again.RespondBy.Add(time.Minute))
	r.tick()
	must(t, r.AcceptHandoff(r.ctx, h.ID, manager))
	if got := r.handoff(lead); got.State != store.HandoffAccepted || got.DecidedBy != manager {
		t.Errorf("the handoff is %s, by %s", got.State, got.DecidedBy)
	}
	if err := r.ReassignHandoff(r.ctx, h.ID, other); !errors.Is(err, ErrDecided) {
		t.Errorf("given away after it was accepted: %v", err)
	}
}

// TestLostTwice: a loss that was a mistake is taken back, and comes true after all: the lead goes back to nurture the second time, too. While sales has it
// nothing leaves; and what is said twice over changes nothing.
func TestLostTwice(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + laterMail)
	files["cadences/long-game.yaml"] = starterFile(t, "cadences/long-game.yaml", "  - email: near-miss-lessons\n    after: 15 weeks\n", "  - email: near-miss-lessons\n")
	r := newLiveRig(t, files)
	lead, h := r.offeredLead()
	must(t, r.AcceptHandoff(r.ctx, h.ID, "priya"))
	lost := OutcomeReport{HandoffID: h.ID, Outcome: store.OutcomeLost, Reason: "project stopped", By: "priya", Nurture: true}
	for _, then := range []OutcomeReport{
		{HandoffID: h.ID, Outcome: store.OutcomeOpportunity, Reason: "it goes on after all", By: "priya"},
		{HandoffID: h.ID, Outcome: store.OutcomeWon, Reason: "they bought", By: "priya"},
	} {
		for range 2 {
			must(t, r.ReportOutcome(r.ctx, lost))
			r.evaluateAll()
			if l := r.lead(lead); r.running(lead).ID == 0 || l.Stage != "nurturing" || l.EndReason != "" {
				t.Errorf("lost: in %q, lead %s, ended %q", r.running(lead).CadenceKey, l.Stage, l.EndReason)
			}
			r.noLeaks()
		}
		r.tick()
		planned := r.touchIDs("planned")
		if len(planned) != 1 {
			t.Fatalf("%d touches are planned", len(planned))
		}
		must(t, r.ReportOutcome(r.ctx, then))
		r.evaluateAll()
		r.sendNow(cadence.ChannelEmail, planned...)
		if l := r.lead(lead); l.Stage != string(then.Outcome) || r.running(lead).ID != 0 {
			t.Errorf("%s: lead %s, still in %q", then.Outcome, l.Stage, r.running(lead).CadenceKey)
		}
		if n := len(r.mail.messages()); n != 0 {
			t.Errorf("%d mails left for a lead of sales", n)
		}
		r.noLeaks()
	}
}

// TestWonByAnOlderHandoff: a lead that was lost and nurtured is offered to sales once more, when the first loss turns out to be a win. Nobody is asked to
// answer the second offer any more.
func TestWonByAnOlderHandoff(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	lead, first := r.offeredLead()
	must(t, r.AcceptHandoff(r.ctx, first.ID, "priya"))
	must(t, r.ReportOutcome(r.ctx, OutcomeReport{HandoffID: first.ID, Outcome: store.OutcomeLost, Reason: "project stopped", By: "priya", Nurture: true}))
	r.evaluateAll()
	r.pass(time.Hour)
	r.respond(lead, cadence.Connected, r.ready())
	r.evaluateAll()
	second := r.handoff(lead)
	if second.ID == first.ID || second.State != store.HandoffOffered {
		t.Fatalf("handoff %d is %s", second.ID, second.State)
	}
	must(t, r.ReportOutcome(r.ctx, OutcomeReport{HandoffID: first.ID, Outcome: store.OutcomeWon, Reason: "they bought", By: "priya"}))
	if got := r.handoff(lead); got.ID != second.ID || got.State != store.HandoffWithdrawn {
		t.Errorf("handoff %d is %s, want %d withdrawn", got.ID, got.State, second.ID)
	}
	if l := r.lead(lead); l.Stage != "won" || l.EndReason != "won" {
		t.Errorf("lead %s, ended %q", l.Stage, l.EndReason)
	}
}

// TestOutcomeOfAnEarlierHandoff: a lead that was lost, nurtured and taken on anew stays with who has it now, whatever is said late of the first time.
func TestOutcomeOfAnEarlierHandoff(t *testing.T) {
	t.Parallel()
	for _, late := range []OutcomeReport{
		{Outcome: store.OutcomeBoughtElsewhere, Reason: "it was not a lost project, they had bought"},
		{Outcome: store.OutcomeLost, Reason: "still", Nurture: true},
		{Outcome: store.OutcomeWon, Reason: "the first order came after all"},
		{Outcome: store.OutcomeOpportunity, Reason: "that was a mistake"},
	} {
		r := newLiveRig(t, firstSeven(mailStep+laterMail))
		lead, first := r.offeredLead()
		must(t, r.AcceptHandoff(r.ctx, first.ID, "priya"))
		must(t, r.ReportOutcome(r.ctx, OutcomeReport{HandoffID: first.ID, Outcome: store.OutcomeLost, Reason: "project stopped", By: "priya", Nurture: true}))
		r.evaluateAll()
		r.pass(time.Hour)
		r.respond(lead, cadence.Connected, r.ready())
		r.evaluateAll()
		second := r.handoff(lead)
		must(t, r.AcceptHandoff(r.ctx, second.ID, "tomas"))
		late.HandoffID, late.By = first.ID, "priya"
		must(t, r.ReportOutcome(r.ctx, late))
		r.evaluateAll()
		if l, h := r.lead(lead), r.handoff(lead); l.Stage != "accepted" || l.EndReason != "" || h.State != store.HandoffAccepted {
			t.Errorf("%s of the first: lead %s, ended %q, the second handoff %s", late.Outcome, l.Stage, l.EndReason, h.State)
		}
		said, err := store.OutcomesOf(r.ctx, r.pool, first.ID)
		must(t, err)
		if len(said) != 2 || said[1].Outcome != late.Outcome {
			t.Errorf("%s is not kept: %+v", late.Outcome, said)
		}
		r.noLeaks()
	}
}
