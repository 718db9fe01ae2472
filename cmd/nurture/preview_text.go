package main

import (
	"fmt"
	"strings"

	"nurture/cadence"
	"nurture/jobs"
)

// previewJSON is what `preview --json` prints of a step by one variant.
type previewJSON struct {
	Cadence   string               `json:"cadence"`
	Step      string               `json:"step"`
	Number    int                  `json:"number"`
	Kind      cadence.StepKind     `json:"kind"`
	Variant   string               `json:"variant"` // "" when the step has none
	Own       bool                 `json:"own"`     // the lead's own variant, or what it gets of a library
	Had       bool                 `json:"had"`     // of a library: the lead was sent it before
	Template  string               `json:"template"`
	Lead      string               `json:"lead"`
	From      string               `json:"from"`
	To        string               `json:"to"`
	Subject   string               `json:"subject"` // of an email; of a call the title of its task
	Preheader string               `json:"preheader"`
	Text      string               `json:"text"`
	HTML      string               `json:"html"`
	Headers   map[string]string    `json:"headers"`
	Recording string               `json:"recording"`
	JobAid    string               `json:"job_aid"`
	Ask       []jobs.Question      `json:"ask"`
	Branches  []jobs.BranchPreview `json:"branches"`
	Obstacle  string               `json:"obstacle"` // why the lead would not get it; "" when nothing is in the way
	Problems  []problemJSON        `json:"problems"` // why it cannot be rendered
}

func previewsJSON(p *stepPreviews) []previewJSON {
	rows := make([]previewJSON, len(p.steps))
	for i := range p.steps {
		one := &p.steps[i]
		m := one.Message
		rows[i] = previewJSON{
			Cadence: p.cadence, Step: one.Step.Key, Number: one.Number, Kind: one.Step.Kind, Variant: one.Variant.Name, Own: one.Own, Had: one.Had,
			Template: one.Variant.Template, Lead: p.lead.Key, From: partyText(m.From.Name, m.From.Address), To: partyText(m.To.Name, m.To.Address),
			Subject: m.Subject, Preheader: one.Preheader, Text: m.Text, HTML: m.HTML, Headers: map[string]string{}, Recording: m.Voice.RecordingURL,
			JobAid: one.JobAid, Ask: append([]jobs.Question{}, one.Ask...), Branches: append([]jobs.BranchPreview{}, one.Branches...),
			Obstacle: string(one.Obstacle), Problems: []problemJSON{},
		}
		if one.Step.Kind.Channel() == cadence.ChannelCall {
			rows[i].HTML = one.Script
		}
		for _, h := range headersOf(one) {
			rows[i].Headers[h[0]] = h[1]
		}
		for _, problem := range p.config.Locate(one.Problems()) {
			rows[i].Problems = append(rows[i].Problems, problemJSON{problem.File, problem.Line, problem.Column, problem.Message, problem.Hint})
		}
	}
	return rows
}

func partyText(name, address string) string {
	if name == "" || address == "" {
		return name + address
	}
	return name + " <" + address + ">"
}

// headersOf are the headers of an email beside those that everybody knows.
func headersOf(p *jobs.StepPreview) [][2]string {
	if p.Step.Kind != cadence.StepEmail || p.Err != nil {
		return nil
	}
	mail := p.Message.Mail
	var ways []string
	if mail.UnsubscribeURL != "" {
		ways = append(ways, "<"+mail.UnsubscribeURL+">")
	}
	if mail.UnsubscribeMailto != "" {
		ways = append(ways, "<mailto:"+mail.UnsubscribeMailto+">")
	}
	return [][2]string{{"Reply-To", mail.ReplyTo}, {"Return-Path", mail.EnvelopeFrom}, {"List-Unsubscribe", strings.Join(ways, ", ")}}
}

// heading names a preview: "first-seven, step 1 of 7: email intro, variant a".
func (p *stepPreviews) heading(one *jobs.StepPreview) string {
	s := fmt.Sprintf("%s, step %d of %d: %s %s", p.cadence, one.Number, one.Of, words(one.Step.Kind), one.Step.Key)
	switch {
	case one.Variant.Name != "":
		s += ", variant " + one.Variant.Name
		if one.Own {
			s += " (this lead's)"
		}
	case one.Library:
		s += ", template " + one.Variant.Template
		switch {
		case one.Own:
			s += " (what this lead gets)"
		case one.Had:
			s += " (this lead had it)"
		}
	}
	return s
}

// text is all previews as plain text; equal previews give equal texts.
func (p *stepPreviews) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "for %s, %s\n", p.lead.FullName(), p.lead.from)
	for i := range p.steps {
		one := &p.steps[i]
		fmt.Fprintf(&b, "\n== %s ==\n", p.heading(one))
		p.writeStep(&b, one)
	}
	return b.String()
}

func (p *stepPreviews) writeStep(b *strings.Builder, one *jobs.StepPreview) {
	line := func(label, value string) {
		if value != "" {
			fmt.Fprintf(b, "%-17s %s\n", label+":", oneLine(value))
		}
	}
	if !one.Step.After.Zero() {
		line("after", one.Step.After.String())
	}
	for _, branch := range one.Branches {
		fmt.Fprintf(b, "%s\n", branchLine(branch))
	}
	if one.Step.Kind.Channel() == "" {
		return
	}
	line("template", one.Variant.Template)
	if one.Obstacle != "" {
		line("not for this lead", one.Obstacle.Sentence())
	}
	if one.Err != nil {
		fmt.Fprintf(b, "cannot be rendered for this lead; a touch would fail with:\n%s\n", p.whyNot(one))
		return
	}
	m := one.Message
	line("from", partyText(m.From.Name, m.From.Address))
	if one.Step.Kind != cadence.StepManualEmail {
		line("to", partyText(m.To.Name, m.To.Address))
	}
	if one.Step.Kind.Channel() == cadence.ChannelCall {
		line("task", m.Subject)
	} else {
		line("subject", m.Subject)
	}
	line("preheader", one.Preheader)
	for _, h := range headersOf(one) {
		line(h[0], h[1])
	}
	line("recording", m.Voice.RecordingURL)
	if m.Text != "" {
		fmt.Fprintf(b, "\n%s\n", strings.TrimSpace(m.Text))
	}
	if one.JobAid != "" {
		fmt.Fprintf(b, "\njob aid for a lead in stage %s:\n\n%s\n", words(p.stage()), strings.TrimSpace(one.JobAid))
	}
	if len(one.Ask) > 0 {
		b.WriteString("\nto find out:\n")
		for _, q := range one.Ask {
			fmt.Fprintf(b, "- %s%s\n", oneLine(q.Question), map[bool]string{true: "", false: " (optional)"}[q.Required])
		}
	}
}

// stage is the lead's; one that was never stored begins as an inquiry.
func (p *stepPreviews) stage() string {
	if p.lead.Stage == "" {
		return string(cadence.StageInquiry)
	}
	return p.lead.Stage
}

func branchLine(b jobs.BranchPreview) string {
	taken := "  "
	if b.Taken {
		taken = "> "
	}
	if b.When == "" {
		return fmt.Sprintf("%selse: go to %s", taken, b.Goto)
	}
	return fmt.Sprintf("%swhen %s: go to %s (%s)", taken, b.When, b.Goto, b.Why)
}

// whyNot says why a preview cannot be rendered.
func (p *stepPreviews) whyNot(one *jobs.StepPreview) string {
	problems := p.config.Locate(one.Problems())
	if len(problems) == 0 {
		return one.Err.Error()
	}
	return problems.Error()
}

// failure is the error of previews that cannot be rendered; nil when all can.
func (p *stepPreviews) failure() error {
	failed := 0
	for i := range p.steps {
		if p.steps[i].Err != nil {
			failed++
		}
	}
	if failed == 0 {
		return nil
	}
	return failf("%d of %s cannot be rendered for %s", failed, count(len(p.steps), "preview"), p.lead.FullName())
}
