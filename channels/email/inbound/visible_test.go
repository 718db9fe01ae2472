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

// TestQuotesOfOtherLanguages: mail programs head what they quote in the reader's language, and few of them are in the tables.
func TestQuotesOfOtherLanguages(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"Zoho":             "---- On Mon, 05 Jan 2026 10:00:00 +0100 Mara <mara@ourco.test> wrote ----\n\n",
		"QQ":               "------------------ Original ------------------\nFrom: \"Mara\" <mara@ourco.test>;\nDate: Mon, Jan 5, 2026 10:00 AM\nTo: \"jane\"<jane@prospects.test>;\nSubject: An idea\n\n",
		"QQ in Chinese":    "------------------ 原始邮件 ------------------\n发件人: \"Mara\" <mara@ourco.test>;\n发送时间: 2026年1月5日(星期一) 上午10:00\n收件人: \"jane\"<jane@prospects.test>;\n\n",
		"Yandex":           "05.01.2026, 10:00, \"Mara\" <mara@ourco.test>:\n",
		"Outlook Danish":   "Fra: Mara <mara@ourco.test>\nSendt: 5. januar 2026 10:00\nTil: Jane\nEmne: An idea\n\n",
		"Outlook Swedish":  "Från: Mara <mara@ourco.test>\nSkickat: den 5 januari 2026 10:00\nTill: Jane\nÄmne: An idea\n\n",
		"Outlook Polish":   "Od: Mara <mara@ourco.test>\nWysłano: poniedziałek, 5 stycznia 2026 10:00\nDo: Jane\nTemat: An idea\n\n",
		"Outlook Japanese": "差出人: Mara <mara@ourco.test>\n送信日時: 2026年1月5日\n宛先: Jane\n件名: An idea\n\n",
		"Gmail Norwegian":  "man. 5. jan. 2026 kl. 10:00 skrev Mara <mara@ourco.test>:\n",
		"Gmail Polish":     "pon., 5 sty 2026 o 10:00 Mara <mara@ourco.test> napisał(a):\n",
		"Gmail Japanese":   "2026年1月5日(月) 10:00 Mara <mara@ourco.test>:\n",
		"Gmail Russian":    "пн, 5 янв. 2026 г. в 10:00, Mara <mara@ourco.test>:\n",
		"Gmail Finnish":    "ma 5. tammik. 2026 klo 10.00 Mara (mara@ourco.test) kirjoitti:\n",
	} {
		original := "Hi Jane,\nshort question about your team.\n\nMara\nUnsubscribe: https://u.ourco.test/u/x"
		for _, mark := range []string{"", "> "} {
			quoted := head + mark + strings.ReplaceAll(original, "\n", "\n"+mark)
			if got := sentence(threaded, "Yes, please call me.\n\n"+quoted).VisibleText; got != "Yes, please call me." {
				t.Errorf("%s, quoted by %q: %q", name, mark, got)
			}
			if c := sentence(threaded, "Unsubscribe\n\n"+quoted); c.Kind != inbound.KindUnsubscribe {
				t.Errorf("%s, quoted by %q: %s", name, mark, c.Kind)
			}
		}
	}
	for _, text := range []string{"Let us talk at 10:30, or write to Bob (bob@prospects.test).", "I can do: 10:00 or 11.00.\nFrom here on:\n- call me", "De: 9.00 a 10.00"} {
		if got := sentence(threaded, text).VisibleText; got != text {
			t.Errorf("%q shows as %q", text, got)
		}
	}
}

// TestLastLetterInWindows1252: text that does not say its charset ends in a letter that is no UTF-8. That is no character which a limit cut.
func TestLastLetterInWindows1252(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"", "\n", "\r\n", " !"} {
		raw := "From: Ren\xe9 <rene@prospects.test>\nSubject: Un caf\xe9\n\nOn prend un caf\xe9" + end
		m := inbound.Parse([]byte(raw))
		if got, want := m.VisibleText(), "On prend un café"+strings.TrimRight(end, "\r\n"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if got := m.Subject(); got != "Un café" {
			t.Errorf("subject %q", got)
		}
	}
	long := "é" + strings.Repeat("a", 1<<20-3) + "é" // which the limit of a part cuts
	if got := inbound.Parse([]byte("From: a@prospects.test\n\n" + long)).VisibleText(); strings.Contains(got, "Ã") {
		t.Error("a text in UTF-8 that was cut is read as Windows-1252")
	}
}
