package desk

import (
	"errors"
	"net/http"
	"strings"

	"nurture/jobs"
	"nurture/store"
)

// mine loads the handoff of the path for a change that its rep may make, or who leads the reps.
func (v *visit) mine() (store.Handoff, error) {
	id, err := v.id()
	if err != nil {
		return store.Handoff{}, err
	}
	if err := v.form(); err != nil {
		return store.Handoff{}, err
	}
	h, err := store.GetHandoff(v.r.Context(), v.desk.pool, id)
	if err == nil && !v.answers(h) {
		err = problem{http.StatusForbidden, "This one is not yours to answer", "It was offered to " + h.Rep + ". A manager can give it to you."}
	}
	return h, err
}

// again shows the handoff once more after an answer that came too late or made no sense, with what was typed; other errors are returned.
func (v *visit) again(err error, typed handoffForm) error {
	p := handoffPage{Typed: typed}
	var mistake jobs.OutcomeMistake
	switch {
	case errors.As(err, &mistake):
		field := mistake.Field
		if field == "reason" {
			field = "why" // which the outcome's form calls it: reason is the other form's
		}
		p.Problems = map[string]string{field: sentence(mistake.Text) + "."}
		return v.showHandoff(http.StatusUnprocessableEntity, p)
	case errors.Is(err, jobs.ErrNoRep):
		p.Problems = map[string]string{"to": sentence(err.Error()) + "."}
		return v.showHandoff(http.StatusUnprocessableEntity, p)
	case errors.Is(err, jobs.ErrDecided):
		p.Problem = "Nothing was changed: somebody answered this handoff in the meantime. Below is how it stands now."
		return v.showHandoff(http.StatusConflict, p)
	}
	return err
}

// decided says whether an answer came too late only because the user had given it before, with the same reason if it needs one: the form was sent twice.
func (v *visit) decided(err error, id int64, state store.HandoffState, reason string) bool {
	if !errors.Is(err, jobs.ErrDecided) {
		return false
	}
	h, err := store.GetHandoff(v.r.Context(), v.desk.pool, id)
	return err == nil && h.State == state && h.DecidedBy == v.user.Email && (reason == "" || h.Reason == reason)
}

// acceptHandoff takes a lead on.
func (d *Desk) acceptHandoff(v *visit) error {
	h, err := v.mine()
	if err != nil {
		return err
	}
	if err := d.engine.AcceptHandoff(v.r.Context(), h.ID, v.user.Email); err != nil && !v.decided(err, h.ID, store.HandoffAccepted, "") {
		return v.again(err, handoffForm{})
	}
	return v.redirect(handoffPath(h.ID), "Accepted. The lead is yours to call; say here what becomes of it.")
}

// rejectHandoff gives a lead back to nurture, with the reason.
func (d *Desk) rejectHandoff(v *visit) error {
	h, err := v.mine()
	if err != nil {
		return err
	}
	typed := handoffForm{Reason: strings.TrimSpace(v.field("reason"))}
	if typed.Reason == "" {
		return v.showHandoff(http.StatusUnprocessableEntity, handoffPage{
			Typed: typed, Problems: map[string]string{"reason": "Say why: the reason goes back to marketing with the lead."},
		})
	}
	if err := d.engine.RejectHandoff(v.r.Context(), h.ID, v.user.Email, typed.Reason); err != nil && !v.decided(err, h.ID, store.HandoffRejected, typed.Reason) {
		return v.again(err, typed)
	}
	return v.redirect("/desk/handoffs", "Rejected. The lead goes back to nurture with your reason.")
}

// reassignHandoff offers a handoff to another rep.
func (d *Desk) reassignHandoff(v *visit) error {
	h, err := v.mine()
	if err != nil {
		return err
	}
	typed := handoffForm{To: v.field("to")}
	if err := d.engine.ReassignHandoff(v.r.Context(), h.ID, typed.To); err != nil {
		return v.again(err, typed)
	}
	return v.redirect(handoffPath(h.ID), "Offered to "+typed.To+", with the whole time to answer.")
}

// reportOutcome records what became of a handoff.
func (d *Desk) reportOutcome(v *visit) error {
	h, err := v.mine()
	if err != nil {
		return err
	}
	typed := handoffForm{
		Outcome: v.field("outcome"), Amount: v.field("amount"), Currency: strings.ToUpper(strings.TrimSpace(v.field("currency"))),
		OutcomeReason: v.field("why"), Nurtured: v.field("nurture"),
	}
	if typed.Outcome == "" {
		return v.again(jobs.OutcomeMistake{Field: "outcome", Text: "say what became of it"}, typed)
	}
	cents, err := jobs.ParseAmount(typed.Amount)
	if err != nil {
		return v.again(err, typed)
	}
	err = d.engine.ReportOutcome(v.r.Context(), jobs.OutcomeReport{
		HandoffID: h.ID, Outcome: store.Outcome(typed.Outcome), AmountCents: cents, Currency: typed.Currency, Reason: typed.OutcomeReason,
		By: v.user.Email, Nurture: typed.Nurtured != "",
	})
	if err != nil {
		return v.again(err, typed)
	}
	return v.redirect(handoffPath(h.ID), "Noted: "+words(typed.Outcome)+".")
}
