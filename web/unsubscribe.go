package web

import (
	"net/http"

	"nurture/internal/token"
)

// askUnsubscribe shows the way out and changes nothing: scanners open every link of a mail (RFC 8058, section 2).
func (s *server) askUnsubscribe(w http.ResponseWriter, r *http.Request) {
	preferences, err := s.Engine.CheckLink(r.Context(), token.Unsubscribe, r.PathValue("token"))
	if err != nil {
		s.fail(w, r, err, brokenLink)
		return
	}
	s.render(w, r, http.StatusOK, "unsubscribe.html", "Leave", "/p/"+preferences)
}

// cutLink answers a link that lost its token.
func (s *server) cutLink(w http.ResponseWriter, r *http.Request) { s.notFound(w, r, brokenLink) }

// unsubscribe acts, at once and on every channel: for the button of the page and for the one-click POST of a mail program, which carries
// no cookie and follows no redirect (RFC 8058, section 3.2). It may repeat.
func (s *server) unsubscribe(w http.ResponseWriter, r *http.Request) {
	if err := s.Engine.Unsubscribe(r.Context(), r.PathValue("token")); err != nil {
		s.fail(w, r, err, brokenLink)
		return
	}
	s.render(w, r, http.StatusOK, "message.html", "Done",
		message{"You will not hear from us again", "No mail, no calls. It took effect this moment."})
}
