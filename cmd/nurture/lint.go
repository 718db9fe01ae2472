package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nurture/config"
	"nurture/jobs"
	"nurture/templates"
)

type lintOptions struct {
	*app
	dir     string
	ignore  []string
	online  bool
	timeout time.Duration
}

func newLintCmd(a *app) *cobra.Command {
	o := &lintOptions{app: a}
	cmd := &cobra.Command{
		Use: "lint [DIR]", Short: "Look for what harms mail and annoys its readers, before it is sent",
		Long: `Read the templates of a configuration folder as filters and readers will: spam traps in the template's language, subjects that are cut
off, pictures without words, links that are broken, hidden, not encrypted or deceptive, values that leads may lack, mail that nobody can
unsubscribe from, voicemail that does not say how to be left alone. Each finding has its place and a way out, and names its rule.

nurture validate finds what is wrong; this finds what works and should not be sent. Exit code 0 when nothing is found, 1 otherwise.
--online also asks for every web address that the emails lead to; without it nothing leaves the machine.`,
		Example: "  nurture lint\n  nurture lint ./next --ignore example-address,unused-template\n  nurture lint --online --json",
		Args:    args(0, 1, "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = argument(args, 0)
			for _, rule := range o.ignore {
				if !slices.Contains(lintRules, templates.Rule(rule)) {
					return usagef(cmd, "--ignore %s: there is no such rule; they are %s", rule, joinRules())
				}
			}
			return runLint(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&o.ignore, "ignore", nil, "rules to leave out, parted by commas")
	flags.BoolVar(&o.online, "online", false, "ask whether the links lead somewhere")
	flags.DurationVar(&o.timeout, "timeout", 10*time.Second, "how long one address may take to answer")
	return cmd
}

// lintRules are the rules in the order in which messages list them.
var lintRules = []templates.Rule{
	templates.RuleSubjectLength, templates.RuleFakeReply, templates.RuleCapitals, templates.RuleExclamation, templates.RuleSpamPhrase,
	templates.RulePlaceholder, templates.RuleImageOnly, templates.RuleImageAlt, templates.RuleBrokenLink, templates.RuleExample, templates.RulePlainHTTP,
	templates.RuleShortener, templates.RuleDeceptive, ruleUnreachable, templates.RuleMissingValue, templates.RuleVoiceOptOut, templates.RuleVoiceLength,
	config.RuleNoUnsubscribe, config.RuleUnusedTemplate,
}

func joinRules() string {
	names := make([]string, len(lintRules))
	for i, r := range lintRules {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

// lintJSON is what `lint --json` prints.
type lintJSON struct {
	OK       bool              `json:"ok"`
	Findings []lintFindingJSON `json:"findings"`
}

type lintFindingJSON struct {
	Rule templates.Rule `json:"rule"`
	problemJSON
}

func runLint(ctx context.Context, o *lintOptions) error {
	cfg, err := o.load(o.dir)
	if err != nil {
		return err
	}
	env, err := o.environment()
	if err != nil {
		return err
	}
	now := o.now().UTC()
	full, facts := jobs.SampleLead(cfg, now)
	in := jobs.PreviewInput{Config: cfg, Lead: full, Facts: facts, Now: now, PublicURL: env.publicURL}
	if keys := sortedKeys(cfg.Plans); len(keys) > 0 {
		in.Cadence = keys[0]
	}
	known := jobs.TemplateData(in)
	in.Lead, in.Facts = jobs.BareLead(now), nil
	found := cfg.Lint(known, jobs.TemplateData(in), env.publicURL)
	if o.online {
		found = append(found, checkLinks(ctx, cfg, o.timeout)...)
	}
	found = slices.DeleteFunc(found, func(f config.Finding) bool { return slices.Contains(o.ignore, string(f.Rule)) })
	return o.report(found)
}

func (o *lintOptions) report(found []config.Finding) error {
	if o.json {
		out := lintJSON{OK: len(found) == 0, Findings: []lintFindingJSON{}}
		for _, f := range found {
			out.Findings = append(out.Findings, lintFindingJSON{f.Rule, problemJSON{f.File, f.Line, f.Column, f.Message, f.Hint}})
		}
		if err := o.printJSON(out); err != nil {
			return err
		}
	} else {
		byRule := map[string]int{}
		for _, f := range found {
			byRule[string(f.Rule)]++
			p := f.Problem
			p.Message += " [" + string(f.Rule) + "]"
			o.printf("%s\n\n", p)
		}
		if len(found) == 0 {
			o.printf("ok: nothing found\n")
			return nil
		}
		var parts []string
		for _, rule := range sortedKeys(byRule) {
			parts = append(parts, fmt.Sprintf("%s %d", rule, byRule[rule]))
		}
		o.printf("%s\n", strings.Join(parts, ", "))
	}
	if len(found) == 0 {
		return nil
	}
	return hint(errors.New(count(len(found), "finding")), "--ignore RULE leaves a rule out")
}
