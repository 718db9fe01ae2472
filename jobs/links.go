package jobs

import (
	"html"
	"net/url"
	"regexp"
	"strings"

	"nurture/channels"
	"nurture/internal/token"
)

// anchor is a link as templates write it: attributes in double quotes, and quotes in text always as entities.
var anchor = regexp.MustCompile(`(?s)(<a\s[^>]*?href=")([^"]*)("[^>]*>)(.*?)(</a>)`)

// address is a web address in plain text, perhaps with the punctuation that follows it.
var address = regexp.MustCompile(`https?://[^\s<>"]+`)

// leadLinks makes the links of a mail lead over the public pages under base, where a click is noted.
func (e *Engine) leadLinks(m *channels.Message, base string) {
	if base == "" {
		return
	}
	over := func(target string) string {
		return base + "/" + string(rune(token.Click)) + "/" + e.tokens.MakeLink(m.TouchID, target)
	}
	m.HTML = anchor.ReplaceAllStringFunc(m.HTML, func(link string) string {
		parts := anchor.FindStringSubmatch(link)
		target := html.UnescapeString(parts[2])
		if !leadable(target, base) || showsHost(parts[4], target) {
			return link
		}
		return parts[1] + html.EscapeString(over(target)) + parts[3] + parts[4] + parts[5]
	})
	m.Text = address.ReplaceAllStringFunc(m.Text, func(found string) string {
		target := withoutPunctuation(found)
		if !leadable(target, base) {
			return found
		}
		return over(target) + found[len(target):]
	})
}

// leadable says whether a link may lead over us: a web address, and none of our own public pages. Who wants to leave, choose or answer is
// not watched on the way.
func leadable(target, base string) bool {
	for _, p := range []token.Purpose{token.Unsubscribe, token.Preferences, token.SelfQualify, token.Click} {
		if strings.HasPrefix(target, base+"/"+string(rune(p))+"/") {
			return false
		}
	}
	return webTarget(target)
}

// webTarget says whether target is an address that a browser may be sent to.
func webTarget(target string) bool {
	u, err := url.Parse(target)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil
}

// showsHost says whether the words of a link show where it leads. Such a link is left alone: mail programs warn of links that show one
// address and lead to another, as fraud does.
func showsHost(words, target string) bool {
	u, err := url.Parse(target)
	return err == nil && strings.Contains(strings.ToLower(words), strings.ToLower(u.Hostname()))
}

// withoutPunctuation is an address as it was meant: the full stop behind it, and a bracket that was opened before it, are the text's.
func withoutPunctuation(found string) string {
	for found != "" {
		last := found[len(found)-1]
		closing := last == ')' && strings.Count(found, ")") > strings.Count(found, "(")
		if !closing && !strings.ContainsRune(".,;:!?'*_", rune(last)) {
			break
		}
		found = found[:len(found)-1]
	}
	return found
}
