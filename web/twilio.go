package web

import (
	"errors"
	"net/http"

	"nurture/jobs"
)

// voiceForm reads the form of a request whose signature is good; false when it has been answered already.
func (s *server) voiceForm(w http.ResponseWriter, r *http.Request) bool {
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

// failVoice answers a machine: a call that is not ours will never be, a form that lacks what it must have will never have it; anything else
// may go well later. What is refused shows in the provider's own log as well.
func (s *server) failVoice(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case unknown(err):
		http.NotFound(w, r)
		return
	case errors.Is(err, jobs.ErrBadCallback):
		s.Log.WarnContext(r.Context(), "voice callback refused", "route", r.Pattern, "error", err)
		http.Error(w, jobs.ErrBadCallback.Error(), http.StatusBadRequest)
		return
	}
	s.Log.ErrorContext(r.Context(), "voice callback failed", "route", r.Pattern, "error", err)
	http.Error(w, "try again", http.StatusServiceUnavailable)
}
