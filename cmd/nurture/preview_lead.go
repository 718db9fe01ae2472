package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"nurture/cadence/uld"
	"nurture/config"
	"nurture/internal/leadfile"
	"nurture/jobs"
	"nurture/store"
)

// leadOptions say for which lead something is rendered.
type leadOptions struct {
	ref    string // --lead
	file   string // --lead-file
	sample string // --sample
}

func (o *leadOptions) addLeadFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.ref, "lead", "", "a lead of the database by id, key or address; with --lead-file one of that file by key or address")
	flags.StringVar(&o.file, "lead-file", "", "take the lead from a file such as nurture leads import reads; its first one without --lead")
	flags.StringVar(&o.sample, "sample", "", "a made-up lead: full, of whom everything is known, or bare, of whom only the address is")
}

func (o *leadOptions) checkLead(cmd *cobra.Command) error {
	switch {
	case o.sample != "" && o.sample != "full" && o.sample != "bare":
		return usagef(cmd, "--sample %s: it must be full or bare", o.sample)
	case o.sample != "" && (o.ref != "" || o.file != ""):
		return usagef(cmd, "--sample is a lead already: leave --lead and --lead-file out")
	}
	return nil
}

// stored says whether the lead is one of the database.
func (o *leadOptions) stored() bool { return o.ref != "" && o.file == "" }

// previewLead is whom something is rendered for.
type previewLead struct {
	store.Lead
	facts []uld.Fact
	had   []string // templates that it was sent
	from  string   // where it is from, in words
}

// errFound ends the reading of a file.
var errFound = errors.New("found")

// lead gives the lead that the flags name; s is nil unless it is one of the database.
func (o *previewOptions) lead(ctx context.Context, s *session, cfg *config.Config) (previewLead, error) {
	switch {
	case o.file != "":
		return o.leadOfFile(cfg)
	case o.ref != "":
		lead, err := store.FindLead(ctx, s.pool, o.ref)
		if err != nil {
			return previewLead{}, err
		}
		facts, err := store.Facts(ctx, s.pool, []int64{lead.ID})
		if err != nil {
			return previewLead{}, err
		}
		had, err := store.TemplatesHad(ctx, s.pool, []int64{lead.ID})
		return previewLead{lead, facts[lead.ID], had[lead.ID], "a lead of the database"}, err
	case o.sample == "bare":
		return previewLead{jobs.BareLead(o.now().UTC()), nil, nil, "made up; only the address is known"}, nil
	}
	lead, facts := jobs.SampleLead(cfg, o.now().UTC())
	return previewLead{lead, facts, nil, "made up; everything is known"}, nil
}

func (o *previewOptions) leadOfFile(cfg *config.Config) (previewLead, error) {
	src, err := o.openImport(o.file, "leads")
	if err != nil {
		return previewLead{}, err
	}
	defer src.Close() // it was only read
	var found *leadfile.Row
	_, err = leadfile.Read(src, leadfile.Options{DefaultCountry: cfg.Settings.Country}, func(batch []leadfile.Row) error {
		for i := range batch {
			if l := &batch[i].Lead; o.ref == "" || l.Key == o.ref || strings.EqualFold(l.Email, o.ref) {
				row := batch[i]
				found = &row
				return errFound
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errFound) {
		return previewLead{}, err
	}
	if found == nil {
		return previewLead{}, hint(failf("%s has no lead %q that an import would accept", o.file, o.ref),
			"nurture leads import %s --dry-run says what is wrong with its lines", o.file)
	}
	lead, facts := jobs.LeadFromFile(*found, cfg, o.now().UTC())
	return previewLead{lead, facts, nil, "line " + id(int64(found.Line)) + " of " + o.file}, nil
}
