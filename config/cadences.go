package config

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
	"nurture/templates"
)

// cadenceReader reads the files of cadences/, each with what it needs to know of the other files.
type cadenceReader struct {
	settings     Settings
	fields       fields
	branchFields fields
	usualRules   map[cadence.ResponseKind]cadence.Rule
	names        []string // of all cadences
	openNames    bool     // some cadence could not be read: others may exist
	templates    *templates.Set

	// of the cadence being read
	window calendar.Window
	used   []usedTemplate
	gotos  []node
}

// written is a cadence as it was read.
type written struct {
	doc  *document
	key  node
	plan cadence.Plan
	used []usedTemplate
}

// readPlan reads one cadence.
func (r *cadenceReader) readPlan(root node) written {
	o := root.object()
	defer o.close()
	r.used, r.gotos = nil, nil
	r.window = readWindow(o.get("window"), r.settings.Defaults.Window)
	key := o.need("cadence", "its name, such as cadence: first-seven")
	plan := cadence.Plan{
		Key:       key.key(),
		Goal:      o.need("goal", "what it is for, such as goal: a conversation about the next two quarters").text(),
		Term:      choice(o.get("term"), cadence.Active, cadence.Active, cadence.LongTerm),
		Window:    r.window,
		CallHours: r.settings.Compliance.Calls,
		Budget:    o.get("budget").whole(r.settings.Defaults.Budget, 1, 100),
		Account:   readAccount(o.get("account"), r.settings.Defaults.Account),
		Frequency: readFrequency(o.get("frequency"), r.settings.Defaults.Frequency),
		Misfire:   readMisfire(o.get("misfire"), r.settings.Defaults.Misfire),
	}
	plan.OnChange = choice(o.get("on_change"), cadence.FinishOld, cadence.FinishOld, cadence.MoveAll, cadence.MoveIfNotPast)
	r.readIntake(o, &plan)
	plan.Steps = r.readSteps(o.need("steps", "steps: one line each that begins with -, such as - email: intro"))
	plan.OnResponse = r.readOnResponse(o.get("on_response"))
	plan.Then = r.readThen(o.need("then", "such as then: {move_to: long-game}, or then: {close: true}: no lead may fall out"))
	return written{doc: root.doc, key: key, plan: plan, used: r.used}
}

// readIntake reads whom the cadence takes by itself. Without an audience it takes nobody: a missing rule must not enrol
// every lead there is.
func (r *cadenceReader) readIntake(o *object, plan *cadence.Plan) {
	audience, intake := o.get("audience"), o.get("intake")
	if audience.given() {
		plan.Audience = conditions{fields: r.fields}.read(audience)
	} else {
		plan.IntakePerDay = -1
	}
	if !intake.given() {
		return
	}
	if text, ok := textOf(intake.yaml); ok {
		if text != "manual" {
			intake.fail("intake: manual, or intake: {per_day: 50}", "%q cannot be %q", "intake", text)
		}
		plan.IntakePerDay = -1
		return
	}
	i := intake.object()
	defer i.close()
	perDay := i.need("per_day", "how many leads the audience may bring in a day").whole(0, 1, 1_000_000)
	if !audience.given() && !o.has("audience") {
		intake.fail("add an audience, or remove the line", `"intake" has no effect without an audience`)
		return
	}
	plan.IntakePerDay = perDay
}

// cadenceName reads the name of a cadence, which must exist.
func (r *cadenceReader) cadenceName(n node) string {
	name := n.text()
	if name != "" && !r.openNames && !slices.Contains(r.names, name) {
		n.fail(suggest(name, r.names), "there is no cadence %q", name)
		return ""
	}
	return name
}

// branchFieldsOf adds to the fields what only a branch may look at.
func branchFieldsOf(f fields) fields {
	byName := maps.Clone(f.byName)
	byName["last.response"] = field{kind: predicate.KindText, values: stringsOf(responseKinds)}
	byName["cycle.attempts"] = field{kind: predicate.KindNumber}
	return fields{byName: byName, openFacts: f.openFacts}
}

// readCadences reads all cadences into c.
func (l *loader) readCadences(c *Config, f fields, settingsReadable bool) {
	r := &cadenceReader{
		settings: c.Settings, fields: f, branchFields: branchFieldsOf(f), usualRules: cadence.DefaultRules(), templates: c.Templates,
	}
	var roots []node
	for _, path := range slices.Sorted(maps.Keys(l.files)) {
		if !strings.HasPrefix(path, CadencesDir+"/") {
			continue
		}
		root, ok := l.documents[path]
		name := ""
		if ok {
			name = nameOf(root)
		}
		if name == "" || slices.Contains(r.names, name) {
			r.openNames = true
		} else {
			r.names = append(r.names, name)
		}
		if ok {
			roots = append(roots, root)
		}
	}
	files := map[string]written{}
	for _, root := range roots {
		w := r.readPlan(root)
		key := w.plan.Key
		if first, taken := files[key]; taken && key != "" {
			w.key.fail("give each cadence a name of its own", "%s is called %q already", first.doc.file, key)
			continue
		}
		l.checkTouches(w, c, settingsReadable)
		if key == "" {
			continue
		}
		files[key] = w
		c.Plans[key] = w.plan
		c.PlanHash[key] = planHash(l.files[root.doc.file], w, c)
	}
	checkPlans(c.Plans, files, !r.openNames)
}

// checkPlans reports what is wrong with plans that could be read; all tells whether plans holds every cadence there is.
func checkPlans(plans map[string]cadence.Plan, files map[string]written, all bool) {
	var problems []cadence.Problem
	for _, plan := range plans {
		problems = append(problems, plan.Check()...)
	}
	if all {
		problems = append(problems, cadence.CheckPlans(plans)...)
	}
	for _, problem := range problems {
		files[problem.Plan].doc.reportPath(problem.Path, problem.Message, problem.Hint)
	}
}

// nameOf gives the name of a cadence before it is read.
func nameOf(root node) string {
	mapping, ok := root.yaml.(*ast.MappingNode)
	if !ok {
		return ""
	}
	for _, pair := range mapping.Values {
		if text, isText := textOf(pair.Value); isText && pair.Key.GetToken().Value == "cadence" {
			return strings.TrimSpace(text)
		}
	}
	return ""
}

// checkTouches checks that what the steps need is there: the templates, and a number to call from for voicemail.
func (l *loader) checkTouches(w written, c *Config, settingsReadable bool) {
	for _, used := range w.used {
		file := path.Join(TemplatesDir, string(used.channel), used.name+".md")
		if _, exists := l.files[file]; !exists {
			names := c.Templates.Names(used.channel)
			hint := "write that file, or name one of: " + strings.Join(names, ", ")
			if name := nearest(used.name, names); name != "" {
				hint = fmt.Sprintf("did you mean %q?", name)
			} else if len(names) == 0 {
				hint = "write that file"
			}
			used.node.fail(hint, "there is no template %s", file)
		}
	}
	calls := slices.ContainsFunc(c.Settings.Senders, func(s Sender) bool { return s.Phone != "" })
	if calls || !settingsReadable {
		return
	}
	for _, used := range w.used {
		if used.channel == cadence.ChannelVoicemail {
			used.node.fail("give a sender in nurture.yaml a phone", "no sender has a phone number to call from")
			return
		}
	}
}

// planHash is Config.PlanHash of one plan. The templates count in the order of the steps.
func planHash(file []byte, w written, c *Config) string {
	parts := [][]byte{file}
	for _, used := range w.used {
		parts = append(parts, c.Templates.Source(used.channel, used.name))
	}
	taken := fmt.Sprintf("window %s; calls %s; budget %d; account %s %s",
		w.plan.Window, w.plan.CallHours, w.plan.Budget, w.plan.Account.Do, w.plan.Account.Pause)
	if f := w.plan.Frequency; f.Capped() { // plans without one keep the hash that they had
		taken += fmt.Sprintf("; frequency %d in %s", f.Touches, f.Per)
	}
	if w.plan.Misfire != usualMisfire {
		taken += fmt.Sprintf("; misfire %s", w.plan.Misfire)
	}
	return hash(append(parts, []byte(taken))...)
}
