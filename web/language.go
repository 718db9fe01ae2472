package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/language"

	"nurture/internal/token"
)

// words are what the public pages say in one language.
type words struct {
	texts  map[string]string // English → this language; both with the same verbs of fmt in the same order
	months []string
	date   string // day, month in words, year
}

// The languages that the public pages speak; the first is for all others.
var (
	languages = []language.Tag{
		language.English, language.German, language.French, language.Spanish, language.Italian, language.Dutch, language.Portuguese,
	}
	catalogue = []words{english, german, french, spanish, italian, dutch, portuguese}
	matcher   = language.NewMatcher(languages)
)

// linkPurposes are the tokens of the public pages, by the beginning of the path.
var linkPurposes = map[string]token.Purpose{"u": token.Unsubscribe, "p": token.Preferences, "q": token.SelfQualify}

// speaks chooses the language of an answer: the lead's own, else the browser's, else English.
func (s *server) speaks(r *http.Request) int {
	own := ""
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if purpose, ok := linkPurposes[first]; ok && r.PathValue("token") != "" {
		own = s.Engine.LinkLanguage(r.Context(), purpose, r.PathValue("token"))
	}
	accepted := r.Header.Get("Accept-Language")
	_, chosen := language.MatchStrings(matcher, own, accepted[:min(len(accepted), 200)])
	return chosen
}

// Lang is the language of the page, as its html element names it.
func (p page) Lang() string { return languages[p.language].String() }

// T says an English text in the language of the page. A text that is in no catalogue, of the operator's own pages, stays as it is.
func (p page) T(text string, args ...any) string {
	if translated, ok := catalogue[p.language].texts[text]; ok {
		text = translated
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Day writes a date in words of the page's language.
func (p page) Day(t time.Time) string {
	w := catalogue[p.language]
	return fmt.Sprintf(w.date, t.Day(), w.months[t.Month()-1], t.Year())
}
