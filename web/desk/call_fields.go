package desk

import (
	"slices"
	"strings"

	"nurture/cadence/uld"
	"nurture/internal/dossier"
	"nurture/store"
)

// callField is a question of the definition as a call asks for it.
type callField struct {
	Key, Question string
	As            string // the block of the page that asks: options, select, number, date, text or long
	Options       []callOption
	Required      bool
	Dossier       bool // for the dossier: "none" is an answer
	Known         *knownAnswer
	Value, Words  string // as typed
	Problem       string // "" when there is none
}

// callOption is an answer to choose.
type callOption struct {
	Value, Label string
	Chosen       bool
}

// knownAnswer is what is known already.
type knownAnswer struct {
	Value, Class, Words, By string
	At                      moment
	Weak                    bool // a person should confirm it
}

// The names of a call's fields.
const (
	answerPrefix = "answer."
	wordsPrefix  = "words."
)

// callFields are the questions of the definition: those that the task asks for in its order, and the others.
func (v *visit) callFields(def uld.Definition, ask []string, facts []uld.Fact) (asked, others []callField) {
	held, _ := uld.Current(facts)
	known := func(key string, as uld.AnswerType) *knownAnswer {
		f, ok := held[key]
		if !ok {
			return nil
		}
		return &knownAnswer{
			Value: dossier.Answer(key, as, f.Value.String(), v.zone), Class: words(f.Class.String()), Words: f.Words, By: f.By, At: v.moment(f.At), Weak: f.Class < uld.HumanConfirmed,
		}
	}
	add := func(f callField, as uld.AnswerType) {
		f.Known = known(f.Key, as)
		if slices.Contains(ask, f.Key) {
			asked = append(asked, f)
			return
		}
		others = append(others, f)
	}
	for _, c := range def.Criteria {
		add(criterionField(c), c.Type)
	}
	for _, item := range def.Dossier {
		add(callField{Key: item.Key, Question: item.Question, As: "long", Required: item.Required, Dossier: true}, "")
	}
	slices.SortStableFunc(asked, func(a, b callField) int { return slices.Index(ask, a.Key) - slices.Index(ask, b.Key) })
	return asked, others
}

// criterionField is how a criterion is asked for.
func criterionField(c uld.Criterion) callField {
	f := callField{Key: c.Key, Question: c.Question, Required: c.Required, As: "text"}
	switch c.Type {
	case uld.AnswerChoice:
		f.As = "options"
		if len(c.Options) > 5 {
			f.As = "select"
		}
		for _, o := range c.Options {
			f.Options = append(f.Options, callOption{Value: o, Label: sentence(words(o))})
		}
	case uld.AnswerYesNo:
		f.As, f.Options = "options", []callOption{{Value: "yes", Label: "Yes"}, {Value: "no", Label: "No"}}
	case uld.AnswerNumber:
		f.As = "number"
	case uld.AnswerMonths:
		f.As = "months"
	case uld.AnswerDate:
		f.As = "date"
	case uld.AnswerText:
		f.As = "long"
	}
	return f
}

// typed reads what was typed into a call's form: the fields that hold something, by name.
func (v *visit) typed() map[string]string {
	typed := map[string]string{}
	for name := range v.r.PostForm {
		switch name {
		case "notes", "disposition", "date", "referral":
		default:
			if !strings.HasPrefix(name, answerPrefix) && !strings.HasPrefix(name, wordsPrefix) {
				continue
			}
		}
		if value := v.field(name); strings.TrimSpace(value) != "" {
			typed[store.Clean(name)] = value
		}
	}
	return typed
}

// fill puts what was typed into the page, and the problems with answers beside their fields.
func (p *callPage) fill(v *visit, typed map[string]string, wrong map[string]error) {
	p.Notes, p.Disposition, p.Date, p.Referral = typed["notes"], typed["disposition"], typed["date"], typed["referral"]
	for _, fields := range [][]callField{p.Fields, p.Others} {
		for i := range fields {
			f := &fields[i]
			f.Value, f.Words = typed[answerPrefix+f.Key], typed[wordsPrefix+f.Key]
			if err := wrong[f.Key]; err != nil {
				f.Problem = sentence(strings.TrimPrefix(err.Error(), f.Key+": ")) + "."
				p.Problems++
			}
			for j := range f.Options {
				f.Options[j].Chosen = f.Options[j].Value == f.Value
			}
		}
	}
	for i := range p.Outcomes {
		p.Outcomes[i].Chosen = p.Outcomes[i].Value == p.Disposition
	}
}

// OthersTyped says whether something was typed into, or is wrong with, questions that the task does not ask for.
func (p *callPage) OthersTyped() bool {
	return slices.ContainsFunc(p.Others, func(f callField) bool { return f.Value != "" || f.Problem != "" })
}
