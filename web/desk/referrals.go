package desk

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"nurture/jobs"
	"nurture/store"
)

// shownReferrals is how many people a page shows.
const shownReferrals = 60

type referralsPage struct {
	Tabs    []tab
	Rows    []referralRow
	Pages   pager
	Problem int64 // the referral that cannot be declined without a reason; 0 is none
}

type referralRow struct {
	store.Referral
	By, ByPath string // the lead who named them
	Named      moment
}

// showReferrals lists the people whom leads named, the oldest first.
func (d *Desk) showReferrals(v *visit) error { return d.renderReferrals(v, http.StatusOK, 0) }

func (d *Desk) renderReferrals(v *visit, status int, wrong int64) error {
	begun := whole(v.r.URL.Query(), "after")
	if wrong > 0 {
		begun = wrong - 1 // it comes first
	}
	rows, err := store.ListReferrals(v.r.Context(), d.pool, store.ReferralProposed, begun, shownReferrals+1)
	if err != nil {
		return err
	}
	p := referralsPage{Tabs: v.inboxTabs(), Problem: wrong}
	rows, p.Pages = keyed(rows, shownReferrals, begun, func(r store.Referral) int64 { return r.ID }, func(after int64) string {
		return listPath("/desk/inbox/referrals", "after", unlessZero(after))
	})
	if v.beyond(p.Pages, len(rows)) {
		return v.redirect(p.Pages.First, "")
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.LeadID
	}
	leads, err := store.LeadsByID(v.r.Context(), d.pool, ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		by := leads[r.LeadID]
		p.Rows = append(p.Rows, referralRow{Referral: r, By: by.FullName(), ByPath: v.leadPath(r.LeadID), Named: v.moment(r.ProposedAt)})
	}
	return v.render(status, "referrals.html", "Referrals", p)
}

// acceptReferral makes a lead of somebody whom a lead named.
func (d *Desk) acceptReferral(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	done, err := d.engine.AcceptReferral(v.r.Context(), id, v.user.Email)
	if v.decidedReferral(err, id, store.ReferralAccepted, "") {
		return v.redirect("/desk/inbox/referrals", "")
	}
	if err != nil {
		return err
	}
	leads, err := store.LeadsByID(v.r.Context(), d.pool, []int64{done.LeadID})
	if err != nil {
		return err
	}
	lead := leads[done.LeadID]
	words := "%s is a lead now, without consent. Where no cadence takes it so, " + cmp.Or(lead.Owner, "an SDR") + " is asked to get in touch."
	switch {
	case done.Barred:
		words = "Linked with the lead %s, whom nobody contacts any more."
	case done.Known:
		words = "Linked with the lead %s, which was there already."
	}
	return v.redirect("/desk/inbox/referrals", fmt.Sprintf(words, lead.FullName()))
}

// decidedReferral says whether a decision came too late only because the user had made it before, with the same reason if it needs one: the form was sent twice.
func (v *visit) decidedReferral(err error, id int64, state store.ReferralState, reason string) bool {
	if !errors.Is(err, jobs.ErrReferralDecided) {
		return false
	}
	r, err := store.GetReferral(v.r.Context(), v.desk.pool, id)
	return err == nil && r.State == state && r.By == v.user.Email && (reason == "" || r.Reason == reason)
}

// declineReferral leaves somebody alone, with a reason.
func (d *Desk) declineReferral(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := v.form(); err != nil {
		return err
	}
	reason := strings.TrimSpace(v.field("reason"))
	if reason == "" {
		return d.renderReferrals(v, http.StatusUnprocessableEntity, id)
	}
	if err := d.engine.DeclineReferral(v.r.Context(), id, v.user.Email, reason); err != nil && !v.decidedReferral(err, id, store.ReferralDeclined, reason) {
		return err
	}
	return v.redirect("/desk/inbox/referrals", "Declined. The reason is kept with the lead.")
}
