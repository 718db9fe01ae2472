package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

// conditions reads predicates. Those of audience rules name fields; those of an accepted answer are about one subject and
// begin with the operator.
type conditions struct {
	fields  fields
	subject *field
}

// read reads a group of conditions, all of which must hold. The zero Predicate, which holds for everything, comes only of a
// value that is not written or has a problem.
func (c conditions) read(n node) predicate.Predicate {
	o := n.object()
	defer o.close()
	var all []predicate.Predicate
	for _, key := range []string{"all_of", "any_of", "not"} {
		if value := o.get(key); value.given() {
			all = append(all, c.group(key, value))
		}
	}
	if c.subject != nil {
		all = append(all, c.operators(o, uld.AnswerField, *c.subject)...)
	} else {
		for _, e := range o.rest() {
			all = append(all, c.leaf(e)...)
		}
	}
	switch {
	case len(all) == 1:
		return all[0]
	case len(all) == 0 && !o.partial && len(o.entries) == 0:
		n.fail("such as stage: {in: [inquiry, recycled]}", "%s has no condition, so it would hold for everybody", n.name())
	}
	return predicate.Predicate{All: all}
}

// group reads all_of, any_of or not.
func (c conditions) group(key string, n node) predicate.Predicate {
	if _, isList := n.sequence(); key == "not" && !isList {
		inner := c.read(n)
		return predicate.Predicate{Not: &inner}
	}
	var parts []predicate.Predicate
	for _, item := range n.list() {
		parts = append(parts, c.read(item))
	}
	if _, isList := n.sequence(); isList && len(parts) == 0 {
		n.fail("add conditions, one line each that begins with -", "%s is an empty list", n.name())
	}
	switch key {
	case "all_of":
		return predicate.Predicate{All: parts}
	case "not":
		return predicate.Predicate{Not: &predicate.Predicate{Any: parts}}
	}
	return predicate.Predicate{Any: parts}
}

// unasked are what leads have and conditions do not look at.
var unasked = []string{"email", "phone", "first_name", "last_name", "zone"}

// leaf reads the operators on one field.
func (c conditions) leaf(e entry) []predicate.Predicate {
	name, found, ok := c.fields.find(e.key)
	if !ok {
		hint := "lead.<...>, account.<...>, consent.<...>, facts.<criterion>, lead.fields.<column> or account.fields.<name>"
		if slices.Contains(unasked, strings.TrimPrefix(e.key, "lead.")) {
			hint = "conditions do not look at it; docs/configuration.md lists what they look at"
		} else if name := nearest(e.key, c.fields.names()); name != "" {
			hint = fmt.Sprintf("did you mean %q?", name)
		}
		e.fail(hint, "unknown field %q", e.key)
		return nil
	}
	if _, isGroup := e.value.mapping(); !isGroup && e.value.given() {
		e.value.fail(fmt.Sprintf("such as %s: %s", e.key, operatorFor(e.value, found)), "%s needs an operator", e.value.name())
		return nil
	}
	o := e.value.object()
	defer o.close()
	leaves := c.operators(o, name, found)
	if len(leaves) == 0 && len(o.entries) == 0 && !o.partial {
		e.value.fail(suggest("", stringsOf(predicate.Ops())), "%s lacks an operator", e.value.name())
	}
	if together := (predicate.Predicate{All: leaves}); len(leaves) > 1 && !together.Possible(nil, nil) {
		e.value.doc.judge(e.value.at, "write one of them, or put both under any_of", "%s can never hold: nothing fulfils all of that at once", e.value.name())
	}
	return leaves
}

// sized is a value as people write it who expect signs.
var sized = regexp.MustCompile(`^\s*([<>=]{1,2})\s*(\S.*)$`)

// operatorFor is how a value that is written without an operator was probably meant.
func operatorFor(n node, f field) string {
	if list, isList := n.sequence(); isList {
		var items []string
		for _, item := range list.Values {
			items = append(items, item.GetToken().Value)
		}
		if len(items) == 0 {
			items = []string{"one", "two"}
		}
		return "{in: [" + strings.Join(items, ", ") + "]}"
	}
	value, op := n.yaml.GetToken().Value, predicate.Is
	if signs := sized.FindStringSubmatch(value); signs != nil {
		value = signs[2]
		switch {
		case f.kind == predicate.KindText || f.kind == predicate.KindBool:
		case strings.HasPrefix(signs[1], ">"):
			op = predicate.AtLeast
		case strings.HasPrefix(signs[1], "<"):
			op = predicate.AtMost
		}
	}
	return fmt.Sprintf("{%s: %s}", op, value)
}

// operators reads the operators that are written in o, as conditions on the field called name.
func (c conditions) operators(o *object, name string, f field) []predicate.Predicate {
	var leaves []predicate.Predicate
	for _, op := range predicate.Ops() {
		value := o.get(string(op))
		if !value.given() {
			continue
		}
		if args := readArgs(value, op, f); args != nil {
			leaves = append(leaves, predicate.Predicate{Field: name, Op: op, Args: args})
		}
	}
	return leaves
}

// readArgs reads what an operator compares with; nil after a problem.
func readArgs(n node, op predicate.Op, f field) []predicate.Value {
	switch op {
	case predicate.Known:
		flag, ok := n.flag()
		if !ok {
			return nil
		}
		return []predicate.Value{predicate.Bool(flag)}
	case predicate.Is:
		return readValues(f, []node{n})
	case predicate.In:
		items := n.list()
		if _, isList := n.sequence(); isList && len(items) == 0 {
			n.fail("name at least one value", "%s is an empty list", n.name())
		}
		return readValues(f, items)
	}
	if f.kind == predicate.KindText || f.kind == predicate.KindBool {
		n.fail("use is, in or known", "%s compares sizes, but the value is a %s", n.name(), kindNames[f.kind])
		return nil
	}
	if op != predicate.Between {
		args := readValues(f, []node{n})
		if len(args) == 1 && !hasSize(args[0]) {
			n.doc.judge(n.at, "such as 50 or 2026-09-30", "nothing can be %s %s: it is neither a number nor a date", sizes[op], args[0])
		}
		return args
	}
	items := n.list()
	if _, isList := n.sequence(); isList && len(items) != 2 {
		n.fail("such as between: [10, 500]", "%s needs two values, the least and the most", n.name())
		return nil
	}
	args := readValues(f, items)
	switch {
	case len(args) < 2:
		return nil
	case args[0].Kind != args[1].Kind || args[0].Kind == predicate.KindText || args[0].Kind == predicate.KindBool:
		n.fail("such as between: [10, 500]", "%s needs two numbers or two dates", n.name())
	case args[0].Number > args[1].Number || args[0].Date.After(args[1].Date):
		n.fail("write the smaller value first", "%s can never hold: nothing lies between %s and %s", n.name(), args[0], args[1])
	}
	return args
}

// sizes are the operators that compare sizes, in words.
var sizes = map[predicate.Op]string{predicate.AtLeast: "at least", predicate.AtMost: "at most"}

// hasSize reports whether other values can be above or below v: a number, a date, or a text that reads as one of them.
func hasSize(v predicate.Value) bool {
	_, number := v.As(predicate.KindNumber)
	_, date := v.As(predicate.KindDate)
	return number || date
}

var kindNames = map[predicate.Kind]string{predicate.KindText: "text", predicate.KindBool: "yes or no"}

// readValues reads the values at items; nil if one of them has a problem.
func readValues(f field, items []node) []predicate.Value {
	var values []predicate.Value
	all := true
	for _, item := range items {
		value, ok := readValue(item, f)
		values, all = append(values, value), all && ok
	}
	if !all {
		return nil
	}
	return values
}

// readValue reads one value of a field.
func readValue(n node, f field) (predicate.Value, bool) {
	kind := f.kind
	if kind == "" {
		kind = n.kind()
	}
	switch kind {
	case predicate.KindBool:
		flag, ok := n.flag()
		return predicate.Bool(flag), ok
	case predicate.KindNumber:
		number, ok := n.number()
		return predicate.Number(number), ok
	case predicate.KindDate:
		date, ok := n.date()
		return predicate.Date(date), ok
	case predicate.KindText:
	}
	text := n.text()
	if f.country && text != "" {
		text = n.country()
	}
	n.judgeText(f, text)
	if f.values != nil && text != "" && !slices.Contains(f.values, text) {
		n.fail(suggest(text, f.values), "%q is not a value that it can have", text)
		return predicate.Value{}, false
	}
	return predicate.Text(text), text != ""
}

// judgeText names a text that a lead never has in the field, so that nobody would ever be found by it.
func (n node) judgeText(f field, text string) {
	if text == "" {
		return
	}
	if code, named := calendar.RegionMeant(text); f.region && named {
		n.doc.judge(n.at, fmt.Sprintf("write its code, %s", code), "%q is never the code of a state or province", text)
	}
	if f.stored != nil && !slices.ContainsFunc(f.stored, func(known string) bool { return strings.EqualFold(known, text) }) {
		n.doc.judge(n.at, suggest(text, f.stored), "%q is never stored there", text)
	}
	if !f.language {
		return
	}
	tag, err := language.Parse(text)
	switch {
	case err != nil:
		n.doc.judge(n.at, "write its tag, such as de or pt-BR", "%q is never the language of a lead", text)
	case !strings.EqualFold(tag.String(), text):
		n.doc.judge(n.at, "write "+tag.String(), "%q is never the language of a lead", text)
	}
}

// date reads a day such as 2026-09-30, at midnight UTC.
func (n node) date() (time.Time, bool) {
	text := n.text()
	if text == "" {
		return time.Time{}, false
	}
	date, err := time.Parse(time.DateOnly, text)
	if err != nil {
		n.fail("year-month-day, such as 2026-09-30", "%q is not a date", text)
		return time.Time{}, false
	}
	return date, true
}
