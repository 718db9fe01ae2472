package uld

import (
	"cmp"
	"slices"
	"time"
)

// Comparison is a backtest of two definitions on the same leads.
type Comparison struct {
	Live  BacktestResult `json:"live"`
	Draft BacktestResult `json:"draft"`
	Flips []Flip         `json:"flips"` // the leads that the draft sorts otherwise, in the order of the input
	// Causes counts the flips that each criterion has a part in, the most telling first.
	Causes []Cause `json:"causes"`
}

// Flip is a lead that the draft sorts otherwise than the live definition.
type Flip struct {
	Key     string    `json:"key"`
	At      time.Time `json:"at"`
	Fate    Fate      `json:"fate"`
	From    Outcome   `json:"from"` // by the live definition
	To      Outcome   `json:"to"`   // by the draft
	Because string    `json:"because"`
	// Turns are the criteria that make the difference; none when it is that nobody had confirmed an answer.
	Turns []Turn `json:"turns"`
}

// Turn is a criterion that stands against the lead in one definition and not in the other.
type Turn struct {
	Criterion string `json:"criterion"`
	Why       string `json:"why"` // how it stands in the draft
}

// Cause is how often a criterion turned a lead.
type Cause struct {
	Criterion string `json:"criterion"`
	Up        int    `json:"up"`   // leads that go further with the draft
	Down      int    `json:"down"` // leads that the draft holds back or closes
}

// Compare holds past leads against two definitions: it evaluates each as of its time and counts how the verdicts of either compare with
// what became of it.
func Compare(live, draft Definition, past []PastLead) Comparison {
	c := Comparison{Flips: []Flip{}, Causes: []Cause{}}
	causes := map[string]*Cause{}
	for _, lead := range past {
		facts, at := lead.known()
		old, next := weigh(live, facts, lead.SelfQualified, at), weigh(draft, facts, lead.SelfQualified, at)
		from, to := old.outcome(), next.outcome()
		c.Live.count(lead, from)
		c.Draft.count(lead, to)
		if from == to {
			continue
		}
		up := rank(to) > rank(from)
		flip := Flip{Key: lead.Key, At: at, Fate: lead.Fate, From: from, To: to, Because: next.because(), Turns: turns(&old, &next, up)}
		c.Flips = append(c.Flips, flip)
		for _, turn := range flip.Turns {
			cause := causes[turn.Criterion]
			if cause == nil {
				cause = &Cause{Criterion: turn.Criterion}
				causes[turn.Criterion] = cause
			}
			if up {
				cause.Up++
			} else {
				cause.Down++
			}
		}
	}
	for _, cause := range causes {
		c.Causes = append(c.Causes, *cause)
	}
	slices.SortFunc(c.Causes, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(b.Up+b.Down, a.Up+a.Down), cmp.Compare(a.Criterion, b.Criterion))
	})
	c.Live, c.Draft = c.Live.shared(), c.Draft.shared()
	return c
}

// rank orders the outcomes by how far they take a lead.
func rank(o Outcome) int { return slices.Index([]Outcome{Close, Nurture, Promote}, o) }

// weigh is assess for all facts of a lead.
func weigh(def Definition, facts []Fact, selfQualified bool, now time.Time) assessment {
	held, _ := Current(facts)
	return assess(def, held, def.trusted(selfQualified), now)
}

// turns names the criteria that make the difference: what stands against the lead in the draft alone when that holds it back, and what
// no longer does when that takes it further.
func turns(old, next *assessment, up bool) []Turn {
	made := []Turn{}
	if !up {
		for i := range next.judged {
			j := &next.judged[i]
			if next.against(i) > against(old, j.Key) {
				made = append(made, Turn{Criterion: j.Key, Why: j.why()})
			}
		}
		return made
	}
	for i := range old.judged {
		j := &old.judged[i]
		if old.against(i) <= against(next, j.Key) {
			continue
		}
		turn := Turn{Criterion: j.Key, Why: "the draft does not ask for it"}
		if k := next.find(j.Key); k >= 0 {
			turn.Why = next.judged[k].why()
			switch {
			case next.judged[k].state == Met:
			case old.against(i) == closes:
				turn.Why = "it does not disqualify by the draft"
			default:
				turn.Why = "the draft does not require it"
			}
		}
		made = append(made, turn)
	}
	return made
}

// objection is what a criterion does to a promotion.
type objection uint8

const (
	stands objection = iota // nothing
	holds                   // the lead is nurtured for it
	closes                  // the lead is closed for it
)

// against gives the objection of the i-th criterion. Where the lead is closed, only what closes it counts.
func (a *assessment) against(i int) objection {
	j := &a.judged[i]
	switch {
	case j.Disqualifies && j.state == Unmet:
		return closes
	case a.outcome() == Close:
		return stands
	case j.Required && j.state != Met, i == a.timing && a.readiness() != NearTerm:
		return holds
	}
	return stands
}

// against is the objection of a criterion by its key; one that the definition does not have objects to nothing.
func against(a *assessment, key string) objection {
	if i := a.find(key); i >= 0 {
		return a.against(i)
	}
	return stands
}

func (a *assessment) find(key string) int {
	return slices.IndexFunc(a.judged, func(j judgement) bool { return j.Key == key })
}
