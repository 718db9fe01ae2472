package web

import (
	"net/http"
	"strings"

	"nurture/config"
)

// schema gives the JSON Schema of a kind of configuration file, for editors: /schemas/cadence.json. It is the same for everybody.
func (s *server) schema(w http.ResponseWriter, r *http.Request) {
	name, isJSON := strings.CutSuffix(r.PathValue("file"), ".json")
	for _, kind := range config.SchemaKinds() {
		if kind.Name != name || !isJSON {
			continue
		}
		body, err := kind.JSON()
		if err != nil {
			s.Log.ErrorContext(r.Context(), "make a schema", "kind", name, "error", err)
			http.Error(w, "the schema cannot be made", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/schema+json")
		_, _ = w.Write(body) // an editor that went away needs none
		return
	}
	s.nowhere(w, r)
}
