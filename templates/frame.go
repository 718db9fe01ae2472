package templates

import (
	"html/template"
	"strings"
)

// frame is the email layout with all filled in that mails share: only what differs from lead to lead is put in for each. It is what
// html/template makes of the layout, with words in these places.
type frame []framePiece

// framePiece is a literal and what stands behind it.
type framePiece struct {
	literal string
	slot    int
}

// What differs from lead to lead in the layout.
const (
	slotSubject = iota
	slotPreheader
	slotBody
	slotUnsubscribe
	slotPreferences
	slots
	slotNone = -1
)

// frameKey is all that a frame depends on.
type frameKey struct {
	shared                              layoutValues // without what the slots hold
	preheader, unsubscribe, preferences bool         // there are such
}

// maxFrames bounds the memory: one for each language, company and form of footer is plenty; what comes beyond is made anew each time.
const maxFrames = 128

// layOut puts values into the email layout.
func (s *Set) layOut(v layoutValues) (string, error) {
	if !plainURL(v.Unsubscribe) || !plainURL(v.Preferences) {
		return executeLayout(v)
	}
	f, err := s.frameFor(v)
	if err != nil {
		return "", err
	}
	return f.fill([slots]string{
		slotSubject: escapeHTML(v.Subject), slotPreheader: escapeHTML(v.Preheader), slotBody: string(v.Body),
		slotUnsubscribe: escapeHTML(v.Unsubscribe), slotPreferences: escapeHTML(v.Preferences),
	}), nil
}

func (s *Set) frameFor(v layoutValues) (frame, error) {
	k := frameKey{shared: v, preheader: v.Preheader != "", unsubscribe: v.Unsubscribe != "", preferences: v.Preferences != ""}
	k.shared.Subject, k.shared.Preheader, k.shared.Body, k.shared.Unsubscribe, k.shared.Preferences = "", "", "", "", ""
	if known, ok := s.frames.Load(k); ok {
		return known.(frame), nil
	}
	made, err := makeFrame(k)
	if err != nil {
		return nil, err
	}
	if s.frameCount.Load() < maxFrames {
		if _, loaded := s.frames.LoadOrStore(k, made); !loaded {
			s.frameCount.Add(1)
		}
	}
	return made, nil
}

func makeFrame(k frameKey) (frame, error) {
	v := k.shared
	word := unusedWord(emailLayoutSource + v.Lang + v.Company + v.Address + v.Words.Unsubscribe + v.Words.Preferences + v.Words.ReplyToStop)
	stand := func(slot string, there bool) string {
		if !there {
			return ""
		}
		return word + slot + "q"
	}
	v.Subject, v.Preheader = stand("0", true), stand("1", k.preheader)
	v.Body = template.HTML(stand("2", true)) //nolint:gosec // a word of our own
	v.Unsubscribe, v.Preferences = stand("3", k.unsubscribe), stand("4", k.preferences)
	page, err := executeLayout(v)
	if err != nil {
		return nil, err
	}
	var f frame
	rest := 0
	for {
		start, end, slot := findWord(page, rest, word)
		if slot < 0 {
			return append(f, framePiece{page[rest:], slotNone}), nil
		}
		f = append(f, framePiece{page[rest:start], slot})
		rest = end
	}
}

func (f frame) fill(values [slots]string) string {
	size := 0
	for _, p := range f {
		if size += len(p.literal); p.slot != slotNone {
			size += len(values[p.slot])
		}
	}
	var b strings.Builder
	b.Grow(size)
	for _, p := range f {
		b.WriteString(p.literal)
		if p.slot != slotNone {
			b.WriteString(values[p.slot])
		}
	}
	return b.String()
}

func executeLayout(v layoutValues) (string, error) {
	var b strings.Builder
	b.Grow(len(v.Body) + len(emailLayoutSource) + 1024)
	err := emailLayout.Execute(&b, v)
	return b.String(), err
}

// escapeHTML escapes as html/template does in text and in attributes.
var escapeHTML = strings.NewReplacer("\x00", "\uFFFD", `"`, "&#34;", "&", "&amp;", "'", "&#39;", "+", "&#43;", "<", "&lt;", ">", "&gt;").Replace

// plainURL reports whether html/template changes nothing about a link but to escape it: so it is with nearly all, and "" is one.
func plainURL(s string) bool {
	if s == "" {
		return true
	}
	if !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && strings.IndexByte(":/?#@!$&*+,;=._~-", c) < 0 {
			return false
		}
	}
	return true
}
