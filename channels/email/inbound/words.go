package inbound

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is one word of a text, folded for comparison: lower case, without accents, "ß" as "ss".
type word struct {
	text     string
	start    int // byte offset in the text
	end      int
	sentence int // counts from 0; words of one sentence have the same
}

// maxWords bounds how much of a text is looked at: a request or an absence is stated at its beginning.
const maxWords = 1500

// accents folds the letters of the languages that the tables know.
var accents = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d",
	'à': "a", 'á': "a", 'â': "a", 'ã': "a", 'ä': "a", 'å': "a", 'ç': "c", 'č': "c",
	'è': "e", 'é': "e", 'ê': "e", 'ë': "e", 'ě': "e", 'ì': "i", 'í': "i", 'î': "i", 'ï': "i", 'ñ': "n",
	'ò': "o", 'ó': "o", 'ô': "o", 'õ': "o", 'ö': "o", 'ù': "u", 'ú': "u", 'û': "u", 'ü': "u", 'ý': "y", 'ÿ': "y",
	'š': "s", 'ž': "z", 'º': "", 'ª': "", 'ą': "a", 'ć': "c", 'ę': "e", 'ń': "n", 'ś': "s", 'ź': "z", 'ż': "z",
}

// fold makes text comparable; combining accents are dropped.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if r >= 'A' && r <= 'Z' {
				r += 'a' - 'A'
			}
			b.WriteByte(byte(r))
		case unicode.Is(unicode.Mn, r):
		case r >= '０' && r <= '９': // the wide figures of Japanese
			b.WriteByte('0' + byte(r-'０'))
		default:
			r = unicode.ToLower(r)
			if plain, ok := accents[r]; ok {
				b.WriteString(plain)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// sign reports a letter of a writing that parts no words: each is one.
func sign(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r == 'ー' || r == '々'
}

// splitWords takes a text apart; of Japanese and Chinese each sign is a word. An apostrophe or hyphen parts words, "e-mail" is "email" and "un-subscribe" "unsubscribe"; a number keeps the dots, slashes and
// hyphens between its digits, so that 15.01.2026 is one word. A sentence ends at ". ! ? ; …" before a space, and at an empty line.
func splitWords(s string) []word {
	var words []word
	sentence := 0
	for i := 0; i < len(s) && len(words) < maxWords; {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case unicode.IsDigit(r):
			end := numberEnd(s, i)
			words = appendWord(words, word{fold(s[i:end]), i, end, sentence})
			i = end
			continue
		case sign(r):
			words = append(words, word{s[i : i+size], i, i + size, sentence})
		case unicode.IsLetter(r):
			end := letterEnd(s, i)
			w := word{fold(s[i:end]), i, end, sentence}
			if right, ok := spellings[w.text]; ok {
				w.text = right
			}
			if n := len(words); n > 0 && words[n-1].end == i-1 && s[i-1] == '-' &&
				(words[n-1].text == "e" && strings.HasPrefix(w.text, "mail") || words[n-1].text == "un" && w.text == "subscribe") {
				words[n-1] = word{words[n-1].text + w.text, words[n-1].start, end, sentence}
			} else {
				words = appendWord(words, w)
			}
			i = end
			continue
		case strings.ContainsRune(".!?;…。！？", r):
			if r != '.' || endsSentence(s, i, words) {
				sentence++
			}
		case r == '\n' && strings.HasPrefix(strings.TrimLeft(s[i+1:min(i+20, len(s))], " \t\r"), "\n"):
			sentence++
		}
		i += size
	}
	return words
}

// spellings are what people write for a word that must not be missed.
var spellings = map[string]string{
	"unsub": "unsubscribe", "unsubcribe": "unsubscribe", "unsuscribe": "unsubscribe", "unsubsribe": "unsubscribe", "unsubscibe": "unsubscribe",
	"unsubscrib": "unsubscribe", "unsubsrcibe": "unsubscribe", "unscribe": "unsubscribe", "unsubscirbe": "unsubscribe", "usubscribe": "unsubscribe",
}

// appendWord leaves out what folds to nothing, such as a lone ordinal sign.
func appendWord(words []word, w word) []word {
	if w.text == "" {
		return words
	}
	return append(words, w)
}

func letterEnd(s string, i int) int {
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if sign(r) || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) {
			break
		}
		i += size
	}
	return i
}

// numberEnd takes digits, separators between digits, and letters that follow at once (15th, 1er, 3pm).
func numberEnd(s string, i int) int {
	for i < len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
		case strings.IndexByte("./-", c) >= 0 && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9':
		default:
			return letterEnd(s, i)
		}
		i++
	}
	return i
}

// shortForms stand before a date with a dot that ends no sentence: "inkl. 15.03.", "t.o.m. 16 augusti".
var shortForms = wordSet("inkl einschl incl ca m d dd kl dn tom from")

// endsSentence tells the dot of "15. Januar", "15.01. nicht" and "Jan. 15" from a full stop.
func endsSentence(s string, i int, words []word) bool {
	rest := strings.TrimLeft(s[i+1:], " \t\r\n")
	if len(words) == 0 || rest == "" || len(rest) == len(s[i+1:]) {
		return rest == ""
	}
	last := words[len(words)-1]
	if last.end != i {
		return true
	}
	next, _ := utf8.DecodeRuneInString(rest)
	if last.text[0] >= '0' && last.text[0] <= '9' {
		_, month := months[fold(rest[:letterEnd(rest, 0)])]
		return !month && unicode.IsUpper(next)
	}
	if shortForms[last.text] && unicode.IsDigit(next) {
		return false
	}
	_, month := months[last.text]
	return !(month && len(last.text) <= 4 && unicode.IsDigit(next))
}

// phrases is a set of patterns, indexed by their first word.
type phrases struct {
	first  map[string][]phrase
	prefix []phrase // whose first word is a beginning
}

// phrase is one pattern: for each word its alternatives; nil stands for up to maxGap words of any kind.
type phrase [][]string

const maxGap = 4

// newPhrases compiles patterns, one a line. Words are parted by spaces and written folded; a/b is either, "able~" is a word that
// begins so, "*" is up to four words. Of Japanese each sign is a word, be there a space or not. more are further lines.
func newPhrases(lines string, more ...string) phrases {
	set := phrases{first: map[string][]phrase{}}
	for line := range strings.Lines(strings.Join(append([]string{lines}, more...), "\n")) {
		var p phrase
		for _, token := range strings.Fields(line) {
			first, _ := utf8.DecodeRuneInString(token)
			switch {
			case token == "*":
				p = append(p, nil)
			case sign(first):
				for _, r := range token {
					p = append(p, []string{string(r)})
				}
			default:
				p = append(p, strings.Split(token, "/"))
			}
		}
		if len(p) == 0 {
			continue
		}
		whole := true
		for _, alternative := range p[0] {
			whole = whole && !strings.HasSuffix(alternative, "~")
		}
		if !whole {
			set.prefix = append(set.prefix, p)
			continue
		}
		for _, alternative := range p[0] {
			set.first[alternative] = append(set.first[alternative], p)
		}
	}
	return set
}

// match gives the end of the first pattern that begins at word i, 0 when none does.
func (set phrases) match(words []word, i int) int {
	for _, list := range [2][]phrase{set.first[words[i].text], set.prefix} {
		for _, p := range list {
			if end := p.match(words, i); end > 0 {
				return end
			}
		}
	}
	return 0
}

// find gives the first place where a pattern matches, within one sentence; ok is false when there is none.
func (set phrases) find(words []word) (start, end int, ok bool) {
	for i := range words {
		if end := set.match(words, i); end > 0 {
			return i, end, true
		}
	}
	return 0, 0, false
}

// in reports whether a pattern matches anywhere.
func (set phrases) in(words []word) bool {
	_, _, ok := set.find(words)
	return ok
}

func (p phrase) match(words []word, i int) int {
	if len(p) == 0 {
		return i
	}
	if p[0] == nil {
		for gap := 0; gap <= maxGap && i+gap <= len(words); gap++ {
			if end := p[1:].match(words, i+gap); end > 0 && words[end-1].sentence == words[i-1].sentence {
				return end
			}
		}
		return 0
	}
	if i >= len(words) || !anyOf(words[i].text, p[0]) {
		return 0
	}
	if len(p) == 1 {
		return i + 1
	}
	if i+1 < len(words) && words[i+1].sentence != words[i].sentence {
		return 0
	}
	return p[1:].match(words, i+1)
}

func anyOf(text string, alternatives []string) bool {
	for _, a := range alternatives {
		if stem, ok := strings.CutSuffix(a, "~"); ok && strings.HasPrefix(text, stem) || text == a {
			return true
		}
	}
	return false
}

// sentenceOf gives the words of one sentence.
func sentenceOf(words []word, n int) []word {
	start := 0
	for start < len(words) && words[start].sentence < n {
		start++
	}
	end := start
	for end < len(words) && words[end].sentence == n {
		end++
	}
	return words[start:end]
}

// quoteAround shows the line of a text in which an offset lies, for people: what decided. Of a long line it shows the sentence.
func quoteAround(text string, offset int) string {
	offset = max(0, min(offset, len(text)))
	start := strings.LastIndexByte(text[:offset], '\n') + 1
	end := len(text)
	if i := strings.IndexByte(text[offset:], '\n'); i >= 0 {
		end = offset + i
	}
	if end-start > maxQuote {
		start += strings.LastIndexAny(text[start:offset], ".!?") + 1
	}
	return shorten(text[start:end], maxQuote)
}

// maxQuote is how many characters of a text are quoted as a reason.
const maxQuote = 120

// shorten folds white space and cuts a text at n characters.
func shorten(s string, n int) string {
	s = strings.Join(strings.Fields(s[:min(len(s), 8*n)]), " ")
	if r := []rune(strings.ToValidUTF8(s, "")); len(r) > n {
		return string(r[:n-1]) + "…"
	} else if len(r) > 0 {
		return string(r)
	}
	return ""
}
