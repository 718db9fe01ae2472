package jobs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nurture/cadence"
	"nurture/config"
	"nurture/examples"
	"nurture/internal/leadfile"
	"nurture/internal/scenario"
	"nurture/store"
)

// sameWorld are scenarios whose leads are persons of the rig, by key, from the moment at which its clock starts. Each expects something, so
// that they are scenarios; what is compared is everything that happens.
const sameWorld = `
tests:
  - name: nobody answers
    lead: { key: lead-001, country: DE, zone: Europe/Berlin, consent: [email, voicemail, call] }
    start: 2026-03-02 07:00
    expect: [{ touch: welcome }]
  - name: out of office, then a question
    lead: { key: lead-002, country: DE, zone: Europe/Berlin, consent: [email, voicemail, call] }
    start: 2026-03-02 07:00
    events:
      - { at: 2026-03-02 12:00, response: out_of_office, answers: welcome, date: 2026-03-13 }
      - { at: 2026-03-24 12:00, response: question, answers: where-invoices-wait }
    expect: [{ touch: welcome }]
  - name: not now
    lead: { key: lead-003, country: DE, zone: Europe/Berlin, consent: [email, voicemail, call] }
    start: 2026-03-02 07:00
    events:
      - { at: 2026-03-04 11:00, response: not_now, answers: first-call, date: 2026-05-11 }
      - { at: 2026-05-12 10:00, response: no_answer, answers: as-agreed }
    expect: [{ touch: welcome }]
  - name: opted out
    lead: { key: lead-004, country: DE, zone: Europe/Berlin, consent: [email, voicemail, call] }
    start: 2026-03-02 07:00
    events:
      - { at: 2026-03-13 15:00, response: unsubscribe, answers: where-invoices-wait }
    expect: [{ touch: welcome }]
  - name: promoted, and rejected by sales
    lead: { key: lead-005, country: DE, zone: Europe/Berlin, consent: [email, voicemail, call] }
    start: 2026-03-02 07:00
    events:
      - at: 2026-03-04 11:00
        answers: first-call
        response: connected
        facts: { invoices_a_month: 900, accounting_system: xero, trigger: audit, wants_trial: yes, budget: budgeted, part_in_decision: decides, months_to_decision: 2, approval_path: none, pain_points: none, people: none, competition: none, callback_at: none }
      - { at: 2026-03-05 11:00, handoff: rejected }
    expect: [{ touch: welcome }]
  - name: ready, with a gap in the dossier
    lead: { key: lead-006, country: DE, zone: Europe/Berlin, consent: [email, voicemail, call] }
    start: 2026-03-02 07:00
    events:
      - at: 2026-03-04 11:00
        answers: first-call
        response: connected
        facts: { invoices_a_month: 900, accounting_system: xero, trigger: audit, wants_trial: yes, budget: budgeted, part_in_decision: decides, months_to_decision: 2 }
    expect: [{ touch: welcome }]
  - name: a call that nobody answers twice, and soft bounces
    lead: { key: lead-007, country: DE, zone: Europe/Berlin, consent: [email, call] }
    start: 2026-03-02 07:00
    events:
      - { at: 2026-03-02 09:30, response: soft_bounce, answers: welcome }
      - { at: 2026-03-05 15:00, response: no_answer, answers: first-call }
      - { at: 2026-03-06 16:00, response: busy, answers: first-call }
    expect: [{ touch: welcome }]
`

// TestScenariosDoWhatTheEngineDoes runs the same leads, with the same things happening to them, through nurture test's runner and through
// the engine with its database and workers: every touch, every step left out and every stage come at the same minute, for the same reason.
func TestScenariosDoWhatTheEngineDoes(t *testing.T) {
	t.Parallel()
	kind := examples.Kinds()[0]
	if kind.Name != "software" {
		t.Fatalf("the first kind is %s", kind.Name)
	}
	cfg, err := config.Load(kind.Files())
	must(t, err)
	scenarios, err := config.LoadScenarios(fstest.MapFS{"tests/same.yaml": &fstest.MapFile{Data: []byte(sameWorld)}}, cfg)
	must(t, err)
	end := monday.AddDate(0, 4, 0)

	r := newRig(t)
	r.goLive(cfg)
	r.start()
	people := make([]leadfile.Lead, len(scenarios))
	for i, s := range scenarios {
		people[i] = person(i + 1)
		if people[i].Key != s.Lead.Key || !s.Start.Equal(monday) {
			t.Fatalf("scenario %d is of %s from %s on", i, s.Lead.Key, s.Start)
		}
		if !s.Lead.ConsentVoicemail {
			people[i].Consent.Voicemail = leadfile.Permission{}
		}
	}
	ids := r.importLeads(people...)
	r.live(ids, scenarios, end)
	compared := 0
	for i, s := range scenarios {
		var want []string
		for _, e := range scenario.Run(cfg, s).Timeline {
			switch {
			case e.At.After(end):
			case e.Kind == "touch":
				want = append(want, fmt.Sprintf("%s touch %s %s", minute(e.At), e.Cadence, e.Name))
			case e.Kind == "skip":
				want = append(want, fmt.Sprintf("%s skip %s %s %s", minute(e.At), e.Cadence, e.Name, e.Reason))
			case e.Kind == "stage":
				want = append(want, fmt.Sprintf("%s stage %s", minute(e.At), e.Name))
			}
		}
		slices.Sort(want)
		compared += len(want)
		if diff := cmp.Diff(want, r.life(ids[i])); diff != "" {
			t.Errorf("%s: scenario −, engine +:\n%s", s.Name, diff)
		}
	}
	if compared < 50 {
		t.Errorf("only %d things happened", compared)
	}
}

func minute(at time.Time) string { return at.UTC().Format("2006-01-02 15:04") }

// live lets time pass to end, and the events of the scenarios happen to their leads.
func (r *rig) live(ids []int64, scenarios []config.Scenario, end time.Time) {
	r.t.Helper()
	type happening struct {
		lead  int64
		event config.ScenarioEvent
	}
	var all []happening
	for i, s := range scenarios {
		for _, e := range s.Events {
			all = append(all, happening{ids[i], e})
		}
	}
	slices.SortStableFunc(all, func(a, b happening) int { return a.event.At.Compare(b.event.At) })
	for _, h := range all {
		r.until(h.event.At, nil)
		response := h.event.Event.(cadence.Responded)
		if response.Kind == cadence.HandoffRejected {
			handoffs, err := store.LeadHandoffs(r.ctx, r.pool, h.lead)
			must(r.t, err)
			must(r.t, r.RejectHandoff(r.ctx, handoffs[len(handoffs)-1].ID, "paul", "not now"))
			continue
		}
		touches, err := store.LeadTouches(r.ctx, r.pool, h.lead)
		must(r.t, err)
		r.respond(h.lead, response.Kind, func(in *ResponseInput) {
			for _, touch := range touches {
				if touch.StepKey == h.event.Answers {
					in.TouchID = touch.ID
				}
			}
			if in.TouchID == 0 {
				r.t.Fatalf("lead %d got no touch of %s", h.lead, h.event.Answers)
			}
			in.Date, in.By, in.Confirms = response.Date, "hannah", true
			in.Answers, err = parseAnswers(r.cfg.Definition, TaskOutcome{Answers: h.event.Facts}, r.clock.Now())
			must(r.t, err)
		})
	}
	r.until(end, nil)
}

// life is what happened to a lead, as the ledger has it.
func (r *rig) life(id int64) []string {
	r.t.Helper()
	touches, err := store.LeadTouches(r.ctx, r.pool, id)
	must(r.t, err)
	var lines []string
	for _, touch := range touches {
		switch {
		case touch.SentAt != nil:
			lines = append(lines, fmt.Sprintf("%s touch %s %s", minute(*touch.SentAt), touch.Cadence, touch.StepKey))
		case touch.State == store.TouchSkipped:
			lines = append(lines, fmt.Sprintf("%s skip %s %s %s", minute(touch.PlannedAt), touch.Cadence, touch.StepKey, touch.Reason))
		default:
			lines = append(lines, fmt.Sprintf("%s %s %s", strings.ToUpper(string(touch.State)), touch.Cadence, touch.StepKey))
		}
	}
	stages, err := store.LeadStages(r.ctx, r.pool, id)
	must(r.t, err)
	for _, stage := range stages {
		lines = append(lines, fmt.Sprintf("%s stage %s", minute(stage.At), stage.Stage))
	}
	slices.Sort(lines)
	return lines
}
