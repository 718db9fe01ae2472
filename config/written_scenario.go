package config

import (
	"github.com/invopop/jsonschema"

	"nurture/cadence"
	"nurture/cadence/uld"
)

type (
	// Scenarios: given a lead and what it does, what must the program do? Run them with: nurture test
	scenarioForm struct {
		// One scenario each.
		Tests []testForm `json:"tests" jsonschema:"required,minItems=1"`
	}

	testForm struct {
		// What it shows, in words.
		Name plainText `json:"name" jsonschema:"required"`
		// Who the lead is, where it is not as usual: it has mail and phone, consent to mail and calls, and lives where you do.
		Lead scenarioLeadForm `json:"lead"`
		// The cadence that it is put into. Without it, the cadence whose audience takes it.
		Cadence plainText `json:"cadence"`
		// When that happens, in the lead's time, such as 2026-03-02 07:30.
		Start moment `json:"start" jsonschema:"required"`
		// How far to run. Without it: a day past the last time that is expected, and 400 days past the last event.
		Until moment `json:"until"`
		// Whether every touch and every skipped step up to the last that is expected must be expected.
		Complete bool `json:"complete" jsonschema:"default=false"`
		// What happens from outside, in order.
		Events []eventForm `json:"events"`
		// What the program must do, in order. What else it does is not looked at.
		Expect []expectForm `json:"expect" jsonschema:"required,minItems=1"`
	}

	scenarioLeadForm struct {
		// The lead's key, which chooses among variants; the test's name when it is left out.
		Key plainText `json:"key"`
		// Whether it has a usable mail address.
		Email bool `json:"email" jsonschema:"default=true"`
		// Whether it has a usable phone number.
		Phone bool `json:"phone" jsonschema:"default=true"`
		// Where it is.
		Country countryOf `json:"country"`
		// State or province, such as CA.
		Region plainText `json:"region"`
		// Its city.
		City plainText `json:"city"`
		// Its IANA time zone, or unknown; without it yours.
		Zone zoneName `json:"zone"`
		// What it agreed to.
		Consent []consentChoice `json:"consent"`
		// Its role in the purchase.
		Role plainText `json:"role"`
		// Its job title.
		Title plainText `json:"title"`
		// Where it came from.
		Source plainText `json:"source"`
		// Whether it qualified itself on a form.
		Origin originChoice `json:"origin" jsonschema:"default=inquiry"`
		// Its language.
		Language plainText `json:"language"`
		// The stage that it is in at the start.
		Stage stageChoice `json:"stage" jsonschema:"default=inquiry"`
		// Its company.
		Account scenarioAccountForm `json:"account"`
		// Columns of your own.
		Fields map[string]scalarText `json:"fields"`
		// Answers that are known at the start, as an import brings them: inferred.
		Facts map[string]scalarText `json:"facts"`
		// Topics that it has switched off.
		TopicsOff []plainText `json:"topics_off"`
	}

	scenarioAccountForm struct {
		// The company's name.
		Name plainText `json:"name"`
		// Its domain, such as example.com.
		Domain plainText `json:"domain"`
		// Its industry.
		Industry plainText `json:"industry"`
		// How many people work there.
		Employees int `json:"employees" jsonschema:"minimum=1,maximum=10000000"`
		// Where it is.
		Country countryOf `json:"country"`
	}

	// Something that happens from outside: a time, and exactly one thing.
	eventForm struct {
		// When, in the lead's time, such as 2026-03-04 09:30.
		At moment `json:"at"`
		// How long after the touch that it answers, else after the event before: 2 hours, 3 days.
		After plainWait `json:"after"`
		// What the lead, its mail system, its phone or a person says.
		Response responseChoice `json:"response"`
		// The step whose touch it answers. Without it: for the outcome of a call the open call, else the latest mail.
		Answers plainText `json:"answers"`
		// The date that it names: of the return, or when to come back.
		Date dateOf `json:"date"`
		// Answers to questions of the definition. Those of a form are the lead's own word, all others a person has heard.
		Facts map[string]scalarText `json:"facts"`
		// The lead, or a person, asks for a pause until that day.
		PauseUntil dateOf `json:"pause_until"`
		// A person ends the pause.
		Resume onlyTrue `json:"resume"`
		// A person takes the lead out of the cadence.
		Stop onlyTrue `json:"stop"`
		// An address is suppressed, as by an imported list.
		Suppress suppressChoice `json:"suppress"`
		// Another lead of the same company answers in person.
		ColleagueAnswers onlyTrue `json:"colleague_answers"`
		// What sales says to the handoff.
		Handoff salesChoice `json:"handoff"`
	}

	// Something that the program must do: exactly one of the first keys, and what more must hold of it.
	expectForm struct {
		// A touch of the step with this name is made.
		Touch plainText `json:"touch"`
		// The step with this name is left out.
		Skip plainText `json:"skip"`
		// A person is asked to do something beside the steps.
		Task askedChoice `json:"task"`
		// The cadence rests, for this reason.
		Pause reasonChoice `json:"pause"`
		// The lead is weighed against the definition.
		Verdict outcomeChoice `json:"verdict"`
		// The lead is offered to sales, or held back until the dossier is complete.
		Handoff handoffChoice `json:"handoff"`
		// The lead goes on in this cadence.
		Move plainText `json:"move"`
		// The lead enters this stage.
		Stage stageChoice `json:"stage"`
		// The run through the cadence ends, for this reason.
		Finish reasonChoice `json:"finish"`
		// The lead needs no next action any more, for this reason.
		End endChoice `json:"end"`
		// These addresses of the lead are barred.
		Suppress suppressChoice `json:"suppress"`
		// No touch is made from this time on, up to until or the end of the run.
		NoTouchAfter moment `json:"no_touch_after"`
		// When, in the lead's time: 2026-03-02 09:00, or a day.
		At moment `json:"at"`
		// The cadence in which it happens.
		Cadence plainText `json:"cadence"`
		// Why.
		Reason reasonChoice `json:"reason"`
		// How the touch reaches the lead.
		Channel channelChoice `json:"channel"`
		// The variant that the lead gets.
		Variant plainText `json:"variant"`
		// The template of the touch.
		Template plainText `json:"template"`
		// Which run of the step, from 1.
		Run int `json:"run" jsonschema:"minimum=1,maximum=100"`
		// When the pause ends, when the other cadence begins, or up to when no touch is made.
		Until moment `json:"until"`
		// By when the task is to be done.
		By moment `json:"by"`
		// What the handoff lacks: keys of criteria and dossier items.
		Missing []factName `json:"missing"`
		// What a person should confirm: keys of criteria.
		Verify []factName `json:"verify"`
		// How soon the lead will decide.
		Readiness readinessChoice `json:"readiness"`
	}
)

type (
	moment          string
	plainWait       string
	consentChoice   string
	originChoice    string
	stageChoice     string
	responseChoice  string
	salesChoice     string
	reasonChoice    string
	outcomeChoice   string
	handoffChoice   string
	endChoice       string
	channelChoice   string
	readinessChoice string
)

func (moment) JSONSchema() *jsonschema.Schema {
	return patterned(trimmed(`[0-9]{4}-[0-9]{2}-[0-9]{2}(\s+[0-9]{2}:[0-9]{2})?`), "such as 2026-03-02 09:00 or 2026-03-02", "2026-03-02 09:00")
}

func (plainWait) JSONSchema() *jsonschema.Schema {
	return patterned(trimmed(amount+anyCase(`(hours?|days?|weeks?)`)), "such as 2 hours or 3 days", "2 hours", "3 days")
}

func (consentChoice) JSONSchema() *jsonschema.Schema { return oneOf(consents...) }

func (originChoice) JSONSchema() *jsonschema.Schema { return oneOf(origins...) }

func (stageChoice) JSONSchema() *jsonschema.Schema { return oneOf(stages...) }

func (responseChoice) JSONSchema() *jsonschema.Schema { return oneOf(scenarioResponses()...) }

func (salesChoice) JSONSchema() *jsonschema.Schema { return oneOf(salesAnswers...) }

func (reasonChoice) JSONSchema() *jsonschema.Schema { return oneOf(cadence.Reasons()...) }

func (outcomeChoice) JSONSchema() *jsonschema.Schema {
	return oneOf(uld.Promote, uld.Nurture, uld.Close)
}

func (handoffChoice) JSONSchema() *jsonschema.Schema { return oneOf(handoffStates...) }

func (endChoice) JSONSchema() *jsonschema.Schema { return oneOf(endReasons...) }

func (channelChoice) JSONSchema() *jsonschema.Schema {
	return oneOf(cadence.ChannelEmail, cadence.ChannelVoicemail, cadence.ChannelCall)
}

func (readinessChoice) JSONSchema() *jsonschema.Schema {
	return oneOf(uld.ReadinessUnknown, uld.LongTerm, uld.NearTerm)
}

// JSONSchemaExtend asks for one thing, and for what belongs to it.
func (eventForm) JSONSchemaExtend(s *jsonschema.Schema) {
	exactlyOne(s, eventKinds)
	s.AnyOf = []*jsonschema.Schema{
		{Required: []string{"at"}, Not: &jsonschema.Schema{Required: []string{"after"}}},
		{Required: []string{"after"}, Not: &jsonschema.Schema{Required: []string{"at"}}},
	}
	s.DependentRequired = map[string][]string{}
	for _, key := range responseOnly {
		s.DependentRequired[key] = []string{"response"}
	}
}

// JSONSchemaExtend asks for one thing, and refuses what says nothing of it.
func (expectForm) JSONSchemaExtend(s *jsonschema.Schema) {
	exactlyOne(s, expectKinds)
	for _, kind := range expectKinds {
		if others := othersThan(kind); len(others) > 0 {
			whenGiven(s, kind, forbidding(others...))
		}
	}
}
