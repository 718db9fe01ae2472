package jobs

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
	"nurture/channels"
	"nurture/config"
	"nurture/internal/token"
	"nurture/store"
	"nurture/templates"
)

// PreviewToken stands in the links and addresses of previews and tests where that of a touch would be. It opens nothing, so that
// whoever follows such a link changes nothing for any lead.
const PreviewToken = "preview"

// PreviewInput says what is rendered and for whom.
type PreviewInput struct {
	Config    *config.Config
	Cadence   string // key of one of its cadences
	Lead      store.Lead
	Facts     []uld.Fact // that are known about the lead
	Had       []string   // templates that it was sent, as cadence.Had names them
	Now       time.Time
	PublicURL string // overrides public_url of the configuration; "" does not
}

// StepPreview is what a step does with a lead by one of its variants, made by the code that sends.
type StepPreview struct {
	Step    cadence.Step
	Number  int // from 1
	Of      int // steps in the cadence
	Variant cadence.Variant
	Own     bool // the variant is the lead's own; of a library, what it would get now
	Library bool // the step chooses by subject, and this is one of what it may choose
	Had     bool // of a library: the lead was sent it before, and does not get it again
	// Message is what would leave; zero for steps that send nothing, and with Err. A call's is its task: title and script.
	Message   channels.Message
	Preheader string // emails: what inboxes show behind the subject
	Script    string // calls: the script as HTML
	// Err is why a touch would fail: a *templates.RenderError with every place, or another error; nil when it would not.
	Err      error
	Obstacle cadence.Reason // why the lead would not get it, whatever its text; "" when nothing is in the way
	JobAid   string         // calls: what helps the person who calls, as Markdown, by the lead's stage
	Ask      []Question     // calls: what is to be found out
	Branches []BranchPreview
}

// Question is something that a call should find out.
type Question struct {
	Key      string `json:"key"`
	Question string `json:"question"`
	Required bool   `json:"required"`
}

// BranchPreview is one case of a branch step.
type BranchPreview struct {
	When  string `json:"when"` // in words; "" for the else case
	Why   string `json:"why"`  // how it stands with the lead
	Goto  string `json:"goto"`
	Taken bool   `json:"taken"` // the lead goes this way now
}

// PreviewSteps renders steps of a cadence for a lead, each by every variant; step −1 is all of them.
func PreviewSteps(in PreviewInput, step int) ([]StepPreview, error) {
	plan, ok := in.Config.Plans[in.Cadence]
	if !ok {
		return nil, fmt.Errorf("there is no cadence %q", in.Cadence)
	}
	if in.Lead.Stage == "" {
		in.Lead.Stage = string(cadence.StageInquiry)
	}
	p := newPreviewer(in, plan)
	var previews []StepPreview
	for i := range plan.Steps {
		if step == i || step < 0 {
			previews = append(previews, p.step(i)...)
		}
	}
	return previews, nil
}

// previewer renders steps for one lead.
type previewer struct {
	in       PreviewInput
	plan     cadence.Plan
	pinned   pinnedCadence
	renderer renderer
	row      store.Enrollment
	core     cadence.Lead
}

func newPreviewer(in PreviewInput, plan cadence.Plan) *previewer {
	p := &previewer{
		in: in, plan: plan, pinned: pinnedCadence{key: plan.Key, config: in.Config, settings: in.Config.Settings},
		renderer: renderer{token: func(token.Purpose, int64) string { return PreviewToken }, publicURL: in.PublicURL, now: in.Now},
	}
	p.row = store.Enrollment{CadenceKey: plan.Key, Cycle: 1, Budget: plan.Budget, Lead: in.Lead, Facts: in.Facts}
	p.settle()
	p.core = p.row.Core(in.Config.Settings.Zone).Lead
	p.core.Had = in.Had
	return p
}

// TemplateData is what the templates of a configuration may name, filled in for a lead at the first step of the cadence.
func TemplateData(in PreviewInput) templates.Data {
	plan := in.Config.Plans[in.Cadence]
	p := newPreviewer(in, plan)
	o := store.Outgoing{TouchFrom: p.row.Mailbox, Attempt: 1, Enrollment: p.row}
	if len(plan.Steps) > 0 {
		o.StepKey = plan.Steps[0].Key
	}
	return p.renderer.templateData(&o, p.pinned, senderNamed(p.pinned.settings, o.TouchFrom))
}

// settle gives the lead a mailbox and an owner of the configuration where it has none: what an import or an apply would do.
func (p *previewer) settle() {
	if names := mailboxesOf(p.in.Config); !slices.Contains(names, p.row.Mailbox) {
		p.row.Mailbox = pick(names, p.row.Key)
	}
	if names := ownersOf(p.in.Config); !slices.Contains(names, p.row.Owner) {
		p.row.Owner = pick(names, p.row.Key)
	}
}

// step previews one step: a branch and a wait once, a touch by each variant.
func (p *previewer) step(i int) []StepPreview {
	step := p.plan.Steps[i]
	base := StepPreview{Step: step, Number: i + 1, Of: len(p.plan.Steps)}
	if step.Kind == cadence.StepBranch {
		base.Branches = p.branches(step)
	}
	if step.Kind.Channel() == "" {
		return []StepPreview{base}
	}
	own, _ := step.Choose(p.plan.Key, p.core)
	variants := step.Variants
	for _, c := range step.Library {
		variants = append(variants, cadence.Variant{Template: c.Template, Topic: c.Topic})
	}
	previews := make([]StepPreview, 0, len(variants))
	for _, variant := range variants {
		one := base
		one.Variant, one.Own, one.Obstacle = variant, variant == own, step.Obstacle(p.core, variant)
		if one.Library = len(step.Library) > 0; one.Library {
			one.Had = slices.Contains(p.core.Had, cadence.Had(step.Kind.Channel(), variant.Template))
		}
		p.touch(i, &one)
		previews = append(previews, one)
	}
	return previews
}

// touch renders the message of a variant.
func (p *previewer) touch(i int, one *StepPreview) {
	channel := one.Step.Kind.Channel()
	planned := newTouch(&p.row, p.plan, i, 1, channel, one.Variant, store.TouchPlanned, "", p.in.Now)
	o := store.Outgoing{
		TouchChannel: channel, StepKey: planned.StepKey, Template: one.Variant.Template, TouchFrom: planned.Sender, Address: planned.Address,
		Attempt: min(p.attempt(i), max(p.plan.Budget, 1)), Enrollment: p.row,
	}
	o.Step = i
	if one.Message, one.Err = p.renderer.touch(&o, p.pinned); one.Err != nil {
		one.Message = channels.Message{}
	}
	data := p.renderer.templateData(&o, p.pinned, senderNamed(p.pinned.settings, o.TouchFrom))
	switch channel {
	case cadence.ChannelEmail:
		if mail, err := p.in.Config.Templates.RenderEmail(o.Template, data); err == nil {
			one.Preheader = mail.Preheader
		}
	case cadence.ChannelCall:
		if script, err := p.in.Config.Templates.RenderCall(o.Template, data); err == nil {
			one.Script = script.HTML
		}
		one.JobAid = p.in.Config.Process.Stages[cadence.Stage(p.row.Stage)].JobAid
		one.Ask = questions(p.in.Config.Definition, p.in.Facts)
	case cadence.ChannelVoicemail:
	}
}

// attempt counts the touches up to a step, as if the lead had got each.
func (p *previewer) attempt(i int) int {
	n := 0
	for _, step := range p.plan.Steps[:i+1] {
		if step.Kind.Channel() != "" {
			n++
		}
	}
	return n
}

// branches tells each case of a branch, and which one the lead takes now.
func (p *previewer) branches(step cadence.Step) []BranchPreview {
	fields := fieldsWithFacts(p.core, p.in.Config.Definition, p.in.Facts, p.in.Now)
	look := func(field string) (predicate.Value, bool) {
		switch field {
		case "cycle.attempts":
			return predicate.Number(0), true
		case "last.response":
			return predicate.Value{}, false
		}
		v, ok := fields[field]
		return v, ok
	}
	var cases []BranchPreview
	taken := false
	for _, b := range step.Branches {
		one := BranchPreview{Goto: b.Goto, Taken: !taken && b.When.Eval(look) == predicate.True}
		if !b.When.IsZero() {
			one.When, one.Why = b.When.String(), b.When.Explain(look)
		}
		taken = taken || one.Taken
		cases = append(cases, one)
	}
	return cases
}

// questions are the open questions in words.
func questions(d uld.Definition, facts []uld.Fact) []Question {
	var asked []Question
	for _, key := range openQuestions(d, facts) {
		for _, c := range d.Criteria {
			if c.Key == key {
				asked = append(asked, Question{key, c.Question, c.Required})
			}
		}
		for _, item := range d.Dossier {
			if item.Key == key {
				asked = append(asked, Question{key, item.Question, item.Required})
			}
		}
	}
	return asked
}

// Problems are the places at which the template cannot be rendered; nil when Err is nil or no problem of the template's.
func (p *StepPreview) Problems() []templates.Problem {
	var broken *templates.RenderError
	if errors.As(p.Err, &broken) {
		return broken.Problems
	}
	return nil
}
