package config

import "github.com/invopop/jsonschema"

type (
	// The front matter of a mail: between the first line --- and the next one. Below it stands the mail, in Markdown.
	emailTemplateForm struct {
		// The subject; it may name variables, such as {{ .lead.first_name }}.
		Subject plainText `json:"subject" jsonschema:"required"`
		// What an inbox shows beside the subject.
		Preheader string `json:"preheader"`
		// What it is about, for steps that name a subject.
		Pain string `json:"pain"`
		// For which stage it is, for steps that name a subject.
		Stage string `json:"stage"`
		// In which language it is written, such as en or de-CH.
		Language languageOf `json:"language"`
		// Which topic of nurture.yaml it belongs to.
		Topic string `json:"topic"`
	}

	// The front matter of a voicemail: between the first line --- and the next one. Below it stands what is said.
	voicemailTemplateForm struct {
		// In which language it is spoken, such as en or de-CH.
		Language languageOf `json:"language"`
		// A recording in place of the text: a web address, or a file beside the template.
		Recording string `json:"recording"`
		// What it is about, for steps that name a subject.
		Pain string `json:"pain"`
		// For which stage it is, for steps that name a subject.
		Stage string `json:"stage"`
	}

	// The front matter of a call script: between the first line --- and the next one. Below it stands what the caller reads, in Markdown.
	callTemplateForm struct {
		// What the task is called; it may name variables, such as {{ .lead.name }}.
		Title string `json:"title"`
		// What it is about, for steps that name a subject.
		Pain string `json:"pain"`
		// For which stage it is, for steps that name a subject.
		Stage string `json:"stage"`
		// In which language it is written, such as en or de-CH.
		Language languageOf `json:"language"`
	}

	languageOf string
)

func (languageOf) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^([A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*)?$`}
}
