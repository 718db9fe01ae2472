package web

import (
	"errors"
	"net/http"

	"nurture/internal/token"
)

// maxForm bounds what a request of the voice provider may carry; real ones are under 2 KB.
const maxForm = 64 << 10

// voiceForm reads the form of a request whose signature is good; false when it has been answered already.
func (s *server) voiceForm(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if s.Signature == nil || !s.Signature.Valid(r) {
		http.Error(w, "the signature does not fit", http.StatusForbidden)
		return false
	}
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return false
	}
	return true
}

// voiceScript tells the provider what a call should hear.
func (s *server) voiceScript(w http.ResponseWriter, r *http.Request) {
	if !s.voiceForm(w, r) {
		return
	}
	script, err := s.Engine.VoiceScript(r.Context(), r.PathValue("token"), r.Form)
	if err != nil {
		s.failVoice(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	_, _ = w.Write(script)
}

// voiceStatus takes in how a call went. It is acknowledged only after it is committed (K5).
func (s *server) voiceStatus(w http.ResponseWriter, r *http.Request) {
	if !s.voiceForm(w, r) {
		return
	}
	if err := s.Engine.VoiceCallback(r.Context(), r.PathValue("token"), r.Form); err != nil {
		s.failVoice(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *server) failVoice(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, token.ErrInvalid) {
		http.NotFound(w, r)
		return
	}
	s.Log.ErrorContext(r.Context(), "voice callback failed", "route", r.Pattern, "error", err)
	http.Error(w, "try again", http.StatusServiceUnavailable)
}
