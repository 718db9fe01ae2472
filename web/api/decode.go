package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"nurture/jobs"
)

// changeBody is what somebody says of a lead and its account.
type changeBody struct {
	AsOf    string    `json:"as_of,omitempty" jsonschema:"description=Of when it is: RFC 3339 or a date. Without one it is of now."`
	Person  fieldsOf  `json:"person,omitempty"`
	Account accountOf `json:"account,omitempty"`
}

// accountBody is what somebody says of an account.
type accountBody struct {
	AsOf    string    `json:"as_of,omitempty" jsonschema:"description=Of when it is: RFC 3339 or a date. Without one it is of now."`
	Account accountOf `json:"account"`
}

// fieldsOf and accountOf are fields as they are sent: texts, numbers, yes or no; null and "" say nothing. "fields" holds those of one's own.
type (
	fieldsOf  map[string]any
	accountOf map[string]any
)

// decode reads a body strictly: JSON, one object, no key that is not known.
func decode(raw []byte, body any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	d.UseNumber()
	err := d.Decode(body)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the object")
		}
	}
	if err == nil {
		return nil
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		return jobs.FieldErrors{{Field: name, Reason: "there is no such key"}}
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return jobs.FieldErrors{{Field: wrong.Field, Reason: "this cannot be a " + wrong.Value}}
	}
	return refused{http.StatusBadRequest, refusal{Error: "the body is no JSON object of the form in the description: /api/v1/openapi.json"}}
}

// into puts what was sent into a change.
func (b *changeBody) into(c *jobs.FieldChange) error {
	var wrong jobs.FieldErrors
	if b.AsOf != "" {
		var err error
		if c.AsOf, err = time.Parse(time.RFC3339, b.AsOf); err != nil {
			if c.AsOf, err = time.Parse(time.DateOnly, b.AsOf); err != nil {
				wrong = append(wrong, jobs.FieldError{Field: "as_of", Reason: "write it as 2006-01-02T15:04:05Z or 2006-01-02"})
			}
		}
	}
	c.Person = texts("person.", b.Person, &wrong)
	c.Account = texts("account.", b.Account, &wrong)
	switch {
	case len(wrong) > 0:
		return wrong
	case len(c.Person)+len(c.Account) == 0:
		return refused{http.StatusUnprocessableEntity, refusal{Error: "nothing is said: give fields of the person or the account"}}
	}
	return nil
}

// texts are the values of fields as people would write them; nested own fields get their full names.
func texts(of string, sent map[string]any, wrong *jobs.FieldErrors) map[string]string {
	said := make(map[string]string, len(sent))
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		own, nested := sent[name].(map[string]any)
		if name != "fields" {
			addText(said, of, name, sent[name], wrong)
			continue
		}
		if !nested {
			*wrong = append(*wrong, jobs.FieldError{Field: of + name, Reason: "this must be an object of fields of your own"})
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(own)) {
			addText(said, of, "fields."+key, own[key], wrong)
		}
	}
	return said
}

func addText(said map[string]string, of, name string, value any, wrong *jobs.FieldErrors) {
	switch v := value.(type) {
	case nil:
		said[name] = ""
	case string:
		said[name] = v
	case json.Number:
		said[name] = v.String()
	case bool:
		said[name] = map[bool]string{true: "yes", false: "no"}[v]
	default:
		*wrong = append(*wrong, jobs.FieldError{Field: of + name, Reason: "this must be a text, a number, or true or false"})
	}
}
