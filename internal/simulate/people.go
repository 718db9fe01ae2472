package simulate

import (
	"cmp"
	"slices"
	"time"

	"nurture/cadence"
	"nurture/cadence/uld"
	"nurture/config"
)

// History is what the ledger tells of how people answered; the zero History tells nothing.
type History struct {
	Steps    []StepHistory
	Asked    Counted // calls that something the lead said led to
	Means    Counted // replies that an SDR has read
	Talks    map[cadence.ResponseKind]TalkHistory
	Accepted int // handoffs
	Rejected int
}

// StepHistory is what came of the touches of a step, of all its versions.
type StepHistory struct {
	Cadence, Step string
	Channel       cadence.Channel
	Counted
}

// Counted is how many there were, and how many of these ended how. What is not among the outcomes was not answered.
type Counted struct {
	N        int
	Outcomes map[cadence.ResponseKind]int
}

// TalkHistory is what the verdicts after conversations said.
type TalkHistory struct{ N, Promoted, Closed int }

// People is how everybody answers, by chance that is fixed by a seed.
type People struct {
	chance
	definition uld.Definition
	channels   map[group]config.Rates
	written    map[group]config.Rates
	history    map[stepName]Counted
	steps      map[string]map[string]config.Rates // written
	asked      *Shares
	means      *Shares
	talks      map[cadence.ResponseKind]talk
	accept     float64
	within     time.Duration
	questions  []inquiry
	decided    []string
}

type stepName struct{ cadence, step string }

type talk struct{ ready, ruledOut, complete float64 }

// usualTalks are what conversations bring where nothing is known yet.
var usualTalks = map[cadence.ResponseKind]talk{
	cadence.Connected:  {ready: 0.08, ruledOut: 0.04, complete: 0.7},
	cadence.MeetingSet: {ready: 0.6, ruledOut: 0.02, complete: 0.8},
}

// Usual answers of sales.
const (
	usualAccept = 0.8
	usualWithin = 24 * time.Hour
)

// NewPeople makes the people of a seed: what simulate.yaml says holds; what it leaves open comes from history, and where that is short from
// what is usual.
func NewPeople(cfg *config.Config, history History, seed int64) *People {
	written := cfg.Simulation
	p := &People{
		chance: chance{mix(uint64(seed))}, definition: cfg.Definition, steps: written.Steps, history: map[stepName]Counted{},
		written: map[group]config.Rates{ofMail: written.Email, ofVoicemail: written.Voicemail, ofCall: written.Call},
		talks:   map[cadence.ResponseKind]talk{}, accept: usualAccept, within: usualWithin,
	}
	byChannel := map[group]Counted{ofMail: {}, ofVoicemail: {}, ofCall: {}}
	for _, step := range history.Steps {
		name, g := stepName{step.Cadence, step.Step}, groupOf(step.Channel)
		p.history[name] = p.history[name].plus(step.Counted)
		byChannel[g] = byChannel[g].plus(step.Counted)
	}
	p.channels = map[group]config.Rates{}
	for g, counted := range byChannel {
		p.channels[g] = learned(usual[g], counted.N, counted.Outcomes)
	}
	p.asked = sharesOf(overlaid(learned(usual[ofAsked], history.Asked.N, history.Asked.Outcomes), written.Asked, true), true)
	p.means = sharesOf(overlaid(learned(usual[ofMeaning], history.Means.N, history.Means.Outcomes), written.Means, true), true)
	for kind, t := range usualTalks {
		p.talks[kind] = t.learned(history.Talks[kind]).overlaid(written.Talks[kind])
	}
	if n := history.Accepted + history.Rejected; n > 0 {
		p.accept = (usualAccept*priorWeight + float64(history.Accepted)) / float64(n+priorWeight)
	}
	if written.Accept != nil {
		p.accept = *written.Accept
	}
	if written.Within != nil {
		p.within = *written.Within
	}
	p.askAll()
	return p
}

func (c Counted) plus(other Counted) Counted {
	sum := Counted{N: c.N + other.N, Outcomes: map[cadence.ResponseKind]int{}}
	for _, counted := range []Counted{c, other} {
		for kind, n := range counted.Outcomes {
			sum.Outcomes[kind] += n
		}
	}
	return sum
}

func (t talk) learned(h TalkHistory) talk {
	if h.N > 0 {
		t.ready = (t.ready*priorWeight + float64(h.Promoted)) / float64(h.N+priorWeight)
		t.ruledOut = (t.ruledOut*priorWeight + float64(h.Closed)) / float64(h.N+priorWeight)
	}
	return t
}

func (t talk) overlaid(written config.Talk) talk {
	for _, one := range []struct {
		from *float64
		to   *float64
	}{{written.Ready, &t.ready}, {written.RuledOut, &t.ruledOut}, {written.Complete, &t.complete}} {
		if one.from != nil {
			*one.to = *one.from
		}
	}
	return t
}

// Step gives what can come of the touches of a step of a cadence.
func (p *People) Step(cadenceKey string, step cadence.Step) *Shares {
	g := groupOf(step.Kind.Channel())
	whole := g != ofMail
	counted := p.history[stepName{cadenceKey, step.Key}]
	rates := overlaid(learned(p.channels[g], counted.N, counted.Outcomes), p.written[g], whole)
	return sharesOf(overlaid(rates, p.steps[cadenceKey][step.Key], whole), whole)
}

// Reaction is what comes of a touch by itself, After it was made. The zero Reaction is nothing.
type Reaction struct {
	Kind  cadence.ResponseKind
	After time.Duration
	Date  *time.Time // a day, as midnight UTC; nil when none is named
}

// OnMail is what a lead does about its n-th mail, counted from 1.
func (p *People) OnMail(who Who, s *Shares, n int, now time.Time) Reaction {
	r := Reaction{Kind: s.draw(p.roll(who, askMail, n))}
	switch r.Kind { //nolint:exhaustive // the others are the work of machines
	case "":
	case cadence.Reply:
		r.After = p.between(10*time.Minute, 30*time.Hour, who, askMailWhen, n)
	case cadence.Click, cadence.Unsubscribe, cadence.Complaint:
		r.After = p.between(time.Minute, 20*time.Hour, who, askMailWhen, n)
	case cadence.OutOfOffice:
		r.After = time.Minute
		if p.roll(who, askNamesDay, n) < 0.7 {
			r.Date = day(now, 2+int(p.roll(who, askMailDay, n)*14))
		}
	default:
		r.After = time.Minute
	}
	return r
}

// OnVoicemail is what comes of a lead's n-th voicemail call.
func (p *People) OnVoicemail(who Who, s *Shares, n int) Reaction {
	return Reaction{
		Kind:  s.draw(p.roll(who, askVoicemail, n)),
		After: p.between(20*time.Second, 3*time.Minute, who, askVoicemailWhen, n),
	}
}

// Outcome is what comes of a person's work on a task.
type Outcome struct {
	Disposition cadence.ResponseKind
	Date        *time.Time // when to come back, or to call again; nil when none is named
	Answers     []Answer
	Ready       bool // the lead is near a decision, from now on
}

// OnCall is what comes of the n-th call that cadences had filed about a lead. ready says that the lead was near a decision when it was last
// talked to.
func (p *People) OnCall(who Who, s *Shares, n int, ready bool, now time.Time) Outcome {
	return p.outcome(who, s.draw(p.roll(who, askCall, n)), n<<1, ready, now)
}

// OnAsked is what comes of the n-th call about something that a lead had said, as OnCall.
func (p *People) OnAsked(who Who, n int, ready bool, now time.Time) Outcome {
	return p.outcome(who, p.asked.draw(p.roll(who, askAsked, n)), n<<1|1, ready, now)
}

// OnReply is what an SDR finds that a lead's n-th reply means.
func (p *People) OnReply(who Who, n int, ready bool, now time.Time) Outcome {
	return p.outcome(who, p.means.draw(p.roll(who, askMeaning, n)), n<<8, ready, now)
}

// OnTask is what comes of any task that no step filed, the n-th of its kind.
func (p *People) OnTask(kind cadence.TaskKind, who Who, n int, ready bool, now time.Time) Outcome {
	switch kind {
	case cadence.TaskTriage:
		return p.OnReply(who, n, ready, now)
	case cadence.TaskManualEmail:
		o := Outcome{Disposition: cadence.Done, Ready: ready}
		if ready && p.roll(who, askWritten, n) < p.talks[cadence.Connected].complete {
			p.tellAll(&o) // what was asked for in writing is answered in writing
		}
		return o
	case cadence.TaskReferral, cadence.TaskReview:
		return Outcome{Disposition: cadence.Done, Ready: ready}
	case cadence.TaskCall, cadence.TaskVerify, cadence.TaskDossier, cadence.TaskCallback:
	}
	return p.OnAsked(who, n, ready, now)
}

func (p *People) outcome(who Who, kind cadence.ResponseKind, n int, ready bool, now time.Time) Outcome {
	o := Outcome{Disposition: cmp.Or(kind, cadence.NoAnswer), Ready: ready}
	switch o.Disposition { //nolint:exhaustive // the others say nothing more
	case cadence.NotNow:
		o.Date = day(now, 60+int(p.roll(who, askLater, n)*120))
	case cadence.CallBackLater:
		soon := now.Add(48 * time.Hour)
		o.Date = &soon
	case cadence.Connected, cadence.MeetingSet:
		p.converse(&o, who, n, now)
	}
	return o
}

// Sales is what sales makes of the n-th handoff of a lead, and how long after it was offered.
func (p *People) Sales(who Who, n int) (accepts bool, after time.Duration) {
	return p.roll(who, askAccept, n) < p.accept, p.between(p.within/8, p.within, who, askSales, n)
}

// day is the day so many days after now, as dates of responses name it.
func day(now time.Time, after int) *time.Time {
	t := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, after)
	return &t
}

// Add counts n touches that kind came of. What is none of the known outcomes counts as not answered.
func (c *Counted) Add(known []cadence.ResponseKind, kind cadence.ResponseKind, n int) {
	if c.Outcomes == nil {
		c.Outcomes = map[cadence.ResponseKind]int{}
	}
	c.N += n
	if slices.Contains(known, kind) {
		c.Outcomes[kind] += n
	}
}

// Touches is how many touches of history the people go by.
func (h History) Touches() int {
	n := 0
	for _, s := range h.Steps {
		n += s.N
	}
	return n
}
