package desk

import (
	"slices"
	"strconv"
	"strings"

	"nurture/internal/access"
)

// leadPath is the page of a lead; "" when the user may not read it.
func (v *visit) leadPath(id int64) string {
	if !mayGet("/desk/leads/{id}", v.role()) {
		return ""
	}
	return leadPath(id)
}

// mayPost says whether the table lets a role send the form of a pattern's path.
func mayPost(path string, role access.Role) bool {
	i := slices.IndexFunc(routes, func(r route) bool { return r.pattern == "POST "+path })
	return i >= 0 && slices.Contains(routes[i].roles, role)
}

// number writes a number with separators between thousands; more says that it is a lower bound.
func number(n int, more bool) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if more {
		return "more than " + s
	}
	return s
}

// clip is the first line of a text, at most most characters of it.
func clip(s string, most int) string {
	line, _, more := strings.Cut(strings.TrimSpace(s), "\n")
	if runes := []rune(line); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	if more {
		line += " …"
	}
	return line
}
