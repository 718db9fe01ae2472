package desk

import (
	"context"
	"fmt"
	"net/http"

	"nurture/store"
)

// settler is what the page about touches of unknown fate asks of the engine.
type settler interface {
	// SettleUnknown records what a person found out; jobs.ErrDecided when the fate is known.
	SettleUnknown(ctx context.Context, touchID int64, sent bool) error
}

// shownUnknown is how many touches a page shows.
const shownUnknown = 50

type unknownPage struct {
	Tabs  []tab
	Rows  []unknownRow
	Pages pager
	May   bool // settle
}

type unknownRow struct {
	store.HistoryTouch
	Lead, LeadPath, Address string
	When                    moment // when it may have left
}

// showUnknown lists the touches of which nobody can tell whether they were sent, the oldest first.
func (d *Desk) showUnknown(v *visit) error {
	ctx := v.r.Context()
	begun := whole(v.r.URL.Query(), "after")
	touches, err := store.UnknownTouches(ctx, d.pool, begun, shownUnknown+1)
	if err != nil {
		return err
	}
	p := unknownPage{Tabs: v.opsTabs(), May: mayPost("/desk/ops/unknown/{id}", v.role())}
	touches, p.Pages = keyed(touches, shownUnknown, begun, func(t store.HistoryTouch) int64 { return t.ID }, func(after int64) string {
		return listPath("/desk/ops/unknown", "after", unlessZero(after))
	})
	if v.beyond(p.Pages, len(touches)) {
		return v.redirect(p.Pages.First, "")
	}
	ids := make([]int64, len(touches))
	for i, t := range touches {
		ids[i] = t.ID
	}
	refs, err := store.TouchRefs(ctx, d.pool, ids)
	if err != nil {
		return err
	}
	ref, leadIDs := map[int64]store.TouchRef{}, []int64{}
	for _, r := range refs {
		ref[r.TouchID], leadIDs = r, append(leadIDs, r.LeadID)
	}
	leads, err := store.LeadsByID(ctx, d.pool, leadIDs)
	if err != nil {
		return err
	}
	for _, t := range touches {
		r := ref[t.ID]
		lead := leads[r.LeadID]
		p.Rows = append(p.Rows, unknownRow{HistoryTouch: t, Lead: lead.FullName(), LeadPath: v.leadPath(r.LeadID), Address: r.Address, When: v.momentOf(t.SentAt)})
	}
	return v.render(http.StatusOK, "unknown.html", "Unknown touches", p)
}

// settleUnknown records what somebody found out about a touch.
func (d *Desk) settleUnknown(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := v.form(); err != nil {
		return err
	}
	fate := v.field("fate")
	if fate != "sent" && fate != "not_sent" {
		return problem{http.StatusUnprocessableEntity, "Sent or not?", "Go back and say which."}
	}
	if err := d.engine.SettleUnknown(v.r.Context(), id, fate == "sent"); err != nil {
		return err
	}
	notice := fmt.Sprintf("Touch %d is settled: it was sent.", id)
	if fate == "not_sent" {
		notice = fmt.Sprintf("Touch %d is settled: it was not sent, and is planned again while its cadence still stands there.", id)
	}
	return v.redirect("/desk/ops/unknown", notice)
}
