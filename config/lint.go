package config

import (
	"fmt"
	"net/url"
	"slices"

	"nurture/cadence"
	"nurture/templates"
)

// Finding is something in a configuration without fault that its owner would rather not have.
type Finding struct {
	Rule templates.Rule
	Problem
}

// The rules about the configuration as a whole; those about templates are in package templates.
const (
	RuleNoUnsubscribe  templates.Rule = "no-unsubscribe"  // no link by which a mail program unsubscribes
	RuleUnusedTemplate templates.Rule = "unused-template" // no cadence names it
)

// Lint looks for what harms mail and its readers. full and bare are the data of a lead of whom everything is known and of one of whom only
// the address is; publicURL overrides public_url, "" does not. Findings come in the order of files and places.
func (c *Config) Lint(full, bare templates.Data, publicURL string) []Finding {
	var found []Finding
	if publicURL == "" {
		publicURL = c.Settings.PublicURL
	}
	if u, err := url.Parse(publicURL); publicURL == "" || err != nil || u.Scheme != "https" {
		p := Problem{File: SettingsFile, Message: "there is no public_url: mails carry no link to unsubscribe with"}
		if publicURL != "" {
			p.Message = fmt.Sprintf("public_url is %s: mail programs do not unsubscribe by an address without https", publicURL)
		}
		p.Hint = "Gmail and Yahoo want one-click unsubscribe (RFC 8058) from whoever sends much: set public_url to an https:// address"
		found = append(found, Finding{RuleNoUnsubscribe, p})
	}
	for _, f := range c.Templates.Lint(full, bare) {
		found = append(found, Finding{f.Rule, c.Locate([]templates.Problem{f.Problem})[0]})
	}
	for _, channel := range []cadence.Channel{cadence.ChannelEmail, cadence.ChannelVoicemail, cadence.ChannelCall} {
		for _, name := range c.Templates.Names(channel) {
			if !c.uses(channel, name) {
				found = append(found, Finding{RuleUnusedTemplate, Problem{
					File: fmt.Sprintf("%s/%s/%s.md", TemplatesDir, channel, name), Message: "no cadence uses this template",
					Hint: "name it in a step, or delete it",
				}})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return compareProblems(a.Problem, b.Problem) })
	return found
}

// uses reports whether a step of some cadence may say a template.
func (c *Config) uses(channel cadence.Channel, name string) bool {
	for _, plan := range c.Plans {
		for _, step := range plan.Steps {
			if step.Kind.Channel() == channel && slices.Contains(step.Templates(), name) {
				return true
			}
		}
	}
	return false
}
