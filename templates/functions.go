package templates

import (
	"fmt"
	"strings"
	"text/template"
	"time"
	"unicode"
)

// functions are what templates may call beside Go's own and, or, not, eq, ne, lt, le, gt, ge, index, len, slice, printf.
var functions = template.FuncMap{
	"default": orDefault,
	"title":   titleCase,
	"lower":   func(v any) string { return strings.ToLower(printed(v)) },
	"upper":   func(v any) string { return strings.ToUpper(printed(v)) },
	"date":    formatDate,
	printName: printValue,
}

// goFunctions are the functions of text/template that templates may use. Its html, js and urlquery are left out: values
// are escaped by their place, escaping them twice would show.
var goFunctions = map[string]any{
	"and": true, "or": true, "not": true, "eq": true, "ne": true, "lt": true, "le": true, "gt": true, "ge": true,
	"index": true, "len": true, "slice": true, "print": true, "printf": true,
}

const functionHint = "the functions are default, title, lower, upper, date and Go's and, or, not, eq, ne, lt, le, gt, ge, index, " +
	"len, slice, print, printf"

// orDefault is {{ .lead.first_name | default "there" }}.
func orDefault(fallback, v any) any {
	if printed(v) == "" {
		return fallback
	}
	return v
}

// titleCase capitalises each word. Words that mix cases are names that know better (McDonald, iPhone) and stay.
func titleCase(v any) string {
	var b strings.Builder
	word := []rune{}
	flush := func() {
		s := string(word)
		if s == strings.ToUpper(s) || s == strings.ToLower(s) {
			for i, r := range word {
				if i == 0 {
					b.WriteRune(unicode.ToTitle(r))
				} else {
					b.WriteRune(unicode.ToLower(r))
				}
			}
		} else {
			b.WriteString(s)
		}
		word = word[:0]
	}
	for _, r := range printed(v) {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || r == '\'' || r == '’' {
			word = append(word, r)
			continue
		}
		flush()
		b.WriteRune(r)
	}
	flush()
	return b.String()
}

// formatDate is {{ .step.due | date "2 Jan 2006" }}: Go's layout, English names. It takes a time, or a text in RFC 3339 or
// ISO 8601 date form; of nothing it makes nothing, so that default works behind it.
func formatDate(layout string, v any) (string, error) {
	if t, ok := v.(time.Time); ok && !t.IsZero() {
		return t.Format(layout), nil
	}
	s := printed(v)
	if s == "" {
		return "", nil
	}
	for _, form := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(form, s); err == nil {
			return t.Format(layout), nil
		}
	}
	return "", fmt.Errorf("%q is no date: date takes 2026-01-15 or 2026-01-15T09:00:00Z", s)
}
