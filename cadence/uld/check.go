package uld

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"nurture/cadence/predicate"
)

// Problem is one thing wrong with a definition.
type Problem struct {
	Path    string // where, in the words of uld.yaml: "criteria[2].accept", "self_qualified.reviewed_by"; "" is the whole
	Message string // what is wrong
	Hint    string // the way out
}

// Error gives place, reason and way out in one line.
func (p Problem) Error() string {
	s := p.Message
	if p.Path != "" {
		s = p.Path + ": " + s
	}
	if p.Hint != "" {
		s += "; " + p.Hint
	}
	return s
}

var snakeCase = regexp.MustCompile(`^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$`)

// Check finds everything in a definition that is wrong though it could be read: what would make a lead impossible to
// promote, or promote it without a person's word (A5), as well as criteria that cannot be asked or answered. Defaults must
// have been filled in before: a Horizon of 0 is a problem. The result is nil when all is well, else in the order of the
// file.
func (d Definition) Check() []Problem {
	c := checker{keys: map[string]string{}}
	if !snakeCase.MatchString(strings.ReplaceAll(d.Key, "-", "_")) {
		c.add("key", fmt.Sprintf("%q is no name for a definition", d.Key), "use lower-case letters, digits and hyphens, such as b2b-course")
	}
	if d.Horizon < 1 {
		c.add("horizon", fmt.Sprintf("a horizon of %d months makes no lead near-term", d.Horizon),
			fmt.Sprintf("use 1 or more, %d is usual", DefaultHorizon))
	}
	timing := d.Timing()
	for i := range d.Criteria {
		c.criterion(fmt.Sprintf("criteria[%d]", i), &d.Criteria[i], i == timing)
	}
	c.promotable(d)
	for i := range d.Criteria {
		c.possible(fmt.Sprintf("criteria[%d].accept", i), &d.Criteria[i], i == timing, d.horizon())
	}
	c.selfQualified(d.SelfQualified)
	for i, item := range d.Dossier {
		c.dossierItem(fmt.Sprintf("dossier[%d]", i), item)
	}
	return c.problems
}

type checker struct {
	keys     map[string]string // key → the path that has it
	problems []Problem
}

func (c *checker) add(path, message, hint string) {
	c.problems = append(c.problems, Problem{Path: path, Message: message, Hint: hint})
}

func (c *checker) key(path, key string) {
	if !snakeCase.MatchString(key) {
		c.add(path+".key", fmt.Sprintf("%q is no key", key), "use lower-case letters, digits and underscores, such as budget_process")
		return
	}
	if first, taken := c.keys[key]; taken {
		c.add(path+".key", fmt.Sprintf("the key %s is taken by %s", key, first), "give each criterion and dossier item a key of its own")
		return
	}
	c.keys[key] = path
}

func (c *checker) criterion(path string, cr *Criterion, timing bool) {
	c.key(path, cr.Key)
	if !cr.Dimension.Valid() {
		c.add(path+".dimension", fmt.Sprintf("there is no dimension %q", string(cr.Dimension)), "use one of "+joinNames(Dimensions()))
	}
	if strings.TrimSpace(cr.Question) == "" {
		c.add(path+".question", "nobody can ask a criterion without a question", "write what an SDR says")
	}
	if cr.Evidence != ClassNone && !cr.Evidence.Valid() {
		c.add(path+".evidence", fmt.Sprintf("there is no evidence class %d", int8(cr.Evidence)), "use inferred, self_asserted or human_confirmed")
	}
	c.options(path, cr)
	if !cr.Type.Valid() {
		c.add(path+".type", fmt.Sprintf("there is no answer type %q", string(cr.Type)), "use one of "+joinNames(AnswerTypes()))
		return // what is accepted cannot be judged
	}
	c.accept(path+".accept", cr)
	if !cr.Disqualifies || !cr.Accept.IsZero() {
		return
	}
	if timing {
		c.add(path+".disqualifies", "every long-term lead would be closed instead of nurtured",
			"leave it out, or write under accept what still counts, such as at_most: 36")
		return
	}
	c.add(path+".disqualifies", "nothing disqualifies where every answer is accepted", "write the accepted answers under accept, or leave it out")
}

func (c *checker) options(path string, cr *Criterion) {
	path += ".options"
	if cr.Type != AnswerChoice {
		if len(cr.Options) > 0 {
			c.add(path, fmt.Sprintf("a %s answer has no options", cr.Type), "leave them out, or write type: choice")
		}
		return
	}
	if len(cr.Options) < 2 {
		c.add(path, fmt.Sprintf("a choice of %d is none", len(cr.Options)), "write at least two options")
	}
	for i, option := range cr.Options {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case strings.TrimSpace(option) == "":
			c.add(at, "the option is empty", "write what can be answered")
		case hasOption(cr.Options[:i], option):
			c.add(at, fmt.Sprintf("the option %q is there twice", option), "options do not differ by case alone")
		}
	}
}

func hasOption(options []string, s string) bool {
	_, err := parseChoice(predicate.Text(s), options)
	return err == nil
}

func (c *checker) accept(path string, cr *Criterion) {
	if cr.Accept.IsZero() {
		return
	}
	known := func(field string) (predicate.Kind, bool) { return cr.Type.Kind(), field == AnswerField }
	errs := cr.Accept.Check(known)
	for _, err := range errs {
		var fault *predicate.Fault
		errors.As(err, &fault) // Check returns nothing else
		if fault.Op == "" && fault.Field != "" && fault.Field != AnswerField {
			c.add(path, fmt.Sprintf("what is accepted can only depend on the answer, not on %s", fault.Field), "write the operator directly under accept")
			continue
		}
		c.add(path, fault.Message, fault.Hint)
	}
	if len(errs) == 0 {
		c.acceptLeaves(path, cr, cr.Accept)
	}
}

// acceptLeaves finds what is well-formed and yet makes no sense of an answer.
func (c *checker) acceptLeaves(path string, cr *Criterion, p predicate.Predicate) {
	for _, q := range append(append([]predicate.Predicate{}, p.All...), p.Any...) {
		c.acceptLeaves(path, cr, q)
	}
	if p.Not != nil {
		c.acceptLeaves(path, cr, *p.Not)
	}
	ordered := p.Op == predicate.AtLeast || p.Op == predicate.AtMost || p.Op == predicate.Between
	textual := cr.Type == AnswerText || cr.Type == AnswerChoice
	switch {
	case p.Op == predicate.Known:
		c.add(path, "known says nothing of an answer", "leave accept out to accept any answer")
	case ordered && textual:
		c.add(path, fmt.Sprintf("%s compares numbers and dates, the answer is a %s", p.Op, cr.Type), "use is or in, or another type")
	case cr.Type == AnswerChoice && len(cr.Options) > 0:
		for _, arg := range p.Args {
			if !hasOption(cr.Options, arg.String()) {
				c.add(path, fmt.Sprintf("%q is none of the options", arg), "use one of "+strings.Join(cr.Options, ", "))
			}
		}
	}
}

// promotable finds why no lead could ever be promoted, or why one could without anybody having talked to it.
func (c *checker) promotable(d Definition) {
	if len(d.Criteria) == 0 {
		c.add("criteria", "there are no criteria", "write what must be known of a lead")
		return
	}
	required, byPerson := false, false
	for i, cr := range d.Criteria {
		required = required || cr.Required
		byPerson = byPerson || (cr.Required || i == d.Timing()) && cr.minEvidence() == HumanConfirmed
	}
	if !required {
		c.add("criteria", "no criterion is required, so no lead can be promoted", "write required: true at what sales insists on")
	}
	if d.Timing() < 0 {
		c.add("criteria", "no criterion asks how soon the lead decides, so no lead can become near-term",
			"add one with dimension: time_frame and type: months or date")
	}
	if !byPerson {
		c.add("criteria", "no required criterion needs a person to confirm it, yet only human contact qualifies a lead",
			"write evidence: human_confirmed at one of them at least")
	}
	first := d.Timing()
	for i, cr := range d.Criteria {
		if first >= 0 && i > first && cr.Dimension == TimeFrame && (cr.Type == AnswerMonths || cr.Type == AnswerDate) {
			c.add(fmt.Sprintf("criteria[%d].dimension", i), fmt.Sprintf("%s already says how soon the lead decides", d.Criteria[first].Key),
				"keep one time_frame criterion in months or by date")
		}
	}
}

// possible finds that no answer to a criterion is ever accepted, where that bars every promotion or closes every lead. The months of the timing
// criterion must be within the horizon as well.
func (c *checker) possible(path string, cr *Criterion, timing bool, horizon int) {
	if cr.Accept.IsZero() || !cr.Type.Valid() || !cr.Required && !cr.Disqualifies {
		return
	}
	if slices.ContainsFunc(c.problems, func(p Problem) bool { return p.Path == path }) {
		return
	}
	near := timing && cr.Required && cr.Type == AnswerMonths
	may := func(v predicate.Value) bool {
		return v.Kind == cr.Type.Kind() && (cr.Type != AnswerMonths || v.Number >= 0 && (!near || v.Number <= float64(horizon)))
	}
	var options []predicate.Value
	for _, option := range cr.Options {
		options = append(options, predicate.Text(option))
	}
	bounds := map[AnswerType][]float64{AnswerMonths: {0, float64(horizon)}}[cr.Type]
	switch {
	case cr.Type == AnswerChoice && len(options) == 0, cr.Accept.Possible(options, may, bounds...):
	case near && cr.Accept.Possible(options, nil, bounds...):
		c.add(path, fmt.Sprintf("no answer within the horizon of %d months is accepted, so no lead can be promoted", horizon),
			"accept less, such as at_most: "+strconv.Itoa(horizon)+", or widen the horizon")
	case cr.Disqualifies:
		c.add(path, "no answer is accepted, so every answer closes the lead", "accept what should go on")
	default:
		c.add(path, "no answer is accepted, so no lead can be promoted", "accept what sales wants, or write required: false")
	}
}

func (c *checker) selfQualified(p SelfQualifiedPolicy) {
	switch p.Mode {
	case "", VerifyByCall:
		return
	case DirectToSales:
	default:
		c.add("self_qualified.mode", fmt.Sprintf("there is no mode %q", string(p.Mode)), "use verify_by_call or direct_to_sales")
		return
	}
	if strings.TrimSpace(p.ReviewedBy) == "" {
		c.add("self_qualified.reviewed_by", "direct_to_sales needs somebody who reviewed it", "write who did, or use verify_by_call")
	}
	if p.ReviewedOn.IsZero() {
		c.add("self_qualified.reviewed_on", "direct_to_sales needs the day of its review", "write a date such as 2026-01-15, or use verify_by_call")
	}
}

func (c *checker) dossierItem(path string, item DossierItem) {
	c.key(path, item.Key)
	if strings.TrimSpace(item.Title) == "" {
		c.add(path+".title", "the item has no title", "write what the dossier calls it")
	}
	if item.Required && strings.TrimSpace(item.Question) == "" {
		c.add(path+".question", "nobody can ask a required item without a question", "write what an SDR says")
	}
}
