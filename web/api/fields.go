package api

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"nurture/internal/provenance"
	"nurture/jobs"
	"nurture/store"
)

// fieldBody is a value on record.
type fieldBody struct {
	Value     string          `json:"value"`
	Kind      provenance.Kind `json:"kind" jsonschema:"enum=unknown,enum=import,enum=api,enum=enrichment,enum=referral,enum=person"`
	Source    string          `json:"source"`
	AsOf      *time.Time      `json:"as_of" jsonschema:"oneof_type=string;null"`      // null: not known
	WrittenAt *time.Time      `json:"written_at" jsonschema:"oneof_type=string;null"` // null: not known
	Stale     bool            `json:"stale"`
}

// proposalBody is a value that waits for a person's decision.
type proposalBody struct {
	Field string `json:"field"`
	Held  string `json:"held"`
	fieldBody
}

// knownBody is what is known of a lead and its account.
type knownBody struct {
	Lead      string               `json:"lead"`
	Fields    map[string]fieldBody `json:"fields"` // an account's with "account." before their names
	Proposals []proposalBody       `json:"proposals"`
}

func bodyOf(f jobs.KnownField) fieldBody {
	b := fieldBody{Value: f.Value, Kind: f.By.Kind, Source: f.By.Source, Stale: f.Stale}
	if !f.By.AsOf.IsZero() {
		b.AsOf, b.WrittenAt = &f.By.AsOf, &f.By.Written
	}
	return b
}

func (s *server) known(c *call) (any, error) {
	key := c.PathValue("key")
	fields, proposals, err := s.Engine.KnownOf(c.Context(), key)
	body := knownBody{Lead: key, Fields: make(map[string]fieldBody, len(fields)), Proposals: make([]proposalBody, len(proposals))}
	for _, f := range fields {
		body.Fields[f.Field] = bodyOf(f)
	}
	for i, p := range proposals {
		body.Proposals[i] = proposalBody{p.Field, p.Held, bodyOf(p.KnownField)}
	}
	return body, err
}

// changeLead takes in what a program says of a lead.
func (s *server) changeLead(c *call) (any, error) {
	var body changeBody
	change, err := s.said(c, &body)
	if err != nil {
		return nil, err
	}
	change.Lead = c.PathValue("key")
	if err := body.into(change); err != nil {
		return nil, err
	}
	return s.change(c, change)
}

// changeAccount takes in what a program says of an account.
func (s *server) changeAccount(c *call) (any, error) {
	var body accountBody
	change, err := s.said(c, &body)
	if err != nil {
		return nil, err
	}
	change.Domain = c.PathValue("domain")
	if err := (&changeBody{AsOf: body.AsOf, Account: body.Account}).into(change); err != nil {
		return nil, err
	}
	return s.change(c, change)
}

// said reads the body of a program's change, which is the program's own by its token, and may be named against repetition.
func (s *server) said(c *call, body any) (*jobs.FieldChange, error) {
	raw, err := whole(c)
	if err != nil {
		return nil, err
	}
	change := &jobs.FieldChange{Kind: provenance.API, Source: c.token.Name}
	if name := c.Header.Get("Idempotency-Key"); name != "" {
		if len(name) > maxName {
			return nil, refused{http.StatusBadRequest, refusal{Error: fmt.Sprintf("the Idempotency-Key is longer than %d characters", maxName)}}
		}
		sum := sha256.Sum256([]byte(c.Method + " " + c.URL.Path + "\n" + string(raw)))
		change.Message = &store.FieldMessage{Source: fmt.Sprintf("api %d", c.token.ID), ID: name, Digest: sum[:]}
	}
	return change, decode(raw, body)
}

// change has the engine take a change in.
func (s *server) change(c *call, change *jobs.FieldChange) (any, error) {
	result, err := s.Engine.ChangeFields(c.Context(), *change)
	if result.Repeated {
		c.head.Set("Idempotent-Replayed", "true")
	}
	return result, err
}

// maxName bounds the name of a message.
const maxName = 255

// whole reads a body. How long one may be, the server around this says.
func whole(c *call) ([]byte, error) {
	raw, err := io.ReadAll(c.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, refused{http.StatusRequestEntityTooLarge, refusal{Error: fmt.Sprintf("the body has more than %d bytes", tooLarge.Limit)}}
	case err != nil:
		return nil, refused{http.StatusBadRequest, refusal{Error: "the body did not arrive whole"}}
	}
	return raw, nil
}

// refused is an error that is the caller's.
type refused struct {
	status int
	refusal
}

func (r refused) Error() string { return r.refusal.Error }

// fail answers an error: what is the caller's in words, all else as ours.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var known refused
	var fields jobs.FieldErrors
	switch {
	case errors.As(err, &known):
		write(w, known.status, known.refusal)
	case errors.As(err, &fields):
		write(w, http.StatusUnprocessableEntity, refusal{"fields cannot be taken; nothing was", fields})
	case errors.Is(err, store.ErrNotFound):
		refuse(w, http.StatusNotFound, "no such lead or account is known")
	case errors.Is(err, jobs.ErrOtherCompany):
		refuse(w, http.StatusConflict, err.Error())
	case errors.Is(err, jobs.ErrFieldTarget):
		refuse(w, http.StatusUnprocessableEntity, err.Error())
	case errors.Is(err, store.ErrMessageReused):
		refuse(w, http.StatusUnprocessableEntity, "another request had this name, and another body")
	default:
		s.fault(w, r, err)
	}
}
