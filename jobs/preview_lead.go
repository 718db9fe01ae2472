package jobs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
	"nurture/config"
	"nurture/internal/leadfile"
	"nurture/store"
)

// LeadFromFile is a lead as an import of the row would store it, with the answers that the row implies. Nothing is stored.
func LeadFromFile(row leadfile.Row, cfg *config.Config, now time.Time) (store.Lead, []uld.Fact) {
	lead := newLead(row.Lead, mailboxesOf(cfg), ownersOf(cfg), now).Lead
	var facts []uld.Fact
	for _, f := range importedFacts([]leadfile.Row{row}, []int64{0}, now) {
		facts = append(facts, f.Fact)
	}
	return lead, facts
}

// SampleLead is a made-up lead of whom everything is known that the configuration's templates can name: for looking at a template
// without a database. It answered the questions of the definition itself, so that a call still has something to confirm. Its addresses are reserved for documentation (RFC 2606) and fiction.
func SampleLead(cfg *config.Config, now time.Time) (store.Lead, []uld.Fact) {
	lead := store.Lead{
		Key: "sample", Email: "sam.sample@customer.example", Phone: "+15555550123", FirstName: "Sam", LastName: "Sample", Title: "Plant manager",
		Role: "decides", City: "Sampleton", Country: "US", Region: "NY", Zones: []string{"America/New_York"}, Language: "en", Source: "sample",
		Origin: string(leadfile.OriginInquiry), Stage: string(cadence.StageNurturing), ConsentEmail: &now, ConsentVoicemail: &now, ConsentCall: &now, CreatedAt: now, Custom: map[string]any{},
		Account: store.Account{Name: "Sample Works", Domain: "customer.example", Industry: "chemicals", Employees: 200, Country: "US"},
	}
	named := cfg.Templates.Variables()
	for _, variable := range named {
		if field, own := strings.CutPrefix(variable, "lead.fields."); own {
			lead.Custom[field] = fmt.Sprintf("[%s]", field)
		}
		if field, own := strings.CutPrefix(variable, "account.fields."); own {
			if lead.Account.Custom == nil {
				lead.Account.Custom = map[string]any{}
			}
			lead.Account.Custom[field] = fmt.Sprintf("[%s]", field)
		}
	}
	var facts []uld.Fact
	add := func(key string, v predicate.Value) {
		facts = append(facts, uld.Fact{Criterion: key, Value: v, Class: uld.SelfAsserted, By: "sample", At: now})
	}
	for _, c := range cfg.Definition.Criteria {
		add(c.Key, sampleAnswer(c, now))
	}
	for _, item := range cfg.Definition.Dossier {
		if !slices.Contains(named, "facts."+item.Key) {
			continue // still to be found out, as on most calls
		}
		add(item.Key, predicate.Text(fmt.Sprintf("[%s]", item.Title)))
	}
	return lead, facts
}

func sampleAnswer(c uld.Criterion, now time.Time) predicate.Value {
	switch c.Type {
	case uld.AnswerChoice:
		return predicate.Text(c.Options[0])
	case uld.AnswerYesNo:
		return predicate.Bool(true)
	case uld.AnswerNumber:
		return predicate.Number(12)
	case uld.AnswerMonths:
		return predicate.Number(3)
	case uld.AnswerDate:
		return predicate.Date(now.AddDate(0, 3, 0))
	case uld.AnswerText:
	}
	return predicate.Text(fmt.Sprintf("[%s]", c.Key))
}

// BareLead is a made-up lead of whom only the address is known, as the poorest import has it: what cannot be rendered for it will
// fail for somebody.
func BareLead(now time.Time) store.Lead {
	return store.Lead{
		Key: "bare", Email: "bare@customer.example", Origin: string(leadfile.OriginInquiry), ConsentEmail: &now, CreatedAt: now,
	}
}
