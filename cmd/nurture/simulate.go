package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"nurture/config"
	"nurture/internal/sandbox"
	"nurture/internal/simulate"
	"nurture/jobs"
)

const simulateHelp = `Lets everybody live through the coming months in seconds, by the same decisions as the engine makes, on a virtual clock and in memory:
sends and calls a day against capacity, promotions, what waits, how much of the budget of touches is used, and how it ends.

It begins with the leads as they stand in the database, under the configuration that is live. With --leads or --synthetic it begins with
people that nothing has happened to yet, under the folder of --config, and needs no database.

What people answer is drawn by chance, from shares that the ledger's history gives and that simulate.yaml overrides. The same seed gives the
same figures. With --seeds N it is done N times, and figures come with the band in which the middle 95 % of the runs lie.

With --what-if the same people, with the same seeds, go through a changed cadence, or a whole changed folder, as well; the difference is
taken seed by seed. Who is in a cadence finishes on the version that it is on, as when the change is applied.

It changes nothing and sends nothing. docs/simulate.md says what it takes into account and what not.`

const simulateExample = `  nurture simulate
  nurture simulate --months 24 --seeds 20 --report forecast.html
  nurture simulate --what-if cadences/first-seven.yaml
  nurture simulate --leads leads.csv --months 6 --by week
  nurture simulate --synthetic 100000 --months 24 --json`

type simulateOptions struct {
	*app
	leads, mapping   string
	synthetic        int
	months, days     int
	start            string
	seed             int64
	seeds            int
	by               string
	whatIf           string
	report           string
	csv, peopleGiven bool
}

func newSimulateCmd(a *app, runF func(context.Context, *simulateOptions) error) *cobra.Command {
	o := &simulateOptions{app: a}
	if runF == nil {
		runF = runSimulate
	}
	cmd := &cobra.Command{
		Use: "simulate", Short: "Forecast sends, calls and promotions before anything happens", Long: simulateHelp, Example: simulateExample,
		Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case o.leads != "" && cmd.Flags().Changed("synthetic"):
				return usagef(cmd, "--leads and --synthetic exclude each other")
			case o.mapping != "" && o.leads == "":
				return usagef(cmd, "--mapping goes with --leads")
			case cmd.Flags().Changed("synthetic") && o.synthetic < 1, o.months < 1 && !cmd.Flags().Changed("days"), cmd.Flags().Changed("days") && o.days < 1, o.seeds < 1:
				return usagef(cmd, "--synthetic, --months, --days and --seeds must be 1 or more")
			case o.months > longestForecast || o.days > longestForecast*31:
				return usagef(cmd, "a forecast is %d months long at most", longestForecast)
			case !slices.Contains([]string{"", string(simulate.ByDay), string(simulate.ByWeek), string(simulate.ByMonth)}, o.by):
				return usagef(cmd, "--by is day, week or month")
			case o.csv && o.json:
				return usagef(cmd, "--csv and --json exclude each other")
			}
			o.peopleGiven = o.leads != "" || o.synthetic > 0
			return runF(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.leads, "leads", "", "begin with the leads of a CSV file instead of the database")
	f.StringVar(&o.mapping, "mapping", "", "mapping of the file's columns, as for leads import")
	f.IntVar(&o.synthetic, "synthetic", 0, "begin with so many made-up leads")
	f.IntVar(&o.months, "months", 12, "how long")
	f.IntVar(&o.days, "days", 0, "how long, in days instead of months")
	f.StringVar(&o.start, "start", "", "the first day, such as 2027-01-04; else today")
	f.Int64Var(&o.seed, "seed", 1, "of all that happens by chance; the first one with --seeds")
	f.IntVar(&o.seeds, "seeds", 1, "how many seeds to run; 20 give useful bands")
	f.StringVar(&o.by, "by", "", "figures by day, week or month; else weeks up to half a year, then months")
	f.StringVar(&o.whatIf, "what-if", "", "a changed cadence file, or a changed configuration folder, to compare with")
	f.StringVar(&o.report, "report", "", "write an HTML page with charts to this file")
	f.BoolVar(&o.csv, "csv", false, "print a CSV table with a line a period")
	return cmd
}

// longestForecast is how many months a forecast has at most; nobody knows more.
const longestForecast = 60

// subject is what is simulated.
type subject struct {
	config     *config.Config
	population *simulate.Population
	history    simulate.History
	who        string // in words
}

func runSimulate(ctx context.Context, o *simulateOptions) error {
	var s subject
	var err error
	if o.peopleGiven {
		s, err = o.givenPeople()
	} else {
		err = o.with(ctx, func(session *session) error {
			s, err = o.livePeople(ctx, session)
			return err
		})
	}
	if err != nil {
		return err
	}
	return o.simulate(s)
}

// livePeople are everybody in the database.
func (o *simulateOptions) livePeople(ctx context.Context, session *session) (subject, error) {
	var s subject
	var err error
	if s.population, s.config, err = session.engine.Population(ctx); err != nil {
		return s, err
	}
	if len(s.population.People) == 0 {
		return s, hint(failf("there are no leads yet"), "import some, or try: nurture simulate --synthetic 1000")
	}
	s.history, err = session.engine.AnswerHistory(ctx)
	s.who = "the leads as they stand"
	return s, err
}

// givenPeople are those of a file, or made up, under the configuration folder.
func (o *simulateOptions) givenPeople() (subject, error) {
	cfg, err := o.load("")
	if err != nil {
		return subject{}, err
	}
	start, err := o.begins(cfg)
	if err != nil {
		return subject{}, err
	}
	s := subject{config: cfg, who: "made-up leads"}
	rows := sandbox.People(o.seed, o.synthetic, start)
	if o.leads != "" {
		s.who = "the leads of " + filepath.Base(o.leads)
		if rows, err = readLeads(o.app, o.leads, o.mapping, cfg); err != nil {
			return s, err
		}
	}
	leads, facts := jobs.LeadsOf(rows, cfg, start)
	s.population = simulate.NewPopulation(leads, facts, start)
	return s, nil
}

// begins is the instant at which the first day begins for the operator.
func (o *simulateOptions) begins(cfg *config.Config) (time.Time, error) {
	zone, err := time.LoadLocation(cfg.Settings.Zone)
	if err != nil {
		return time.Time{}, err
	}
	day := o.now().In(zone)
	if o.start != "" {
		if day, err = time.ParseInLocation(time.DateOnly, o.start, zone); err != nil {
			return day, hint(misusef("--start %q is no date", o.start), "write it like 2027-01-04")
		}
	} else if !o.peopleGiven {
		return o.now().UTC(), nil // what is under way goes on from here
	}
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone).UTC(), nil
}

// simulate runs the study, and shows it as asked.
func (o *simulateOptions) simulate(s subject) error {
	start, err := o.begins(s.config)
	if err != nil {
		return err
	}
	days := o.days
	if days == 0 {
		days = int(start.AddDate(0, o.months, 0).Sub(start).Hours() / 24)
	}
	by := simulate.Span(o.by)
	if by == "" {
		if by = simulate.ByMonth; days <= 186 {
			by = simulate.ByWeek
		}
	}
	options := simulate.Options{Config: s.config, Population: s.population, Start: start, Days: days}
	if o.whatIf == "" {
		found, err := simulate.Study(options, s.history, o.seed, o.seeds, by)
		if err != nil {
			return err
		}
		return o.show(s, found, nil)
	}
	changed, err := o.changedConfig(s.config)
	if err != nil {
		return err
	}
	compared, err := simulate.Compare(options, changed, s.history, o.seed, o.seeds, by)
	if err != nil {
		return err
	}
	return o.show(s, compared.Base, compared)
}

// changedConfig is the configuration with the change that --what-if names: a folder takes its place, a file that of the cadence of the same key.
func (o *simulateOptions) changedConfig(base *config.Config) (*config.Config, error) {
	info, err := os.Stat(o.whatIf)
	if err != nil {
		return nil, hint(failf("--what-if: there is no %s", o.whatIf), "name a cadence file, or a configuration folder")
	}
	if info.IsDir() {
		return o.load(o.whatIf)
	}
	content, err := os.ReadFile(o.whatIf)
	if err != nil {
		return nil, err
	}
	fsys, err := withCadence(base.Files, filepath.Base(o.whatIf), content)
	if err != nil {
		return nil, err
	}
	changed, err := config.Load(fsys)
	var problems config.Problems
	if errors.As(err, &problems) {
		return nil, brokenConfig{dir: o.whatIf, problems: problems}
	}
	return changed, err
}

var cadenceLine = regexp.MustCompile(`(?m)^cadence:[ \t]*["']?([^"'#\s]+)`)

// withCadence gives the files of a configuration with one cadence replaced, found by its key, or added.
func withCadence(files []config.File, name string, content []byte) (fs.FS, error) {
	match := cadenceLine.FindSubmatch(content)
	if match == nil {
		return nil, hint(failf("%s is no cadence", name), `it begins with "cadence: KEY"; for other changes name a whole folder`)
	}
	target := path.Join(config.CadencesDir, name)
	var all []config.File
	for _, file := range files {
		if path.Dir(file.Path) == config.CadencesDir {
			if other := cadenceLine.FindSubmatch(file.Content); other != nil && string(other[1]) == string(match[1]) {
				target = file.Path
				continue
			}
		}
		all = append(all, file)
	}
	if slices.ContainsFunc(all, func(f config.File) bool { return f.Path == target }) {
		return nil, hint(failf("%s holds another cadence already", target), "give the file of cadence %s another name", match[1])
	}
	return config.FS(append(all, config.File{Path: target, Content: content}))
}
