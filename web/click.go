package web

import (
	"net/http"

	"nurture/jobs"
)

// click leads on to the target of a link in a mail. Only a target that was signed is ever gone to: this is no open redirect. That a visit
// could not be noted is no reason to leave the reader standing.
func (s *server) click(w http.ResponseWriter, r *http.Request) {
	target, err := s.Engine.Click(r.Context(), r.PathValue("token"), jobs.Visit{Head: r.Method == http.MethodHead, Header: r.Header})
	if target == "" {
		s.fail(w, r, err, brokenLink)
		return
	}
	if err != nil && !unknown(err) { // of a touch that is gone nothing is noted
		s.Log.ErrorContext(r.Context(), "a visit could not be noted", "error", err)
	}
	http.Redirect(w, r, target, http.StatusFound)
}
