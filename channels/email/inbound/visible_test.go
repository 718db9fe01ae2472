package inbound_test

import (
	"strings"
	"testing"

	"nurture/channels/email/inbound"
)

// TestHTML reads pieces of HTML as their readers see them.
func TestHTML(t *testing.T) {
	t.Parallel()
	for html, want := range map[string]string{
		"<p>one</p><p>two<br>three<br><br>four</p>":                                                                        "one\n\ntwo\nthree\n\nfour",
		"<ul><li>a</li><li>b</li></ul><ol><li>c</ol>":                                                                      "- a\n- b\n\n- c",
		"<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table>":                                                  "a b\nc",
		"<pre>a\n  b\n\nc</pre>d":                                                                                          "a\nb\n\nc\n\nd",
		"a&nbsp;b &lt;c&gt; &amp;amp; \u200bd\u00ade":                                                                      "a b <c> &amp; de",
		"<h1>head</h1>text<hr>more<script>x</script><!-- y --><object>z</object>":                                          "head\n\ntext\n\nmore",
		"<blockquote style='margin:0 0 0 40px; border: none'>indented</blockquote>":                                        "indented",
		"<blockquote>quoted</blockquote>mine":                                                                              "mine",
		"<div class='x_gmail_signature'>sig</div>text":                                                                     "text",
		"<p class=MsoNormal>a</p><p class=MsoNormal>b</p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>c</p>": "a\nb\n\nc",
		"text<div class='OutlookMessageHeader'>From: x</div>below":                                                         "text",
		"text<div class='ms-outlook-mobile-reference-message'>below</div>":                                                 "text",
		"unclosed <b>bold <i>text":                                                                                         "unclosed bold text",
		"<div style='display: none'>hidden</div><span style='mso-hide:all'>too</span>x":                                    "x",
		"":                                   "",
		"<br><br>":                           "",
		strings.Repeat("<b>", 1000) + "deep": "deep",
	} {
		m := inbound.Parse([]byte("From: a@b.test\nContent-Type: text/html; charset=utf-8\n\n" + html))
		if got := m.VisibleText(); got != want {
			t.Errorf("%.80s: %q, want %q", html, got, want)
		}
	}
}

// TestPlain reads what the corpus has no mail for.
func TestPlain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"As Bob wrote:\nit is fine.":                                                          "As Bob wrote:\nit is fine.",
		"As Bob wrote:\n> it is fine.\nIndeed.":                                               "Indeed.",
		"2026-01-06 9:00 GMT+01:00 Ana <ana@ourco.test>:\n> x\n\nmine":                        "mine",
		"mine\n--\nJane\n> quoted\nafter":                                                     "mine\nafter",
		"mine\n--\nJane\n\nOn 6 Jan 2026 Ana wrote:\n> quoted\nafter":                         "mine\nafter",
		"mine\n____________________\nthe same":                                                "mine\n____________________\nthe same",
		"From: here to there it is fine":                                                      "From: here to there it is fine",
		"Best regards from Bonn, where it rains. Call me?":                                    "Best regards from Bonn, where it rains. Call me?",
		"Yes.\n\nThanks and best regards,\nJane":                                              "Yes.",
		"Yes.\n\nViele Grüße Jane Doe":                                                        "Yes.",
		"Yes.\n\nThanks\nCould you also send the slides?":                                     "Yes.\n\nThanks\nCould you also send the slides?",
		"This message is great, thank you for sending it to us today.":                        "This message is great, thank you for sending it to us today.",
		"-----BEGIN PGP PUBLIC KEY BLOCK-----\nabc\n-----END PGP PUBLIC KEY BLOCK-----\nmine": "mine",
		"a\n\n\n\nb": "a\n\nb",
		"mine\n\nAm 6. Januar 2026 um 09:00\nschrieb Ana Silva\n<ana@ourco.test>:\n\nalles alt": "mine",
	} {
		m := inbound.Parse([]byte("From: Jane Doe <jane@prospects.test>\nContent-Type: text/plain; charset=utf-8\n\n" + text))
		if got := m.VisibleText(); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
