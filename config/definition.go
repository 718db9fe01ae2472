package config

import (
	"regexp"
	"strconv"

	"nurture/cadence/uld"
)

// readDefinition reads uld.yaml.
func readDefinition(root node) uld.Definition {
	o := root.object()
	defer o.close()
	d := uld.Definition{
		Key:           o.need("definition", "a short name, such as definition: b2b-course").key(),
		Title:         o.need("title", "a name for people, such as title: Ready for a course").text(),
		Horizon:       readHorizon(o.get("horizon")),
		SelfQualified: readSelfQualified(o.get("self_qualified")),
	}
	for _, item := range atLeastOne(o.need("criteria", "criteria: one line each that begins with - key: ..."), "criterion") {
		d.Criteria = append(d.Criteria, readCriterion(item))
	}
	for _, item := range o.get("dossier").list() {
		d.Dossier = append(d.Dossier, readDossierItem(item))
	}
	return d
}

var months = regexp.MustCompile(`^([1-9][0-9]{0,2}) months?$`)

// readHorizon reads a number of months; the default when it is not written.
func readHorizon(n node) int {
	const usual = uld.DefaultHorizon
	if !n.given() {
		return usual
	}
	text := n.word()
	match := months.FindStringSubmatch(text)
	if match == nil {
		if text != "" {
			n.fail("such as horizon: 6 months", "%q is not a number of months", text)
		}
		return usual
	}
	count, _ := strconv.Atoi(match[1]) // cannot fail: the expression allows 3 digits
	return count
}

func readSelfQualified(n node) uld.SelfQualifiedPolicy {
	o := n.object()
	defer o.close()
	p := uld.SelfQualifiedPolicy{
		Mode:       choice(o.get("policy"), uld.VerifyByCall, uld.VerifyByCall, uld.DirectToSales),
		ReviewedBy: o.get("reviewed_by").text(),
	}
	if on := o.get("reviewed_on"); on.given() {
		p.ReviewedOn, _ = on.date()
	}
	return p
}

var evidence = map[string]uld.Class{
	"inferred": uld.Inferred, "self_asserted": uld.SelfAsserted, "human_confirmed": uld.HumanConfirmed,
}

func readCriterion(n node) uld.Criterion {
	o := n.object()
	defer o.close()
	c := uld.Criterion{
		Key: o.need("key", "a short name, such as key: company_size").factKey(),
		Dimension: choice(o.need("dimension", "one of: fit, need, desire, budget, authority, time_frame"), "",
			uld.Fit, uld.Need, uld.Desire, uld.Budget, uld.Authority, uld.TimeFrame),
		Question: o.need("question", "what an SDR or a form asks").text(),
		Type: choice(o.need("type", "one of: text, choice, yes_no, number, months, date"), "", uld.AnswerText, uld.AnswerChoice,
			uld.AnswerYesNo, uld.AnswerNumber, uld.AnswerMonths, uld.AnswerDate),
		Options:  o.get("options").texts(),
		Required: true,
		Evidence: evidence[choice(o.get("evidence"), "human_confirmed", "inferred", "self_asserted", "human_confirmed")],
	}
	if required, ok := o.get("required").flag(); ok {
		c.Required = required
	}
	c.Disqualifies = o.get("disqualifies").yes()
	if accept := o.get("accept"); accept.given() {
		subject := answerField(c) // of any kind when the type could not be read
		c.Accept = conditions{subject: &subject}.read(accept)
	}
	return c
}

func readDossierItem(n node) uld.DossierItem {
	o := n.object()
	defer o.close()
	item := uld.DossierItem{
		Key:      o.need("key", "a short name, such as key: pain_points").factKey(),
		Title:    o.need("title", "what the dossier calls it").text(),
		Question: o.need("question", "what an SDR asks").text(),
		Required: true,
	}
	if required, ok := o.get("required").flag(); ok {
		item.Required = required
	}
	return item
}

var (
	plainKey = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	factKey  = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
)

const longestKey = 64

// key reads a name such as first-seven.
func (n node) key() string {
	return n.matching(plainKey, "small letters, digits and hyphens, such as first-seven")
}

// factKey reads a name such as company_size.
func (n node) factKey() string {
	return n.matching(factKey, "small letters, digits and underscores, such as company_size")
}

// matching reads a name of the form that the expression allows; form says it in words.
func (n node) matching(expression *regexp.Regexp, form string) string {
	text := n.text()
	if text != "" && (!expression.MatchString(text) || len(text) > longestKey) {
		n.fail(form, "%q cannot be a name", text)
		return ""
	}
	return text
}
