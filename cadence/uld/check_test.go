package uld_test

import (
	"strings"
	"testing"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

func TestCheckAccepts(t *testing.T) {
	t.Parallel()
	direct := course()
	direct.SelfQualified = reviewed
	byDate := criterion("decision", func(c *uld.Criterion) { c.Type = uld.AnswerDate })
	verify := course()
	verify.SelfQualified.Mode = uld.VerifyByCall
	closing := criterion("decision", func(c *uld.Criterion) { c.Accept, c.Disqualifies = accept(predicate.AtMost, num(36)), true })
	group := criterion("employees", func(c *uld.Criterion) {
		inner := accept(predicate.Between, num(100), num(200))
		c.Accept = predicate.Predicate{Any: []predicate.Predicate{accept(predicate.AtLeast, num(500)), {Not: &inner}}}
	})
	for _, def := range []uld.Definition{course(), direct, byDate, verify, closing, group} {
		if problems := def.Check(); problems != nil {
			t.Errorf("%v", problems)
		}
	}
}

func TestCheckFinds(t *testing.T) {
	t.Parallel()
	on := func(change func(*uld.Definition)) uld.Definition {
		def := course()
		change(&def)
		return def
	}
	for _, tc := range []struct {
		def  uld.Definition
		want string // path and the beginning of the message
	}{
		{on(func(d *uld.Definition) { d.Key = "B2B course" }), `key: "B2B course" is no name`},
		{on(func(d *uld.Definition) { d.Horizon = 0 }), `horizon: a horizon of 0 months`},
		{on(func(d *uld.Definition) { d.Criteria = nil }), `criteria: there are no criteria; write`},
		{on(func(d *uld.Definition) { d.Criteria = d.Criteria[:4] }), `criteria: no criterion asks how soon`},
		{criterion("decision", func(c *uld.Criterion) { c.Type, c.Accept = uld.AnswerText, predicate.Predicate{} }), `criteria: no criterion asks how soon`},
		{on(func(d *uld.Definition) {
			for i := range d.Criteria {
				d.Criteria[i].Required = false
			}
		}), `criteria: no criterion is required`},
		{on(func(d *uld.Definition) {
			for i := range d.Criteria {
				d.Criteria[i].Evidence = uld.SelfAsserted
			}
		}), `criteria: no required criterion needs a person`},
		{on(func(d *uld.Definition) {
			d.Criteria = append(d.Criteria, uld.Criterion{Key: "again", Dimension: uld.TimeFrame, Question: "When?", Type: uld.AnswerDate})
		}), `criteria[5].dimension: decision already says how soon`},
		{criterion("pain", func(c *uld.Criterion) { c.Key = "Pain Points" }), `criteria[1].key: "Pain Points" is no key`},
		{criterion("pain", func(c *uld.Criterion) { c.Key = "" }), `criteria[1].key: "" is no key`},
		{criterion("pain", func(c *uld.Criterion) { c.Key = "employees" }), `criteria[1].key: the key employees is taken by criteria[0]`},
		{criterion("pain", func(c *uld.Criterion) { c.Dimension = "mood" }), `criteria[1].dimension: there is no dimension "mood"; use one of fit,`},
		{criterion("pain", func(c *uld.Criterion) { c.Question = " " }), `criteria[1].question: nobody can ask`},
		{criterion("pain", func(c *uld.Criterion) { c.Type = "essay" }), `criteria[1].type: there is no answer type "essay"; use one of text,`},
		{criterion("pain", func(c *uld.Criterion) { c.Evidence = 9 }), `criteria[1].evidence: there is no evidence class 9`},
		{criterion("pain", func(c *uld.Criterion) { c.Options = []string{"a", "b"} }), `criteria[1].options: a text answer has no options`},
		{criterion("pain", func(c *uld.Criterion) { c.Disqualifies = true }), `criteria[1].disqualifies: nothing disqualifies`},
		{criterion("pain", func(c *uld.Criterion) { c.Accept = accept(predicate.AtLeast, num(3)) }), `criteria[1].accept: at_least compares numbers`},
		{criterion("decision", func(c *uld.Criterion) { c.Disqualifies = true }), `criteria[4].disqualifies: every long-term lead`},
		{criterion("role", func(c *uld.Criterion) { c.Options, c.Accept = []string{"User"}, predicate.Predicate{} }), `criteria[3].options: a choice of 1`},
		{criterion("role", func(c *uld.Criterion) { c.Options = append(c.Options, " ") }), `criteria[3].options[3]: the option is empty`},
		{criterion("role", func(c *uld.Criterion) { c.Options = append(c.Options, "user ") }), `criteria[3].options[3]: the option "user " is there twice`},
		{criterion("role", func(c *uld.Criterion) { c.Accept = accept(predicate.Is, text("Boss")) }), `criteria[3].accept: "Boss" is none of the options; use one of Economic buyer,`},
		{criterion("role", func(c *uld.Criterion) { c.Accept = accept(predicate.AtMost, num(3)) }), `criteria[3].accept: at_most compares numbers and dates, the answer is a choice`},
		{criterion("role", func(c *uld.Criterion) { c.Accept = accept(predicate.In) }), `criteria[3].accept: in has no values`},
		{criterion("employees", func(c *uld.Criterion) { c.Accept = accept(predicate.Is, text("many")) }), `criteria[0].accept: the field is a number`},
		{criterion("employees", func(c *uld.Criterion) { c.Accept = accept(predicate.Between, num(9), num(1)) }), `criteria[0].accept: the ends are reversed`},
		{criterion("employees", func(c *uld.Criterion) { c.Accept = accept(predicate.Known, yes(true)) }), `criteria[0].accept: known says nothing of an answer`},
		{criterion("employees", func(c *uld.Criterion) {
			inner := accept(predicate.Known, yes(true))
			c.Accept = predicate.Predicate{All: []predicate.Predicate{accept(predicate.AtLeast, num(3)), {Not: &inner}}}
		}), `criteria[0].accept: known says nothing of an answer`},
		{criterion("employees", func(c *uld.Criterion) {
			c.Accept = predicate.Predicate{Field: "lead.country", Op: predicate.Is, Args: []predicate.Value{num(3)}}
		}), `criteria[0].accept: what is accepted can only depend on the answer, not on lead.country`},
		{on(func(d *uld.Definition) { d.SelfQualified.Mode = "trust" }), `self_qualified.mode: there is no mode "trust"`},
		{on(func(d *uld.Definition) { d.SelfQualified = reviewed; d.SelfQualified.ReviewedBy = " " }), `self_qualified.reviewed_by: direct_to_sales needs somebody`},
		{on(func(d *uld.Definition) {
			d.SelfQualified = uld.SelfQualifiedPolicy{Mode: uld.DirectToSales, ReviewedBy: "Mia"}
		}), `self_qualified.reviewed_on: direct_to_sales needs the day`},
		{on(func(d *uld.Definition) { d.Dossier[2].Key = "pain" }), `dossier[2].key: the key pain is taken by criteria[1]`},
		{on(func(d *uld.Definition) { d.Dossier[1].Title = "" }), `dossier[1].title: the item has no title`},
		{on(func(d *uld.Definition) { d.Dossier[1].Question = "" }), `dossier[1].question: nobody can ask`},
	} {
		problems := tc.def.Check()
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), tc.want) || problems[0].Hint == "" {
			t.Errorf("got  %v\nwant %s", problems, tc.want)
		}
	}
}

func TestCheckFindsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	problems := uld.Definition{
		Key: "x", Criteria: []uld.Criterion{{Key: "a", Type: uld.AnswerText}},
		Dossier: []uld.DossierItem{{Key: "a", Required: true}},
	}.Check()
	var got []string
	for _, p := range problems {
		got = append(got, p.Path)
	}
	want := "horizon criteria[0].dimension criteria[0].question criteria criteria criteria dossier[0].key dossier[0].title dossier[0].question"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
	if got := (uld.Problem{Message: "wrong"}).Error(); got != "wrong" {
		t.Errorf("a problem of the whole: %q", got)
	}
}
