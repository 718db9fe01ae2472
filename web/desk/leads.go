package desk

import (
	"net/http"
	"net/url"
	"strconv"

	"nurture/store"
)

// leadsShown is how many leads a page of the list holds.
const leadsShown = 50

// leadsPage is the list of leads.
type leadsPage struct {
	Search string
	Rows   []leadRow
	More   string // the address of the next page; "" when there is none
}

type leadRow struct {
	store.ListedLead
	Changed moment
}

// showLeads lists leads, the newest first, or those that fit a search.
func (d *Desk) showLeads(v *visit) error {
	asked := v.r.URL.Query()
	before, _ := strconv.ParseInt(asked.Get("before"), 10, 64)
	p := leadsPage{Search: store.Clean(asked.Get("q"))}
	rows, err := store.SearchLeads(v.r.Context(), d.pool, p.Search, before, leadsShown+1)
	if err != nil {
		return err
	}
	if len(rows) > leadsShown {
		rows = rows[:leadsShown]
		p.More = "/desk/leads?" + url.Values{"q": {p.Search}, "before": {itoa(rows[leadsShown-1].ID)}}.Encode()
	}
	for _, row := range rows {
		p.Rows = append(p.Rows, leadRow{row, v.moment(row.UpdatedAt)})
	}
	return v.render(http.StatusOK, "leads.html", "Leads", p)
}
