package dossier

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"time"
)

//go:embed dossier.html
var pageSource string

var page = template.Must(template.New("dossier").Funcs(template.FuncMap{"words": Words}).Parse(pageSource))

// HTML is the dossier as one page without anything to load, fit for a mail.
func (d Dossier) HTML() (string, error) {
	var b bytes.Buffer
	if err := page.Execute(&b, d); err != nil {
		return "", fmt.Errorf("write the dossier of %s: %w", d.Lead.Key, err)
	}
	return b.String(), nil
}

// When shows an instant in the dossier's zone.
func (d Dossier) When(t time.Time) string {
	loc, err := time.LoadLocation(d.Zone)
	if err != nil {
		loc = time.UTC
	}
	return t.In(loc).Format("2 Jan 2006 15:04")
}

// Markdown is the dossier as text.
func (d Dossier) Markdown() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# %s", d.Title())
	line("")
	line("%s", d.Because)
	line("")
	for _, row := range [][2]string{
		{"Title", d.Lead.Title},
		{"Role", d.Lead.Role},
		{"Email", d.Lead.Email},
		{"Phone", d.Lead.Phone},
		{"Country", d.Lead.Country},
		{"Source", d.Lead.Source},
		{"Industry", d.Company.Industry},
		{"Employees", d.Employees()},
		{"Readiness", Words(d.Readiness)},
	} {
		if row[1] != "" {
			line("- %s: %s", row[0], row[1])
		}
	}
	for _, part := range []struct {
		title string
		rows  []Statement
	}{{"What was agreed a qualified lead is", d.Criteria}, {"What sales should know", d.Items}} {
		line("\n## %s\n", part.title)
		for _, s := range part.rows {
			line("- **%s** %s", s.Question, s.text())
		}
	}
	if len(d.People) > 0 {
		line("\n## Others at the company\n")
		for _, p := range d.People {
			line("- %s%s", p.Name, p.label())
		}
	}
	line("\n## Everything that happened\n")
	for _, e := range d.History {
		line("- %s  %s", d.When(e.At), e.text())
	}
	return b.String()
}

// Employees is the head count, "" when unknown.
func (d Dossier) Employees() string {
	if d.Company.Employees == 0 {
		return ""
	}
	return fmt.Sprint(d.Company.Employees)
}

func (s Statement) text() string {
	if s.Answer == "" {
		return "not known"
	}
	text := s.Answer
	if s.Words != "" {
		text += fmt.Sprintf(" (%q)", s.Words)
	}
	return text + " [" + s.Evidence.String() + "]"
}

func (p Person) label() string {
	var parts []string
	for _, s := range []string{p.Title, p.Role, Words(p.Stage)} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func (e Entry) text() string {
	text := e.What
	for _, s := range []string{e.Outcome, e.Detail} {
		if s != "" {
			text += ", " + s
		}
	}
	return text
}
