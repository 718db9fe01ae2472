package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"nurture/cadence"
	"nurture/config"
	"nurture/jobs"
	"nurture/web"
)

type previewOptions struct {
	*app
	leadOptions
	target   string // CADENCE or CADENCE/STEP
	all      bool
	variant  string
	html     string
	version  string
	live     bool
	diff     string
	form     bool
	language string
}

func newPreviewCmd(a *app) *cobra.Command {
	o := &previewOptions{app: a}
	cmd := &cobra.Command{
		Use: "preview CADENCE/STEP", Short: "Show what a step says, to any lead, before it says it",
		Long: `Show what a step of a cadence sends: an email with its headers, a voicemail's words or recording, a call's script with the job aid and
the open questions, by every variant; for a branch, each case and how it stands with the lead. It is made by the code that sends. Nothing leaves,
nothing is stored, and the links in it open nothing.

STEP is its name or its number. CADENCE alone lists the steps, --all shows all of them.

The folder's files are shown, as they stand; --live and --version N show what was applied. The lead is a made-up one of whom everything
is known; --sample bare knows only its address, --lead-file takes one of a file, --lead one of the database. What cannot be rendered for
the lead is told with its place, as a send would tell it; the exit code is 1 then.

--html FILE writes a page to look at, in the widths of a desk and a phone. --diff VERSION shows what the folder changes.`,
		Example: `  nurture preview first-seven/intro
  nurture preview first-seven/intro --lead jane@example.com --variant all
  nurture preview first-seven --all --sample bare
  nurture preview first-seven --all --html preview.html
  nurture preview first-seven/2 --lead-file leads.csv --lead jane@example.com
  nurture preview first-seven --all --diff live
  nurture preview --form --language de --html form.html`,
		Args: args(0, 1, "CADENCE/STEP"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.target = argument(args, 0)
			if err := o.check(cmd); err != nil {
				return err
			}
			return runPreview(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	o.addLeadFlags(cmd)
	flags.BoolVar(&o.all, "all", false, "every step of the cadence")
	flags.StringVar(&o.variant, "variant", "all", "the variant to show, all of them, or own: the one that the lead gets")
	flags.StringVar(&o.html, "html", "", "write a page to this file")
	flags.BoolVar(&o.live, "live", false, "what is live instead of the folder's files")
	flags.StringVar(&o.version, "version", "", "this version of the configuration instead of the folder's files")
	flags.StringVar(&o.diff, "diff", "", "compare the folder with a version of the configuration: its number, or live")
	flags.BoolVar(&o.form, "form", false, "the self-qualification form")
	flags.StringVar(&o.language, "language", "", "as if the lead's language were this, such as de")
	return cmd
}

// check refuses flags that do not go together.
func (o *previewOptions) check(cmd *cobra.Command) error {
	switch {
	case o.target == "" && !o.form:
		return usagef(cmd, "CADENCE/STEP is missing: %s", cmd.UseLine())
	case o.target != "" && o.form:
		return usagef(cmd, "--form is about no step: leave %s out", o.target)
	case o.live && o.version != "":
		return usagef(cmd, "--live and --version cannot both be given")
	case o.diff != "" && (o.live || o.version != ""):
		return usagef(cmd, "--diff compares the folder with a version: leave --live and --version out")
	case o.diff != "" && (o.html != "" || o.json):
		return usagef(cmd, "--diff prints text: leave --html and --json out")
	case o.diff != "" && o.form:
		return usagef(cmd, "--diff is about steps: nurture uld diff tells what changes in the questions")
	}
	return o.checkLead(cmd)
}

func runPreview(ctx context.Context, o *previewOptions) error {
	if !o.stored() && !o.live && o.version == "" && o.diff == "" {
		return o.preview(ctx, nil)
	}
	return o.with(ctx, func(s *session) error { return o.preview(ctx, s) })
}

// preview shows what was asked for; s is nil when the database is not needed.
func (o *previewOptions) preview(ctx context.Context, s *session) error {
	cfg, err := o.configuration(ctx, s)
	if err != nil {
		return err
	}
	if o.form {
		return o.showForm(cfg)
	}
	previews, err := o.render(ctx, s, cfg)
	if err != nil {
		return err
	}
	switch {
	case previews == nil:
		o.printSteps(cfg)
		return nil
	case o.diff != "":
		return o.printDiff(ctx, s, previews)
	case o.html != "":
		page, err := previewPage(previews, o.configDir)
		if err != nil {
			return err
		}
		if err := o.writePage(page); err != nil {
			return err
		}
	case o.json:
		if err := o.printJSON(previewsJSON(previews)); err != nil {
			return err
		}
	default:
		o.printf("%s", previews.text())
	}
	return previews.failure()
}

// configuration is what to preview: the folder's files, or a version that was applied.
func (o *previewOptions) configuration(ctx context.Context, s *session) (*config.Config, error) {
	if o.live || o.version != "" {
		v, err := s.applied(ctx, o.version)
		return v.Config, err
	}
	return o.load("")
}

// stepPreviews are rendered steps of one cadence for one lead.
type stepPreviews struct {
	cadence string
	lead    previewLead
	config  *config.Config
	steps   []jobs.StepPreview
}

// render renders the steps that were asked for; nil when none was named and the cadence's are to be listed.
func (o *previewOptions) render(ctx context.Context, s *session, cfg *config.Config) (*stepPreviews, error) {
	key, step, err := findStep(cfg, o.target)
	if err != nil {
		return nil, err
	}
	if step < 0 && !o.all {
		return nil, nil
	}
	lead, err := o.lead(ctx, s, cfg)
	if err != nil {
		return nil, err
	}
	if o.language != "" {
		lead.Language = o.language
	}
	return o.renderFor(cfg, key, step, lead)
}

func (o *previewOptions) renderFor(cfg *config.Config, key string, step int, lead previewLead) (*stepPreviews, error) {
	env, err := o.environment()
	if err != nil {
		return nil, err
	}
	steps, err := jobs.PreviewSteps(jobs.PreviewInput{
		Config: cfg, Cadence: key, Lead: lead.Lead, Facts: lead.facts, Had: lead.had, Now: o.now().UTC(), PublicURL: env.publicURL,
	}, step)
	if err != nil {
		return nil, err
	}
	p := &stepPreviews{cadence: key, lead: lead, config: cfg}
	var names []string
	for _, one := range steps {
		if o.wants(one) {
			p.steps = append(p.steps, one)
		}
		if one.Variant.Name != "" {
			names = append(names, one.Variant.Name)
		}
	}
	if len(p.steps) == 0 && o.variant == "own" {
		return nil, hint(failf("%s was sent all that %s could choose from", lead.FullName(), o.target), "--variant all shows what that is")
	}
	if len(p.steps) == 0 {
		return nil, hint(failf("there is no variant %q of %s", o.variant, o.target), "%s", variantsHint(names))
	}
	return p, nil
}

// wants says whether --variant asks for a preview. A step without variants has only one, which every lead gets.
func (o *previewOptions) wants(p jobs.StepPreview) bool {
	switch o.variant {
	case "all", "":
		return true
	case "own":
		return p.Own || p.Variant.Name == "" && !p.Library
	}
	return p.Variant.Name == o.variant || o.all && p.Variant.Name == ""
}

func variantsHint(names []string) string {
	if len(names) == 0 {
		return "the step has no variants: leave --variant out"
	}
	return "its variants are " + strings.Join(names, ", ")
}

// findStep reads CADENCE/STEP; the step is −1 when none is named.
func findStep(cfg *config.Config, target string) (key string, step int, err error) {
	key, name, named := strings.Cut(target, "/")
	plan, ok := cfg.Plans[key]
	if !ok {
		return "", 0, hint(failf("there is no cadence %q", key), "the cadences are %s", strings.Join(sortedKeys(cfg.Plans), ", "))
	}
	if !named || name == "" {
		return key, -1, nil
	}
	keys := make([]string, len(plan.Steps))
	for i, s := range plan.Steps {
		if keys[i] = s.Key; s.Key == name {
			return key, i, nil
		}
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= len(plan.Steps) {
		return key, n - 1, nil
	}
	return "", 0, hint(failf("%s has no step %q", key, name), "its steps are %s", strings.Join(keys, ", "))
}

// printSteps lists the steps of a cadence.
func (o *previewOptions) printSteps(cfg *config.Config) {
	key, _, _ := strings.Cut(o.target, "/")
	plan := cfg.Plans[key]
	o.printf("%s: %s\n\n", key, plan.Goal)
	rows := [][]string{{"", "STEP", "KIND", "AFTER", "SAYS"}}
	for i, s := range plan.Steps {
		rows = append(rows, []string{strconv.Itoa(i + 1), s.Key, words(s.Kind), afterWords(s), dash(templatesOf(s))})
	}
	o.table(rows)
	o.printf("\nnurture preview %s/%s shows one, nurture preview %s --all every one\n", key, plan.Steps[0].Key, key)
}

func afterWords(s cadence.Step) string {
	if s.After.Zero() {
		return "-"
	}
	return s.After.String()
}

// templatesOf names what a step says: "intro", or "a: intro, b: intro-question".
func templatesOf(s cadence.Step) string {
	if len(s.Library) > 0 {
		return "one of " + strings.Join(s.Templates(), ", ")
	}
	parts := make([]string, len(s.Variants))
	for i, v := range s.Variants {
		if parts[i] = v.Template; v.Name != "" {
			parts[i] = v.Name + ": " + v.Template
		}
	}
	return strings.Join(parts, ", ")
}

// printDiff compares the folder's rendering with that of a version, for the same lead.
func (o *previewOptions) printDiff(ctx context.Context, s *session, draft *stepPreviews) error {
	old, err := s.applied(ctx, o.diff)
	if err != nil {
		return err
	}
	before := ""
	if key, step, err := findStep(old.Config, o.target); err == nil {
		if was, err := o.renderFor(old.Config, key, step, draft.lead); err == nil { // else it has no such variant
			before = was.text()
		}
	}
	changes := diff.Diff(old.String(), []byte(before), "folder "+o.configDir, []byte(draft.text()))
	if changes == nil {
		o.printf("%s says the same as in %s\n", o.target, old)
		return nil
	}
	_, changes, _ = bytes.Cut(changes, []byte("\n")) // a line for patch, not for people
	o.printf("%s", changes)
	return nil
}

// showForm shows the form with the questions of the definition.
func (o *previewOptions) showForm(cfg *config.Config) error {
	if o.html == "" {
		o.printForm(cfg)
		return nil
	}
	page, err := web.FormPage(cfg.Definition.Criteria, cfg.Settings.Company.Name, o.language)
	if err != nil {
		return err
	}
	return o.writePage(page)
}

func (o *previewOptions) printForm(cfg *config.Config) {
	o.printf("the form at links.self_qualify asks:\n\n")
	rows := [][]string{{"", "QUESTION", "ANSWER"}}
	for i, c := range cfg.Definition.Criteria {
		answer := words(c.Type)
		if len(c.Options) > 0 {
			answer = strings.Join(c.Options, ", ")
		}
		rows = append(rows, []string{strconv.Itoa(i + 1), c.Question, answer})
	}
	o.table(rows)
	o.printf("\n--html FILE writes the page that a lead sees\n")
}

func (o *previewOptions) writePage(page []byte) error {
	if err := os.WriteFile(o.html, page, 0o644); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	o.printf("wrote %s\n", o.html)
	return nil
}
