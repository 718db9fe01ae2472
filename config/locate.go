package config

import (
	"bytes"
	"strings"

	"nurture/templates"
)

// Locate turns problems of the configuration's templates into its own kind, with the lines that they are about. The order stays.
func (c *Config) Locate(problems []templates.Problem) Problems {
	located := make(Problems, len(problems))
	for i, p := range problems {
		located[i] = Problem{File: p.File, Line: p.Line, Column: max(p.Column, min(p.Line, 1)), Message: p.Message, Hint: p.Hint, Excerpt: c.line(p.File, p.Line)}
	}
	return located
}

// line gives a line of a file, from 1; "" when there is none.
func (c *Config) line(path string, number int) string {
	for _, f := range c.Files {
		if f.Path != path || number < 1 {
			continue
		}
		lines := bytes.Split(f.Content, []byte("\n"))
		if number <= len(lines) {
			return strings.TrimRight(string(lines[number-1]), "\r")
		}
	}
	return ""
}
