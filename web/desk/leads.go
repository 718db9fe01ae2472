package desk

import (
	"net/http"

	"nurture/store"
)

// leadsShown is how many leads a page of the list holds.
const leadsShown = 50

// leadsPage is the list of leads.
type leadsPage struct {
	Search string
	Rows   []leadRow
	Pages  pager
}

type leadRow struct {
	store.ListedLead
	Changed moment
}

// showLeads lists leads, the newest first, or those that fit a search.
func (d *Desk) showLeads(v *visit) error {
	asked := v.r.URL.Query()
	before := whole(asked, "before")
	p := leadsPage{Search: store.Clean(asked.Get("q"))}
	rows, err := store.SearchLeads(v.r.Context(), d.pool, p.Search, before, leadsShown+1)
	if err != nil {
		return err
	}
	rows, p.Pages = keyed(rows, leadsShown, before, func(l store.ListedLead) int64 { return l.ID }, func(before int64) string {
		return listPath("/desk/leads", "q", p.Search, "before", unlessZero(before))
	})
	if v.beyond(p.Pages, len(rows)) {
		return v.redirect(p.Pages.First, "")
	}
	for _, row := range rows {
		p.Rows = append(p.Rows, leadRow{row, v.moment(row.UpdatedAt)})
	}
	return v.render(http.StatusOK, "leads.html", "Leads", p)
}
