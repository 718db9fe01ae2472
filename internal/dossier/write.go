package dossier

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
)

//go:embed dossier.html
var pageSource string

var page = template.Must(template.New("dossier").Parse(pageSource))

// HTML is the dossier as one page without anything to load, fit for a mail.
func (d Dossier) HTML() (string, error) {
	_, html, err := d.Letter(Ask{})
	return html, err
}

// Ask is what a mail asks of its reader, above the dossier. The zero Ask asks nothing.
type Ask struct {
	Words string
	Link  string // the page where it is answered; "" for none
}

// Letter is the dossier as the two texts of a mail, Markdown and HTML, with the same above it.
func (d Dossier) Letter(ask Ask) (text, html string, err error) {
	var b bytes.Buffer
	if err := page.Execute(&b, struct {
		View
		Ask Ask
	}{d.View(), ask}); err != nil {
		return "", "", fmt.Errorf("write the dossier of %s: %w", d.Lead.Key, err)
	}
	for _, line := range []string{ask.Words, ask.Link} {
		if line != "" {
			text += line + "\n"
		}
	}
	if text != "" {
		text += "\n"
	}
	return text + d.Markdown(), b.String(), nil
}

// Markdown is the dossier as text (CommonMark), which reads well as it is. Whatever people wrote stays on its line and means no more
// than its letters.
func (d Dossier) Markdown() string {
	v := d.View()
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\n") }
	line("# ", plain(v.Title), "\n")
	line("Dossier of ", v.Written, before(", for ", plain(v.Rep)), "\n")
	if v.Because != "" {
		line(opening(v.Because), "\n")
	}
	if len(v.Open) > 0 {
		line("Still open: ", plain(strings.Join(v.Open, "; ")), "\n")
	}
	facts(line, "", v.About)
	facts(line, "Company", v.Company)
	for _, p := range v.Parts {
		line("\n## ", p.Heading, "\n")
		for _, r := range p.Rows {
			r.markdown(line)
		}
	}
	if len(v.People) > 0 {
		line("\n## Others at the company\n")
		for _, p := range v.People {
			line("- ", opening(p.Name), before(", ", plain(strings.Join(p.Known, ", "))))
		}
	}
	line("\n## Everything that happened\n")
	for _, e := range v.History {
		line("- ", e.When, "  ", plain(e.What), before(", ", plain(e.Outcome)), inBrackets(plain(e.Detail)), before(": ", quoted(e.Said)))
	}
	return b.String()
}

func facts(line func(...string), heading string, rows []Fact) {
	if len(rows) > 0 && heading != "" {
		line("\n## ", heading, "\n")
	}
	for _, f := range rows {
		line("- ", f.Label, ": ", plain(f.Value))
	}
}

func (r Row) markdown(line func(...string)) {
	if r.Answer == "" {
		line("- **", plain(r.Question), "** not known", before(": ", plain(r.More)))
		return
	}
	line("- **", plain(r.Question), "** ", plain(r.Answer))
	for _, more := range []string{quoted(r.Words), opening(r.Why), opening(r.Cited)} {
		if more != "" {
			line("  - ", more)
		}
	}
}

// quoted marks words that are not ours.
func quoted(words string) string {
	if words = plain(words); words == "" {
		return ""
	}
	return "“" + words + "”"
}

func inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// before puts something before a text that is there.
func before(s, text string) string {
	if text == "" {
		return ""
	}
	return s + text
}
