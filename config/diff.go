package config

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/rogpeppe/go-internal/diff"

	"nurture/cadence"
)

// Difference is one thing in which a newer configuration differs from an older one, in the words of whoever writes its files.
type Difference struct {
	File    string         `json:"file"`
	Cadence string         `json:"cadence,omitempty"` // that it is about; "" for what is about none
	Kind    DifferenceKind `json:"kind"`
	What    string         `json:"what"`            // such as `step 2, voicemail "hello", after`; "" for the whole file
	Was     string         `json:"was,omitempty"`   // as written
	New     string         `json:"new,omitempty"`   //
	Lines   []string       `json:"lines,omitempty"` // of a text: each begins with "-", "+" or a space; "@" is a gap
}

// DifferenceKind tells what has become of it.
type DifferenceKind string

// The kinds.
const (
	Added   DifferenceKind = "added"
	Changed DifferenceKind = "changed"
	Removed DifferenceKind = "removed"
)

// Mark is how a diff shows the kind: "+", "~" or "-".
func (k DifferenceKind) Mark() string {
	switch k {
	case Added:
		return "+"
	case Removed:
		return "-"
	case Changed:
	}
	return "~"
}

// String says the difference in one line that begins with its mark.
func (d Difference) String() string {
	text := d.Kind.Mark() + " " + cmp.Or(d.What, "the file "+d.File)
	switch {
	case d.Was != "" && d.New != "":
		return text + ": " + d.Was + " → " + d.New
	case d.Was+d.New != "":
		return text + ": " + d.Was + d.New
	}
	return text
}

// Diff lists in what a configuration differs from an older one: cadences first, each with its steps and texts in their order, then the
// definition, the process, the settings, and what else is in the templates folder. Order and comments of the files make no difference.
func Diff(old, next *Config) []Difference {
	d := &differ{old: old, next: next, was: contents(old), now: contents(next), told: map[string]bool{}}
	for _, key := range slices.Sorted(maps.Keys(union(old.Plans, next.Plans))) {
		d.cadence(key)
	}
	for _, file := range []string{DefinitionFile, ProcessFile, SettingsFile} {
		d.document(file)
	}
	for _, file := range slices.Sorted(maps.Keys(union(d.was, d.now))) {
		if strings.HasPrefix(file, TemplatesDir+"/") && !d.told[file] {
			d.text(file, "")
		}
	}
	return d.found
}

// differ is one run of Diff.
type differ struct {
	old, next *Config
	was, now  map[string][]byte
	told      map[string]bool // templates that were shown
	found     []Difference

	// of the file being compared
	file, key string
}

func contents(c *Config) map[string][]byte {
	all := map[string][]byte{}
	for _, f := range c.Files {
		all[f.Path] = f.Content
	}
	return all
}

func union[V any](a, b map[string]V) map[string]V {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func (d *differ) add(kind DifferenceKind, what, was, next string) {
	d.found = append(d.found, Difference{File: d.file, Cadence: d.key, Kind: kind, What: what, Was: was, New: next})
}

// tree reads a YAML file that was loaded before as ordered maps, lists and plain values.
func tree(content []byte) yaml.MapSlice {
	var root yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(bytes.TrimPrefix(content, []byte("\ufeff")), &root, yaml.UseOrderedMap()); err != nil {
		return nil
	}
	return root
}

// document compares a file that is about no cadence.
func (d *differ) document(file string) {
	d.file, d.key = file, ""
	if !bytes.Equal(d.was[file], d.now[file]) {
		before := len(d.found)
		d.value("", tree(d.was[file]), tree(d.now[file]))
		if len(d.found) == before {
			d.add(Changed, "comments or order", "", "")
		}
	}
}

// cadence compares a cadence: its own lines, its steps, the texts that they use, and what it takes from nurture.yaml.
func (d *differ) cadence(key string) {
	was, before := d.old.Plans[key]
	next, after := d.next.Plans[key]
	d.key = key
	switch {
	case !before:
		d.file = fileOf(d.next, key)
		d.add(Added, fmt.Sprintf("cadence %q", key), "", steps(next))
		return
	case !after:
		d.file = fileOf(d.old, key)
		d.add(Removed, fmt.Sprintf("cadence %q", key), steps(was), "")
		return
	case d.old.PlanHash[key] == d.next.PlanHash[key]:
		return
	}
	d.file = fileOf(d.next, key)
	oldTree, newTree := tree(d.was[fileOf(d.old, key)]), tree(d.now[d.file])
	oldSteps, newSteps := take(&oldTree, "steps"), take(&newTree, "steps")
	found := len(d.found)
	d.value("", oldTree, newTree)
	d.steps(was, next, oldSteps, newSteps)
	d.inherited(was, next, oldTree, newTree)
	for _, file := range templateFiles(was, next) {
		if !d.told[file] {
			d.text(file, key)
		}
	}
	if len(d.found) == found {
		d.add(Changed, "comments or order", "", "")
	}
}

// fileOf finds the file of a cadence.
func fileOf(c *Config, key string) string {
	for _, f := range c.Files {
		if !strings.HasPrefix(f.Path, CadencesDir+"/") {
			continue
		}
		if name := find(tree(f.Content), "cadence"); strings.TrimSpace(fmt.Sprint(name)) == key {
			return f.Path
		}
	}
	return ""
}

// steps says the steps of a cadence in one line.
func steps(p cadence.Plan) string {
	names := make([]string, len(p.Steps))
	for i, s := range p.Steps {
		names[i] = string(s.Kind) + " " + s.Key
	}
	return strings.Join(names, ", ")
}

// templateFiles are the texts that either version of a cadence uses, in the order of the steps.
func templateFiles(plans ...cadence.Plan) []string {
	var files []string
	for _, p := range plans {
		for _, s := range p.Steps {
			for _, v := range s.Variants {
				file := fmt.Sprintf("%s/%s/%s.md", TemplatesDir, s.Kind.Channel(), v.Template)
				if !slices.Contains(files, file) {
					files = append(files, file)
				}
			}
		}
	}
	return files
}

// text compares a template line by line.
func (d *differ) text(file, key string) {
	was, before := d.was[file]
	next, after := d.now[file]
	if bytes.Equal(was, next) && before == after {
		return
	}
	d.told[file] = true
	one := Difference{File: file, Cadence: key, Kind: Changed, What: "template " + strings.TrimSuffix(strings.TrimPrefix(file, TemplatesDir+"/"), ".md")}
	switch {
	case !before:
		one.Kind = Added
	case !after:
		one.Kind = Removed
	}
	for line := range strings.Lines(string(diff.Diff("old", was, "new", next))) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "diff "), strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
		case strings.HasPrefix(line, "@@"):
			one.Lines = append(one.Lines, "@")
		default:
			one.Lines = append(one.Lines, line)
		}
	}
	d.found = append(d.found, one)
}

// inherited compares what a cadence takes from nurture.yaml because its own file does not say it.
func (d *differ) inherited(was, next cadence.Plan, oldTree, newTree yaml.MapSlice) {
	for _, one := range []struct{ key, was, next string }{
		{"window", was.Window.String(), next.Window.String()},
		{"budget", fmt.Sprint(was.Budget), fmt.Sprint(next.Budget)},
		{"account", accountWords(was), accountWords(next)},
		{"frequency", frequencyWords(was.Frequency), frequencyWords(next.Frequency)},
		{"misfire", was.Misfire.String(), next.Misfire.String()},
	} {
		if one.was != one.next && find(oldTree, one.key) == nil && find(newTree, one.key) == nil {
			d.add(Changed, one.key+" (from "+SettingsFile+")", one.was, one.next)
		}
	}
	if was.CallHours.String() != next.CallHours.String() {
		d.add(Changed, "legal call hours (from "+SettingsFile+")", was.CallHours.String(), next.CallHours.String())
	}
}

func accountWords(p cadence.Plan) string {
	if p.Account.Do == cadence.AccountPause {
		return "pause " + p.Account.Pause.String()
	}
	return string(p.Account.Do)
}

func frequencyWords(f cadence.Frequency) string {
	if !f.Capped() {
		return "none"
	}
	return fmt.Sprintf("%d in %s", f.Touches, f.Per)
}
