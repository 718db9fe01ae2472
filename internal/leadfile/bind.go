package leadfile

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"text/template"
)

// binding fills one value of a lead from a row: from a cell, a template, or a default only.
type binding struct {
	name     string // lead field, or name with its prefix
	own      string // the name without prefix
	column   string // the header, or the name when there is no column: what reports show
	index    int    // of the cell; -1 for none
	template *template.Template
	values   map[string]string // translations by lower-case value
	fallback string
}

// plan is a mapping bound to a header.
type plan struct {
	core      [fieldCount]*binding // nil where nothing is mapped
	facts     []*binding
	fields    []*binding
	account   []*binding // custom fields of the account
	outcome   []*binding
	optOuts   [2][]*binding // further columns of opt-outs, of email and of calls: each of them counts
	sensitive []int         // the columns that hold consents and opt-outs
	row       row
	used      bool // a template has looked at a cell of the row
	filled    bool // a template has found one that is not empty
}

// bindings are all that something is read by.
func (p *plan) bindings() iter.Seq[*binding] {
	return func(yield func(*binding) bool) {
		for _, part := range [][]*binding{p.core[:], p.facts, p.fields, p.account, p.outcome, p.optOuts[0], p.optOuts[1]} {
			for _, b := range part {
				if b != nil && !yield(b) {
					return
				}
			}
		}
	}
}

// row is the record being converted.
type row struct {
	line  int
	cells []string // as many as the file has, which may be fewer than the header
}

func (r row) cell(i int) string {
	if i < 0 || i >= len(r.cells) {
		return ""
	}
	return r.cells[i]
}

// header finds columns by name.
type header struct {
	names  []string
	exact  map[string]int
	folded map[string]int // -1 when several columns fold to the same
}

// newHeader names the columns: a repeated name gets its number, an empty one its position. It lists the names that
// occur more than once.
func newHeader(cells []string) (h header, repeated []string) {
	h = header{exact: make(map[string]int), folded: make(map[string]int)}
	count := make(map[string]int)
	for i, cell := range cells {
		name := clean(cell, false)
		if name == "" {
			name = fmt.Sprintf("column %d", i+1)
		}
		count[name]++
		if n := count[name]; n > 1 {
			if n == 2 {
				repeated = append(repeated, name)
			}
			name = fmt.Sprintf("%s (%d)", name, n)
		}
		h.names = append(h.names, name)
	}
	for i, name := range h.names {
		if _, taken := h.exact[name]; !taken {
			h.exact[name] = i
		}
		if _, taken := h.folded[fold(name)]; taken {
			h.folded[fold(name)] = -1
		} else {
			h.folded[fold(name)] = i
		}
	}
	return h, repeated
}

// find gives the position of a column; reason and hint say why there is none.
func (h header) find(name string) (index int, reason, hint string) {
	name = clean(name, false)
	if i, ok := h.exact[name]; ok {
		return i, "", ""
	}
	i, ok := h.folded[fold(name)]
	switch {
	case ok && i >= 0:
		return i, "", ""
	case ok:
		return -1, fmt.Sprintf("several columns may be meant by %q", name), "write it exactly as the file does"
	}
	hint = "it has " + strings.Join(h.names, ", ")
	if near := nearest(name, h.names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return -1, fmt.Sprintf("the file has no column %q", name), clip([]byte(hint), 1000)
}

// binder makes a plan and gathers what cannot be bound.
type binder struct {
	m        Mapping
	h        header
	plan     *plan
	problems []Problem
}

// bind binds m to a header; the error is a *MappingError with every missing column.
func bind(m Mapping, h header) (*plan, error) {
	b := binder{m: m, h: h, plan: &plan{}}
	for f := range fieldCount {
		name := f.String()
		column, mapped := m.Columns[name]
		text, computed := m.Computed[name]
		switch {
		case mapped:
			b.plan.core[f] = b.column(sectionColumns, name, name, column)
		case computed:
			b.plan.core[f] = b.computed(sectionComputed, name, name, text)
		case m.Defaults[name] != "":
			b.plan.core[f] = b.finish(&binding{name: name, own: name, column: name, index: -1})
		}
	}
	b.plan.facts = b.extras(sectionFacts, prefixFacts, m.Facts)
	b.plan.fields = b.extras(sectionFields, prefixFields, m.Fields)
	b.plan.account = b.extras(sectionAccount, prefixAccount, m.Account)
	b.plan.outcome = b.extras(sectionOutcome, prefixOutcome, m.Outcome)
	for f := fieldConsentEmail; f <= fieldOptedOutCall; f++ {
		if c := b.plan.core[f]; c != nil && c.index >= 0 {
			b.plan.sensitive = append(b.plan.sensitive, c.index)
		}
	}
	if b.plan.core[fieldEmail] == nil && b.plan.core[fieldPhone] == nil && len(b.problems) == 0 {
		if looksLikeLead(h.names) {
			b.problems = append(b.problems, Problem{
				File: m.source.name, Reason: fmt.Sprintf("the first line is a lead already, and should name the columns: %s", Listed(h.names)),
				Hint: "put a line above it such as Email,First Name,Phone",
			})
			return b.plan, mappingError(b.problems)
		}
		b.problems = append(b.problems, Problem{
			File: m.source.name, Reason: "neither email nor phone is mapped, and a lead needs one of them",
			Hint: "the file has the columns " + Listed(h.names) + `; name one with email="…" or phone="…"`,
		})
	}
	return b.plan, mappingError(b.problems)
}

// looksLikeLead reports whether an address stands where the names of columns should.
func looksLikeLead(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		at := strings.IndexByte(name, '@')
		return at > 0 && strings.Contains(name[at:], ".") && !strings.ContainsAny(strings.TrimSpace(name), " \t")
	})
}

// Listed names columns for a message, of very many the first ones and how many more there are.
func Listed(names []string) string {
	const most = 30
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// extras binds the entries of a section of own names, with those that have a default only.
func (b *binder) extras(section, prefix string, texts map[string]string) (bound []*binding) {
	for _, own := range slices.Sorted(maps.Keys(texts)) {
		if text := texts[own]; isTemplate(text) {
			bound = append(bound, b.computed(section, prefix+own, own, text))
		} else {
			bound = append(bound, b.column(section, prefix+own, own, text))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.m.Defaults)) {
		own, ok := strings.CutPrefix(name, prefix)
		if _, mapped := texts[own]; ok && !mapped {
			bound = append(bound, b.finish(&binding{name: name, own: own, column: name, index: -1}))
		}
	}
	return bound
}

func (b *binder) column(section, name, own, column string) *binding {
	index, reason, hint := b.h.find(column)
	if reason != "" {
		b.problems = append(b.problems, b.m.source.problem(section, own, reason, hint))
		return nil
	}
	return b.finish(&binding{name: name, own: own, column: b.h.names[index], index: index})
}

func (b *binder) computed(section, name, own, text string) *binding {
	p := b.plan
	t, err := parseTemplate(text, func(column string) (string, error) {
		index, reason, hint := b.h.find(column)
		if reason != "" {
			return "", fmt.Errorf("%s (%s)", reason, hint)
		}
		value := strings.TrimSpace(p.row.cell(index))
		p.used, p.filled = true, p.filled || value != ""
		return value, nil
	})
	if err != nil {
		b.problems = append(b.problems, b.m.source.problem(section, own, err.Error(), ""))
		return nil
	}
	for _, column := range columnsOf(t) {
		index, reason, hint := b.h.find(column)
		if reason != "" {
			b.problems = append(b.problems, b.m.source.problem(section, own, reason, hint))
			continue
		}
		if strings.HasPrefix(own, "consent.") || strings.HasPrefix(own, "opted_out.") {
			p.sensitive = append(p.sensitive, index)
		}
	}
	return b.finish(&binding{name: name, own: own, column: name, index: -1, template: t})
}

// finish adds translations and default.
func (b *binder) finish(c *binding) *binding {
	c.fallback = b.m.Defaults[c.name]
	for _, name := range []string{c.name, anyField} {
		for from, to := range b.m.Values[name] {
			if c.values == nil {
				c.values = make(map[string]string)
			}
			if from = valueKey(from); from == "" {
				continue
			}
			if _, own := c.values[from]; !own {
				c.values[from] = to
			}
		}
	}
	return c
}

// valueKey makes values comparable for translations: case and spaces around do not count.
func valueKey(value string) string { return strings.ToLower(strings.TrimSpace(value)) }

// value gives what a binding makes of the current row: "" when it is empty and has no default.
func (p *plan) value(b *binding) (string, error) {
	if b == nil {
		return "", nil
	}
	value := p.row.cell(b.index)
	if b.template != nil {
		var out strings.Builder
		p.used, p.filled = false, false
		if err := b.template.Execute(&out, nil); err != nil {
			return "", fmt.Errorf("the template fails: %s", strings.TrimPrefix(err.Error(), "template: value:"))
		}
		// "lead-{{ col "Number" }}@…" of a row without a number must be no address.
		if value = out.String(); p.used && !p.filled {
			value = ""
		}
	}
	if value = strings.TrimSpace(value); value != "" && b.values != nil {
		if meant, ok := b.values[valueKey(value)]; ok {
			value = meant
		}
	}
	if value == "" {
		value = b.fallback
	}
	return value, nil
}
