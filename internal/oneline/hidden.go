package oneline

import (
	"strings"
	"unicode"
)

// Hidden recognises what has no shape of its own and changes how the text around it looks: control characters (C0, DEL, C1), the marks that embed,
// override and isolate directions (Unicode's Bidi_Control), zero-width spaces, tags and invisible operators. Joiners are none of them, for Persian,
// Indic scripts and emoji are written with them, nor are the Arabic marks that enclose a number. Line feeds and tabs are control characters.
func Hidden(r rune) bool {
	const zwnj, zwj = '\u200c', '\u200d'
	if r <= unicode.MaxASCII {
		return r < ' ' || r == unicode.MaxASCII
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != zwnj && r != zwj && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// Seen gives what can be seen of s, for people to read: without what is hidden, but with its line feeds and tabs. A name that turns the direction of a line
// around, or an escape sequence in a subject, then touches nothing beside it.
func Seen(s string) string {
	if !strings.ContainsFunc(s, unseen) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unseen(r) {
			return -1
		}
		return r
	}, s)
}

func unseen(r rune) bool { return r != '\n' && r != '\t' && Hidden(r) }
