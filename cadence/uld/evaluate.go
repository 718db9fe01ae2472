package uld

import (
	"slices"
	"strings"
	"time"

	"nurture/cadence/predicate"
)

// Evaluate holds what is known of a lead against the definition. The verdict depends on nothing but the arguments, and not
// on the order of the facts.
//
// A criterion is met when the fact in force (see Current) has at least its evidence class and is accepted; unmet when it
// has the class and is not accepted; unknown otherwise. An answer in months is counted down from the day it was given, not
// below 0; a newer answer of a lower class conflicts with it when the two, seen from its day, lie more than half a month apart.
//
// Readiness comes from the timing criterion (see Definition.Timing): near-term within the Horizon. Without an Accept of
// its own that criterion is met when the lead is near-term.
//
//   - Close: any criterion that Disqualifies is unmet. This dominates.
//   - Promote: each required criterion is met, the lead is near-term, and a person confirmed at least one of these answers
//     (A5), so a definition without required criteria or without a timing criterion never promotes. Where they did not come to
//     that yet when a person last confirmed one of them, more than FreshMonths ago, only time has made it so: they are to be verified.
//   - Nurture: everything else.
//
// selfQualified says that the lead came by qualifying itself on a form. When the definition sends such leads DirectToSales,
// and names who reviewed that and when, self-asserted answers count as if a person had confirmed them (A6).
func Evaluate(def Definition, facts []Fact, selfQualified bool, now time.Time) Verdict {
	held, conflicts := current(facts, def.contradicts)
	a := assess(def, held, def.trusted(selfQualified), now)
	v := a.verdict(def, held, conflicts, now)
	v.Because = a.because()
	for i := range a.judged {
		v.Criteria = append(v.Criteria, a.judged[i].finding())
	}
	return v
}

// Judge is Evaluate without the words: Outcome, Readiness, Verify, Conflicts and At alone. Whoever only acts on verdicts, and on very many,
// saves most of the time.
func Judge(def Definition, facts []Fact, selfQualified bool, now time.Time) Verdict {
	held, conflicts := current(facts, def.contradicts)
	return judgeHeld(def, held, conflicts, def.trusted(selfQualified), now)
}

func judgeHeld(def Definition, held map[string]Fact, conflicts []Conflict, trusted Class, now time.Time) Verdict {
	a := assess(def, held, trusted, now)
	return a.verdict(def, held, conflicts, now)
}

// verdict is what the answers come to, without the words.
func (a *assessment) verdict(def Definition, held map[string]Fact, conflicts []Conflict, now time.Time) Verdict {
	a.ripen(def, held, now)
	v := Verdict{Outcome: a.outcome(), Readiness: a.readiness(), At: now}
	v.Verify, v.Conflicts = a.verify(def, held, conflicts, now)
	return v
}

// Declined says that sales, or the lead itself, said no at refusedAt, zero for never, and that no person has confirmed anything new since.
func Declined(facts []Fact, refusedAt time.Time) bool {
	if refusedAt.IsZero() {
		return false
	}
	for i := range facts {
		if facts[i].Class == HumanConfirmed && facts[i].At.After(refusedAt) {
			return false
		}
	}
	return true
}

// verify lists what a person should confirm, in the order of the definition, and those of the conflicts that are about a criterion.
func (a *assessment) verify(def Definition, held map[string]Fact, conflicts []Conflict, now time.Time) (keys []string, about []Conflict) {
	verify := map[string]bool{}
	for _, key := range a.ripe {
		verify[key] = true
	}
	if a.outcome() == Nurture && len(a.ripe) == 0 && a.trusted > SelfAsserted {
		a.wouldConfirm(verify, assess(def, held, SelfAsserted, now))
	}
	seen := map[string]bool{} // a faulty definition may repeat a key
	for i := range a.judged {
		key := a.judged[i].Key
		if seen[key] {
			continue
		}
		seen[key] = true
		for _, conflict := range conflicts {
			if conflict.Criterion == key {
				about = append(about, conflict)
				verify[key] = true
			}
		}
		if verify[key] {
			keys = append(keys, key)
		}
	}
	return keys, about
}

// trusted is the least class that stands for a person's word.
func (d Definition) trusted(selfQualified bool) Class {
	if selfQualified && d.SelfQualified.inForce() {
		return SelfAsserted
	}
	return HumanConfirmed
}

// inForce reports whether self-qualified leads go directly to sales: only a reviewed policy does that.
func (p SelfQualifiedPolicy) inForce() bool {
	return p.Mode == DirectToSales && strings.TrimSpace(p.ReviewedBy) != "" && !p.ReviewedOn.IsZero()
}

// Timing gives the index of the criterion that says how soon the lead decides: the first of the time-frame dimension that
// is answered in months or by a date; −1 when there is none.
func (d Definition) Timing() int {
	return slices.IndexFunc(d.Criteria, func(c Criterion) bool {
		return c.Dimension == TimeFrame && (c.Type == AnswerMonths || c.Type == AnswerDate)
	})
}

func (d Definition) horizon() int {
	if d.Horizon < 1 {
		return DefaultHorizon
	}
	return d.Horizon
}

// minEvidence is the least class that counts for the criterion.
func (c Criterion) minEvidence() Class {
	if c.Evidence == ClassNone {
		return HumanConfirmed
	}
	return c.Evidence
}

// assessment is the definition held against the facts, before it is put into words.
type assessment struct {
	judged  []judgement
	timing  int   // index of the timing criterion, −1 for none
	trusted Class // the least class that stands for a person's word
	// ripe are the criteria by which time alone would promote: see ripen. None: what the answers come to holds.
	ripe []string
}

// judgement is how one criterion stands.
type judgement struct {
	Criterion
	fact   Fact            // in force; zero when none is
	need   Class           // the least class that counts here
	answer predicate.Value // of the fact, as the criterion's type and counted down to now; zero when none or unreadable
	would  State           // how the answer would stand if its evidence counted
	state  State
	timing bool    // this is the timing criterion; then
	left   float64 // months until the decision, when there is an answer
	within int     // the horizon
}

func assess(def Definition, held map[string]Fact, trusted Class, now time.Time) assessment {
	a := assessment{timing: def.Timing(), trusted: trusted, judged: make([]judgement, len(def.Criteria))}
	for i, c := range def.Criteria {
		j := judgement{
			Criterion: c, fact: held[c.Key], need: min(c.minEvidence(), trusted),
			timing: i == a.timing, within: def.horizon(), state: Missing, would: Missing,
		}
		j.answer = c.aged(&j.fact, now)
		if !j.answer.IsZero() {
			j.judge(now)
		}
		if j.counts() {
			j.state = j.would
		}
		a.judged[i] = j
	}
	return a
}

// read takes the fact for an answer to c, given when it was; zero when it does not read as one. A text, which is how imports and questions
// of another type leave it, is read as if somebody had typed it then: "in 2 weeks", "1,250".
func (c *Criterion) read(f *Fact) predicate.Value {
	if f.Value.Kind == predicate.KindText && c.Type != AnswerChoice && !f.Value.Blank() { // an option that is gone is an answer still
		v, _ := c.Type.parse(f.Value.Text, nil, f.At) // no value with an error
		return v
	}
	v, _ := f.Value.As(c.Type.Kind())
	return v
}

// aged is read for an answer that is given now.
func (c *Criterion) aged(f *Fact, now time.Time) predicate.Value {
	v := c.read(f)
	if v.IsZero() || c.Type != AnswerMonths {
		return v
	}
	return predicate.Number(countDown(v.Number, f.At, now))
}

// counts reports whether there is an answer on sufficient evidence.
func (j *judgement) counts() bool { return !j.answer.IsZero() && j.fact.Class >= j.need }

func (j *judgement) judge(now time.Time) {
	if j.timing {
		j.left = j.answer.Number
		if j.Type == AnswerDate {
			j.left = monthsUntil(j.answer.Date, now)
		}
	}
	switch {
	case j.byReadiness():
		j.would = stateOf(j.near())
	case j.Accept.Eval(j.look) != predicate.Unknown:
		j.would = stateOf(j.Accept.Eval(j.look) == predicate.True)
	}
}

// byReadiness reports whether the criterion is met by being near-term.
func (j *judgement) byReadiness() bool { return j.timing && j.Accept.IsZero() }

// look gives the answer to the predicates of Accept.
func (j *judgement) look(field string) (predicate.Value, bool) {
	return j.answer, field == AnswerField && !j.answer.IsZero()
}

func (j *judgement) near() bool { return j.left <= float64(j.within) }

func stateOf(met bool) State {
	if met {
		return Met
	}
	return Unmet
}

// decides reports whether a promotion rests on the criterion.
func (j *judgement) decides() bool { return j.Required || j.timing }

func (a *assessment) readiness() Readiness {
	switch {
	case a.timing < 0 || !a.judged[a.timing].counts():
		return ReadinessUnknown
	case a.judged[a.timing].near():
		return NearTerm
	}
	return LongTerm
}

// outcome is what follows from the answers, unless only time has made them promote.
func (a *assessment) outcome() Outcome {
	if len(a.ripe) > 0 {
		return Nurture
	}
	return a.sum()
}

// sum is what the answers come to at this instant.
func (a *assessment) sum() Outcome {
	required, met := 0, 0
	for i := range a.judged {
		j := &a.judged[i]
		if j.Disqualifies && j.state == Unmet {
			return Close
		}
		if j.Required {
			required++
			if j.state == Met {
				met++
			}
		}
	}
	if required > 0 && met == required && a.readiness() == NearTerm && a.confirmed() {
		return Promote
	}
	return Nurture
}

// confirmed reports whether at least one answer that a promotion rests on is a person's word.
func (a *assessment) confirmed() bool {
	return slices.ContainsFunc(a.judged, func(j judgement) bool { return a.confirms(&j) })
}

func (a *assessment) confirms(j *judgement) bool {
	return j.decides() && j.counts() && j.fact.Class >= a.trusted
}

// confirmedAt is when a person last confirmed an answer that a promotion rests on; the zero time for never.
func (a *assessment) confirmedAt() (last time.Time) {
	for i := range a.judged {
		if j := &a.judged[i]; a.confirms(j) && j.fact.At.After(last) {
			last = j.fact.At
		}
	}
	return last
}

// FreshMonths is for how long the last word of a person lets the passing of time promote a lead.
const FreshMonths = 1

// ripen finds the criteria by which only the passing of time promotes: with all that is known now, the lead was not to be promoted yet when a person
// last confirmed something, and that was long ago. Human contact qualifies (A5): whether it still stands is for a call to find out.
func (a *assessment) ripen(def Definition, held map[string]Fact, now time.Time) {
	last := a.confirmedAt()
	if a.sum() != Promote || monthsBetween(last, now) <= FreshMonths {
		return
	}
	then := assess(def, held, a.trusted, last)
	if then.sum() == Promote {
		return
	}
	for i := range a.judged {
		j, was := &a.judged[i], &then.judged[i]
		if j.state != was.state || j.timing && j.near() != was.near() {
			a.ripe = append(a.ripe, j.Key)
		}
	}
}

// wouldConfirm adds to verify the criteria that stand between the verdict and a promotion only because nobody confirmed
// what the lead said itself (A6): believing is the same assessment with self-asserted answers trusted.
func (a *assessment) wouldConfirm(verify map[string]bool, believing assessment) {
	if believing.sum() != Promote {
		return
	}
	anyWeak := false
	for i := range a.judged {
		if j := &a.judged[i]; j.decides() && !j.counts() {
			verify[j.Key] = true
			anyWeak = true
		}
	}
	if anyWeak {
		return
	}
	// The definition asks for no more than the lead's own word, and yet somebody must have talked to it.
	for i := range a.judged {
		if j := &a.judged[i]; j.decides() && j.fact.Class == SelfAsserted {
			verify[j.Key] = true
		}
	}
}
