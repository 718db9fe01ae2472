package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
	"nurture/channels"
	"nurture/channels/journal"
	"nurture/internal/access"
	"nurture/internal/leadfile"
	"nurture/jobs"
	"nurture/store"
)

// readyAnswers meet the starter's definition and complete its dossier.
var readyAnswers = map[string]string{
	"major_hazards": "yes", "people_to_train": "14", "driver": "retirements", "wants_on_site": "yes", "funding": "training_budget",
	"part_in_decision": "decides", "months_to_decision": "3", "budget_process": "the plant manager signs", "decision_timeline": "by May",
	"people": "the safety lead", "driving_events": "none", "pain_points": "we wait for leaders", "competition": "none", "callback_at": "2026-03-20 10:00",
}

// handedOff stores a handoff of a lead as the engine would, changed as told, and returns its id.
func (d *desktop) handedOff(leadID int64, change func(*store.Handoff)) int64 {
	d.t.Helper()
	written, err := d.engine.Dossier(d.t.Context(), d.pool, leadID, morning.Add(-time.Hour))
	must(d.t, err)
	raw, err := json.Marshal(written)
	must(d.t, err)
	offered, by := morning.Add(-time.Hour), morning.Add(47*time.Hour)
	h := store.Handoff{
		LeadID: leadID, State: store.HandoffOffered, Rep: "sales@example.com", Dossier: raw, CreatedAt: offered, OfferedAt: &offered, RespondBy: &by,
	}
	if change != nil {
		change(&h)
	}
	var moves []store.StageMove
	for _, s := range []cadence.Stage{cadence.StageNurturing, cadence.StageQualified, cadence.StageHandedOff} {
		moves = append(moves, store.StageMove{LeadID: leadID, Stage: s, Reason: "test"})
	}
	must(d.t, store.MoveStages(d.t.Context(), d.pool, moves, morning.Add(-time.Hour)))
	id, err := store.SaveHandoff(d.t.Context(), d.pool, h)
	must(d.t, err)
	return id
}

// person is a lead as the starter's first cadence takes it.
func person(name string) leadfile.Lead {
	granted := leadfile.Permission{State: leadfile.PermissionGranted}
	return leadfile.Lead{
		Email: strings.ToLower(name) + "@buyer.example", FirstName: name, LastName: "Lee", Title: "Plant manager", Zones: []string{"Europe/Berlin"},
		Language: "en", Source: "test", Account: leadfile.Account{Name: "Acme"}, Phone: "+493012340001",
		Consent: leadfile.Consent{Email: granted, Voicemail: granted, Call: granted},
	}
}

func TestHandoffs(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	rep, manager := d.as(access.Sales), d.as(access.Manager)
	rep.get("/desk/handoffs").mustHold(t, 200, "Nothing waits for your answer", `For you to answer <span class="count">0</span>`)
	d.as(access.Marketer).get("/desk/handoffs").mustHold(t, 200, "No handoff waits for an answer")

	ann := d.handedOff(d.lead(person("Ann")), nil)
	late, soon := morning.Add(-3*time.Hour), morning.Add(15*time.Minute)
	bob := d.handedOff(d.lead(person("Bob")), func(h *store.Handoff) {
		h.Rep, h.RespondBy = "priya@example.com", &late
	})
	_, err := store.EscalateHandoffs(t.Context(), d.pool, 10, morning)
	must(t, err)
	d.handedOff(d.lead(person("Cy")), func(h *store.Handoff) { h.RespondBy = &soon })
	d.handedOff(d.lead(person("Dee")), func(h *store.Handoff) {
		h.State, h.Rep, h.OfferedAt, h.RespondBy, h.Missing = store.HandoffBlocked, "", nil, nil, []string{"competition", "callback_at"}
	})

	mine := rep.get("/desk/handoffs")
	mine.mustHold(t, 200, "Ann Lee", "<bdi>Plant manager</bdi>, <bdi>Acme</bdi>", "47 h left", "Cy Lee", `when late"><time`, "15 min left", `All waiting <span class="count">3</span>`)
	mine.mustLack(t, "Bob Lee", "Who has how much")
	if strings.Index(mine.body, "Cy Lee") > strings.Index(mine.body, "Ann Lee") {
		t.Error("what is to be answered first does not come first")
	}
	manager.get("/desk/handoffs?tab=mine").mustHold(t, 200, "Bob Lee", "overdue by 3 h", "escalated", `when wrong"`)
	lead := manager.get("/desk/handoffs")
	lead.mustHold(t, 200, "Who has how much", "Priya Raman", `data-label="Cap">15<`, `<span class="badge wrong">1</span>`)
	manager.get("/desk/handoffs?tab=blocked").mustHold(t, 200, "Dee Lee", "lacks competition, callback at", "2 answers missing")

	rep.post(handoffPath(bob)+"/accept").mustHold(t, 403, "not yours to answer", "priya@example.com")
	rep.post(handoffPath(ann)+"/accept").mustLead(t, handoffPath(ann))
	rep.get(handoffPath(ann)).mustHold(t, 200, "Accepted. The lead is yours to call", "by sales@example.com", "Give it back to nurture", "What became of it?")
	rep.get("/desk/handoffs?tab=accepted").mustHold(t, 200, "Ann Lee", "no outcome yet", ">yours</span>")
	manager.post(handoffPath(ann)+"/accept").mustHold(t, 409, "Nothing was changed", "accepted")
	d.as(access.Marketer).get(handoffPath(ann)).mustLack(t, "<textarea", "Give it back", `name="outcome"`)

	manager.post(handoffPath(bob)+"/reassign", "to", "nobody@example.com").mustHold(t, 422, "is no rep", "priya@example.com")
	manager.post(handoffPath(bob)+"/reassign", "to", "tomas@example.com").mustLead(t, handoffPath(bob))
	manager.get(handoffPath(bob)).mustHold(t, 200, "Offered to tomas@example.com", "Tomas Novak", "left")
}

func TestHandoffTellsTheStory(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	id := d.lead(person("Ann"))
	said, err := d.engine.Respond(t.Context(), []jobs.ResponseInput{{
		LeadID: id, Kind: cadence.Connected, Source: "test", ExternalID: "1", At: morning.Add(-2 * time.Hour), By: "mara", Said: "we spoke", Confirms: true,
		Answers: []uld.Fact{
			{Criterion: "people_to_train", Value: predicate.Number(14), Words: "fourteen, and three retire"},
			{Criterion: "callback_at", Value: predicate.Text("2026-03-20T10:00")},
			{Criterion: "competition", Value: predicate.Text("none")},
		},
	}})
	must(t, err)
	h := d.handedOff(id, nil)
	_, err = d.engine.Respond(t.Context(), []jobs.ResponseInput{{LeadID: id, Kind: cadence.Reply, Source: "test", ExternalID: "2", Said: "one more thing", At: morning}})
	must(t, err)
	page := d.as(access.Sales).get(handoffPath(h))
	page.mustHold(t, 200, "<bdi>Ann Lee</bdi>, <bdi>Acme</bdi>", "Mon 10:00 there", "20 Mar 2026 10:00, the lead&#39;s local time", "<blockquote>fourteen, and three retire</blockquote>",
		fmt.Sprintf("human confirmed, by mara on 2 Mar 2026 (response %d)", said[0]), "Since the dossier was written", "one more thing", "<blockquote>we spoke</blockquote>",
		"Everything that happened", "What we agreed a qualified lead is", "Competition")
	if strings.Count(page.body, "one more thing") != 1 {
		t.Error("what came later is in the dossier, too")
	}
	blocked := d.handedOff(d.lead(person("Dee")), func(h *store.Handoff) {
		h.State, h.Rep, h.OfferedAt, h.RespondBy, h.Missing = store.HandoffBlocked, "", nil, nil, []string{"competition", "funding"}
	})
	d.task(store.Task{LeadID: id + 1, Kind: cadence.TaskDossier, Owner: "mara@example.com"})
	d.as(access.Marketer).get(handoffPath(blocked)).mustHold(t, 200, "Held back until this is known", "<strong>Competition</strong>", "<strong>Funding</strong>", "mara@example.com is to ask")
}

// TestRejectedLeadIsBackInNurture: from the SDR's call to the rep's no, by forms alone, the engine and River doing the rest.
func TestRejectedLeadIsBackInNurture(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	ctx := t.Context()
	id := d.lead(person("Ann"))
	_, err := d.engine.Tick(ctx)
	must(t, err)
	task := d.task(store.Task{LeadID: id, Owner: "sdr@example.com"})
	must(t, d.engine.CompleteTask(ctx, jobs.TaskOutcome{TaskID: task, By: "sdr@example.com", Disposition: cadence.Connected, Answers: readyAnswers}))
	d.work()
	var h store.Handoff
	eventually(t, "the lead is handed off", func() bool {
		all, err := store.LeadHandoffs(ctx, d.pool, id)
		must(t, err)
		if len(all) == 1 {
			h = all[0]
		}
		return h.State == store.HandoffOffered
	})
	manager := d.as(access.Manager)
	manager.get("/desk/handoffs").mustHold(t, 200, "Ann Lee", h.Rep)
	manager.get(handoffPath(h.ID)).mustHold(t, 200, "we wait for leaders", "the plant manager signs", "human confirmed, by sdr@example.com")
	manager.post(handoffPath(h.ID)+"/reject", "reason", "  ").mustHold(t, 422, "Say why", `id="reason-problem"`, `aria-invalid="true"`)
	manager.post(handoffPath(h.ID)+"/reject", "reason", "no budget <before> May").mustLead(t, "/desk/handoffs")
	manager.get("/desk/handoffs?tab=rejected").mustHold(t, 200, "Rejected. The lead goes back", "no budget &lt;before&gt; May")
	eventually(t, "the lead is back in nurture", func() bool {
		l, err := store.FindLead(ctx, d.pool, "ann@buyer.example")
		must(t, err)
		runs, err := store.LeadEnrollments(ctx, d.pool, id)
		must(t, err)
		last := runs[0] // the newest
		return l.Stage == "nurturing" && last.CadenceKey == "long-game" && last.State != "finished"
	})
	responses, err := store.LeadResponses(ctx, d.pool, id)
	must(t, err)
	if last := responses[len(responses)-1]; last.Kind != cadence.HandoffRejected || last.Said != "no budget <before> May" || last.By != "manager@example.com" {
		t.Errorf("the reason does not come back: %+v", last)
	}
	manager.post(handoffPath(h.ID)+"/reject", "reason", "typed in vain").mustHold(t, 409, "Nothing was changed", "typed in vain")
	if strings.Contains(d.log.String(), "no budget") {
		t.Error("the log tells what was said")
	}
}

// TestHandoffSaysWhoMustNotBeCalled: what a lead asked for since the dossier was written stands before the number that it tells.
func TestHandoffSaysWhoMustNotBeCalled(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	id := d.lead(person("Ann"))
	path := handoffPath(d.handedOff(id, nil))
	sales := d.as(access.Sales)
	sales.get(path).mustLack(t, "no calls", "no mail", "wrong number")
	_, err := d.engine.Suppress(t.Context(), []store.Suppression{{Address: "+493012340001", Scope: cadence.SuppressPhone, Reason: "asked us"}})
	must(t, err)
	sales.get(path).mustHold(t, 200, `<span class="badge wrong">no calls</span>`)
	_, err = d.engine.Suppress(t.Context(), []store.Suppression{{Address: "ann@buyer.example", Scope: cadence.SuppressEmail, Reason: "asked us"}})
	must(t, err)
	must(t, store.InvalidatePhones(t.Context(), d.pool, []int64{id}))
	sales.get(path).mustHold(t, 200, "no calls", `<span class="badge wrong">no mail</span>`, "wrong number")
}

func TestOutcomesByForms(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	h := d.handedOff(d.lead(person("Ann")), nil)
	rep, outcome := d.as(access.Sales), handoffPath(h)+"/outcome"
	rep.post(outcome, "outcome", "won").mustHold(t, 409, "Nothing was changed")
	rep.post(handoffPath(h)+"/accept").mustLead(t, handoffPath(h))
	rep.post(outcome).mustHold(t, 422, `id="outcome-problem"`, "Say what became of it")
	rep.post(outcome, "outcome", "won", "amount", "1,200", "why", "kept").mustHold(t, 422, `value="1,200"`, `id="amount-problem"`, "type it like 12000", ">kept</textarea>",
		`value="won" checked`)
	rep.post(outcome, "outcome", "won", "amount", "1200", "currency", "").mustHold(t, 422, `value="1200"`, `id="currency-problem"`)
	lost := rep.post(outcome, "outcome", "lost", "nurture", "1")
	lost.mustHold(t, 422, `id="why-problem"`, `value="1" checked`)
	lost.mustLack(t, `id="reason-problem"`) // which is the form's that gives the lead back
	rep.post(outcome, "outcome", "won", "nurture", "1").mustHold(t, 422, `id="nurture-problem"`)
	rep.post(outcome, "outcome", "opportunity").mustLead(t, handoffPath(h))
	rep.post(outcome, "outcome", "won", "amount", "12000.50", "currency", "eur").mustLead(t, handoffPath(h))
	rep.get("/desk/handoffs?tab=closed").mustHold(t, 200, "Ann Lee", "won", "12\u202f000.50\u00a0EUR")
	rep.post(outcome, "outcome", "bought_elsewhere").mustHold(t, 422, "needs a reason")
	rep.post(outcome, "outcome", "bought_elsewhere", "why", "never signed").mustLead(t, handoffPath(h))
	page := rep.get(handoffPath(h))
	page.mustHold(t, 200, "Bought elsewhere", "never signed", "12\u202f000.50\u00a0EUR", "corrected", "Opportunity", `value="EUR"`)
	if strings.Index(page.body, "<strong>Bought elsewhere") > strings.Index(page.body, "<strong>Won") {
		t.Error("the newest outcome does not come first")
	}
	d.as(access.SDR).post(outcome, "outcome", "won").mustHold(t, 403)
}

// Whatever a lead is called and says, it is text.
func TestHostileHandoff(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	const evil = `<script>alert(1)</script>`
	id := d.lead(leadfile.Lead{
		Key: "evil", Email: "evil@buyer.example", FirstName: evil, LastName: `"><img src=x onerror=alert(2)>`, Title: evil, Role: evil, City: evil, Source: evil,
		Account: leadfile.Account{Name: evil, Industry: evil}, Phone: "+493012340001", Language: "en",
	})
	d.lead(leadfile.Lead{Key: "colleague", Email: "c@buyer.example", FirstName: evil, Title: evil, Account: leadfile.Account{Name: evil}, Phone: "+493012340002"})
	_, err := d.engine.Respond(t.Context(), []jobs.ResponseInput{{
		LeadID: id, Kind: cadence.Connected, Source: "test", ExternalID: "1", By: evil, Said: evil, Confirms: true, At: morning.Add(-2 * time.Hour),
		Answers: []uld.Fact{{Criterion: "competition", Value: predicate.Text(evil), Words: evil}, {Criterion: "callback_at", Value: predicate.Text(evil)}},
	}})
	must(t, err)
	h := d.handedOff(id, func(h *store.Handoff) { h.Missing = []string{evil} })
	_, err = d.engine.Respond(t.Context(), []jobs.ResponseInput{{LeadID: id, Kind: cadence.Reply, Source: "test", ExternalID: "2", Said: evil, At: morning}})
	must(t, err)
	rep := d.as(access.Sales)
	pages := []answer{
		rep.get(handoffPath(h)), rep.get("/desk/handoffs"), rep.get("/desk/handoffs?tab=" + evil), rep.get("/desk/handoffs?before=" + evil),
		rep.post(handoffPath(h)+"/outcome", "outcome", evil, "amount", evil, "currency", evil, "why", evil), d.as(access.Manager).post(handoffPath(h)+"/reassign", "to", evil),
	}
	rep.post(handoffPath(h)+"/accept").mustLead(t, handoffPath(h))
	pages = append(pages, rep.post(handoffPath(h)+"/outcome", "outcome", evil, "amount", evil, "currency", evil, "why", evil))
	rep.post(handoffPath(h)+"/reject", "reason", evil).mustLead(t, "/desk/handoffs")
	pages = append(pages, rep.get("/desk/handoffs?tab=rejected"), rep.get(handoffPath(h)))
	for _, page := range pages {
		page.mustLack(t, "<script>alert", "<img src=x")
		mustBeHard(t, page)
	}
	pages[0].mustHold(t, 200, "&lt;script&gt;alert(1)&lt;/script&gt;")
	rep.get("/desk/handoffs/0").mustHold(t, 404, "nothing here")
}

// work carries out what waits, as another process would.
func (d *desktop) work() {
	d.t.Helper()
	dir := d.t.TempDir()
	marks, err := journal.Open(dir, "w1")
	must(d.t, err)
	d.t.Cleanup(func() { _ = marks.Close() })
	engine, err := jobs.New(d.t.Context(), jobs.Options{
		Pool: d.pool, Now: d.now, JournalDir: dir, Journal: marks, Worker: store.Worker{ID: "w1", Host: "test", PID: os.Getpid()},
		Channels: map[cadence.Channel]channels.Channel{cadence.ChannelEmail: takesAll{}, cadence.ChannelVoicemail: takesAll{}},
	})
	must(d.t, err)
	must(d.t, engine.Start(context.WithoutCancel(d.t.Context())))
	d.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := engine.Stop(ctx); err != nil {
			d.t.Error(err)
		}
	})
}

// takesAll is a channel that takes everything.
type takesAll struct{}

func (takesAll) Send(_ context.Context, messages []channels.Message) []channels.Receipt {
	receipts := make([]channels.Receipt, len(messages))
	for i, m := range messages {
		receipts[i] = channels.Receipt{TouchID: m.TouchID, Outcome: channels.Sent}
	}
	return receipts
}

// eventually waits until something is so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not so after %s: %s", patience, what)
		}
	}
}
