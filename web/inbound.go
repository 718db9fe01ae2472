package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"strings"
)

const (
	inboundPath = "/inbound/email"
	// maxMail bounds a pushed mail, in bytes: what large mail systems accept.
	maxMail = 25 << 20
)

// inboundMail takes in a mail that a provider pushes: the raw message as the body, the token as "Authorization: Bearer …". It answers 204
// only after the mail is committed, so that the provider may forget it (K5); 503 asks it to come again.
func (s *server) inboundMail(w http.ResponseWriter, r *http.Request) {
	if s.TakeMail == nil || !s.mayPush(r) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "the token does not fit", http.StatusUnauthorized)
		return
	}
	raw, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, "the mail is too large", http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, "the mail did not arrive whole", http.StatusBadRequest)
		return
	case len(raw) == 0:
		http.Error(w, "there is no mail in the request", http.StatusBadRequest)
		return
	}
	if err := s.TakeMail(r.Context(), raw); err != nil {
		s.Log.ErrorContext(r.Context(), "a pushed mail could not be taken", "error", err)
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// mayPush compares hashes, so that neither the length nor the beginning of the token can be found out by timing.
func (s *server) mayPush(r *http.Request) bool {
	shown, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || s.InboundToken == "" {
		return false
	}
	a, b := sha256.Sum256([]byte(shown)), sha256.Sum256([]byte(s.InboundToken))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
