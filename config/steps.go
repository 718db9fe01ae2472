package config

import (
	"fmt"
	"maps"
	"slices"

	"nurture/cadence"
)

var stepKinds = []cadence.StepKind{
	cadence.StepEmail, cadence.StepVoicemail, cadence.StepCall, cadence.StepManualEmail, cadence.StepWait, cadence.StepBranch,
}

// usedTemplate is a template that a cadence names, and where.
type usedTemplate struct {
	node    node
	channel cadence.Channel
	name    string
}

// readSteps reads the steps of a cadence and the templates that they name.
func (r *cadenceReader) readSteps(n node) []cadence.Step {
	var steps []cadence.Step
	taken := map[string]bool{cadence.GotoEnd: true}
	for i, item := range atLeastOne(n, "step") {
		step := r.readStep(item)
		if step.Key == "" {
			step.Key = freeKey(step, i, taken)
		}
		taken[step.Key] = true
		steps = append(steps, step)
	}
	for _, target := range r.gotos {
		if name := target.text(); name != "" && !taken[name] {
			target.fail(suggest(name, slices.Collect(maps.Keys(taken))), "there is no step %q", name)
		}
	}
	return steps
}

// freeKey names a step after its template, else after its kind and number.
func freeKey(step cadence.Step, index int, taken map[string]bool) string {
	if len(step.Variants) > 0 && step.Variants[0].Template != "" {
		for _, key := range []string{step.Variants[0].Template, string(step.Kind) + "-" + step.Variants[0].Template} {
			if !taken[key] {
				return key
			}
		}
	}
	return fmt.Sprintf("%s-%d", step.Kind, index+1)
}

// stepKeys tells which kinds of steps a key has an effect on; name is for all.
var stepKeys = map[string][]cadence.StepKind{
	"after":      {cadence.StepEmail, cadence.StepVoicemail, cadence.StepCall, cadence.StepManualEmail},
	"window":     {cadence.StepEmail, cadence.StepVoicemail, cadence.StepCall, cadence.StepManualEmail},
	"variants":   {cadence.StepEmail, cadence.StepVoicemail, cadence.StepCall, cadence.StepManualEmail},
	"tries":      {cadence.StepVoicemail, cadence.StepCall},
	"within":     {cadence.StepCall, cadence.StepManualEmail},
	"if_overdue": {cadence.StepCall, cadence.StepManualEmail},
}

// readStep reads one step. Step.Key stays "" when neither a name nor a template with variants names the step.
func (r *cadenceReader) readStep(n node) cadence.Step {
	o := n.object()
	defer o.close()
	kind := cadence.StepKind(o.sole("what the step does", stringsOf(stepKinds)...))
	step := cadence.Step{Kind: kind, Tries: 1, Key: o.get("name").key()}
	for _, key := range slices.Sorted(maps.Keys(stepKeys)) {
		switch {
		case kind == "":
			o.get(key) // whether it makes sense cannot be told
		case !slices.Contains(stepKeys[key], kind):
			o.refuse(key, "remove the line", fmt.Sprintf("%q has no effect on a step of kind %s", key, kind))
		}
	}
	if kind == "" {
		return step
	}
	what := o.get(string(kind))
	switch kind {
	case cadence.StepWait:
		step.After = what.wait()
		return step
	case cadence.StepBranch:
		step.Branches = r.readBranches(what)
		return step
	case cadence.StepEmail, cadence.StepVoicemail, cadence.StepCall, cadence.StepManualEmail:
	}
	r.readTouch(o, what, &step)
	return step
}

// readTouch reads what a step that reaches the lead has.
func (r *cadenceReader) readTouch(o *object, what node, step *cadence.Step) {
	step.After = o.get("after").delay()
	if window := o.get("window"); window.given() {
		own := readWindow(window, r.window)
		step.Window = &own
	}
	if subject, named := what.mapping(); named && subject != nil {
		if step.Library = r.readLibrary(what, step.Kind.Channel()); len(step.Library) == 0 {
			o.doc.bad = append(o.doc.bad, o.below("variants")) // why is told already
		}
		o.refuse("variants", "name one template and its variants, or leave them out", "a step that chooses by subject has no variants")
	} else {
		r.readTemplate(o, what, step)
	}
	if slices.Contains(stepKeys["tries"], step.Kind) {
		step.Tries = o.get("tries").whole(1, 1, 20)
	}
	if step.Kind.Channel() != cadence.ChannelCall {
		return
	}
	step.Within = o.get("within").wait()
	overdue := o.get("if_overdue")
	step.Overdue = choice(overdue, cadence.OverdueAdvance, cadence.OverdueAdvance, cadence.OverdueKeep, cadence.OverdueFinish)
	if overdue.given() && step.Overdue != cadence.OverdueKeep && !o.get("within").given() {
		overdue.doc.judge(overdue.at, "say how long a person has, such as within: 2 business days", "without \"within\" the task is never overdue: the lead waits until somebody does it")
	}
}

// readTemplate reads the template that a step names, and its variants.
func (r *cadenceReader) readTemplate(o *object, what node, step *cadence.Step) {
	template := what.text()
	step.Variants = []cadence.Variant{{Template: template}}
	if variants := o.get("variants"); variants.given() {
		step.Variants = r.readVariants(variants, step.Kind.Channel(), template)
		if step.Key == "" {
			step.Key = template
		}
	} else {
		r.use(what, step.Kind.Channel(), template)
	}
}

// readVariants reads the templates that a step chooses from. They are sorted by name, so that moving lines about does not
// change which lead gets which.
func (r *cadenceReader) readVariants(n node, channel cadence.Channel, template string) []cadence.Variant {
	o := n.object()
	defer o.close()
	var variants []cadence.Variant
	for _, e := range o.rest() {
		v := cadence.Variant{Name: e.key, Template: e.value.text()}
		if !plainKey.MatchString(v.Name) {
			e.value.fail("small letters, digits and hyphens, such as a", "%q cannot be the name of a variant", v.Name)
		}
		r.use(e.value, channel, v.Template)
		variants = append(variants, v)
	}
	if len(variants) < 2 && !o.partial {
		n.fail("such as variants: {a: intro, b: intro-question}", "variants need at least two templates to choose from")
	} else if template != "" && len(variants) > 1 &&
		!slices.ContainsFunc(variants, func(v cadence.Variant) bool { return v.Template == template }) {
		n.fail(fmt.Sprintf("add it, such as a: %s", template), "the step's own template %q is not among its variants", template)
	}
	slices.SortFunc(variants, func(a, b cadence.Variant) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return variants
}

// use notes that the cadence needs a template.
func (r *cadenceReader) use(n node, channel cadence.Channel, name string) {
	if name != "" {
		r.used = append(r.used, usedTemplate{node: n, channel: channel, name: name})
	}
}

// readBranches reads the cases of a branch; the last one may be the else.
func (r *cadenceReader) readBranches(n node) []cadence.Branch {
	var branches []cadence.Branch
	jump := func(target node) string {
		r.gotos = append(r.gotos, target)
		return target.text()
	}
	items := atLeastOne(n, "case")
	for i, item := range items {
		o := item.object()
		switch o.sole("a condition", "when", "else") {
		case "when":
			branches = append(branches, cadence.Branch{
				When: conditions{fields: r.branchFields}.read(o.get("when")),
				Goto: jump(o.need("goto", "the name of a later step, or end")),
			})
		case "else":
			branches = append(branches, cadence.Branch{Goto: jump(o.get("else"))})
			if i != len(items)-1 {
				item.fail("move it to the end", `cases below "else" are never reached`)
			}
		default:
			o.get("goto")
		}
		o.close()
	}
	return branches
}
