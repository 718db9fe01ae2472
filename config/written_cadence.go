package config

import (
	"maps"
	"slices"

	"github.com/invopop/jsonschema"

	"nurture/cadence"
)

type (
	// A cadence: whom it takes, what touches it makes, what answers do, and where a lead goes then.
	cadenceForm struct {
		// Its name, such as first-seven.
		Cadence keyName `json:"cadence" jsonschema:"required"`
		// What it is for, such as a conversation within the next two quarters.
		Goal plainText `json:"goal" jsonschema:"required"`
		// Whether the budget is spent in weeks or spread over months. A move between the two begins a new cycle.
		Term termChoice `json:"term" jsonschema:"default=active"`
		// Whom the cadence takes by itself; nobody when it is left out.
		Audience condition `json:"audience"`
		// How many leads a day the audience may bring in, or manual: none by itself.
		Intake intakeForm `json:"intake"`
		// When touches may leave.
		Window windowForm `json:"window"`
		// What becomes of the leads inside when this version is applied: they finish on their own, all move, or those that have not passed what changed.
		OnChange onChangeChoice `json:"on_change" jsonschema:"default=finish"`
		// Touches on a lead in a cycle, over all cadences and channels.
		Budget int `json:"budget" jsonschema:"minimum=1,maximum=100"`
		// At most so many touches in any so many days.
		Frequency frequencyForm `json:"frequency"`
		// What a colleague's reply does.
		Account accountForm `json:"account"`
		// What becomes of touches that an outage made late.
		Misfire misfireForm `json:"misfire"`
		// What happens, in order.
		Steps []stepForm `json:"steps" jsonschema:"required,minItems=1"`
		// What answers do, in place of what is usual.
		OnResponse onResponseForm `json:"on_response"`
		// What follows the last step: nobody may fall out.
		Then thenForm `json:"then" jsonschema:"required"`
	}

	intakeForm struct {
		// How many leads the audience may bring in a day.
		PerDay int `json:"per_day" jsonschema:"required,minimum=1,maximum=1000000"`
	}

	windowForm struct {
		// Days such as mon-fri.
		Days weekdays `json:"days"`
		// From-to on one day, or by day: { mon-thu: "09:00-17:00", fri: "09:00-14:00" }.
		Hours hoursOf `json:"hours"`
		// Always the lead's own.
		Zone leadZone `json:"zone"`
		// On which holidays nothing leaves: those where the lead is, none, or those of some countries.
		Holidays holidaysOf `json:"holidays"`
	}

	frequencyForm struct {
		// How many touches a lead may get
		Touches int `json:"touches" jsonschema:"required,minimum=1,maximum=100"`
		// in so many days.
		Per wholeDays `json:"per" jsonschema:"required"`
	}

	accountForm struct {
		// What happens to the others at an account when one of them answers.
		OnColleagueReply accountChoice `json:"on_colleague_reply" jsonschema:"required"`
		// How long they are left alone.
		Pause waitTime `json:"pause"`
	}

	misfireForm struct {
		// As late as this it is made all the same.
		Grace delayTime `json:"grace" jsonschema:"default=2 days"`
		// What happens beyond.
		Then misfireChoice `json:"then" jsonschema:"required"`
		// Over how many days touches are spread.
		Over wholeOrBusinessDays `json:"over" jsonschema:"default=5 business days"`
	}

	// One step: exactly one of email, voicemail, call, manual_email, wait and branch, and what belongs to it.
	stepForm struct {
		// Send templates/email/NAME.md, or the first about a subject that the lead never had.
		Email contentForm `json:"email"`
		// Drop templates/voicemail/NAME.md, or one about a subject. Leads without consent on record are skipped.
		Voicemail contentForm `json:"voicemail"`
		// Ask an SDR to call, with the script templates/call/NAME.md, or one about a subject.
		Call contentForm `json:"call"`
		// Ask an SDR to write, with the notes templates/call/NAME.md, or those about a subject.
		ManualEmail contentForm `json:"manual_email"`
		// Wait, and make no touch.
		Wait waitTime `json:"wait"`
		// Go on at another step further down, by case. Where no case holds, the next step follows.
		Branch []caseForm `json:"branch" jsonschema:"minItems=1"`
		// The step's name, for branches and reports. Without it: the template, else kind and number.
		Name keyName `json:"name"`
		// Wait since the step before.
		After delayTime `json:"after" jsonschema:"default=no wait"`
		// When this step alone may leave.
		Window windowForm `json:"window"`
		// The templates to choose from, such as { a: intro, b: intro-question }; the step's own is one of them.
		Variants map[string]plainText `json:"variants"`
		// How often when nobody answers.
		Tries int `json:"tries" jsonschema:"minimum=1,maximum=20,default=1"`
		// How long a person has.
		Within waitTime `json:"within"`
		// What becomes of a task that nobody did in time.
		IfOverdue overdueChoice `json:"if_overdue" jsonschema:"default=advance"`
	}

	// A subject by which templates are chosen, as their front matter names it; or the name of one template.
	contentForm struct {
		// The pain that they speak to.
		Pain plainText `json:"pain"`
		// The stage of the lead that they are for; those that name none are for every stage.
		Stage stageChoice `json:"stage"`
	}

	// A case of a branch: when and goto, or else.
	caseForm struct {
		// The condition under which the lead goes on at goto.
		When branchCondition `json:"when"`
		// The name of a step further down, or end.
		Goto plainText `json:"goto"`
		// Where all others go on: the name of a step further down, or end.
		Else plainText `json:"else"`
	}

	// onResponseForm has a rule for a kind of response.
	onResponseForm map[cadence.ResponseKind]ruleForm

	// What a response does: exactly one of continue, pause, pause_until, resume, retry_after, move_to and finish, and what comes on top.
	ruleForm struct {
		// Nothing changes.
		Continue onlyTrue `json:"continue"`
		// The cadence rests for so long.
		Pause waitTime `json:"pause"`
		// The cadence rests until the date in the answer; else says how long when there is none.
		PauseUntil dateChoice `json:"pause_until"`
		// Ends a pause; beside move_to, the date at which the other cadence begins.
		Resume resumeOf `json:"resume"`
		// The same step again after so long, while its tries and the budget last.
		RetryAfter waitTime `json:"retry_after"`
		// The lead goes on in that cadence.
		MoveTo plainText `json:"move_to"`
		// The cadence ends.
		Finish onlyTrue `json:"finish"`
		// How long to wait when the answer names no date.
		Else delayTime `json:"else"`
		// What a person is asked to do as well.
		Task taskChoice `json:"task"`
		// How long that person has.
		Within delayTime `json:"within"`
		// What is forbidden from now on.
		Suppress suppressChoice `json:"suppress"`
		// Suppress only from so many in a row on: for soft_bounce alone.
		After int `json:"after" jsonschema:"minimum=1,maximum=20"`
		// The number is wrong.
		InvalidatePhone bool `json:"invalidate_phone"`
	}

	// What follows the last step: move_to, or close.
	thenForm struct {
		// The lead goes on in that cadence
		MoveTo plainText `json:"move_to"`
		// after so long.
		After delayTime `json:"after"`
		// The lead ends, as exhausted: only where a business does not nurture on.
		Close onlyTrue `json:"close"`
	}
)

type (
	termChoice          string
	onChangeChoice      string
	accountChoice       string
	misfireChoice       string
	overdueChoice       string
	dateChoice          string
	taskChoice          string
	askedChoice         string
	suppressChoice      string
	leadZone            string
	resumeOf            string
	wholeOrBusinessDays string
	hoursOf             map[string]daySpan
)

func (termChoice) JSONSchema() *jsonschema.Schema { return oneOf(cadence.Active, cadence.LongTerm) }
func (onChangeChoice) JSONSchema() *jsonschema.Schema {
	return oneOf(cadence.FinishOld, cadence.MoveAll, cadence.MoveIfNotPast)
}

func (accountChoice) JSONSchema() *jsonschema.Schema {
	return oneOf(cadence.AccountContinue, cadence.AccountPause, cadence.AccountStop)
}

func (misfireChoice) JSONSchema() *jsonschema.Schema {
	return oneOf(cadence.MisfireSendLate, cadence.MisfireSkip, cadence.MisfireSpread)
}

func (overdueChoice) JSONSchema() *jsonschema.Schema {
	return oneOf(cadence.OverdueAdvance, cadence.OverdueKeep, cadence.OverdueFinish)
}

func (dateChoice) JSONSchema() *jsonschema.Schema {
	return oneOf(cadence.ReturnDate, cadence.StatedDate)
}

// ruledTasks are what a rule can ask a person for. askedTasks is all that a person is asked for: to look after a lead that rests for good, too.
var (
	ruledTasks = []cadence.TaskKind{
		cadence.TaskCall, cadence.TaskManualEmail, cadence.TaskTriage, cadence.TaskVerify, cadence.TaskDossier, cadence.TaskReferral, cadence.TaskCallback,
	}
	askedTasks = append(slices.Clone(ruledTasks), cadence.TaskReview)
)

func (taskChoice) JSONSchema() *jsonschema.Schema {
	return oneOf(ruledTasks...)
}

func (askedChoice) JSONSchema() *jsonschema.Schema { return oneOf(askedTasks...) }

func (suppressChoice) JSONSchema() *jsonschema.Schema {
	return oneOf(cadence.SuppressEmail, cadence.SuppressPhone, cadence.SuppressAll)
}

func (leadZone) JSONSchema() *jsonschema.Schema { return &jsonschema.Schema{Const: ofLead} }

// JSONSchema is true, or a date beside move_to.
func (resumeOf) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Enum: []any{true, string(cadence.ReturnDate), string(cadence.StatedDate)}}
}

func (wholeOrBusinessDays) JSONSchema() *jsonschema.Schema {
	return patterned(trimmed(`0*[1-9][0-9]{0,5}\s+`+anyCase(`(days?|weeks?|business\s+days?)`)), "such as 5 business days", "5 business days")
}

// JSONSchema is one span for all days, or a span for each group of days.
func (hoursOf) JSONSchema() *jsonschema.Schema {
	one := uint64(1)
	return either(daySpan("").JSONSchema(), &jsonschema.Schema{
		Type: "object", MinProperties: &one, AdditionalProperties: daySpan("").JSONSchema(),
		PropertyNames: &jsonschema.Schema{Pattern: weekdays("").JSONSchema().Pattern},
	})
}

// JSONSchemaExtend has a rule for each kind of response that there is.
func (onResponseForm) JSONSchemaExtend(s *jsonschema.Schema) { named(s, responseKinds) }

// named gives a schema of any names these names alone.
func named[T ~string](s *jsonschema.Schema, names []T) {
	s.Properties = jsonschema.NewProperties()
	for _, name := range names {
		s.Properties.Set(string(name), s.AdditionalProperties)
	}
	s.AdditionalProperties = jsonschema.FalseSchema
}

// JSONSchemaExtend lets the name of a template stand for the subject.
func (contentForm) JSONSchemaExtend(s *jsonschema.Schema) {
	one := uint64(1)
	group := *s
	group.MinProperties = &one
	*s = jsonschema.Schema{AnyOf: []*jsonschema.Schema{plainText("").JSONSchema(), &group}}
}

// JSONSchemaExtend lets the word manual stand for the group.
func (intakeForm) JSONSchemaExtend(s *jsonschema.Schema) { orWord(s, "manual") }

// JSONSchemaExtend lets the word none stand for the group.
func (frequencyForm) JSONSchemaExtend(s *jsonschema.Schema) { orWord(s, "none") }

// orWord lets a word stand in place of a group.
func orWord(s *jsonschema.Schema, word string) {
	group := *s
	*s = jsonschema.Schema{AnyOf: []*jsonschema.Schema{&group, {Const: word}}}
}

// JSONSchemaExtend has a step do one thing, and refuses what has no effect on it.
func (stepForm) JSONSchemaExtend(s *jsonschema.Schema) {
	exactlyOne(s, stringsOf(stepKinds))
	for _, kind := range stepKinds {
		without := jsonschema.NewProperties()
		for _, key := range slices.Sorted(maps.Keys(stepKeys)) {
			if !slices.Contains(stepKeys[key], kind) {
				without.Set(key, jsonschema.FalseSchema)
			}
		}
		if without.Len() > 0 {
			whenGiven(s, string(kind), &jsonschema.Schema{Properties: without})
		}
	}
	two := uint64(2)
	if variants, ok := s.Properties.Get("variants"); ok {
		variants.MinProperties = &two
		variants.PropertyNames = &jsonschema.Schema{Pattern: plainKey.String()}
	}
}

// JSONSchemaExtend asks for when and goto, or else alone.
func (caseForm) JSONSchemaExtend(s *jsonschema.Schema) {
	exactlyOne(s, []string{"when", "else"})
	s.DependentRequired = map[string][]string{"when": {"goto"}, "goto": {"when"}}
}

// JSONSchemaExtend has a rule do one thing to the cadence, and asks for what belongs to it.
func (ruleForm) JSONSchemaExtend(s *jsonschema.Schema) {
	others := []string{keyContinue, keyPause, keyPauseUntil, keyRetry, keyFinish}
	s.If = &jsonschema.Schema{Required: []string{keyMove}}
	s.Then = forbidding(others...)
	s.Then.Properties.Set(keyResume, dateChoice("").JSONSchema())
	s.Then.DependentRequired = map[string][]string{keyResume: {"else"}}
	s.Else = &jsonschema.Schema{Properties: jsonschema.NewProperties()}
	exactlyOne(s.Else, append(others, keyResume))
	s.Else.Properties.Set(keyResume, onlyTrue(true).JSONSchema())
	s.Else.DependentRequired = map[string][]string{"else": {keyPauseUntil}, keyPauseUntil: {"else"}}
	s.DependentRequired = map[string][]string{"within": {"task"}}
}

// JSONSchemaExtend asks for move_to or close.
func (thenForm) JSONSchemaExtend(s *jsonschema.Schema) {
	exactlyOne(s, []string{keyMove, "close"})
	whenGiven(s, "close", forbidding("after"))
}

// JSONSchemaExtend allows a pause only where there is one.
func (accountForm) JSONSchemaExtend(s *jsonschema.Schema) {
	onlyWhere(s, "pause", "on_colleague_reply", string(cadence.AccountPause))
}

// JSONSchemaExtend allows a span only where touches are spread.
func (misfireForm) JSONSchemaExtend(s *jsonschema.Schema) {
	onlyWhere(s, "over", "then", string(cadence.MisfireSpread))
}

// exactlyOne asks that one of the keys is written, and no second.
func exactlyOne(s *jsonschema.Schema, keys []string) {
	for _, key := range keys {
		s.OneOf = append(s.OneOf, &jsonschema.Schema{Required: []string{key}})
	}
}

// whenGiven adds what must hold where a key is written.
func whenGiven(s *jsonschema.Schema, key string, must *jsonschema.Schema) {
	if s.DependentSchemas == nil {
		s.DependentSchemas = map[string]*jsonschema.Schema{}
	}
	s.DependentSchemas[key] = must
}

// forbidding is a schema under which the keys are not written.
func forbidding(keys ...string) *jsonschema.Schema {
	s := &jsonschema.Schema{Properties: jsonschema.NewProperties()}
	for _, key := range keys {
		s.Properties.Set(key, jsonschema.FalseSchema)
	}
	return s
}

// onlyWhere allows key only where the value of another is word.
func onlyWhere(s *jsonschema.Schema, key, other, word string) {
	is := jsonschema.NewProperties()
	is.Set(other, &jsonschema.Schema{Const: word})
	whenGiven(s, key, &jsonschema.Schema{Properties: is})
}
