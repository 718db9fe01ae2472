package leadfile

import (
	"slices"
	"strings"
)

// optOutFields are the fields of opt-outs, in the order of plan.optOuts.
var optOutFields = [2]field{fieldOptedOutEmail, fieldOptedOutCall}

// holdsOptOuts reports whether a column by that name, folded, says who opted out of what f is about. HubSpot has one for each kind of mail, and
// "Do Not Contact" is about mails and calls.
func holdsOptOuts(f field, folded string) bool {
	return slices.Contains(definitions[f].synonyms, folded) || folded == "donotcontact" || f == fieldOptedOutEmail && strings.HasPrefix(folded, "optedoutofemail")
}

// gatherOptOuts lets every column count that holds opt-outs, where the columns are guessed: an opt-out must not be missed because another column has none.
func (p *plan) gatherOptOuts(h header) {
	for i, f := range optOutFields {
		for index, name := range h.names {
			if main := p.core[f]; main != nil && main.index == index || !holdsOptOuts(f, fold(name)) {
				continue
			}
			p.optOuts[i] = append(p.optOuts[i], &binding{name: f.String(), own: f.String(), column: name, index: index})
			p.sensitive = append(p.sensitive, index)
		}
	}
}

// unheeded lists the columns that seem to hold opt-outs and that nothing is read from.
func (p *plan) unheeded(h header) []string {
	return slices.DeleteFunc(p.unread(h), func(name string) bool {
		folded := fold(name)
		return !holdsOptOuts(fieldOptedOutEmail, folded) && !holdsOptOuts(fieldOptedOutCall, folded) &&
			!strings.Contains(folded, "unsubscribe") && !strings.Contains(folded, "optout") && !strings.Contains(folded, "optedout")
	})
}

// columns counts what is read from columns of the file.
func (p *plan) columns() (n int) {
	for b := range p.bindings() {
		if b.index >= 0 || b.template != nil {
			n++
		}
	}
	return n
}

// optedOut reads an opt-out: any of its columns is enough.
func (c *converter) optedOut(i int, values *[fieldCount]string) bool {
	f := optOutFields[i]
	out := c.saysOut(c.plan.core[f], values[f])
	for _, b := range c.plan.optOuts[i] {
		text, bad := c.text(b, textLimit, false)
		out = bad != nil || c.saysOut(b, text) || out
	}
	return out
}

// saysOut reads one cell of an opt-out. What is unclear is one.
func (c *converter) saysOut(b *binding, text string) bool {
	if text == "" {
		return false
	}
	if yes, known := c.outWords.parse(text); known {
		return yes
	}
	if _, reason, _ := parseDate(text, c.dates); reason != "" {
		c.warn(b, "this is neither yes nor no nor a date: "+clip([]byte(text), 60)+"; it is taken as an opt-out",
			"name your words in the mapping: words: {yes: […], no: […]}")
	}
	return true
}
