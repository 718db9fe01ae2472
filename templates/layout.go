package templates

import (
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"nurture/cadence"
	"nurture/internal/oneline"
)

//go:embed layouts/email.html
var emailLayoutSource string

var emailLayout = template.Must(template.New("email").Parse(emailLayoutSource))

// layoutValues are what the email layout shows.
type layoutValues struct {
	Lang, Dir                string
	Subject, Preheader       string
	Body                     template.HTML // already escaped by place
	Company, Address         string
	Unsubscribe, Preferences string // checked web addresses; "" for none
	Words                    footerWords
}

// footerWords are the layout's own words.
type footerWords struct{ Unsubscribe, Preferences, ReplyToStop string }

// wordsByLanguage is keyed by the primary language subtag; others read English.
var wordsByLanguage = map[string]footerWords{
	"en": {"Unsubscribe", "Email preferences", "To stop these emails, reply with the word unsubscribe."},
	"de": {"Abmelden", "E-Mail-Einstellungen", "Um keine E-Mails mehr zu erhalten, antworten Sie mit dem Wort abmelden."},
	"fr": {"Se désabonner", "Préférences d’e-mail", "Pour ne plus recevoir ces e-mails, répondez avec le mot désabonner."},
	"es": {"Darse de baja", "Preferencias de correo", "Para no recibir más correos, responda con la palabra baja."},
	"it": {"Annulla l’iscrizione", "Preferenze e-mail", "Per non ricevere più e-mail, risponda con la parola cancellami."},
	"nl": {"Afmelden", "E-mailvoorkeuren", "Antwoord met het woord afmelden om geen e-mails meer te ontvangen."},
	"pt": {"Cancelar a subscrição", "Preferências de e-mail", "Para não receber mais e-mails, responda com a palavra cancelar."},
}

var rightToLeft = []string{"ar", "fa", "he", "ur", "yi", "ps", "sd", "ug", "dv"}

// newLayoutValues gathers what surrounds the body. The postal address is no option: CAN-SPAM, 15 U.S.C. 7704(a)(5).
func newLayoutValues(e *entry, data Data) (layoutValues, []Problem) {
	lang := e.tags.Language
	if lang == "" {
		lang = "en"
	}
	primary, _, _ := strings.Cut(strings.ToLower(lang), "-")
	v := layoutValues{Lang: lang, Dir: "ltr", Words: wordsByLanguage["en"]}
	own, _, _ := strings.Cut(strings.ToLower(lookup(data, "lead", "language")), "-")
	for _, spoken := range []string{primary, own} { // the reader's own language counts more than that of the text
		if words, ok := wordsByLanguage[spoken]; ok {
			v.Words = words
		}
	}
	if slices.Contains(rightToLeft, primary) {
		v.Dir = "rtl"
	}
	var problems []Problem
	v.Company = lookup(data, "company", "name")
	if v.Address = postalAddress(data); v.Address == "" {
		problems = append(problems, Problem{
			File: e.file, Message: "company.postal_address is empty", Hint: "every email must carry it: set it in the configuration",
		})
	}
	for name, field := range map[string]*string{"unsubscribe": &v.Unsubscribe, "preferences": &v.Preferences} {
		link := lookup(data, "links", name)
		if link == "" {
			continue
		}
		checked, err := webAddress(link)
		if err != nil {
			problems = append(problems, Problem{File: e.file, Message: fmt.Sprintf("links.%s is %q: %v", name, link, err)})
		}
		*field = checked
	}
	return v, problems
}

// postalAddress puts the lines of an address on one.
func postalAddress(data Data) string {
	raw, ok := data["company"]["postal_address"].(string)
	if !ok {
		return lookup(data, "company", "postal_address")
	}
	var lines []string
	for line := range strings.Lines(strings.ReplaceAll(raw, "\r", "\n")) {
		if line = strings.TrimSuffix(oneline.Of(line), ","); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, ", ")
}

// footer is the end of the text part.
func (v layoutValues) footer() string {
	var b strings.Builder
	b.Grow(len(v.Company) + len(v.Address) + len(v.Unsubscribe) + len(v.Preferences) + 128)
	b.WriteString("\n\n--\n")
	if v.Company != "" {
		b.WriteString(v.Company + ", ")
	}
	b.WriteString(v.Address + "\n")
	if v.Unsubscribe != "" {
		b.WriteString(v.Words.Unsubscribe + ": " + v.Unsubscribe + "\n")
	} else {
		b.WriteString(v.Words.ReplyToStop + "\n")
	}
	if v.Preferences != "" {
		b.WriteString(v.Words.Preferences + ": " + v.Preferences + "\n")
	}
	return b.String()
}

// find gives the template, or the error that there is none.
func (s *Set) find(channel cadence.Channel, name string) (*entry, error) {
	e, ok := s.byKey[key{channel, name}]
	if ok {
		return e, nil
	}
	p := Problem{File: string(channel) + "/" + name + ".md", Message: "there is no such template"}
	if near := nearest(name, s.Names(channel)); near != "" {
		p.Hint = "did you mean " + near + "?"
	}
	return nil, &RenderError{Channel: channel, Name: name, Problems: []Problem{p}}
}
