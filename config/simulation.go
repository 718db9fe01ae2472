package config

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"nurture/cadence"
)

// SimulationFile says what the simulation takes people to do. A folder need not have it.
const SimulationFile = "simulate.yaml"

// Simulation is simulate.yaml: what is written of how people answer. What is not written is left to the ledger's history and to the usual
// shares; the zero Simulation says nothing.
type Simulation struct {
	Email     Rates // of mails
	Voicemail Rates // of voicemail drops
	Call      Rates // of the calls that cadences file
	Asked     Rates // of calls that something the lead said led to: callbacks, verifications, what a dossier lacks
	Means     Rates // of replies, once an SDR has read them
	Steps     map[string]map[string]Rates
	Talks     map[cadence.ResponseKind]Talk
	Accept    *float64       // share of handoffs that sales accepts; nil: not written
	Within    *time.Duration // by when sales answers; nil: not written
}

// Rates are shares of touches, 0 to 1, that are answered so; together at most 1.
type Rates map[cadence.ResponseKind]float64

// Sum is all shares together.
func (r Rates) Sum() float64 {
	sum := 0.0
	for _, kind := range slices.Sorted(maps.Keys(r)) { // always added up alike: the last bit must not change from run to run
		sum += r[kind]
	}
	return sum
}

// Talk is what comes of conversations of a kind. Nil is not written.
type Talk struct {
	Ready    *float64 // share after which all criteria are met and the decision is near
	RuledOut *float64 // share after which the definition closes the lead
	Complete *float64 // share of those ready in which the dossier is complete at once
}

// Outcomes by the way of a touch, in the order in which help texts show them.
var (
	mailOutcomes = []cadence.ResponseKind{
		cadence.Reply, cadence.Click, cadence.OutOfOffice, cadence.SoftBounce, cadence.HardBounce, cadence.LeftCompany, cadence.Unsubscribe, cadence.Complaint,
	}
	voiceOutcomes = []cadence.ResponseKind{
		cadence.VoicemailLeft, cadence.AnsweredByHuman, cadence.NoAnswer, cadence.Busy, cadence.DetectionFailed, cadence.AnsweredByFax, cadence.CallFailed,
	}
	callOutcomes  = cadence.CallDispositions()
	replyMeanings = cadence.ReplyMeanings()
	talks         = []cadence.ResponseKind{cadence.Connected, cadence.MeetingSet}
)

// Outcomes lists what can come of a touch on a channel.
func Outcomes(channel cadence.Channel) []cadence.ResponseKind {
	switch channel {
	case cadence.ChannelEmail:
		return slices.Clone(mailOutcomes)
	case cadence.ChannelVoicemail:
		return slices.Clone(voiceOutcomes)
	case cadence.ChannelCall:
		return slices.Clone(callOutcomes)
	}
	return nil
}

// Meanings lists what a reply can mean.
func Meanings() []cadence.ResponseKind { return slices.Clone(replyMeanings) }

// readSimulation reads simulate.yaml; plans are the cadences of the folder.
func readSimulation(root node, plans map[string]cadence.Plan) Simulation {
	o := root.object()
	defer o.close()
	s := Simulation{
		Email: readRates(o.get("email"), mailOutcomes), Voicemail: readRates(o.get("voicemail"), voiceOutcomes),
		Call: readRates(o.get("call"), callOutcomes), Asked: readRates(o.get("asked_call"), callOutcomes),
		Means: readRates(o.get("reply_means"), replyMeanings), Steps: readStepRates(o.get("steps"), plans),
	}
	if conversations := o.get("conversations"); conversations.given() {
		s.Talks = readTalks(conversations)
	}
	if sales := o.get("sales"); sales.given() {
		c := sales.object()
		defer c.close()
		s.Accept = c.get("accept").share()
		if within := c.get("within"); within.given() {
			delay := within.wait()
			if delay.BusinessDays > 0 {
				within.fail("such as within: 24 hours", "this wait is counted in hours or days")
			}
			span := time.Duration(delay.Days*24+delay.Hours) * time.Hour
			s.Within = &span
		}
	}
	return s
}

// readRates reads shares by outcome.
func readRates(n node, outcomes []cadence.ResponseKind) Rates {
	if !n.given() {
		return nil
	}
	o := n.object()
	defer o.close()
	rates := Rates{}
	for _, kind := range outcomes {
		if share := o.get(string(kind)).share(); share != nil {
			rates[kind] = *share
		}
	}
	if rates.Sum() > 1+1e-9 {
		n.fail("together they can be 100% at most; the rest is what is usual", "the shares of %s add up to %s", n.name(), percent(rates.Sum()))
	}
	return rates
}

// readStepRates reads shares by cadence and step.
func readStepRates(n node, plans map[string]cadence.Plan) map[string]map[string]Rates {
	if !n.given() {
		return nil
	}
	o := n.object()
	defer o.close()
	all := map[string]map[string]Rates{}
	for _, key := range slices.Sorted(maps.Keys(plans)) {
		steps := o.get(key)
		if !steps.given() {
			continue
		}
		c := steps.object()
		all[key] = map[string]Rates{}
		for _, step := range plans[key].Steps {
			if outcomes := Outcomes(step.Kind.Channel()); outcomes != nil && step.Kind != cadence.StepManualEmail {
				if rates := readRates(c.get(step.Key), outcomes); rates != nil {
					all[key][step.Key] = rates
				}
			}
		}
		c.close()
	}
	return all
}

func readTalks(n node) map[cadence.ResponseKind]Talk {
	o := n.object()
	defer o.close()
	all := map[cadence.ResponseKind]Talk{}
	for _, kind := range talks {
		if value := o.get(string(kind)); value.given() {
			c := value.object()
			t := Talk{Ready: c.get("ready").share(), RuledOut: c.get("ruled_out").share(), Complete: c.get("complete").share()}
			c.close()
			if t.Ready != nil && t.RuledOut != nil && *t.Ready+*t.RuledOut > 1+1e-9 {
				value.fail("together they can be 100% at most", "ready and ruled_out add up to %s", percent(*t.Ready+*t.RuledOut))
			}
			all[kind] = t
		}
	}
	return all
}

var shareForm = regexp.MustCompile(`^([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%$`)

// share reads a share such as 4% or 0.5%; nil when it is not written.
func (n node) share() *float64 {
	if !n.given() {
		return nil
	}
	match := shareForm.FindStringSubmatch(strings.TrimSpace(n.yaml.GetToken().Value))
	if match == nil {
		n.fail("with a percent sign, such as 4% or 0.5%", "%s must be a share, not %s", n.name(), n.shown())
		return nil
	}
	value, _ := strconv.ParseFloat(match[1], 64) // cannot fail: the expression lets only numbers through
	if value > 100 {
		n.fail("from 0% to 100%", "%s is %s, which is out of range", n.name(), percent(value/100))
		return nil
	}
	value /= 100
	return &value
}

// percent writes a share as it is read.
func percent(share float64) string {
	return strconv.FormatFloat(math.Round(share*1e8)/1e6, 'f', -1, 64) + "%"
}
