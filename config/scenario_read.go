package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

var (
	consents      = []string{"email", "voicemail", "call"}
	origins       = []string{"inquiry", "self_qualified"}
	salesAnswers  = []string{"accepted", "rejected"}
	handoffStates = []string{"offered", "blocked"}
	endReasons    = []cadence.EndReason{
		cadence.EndNotInterested, cadence.EndOptedOut, cadence.EndDisqualified, cadence.EndLeftCompany, cadence.EndUnreachable,
		cadence.EndExhausted, cadence.EndWon, cadence.EndLost,
	}
)

// scenarioResponses are the responses that a scenario can bring; the others have keys of their own, or need a page.
func scenarioResponses() []cadence.ResponseKind {
	return slices.DeleteFunc(slices.Clone(responseKinds), func(k cadence.ResponseKind) bool {
		return k == cadence.HandoffRejected || k == cadence.TopicsChosen
	})
}

// scenarioReader reads the scenarios of one file.
type scenarioReader struct {
	config *Config
	fields fields
	zone   string // of the lead of the scenario being read
	steps  []string
}

func (r scenarioReader) readScenario(n node) Scenario {
	o := n.object()
	defer o.close()
	name := o.need("name", "what it shows, such as name: Nobody answers")
	s := Scenario{Where: n.where(), Name: name.text()}
	s.Lead = r.readLead(o.get("lead"), s.Name)
	r.zone = r.config.Settings.Zone
	if len(s.Lead.Place.Zones) > 0 {
		r.zone = s.Lead.Place.Zones[0]
	}
	for _, plan := range r.config.Plans {
		for _, step := range plan.Steps {
			r.steps = append(r.steps, step.Key)
		}
	}
	s.Cadence = r.cadenceKey(o.get("cadence"))
	s.Start = r.moment(o.need("start", "when the lead enters the cadence, such as start: 2026-03-02 07:30")).From
	s.Until = r.moment(o.get("until")).From
	s.Complete = o.get("complete").yes()
	before := s.Start
	for _, item := range o.get("events").list() {
		event := r.readEvent(item, s.Start)
		if !event.At.IsZero() && event.At.Before(before) {
			item.fail("put events in the order of their times", "this happens before what is above it")
		}
		if !event.At.IsZero() {
			before = event.At
		}
		s.Events = append(s.Events, event)
	}
	for _, item := range atLeastOne(o.need("expect", "expect: one line each that begins with -, such as - touch: intro"), "expectation") {
		s.Expect = append(s.Expect, r.readExpectation(item))
	}
	return s
}

// where is the place of a value as a problem without a message.
func (n node) where() Problem {
	p := Problem{File: n.doc.file, Line: n.at.line, Column: max(n.at.column, 1)}
	if n.at.line > 0 && n.at.line <= len(n.doc.lines) {
		p.Excerpt = strings.TrimSuffix(n.doc.lines[n.at.line-1], "\r")
	}
	return p
}

func (r scenarioReader) readLead(n node, name string) ScenarioLead {
	o := n.object()
	defer o.close()
	lead := ScenarioLead{Key: name, Email: true, Phone: true, ConsentEmail: true, ConsentCall: true}
	lead.Fields = map[string]predicate.Value{}
	if key := o.get("key").text(); key != "" {
		lead.Key = key
	}
	if email, ok := o.get("email").flag(); ok {
		lead.Email = email
	}
	if phone, ok := o.get("phone").flag(); ok {
		lead.Phone = phone
	}
	r.readPlace(o, &lead)
	if consent := o.get("consent"); consent.given() {
		lead.ConsentEmail, lead.ConsentVoicemail, lead.ConsentCall = readConsents(consent)
	}
	for _, key := range []string{"role", "title", "source", "language", "city"} {
		if text := o.get(key).text(); text != "" {
			lead.Fields["lead."+key] = predicate.Text(text)
		}
	}
	origin := choice(o.get("origin"), "inquiry", origins...)
	lead.Fields["lead.origin"], lead.SelfQualified = predicate.Text(origin), origin == "self_qualified"
	lead.Stage = choice(o.get("stage"), cadence.StageInquiry, stages...)
	readScenarioAccount(o.get("account"), lead.Fields)
	fields := o.get("fields").object()
	for _, e := range fields.rest() {
		lead.Fields["lead.fields."+e.key] = predicate.Text(e.value.scalar())
	}
	fields.close()
	at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // the runner dates them anew
	facts := r.readFacts(o.get("facts"))
	for _, key := range slices.Sorted(maps.Keys(facts)) {
		lead.Facts = append(lead.Facts, uld.Fact{Criterion: key, Value: predicate.Text(facts[key]), Class: uld.Inferred, At: at})
	}
	lead.TopicsOff = o.get("topics_off").texts()
	return lead
}

// readPlace reads where the lead is. By itself it lives where the operator does.
func (r scenarioReader) readPlace(o *object, lead *ScenarioLead) {
	settings := r.config.Settings
	lead.Place = calendar.Place{Country: settings.Country, Zones: []string{settings.Zone}}
	if country := o.get("country"); country.given() {
		lead.Place.Country = country.country()
	}
	if region := o.get("region"); region.given() {
		if text := region.text(); text != "" {
			code, ok := calendar.RegionCode(lead.Place.Country, text)
			if !ok {
				region.fail("the code of a state or province, such as CA", "%q is not a known region of %s", text, lead.Place.Country)
			}
			lead.Place.Region = code
			lead.Fields["lead.region"] = predicate.Text(code)
		}
	}
	lead.Fields["lead.country"] = predicate.Text(lead.Place.Country)
	zone := o.get("zone")
	switch text, _ := textOf(zone.yaml); {
	case !zone.given():
	case text == "unknown":
		lead.ZoneAssumed = true
	default:
		if name := zone.zone(); name != "" {
			lead.Place.Zones = []string{name}
		}
	}
}

func readConsents(n node) (email, voicemail, call bool) {
	for _, item := range n.list() {
		switch choice(item, "", consents...) {
		case "email":
			email = true
		case "voicemail":
			voicemail = true
		case "call":
			call = true
		}
	}
	return email, voicemail, call
}

func readScenarioAccount(n node, fields map[string]predicate.Value) {
	o := n.object()
	defer o.close()
	for _, key := range []string{"name", "industry", "domain"} {
		if text := o.get(key).text(); text != "" {
			fields["account."+key] = predicate.Text(text)
		}
	}
	if people := o.get("employees").whole(0, 1, 10_000_000); people > 0 {
		fields["account.employees"] = predicate.Number(float64(people))
	}
	if country := o.get("country").country(); country != "" {
		fields["account.country"] = predicate.Text(country)
	}
}

// scalar reads a single value as it is written.
func (n node) scalar() string {
	switch n.yaml.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.yaml.GetToken().Value
	}
	return n.text()
}

// readFacts reads answers as typed; their keys must be asked for, and their values be answers.
func (r scenarioReader) readFacts(n node) map[string]string {
	if !n.given() {
		return nil
	}
	o := n.object()
	defer o.close()
	facts := map[string]string{}
	for _, e := range o.rest() {
		questions := r.config.Definition.Questions()
		if !slices.Contains(questions, e.key) {
			e.value.fail(suggest(e.key, questions), "the definition does not ask for %q", e.key)
			continue
		}
		said := e.value.scalar()
		if said == "" {
			continue
		}
		// When it is said matters only to answers such as "next quarter".
		if _, err := r.config.Definition.ParseAnswer(e.key, said, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
			e.value.fail("", "%v", err)
			continue
		}
		facts[e.key] = said
	}
	return facts
}

// moment reads a minute or a day in the lead's time; the zero Moment when it is not written.
func (r scenarioReader) moment(n node) Moment {
	text := n.text()
	if text == "" {
		return Moment{}
	}
	written := strings.Join(strings.Fields(text), " ")
	for layout, length := range map[string]func(time.Time) time.Time{
		"2006-01-02 15:04": func(t time.Time) time.Time { return t.Add(time.Minute) },
		time.DateOnly:      func(t time.Time) time.Time { return t.AddDate(0, 0, 1) },
	} {
		local, err := time.Parse(layout, written)
		if err != nil {
			continue
		}
		from, err := calendar.Intent{Local: local, Zone: r.zone}.At()
		to, errTo := calendar.Intent{Local: length(local), Zone: r.zone}.At()
		if err == nil && errTo == nil {
			return Moment{From: from, To: to, Written: written}
		}
	}
	n.fail("such as 2026-03-02 09:00, in the lead's time", "%q is not a time", text)
	return Moment{}
}

// cadenceKey reads the key of a cadence of the configuration.
func (r scenarioReader) cadenceKey(n node) string {
	key := n.text()
	if _, ok := r.config.Plans[key]; key != "" && !ok {
		n.fail(suggest(key, slices.Collect(maps.Keys(r.config.Plans))), "there is no cadence %q", key)
	}
	return key
}

// stepKey reads the key of a step of some cadence.
func (r scenarioReader) stepKey(n node) string {
	key := n.text()
	if key != "" && !slices.Contains(r.steps, key) {
		hint := "if the step was removed or renamed in its cadence, change the test too"
		if name := nearest(key, r.steps); name != "" {
			hint = fmt.Sprintf("did you mean %q?", name)
		}
		n.fail(hint, "no cadence has a step %q", key)
	}
	return key
}

// The keys of events: what happens, and what goes with a response alone.
var (
	eventKinds   = []string{"response", "pause_until", "resume", "stop", "suppress", "colleague_answers", "handoff"}
	responseOnly = []string{"answers", "date", "facts"}
)

func (r scenarioReader) readEvent(n node, start time.Time) ScenarioEvent {
	o := n.object()
	defer o.close()
	event := ScenarioEvent{Where: n.where()}
	r.readEventTime(o, n, &event)
	kind := o.sole("what happens", eventKinds...)
	if kind != "response" && kind != "" {
		for _, key := range responseOnly {
			o.refuse(key, "remove it", fmt.Sprintf("%q goes with a response", key))
		}
	}
	value := o.get(kind)
	switch kind {
	case "response":
		r.readResponse(o, value, &event)
	case "pause_until":
		until := r.moment(value).From
		event.Event = cadence.PausedByPerson{Until: &until}
	case "resume":
		value.only()
		event.Event = cadence.ResumedByPerson{}
	case "stop":
		value.only()
		event.Event = cadence.StoppedByPerson{}
	case "suppress":
		event.Event = cadence.Suppressed{Scope: choice(value, "", cadence.SuppressEmail, cadence.SuppressPhone, cadence.SuppressAll)}
	case "colleague_answers":
		value.only()
		event.Event = cadence.ColleagueResponded{}
	case "handoff":
		if event.Accepted = choice(value, "", salesAnswers...) == "accepted"; !event.Accepted {
			event.Event = cadence.Responded{Kind: cadence.HandoffRejected, Step: -1}
		}
	default:
		for _, key := range responseOnly {
			o.get(key)
		}
	}
	return event
}

// readEventTime reads either a time or a wait.
func (r scenarioReader) readEventTime(o *object, n node, event *ScenarioEvent) {
	at, after := o.get("at"), o.get("after")
	event.At = r.moment(at).From
	event.After = after.delay()
	switch {
	case at.given() && after.given():
		after.fail("keep one of the two", `"at" and "after" cannot both be when it happens`)
	case !at.given() && !after.given() && !o.has("at") && !o.has("after") && !o.partial:
		n.fail("such as at: 2026-03-04 09:30, or after: 2 hours", "%s does not say when it happens", n.name())
	case event.After.BusinessDays > 0:
		after.fail("such as 2 hours or 3 days", "an event does not know business days")
	}
}

func (r scenarioReader) readResponse(o *object, value node, event *ScenarioEvent) {
	response := cadence.Responded{Kind: choice(value, "", scenarioResponses()...), Step: -1}
	event.Answers = r.stepKey(o.get("answers"))
	if date := o.get("date"); date.given() {
		if day, ok := date.date(); ok {
			response.Date = &day
		}
	}
	event.Facts = r.readFacts(o.get("facts"))
	event.Event = response
}
