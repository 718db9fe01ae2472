package config

import (
	"fmt"
	"slices"

	"nurture/cadence"
	"nurture/cadence/uld"
)

// expectKinds are the keys of expectations that say what happens.
var expectKinds = []string{
	"touch", "skip", "task", "pause", "verdict", "handoff", "move", "stage", "finish", "end", "suppress", "no_touch_after",
}

// expectKeys tells which kinds of expectations a key says something of.
var expectKeys = map[string][]string{
	"at":        {"touch", "skip", "task", "pause", "verdict", "handoff", "move", "stage", "finish", "end", "suppress"},
	"cadence":   {"touch", "skip", "pause", "finish"},
	"reason":    {"touch", "skip", "task", "handoff", "move", "stage", "end", "suppress"},
	"channel":   {"touch", "skip"},
	"variant":   {"touch"},
	"template":  {"touch"},
	"run":       {"touch", "skip"},
	"until":     {"pause", "move", "no_touch_after"},
	"by":        {"task"},
	"missing":   {"handoff"},
	"verify":    {"verdict"},
	"readiness": {"verdict"},
}

// othersThan lists the keys that say nothing of a kind of expectation, sorted.
func othersThan(kind string) []string {
	var others []string
	for key, kinds := range expectKeys {
		if !slices.Contains(kinds, kind) {
			others = append(others, key)
		}
	}
	slices.Sort(others)
	return others
}

func (r scenarioReader) readExpectation(n node) Expectation {
	o := n.object()
	defer o.close()
	kind := o.sole("what must happen", expectKinds...)
	e := Expectation{Where: n.where(), Kind: kind}
	if kind == "" {
		for key := range expectKeys {
			o.get(key)
		}
		return e
	}
	for _, key := range othersThan(kind) {
		o.refuse(key, "remove it", fmt.Sprintf("%q says nothing of %q", key, kind))
	}
	r.readExpected(kind, o.get(kind), &e)
	r.readDetails(o, &e)
	return e
}

// readExpected reads what must happen.
func (r scenarioReader) readExpected(kind string, value node, e *Expectation) {
	switch kind {
	case "touch", "skip":
		e.Name = r.stepKey(value)
	case "task":
		e.Name = string(choice(value, "", askedTasks...))
	case "pause", "finish":
		e.Name = string(choice(value, "", cadence.Reasons()...))
	case "verdict":
		e.Name = string(choice(value, "", uld.Promote, uld.Nurture, uld.Close))
	case "handoff":
		e.Name = choice(value, "", handoffStates...)
	case "move":
		e.Name = r.cadenceKey(value)
	case "stage":
		e.Name = string(choice(value, "", stages...))
	case "end":
		e.Name = string(choice(value, "", endReasons...))
	case "suppress":
		e.Name = string(choice(value, "", cadence.SuppressEmail, cadence.SuppressPhone, cadence.SuppressAll))
	case "no_touch_after":
		e.At = r.moment(value)
	}
}

// readDetails reads what more must hold; what says nothing of the kind was refused before.
func (r scenarioReader) readDetails(o *object, e *Expectation) {
	about := func(key string) node {
		if slices.Contains(expectKeys[key], e.Kind) {
			return o.get(key)
		}
		return o.missing(key)
	}
	if at := r.moment(about("at")); at.Given() {
		e.At = at
	}
	e.Cadence = r.cadenceKey(about("cadence"))
	e.Reason = choice(about("reason"), "", cadence.Reasons()...)
	e.Channel = choice(about("channel"), "", cadence.ChannelEmail, cadence.ChannelVoicemail, cadence.ChannelCall)
	e.Variant, e.Template = about("variant").text(), about("template").text()
	e.Run = about("run").whole(0, 1, 100)
	e.Until, e.By = r.moment(about("until")), r.moment(about("by"))
	e.Missing, e.Verify = r.questions(about("missing")), r.questions(about("verify"))
	e.Readiness = choice(about("readiness"), "", uld.ReadinessUnknown, uld.LongTerm, uld.NearTerm)
}

// questions reads keys of criteria and dossier items; nil when they are not written.
func (r scenarioReader) questions(n node) []string {
	if !n.given() {
		return nil
	}
	keys, known := []string{}, r.config.Definition.Questions()
	for _, item := range n.list() {
		key := item.text()
		if key != "" && !slices.Contains(known, key) {
			item.fail(suggest(key, known), "the definition does not ask for %q", key)
		}
		keys = append(keys, key)
	}
	return keys
}
