package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"path/filepath"
	"strings"

	"nurture/cadence"
	"nurture/jobs"
	"nurture/templates"
)

//go:embed preview.html
var previewPageSource string

var previewLayout = template.Must(template.New("preview").Parse(previewPageSource))

// previewSection is one preview on the page.
type previewSection struct {
	ID, Heading        string
	Kind               cadence.StepKind
	Facts              [][2]string // label and value, above the text
	Problem, Obstacle  string
	Mail               string // the email's document
	Text               string
	Audio              string        // address of the recording
	Script             template.HTML // the call's
	JobAid             template.HTML
	Ask                []jobs.Question
	Branches           []jobs.BranchPreview
	Subject, Preheader string
}

// previewPage makes one page of all previews, which needs nothing else. A recording that is a file is looked for in dir.
func previewPage(p *stepPreviews, dir string) ([]byte, error) {
	page := struct {
		Title, Lead string
		Sections    []previewSection
	}{Title: p.cadence, Lead: fmt.Sprintf("%s, %s", p.lead.FullName(), p.lead.from)}
	for i := range p.steps {
		section, err := p.section(&p.steps[i], fmt.Sprintf("s%d", i+1), dir)
		if err != nil {
			return nil, err
		}
		page.Sections = append(page.Sections, section)
	}
	var b bytes.Buffer
	if err := previewLayout.Execute(&b, page); err != nil {
		return nil, fmt.Errorf("make the page: %w", err)
	}
	return b.Bytes(), nil
}

func (p *stepPreviews) section(one *jobs.StepPreview, id, dir string) (previewSection, error) {
	m := one.Message
	aid, err := templates.MarkdownHTML(one.JobAid)
	if err != nil {
		return previewSection{}, err
	}
	s := previewSection{
		ID: id, Heading: p.heading(one), Kind: one.Step.Kind, Text: strings.TrimSpace(m.Text), Audio: recordingAddress(m.Voice.RecordingURL, dir),
		Script: template.HTML(one.Script), //nolint:gosec // made by the templates, which escape every value by its place
		JobAid: template.HTML(aid),        //nolint:gosec // made from Markdown without its HTML
		Mail:   m.HTML, Ask: one.Ask, Branches: one.Branches, Subject: m.Subject, Preheader: one.Preheader,
	}
	if one.Obstacle != "" {
		s.Obstacle = one.Obstacle.Sentence()
	}
	if one.Err != nil {
		s.Problem = p.whyNot(one)
	}
	add := func(label, value string) {
		if value != "" {
			s.Facts = append(s.Facts, [2]string{label, value})
		}
	}
	if !one.Step.After.Zero() {
		add("After", one.Step.After.String())
	}
	add("Template", one.Variant.Template)
	add("From", partyText(m.From.Name, m.From.Address))
	add("To", partyText(m.To.Name, m.To.Address))
	for _, h := range headersOf(one) {
		add(h[0], h[1])
	}
	return s, nil
}

// recordingAddress is where a browser finds a recording: a web address, or a file of the configuration folder.
func recordingAddress(recording, dir string) string {
	if recording == "" || strings.Contains(recording, "://") {
		return recording
	}
	file, err := filepath.Abs(filepath.Join(dir, filepath.FromSlash(recording)))
	if err != nil {
		return recording
	}
	return filepath.ToSlash(file)
}
