package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"nurture/config"
)

type validateOptions struct {
	*app
	dir string
}

func newValidateCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "validate [DIR]", Short: "Check a configuration folder and print every error at once",
		Long: `Check nurture.yaml, uld.yaml, process.yaml, cadences/*.yaml, templates/, simulate.yaml and tests/*.yaml without touching anything. To run the
tests as well: nurture test.

Every error is printed at once with file, line and column, a caret under the place, and a hint. Exit code 0 when all is
well, 1 otherwise.`,
		Example: "  nurture validate\n  nurture validate ./next --json",
		Args:    args(0, 1, "DIR"),
		RunE: func(_ *cobra.Command, args []string) error {
			return runValidate(&validateOptions{app: a, dir: argument(args, 0)})
		},
	}
}

// validation is what `validate --json` prints; the counts are 0 where there are problems.
type validation struct {
	OK        bool          `json:"ok"`
	Cadences  int           `json:"cadences"`
	Steps     int           `json:"steps"`
	Templates int           `json:"templates"`
	Criteria  int           `json:"criteria"`
	Dossier   int           `json:"dossier_items"`
	Tests     int           `json:"tests"`
	Problems  []problemJSON `json:"problems"`
}

type problemJSON struct {
	File    string `json:"file"`
	Line    int    `json:"line"`   // from 1; 0 is the file as a whole
	Column  int    `json:"column"` // from 1; 0 is the file as a whole
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

func runValidate(o *validateOptions) error {
	cfg, err := o.load(o.dir)
	var scenarios []config.Scenario
	if err == nil {
		scenarios, err = o.loadScenarios(o.dir, cfg)
	}
	var broken brokenConfig
	if errors.As(err, &broken) && o.json {
		if printErr := o.printJSON(brokenValidation(broken.problems)); printErr != nil {
			return printErr
		}
	}
	if err != nil {
		return err
	}
	v := countParts(cfg)
	v.Tests = len(scenarios)
	if o.json {
		return o.printJSON(v)
	}
	o.printf("ok: %s with %s, %s, %s, %s, %s\n", count(v.Cadences, "cadence"), count(v.Steps, "step"), count(v.Templates, "template"),
		criteria(v.Criteria), count(v.Dossier, "dossier item"), count(v.Tests, "test"))
	return nil
}

func brokenValidation(problems config.Problems) validation {
	v := validation{Problems: make([]problemJSON, len(problems))}
	for i, p := range problems {
		v.Problems[i] = problemJSON{p.File, p.Line, p.Column, p.Message, p.Hint}
	}
	return v
}

func countParts(cfg *config.Config) validation {
	v := validation{
		OK: true, Cadences: len(cfg.Plans), Criteria: len(cfg.Definition.Criteria), Dossier: len(cfg.Definition.Dossier),
		Problems: []problemJSON{},
	}
	for _, plan := range cfg.Plans {
		v.Steps += len(plan.Steps)
	}
	for _, f := range cfg.Files {
		if strings.HasPrefix(f.Path, config.TemplatesDir+"/") {
			v.Templates++
		}
	}
	return v
}

func criteria(n int) string {
	if n == 1 {
		return "1 criterion"
	}
	return fmt.Sprintf("%d criteria", n)
}
