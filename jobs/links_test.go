package jobs

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"nurture/cadence"
	"nurture/channels"
	"nurture/internal/token"
)

// linksOf are the targets of the links in a mail's HTML part, in order.
func linksOf(document string) []string {
	var targets []string
	for _, m := range regexp.MustCompile(`<a [^>]*href="([^"]*)"`).FindAllStringSubmatch(document, -1) {
		targets = append(targets, html.UnescapeString(m[1]))
	}
	return targets
}

// TestLinksLeadOverUsOnlyWhenAsked sends the same mail with and without track_clicks.
func TestLinksLeadOverUsOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	for _, tracked := range []bool{false, true} {
		files := firstSeven("  - email: linked\n" + "  - email: intro-question\n    after: 3 business days\n")
		files["templates/email/linked.md"] = "---\nsubject: Links\n---\nSee [the *sheet*](https://www.example.com/a?b=1&c=2), https://www.example.com/plain. " +
			"[Write](mailto:mara@example.com), [leave]({{ .links.unsubscribe }}), [choose]({{ .links.preferences }}), [answer]({{ .links.self_qualify }}), " +
			"[paren](https://www.example.com/x_(y))."
		if tracked {
			files["nurture.yaml"] = starterFile(t, "nurture.yaml", "on_unknown:", "mail: { track_clicks: true }\n\non_unknown:")
		}
		r := newLiveRig(t, files)
		id := r.planned(1)[0]
		r.sendNow(cadence.ChannelEmail, id)
		m := r.mail.messages()[0]
		const base = "https://nurture.example.com"
		over := func(target string) string {
			if !tracked {
				return target
			}
			return base + "/c/" + r.Tokens().MakeLink(id, target)
		}
		leave, choose, answer := base+"/u/"+r.Tokens().Make(token.Unsubscribe, id), base+"/p/"+r.Tokens().Make(token.Preferences, id),
			base+"/q/"+r.Tokens().Make(token.SelfQualify, id)
		want := []string{
			over("https://www.example.com/a?b=1&c=2"), "https://www.example.com/plain", "mailto:mara@example.com", leave, choose, answer,
			over("https://www.example.com/x_(y)"), leave, choose,
		}
		if got := linksOf(m.HTML); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("tracked %v: HTML links\n%s\nwant\n%s", tracked, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		for _, text := range []string{
			"the sheet (" + over("https://www.example.com/a?b=1&c=2") + "), " + over("https://www.example.com/plain") + ". ", "(" + leave + ")",
			"(" + choose + ")", "(" + answer + ")", "(" + over("https://www.example.com/x_(y)") + ").", ": " + leave + "\n", ": " + choose + "\n",
		} {
			if !strings.Contains(m.Text, text) {
				t.Errorf("tracked %v: no %q in\n%s", tracked, text, m.Text)
			}
		}
		if m.Mail.UnsubscribeURL != leave {
			t.Errorf("one-click address %q", m.Mail.UnsubscribeURL)
		}
	}
}

func TestLinksThatStayAsTheyAre(t *testing.T) {
	t.Parallel()
	e := &Engine{tokens: token.NewSigner([]byte("secret"))}
	const base = "https://example.com"
	for _, link := range []string{
		`<a href="mailto:a@example.com">w</a>`, `<a href="#top">w</a>`, `<a href="https://example.com/u/u1-abc">w</a>`, `<a href="https://example.com/p/x">w</a>`,
		`<a href="https://example.com/q/x">w</a>`, `<a href="https://example.com/c/x">w</a>`, `<a href="ftp://example.com/x">w</a>`, `<a href="https://">w</a>`,
		`<a class="x" href="https://Example.com/sheet"><b>example.com</b>/sheet</a>`, `<link href="https://www.example.com/x">`, `href=&quot;https://x.example&quot;`,
	} {
		m := channels.Message{TouchID: 1, HTML: link}
		if e.leadLinks(&m, base); m.HTML != link {
			t.Errorf("%s became %s", link, m.HTML)
		}
	}
	m := channels.Message{TouchID: 1, HTML: `<a href="https://x.example/">w</a>`, Text: "https://x.example/"}
	e.leadLinks(&m, "")
	if strings.Contains(m.HTML+m.Text, "/c/") {
		t.Error("links lead over nowhere")
	}
	m = channels.Message{TouchID: 1, Text: "https://example.com/blog, (see https://example.com/u/u1-abc)!"}
	e.leadLinks(&m, base)
	if want := base + "/c/" + e.tokens.MakeLink(1, "https://example.com/blog") + ", (see https://example.com/u/u1-abc)!"; m.Text != want {
		t.Errorf("text %s, want %s", m.Text, want)
	}
}
