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
	if len(rows) > leadsShown {
		rows = rows[:leadsShown]
		p.Pages.Next = listPath("/desk/leads", "q", p.Search, "before", itoa(rows[leadsShown-1].ID))
	}
	if before > 0 {
		p.Pages.First = listPath("/desk/leads", "q", p.Search)
	}
	for _, row := range rows {
		p.Rows = append(p.Rows, leadRow{row, v.moment(row.UpdatedAt)})
	}
	return v.render(http.StatusOK, "leads.html", "Leads", p)
}
