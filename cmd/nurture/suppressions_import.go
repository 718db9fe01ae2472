package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"nurture/cadence"
	"nurture/config"
	"nurture/internal/leadfile"
	"nurture/jobs"
	"nurture/store"
)

type suppressionsImportOptions struct {
	*app
	file    string // "-" is standard input
	scope   cadence.SuppressScope
	reason  string
	country string
	column  string
	by      string
	dryRun  bool
	report  string
}

func newSuppressionsImportCmd(a *app) *cobra.Command {
	o := &suppressionsImportOptions{app: a}
	var scope string
	cmd := &cobra.Command{
		Use: "import FILE", Short: "Suppress the addresses of a list, such as a do-not-call list",
		Long: `Suppress the addresses of a CSV or text file: email addresses, whole domains (@example.com) and phone numbers. Encoding and delimiter are found
out and numbers are normalised as for leads. A file with a header is read from the columns whose names speak of addresses, one without from the
first line on; the two columns of the US registry, area code and number, are understood.

Nothing is dropped in silence: accepted + rejected = read, and the report names every rejected line with its reason. It takes effect at once:
tasks that need one of the addresses close, planned touches are refused at their claim. Importing a list again changes nothing but its age, which
nurture doctor watches for the lists in compliance.do_not_call. Numbers that a newer edition leaves out stay suppressed.`,
		Example: `  nurture suppressions import dnc.txt --scope phone --reason us-registry --country US
  nurture suppressions import opt-outs.csv --scope email --reason "old mail tool" --column Address --dry-run`,
		Args: args(1, 1, "FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := need(cmd, "scope", "reason")
			if err == nil {
				o.scope, err = scopeFlag(cmd, scope)
			}
			if err != nil {
				return err
			}
			o.file = args[0]
			return runSuppressionsImport(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&scope, "scope", "", "what the addresses must not be used for: email, phone or all")
	flags.StringVar(&o.reason, "reason", "", "why, kept with each address; also the name of the list in compliance.do_not_call")
	flags.StringVar(&o.country, "country", "", "where phone numbers without country code are from; else country in nurture.yaml")
	flags.StringVar(&o.column, "column", "", "the column with the addresses; else those whose names speak of them")
	flags.StringVar(&o.by, "by", "", "who imports it; you when not given")
	flags.BoolVar(&o.dryRun, "dry-run", false, "store nothing, only count and report; needs no database")
	flags.StringVar(&o.report, "report", "", "where to write the report; else, when a line was rejected, to a file in --data")
	return cmd
}

// suppressionsImportResult is what `suppressions import --json` prints. Accepted + Rejected = Read.
type suppressionsImportResult struct {
	Read      int      `json:"read"`
	Accepted  int      `json:"accepted"`
	Rejected  int      `json:"rejected"`
	Report    string   `json:"report"` // "" when none was written
	Repaired  int      `json:"repaired"`
	Warnings  int      `json:"warnings"`
	Blank     int      `json:"blank"`
	Addresses int      `json:"addresses"` // of the accepted lines
	New       int      `json:"new"`
	Known     int      `json:"known"`
	Leads     int      `json:"leads"` // that have one of the new addresses
	DryRun    bool     `json:"dry_run"`
	Encoding  string   `json:"encoding"`
	Delimiter string   `json:"delimiter"`
	Country   string   `json:"country"`   // of numbers without country code; "" none
	Unmatched []string `json:"unmatched"` // columns that nothing is read from
}

func runSuppressionsImport(ctx context.Context, o *suppressionsImportOptions) error {
	src, err := o.openImport(o.file, "list")
	if err != nil {
		return err
	}
	defer src.Close() // it was only read
	if o.dryRun {
		if o.country, err = o.phoneCountry(o.country, nil); err != nil {
			return err
		}
		return o.read(ctx, src, nil)
	}
	return o.with(ctx, func(s *session) error {
		if o.country, err = o.phoneCountry(o.country, s.live); err != nil {
			return err
		}
		return o.read(ctx, src, s.engine)
	})
}

// phoneCountry is where phone numbers without country code are from: as given, else the operator's country; "" when neither is known.
func (a *app) phoneCountry(given string, live *config.Config) (string, error) {
	if given != "" {
		return countryFlag(given)
	}
	if a.hasSettings() {
		cfg, err := a.load("")
		if err != nil {
			return "", err
		}
		return cfg.Settings.Country, nil
	}
	if live != nil {
		return live.Settings.Country, nil
	}
	return "", nil
}

// read reads the list into the engine, nil for a dry run, and prints what became of it.
func (o *suppressionsImportOptions) read(ctx context.Context, src io.Reader, engine *jobs.Engine) error {
	report, err := o.openReport(o.report, o.file)
	if err != nil {
		return err
	}
	result := suppressionsImportResult{DryRun: o.dryRun, Country: o.country}
	opt := leadfile.AddressOptions{Kinds: kindsOf(o.scope), Column: o.column, DefaultCountry: o.country, Reporter: report}
	summary, err := leadfile.ReadAddresses(src, opt, func(batch []leadfile.Address) error {
		result.Addresses += len(batch)
		if engine == nil {
			return nil
		}
		rows := make([]store.Suppression, len(batch))
		for i, address := range batch {
			rows[i] = store.Suppression{Address: address.Text, Scope: o.scope, Reason: o.reason}
		}
		done, err := engine.Suppress(ctx, rows)
		result.New, result.Known, result.Leads = result.New+done.New, result.Known+done.Known, result.Leads+done.Leads
		return err
	})
	if err == nil && engine != nil {
		err = engine.NoteSuppressionList(ctx, store.SuppressionList{
			Name: o.reason, Scope: o.scope, Addresses: result.Addresses, Rejected: summary.Rejected, ImportedBy: o.person(o.by),
		})
	}
	if err != nil {
		if result.New > 0 {
			err = hint(fmt.Errorf("%w; %d new addresses are suppressed already", err, result.New),
				"put that right and import the file again: what is suppressed already stays as it is")
		}
		return errors.Join(err, report.discard())
	}
	if result.Report, err = report.finish(o.report != "" || summary.Rejected > 0); err != nil {
		return err
	}
	result.Read, result.Accepted, result.Rejected = summary.Read, summary.Accepted, summary.Rejected
	result.Repaired, result.Warnings, result.Blank = summary.Repaired, summary.Warnings, summary.Blank
	result.Encoding, result.Delimiter, result.Unmatched = summary.Encoding, summary.Delimiter, append([]string{}, summary.Unmatched...)
	if o.json {
		return o.printJSON(result)
	}
	o.print(result)
	return nil
}

func (o *suppressionsImportOptions) print(r suppressionsImportResult) {
	o.printf("read %d, accepted %d, rejected %d", r.Read, r.Accepted, r.Rejected)
	if r.Repaired > 0 || r.Warnings > 0 {
		o.printf(" (%s repaired, %s)", count(r.Repaired, "line"), count(r.Warnings, "warning"))
	}
	o.printf("\n")
	if o.scope != cadence.SuppressEmail {
		o.printf("numbers without country code: %s\n", cmp.Or(r.Country, "rejected"))
	}
	if r.DryRun {
		o.printf("dry run: nothing was stored\n")
	} else {
		o.printf("suppressed for %s: %d new, %d known; %s have one of the new ones\n", channelsOf(o.scope), r.New, r.Known, count(r.Leads, "lead"))
	}
	if len(r.Unmatched) > 0 {
		o.printf("nothing is read from: %s\n", leadfile.Listed(r.Unmatched))
	}
	if r.Report != "" {
		o.printf("the report is in %s\n", r.Report)
	}
}
