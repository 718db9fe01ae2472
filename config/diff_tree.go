package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"nurture/cadence"
)

// steps compares the steps of two versions of a cadence, each with the one that it was: written are their lines.
func (d *differ) steps(was, next cadence.Plan, oldWritten, newWritten any) {
	before, _ := oldWritten.([]any)
	after, _ := newWritten.([]any)
	if len(before) != len(was.Steps) || len(after) != len(next.Steps) {
		return
	}
	r := cadence.Revise(was, next, nil)
	gone := func(i int) {
		for ; i < len(r.To) && r.To[i] < 0; i++ {
			d.add(Removed, stepName(was, i), stepWords(before[i]), "")
		}
	}
	gone(0)
	reached := -1
	for j, i := range r.From {
		if i < 0 {
			d.add(Added, stepName(next, j), "", stepWords(after[j]))
			continue
		}
		name := stepName(next, j)
		if i < reached {
			d.add(Changed, name, fmt.Sprintf("step %d", i+1), fmt.Sprintf("step %d", j+1))
		}
		reached = max(reached, i)
		d.value(name, before[i], after[j])
		gone(i + 1)
	}
}

// stepName names a step as people do.
func stepName(p cadence.Plan, i int) string {
	return fmt.Sprintf("step %d, %s %q", i+1, strings.ReplaceAll(string(p.Steps[i].Kind), "_", " "), p.Steps[i].Key)
}

// stepWords are the lines of a step in one.
func stepWords(written any) string {
	return strings.TrimSuffix(strings.TrimPrefix(flow(written), "{"), "}")
}

// value compares two values of files, at a path in the words of the file.
func (d *differ) value(path string, was, next any) {
	a, aIsMap := was.(yaml.MapSlice)
	b, bIsMap := next.(yaml.MapSlice)
	if aIsMap && bIsMap {
		d.group(path, a, b)
		return
	}
	x, xIsList := was.([]any)
	y, yIsList := next.([]any)
	if xIsList && yIsList && allNamed(x) && allNamed(y) && len(x)+len(y) > 0 {
		d.list(path, x, y)
		return
	}
	if from, to := flow(was), flow(next); from != to {
		d.add(Changed, path, from, to)
	}
}

// group compares two groups of keys.
func (d *differ) group(path string, was, next yaml.MapSlice) {
	below := func(key any) string {
		switch {
		case path == "":
			return fmt.Sprint(key)
		case strings.HasPrefix(path, "step "):
			return path + ", " + fmt.Sprint(key)
		}
		return path + "." + fmt.Sprint(key)
	}
	for _, item := range was {
		if other := find(next, fmt.Sprint(item.Key)); other != nil {
			d.value(below(item.Key), item.Value, other)
		} else {
			d.add(Removed, below(item.Key), flow(item.Value), "")
		}
	}
	for _, item := range next {
		if find(was, fmt.Sprint(item.Key)) == nil {
			d.add(Added, below(item.Key), "", flow(item.Value))
		}
	}
}

// list compares two lists whose items have names.
func (d *differ) list(path string, was, next []any) {
	order := func(items []any) []string {
		names := make([]string, len(items))
		for i, item := range items {
			names[i] = nameIn(item)
		}
		return names
	}
	before, after := order(was), order(next)
	for i, name := range before {
		if j := slices.Index(after, name); j >= 0 {
			d.value(fmt.Sprintf("%s[%s]", path, name), was[i], next[j])
		} else {
			d.add(Removed, fmt.Sprintf("%s[%s]", path, name), flow(was[i]), "")
		}
	}
	for j, name := range after {
		if !slices.Contains(before, name) {
			d.add(Added, fmt.Sprintf("%s[%s]", path, name), "", flow(next[j]))
		}
	}
	kept := func(names, among []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(among, name) })
	}
	if a, b := kept(before, after), kept(after, before); !slices.Equal(a, b) {
		d.add(Changed, path+", order", strings.Join(a, ", "), strings.Join(b, ", "))
	}
}

// identities are the keys by which the items of a list are told apart, the first that one has.
var identities = []string{"key", "email", "username", "name", "cadence", "stage"}

// nameIn is what tells an item of a list from the others; "" when nothing does.
func nameIn(item any) string {
	group, ok := item.(yaml.MapSlice)
	if !ok {
		return ""
	}
	for _, key := range identities {
		if v := find(group, key); v != nil {
			return flow(v)
		}
	}
	return ""
}

// allNamed reports whether every item of a list has a name of its own; one without items does.
func allNamed(items []any) bool {
	seen := map[string]bool{}
	for _, item := range items {
		name := nameIn(item)
		if name == "" || seen[name] {
			return false
		}
		seen[name] = true
	}
	return true
}

// find gives the value of a key, nil when it is not there.
func find(group yaml.MapSlice, key string) any {
	for _, item := range group {
		if fmt.Sprint(item.Key) == key {
			return item.Value
		}
	}
	return nil
}

// take removes a key and gives its value.
func take(group *yaml.MapSlice, key string) any {
	for i, item := range *group {
		if fmt.Sprint(item.Key) == key {
			*group = slices.Delete(slices.Clone(*group), i, i+1)
			return item.Value
		}
	}
	return nil
}

// flow writes a value in one line, as people would in a file.
func flow(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case yaml.MapSlice:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = fmt.Sprintf("%v: %s", item.Key, flow(item.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = flow(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		return v
	}
	return fmt.Sprint(v)
}
