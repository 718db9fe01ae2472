package api

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"sync"

	"github.com/invopop/jsonschema"

	"nurture/internal/leadfile"
	"nurture/jobs"
)

// describe gives the description of all there is, in OpenAPI 3.1.
func (s *server) describe(*call) (any, error) { return description() }

// JSONSchema names the fields of a person.
func (fieldsOf) JSONSchema() *jsonschema.Schema { return fieldsSchema(leadfile.SettablePerson()) }

// JSONSchema names the fields of an account.
func (accountOf) JSONSchema() *jsonschema.Schema { return fieldsSchema(leadfile.SettableAccount()) }

func fieldsSchema(names []string) *jsonschema.Schema {
	value := func() *jsonschema.Schema {
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string"}, {Type: "number"}, {Type: "boolean"}, {Type: "null"}}}
	}
	s := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
	for _, name := range names {
		s.Properties.Set(name, value())
	}
	s.Properties.Set("fields", &jsonschema.Schema{
		Type: "object", Description: "Fields of your own", AdditionalProperties: value(),
		PropertyNames: &jsonschema.Schema{Pattern: leadfile.OwnName},
	})
	return s
}

// parameter finds the parts of a pattern that vary.
var parameter = regexp.MustCompile(`\{(\w+)\}`)

// description is made of the table of routes, once.
var description = sync.OnceValues(func() (json.RawMessage, error) {
	reflector := jsonschema.Reflector{Anonymous: true, DoNotReference: true}
	schema := func(v any) any {
		s := reflector.ReflectFromType(reflect.TypeOf(v))
		s.Version = ""
		return map[string]any{"application/json": map[string]any{"schema": s}}
	}
	paths := map[string]map[string]any{}
	for _, r := range routes {
		method, path, _ := strings.Cut(r.pattern, " ")
		operation := map[string]any{"summary": r.says, "responses": responses(r, schema)}
		var parameters []any
		for _, found := range parameter.FindAllStringSubmatch(path, -1) {
			parameters = append(parameters, header("path", found[1], true, ""))
		}
		switch {
		case r.roles != nil:
			roles := make([]string, len(r.roles))
			for i, role := range r.roles {
				roles[i] = string(role)
			}
			operation["security"] = []any{map[string]any{"token": []string{}}}
			operation["description"] = "For tokens of the roles " + strings.Join(roles, ", ") + "."
			if method != "GET" {
				parameters = append(parameters, header("header", "Idempotency-Key", false, "The same request under the same key is carried out once; the answer to a repetition has Idempotent-Replayed: true."))
			}
		case r.takes != nil:
			operation["description"] = "Signed by Standard Webhooks (v1, HMAC-SHA256). The same webhook-id again changes nothing."
			for _, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
				parameters = append(parameters, header("header", name, true, ""))
			}
		}
		if parameters != nil {
			operation["parameters"] = parameters
		}
		if r.takes != nil {
			operation["requestBody"] = map[string]any{"required": true, "content": schema(r.takes)}
		}
		if paths[path] == nil {
			paths[path] = map[string]any{}
		}
		paths[path][strings.ToLower(method)] = operation
	}
	return json.Marshal(map[string]any{
		"openapi": "3.1.0", "info": map[string]any{"title": "nurture", "version": "1"}, "paths": paths,
		"components": map[string]any{"securitySchemes": map[string]any{"token": map[string]any{"type": "http", "scheme": "bearer"}}},
	})
})

func header(in, name string, required bool, says string) map[string]any {
	p := map[string]any{"in": in, "name": name, "required": required, "schema": map[string]any{"type": "string"}}
	if says != "" {
		p["description"] = says
	}
	return p
}

// refusals are the answers besides 200, by status.
var refusals = map[int]string{
	400: "The body is no JSON object", 401: "The token or the signature does not hold", 403: "The token's role does not include this",
	404: "No such lead or account is known; nothing is kept of it", 409: "The lead is known at another company", 413: "The body is too large",
	422: "Fields cannot be taken, and nothing was; or another request had this name", 429: "Too many requests: see Retry-After", 500: "The fault is ours: try again later",
	503: "The database does not answer: see Retry-After",
}

func responses(r route, schema func(any) any) map[string]any {
	all := map[string]any{"200": map[string]any{"description": "Done"}}
	if r.gives != nil {
		all["200"] = map[string]any{"description": "Done", "content": schema(r.gives)}
	}
	for status, says := range refusals {
		sends, named := r.takes != nil, strings.Contains(r.pattern, "{")
		switch {
		case status == 401 && r.roles == nil && !sends, status == 403 && r.roles == nil:
			continue
		case status == 400 || status == 409 || status == 413 || status == 422:
			if !sends {
				continue
			}
		case status == 404 && !named && !sends:
			continue
		}
		all[fmt.Sprint(status)] = map[string]any{"description": says, "content": schema(refusal{Fields: []jobs.FieldError{}})}
	}
	return all
}
