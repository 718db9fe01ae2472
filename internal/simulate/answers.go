package simulate

import (
	"strconv"
	"time"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

// Answer is what a lead says to a question of the definition, as an SDR types it.
type Answer struct {
	Key   string
	Text  string
	Value predicate.Value // Text as the definition reads it
}

// inquiry is a question with an answer that the definition accepts, and one that it does not; either may be "" when there is none to be found.
type inquiry struct {
	criterion uld.Criterion
	good, bad Answer
	timing    bool
}

// askAll finds answers to all questions of the definition.
func (p *People) askAll() {
	timing := p.definition.Timing()
	for i, c := range p.definition.Criteria {
		q := inquiry{criterion: c, timing: i == timing}
		for _, text := range candidates(c) {
			value, err := c.ParseAnswer(text, time.Time{})
			if err != nil {
				continue
			}
			accepted := c.Accept.Eval(func(string) (predicate.Value, bool) { return value, true }) == predicate.True
			switch answer := (Answer{c.Key, text, value}); {
			case accepted && q.good.Key == "":
				q.good = answer
			case !accepted && q.bad.Key == "":
				q.bad = answer
			}
		}
		p.questions = append(p.questions, q)
	}
	for _, item := range p.definition.Dossier {
		p.decided = append(p.decided, item.Key)
	}
}

// candidates are answers of a criterion's type, some of which it may accept.
func candidates(c uld.Criterion) []string {
	switch c.Type {
	case uld.AnswerYesNo:
		return []string{"yes", "no"}
	case uld.AnswerNumber, uld.AnswerMonths:
		return []string{"12", "3", "1", "40", "200", "1000", "0"}
	case uld.AnswerText:
		texts := []string{"as we discussed"}
		for _, arg := range c.Accept.Args {
			texts = append(texts, arg.String())
		}
		return texts
	case uld.AnswerDate: // goes by the day: see when
		return nil
	case uld.AnswerChoice:
	}
	return c.Options
}

// converse lets a lead tell what it would in a conversation. It is ready, ruled out, or neither: then the time is not near, and the rest comes
// out bit by bit. Who is ready stays so.
func (p *People) converse(o *Outcome, who Who, n int, now time.Time) {
	t, roll := p.talks[o.Disposition], p.roll(who, askReady, n)
	ruledOut := !o.Ready && roll >= t.ready && roll < t.ready+t.ruledOut
	o.Ready = o.Ready || roll < t.ready
	for i := range p.questions {
		q := &p.questions[i]
		if !o.Ready && !q.timing && !ruledOut && p.roll(who, askTold, n<<8|i) < 0.5 {
			continue
		}
		answer := q.good
		switch {
		case q.criterion.Type == uld.AnswerDate || q.timing && q.criterion.Type == uld.AnswerMonths:
			answer = p.when(q, who, n, o.Ready, now)
		case o.Ready:
		case ruledOut && q.criterion.Disqualifies:
			answer = q.bad
		case !q.criterion.Disqualifies && p.roll(who, askGood, n<<8|i) < 0.3:
			answer = q.bad
		}
		if answer.Key != "" {
			o.Answers = append(o.Answers, answer)
		}
	}
	if o.Ready && p.roll(who, askComplete, n) < t.complete {
		p.tellAll(o)
	}
}

// tellAll answers all that sales must find in the dossier.
func (p *People) tellAll(o *Outcome) {
	for _, key := range p.decided {
		o.Answers = append(o.Answers, Answer{key, uld.NoneAnswer, predicate.Text(uld.NoneAnswer)})
	}
}

// when answers a question about a time: within the horizon when the lead is ready, else beyond.
func (p *People) when(q *inquiry, who Who, n int, ready bool, now time.Time) Answer {
	horizon := p.definition.Horizon
	if horizon < 1 {
		horizon = uld.DefaultHorizon
	}
	months := max(horizon/2, 1)
	if !ready {
		months = horizon + 2 + int(p.roll(who, askMonths, n)*18)
	}
	if q.criterion.Type == uld.AnswerMonths {
		text := strconv.Itoa(months)
		return Answer{q.criterion.Key, text, predicate.Number(float64(months))}
	}
	date := now.UTC().Truncate(24*time.Hour).AddDate(0, months, 0)
	return Answer{q.criterion.Key, date.Format(time.DateOnly), predicate.Date(date)}
}

// factOf is an answer as it is known once a person has heard it.
func factOf(a Answer, now time.Time) uld.Fact {
	return uld.Fact{Criterion: a.Key, Value: a.Value, Class: uld.HumanConfirmed, At: now}
}

// learnFact puts a fact among those that are known. Of a class only the latest says anything, so the one before it is replaced.
func learnFact(known []uld.Fact, f uld.Fact) []uld.Fact {
	for i := range known {
		if known[i].Criterion == f.Criterion && known[i].Class == f.Class {
			known[i] = f
			return known
		}
	}
	return append(known, f)
}
