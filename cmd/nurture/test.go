package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nurture/config"
	"nurture/internal/scenario"
)

type testOptions struct {
	*app
	dir      string
	pattern  string
	run      *regexp.Regexp // nil: all
	watch    bool
	junit    string
	timeline bool
}

func newTestCmd(a *app) *cobra.Command {
	o := &testOptions{app: a}
	cmd := &cobra.Command{
		Use: "test [DIR]", Short: "Try cadences on made-up leads, as tests/*.yaml says",
		Long: `Run the scenarios in tests/*.yaml of a configuration folder: given a lead and what it does, what must happen, and when?

Each lead goes through the same decisions as a real one, on a clock that does not wait, without database, mail or phone. A test that fails
says where it is written, what was expected, what happened instead, and everything that happened to that lead.
docs/testing-cadences.md explains how to write them. Exit code 0 when all pass, 1 otherwise.`,
		Example: `  nurture test
  nurture test --run "out of office" --timeline
  nurture test --watch
  nurture test my-company --junit results.xml`,
		Args: args(0, 1, "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = argument(args, 0)
			if o.pattern != "" {
				var err error
				if o.run, err = regexp.Compile("(?i)" + o.pattern); err != nil {
					return usagef(cmd, "--run is no regular expression: %v", err)
				}
			}
			if o.watch && (o.json || o.junit != "") {
				return usagef(cmd, "--watch is for people; leave --json and --junit out")
			}
			if o.watch {
				return runTestWatch(cmd.Context(), o, watchEvery)
			}
			return runTest(o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.pattern, "run", "", "only tests whose file or name matches this regular expression, in either case")
	f.BoolVar(&o.watch, "watch", false, "run again whenever a file changes, until Ctrl-C")
	f.StringVar(&o.junit, "junit", "", "write the results to this file as JUnit XML, for CI")
	f.BoolVar(&o.timeline, "timeline", false, "show what happens to each lead, also where the test passes")
	return cmd
}

// errTestsFailed ends the command with exit code 1; what failed is printed already.
type errTestsFailed struct{ failed, total int }

func (e errTestsFailed) Error() string {
	return fmt.Sprintf("%d of %s failed", e.failed, count(e.total, "test"))
}

func runTest(o *testOptions) error {
	results, err := o.play()
	if err != nil {
		return err
	}
	if o.junit != "" {
		if err := writeJUnit(o.junit, results); err != nil {
			return err
		}
	}
	failed := failures(results)
	if o.json {
		if err := o.printJSON(testsJSON(results)); err != nil {
			return err
		}
	} else {
		o.showTests(results)
	}
	if failed > 0 {
		return errTestsFailed{failed, len(results)}
	}
	return nil
}

// play reads the folder and runs what is asked for.
func (o *testOptions) play() ([]scenario.Result, error) {
	cfg, err := o.load(o.dir)
	if err != nil {
		return nil, err
	}
	scenarios, err := o.loadScenarios(o.dir, cfg)
	if err != nil {
		return nil, err
	}
	if len(scenarios) == 0 {
		return nil, hint(failf("there are no tests in %s", filepath.Join(cmp.Or(o.dir, o.configDir), config.ScenariosDir)),
			"docs/testing-cadences.md shows how to write one; nurture init writes some to begin with")
	}
	var results []scenario.Result
	for _, s := range scenarios {
		if o.run == nil || o.run.MatchString(s.Where.File+" "+s.Name) {
			results = append(results, scenario.Run(cfg, s))
		}
	}
	if len(results) == 0 {
		return nil, hint(failf("no test matches %q", o.pattern), "leave --run out to see all %d", len(scenarios))
	}
	return results, nil
}

// loadScenarios reads the tests of a folder, which is that of --config unless dir names one.
func (a *app) loadScenarios(dir string, cfg *config.Config) ([]config.Scenario, error) {
	dir = cmp.Or(dir, a.configDir)
	scenarios, err := config.LoadScenarios(os.DirFS(dir), cfg)
	var problems config.Problems
	if errors.As(err, &problems) {
		return nil, brokenConfig{dir: dir, problems: problems}
	}
	return scenarios, err
}

func failures(results []scenario.Result) int {
	failed := 0
	for _, r := range results {
		if len(r.Failures) > 0 {
			failed++
		}
	}
	return failed
}

func (o *testOptions) showTests(results []scenario.Result) {
	for _, r := range results {
		status := "ok  "
		if len(r.Failures) > 0 {
			status = "FAIL"
		}
		o.printf("%s  %s  %s\n", status, r.Scenario.Where.File, r.Scenario.Name)
		for _, f := range r.Failures {
			o.printf("\n%s", indented(f.String(), "  "))
		}
		if len(r.Failures) > 0 || o.timeline {
			o.printf("\n%s\n", indented(timelineText(r), "  "))
		}
	}
	if failures(results) == 0 {
		o.printf("%s passed\n", count(len(results), "test"))
	}
}

// afterwards is how many entries of a timeline are shown behind the last that a test is about.
const afterwards = 4

// timelineText shows what happened to the lead. What lies far behind the last thing that the test is about is left out.
func timelineText(r scenario.Result) string {
	var out strings.Builder
	fmt.Fprintf(&out, "what happened, in the lead's time (%s):\n", r.Zone)
	end := len(r.Timeline)
	if shown := r.LastMatter() + 1 + afterwards; shown < end {
		end = shown
	}
	for _, e := range r.Timeline[:end] {
		fmt.Fprintf(&out, "  %s  %s\n", scenario.Shown(e.At, r.Zone), e.Line(r.Zone))
	}
	if rest := len(r.Timeline) - end; rest > 0 {
		fmt.Fprintf(&out, "  and %d more, up to %s\n", rest, scenario.Shown(r.Timeline[len(r.Timeline)-1].At, r.Zone))
	}
	if len(r.Timeline) == 0 {
		out.WriteString("  nothing\n")
	}
	return out.String()
}

// indented puts blank space before every line that is not empty.
func indented(text, by string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = by + line
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// watchEvery is how often the files are looked at.
const watchEvery = 300 * time.Millisecond

// runTestWatch runs the tests, and again whenever a file of the folder has changed, until ctx ends.
func runTestWatch(ctx context.Context, o *testOptions, every time.Duration) error {
	dir := cmp.Or(o.dir, o.configDir)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	seen := ""
	for {
		if now := fingerprint(dir); now != seen {
			seen = now
			o.printf("\n%s\n", strings.Repeat("─", 60))
			if err := runTest(o); err != nil {
				o.fail(err)
			}
			o.printf("watching %s; Ctrl-C ends it\n", dir)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// fingerprint changes when a file of the folder does: its name, size or time.
func fingerprint(dir string) string {
	var out strings.Builder
	_ = fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // gone meanwhile; the next look sees what is there
		}
		if entry.IsDir() && path != "." && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		if info, err := entry.Info(); err == nil && !entry.IsDir() {
			fmt.Fprintf(&out, "%s %d %d\n", path, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	return out.String()
}
