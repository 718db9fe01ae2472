package simulate

import (
	"slices"
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
		for _, text := range Candidates(c) {
			value, err := c.ParseAnswer(text, time.Time{})
			if err != nil {
				continue
			}
			switch answer := (Answer{c.Key, text, value}); {
			case c.Accepts(value) && q.good.Key == "":
				q.good = answer
			case !c.Accepts(value) && q.bad.Key == "":
				q.bad = answer
			}
		}
		p.questions = append(p.questions, q)
	}
	for _, item := range p.definition.Dossier {
		p.decided = append(p.decided, item.Key)
	}
}

// turns are the answers at which what a criterion accepts can change: what it names, and numbers and days beside and between these.
func turns(c *uld.Criterion) []string {
	var texts []string
	var numbers []float64
	for _, arg := range c.Accept.Arguments() {
		switch arg.Kind {
		case predicate.KindNumber:
			numbers = append(numbers, arg.Number-1, arg.Number, arg.Number+1)
		case predicate.KindDate:
			for _, day := range []int{-1, 0, 1} {
				texts = append(texts, predicate.Date(arg.Date.AddDate(0, 0, day)).String())
			}
		case predicate.KindText, predicate.KindBool:
			texts = append(texts, arg.String())
		}
	}
	slices.Sort(numbers)
	for i, n := range numbers {
		texts = append(texts, predicate.Number(n).String())
		if i > 0 {
			texts = append(texts, predicate.Number((numbers[i-1]+n)/2).String())
		}
	}
	return texts
}

// Candidates are answers of a criterion's type as an SDR types them, some of which it may accept: none of dates, which go by the day.
func Candidates(c uld.Criterion) []string {
	switch c.Type {
	case uld.AnswerYesNo:
		return []string{"yes", "no"}
	case uld.AnswerNumber, uld.AnswerMonths:
		return append([]string{"12", "3", "1", "40", "200", "1000", "0"}, turns(&c)...)
	case uld.AnswerText:
		return append([]string{"as we discussed"}, turns(&c)...)
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

// when answers a question about a time: when the lead is ready within the horizon, and so that it is accepted if that can be, else beyond.
func (p *People) when(q *inquiry, who Who, n int, ready bool, now time.Time) Answer {
	horizon := p.definition.Horizon
	if horizon < 1 {
		horizon = uld.DefaultHorizon
	}
	if !ready {
		return q.ahead(horizon+2+int(p.roll(who, askMonths, n)*18), now)
	}
	usual := q.ahead(max(horizon/2, 1), now)
	if q.fits(usual, horizon, now) {
		return usual
	}
	for months := range horizon + 1 {
		if answer := q.ahead(months, now); q.fits(answer, horizon, now) {
			return answer
		}
	}
	for _, text := range turns(&q.criterion) {
		if value, err := q.criterion.ParseAnswer(text, now); err == nil {
			if answer := (Answer{q.criterion.Key, text, value}); q.fits(answer, horizon, now) {
				return answer
			}
		}
	}
	return usual
}

// ahead is the answer that names a time so many months from now.
func (q *inquiry) ahead(months int, now time.Time) Answer {
	if q.criterion.Type == uld.AnswerMonths {
		return Answer{q.criterion.Key, strconv.Itoa(months), predicate.Number(float64(months))}
	}
	date := now.UTC().Truncate(24*time.Hour).AddDate(0, months, 0)
	return Answer{q.criterion.Key, date.Format(time.DateOnly), predicate.Date(date)}
}

// fits reports whether an answer is accepted and, where it says how soon the lead decides, near-term.
func (q *inquiry) fits(a Answer, horizon int, now time.Time) bool {
	switch {
	case !q.criterion.Accepts(a.Value):
		return false
	case !q.timing:
		return true
	case q.criterion.Type == uld.AnswerMonths:
		return a.Value.Number <= float64(horizon)
	}
	last := q.ahead(horizon, now).Value.Date
	return !a.Value.Date.After(last)
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
