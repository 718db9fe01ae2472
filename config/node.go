package config

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"nurture/cadence/predicate"
)

// node is one value of a document, or the place where one could have been. Its readers report what is wrong and then
// return the zero value, so that reading goes on and every problem of a file is found at once.
type node struct {
	doc    *document
	yaml   ast.Node // nil: not written
	label  string   // what to call it in a message; "" is the root
	path   string   // such as "steps[2].after"; "" is the root
	at     place
	form   reflect.Type // how it is written; nil when no type says
	owner  reflect.Type // the form of the object that it belongs to,
	ownKey string       // and its key there; "" for the root and for items of a list
}

// given reports whether the value is written.
func (n node) given() bool { return n.yaml != nil }

// fail reports a problem at the value.
func (n node) fail(hint, format string, args ...any) {
	n.doc.bad = append(n.doc.bad, n.path)
	n.doc.report(n.at, hint, format, args...)
}

// name is what to call the value in a message.
func (n node) name() string {
	if n.label == "" {
		return "the file"
	}
	return n.label
}

// what says in plain words what is written.
func (n node) what() string {
	switch v := n.yaml.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a group of keys"
	case *ast.SequenceNode:
		return "a list"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "the number " + v.GetToken().Value
	case *ast.BoolNode:
		return v.GetToken().Value
	case *ast.NullNode:
		return "nothing"
	}
	return "text"
}

// text reads a text that is not blank; "" when it is not written.
func (n node) text() string {
	if !n.given() {
		return ""
	}
	text, ok := textOf(n.yaml)
	if !ok {
		hint := ""
		if _, scalar := n.yaml.(ast.ScalarNode); scalar {
			hint = fmt.Sprintf("put it in quotes: %q", n.yaml.GetToken().Value)
		}
		n.fail(hint, "%s must be a text, not %s", n.name(), n.what())
		return ""
	}
	if strings.TrimSpace(text) == "" {
		n.fail("write a text, or remove the line", "%s is empty", n.name())
		return ""
	}
	return strings.TrimSpace(text)
}

// textOf gives the value of a text node.
func textOf(yaml ast.Node) (string, bool) {
	switch v := yaml.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	}
	return "", false
}

// word reads a text or a number as it is written, for values such as phone numbers that YAML takes for numbers.
func (n node) word() string {
	switch n.yaml.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return n.yaml.GetToken().Value
	}
	return n.text()
}

var (
	wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,8})$`)
	hugeNumber  = regexp.MustCompile(`^-?[1-9][0-9]{9,}$`) // a text for the YAML library from 2^64 on
)

// whole reads a whole number from least to most; fallback when it is not written.
func (n node) whole(fallback, least, most int) int {
	n.doc.hear(asked{form: n.owner, key: n.ownKey, fallback: fallback, least: least, most: most})
	if !n.given() {
		return fallback
	}
	written := n.yaml.GetToken().Value
	if hugeNumber.MatchString(written) {
		n.fail(fmt.Sprintf("from %d to %d", least, most), "%s is %s, which is out of range", n.name(), written)
		return fallback
	}
	if _, ok := n.yaml.(*ast.IntegerNode); !ok || !wholeNumber.MatchString(written) {
		n.fail(fmt.Sprintf("such as %s: %d", strings.Trim(n.name(), `"`), max(fallback, least)),
			"%s must be a whole number, not %s", n.name(), n.what())
		return fallback
	}
	value, _ := strconv.Atoi(written) // cannot fail: the expression allows 9 digits
	if value < least || value > most {
		n.fail(fmt.Sprintf("from %d to %d", least, most), "%s is %d, which is out of range", n.name(), value)
		return fallback
	}
	return value
}

// number reads a number.
func (n node) number() (float64, bool) {
	switch n.yaml.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		value, err := strconv.ParseFloat(n.yaml.GetToken().Value, 64)
		if err == nil && !math.IsInf(value, 0) {
			return value, true
		}
	}
	n.fail("such as 6 or 2.5", "%s must be a number, not %s", n.name(), n.what())
	return 0, false
}

// yes reads true or false; false when it is not written.
func (n node) yes() bool {
	value, _ := n.flag()
	return value
}

// flag reads true or false; ok is false when it is not written or wrong.
func (n node) flag() (value, ok bool) {
	if !n.given() {
		return false, false
	}
	if flag, ok := n.yaml.(*ast.BoolNode); ok {
		return flag.Value, true
	}
	n.fail("write true or false", "%s must be true or false, not %s", n.name(), n.shown())
	return false, false
}

// only reads a flag whose sole sense is true, such as "finish: true".
func (n node) only() {
	if value, ok := n.flag(); ok && !value {
		n.fail("remove the line", "%s can only be true", n.name())
	}
}

// shown is the written text in quotes, or what it is.
func (n node) shown() string {
	if text, ok := textOf(n.yaml); ok {
		return fmt.Sprintf("%q", text)
	}
	return n.what()
}

// list reads a list's items; none when it is not written.
func (n node) list() []node {
	if !n.given() {
		return nil
	}
	sequence, ok := n.yaml.(*ast.SequenceNode)
	if !ok {
		hint := "write [a, b], or one line each that begins with -"
		if n.at.line < len(n.doc.lines) {
			if slip := slipOf(n.doc.lines[n.at.line]); slip != "" {
				hint = slip + fmt.Sprintf(" in line %d", n.at.line+1)
			}
		}
		n.fail(hint, "%s must be a list, not %s", n.name(), n.what())
		return nil
	}
	items := make([]node, 0, len(sequence.Values))
	for i, value := range sequence.Values {
		item := node{
			doc: n.doc, yaml: value, at: position(value),
			label: fmt.Sprintf("item %d of %s", i+1, n.name()), path: fmt.Sprintf("%s[%d]", n.path, i), form: itemForm(n.form),
		}
		n.doc.places[item.path] = item.at
		if _, null := value.(*ast.NullNode); null {
			item.fail("write a value after the -, or remove the line", "the list has an empty item")
			continue
		}
		items = append(items, item)
	}
	return items
}

// texts reads a list of texts.
func (n node) texts() []string {
	var texts []string
	for _, item := range n.list() {
		texts = append(texts, item.text())
	}
	return texts
}

// choice reads one of the allowed words; fallback when it is not written.
func choice[T ~string](n node, fallback T, allowed ...T) T {
	n.doc.hear(asked{form: n.owner, key: n.ownKey, words: stringsOf(allowed), usual: string(fallback)})
	if !n.given() {
		return fallback
	}
	written, _ := textOf(n.yaml)
	for _, one := range allowed {
		if written == string(one) {
			return one
		}
	}
	n.fail(suggest(written, stringsOf(allowed)), "%s cannot be %s", n.name(), n.shown())
	return fallback
}

// position gives the place where a value begins.
func position(yaml ast.Node) place {
	switch v := yaml.(type) {
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return position(v.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return position(v.Key)
	}
	at := yaml.GetToken().Position
	return place{at.Line, at.Column}
}

// sequence gives the value as a list, if it is one.
func (n node) sequence() (*ast.SequenceNode, bool) {
	sequence, ok := n.yaml.(*ast.SequenceNode)
	return sequence, ok
}

// mapping reports the value's kind: whether it is a group of keys.
func (n node) mapping() (ast.Node, bool) {
	switch n.yaml.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return n.yaml, true
	}
	return nil, false
}

// kind is the kind of value that YAML takes a scalar for.
func (n node) kind() predicate.Kind {
	switch n.yaml.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return predicate.KindNumber
	case *ast.BoolNode:
		return predicate.KindBool
	}
	return predicate.KindText
}
