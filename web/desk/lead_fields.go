package desk

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"nurture/internal/provenance"
	"nurture/jobs"
	"nurture/store"
)

// fieldKeeper tells and changes what is known of leads.
type fieldKeeper interface {
	// KnownFields lists what is known of a lead and its account, and what waits for a decision.
	KnownFields(ctx context.Context, leadID int64) ([]jobs.KnownField, []jobs.KnownProposal, error)
	// ChangeFields takes in what somebody says; jobs.FieldErrors when it cannot be taken.
	ChangeFields(ctx context.Context, c jobs.FieldChange) (jobs.FieldResult, error)
	// DecideProposal takes or declines a value; false when another has decided before.
	DecideProposal(ctx context.Context, id int64, accept bool, who string) (bool, error)
}

const (
	fieldsShown  = 40  // of a lead
	askedShown   = 8   // of what waits for a decision
	fieldLength  = 120 // of a value, in characters
	personsField = "account."
)

// fieldRow is a field of a lead with its source and date.
type fieldRow struct {
	Label, Value, By string
	AsOf, Written    moment
	Stale            bool
}

// proposalRow is a value that waits for a decision.
type proposalRow struct {
	ID int64
	fieldRow
	Held string
}

// fieldsOf gathers what is known of a lead.
func (d *Desk) fieldsOf(v *visit, p *leadPage) error {
	known, proposals, err := d.engine.KnownFields(v.r.Context(), p.Lead.ID)
	if err != nil {
		return err
	}
	for _, f := range known[:min(len(known), fieldsShown)] {
		p.Fields = append(p.Fields, v.fieldRow(f))
	}
	p.MoreFields = len(known) - len(p.Fields)
	p.MoreAsked = max(0, len(proposals)-askedShown)
	for _, x := range proposals[:len(proposals)-p.MoreAsked] {
		p.Proposals = append(p.Proposals, proposalRow{x.ID, v.fieldRow(x.KnownField), shorten(x.Held, fieldLength)})
	}
	for _, field := range store.PersonFields {
		p.Settable = append(p.Settable, choice{field, fieldLabel(field)})
	}
	if p.Lead.AccountID != nil {
		for _, field := range store.AccountFields {
			p.Settable = append(p.Settable, choice{personsField + field, fieldLabel(personsField + field)})
		}
	}
	for _, f := range known {
		if strings.HasPrefix(strings.TrimPrefix(f.Field, personsField), store.CustomField) && len(p.Settable) < fieldsShown {
			p.Settable = append(p.Settable, choice{f.Field, fieldLabel(f.Field)})
		}
	}
	return nil
}

func (v *visit) fieldRow(f jobs.KnownField) fieldRow {
	row := fieldRow{Label: fieldLabel(f.Field), Value: shorten(f.Value, fieldLength), By: sourceLabel(f.By.Kind, f.By.Source), Stale: f.Stale, AsOf: moment{None: true}, Written: moment{None: true}}
	if !f.By.AsOf.IsZero() {
		row.AsOf, row.Written = v.moment(f.By.AsOf), v.moment(f.By.Written)
	}
	return row
}

// setField corrects a field of a lead or its company.
func (d *Desk) setField(v *visit) error {
	id, err := v.ordered()
	if err != nil {
		return err
	}
	lead, err := store.LeadByID(v.r.Context(), d.pool, id)
	if err != nil {
		return err
	}
	field, value := v.field("field"), strings.TrimSpace(v.field("value"))
	if value == "" {
		return wrongField{name: "value", text: "Nothing is written. A value can be corrected, not taken away."}
	}
	change := jobs.FieldChange{Lead: lead.Key, Kind: provenance.Person, Source: v.user.Email}
	if own, ok := strings.CutPrefix(field, personsField); ok {
		change.Account = map[string]string{own: value}
	} else {
		change.Person = map[string]string{field: value}
	}
	_, err = d.engine.ChangeFields(v.r.Context(), change)
	var wrong jobs.FieldErrors
	if errors.As(err, &wrong) {
		return wrongField{name: "value", text: "That cannot be taken. " + sentence(wrong[0].Reason) + "."}
	}
	if err != nil {
		return err
	}
	return v.redirect(leadPath(id), fieldLabel(field)+" is corrected.")
}

// decideProposal takes or declines what a file, a program or a vendor says against what is on record.
func (d *Desk) decideProposal(v *visit) error {
	id, err := v.ordered()
	if err != nil {
		return err
	}
	if decide := v.field("decide"); decide != "take" && decide != "decline" {
		return problem{http.StatusUnprocessableEntity, "Take it or not?", "Go back and say which."}
	}
	_, open, err := d.engine.KnownFields(v.r.Context(), id)
	if err != nil {
		return err
	}
	proposal, _ := strconv.ParseInt(v.field("proposal"), 10, 64)
	decided, take := false, v.field("decide") == "take"
	if slices.ContainsFunc(open, func(p jobs.KnownProposal) bool { return p.ID == proposal }) {
		if decided, err = d.engine.DecideProposal(v.r.Context(), proposal, take, v.user.Email); err != nil {
			return err
		}
	}
	switch {
	case !decided:
		return problem{http.StatusConflict, "Somebody was faster", "That is decided already."}
	case take:
		return v.redirect(leadPath(id), "Taken: it counts as your word.")
	}
	return v.redirect(leadPath(id), "Declined: it is not asked again.")
}
