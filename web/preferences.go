package web

import (
	"crypto/rand"
	"errors"
	"net/http"

	"nurture/jobs"
)

// preferencesPage is what the preference page shows.
type preferencesPage struct {
	jobs.Standing
	Saved, Confused bool   // something was chosen; something was sent that is no choice
	Nonce           string // tells this form from the next: sent twice it counts once
}

// showPreferences shows how things stand and what a lead may choose. It changes nothing.
func (s *server) showPreferences(w http.ResponseWriter, r *http.Request) {
	s.showStanding(w, r, false)
}

// showStanding shows how things stand: saved says that nothing else was asked for.
func (s *server) showStanding(w http.ResponseWriter, r *http.Request, saved bool) {
	standing, err := s.Engine.Preferences(r.Context(), r.PathValue("token"))
	if err != nil {
		s.fail(w, r, err, brokenLink)
		return
	}
	standing.Unchanged = saved
	s.renderPreferences(w, r, http.StatusOK, preferencesPage{Standing: standing, Saved: saved})
}

// prefer does what was chosen and shows how things stand then. Nothing chosen is a choice too: to leave all as it is.
func (s *server) prefer(w http.ResponseWriter, r *http.Request) {
	if !s.publicForm(w, r) {
		return
	}
	var choices []jobs.Choice
	for _, name := range []string{"rhythm", "calls", "contact"} {
		if value := r.PostForm.Get(name); value != "" {
			choices = append(choices, jobs.Choice(value))
		}
	}
	var topics *jobs.TopicChoice
	if shown := r.PostForm["shown"]; len(shown) > 0 {
		topics = &jobs.TopicChoice{Shown: shown, Wanted: r.PostForm["topic"]}
	}
	if len(choices) == 0 && topics == nil {
		s.showStanding(w, r, true)
		return
	}
	standing, err := s.Engine.Prefer(r.Context(), r.PathValue("token"), r.PostForm.Get("nonce"), choices, topics)
	if errors.Is(err, jobs.ErrUnknownChoice) {
		if standing, err = s.Engine.Preferences(r.Context(), r.PathValue("token")); err == nil {
			s.renderPreferences(w, r, http.StatusBadRequest, preferencesPage{Standing: standing, Confused: true})
			return
		}
	}
	if err != nil {
		s.fail(w, r, err, brokenLink)
		return
	}
	s.renderPreferences(w, r, http.StatusOK, preferencesPage{Standing: standing, Saved: true})
}

func (s *server) renderPreferences(w http.ResponseWriter, r *http.Request, status int, body preferencesPage) {
	body.Nonce = rand.Text()
	s.render(w, r, status, "preferences.html", "How we stay in touch", body)
}

// publicForm reads the form of a public page; false when it could not be read and that has been answered.
func (s *server) publicForm(w http.ResponseWriter, r *http.Request) bool {
	err := r.ParseForm()
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return true
	case errors.As(err, &tooLarge):
		s.render(w, r, http.StatusRequestEntityTooLarge, "message.html", "Too long", message{"That is too long", "Please go back and shorten what you wrote."})
	default:
		s.render(w, r, http.StatusBadRequest, "message.html", "Not readable", message{"That could not be read", "Please go back and send it once more."})
	}
	return false
}
