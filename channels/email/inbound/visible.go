package inbound

import (
	"strings"
	"unicode"
)

// maxVisible is how much visible text is kept, in bytes.
const maxVisible = 64 << 10

// VisibleText is what a person wrote in this mail: without what is quoted or forwarded below or between, without signature,
// mobile signature and disclaimer. Lines end with a line feed, paragraphs are parted by one empty line. The plain part is read,
// and HTML where there is none. "" when nothing remains or the text is encrypted.
//
// Answers that stand between or below quoted lines are kept, in their order. A closing line such as "Best regards" is taken
// for the begin of a signature when only a few short lines follow it.
func (m Message) VisibleText() string {
	plain, html := m.bodyTexts()
	lines := strings.Split(plain, "\n")
	if placeholder(plain) && html != "" {
		lines = htmlLines(html)
	}
	for i, line := range lines {
		lines[i] = cleanLine(line)
	}
	lines = unwrapPGP(lines)
	lines = dropQuotes(lines)
	lines = dropClosing(dropDisclaimers(lines))
	name, _, _ := strings.Cut(m.Header.Text("From"), "<")
	lines = dropName(lines, strings.Trim(name, `" `))
	return joinLines(lines)
}

// bodyTexts gives all plain and all HTML text of the mail. Of the HTML only the first part counts where there are plain ones.
func (m Message) bodyTexts() (plain, html string) {
	var plainParts, htmlParts []*part
	m.content().texts(&plainParts, &htmlParts)
	total := 0
	join := func(parts []*part) string {
		var b strings.Builder
		for _, p := range parts {
			if total > 2*maxTextBytes {
				break
			}
			s := p.text()
			if strings.EqualFold(p.params["format"], "flowed") {
				s = unflow(s, strings.EqualFold(p.params["delsp"], "yes"))
			}
			total += len(s)
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(s)
		}
		return b.String()
	}
	return join(plainParts), join(htmlParts)
}

// placeholder recognises a plain part that only says that the mail is in HTML.
func placeholder(plain string) bool {
	plain = strings.TrimSpace(plain)
	if plain == "" {
		return true
	}
	lower := strings.ToLower(plain)
	return len(plain) < 200 && strings.Contains(lower, "html") &&
		(strings.Contains(lower, "view") || strings.Contains(lower, "support") || strings.Contains(lower, "client"))
}

// unflow joins the lines that format=flowed broke (RFC 3676, section 4).
func unflow(s string, dropSpace bool) string {
	var out []string
	open := false
	depth := 0
	for line := range strings.SplitSeq(s, "\n") {
		d := len(line) - len(strings.TrimLeft(line, ">"))
		body := line[d:]
		if d > 0 || strings.HasPrefix(body, " ") {
			body = strings.TrimPrefix(body, " ") // space-stuffed
		}
		if open && d == depth && body != "-- " {
			out[len(out)-1] += body
		} else {
			out = append(out, strings.Repeat(">", d)+unless(d > 0, " ", "")+body)
		}
		open = strings.HasSuffix(body, " ") && body != "-- " && strings.TrimSpace(body) != ""
		if depth = d; open && dropSpace {
			out[len(out)-1] = strings.TrimSuffix(out[len(out)-1], " ")
		}
	}
	return strings.Join(out, "\n")
}

// cleanLine drops what is not seen; the space of a signature's "-- " goes too.
func cleanLine(line string) string {
	if line == cutMark {
		return line
	}
	line = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\u00a0' || r == '\u2007' || r == '\u202f':
			return ' '
		case unicode.IsControl(r) || r == '\u200b' || r == '\ufeff' || r == '\u200e' || r == '\u200f' || r == '\u00ad':
			return -1
		}
		return r
	}, line)
	return strings.TrimRightFunc(line, unicode.IsSpace)
}

// unwrapPGP takes the text out of an inline signature (RFC 4880, section 7) and drops keys and encrypted blocks.
func unwrapPGP(lines []string) []string {
	var kept []string
	drop, header := false, false
	for _, line := range lines {
		switch {
		case strings.HasPrefix(line, "-----BEGIN PGP SIGNED MESSAGE"):
			header = true
		case strings.HasPrefix(line, "-----BEGIN PGP "):
			drop = true
		case strings.HasPrefix(line, "-----END PGP "):
			drop = false
		case drop:
		case header: // "Hash: SHA256" up to an empty line
			header = line != ""
		default:
			kept = append(kept, line)
		}
	}
	return kept
}

// joinLines makes the text, with at most one empty line in a row.
func joinLines(lines []string) string {
	var b strings.Builder
	gap := false
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" {
			gap = true
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
			if gap {
				b.WriteByte('\n')
			}
		}
		gap = false
		if b.Len()+len(line) > maxVisible {
			line = line[:max(0, maxVisible-b.Len())]
			b.WriteString(strings.ToValidUTF8(line, ""))
			break
		}
		b.WriteString(line)
	}
	return strings.TrimSpace(b.String())
}
