package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nurture/cadence/uld"
	"nurture/config"
	"nurture/internal/leadfile"
	"nurture/jobs"
)

type backtestOptions struct {
	*app
	from, to, by, outcomes, against string
	all                             bool
}

func newBacktestCmd(a *app) *cobra.Command {
	o := &backtestOptions{app: a}
	cmd := &cobra.Command{
		Use: "backtest", Short: "Hold past leads against the folder's definition: volume, precision, recall, who flips and why",
		Long: `Judge leads that were handed to sales, or whose nurturing ended, by the folder's uld.yaml and by the live one, and compare both
with what became of them. Each lead is there once, and is judged on what was known of it when it was handed off, or ended; nothing
that came later counts.

A lead is known to have been ready when sales accepted the handoff (--by accepted), or when it was won (--by won), and known not
to have been when sales rejected it, when it was not interested, or was disqualified; by --by won also when it was lost. Other leads
are counted apart. Precision is the share of promoted leads that were ready, recall the share of ready leads that would be promoted.

--outcomes FILE names outcomes that the CRM knows: a CSV file with the columns lead (key or address), outcome (won, lost, …) and, for
leads that are nurtured still, at: the day on which to judge them. Who bought elsewhere meanwhile is what recall is about.`,
		Example: "  nurture uld backtest\n  nurture uld backtest --from 2026-01-01 --to 2026-07-01 --by won\n  nurture uld backtest --outcomes crm.csv --json",
		Args:    args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains(jobs.Yardsticks(), jobs.Yardstick(o.by)) {
				return usagef(cmd, "--by %s: it must be accepted or won", o.by)
			}
			if err := errors.Join(isDate(cmd, "--from", o.from), isDate(cmd, "--to", o.to)); err != nil {
				return err
			}
			return runBacktest(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.from, "from", "", "leads handed off or ended from this day on")
	flags.StringVar(&o.to, "to", "", "and before this day")
	flags.StringVar(&o.by, "by", string(jobs.BySales), "what says that a lead was ready: accepted (by sales) or won")
	flags.StringVar(&o.outcomes, "outcomes", "", "CSV file with outcomes that are known elsewhere: lead, outcome")
	flags.StringVar(&o.against, "against", "live", "version of the configuration to compare with")
	flags.BoolVar(&o.all, "all", false, "list every lead that flips; else at most 20")
	return cmd
}

// backtestJSON is what `uld backtest --json` prints.
type backtestJSON struct {
	Version int64          `json:"version"` // of the configuration that the folder is compared with
	By      jobs.Yardstick `json:"by"`
	From    *time.Time     `json:"from"` // null is open
	To      *time.Time     `json:"to"`
	Unused  []string       `json:"unused_outcomes"` // leads of --outcomes that are not known here, or not in the span
	uld.Comparison
}

func runBacktest(ctx context.Context, o *backtestOptions) error {
	draft, err := o.load("")
	if err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error {
		old, err := s.applied(ctx, o.against)
		if err != nil {
			return err
		}
		opt := jobs.BacktestOptions{By: jobs.Yardstick(o.by)}
		if opt.Told, err = o.readOutcomes(s.zone); err != nil {
			return err
		}
		if opt.From, err = span(o.from, s.zone); err != nil {
			return err
		}
		if opt.To, err = span(o.to, s.zone); err != nil {
			return err
		}
		past, unused, err := s.engine.PastLeads(ctx, opt)
		if err != nil {
			return err
		}
		b := backtestJSON{
			Version: old.number, By: opt.By, From: opt.From, To: opt.To, Unused: append([]string{}, unused...),
			Comparison: uld.Compare(old.Definition, draft.Definition, past),
		}
		if o.json {
			return o.printJSON(b)
		}
		o.printBacktest(b, old, s.zone)
		return nil
	})
}

// span reads one end of a span; "" is open.
func span(s string, loc *time.Location) (*time.Time, error) {
	if s == "" {
		return nil, nil
	}
	t, err := parseTime(s, loc)
	return &t, err
}

// readOutcomes reads --outcomes; nil without it.
func (o *backtestOptions) readOutcomes(loc *time.Location) (map[string]jobs.Told, error) {
	if o.outcomes == "" {
		return nil, nil
	}
	f, err := os.Open(o.outcomes)
	if err != nil {
		return nil, hint(failf("cannot read the outcomes: %w", err), "name a CSV file with the columns lead and outcome")
	}
	defer f.Close() // it was only read
	told, err := parseOutcomes(f, loc)
	if err != nil {
		return nil, hint(fmt.Errorf("%s: %w", o.outcomes, err), "the file has a line lead,outcome and then a lead a line, such as ann@example.com,won")
	}
	return told, nil
}

// parseOutcomes reads a CSV file whose first line names the columns lead, outcome and perhaps at, among others.
func parseOutcomes(r io.Reader, loc *time.Location) (map[string]jobs.Told, error) {
	lead, outcome, day := -1, -1, -1
	all := map[string]jobs.Told{}
	err := leadfile.ReadTable(r, func(line int, row []string) error {
		if lead < 0 {
			column := func(name string) int {
				return slices.IndexFunc(row, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) })
			}
			if lead, outcome, day = column("lead"), column("outcome"), column("at"); lead < 0 || outcome < 0 {
				return fmt.Errorf("line %d has the columns %s, not lead and outcome", line, strings.Join(row, ", "))
			}
			return nil
		}
		told, err := toldBy(row, outcome, day, loc)
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		name := strings.TrimSpace(row[lead])
		if strings.Contains(name, "@") {
			name = strings.ToLower(name)
		}
		all[name] = told
		return nil
	})
	return all, err
}

// toldBy reads a line of outcomes; day is -1 where no column says when.
func toldBy(row []string, outcome, day int, loc *time.Location) (told jobs.Told, err error) {
	if told.Fate, err = jobs.ParseFate(row[outcome]); err != nil {
		return told, err
	}
	if day >= 0 && strings.TrimSpace(row[day]) != "" {
		told.At, err = parseTime(strings.TrimSpace(row[day]), loc)
	}
	return told, err
}

func (o *backtestOptions) printBacktest(b backtestJSON, old versioned, loc *time.Location) {
	known := b.Live.Ready.Total() + b.Live.NotReady.Total()
	o.printf("%s%s, each judged on what was known of it then\n", count(b.Live.Volume, "lead"), spanWords(b, loc))
	if b.Live.Volume == 0 {
		o.printf("a lead is there once it was handed to sales, or its nurturing has ended\n")
		return
	}
	o.printf("%d of known outcome: %d ready, %d not; %d unknown, in neither precision nor recall\n\n", known, b.Live.Ready.Total(),
		b.Live.NotReady.Total(), b.Live.Unknown.Total())
	o.table([][]string{
		{"", "LIVE", "DRAFT"},
		{"would be promoted", shareWords(uld.Share{Count: b.Live.Promoted, Of: b.Live.Volume}), shareWords(uld.Share{Count: b.Draft.Promoted, Of: b.Draft.Volume})},
		{"precision", shareWords(b.Live.Precision), shareWords(b.Draft.Precision)},
		{"recall", shareWords(b.Live.Recall), shareWords(b.Draft.Recall)},
	})
	o.printf("\n")
	rows := [][]string{{"OUTCOME", "LEADS", "LIVE: PROMOTE", "NURTURE", "CLOSE", "DRAFT: PROMOTE", "NURTURE", "CLOSE"}}
	for _, line := range []struct {
		name        string
		live, draft uld.Sorted
	}{{"ready", b.Live.Ready, b.Draft.Ready}, {"not ready", b.Live.NotReady, b.Draft.NotReady}, {"unknown", b.Live.Unknown, b.Draft.Unknown}} {
		row := []string{line.name, fmt.Sprint(line.live.Total())}
		for _, n := range []int{line.live.Promoted, line.live.Nurtured, line.live.Closed, line.draft.Promoted, line.draft.Nurtured, line.draft.Closed} {
			row = append(row, fmt.Sprint(n))
		}
		rows = append(rows, row)
	}
	o.table(rows)
	o.printFlips(b, loc)
	o.printf("\nLIVE is that of %s; DRAFT is %s\n", old, filepath.Join(o.configDir, config.DefinitionFile))
	if len(b.Unused) > 0 {
		o.printf("%s of %s: not known here, or not in that time: %s\n", count(len(b.Unused), "lead"), o.outcomes, short(strings.Join(b.Unused, ", "), 200))
	}
	if o.outcomes == "" && b.Live.Ready.Total() > 0 && len(b.Live.Missed) == 0 {
		o.printf("mind who is missing: of leads that were never promoted nobody here knows whether they bought; --outcomes tells\n")
	}
}

func (o *backtestOptions) printFlips(b backtestJSON, loc *time.Location) {
	if len(b.Flips) == 0 {
		o.printf("\nno lead flips\n")
		return
	}
	o.printf("\n%s:\n", count(len(b.Flips), "flip"))
	for _, c := range b.Causes {
		o.printf("  %s turns %s\n", c.Criterion, upDown(c))
	}
	const most = 20
	rows := [][]string{{"LEAD", "JUDGED AT", "OUTCOME", "LIVE", "DRAFT", "WHY"}}
	for i, f := range b.Flips {
		if i == most && !o.all {
			break
		}
		why := make([]string, len(f.Turns))
		for j, turn := range f.Turns {
			why[j] = turn.Criterion + ": " + turn.Why
		}
		if len(why) == 0 {
			why = []string{f.Because}
		}
		rows = append(rows, []string{f.Key, at(&f.At, loc), fateWords(f.Fate), string(f.From), string(f.To), strings.Join(why, "; ")})
	}
	o.printf("\n")
	o.table(rows)
	if len(b.Flips) > most && !o.all {
		o.printf("and %d more: --all lists them\n", len(b.Flips)-most)
	}
}

func upDown(c uld.Cause) string {
	var parts []string
	if c.Up > 0 {
		parts = append(parts, count(c.Up, "lead")+" up")
	}
	if c.Down > 0 {
		parts = append(parts, count(c.Down, "lead")+" down")
	}
	return strings.Join(parts, ", ")
}

func spanWords(b backtestJSON, loc *time.Location) string {
	s := " handed off or ended"
	if b.From != nil {
		s += " from " + b.From.In(loc).Format(time.DateOnly)
	}
	if b.To != nil {
		s += " before " + b.To.In(loc).Format(time.DateOnly)
	}
	return s
}

// shareWords says a share with its denominator: "3 of 4 (75 %)".
func shareWords(s uld.Share) string {
	v, ok := s.Value()
	if !ok {
		return "none of 0"
	}
	return fmt.Sprintf("%d of %d (%.0f %%)", s.Count, s.Of, 100*v)
}

func fateWords(f uld.Fate) string {
	if f == uld.FateUnknown {
		return "unknown"
	}
	return words(f)
}
