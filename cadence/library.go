package cadence

import (
	"slices"
	"strings"
)

// Content is a template that a step may choose, and what decides whether a lead gets it.
type Content struct {
	Template string
	Topic    string // as of Variant
	Language string // BCP 47, of the template; "" is English
}

// Library is what a step chooses from when it names a subject instead of a template, in the order of templates' names.
type Library []Content

// Had names a template in Lead.Had.
func Had(channel Channel, template string) string { return string(channel) + "/" + template }

// ChoosesBySubject says whether any step of the plan looks at what the lead was sent, and at its language.
func (p Plan) ChoosesBySubject() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return len(s.Library) > 0 })
}

// Templates lists the templates that the step may say.
func (s Step) Templates() []string {
	var names []string
	for _, v := range s.Variants {
		names = append(names, v.Template)
	}
	for _, c := range s.Library {
		names = append(names, c.Template)
	}
	return names
}

// Choose gives what a lead gets at a step: its variant, or, of a library, the first content in its language that it was never sent, by no
// cadence, and whose topic it has not switched off. The reason is why there is none; "" with one.
func (s Step) Choose(planKey string, lead Lead) (Variant, Reason) {
	if len(s.Library) == 0 {
		return s.VariantFor(planKey, lead.Key), ""
	}
	why := ReasonNothingNew
	for _, c := range s.Library.In(lead.Language) {
		switch {
		case slices.Contains(lead.Had, Had(s.Kind.Channel(), c.Template)):
		case c.Topic != "" && slices.Contains(lead.TopicsOff, c.Topic):
			why = ReasonTopicOff
		default:
			return Variant{Template: c.Template, Topic: c.Topic}, ""
		}
	}
	return Variant{}, why
}

// In gives the content for a reader of a language (BCP 47, "" is not known): in exactly that, else in any form of its primary language, else
// in English, else in the language of the first. Who has read all of that is not sent another language.
func (l Library) In(language string) Library {
	primary := func(tag string) string {
		first, _, _ := strings.Cut(spelt(tag), "-")
		return first
	}
	for _, fits := range []func(c Content) bool{
		func(c Content) bool { return spelt(c.Language) == spelt(language) },
		func(c Content) bool { return primary(c.Language) == primary(language) },
		func(c Content) bool { return primary(c.Language) == "en" },
		func(c Content) bool { return spelt(c.Language) == spelt(l[0].Language) },
	} {
		var in Library
		for _, c := range l {
			if fits(c) {
				in = append(in, c)
			}
		}
		if len(in) > 0 {
			return in
		}
	}
	return nil
}

// spelt is a language tag in one spelling; none is English.
func spelt(tag string) string {
	if tag == "" {
		return "en"
	}
	return strings.ToLower(strings.ReplaceAll(tag, "_", "-"))
}
