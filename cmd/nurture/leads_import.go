package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"nurture/internal/leadfile"
)

type importOptions struct {
	*app
	file    string // "-" is standard input
	mapping string
	assign  []string
	country string
	dryRun  bool
	report  string
	asOf    string
}

func newImportCmd(a *app, runF func(context.Context, *importOptions) error) *cobra.Command {
	o := &importOptions{app: a}
	if runF == nil {
		runF = runImport
	}
	cmd := &cobra.Command{
		Use: "import FILE", Short: "Import leads from a CSV file",
		Long: `Import leads from a CSV file. Encoding and delimiter are found out, damaged lines are repaired where that is safe, columns are
recognised by common names, and addresses are normalised. docs/import.md describes all of it.

Nothing is dropped in silence: accepted + rejected = read, and the report names every rejected line with its reason.
Importing a file again changes nothing: leads are told apart by their key. Rejected lines do not fail the command.

What a file says is of the day on which it was written, unless --as-of says otherwise. A later value on record stays, and so does what a person
wrote; both are counted.`,
		Example: `  nurture leads import leads.csv --dry-run --report report.csv
  nurture leads import leads.csv --map email="Work Email" --map fields.tier=Tier --country US
  nurture leads import Leads.csv --mapping examples/mappings/x-education.yaml --json`,
		Args: args(1, 1, "FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			for _, text := range o.assign {
				if err := new(leadfile.Mapping).Assign(text); err != nil {
					return misuse(cmd, "--map: ", err)
				}
			}
			return runF(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.mapping, "mapping", "", "YAML file that says which column fills which field")
	flags.StringArrayVar(&o.assign, "map", nil, "field=Column, on top of the mapping or of what was recognised; may be repeated")
	flags.StringVar(&o.country, "country", "", "where phone numbers without country code are from; else country in nurture.yaml")
	flags.StringVar(&o.asOf, "as-of", "", "of when the file's data is, as 2006-01-02; else when the file was written, now for standard input")
	flags.BoolVar(&o.dryRun, "dry-run", false, "store nothing, only count and report; needs no database")
	flags.StringVar(&o.report, "report", "", "where to write the report; else, when a line was rejected, to a file in --data")
	return cmd
}

// importResult is what `leads import --json` prints. Accepted + Rejected = Read.
type importResult struct {
	Read      int      `json:"read"`
	Accepted  int      `json:"accepted"`
	Rejected  int      `json:"rejected"`
	Report    string   `json:"report"` // "" when none was written
	Repaired  int      `json:"repaired"`
	Warnings  int      `json:"warnings"`
	Blank     int      `json:"blank"`
	New       int      `json:"new"`
	Updated   int      `json:"updated"`
	Kept      int      `json:"kept"`     // values that were not taken, for a later one is on record
	Proposed  int      `json:"proposed"` // values that a person is asked about
	DryRun    bool     `json:"dry_run"`
	Encoding  string   `json:"encoding"`
	Delimiter string   `json:"delimiter"`
	Unmatched []string `json:"unmatched"` // columns that nothing is read from
	Notes     []string `json:"notes"`     // on the file as a whole
}

func runImport(ctx context.Context, o *importOptions) error {
	if _, err := o.statedDate(time.UTC); err != nil { // also where a dry run needs none
		return err
	}
	src, err := o.openImport(o.file, "leads")
	if err != nil {
		return err
	}
	defer src.Close() // it was only read
	opt, err := o.readOptions()
	if err != nil {
		return err
	}
	if o.dryRun {
		return o.read(src, opt, nil)
	}
	return o.with(ctx, func(s *session) error {
		if opt.DefaultCountry == "" && s.live != nil {
			opt.DefaultCountry = s.live.Settings.Country
		}
		asOf, err := o.fileDate(src, s.zone)
		if err != nil {
			return err
		}
		name := filepath.Base(o.file)
		if o.file == "-" {
			name = "standard input"
		}
		by, err := s.engine.BeginImport(ctx, name, asOf)
		if err != nil {
			return err
		}
		return o.read(src, opt, &importTarget{ctx: ctx, session: s, begin: importInto(s.engine, by)})
	})
}

// fileDate is of when the file's data is; zero is now.
func (o *importOptions) fileDate(src io.ReadCloser, zone *time.Location) (time.Time, error) {
	if o.asOf != "" {
		return o.statedDate(zone)
	}
	f, ok := src.(*os.File)
	if !ok {
		return time.Time{}, nil
	}
	info, err := f.Stat()
	if err != nil {
		return time.Time{}, failf("cannot read when the file was written: %w", err)
	}
	return info.ModTime(), nil
}

// statedDate is the day of --as-of; zero when it is not given. One that has begun nowhere yet is a slip: what the file says would be of today.
func (o *importOptions) statedDate(zone *time.Location) (time.Time, error) {
	if o.asOf == "" {
		return time.Time{}, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, o.asOf, zone)
	if err != nil {
		return day, hint(misusef("--as-of is %q: that is no date", o.asOf), "write it as 2006-01-02")
	}
	const firstOnEarth = 14 * time.Hour // Kiribati is that far ahead of UTC
	if day.After(o.now().Add(firstOnEarth)) {
		return day, hint(failf("--as-of is %s: that day is yet to come", o.asOf), "write the day of which the file's data is")
	}
	return day, nil
}

// openImport opens a file of leads or of addresses; "-" is standard input.
func (a *app) openImport(file, what string) (io.ReadCloser, error) {
	if file == "-" {
		return io.NopCloser(a.stdin), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, hint(failf("cannot read the %s: %w", what, err), "name a CSV file, or - for standard input")
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, errors.Join(hint(failf("cannot read the %s: %s is a folder", what, file), "name a CSV file in it"), f.Close())
	}
	return f, nil
}

func (o *importOptions) readOptions() (leadfile.Options, error) {
	opt := leadfile.Options{Assign: o.assign}
	if o.mapping != "" {
		src, err := os.ReadFile(o.mapping)
		if err != nil {
			return opt, failf("cannot read the mapping: %w", err)
		}
		if opt.Mapping, err = leadfile.ParseMapping(o.mapping, src); err != nil {
			return opt, err
		}
	}
	var err error
	opt.DefaultCountry, err = o.phoneCountry(o.country, nil)
	return opt, err
}

// read reads the file into target, nil for a dry run, and prints what became of it.
func (o *importOptions) read(src io.Reader, opt leadfile.Options, target *importTarget) error {
	report, err := o.openReport(o.report, o.file)
	if err != nil {
		return err
	}
	opt.Reporter = report
	summary, err := leadfile.Read(src, opt, target.store)
	if err = target.finish(err); err == nil {
		err = target.optOut(report.optOuts)
	}
	if err != nil {
		if n := target.stored(); n > 0 {
			err = hint(fmt.Errorf("%w; %s of the file are stored", err, count(n, "lead")),
				"put that right and import the file again: what is stored already stays as it is")
		}
		return errors.Join(err, report.discard())
	}
	path, err := report.finish(o.report != "" || summary.Rejected > 0)
	if err != nil {
		return err
	}
	result := importResult{
		Read: summary.Read, Accepted: summary.Accepted, Rejected: summary.Rejected, Report: path, Repaired: summary.Repaired,
		Warnings: summary.Warnings, Blank: summary.Blank, DryRun: o.dryRun, Encoding: summary.Encoding, Delimiter: summary.Delimiter,
		Unmatched: append([]string{}, summary.Unmatched...), Notes: append([]string{}, report.notes...),
	}
	if target != nil {
		result.New, result.Updated, result.Kept, result.Proposed = target.done.New, target.done.Updated, target.done.Kept, target.done.Proposed
	}
	if o.json {
		return o.printJSON(result)
	}
	o.print(result)
	return nil
}

func (o *importOptions) print(r importResult) {
	o.printf("read %d, accepted %d, rejected %d", r.Read, r.Accepted, r.Rejected)
	if r.Repaired > 0 || r.Warnings > 0 {
		o.printf(" (%s repaired, %s)", count(r.Repaired, "line"), count(r.Warnings, "warning"))
	}
	o.printf("\n")
	if r.DryRun {
		o.printf("dry run: nothing was stored\n")
	} else {
		o.printf("stored: %d new, %d updated\n", r.New, r.Updated)
	}
	if r.Kept > 0 {
		o.printf("not taken: %s, for later ones are on record\n", count(r.Kept, "value"))
	}
	if r.Proposed > 0 {
		o.printf("proposed: %s, for a person to decide\n", count(r.Proposed, "value"))
	}
	for _, note := range r.Notes {
		o.printf("note: %s\n", note)
	}
	if len(r.Unmatched) > 0 {
		o.printf("nothing is read from: %s\n", leadfile.Listed(r.Unmatched))
	}
	if r.Report == "" && r.Repaired+r.Warnings > 0 {
		o.printf("what was repaired or not used: --report FILE names each, also with --dry-run\n")
	}
	if r.Report != "" {
		o.printf("the report is in %s\n", r.Report)
	}
}
