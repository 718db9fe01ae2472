package web

import (
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nurture/config"
	"nurture/jobs"
)

// TestEveryLanguageSaysEverything: no language lacks a text, adds one, or fills in other values than the English text does, and whatever the
// pages say is in the catalogues.
func TestEveryLanguageSaysEverything(t *testing.T) {
	t.Parallel()
	verbs := regexp.MustCompile(`%[a-z]`)
	for i, w := range catalogue {
		name := languages[i].String()
		if len(w.months) != 12 || len(w.texts) != len(english.texts) {
			t.Errorf("%s has %d months and %d texts, English %d texts", name, len(w.months), len(w.texts), len(english.texts))
		}
		for text := range english.texts {
			said := w.texts[text]
			if strings.TrimSpace(said) == "" || !slices.Equal(verbs.FindAllString(said, -1), verbs.FindAllString(text, -1)) {
				t.Errorf("%s says %q for %q", name, said, text)
			}
			if i == 0 && said != text {
				t.Errorf("English says %q for its own %q", said, text)
			}
		}
	}
	said := regexp.MustCompile(`\.T "([^"]+)"`)
	names, err := fs.Glob(files, "pages/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(content), -1) {
			if _, ok := english.texts[m[1]]; !ok {
				t.Errorf("%s says %q, which is in no catalogue", name, m[1])
			}
		}
	}
	for _, m := range []message{brokenLink, noSuchPage} {
		if english.texts[m.Heading] == "" || english.texts[m.Text] == "" {
			t.Errorf("%+v is in no catalogue", m)
		}
	}
	for _, o := range timeFrames() {
		if english.texts[o.Label] == "" {
			t.Errorf("%q is in no catalogue", o.Label)
		}
	}
}

// TestDatesInWords writes a date as each language does.
func TestDatesInWords(t *testing.T) {
	t.Parallel()
	want := []string{"3 June 2026", "3. Juni 2026", "3 juin 2026", "3 de junio de 2026", "3 giugno 2026", "3 juni 2026", "3 de junho de 2026"}
	for i := range languages {
		if got := (page{language: i}).Day(time.Date(2026, 6, 3, 0, 0, 0, 0, time.UTC)); got != want[i] {
			t.Errorf("%s writes %q, want %q", languages[i], got, want[i])
		}
	}
}

// TestPagesSpeakTheReadersLanguage: the lead's own, else the browser's, else English; errors too, and the operator's own pages never.
func TestPagesSpeakTheReadersLanguage(t *testing.T) {
	t.Parallel()
	const de, fr, en = `<html lang="de">`, `<html lang="fr">`, `<html lang="en">`
	until := time.Date(2026, time.June, 3, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		own, accepts, path string
		status             int
		says               []string
	}{
		{"de-AT", "fr", "/p/" + goodToken, http.StatusOK, []string{de, "Vor dem 3. Juni 2026 nichts von uns.", "Neues &lt;b&gt;", "Speichern"}},
		{"", "fr-CH, de;q=0.8", "/p/" + goodToken, http.StatusOK, []string{fr, "Rien de notre part avant le 3 juin 2026.", "News"}},
		{"sv", "xx;;q=", "/p/" + goodToken, http.StatusOK, []string{en, "Nothing from us before 3 June 2026."}},
		{"de", "", "/u/" + goodToken, http.StatusOK, []string{de, "Seller &amp; Söhne schreibt Ihnen nicht mehr"}},
		{"fr", "", "/q/" + goodToken, http.StatusOK, []string{fr, "Quelques questions", "Oui", "Do you &lt;run&gt; such a site?"}},
		{"", "de", "/p/bad", http.StatusNotFound, []string{de, "<title>Nicht gefunden", "Dieser Link führt nirgendwohin"}},
		{"", "de", "/outbox", http.StatusOK, []string{en}},
	} {
		s := newSite(t)
		s.engine.language = c.own
		s.engine.standing = jobs.Standing{QuietUntil: &until, Topics: []jobs.TopicStanding{
			{Key: "news", Label: config.Text{ByLanguage: map[string]string{"en": "News", "de": "Neues <b>"}}, On: true}, {Key: "cases", Label: config.Text{Always: "Cases"}},
		}}
		r := request(http.MethodGet, c.path, "")
		r.Header.Set("Accept-Language", c.accepts)
		a := s.do(r)
		a.mustHold(t, c.status, c.says...)
		if strings.HasPrefix(c.path, "/p/") && c.status == http.StatusOK {
			a.mustHold(t, c.status, `name="topic" value="news" checked`, `name="topic" value="cases"><span>Cases`, `name="shown" value="cases"`)
		}
	}
	s := newSite(t)
	s.engine.language = "nl"
	s.do(request(http.MethodPost, "/q/"+goodToken, "answer.people=bad+many")).mustHold(t, http.StatusUnprocessableEntity, "Dit antwoord is niet te lezen", "Kijk nog eens")
	s.do(request(http.MethodPost, "/u/"+goodToken, "")).mustHold(t, http.StatusOK, "U hoort niet meer van ons")
}
