package desk

import (
	"net/http"

	"nurture/internal/access"
	"nurture/store"
)

// auditors may read who did what.
var auditors = []access.Role{access.Manager, access.Admin}

// How many entries a page shows, and how many people it proposes; any other can be typed.
const (
	shownDeeds   = 50
	shownAuthors = 50
)

// auditPage is who did what, the newest first.
type auditPage struct {
	Who    string
	Rows   []deedRow
	Pages  pager
	People []string
}

type deedRow struct {
	store.Deed
	When moment
}

// showAudit shows a page of the audit log, of everybody or of one.
func (d *Desk) showAudit(v *visit) error {
	asked := v.r.URL.Query()
	before := whole(asked, "before")
	p := auditPage{Who: store.Clean(asked.Get("who"))}
	deeds, err := store.Deeds(v.r.Context(), d.pool, p.Who, before, shownDeeds+1)
	if err != nil {
		return err
	}
	deeds, p.Pages = keyed(deeds, shownDeeds, before, func(deed store.Deed) int64 { return deed.ID }, func(before int64) string {
		return listPath("/desk/audit", "who", p.Who, "before", unlessZero(before))
	})
	if v.beyond(p.Pages, len(deeds)) {
		return v.redirect(p.Pages.First, "")
	}
	for _, deed := range deeds {
		p.Rows = append(p.Rows, deedRow{deed, v.real(deed.At)})
	}
	if p.People, err = store.RecentUsers(v.r.Context(), d.pool, shownAuthors); err != nil {
		return err
	}
	return v.render(http.StatusOK, "audit.html", "Audit log", p)
}
