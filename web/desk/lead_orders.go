package desk

import (
	"context"
	"errors"
	"strings"

	"nurture/cadence"
	"nurture/jobs"
	"nurture/store"
)

func leadPath(id int64) string { return "/desk/leads/" + itoa(id) }

// ordered is the id of a lead that a form is about.
func (v *visit) ordered() (int64, error) {
	id, err := v.id()
	if err == nil {
		err = v.form()
	}
	return id, err
}

// pauseLead rests a lead's cadence until a time, or until somebody resumes it.
func (d *Desk) pauseLead(v *visit) error {
	id, err := v.ordered()
	if err != nil {
		return err
	}
	wanted := v.field("until")
	if own := strings.TrimSpace(v.field("own")); own != "" {
		wanted = own
	}
	if wanted == "" {
		if err := d.engine.PauseLead(v.r.Context(), id, nil); err != nil {
			return err
		}
		return v.redirect(leadPath(id), "Paused until somebody resumes it. Its SDR is asked to look after it in four weeks.")
	}
	until, err := v.parseTime(wanted)
	if err == nil {
		err = d.engine.PauseLead(v.r.Context(), id, &until)
	}
	switch {
	case errors.Is(err, errBadDate):
		return wrongField{name: "own", text: "Until when? Write the time as 2026-03-02 14:00."}
	case errors.Is(err, jobs.ErrBadTime):
		return wrongField{name: "own", text: "Until when? " + sentence(err.Error()) + "."}
	case err != nil:
		return err
	}
	return v.redirect(leadPath(id), "Paused until "+v.moment(until).Short()+".")
}

// resumeLead lets a lead's cadence go on.
func (d *Desk) resumeLead(v *visit) error {
	id, err := v.ordered()
	if err != nil {
		return err
	}
	if err := d.engine.ResumeLead(v.r.Context(), id); err != nil {
		return err
	}
	return v.redirect(leadPath(id), "The cadence goes on.")
}

// moveLead puts a lead into another cadence.
func (d *Desk) moveLead(v *visit) error {
	return d.intoCadence(v, "Moved to ", d.engine.MoveLead)
}

// enrollLead puts a lead that is in no cadence into one.
func (d *Desk) enrollLead(v *visit) error {
	return d.intoCadence(v, "Put into ", func(ctx context.Context, id int64, to string) error { return d.engine.Enroll(ctx, []int64{id}, to) })
}

// intoCadence puts a lead into the cadence that a form names; done is what is said then, before its name.
func (d *Desk) intoCadence(v *visit, done string, put func(ctx context.Context, id int64, to string) error) error {
	id, err := v.ordered()
	if err != nil {
		return err
	}
	to := v.field("cadence")
	if to == "" {
		return wrongField{name: "cadence", text: "Choose a cadence."}
	}
	err = put(v.r.Context(), id, to)
	if errors.Is(err, jobs.ErrNoCadence) {
		return wrongField{name: "cadence", text: sentence(err.Error()) + "."}
	}
	if err != nil {
		return err
	}
	return v.redirect(leadPath(id), done+to+".")
}

// suppressLead keeps us from a lead's addresses from now on, on a channel or altogether.
func (d *Desk) suppressLead(v *visit) error {
	id, err := v.ordered()
	if err != nil {
		return err
	}
	lead, err := store.LeadByID(v.r.Context(), d.pool, id)
	if err != nil {
		return err
	}
	scope := cadence.SuppressScope(v.field("scope"))
	var rows []store.Suppression
	for _, of := range []struct {
		address string
		channel cadence.SuppressScope
	}{{lead.Email, cadence.SuppressEmail}, {lead.Phone, cadence.SuppressPhone}} {
		if of.address != "" && (scope == of.channel || scope == cadence.SuppressAll) {
			rows = append(rows, store.Suppression{Address: of.address, Scope: scope, Reason: "asked at the desk"})
		}
	}
	if len(rows) == 0 {
		return wrongField{name: "scope", text: "Nothing to suppress: the lead has no such address, or nothing was chosen."}
	}
	if _, err := d.engine.Suppress(v.r.Context(), rows); err != nil {
		return err
	}
	return v.redirect(leadPath(id), map[cadence.SuppressScope]string{
		cadence.SuppressEmail: "No mail from now on.", cadence.SuppressPhone: "No calls from now on.", cadence.SuppressAll: "Left alone from now on.",
	}[scope])
}

// eraseLead forgets a lead. It must be confirmed, for nothing brings it back.
func (d *Desk) eraseLead(v *visit) error {
	id, err := v.ordered()
	if err != nil {
		return err
	}
	if v.field("confirm") != "erase" {
		return wrongField{name: "confirm", text: "Not erased. Write the word erase here: nothing brings an erased lead back."}
	}
	if err := d.engine.EraseLead(v.r.Context(), id); err != nil {
		return err
	}
	return v.redirect("/desk/leads", "Erased. Its addresses stay suppressed by their hashes.")
}
