package config

import (
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// object is a group of keys being read. Whoever reads one asks for each key that it knows and then closes it: what was not
// asked for is unknown.
type object struct {
	node
	entries []entry
	known   []string
	lacks   []lack
	partial bool // it, or one of its keys, could not be read: do not complain that something is missing
}

// lack is something that should have been written; close reports it unless an unknown key looks like a misspelling of it.
type lack struct {
	keys          []string
	message, hint string
}

// entry is one key of an object with its value.
type entry struct {
	key   string
	at    place // of the key
	value node
	taken bool
}

// fail reports a problem of the key, not of its value.
func (e entry) fail(hint, format string, args ...any) {
	key := e.value
	key.at = e.at
	key.fail(hint, format, args...)
}

// object reads a group of keys. One that is not written or is something else has no keys.
func (n node) object() *object {
	o := &object{node: n}
	if !n.given() {
		o.partial = true
		return o
	}
	var pairs []*ast.MappingValueNode
	switch v := n.yaml.(type) {
	case *ast.MappingNode:
		pairs = v.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{v}
	default:
		o.partial = true
		n.fail(n.example(), "%s must be a group of keys, not %s", n.name(), n.what())
		return o
	}
	var before *ast.MappingValueNode
	for i, pair := range pairs {
		switch {
		case !loose(pair):
			o.add(pair)
		case i == 0 || before == pairs[i-1]:
			o.reportLoose(before, pairs[i:])
		}
		if !loose(pair) {
			before = pair
		}
	}
	return o
}

// add takes one key and its value over.
func (o *object) add(pair *ast.MappingValueNode) {
	at := position(pair.Key)
	if _, isComplex := pair.Key.(*ast.MappingKeyNode); isComplex {
		o.doc.report(at, `write "key: value"`, "a key must be a plain word")
		o.partial = true
		return
	}
	key := pair.Key.GetToken().Value
	path := o.below(key)
	if i := slices.IndexFunc(o.entries, func(e entry) bool { return e.key == key }); i >= 0 {
		o.doc.report(at, "keep one of the two", "%q is written twice, first on line %d", key, o.entries[i].at.line)
		return
	}
	form, _, _ := member(o.form, key)
	value := node{doc: o.doc, yaml: pair.Value, label: fmt.Sprintf("%q", key), path: path, at: at, form: form, owner: o.form, ownKey: key}
	switch v := pair.Value.(type) {
	case *ast.NullNode:
		value.fail("write a value, or remove the line", "%q has no value", key)
		value.yaml = nil
	case *ast.MappingNode:
		if v.IsFlowStyle {
			value.at = position(v)
		}
	case *ast.SequenceNode:
		if v.IsFlowStyle {
			value.at = position(v)
		}
	case *ast.MappingValueNode:
	default:
		value.at = position(v)
	}
	o.doc.places[path] = value.at
	o.entries = append(o.entries, entry{key: key, at: at, value: value})
}

// get gives the value of key, which need not be there.
func (o *object) get(key string) node {
	o.know(key)
	if e := o.take(key); e != nil {
		return e.value
	}
	return o.missing(key)
}

// know notes that a reader asks for keys. One that the type of the object does not have stays unknown.
func (o *object) know(keys ...string) {
	for _, key := range keys {
		if _, _, ok := member(o.form, key); ok {
			o.known = append(o.known, key)
		}
		o.doc.hear(asked{form: o.form, key: key})
	}
}

// take finds the entry of key and counts it as read; nil when there is none, or none that the object's type has.
func (o *object) take(key string) *entry {
	if _, _, ok := member(o.form, key); !ok {
		return nil
	}
	for i := range o.entries {
		if o.entries[i].key == key {
			o.entries[i].taken = true
			return &o.entries[i]
		}
	}
	return nil
}

// missing is the value of a key that is not written.
func (o *object) missing(key string) node {
	form, _, _ := member(o.form, key)
	return node{doc: o.doc, label: fmt.Sprintf("%q", key), path: o.below(key), at: o.at, form: form, owner: o.form, ownKey: key}
}

// below is the path of key in the object.
func (o *object) below(key string) string {
	if o.path == "" {
		return key
	}
	return o.path + "." + key
}

// need gives the value of key, which must be there; hint shows what to write.
func (o *object) need(key, hint string) node {
	if !o.has(key) {
		o.lacks = append(o.lacks, lack{[]string{key}, fmt.Sprintf("%s lacks %q", o.name(), key), hint})
	}
	o.doc.hear(asked{form: o.form, key: key, need: true})
	return o.get(key)
}

// has reports whether key is written, be it without a value.
func (o *object) has(key string) bool {
	return slices.ContainsFunc(o.entries, func(e entry) bool { return e.key == key })
}

// refuse reports key if it is written: it is a likely mistake that deserves its own explanation.
func (o *object) refuse(key, hint, message string) {
	i := slices.IndexFunc(o.entries, func(e entry) bool { return e.key == key })
	if i >= 0 {
		e := &o.entries[i]
		e.taken = true
		e.fail(hint, "%s", message)
	}
}

// rest gives the entries that nobody asked for yet and counts them as read: for objects whose keys are free names.
func (o *object) rest() []entry {
	var rest []entry
	for i := range o.entries {
		if !o.entries[i].taken {
			o.entries[i].taken = true
			rest = append(rest, o.entries[i])
		}
	}
	return rest
}

// close reports what was written and not asked for, and what was needed and not written.
func (o *object) close() {
	unknown := o.rest()
	for _, e := range unknown {
		e.fail(suggest(e.key, o.known), "unknown key %q", e.key)
	}
	for _, lack := range o.lacks {
		misspelt := slices.ContainsFunc(unknown, func(e entry) bool { return nearest(e.key, lack.keys) != "" })
		o.doc.bad = append(o.doc.bad, o.below(lack.keys[0]))
		if !o.partial && !misspelt {
			o.doc.report(o.at, lack.hint, "%s", lack.message)
		}
	}
}

// sole finds which one of the keys is written; "" when none or several are, which is reported. What names them in a message.
func (o *object) sole(what string, keys ...string) string {
	o.know(keys...)
	var found []entry
	for _, e := range o.entries {
		if slices.Contains(keys, e.key) {
			found = append(found, e)
		}
	}
	switch len(found) {
	case 0:
		o.lacks = append(o.lacks, lack{keys, fmt.Sprintf("%s lacks %s", o.name(), what), suggest("", keys)})
		return ""
	case 1:
		return found[0].key
	}
	o.doc.bad = append(o.doc.bad, o.path)
	o.doc.report(found[1].at, "keep one of them", "%q and %q cannot both be %s", found[0].key, found[1].key, what)
	for _, e := range found {
		o.take(e.key)
	}
	return ""
}
