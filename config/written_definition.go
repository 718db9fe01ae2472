package config

import (
	"github.com/invopop/jsonschema"

	"nurture/cadence/uld"
)

type (
	// The Universal Lead Definition: what marketing and sales agree a lead is that sales should call.
	definitionForm struct {
		// A short name, such as b2b-course.
		Definition keyName `json:"definition" jsonschema:"required"`
		// A name for people, such as Ready to talk about a course.
		Title plainText `json:"title" jsonschema:"required"`
		// A decision within this time is near-term.
		Horizon monthsOf `json:"horizon" jsonschema:"default=6 months"`
		// What becomes of a lead whose form answers alone would qualify it.
		SelfQualified selfQualifiedForm `json:"self_qualified"`
		// What must be known of a lead. One of them is of dimension time_frame, and of type months or date.
		Criteria []criterionForm `json:"criteria" jsonschema:"required,minItems=1"`
		// What a rep finds in the dossier beside the criteria.
		Dossier []dossierForm `json:"dossier"`
	}

	selfQualifiedForm struct {
		// Whether a person calls first. direct_to_sales needs who reviewed that, and when.
		Policy policyChoice `json:"policy" jsonschema:"default=verify_by_call"`
		// Who reviewed the policy.
		ReviewedBy plainText `json:"reviewed_by"`
		// When the policy was reviewed.
		ReviewedOn dateOf `json:"reviewed_on"`
	}

	criterionForm struct {
		// A short name, such as company_size.
		Key factName `json:"key" jsonschema:"required"`
		// What it is about.
		Dimension dimensionChoice `json:"dimension" jsonschema:"required"`
		// What an SDR or a form asks.
		Question plainText `json:"question" jsonschema:"required"`
		// What an answer may be.
		Type answerChoice `json:"type" jsonschema:"required"`
		// The choices, for type choice.
		Options []plainText `json:"options"`
		// Which answers count for the lead; any answer when it is left out.
		Accept answerCondition `json:"accept"`
		// Whether a lead is handed to sales only with it.
		Required bool `json:"required" jsonschema:"default=true"`
		// The least evidence that counts.
		Evidence evidenceChoice `json:"evidence" jsonschema:"default=human_confirmed"`
		// Whether an answer that is not accepted closes the lead.
		Disqualifies bool `json:"disqualifies" jsonschema:"default=false"`
	}

	dossierForm struct {
		// A short name, such as pain_points. An answer to a key that ends in _at is a date and time.
		Key factName `json:"key" jsonschema:"required"`
		// What the dossier calls it.
		Title plainText `json:"title" jsonschema:"required"`
		// What an SDR asks.
		Question plainText `json:"question" jsonschema:"required"`
		// Whether a lead is handed to sales only with it; none is an answer.
		Required bool `json:"required" jsonschema:"default=true"`
	}
)

type (
	policyChoice    string
	dimensionChoice string
	answerChoice    string
	evidenceChoice  string
)

func (policyChoice) JSONSchema() *jsonschema.Schema {
	return oneOf(uld.VerifyByCall, uld.DirectToSales)
}

func (dimensionChoice) JSONSchema() *jsonschema.Schema { return oneOf(uld.Dimensions()...) }

func (answerChoice) JSONSchema() *jsonschema.Schema { return oneOf(uld.AnswerTypes()...) }

func (evidenceChoice) JSONSchema() *jsonschema.Schema {
	return oneOf("inferred", "self_asserted", "human_confirmed")
}

// JSONSchemaExtend asks for the review of what sends leads past the call.
func (selfQualifiedForm) JSONSchemaExtend(s *jsonschema.Schema) {
	direct := jsonschema.NewProperties()
	direct.Set("policy", &jsonschema.Schema{Const: string(uld.DirectToSales)})
	s.If = &jsonschema.Schema{Properties: direct, Required: []string{"policy"}}
	s.Then = &jsonschema.Schema{Required: []string{"reviewed_by", "reviewed_on"}}
}

type (
	// What people do with a lead in each stage.
	processForm struct {
		// Every stage, with what is done in it.
		Stages stagesForm `json:"stages" jsonschema:"required"`
	}

	// stagesForm has a guide for each stage.
	stagesForm map[string]guideForm

	guideForm struct {
		// What people do with a lead in this stage.
		Activities []plainText `json:"activities" jsonschema:"required,minItems=1"`
		// What must be true before a lead leaves this stage.
		ExitCriteria []plainText `json:"exit_criteria" jsonschema:"required,minItems=1"`
		// What helps them, in Markdown.
		JobAid plainText `json:"job_aid" jsonschema:"required"`
	}
)

// JSONSchemaExtend asks for every stage that there is.
func (stagesForm) JSONSchemaExtend(s *jsonschema.Schema) {
	named(s, stages)
	s.Required = stringsOf(stages)
}
