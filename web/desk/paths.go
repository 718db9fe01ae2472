package desk

import (
	"io/fs"
	"slices"
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

// clip is the first line of a text, shortened.
func clip(s string, most int) string {
	line, _, more := strings.Cut(strings.TrimSpace(s), "\n")
	short := shorten(line, most)
	if more && short == line {
		short += " …"
	}
	return short
}

// shorten is a text of at most most characters, the … that stands for the rest among them.
func shorten(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}

// Routes lists all there is to reach, such as "GET /desk/leads/{id}".
func Routes() []string {
	patterns := make([]string, len(routes))
	for i, r := range routes {
		patterns[i] = r.pattern
	}
	return patterns
}

// AssetSizes gives the style sheet and the modules with their sizes in bytes; browsers keep them, so that a page asks for them once.
func AssetSizes() map[string]int {
	sizes := map[string]int{}
	entries, err := fs.ReadDir(assetFiles, "assets")
	if err != nil {
		panic(err) // they are built in
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil {
			sizes[entry.Name()] = int(info.Size())
		}
	}
	return sizes
}
