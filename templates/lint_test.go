package templates

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// lintData is a lead of whom everything is known, and one of whom nothing but the address is.
func lintData() (full, bare Data) {
	company := map[string]any{"name": "Kestrel", "postal_address": "Beispielstrasse 12, Berlin"}
	links := map[string]any{"unsubscribe": "https://nurture.example.com/u/1", "self_qualify": "https://nurture.example.com/q/1"}
	full = Data{
		"lead": {"first_name": "Sam", "title": "Plant manager"}, "account": {"name": "Sample Works"}, "sender": {"first_name": "Mara", "phone": "+49301234"},
		"company": company, "links": links,
	}
	return full, Data{"lead": {"email": "bare@customer.example"}, "company": company, "links": links, "sender": full["sender"]}
}

// lint gives the findings in one template as "rule line:column".
func lint(t *testing.T, path, text string) []string {
	t.Helper()
	set, problems := Load(fstest.MapFS{"templates/" + path: &fstest.MapFile{Data: []byte(text)}}, "templates")
	if len(problems) > 0 {
		t.Fatalf("%s: %v", path, problems)
	}
	full, bare := lintData()
	var got []string
	for _, f := range set.Lint(full, bare) {
		if f.Message == "" || f.File != "templates/"+path {
			t.Errorf("%s: %+v", f.Rule, f)
		}
		got = append(got, fmt.Sprintf("%s %d:%d", f.Rule, f.Line, f.Column))
	}
	return got
}

func mail(subject, body string) string {
	return "---\nsubject: " + subject + "\n---\n" + body + "\n\nA sound mail has a few words that say to a person what it is about, and why now.\n"
}

func TestLintMail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"sound", mail("Your next audit", "Hi {{ .lead.first_name | default \"there\" }}, [the checklist](https://www.kestrel.io/list) is here!"), ""},
		{"filled in", mail("Hello", "[stop]({{ .links.unsubscribe }}), [form]({{ .links.self_qualify }}), [you](https://www.kestrel.io/{{ .company.name }})"), ""},
		{"long", mail(strings.Repeat("ten chars ", 6)+"x", "Hi."), "subject-length 2:10"},
		{"short when filled in", mail("'{{ .account.name | default \"x\" }} and {{ .account.name | default \"x\" }} and {{ .account.name | default \"x\" }} and then some'", "Hi."), ""},
		{"sixty", mail(strings.Repeat("ten chars ", 5)+"ten charsx", "Hi."), ""},
		{"reply", mail("\"Re: our call\"", "Hi."), "fake-reply 2:10"},
		{"reply in German", mail("'AW: Termin'", "Hi."), "fake-reply 2:10"},
		{"no reply", mail("\"Reading: five pages\"", "Hi."), ""},
		{"shouted", mail("READ THIS BEFORE THE AUDIT", "Hi."), "capitals 2:10"},
		{"shouted, short", mail("FREE TRAINING", "Hi."), "capitals 2:10"},
		{"shouted in part", mail("Your audit, READ THIS FIRST", "Hi."), "capitals 2:10"},
		{"abbreviation", mail("HAZOP and SIL", "Hi."), ""},
		{"excited", mail("Hi!!", "Hi."), "exclamation 2:10"},
		{"phrase", mail("Last chance", "Hi."), "spam-phrase 2:10"},
		{"phrase in the body", mail("Hello", "Hi, this is\n100%  free of doubt."), "spam-phrase 5:1"},
		{"phrase over lines", mail("Hello", "Hi, do act\nnow please."), "spam-phrase 4:8"},
		{"phrase inside of words", mail("Hello", "The contact nowadays."), ""},
		{"phrase in an address", mail("Hello", "[us](https://www.kestrel.io/buy-now/act now)"), ""},
		{"link words", mail("Hello", "[Click here](https://www.kestrel.io/)"), "spam-phrase 4:2"},
		{"typographic", mail("Hello", "So don’t miss out."), "spam-phrase 4:4"},
		{"German", "---\nsubject: Hallo\nlanguage: de-AT\n---\nNur für kurze Zeit: act now. Mehr Worte, damit der Text lang genug ist.\n", "spam-phrase 5:1"},
		{"other language", "---\nsubject: Hej\nlanguage: sv\n---\nAct now.\n", ""},
		{"exclamations", mail("Hello", "One! Two! Three! Four!"), "exclamation 4:4"},
		{"two at once", mail("Hello", "Wow!!"), "exclamation 4:4"},
		{"shouting", mail("Hello", "This is REALLY VERY URGENT, you know."), "capitals 4:9"},
		{"not shouting", mail("Hello", "COMAH, HAZOP or OSHA PSM."), ""},
		{"http", mail("Hello", "[us](http://www.kestrel.io/a)"), "http-link 4:6"},
		{"second of two", mail("Hello", "[a](https://www.kestrel.io/a) [b](http://www.kestrel.io/b)"), "http-link 4:35"},
		{"bare address", mail("Hello", "See http://www.kestrel.io/a for it."), "http-link 4:5"},
		{"example", mail("Hello", "[us](https://www.example.com/a)"), "example-address 4:6"},
		{"number", mail("Hello", "[us](https://192.0.2.7/a)"), "broken-link 4:6"},
		{"no domain", mail("Hello", "[us](https://kestrel/a)"), "broken-link 4:6"},
		{"pasted twice", mail("Hello", "[us](https://www.kestrel.io/https://www.kestrel.io/a)"), "broken-link 4:6"},
		{"mailbox", mail("Hello", "[us](mailto:mara)"), "broken-link 4:6"},
		{"sound mailbox", mail("Hello", "[us](mailto:mara@kestrel.io)"), ""},
		{"shortener", mail("Hello", "[us](https://bit.ly/3xyz)"), "url-shortener 4:6"},
		{"not a shortener", mail("Hello", "[us](https://orbit.ly/3xyz)"), ""},
		{"deceptive", mail("Hello", "[www.kestrel.com/a](https://tracker.io/a)"), "deceptive-link 4:21"},
		{"honest", mail("Hello", "[kestrel.com](https://www.kestrel.com/a) [www.kestrel.com](https://kestrel.com) [docs.kestrel.com](https://docs.kestrel.com/x)"), ""},
		{"no alt", mail("Hello", "Look: ![](https://www.kestrel.io/a.png)"), "image-alt 4:11"},
		{"alt", mail("Hello", "Look: ![The valve](https://www.kestrel.io/a.png)"), ""},
		{"picture only", "---\nsubject: Hello\n---\n![The offer](https://www.kestrel.io/a.png)\n", "image-only 4:1"},
		{"lorem", mail("Hello", "Lorem ipsum dolor."), "placeholder 4:1"},
		{"to do", mail("Hello", "Price: TODO, todo bien."), "placeholder 4:8"},
		{"of another program", mail("Hello *|FNAME|*", "Hi %%first_name%%."), "placeholder 2:16, placeholder 4:4"},
		{"in brackets", mail("Hello", "Hi [First Name], [your page](https://www.kestrel.io/)."), "placeholder 4:4"},
		{"missing", mail("Hello", "Hi {{ .lead.title }}."), "missing-value 4:7"},
		{"missing for all", mail("Hello", "Hi {{ .lead.city }}."), "missing-value 4:7"},
	} {
		if got := strings.Join(lint(t, "email/x.md", c.text), ", "); got != c.want {
			t.Errorf("%s: found %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLintVoiceAndCalls(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, path, text, want string }{
		{"sound", "voicemail/x.md", "Hello. For no more calls ring {{ .sender.phone }}.", ""},
		{"number", "voicemail/x.md", "Hello. For no more calls ring 030 123 456.", ""},
		{"no number", "voicemail/x.md", "Hello. We open at 9.", "voice-opt-out 1:1"},
		{"long", "voicemail/x.md", "Ring {{ .sender.phone }}." + strings.Repeat(" word", 151), "voice-length 1:1"},
		{"recorded", "voicemail/x.md", "---\nrecording: https://www.kestrel.io/a.mp3\n---\n", ""},
		{"script", "call/x.md", "Ask [insert name] about it. ACT NOW, they say.", "placeholder 1:5"},
		{"missing", "call/x.md", "---\ntitle: Call {{ .lead.first_name }}\n---\nAsk.", "missing-value 2:8"},
	} {
		if got := strings.Join(lint(t, c.path, c.text), ", "); got != c.want {
			t.Errorf("%s: found %q, want %q", c.name, got, c.want)
		}
	}
}

// TestEachLanguageOfTheFootersKnowsItsPhrases: a phrase of each is found in a text of that language.
func TestEachLanguageOfTheFootersKnowsItsPhrases(t *testing.T) {
	t.Parallel()
	for language := range wordsByLanguage {
		if len(spamPhrases[language]) < 15 {
			t.Errorf("%s has %d phrases", language, len(spamPhrases[language]))
		}
	}
	for language, text := range map[string]string{
		"en": "Act now", "de": "Hier klicken", "fr": "Gagnez de l’argent", "es": "Última  oportunidad", "it": "Clicca qui", "nl": "Klik hier", "pt": "Dinheiro de volta",
	} {
		whole := "… " + text + "."
		if at := spamPhrase(language, whole); at == nil || whole[at[0]:at[1]] != text {
			t.Errorf("%s: %q is found at %v", language, text, at)
		}
		if spamPhrase(language, "x"+text+"x") != nil {
			t.Errorf("%s: found inside of a word", language)
		}
	}
}

func TestWebLinks(t *testing.T) {
	t.Parallel()
	set, _ := Load(fstest.MapFS{"templates/email/x.md": &fstest.MapFile{Data: []byte(mail("Hello",
		"[a](https://a.example/1) ![b](https://b.example/2.png) https://c.example/3 [d]({{ .links.unsubscribe }}) [e](https://e.example/{{ .lead.title }}) [f](mailto:f@example.com)"))}},
		"templates")
	var got []string
	for _, l := range set.WebLinks() {
		got = append(got, fmt.Sprintf("%s %d:%d", l.URL, l.Line, l.Column))
	}
	if want := "https://a.example/1 4:5, https://b.example/2.png 4:31, https://c.example/3 4:56"; strings.Join(got, ", ") != want {
		t.Errorf("found %q, want %q", strings.Join(got, ", "), want)
	}
}
