package templates

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"nurture/internal/spelling"
)

// variable is one name that templates may use.
type variable struct {
	path    string // such as "lead.first_name"; a last part "*" stands for any name
	meaning string
}

// knownVariables are those that every rendering can be asked for.
var knownVariables = []variable{
	{"lead.first_name", "the lead's first name"},
	{"lead.last_name", "the lead's last name"},
	{"lead.name", "first and last name"},
	{"lead.email", "the address written to"},
	{"lead.phone", "the number in E.164"},
	{"lead.title", "job title, as imported"},
	{"lead.role", "role in the decision"},
	{"lead.city", "city"},
	{"lead.state", "state or region"},
	{"lead.country", "country"},
	{"lead.language", "BCP 47 language tag"},
	{"lead.time_zone", "IANA time zone"},
	{"lead.source", "where the lead came from"},
	{"lead.stage", "the stage it is in"},
	{"lead.fields.*", "a field of your own, by its key"},
	{"account.name", "the company's name"},
	{"account.domain", "the company's domain, such as example.com"},
	{"account.industry", "industry"},
	{"account.employees", "number of employees"},
	{"account.country", "country of the company"},
	{"account.fields.*", "a field that a vendor or a program added to the company, by its key"},
	{"sender.name", "who writes or calls"},
	{"sender.first_name", "the sender's first name"},
	{"sender.last_name", "the sender's last name"},
	{"sender.email", "the sender's address"},
	{"sender.phone", "the sender's number"},
	{"sender.title", "the sender's job title"},
	{"company.name", "our name"},
	{"company.postal_address", "our postal address; printed below every email"},
	{"company.website", "our web address"},
	{"links.unsubscribe", "the lead's own unsubscribe page"},
	{"links.preferences", "the lead's own page to hear less, pause, or not be called; linked below every email"},
	{"links.self_qualify", "the lead's own form with the questions of the definition"},
	{"step.key", "the step's key in the cadence"},
	{"step.number", "which step this is, from 1"},
	{"step.attempt", "which attempt of the cycle this is, from 1"},
	{"step.budget", "how many attempts the cycle has"},
	{"step.cadence", "the cadence's key"},
	{"step.goal", "the cadence's goal"},
	{"facts.*", "the answer in force to a question of the definition, by its key"},
}

// groups are the first parts of the variables, with what each is about.
var groups = func() map[string]bool {
	m := map[string]bool{}
	for _, v := range knownVariables {
		group, _, _ := strings.Cut(v.path, ".")
		m[group] = true
	}
	return m
}()

// Known reports whether path is a variable that every rendering can be asked for, "*" standing for any one name. Any of them may
// be empty for a given lead: print with default, or let the touch fail.
func Known(path string) bool {
	parent := path[:strings.LastIndexByte(path, '.')+1] + "*"
	return slices.ContainsFunc(knownVariables, func(v variable) bool { return v.path == path || v.path == parent })
}

// Check reports each variable that a template names and known does not know. A nil known is Known; a configuration that
// lists its own fields and questions passes a stricter one. Variables that are relative to a range are not checked.
func (s *Set) Check(known func(path string) bool) []Problem {
	if known == nil {
		known = Known
	}
	var problems []Problem
	for _, e := range s.entries() {
		for _, p := range []*program{e.subject, e.preheader, e.title, e.body} {
			if p == nil {
				continue
			}
			for _, r := range p.refs {
				if hint, ok := checkPath(r.path, known); !ok {
					problems = append(problems, Problem{
						File: p.file, Line: r.at.line, Column: r.at.column,
						Message: fmt.Sprintf("there is no variable %s", r.path), Hint: hint,
					})
				}
			}
		}
	}
	return problems
}

// variableOf gives the variable whose last part is name, a lead's before another's; "" when there is none.
func variableOf(name string) string {
	for _, v := range knownVariables {
		if _, member, _ := strings.Cut(v.path, "."); member == name {
			return v.path
		}
	}
	return ""
}

func checkPath(path string, known func(string) bool) (hint string, ok bool) {
	if known(path) {
		return "", true
	}
	if strings.HasPrefix(path, "facts.") {
		return "the definition has no such key: uld.yaml lists its criteria and dossier items", false
	}
	var paths, members []string
	for _, v := range knownVariables {
		// A group as a whole ({{ with .lead }}, {{ range .lead.fields }}) is no typo.
		if strings.HasPrefix(v.path, path+".") {
			if strings.Contains(path, ".") || groups[path] {
				return "", true
			}
		}
		if !strings.HasSuffix(v.path, "*") {
			paths = append(paths, v.path)
			_, member, _ := strings.Cut(v.path, ".")
			members = append(members, member)
		}
	}
	if near := nearest(path, paths); near != "" {
		return "did you mean " + near + "?", false
	}
	_, last, qualified := strings.Cut(path, ".")
	if !qualified {
		last = path
	}
	if i := slices.Index(members, nearest(last, members)); i >= 0 {
		return "did you mean " + paths[i] + "?", false
	}
	return "the groups are lead, account, sender, company, links, step and facts; your own fields are lead.fields.KEY", false
}

// nearest finds the word that s is most likely a misspelling of; "" when none is near.
func nearest(s string, words []string) string {
	best, bestDistance := "", max(2, len(s)/3)+1
	for _, w := range words {
		if d := spelling.Distance(s, w); d < bestDistance {
			best, bestDistance = w, d
		}
	}
	return best
}

// Variables lists every variable that the templates name by its whole path, each once, sorted.
func (s *Set) Variables() []string {
	named := map[string]bool{}
	for _, e := range s.byKey {
		for _, p := range []*program{e.subject, e.preheader, e.title, e.body} {
			if p != nil {
				for _, r := range p.refs {
					named[r.path] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(named))
}
