package config

import (
	"maps"
	"slices"
	"strings"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

// field is something that a condition may look at.
type field struct {
	kind     predicate.Kind // "" takes any value
	values   []string       // the only texts it may have; nil: any
	stored   []string       // the only texts that are ever stored, without regard to case; nil: any
	country  bool           // an ISO 3166-1 alpha-2 code
	region   bool           // the code of a state or province
	language bool           // a BCP 47 tag
}

// fields are what audience rules, branches and territories may look at, by canonical name.
type fields struct {
	byName    map[string]field
	openFacts bool // the definition could not be read: any fact may exist
}

// stages are all the stages, in order.
var stages = []cadence.Stage{
	cadence.StageInquiry, cadence.StageNurturing, cadence.StageQualified, cadence.StageHandedOff, cadence.StageAccepted,
	cadence.StageOpportunity, cadence.StageWon, cadence.StageLost, cadence.StageRecycled, cadence.StageDisqualified,
}

// newFields lists the fields of a lead, of its account, of consent, and the facts of the definition.
func newFields(definition uld.Definition, definitionBroken bool) fields {
	text, number, flag := field{kind: predicate.KindText}, field{kind: predicate.KindNumber}, field{kind: predicate.KindBool}
	country := field{kind: predicate.KindText, country: true}
	region := field{kind: predicate.KindText, region: true}
	byName := map[string]field{
		"lead.region": region, "lead.city": text, "lead.language": {kind: predicate.KindText, language: true}, "account.domain": text,
		"lead.stage": {kind: predicate.KindText, values: stringsOf(stages)}, "lead.source": text, "lead.country": country,
		"lead.role": text, "lead.title": text, "lead.origin": {kind: predicate.KindText, stored: origins}, "lead.score": number,
		"consent.email": flag, "consent.voicemail": flag,
		"account.name": text, "account.industry": text, "account.employees": number, "account.country": country,
	}
	for _, criterion := range definition.Criteria {
		byName["facts."+criterion.Key] = answerField(criterion)
	}
	for _, item := range definition.Dossier {
		byName["facts."+item.Key] = field{}
	}
	return fields{byName: byName, openFacts: definitionBroken}
}

// answerField gives the kind of value that answers a criterion.
func answerField(criterion uld.Criterion) field {
	f := field{kind: criterion.Type.Kind()}
	if criterion.Type == uld.AnswerChoice {
		f.values = criterion.Options
	}
	return f
}

// shortFor are the groups whose name may be left out: "stage" is short for "lead.stage".
var shortFor = []string{"lead.", "last.", "cycle."}

// find gives the canonical name and the field that name means.
func (f fields) find(name string) (string, field, bool) {
	candidates := []string{name}
	for _, group := range shortFor {
		candidates = append(candidates, group+name)
	}
	for _, full := range candidates {
		if found, ok := f.byName[full]; ok {
			return full, found, true
		}
		for _, own := range []string{"lead.fields.", "account.fields."} {
			if rest, ok := strings.CutPrefix(full, own); ok && rest != "" {
				return full, field{}, true
			}
		}
	}
	if strings.HasPrefix(name, "facts.") && f.openFacts {
		return name, field{}, true
	}
	return name, field{}, false
}

// names lists every name that find knows, for suggestions.
func (f fields) names() []string {
	names := slices.Sorted(maps.Keys(f.byName))
	for _, name := range names {
		for _, group := range shortFor {
			if short, ok := strings.CutPrefix(name, group); ok {
				names = append(names, short)
			}
		}
	}
	return names
}

// stringsOf turns named strings into plain ones.
func stringsOf[T ~string](named []T) []string {
	plain := make([]string, 0, len(named))
	for _, one := range named {
		plain = append(plain, string(one))
	}
	return plain
}
