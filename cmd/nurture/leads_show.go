package main

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nurture/cadence"
	"nurture/cadence/uld"
	"nurture/internal/provenance"
	"nurture/jobs"
	"nurture/store"
)

type leadShowOptions struct {
	*app
	lead string
}

func newLeadShowCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show LEAD", Short: "Show a lead: profile, answers with evidence, verdict explained, timeline",
		Long: `Show all that is known of a lead: its profile, each field with its source and date, each answer with its evidence, the latest verdict with what would flip it, and
the timeline of touches, responses, verdicts and stage moves. LEAD is an id, a key or an email address.`,
		Example: "  nurture leads show jane@example.com\n  nurture leads show 17 --json",
		Args:    args(1, 1, "LEAD"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runLeadShow(cmd.Context(), &leadShowOptions{app: a, lead: args[0]})
		},
	}
}

// storyJSON is what `leads show --json` prints.
type storyJSON struct {
	Lead     leadJSON     `json:"lead"`
	Facts    []uld.Fact   `json:"facts"`
	Verdict  *uld.Verdict `json:"verdict"` // the latest; null before the first
	Timeline []eventJSON  `json:"timeline"`
	// Known is every field with its source and date, the person's first, and Proposals what waits for a decision.
	Known     []knownJSON    `json:"known"`
	Proposals []proposalJSON `json:"proposals"`
	lead      store.Lead
}

// knownJSON is a field with who said it and of when it is; "" is not known.
type knownJSON struct {
	Field     string          `json:"field"` // the company's with "account." before it
	Value     string          `json:"value"`
	Kind      provenance.Kind `json:"kind"`
	Source    string          `json:"source"`
	AsOf      string          `json:"as_of"`      // 2006-01-02
	WrittenAt string          `json:"written_at"` // 2006-01-02
	Stale     bool            `json:"stale"`
}

type proposalJSON struct {
	ID int64 `json:"id"`
	knownJSON
	Held string `json:"held"`
}

func (s *session) known(f jobs.KnownField) knownJSON {
	k := knownJSON{Field: f.Field, Value: f.Value, Kind: f.By.Kind, Source: f.By.Source, Stale: f.Stale}
	if !f.By.AsOf.IsZero() {
		k.AsOf, k.WrittenAt = day(&f.By.AsOf, s.zone), day(&f.By.Written, s.zone)
	}
	return k
}

// eventJSON is a line of a lead's timeline.
type eventJSON struct {
	At       time.Time `json:"at"`
	Kind     string    `json:"kind"` // touch, response, verdict or stage
	ID       int64     `json:"id,omitempty"`
	What     string    `json:"what"`
	Detail   string    `json:"detail"`
	Cycle    int       `json:"cycle,omitempty"`
	Attempt  int       `json:"attempt,omitempty"`
	Response int64     `json:"response_id,omitempty"` // verdicts: what asked for it
}

func runLeadShow(ctx context.Context, o *leadShowOptions) error {
	return o.with(ctx, func(s *session) error {
		lead, err := store.FindLead(ctx, s.pool, o.lead)
		if err != nil {
			return err
		}
		story, err := s.story(ctx, lead)
		if err != nil {
			return err
		}
		if o.json {
			return o.printJSON(story)
		}
		o.printStory(story, s.zone)
		return nil
	})
}

func (s *session) story(ctx context.Context, lead store.Lead) (*storyJSON, error) {
	story := &storyJSON{Lead: leadOf(lead), Facts: []uld.Fact{}, Timeline: []eventJSON{}, lead: lead}
	facts, err := store.Facts(ctx, s.pool, []int64{lead.ID})
	if err != nil {
		return nil, err
	}
	story.Facts = append(story.Facts, facts[lead.ID]...)
	touches, err := store.LeadTouches(ctx, s.pool, lead.ID)
	if err != nil {
		return nil, err
	}
	responses, err := store.LeadResponses(ctx, s.pool, lead.ID)
	if err != nil {
		return nil, err
	}
	verdicts, err := store.LeadVerdicts(ctx, s.pool, lead.ID)
	if err != nil {
		return nil, err
	}
	stages, err := store.LeadStages(ctx, s.pool, lead.ID)
	if err != nil {
		return nil, err
	}
	for _, t := range touches {
		story.Timeline = append(story.Timeline, touchEvent(t))
	}
	for _, r := range responses {
		story.Timeline = append(story.Timeline, eventJSON{At: r.At, Kind: "response", ID: r.ID, What: words(r.Kind), Detail: responseDetail(r, s.zone)})
	}
	for _, v := range verdicts {
		e := eventJSON{At: v.Verdict.At, Kind: "verdict", ID: v.ID, What: string(v.Verdict.Outcome) + ", " + words(v.Verdict.Readiness), Detail: v.Verdict.Because}
		if v.Reason == uld.ByTime {
			e.What += ", by time alone"
		}
		if v.ResponseID != nil {
			e.Response = *v.ResponseID
		}
		story.Timeline = append(story.Timeline, e)
	}
	for _, m := range stages {
		story.Timeline = append(story.Timeline, eventJSON{At: m.At, Kind: "stage", What: words(m.Stage), Detail: words(m.Reason)})
	}
	fields, proposals, err := s.engine.KnownFields(ctx, lead.ID)
	if err != nil {
		return nil, err
	}
	story.Known, story.Proposals = make([]knownJSON, len(fields)), make([]proposalJSON, len(proposals))
	for i, f := range fields {
		story.Known[i] = s.known(f)
	}
	for i, p := range proposals {
		story.Proposals[i] = proposalJSON{p.ID, s.known(p.KnownField), p.Held}
	}
	sort.SliceStable(story.Timeline, func(i, j int) bool { return story.Timeline[i].At.Before(story.Timeline[j].At) })
	if n := len(verdicts); n > 0 {
		story.Verdict = &verdicts[n-1].Verdict
	}
	return story, nil
}

func touchEvent(t store.HistoryTouch) eventJSON {
	e := eventJSON{
		At: t.PlannedAt, Kind: "touch", ID: t.ID, What: fmt.Sprintf("%s %q of %s %s", t.Channel, t.StepKey, t.Cadence, t.State),
		Cycle: t.Cycle, Attempt: t.Attempt,
	}
	if t.SentAt != nil {
		e.At = *t.SentAt
	}
	var parts []string
	if t.Attempt > 0 {
		parts = append(parts, fmt.Sprintf("attempt %d of %d", t.Attempt, t.Budget))
	}
	if t.Result != "" {
		parts = append(parts, words(t.Result))
	}
	if t.Reason != "" {
		parts = append(parts, sentence(t.Reason))
	}
	if t.Detail != "" {
		parts = append(parts, t.Detail)
	}
	e.Detail = strings.Join(parts, "; ")
	return e
}

// dateNamed shows the date of a response: the lead's own day, or an instant in a zone.
func dateNamed(date time.Time, zone *time.Location) string {
	if cadence.NamesDay(date) {
		return date.UTC().Format(time.DateOnly)
	}
	return at(&date, zone)
}

func responseDetail(r store.Response, zone *time.Location) string {
	var parts []string
	if r.Said != "" {
		parts = append(parts, fmt.Sprintf("%q", oneLine(r.Said)))
	}
	if r.Date != nil {
		parts = append(parts, "names "+dateNamed(*r.Date, zone))
	}
	if r.By != "" {
		parts = append(parts, "recorded by "+r.By)
	}
	return strings.Join(parts, "; ")
}

func (a *app) printStory(story *storyJSON, loc *time.Location) {
	l := story.Lead
	a.printf("%s, lead %d\n\n", oneLine(l.Name), l.ID)
	consent := make([]string, 0, len(l.Consent))
	for _, channel := range sortedKeys(l.Consent) {
		consent = append(consent, channel+" since "+l.Consent[channel][:len(time.DateOnly)])
	}
	phone := l.Phone
	if story.lead.PhoneInvalid {
		phone += " (wrong number)"
	}
	a.fields(
		[2]string{"key", l.Key}, [2]string{"email", l.Email + mark(story.lead.EmailSuppressed)}, [2]string{"phone", phone + mark(story.lead.PhoneSuppressed)},
		[2]string{"title", l.Title}, [2]string{"role", l.Role}, [2]string{"company", companyLine(story.lead)},
		[2]string{"place", strings.Join(nonEmpty(l.City, l.Region, l.Country, strings.Join(l.Zones, " or ")), ", ")},
		[2]string{"source", strings.Join(nonEmpty(l.Source, words(l.Origin)), ", ")}, [2]string{"consent", strings.Join(consent, ", ")},
		[2]string{"stage", words(l.Stage)}, [2]string{"readiness", words(l.Readiness)}, [2]string{"ended", words(l.EndReason)},
		[2]string{"owner", l.Owner}, [2]string{"mailbox", l.Mailbox}, [2]string{"known since", at(&story.lead.CreatedAt, loc)},
	)
	if l.ReferredBy != nil {
		a.fields([2]string{"named by", "lead " + id(*l.ReferredBy)})
	}
	a.printKnown(story.Known)
	a.printProposals(story.Proposals)
	a.printFacts(story.Facts, loc)
	if story.Verdict != nil {
		a.printf("\n")
		a.printVerdict(*story.Verdict)
	} else {
		a.printf("\nnot evaluated yet: a verdict follows the first response\n")
	}
	if len(story.Timeline) > 0 {
		rows := [][]string{{"WHEN", "WHAT", "", "DETAIL"}}
		for _, e := range story.Timeline {
			rows = append(rows, []string{at(&e.At, loc), e.Kind, e.What, e.Detail})
		}
		a.printf("\n")
		a.table(rows)
	}
}

func (a *app) printFacts(facts []uld.Fact, loc *time.Location) {
	if len(facts) == 0 {
		return
	}
	held, _ := uld.Current(facts)
	rows := [][]string{{"ANSWER TO", "ANSWER", "EVIDENCE", "BY", "WHEN", "IN FORCE", "WORDS"}}
	for _, f := range facts {
		rows = append(rows, []string{
			f.Criterion, f.Value.String(), words(f.Class.String()), dash(f.By), at(&f.At, loc), yesNo(held[f.Criterion].ID == f.ID), dash(f.Words),
		})
	}
	a.printf("\n")
	a.table(rows)
}

func companyLine(l store.Lead) string {
	parts := nonEmpty(l.Account.Name, l.Domain, l.Industry)
	if l.Employees > 0 {
		parts = append(parts, fmt.Sprintf("%d employees", l.Employees))
	}
	return strings.Join(parts, ", ")
}

func nonEmpty(texts ...string) []string {
	var kept []string
	for _, t := range texts {
		if t != "" {
			kept = append(kept, t)
		}
	}
	return kept
}

func mark(suppressed bool) string {
	if suppressed {
		return " (suppressed)"
	}
	return ""
}

func id(n int64) string { return fmt.Sprint(n) }
