package config

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// The slips below are what people who do not know YAML type most often, and of which the library says nothing that they would understand.

var (
	gluedDash  = regexp.MustCompile(`^\s*-[A-Za-z_]`)
	otherDash  = regexp.MustCompile(`^\s*[–—•]\s`)
	gluedColon = regexp.MustCompile(`^\s*(?:- )?[A-Za-z_.]+:[^\s/:]`)
	openQuote  = regexp.MustCompile(`(?:^\s*|[:,-]\s+|[{\[]\s*)"(?:[^"\\]|\\.)*$`)
	thousands  = regexp.MustCompile(`^[0-9]{1,3}(,[0-9]{3})+$`)
)

// slip finds, in the line of a syntax error, in the one before it, or in quotes that began further above, what probably caused it; "" when nothing
// stands out.
func (d *document) slip(line int) string {
	for _, n := range []int{line, line - 1} {
		if n < 1 || n > len(d.lines) {
			continue
		}
		if slip := slipOf(d.lines[n-1]); slip != "" && n == line {
			return slip
		} else if slip != "" {
			return slip + fmt.Sprintf(" in line %d", n)
		}
	}
	for i, text := range d.lines {
		if i+1 < line && openQuote.MatchString(text) { // the next quote, wherever it is, ended that text, and what follows it is the error
			return fmt.Sprintf("close the quote that opens in line %d, where it should end", i+1)
		}
	}
	return ""
}

// slipOf says what to do about a slip in a line; "" when there is none.
func slipOf(line string) string {
	switch column, r := unseen(line); {
	case column > 0:
		return fmt.Sprintf("write a plain space, or nothing, for the character U+%04X in column %d, which only looks like it", r, column)
	case otherDash.MatchString(line):
		return `begin the list item with a plain "-"`
	case gluedDash.MatchString(line):
		return `put a space after the "-"`
	case gluedColon.MatchString(line):
		return `put a space after the ":"`
	}
	return ""
}

// unseen finds the first character of a line that looks like a space, or like nothing, and is no plain space; column 0 when there is none.
func unseen(line string) (column int, r rune) {
	for _, r := range line {
		column++
		if isUnseen(r) {
			return column, r
		}
	}
	return 0, 0
}

func isUnseen(r rune) bool {
	return r != ' ' && r != '\t' && r != '\r' && (unicode.IsSpace(r) || unicode.Is(unicode.Cf, r))
}

// longForms are keys whose value people often write in one word or number, each with how it is written.
var longForms = map[string]string{
	"then": "then: {move_to: long-game}, or then: {close: true}", "intake": "intake: {per_day: 50}, or intake: manual",
	"frequency": "frequency: {touches: 3, per: 7 days}", "misfire": "misfire: {grace: 2 days, then: skip}",
	"window": `window: {days: mon-fri, hours: "09:00-17:00"}`, "warm_up": "warm_up: {from: 2026-12-01, start: 20, add: 10}",
	"retention": "retention: {unmatched_mail: 90 days}", "handoff": "handoff: {accept_within: 2 business days}",
	"database": "database: {url: postgres://nurture@localhost/nurture}", "self_qualified": "self_qualified: {policy: verify_by_call}",
	"accept": "accept: {at_most: 6}, or accept: {in: [one, two]}", "twilio": "twilio: {account_sid: AC...}",
	"smtp": "smtp: {host: smtp.example.com}", "manager": "manager: {name: ..., email: ...}",
	"company": "company: {name: ..., postal_address: ...}",
}

// example is what to write in place of a value that should be a group of keys.
func (n node) example() string {
	if example, ok := longForms[n.ownKey]; ok {
		return "such as " + example
	}
	return `write "key: value" lines`
}

// loose reports whether an entry of a group in braces is a word without a colon, which YAML takes for a key without a value.
func loose(pair *ast.MappingValueNode) bool {
	_, null := pair.Value.(*ast.NullNode)
	return null && pair.Start != nil && pair.Start.Type != token.MappingValueType
}

// reportLoose reports the words that stand without a colon at the beginning of pairs, once; before is the pair that they follow, nil for none.
// They are mostly the rest of a value with a comma in it.
func (o *object) reportLoose(before *ast.MappingValueNode, pairs []*ast.MappingValueNode) {
	word := pairs[0].Key.GetToken().Value
	whole := ""
	if before != nil {
		if scalar, ok := before.Value.(ast.ScalarNode); ok {
			whole = scalar.GetToken().Value
		}
	}
	for _, pair := range pairs {
		if !loose(pair) {
			break
		}
		whole += "," + pair.Key.GetToken().Value
	}
	key, _, _ := strings.Cut(word, " ")
	hint := fmt.Sprintf(`write "%s: value"`, key)
	if thousands.MatchString(whole) {
		hint = "write the number without commas: " + strings.ReplaceAll(whole, ",", "")
	} else if _, _, known := member(o.form, key); before != nil && (!known || key == word) {
		hint = fmt.Sprintf("put a value with a comma in quotes: %q", whole)
	}
	o.partial = true
	o.doc.bad = append(o.doc.bad, o.path)
	o.doc.report(position(pairs[0].Key), hint, "%q stands alone: it is neither a key with a value nor part of one", word)
}
