package desk

import (
	"net/http"
	"net/url"
	"strconv"

	"nurture/internal/access"
	"nurture/store"
)

// auditors may read who did what.
var auditors = []access.Role{access.Manager, access.Admin}

// How many entries a page shows, and how many people it proposes.
const (
	shownDeeds   = 50
	shownAuthors = 50
)

// auditPage is who did what, the newest first.
type auditPage struct {
	Who    string
	Rows   []deedRow
	Older  string // the address of the next page; "" on the last one
	Newest string // of the first page; "" there
	People []string
}

type deedRow struct {
	store.Deed
	When moment
}

// showAudit shows a page of the audit log, of everybody or of one.
func (d *Desk) showAudit(v *visit) error {
	asked := v.r.URL.Query()
	before, _ := strconv.ParseInt(asked.Get("before"), 10, 64)
	p := auditPage{Who: store.Clean(asked.Get("who"))}
	deeds, err := store.Deeds(v.r.Context(), d.pool, p.Who, max(before, 0), shownDeeds+1)
	if err != nil {
		return err
	}
	if len(deeds) > shownDeeds {
		deeds = deeds[:shownDeeds]
		p.Older = auditPath(p.Who, deeds[shownDeeds-1].ID)
	}
	if before > 0 {
		p.Newest = auditPath(p.Who, 0)
	}
	for _, deed := range deeds {
		p.Rows = append(p.Rows, deedRow{deed, v.real(deed.At)})
	}
	if p.People, err = store.RecentUsers(v.r.Context(), d.pool, shownAuthors); err != nil {
		return err
	}
	return v.render(http.StatusOK, "audit.html", "Audit log", p)
}

func auditPath(who string, before int64) string {
	q := url.Values{}
	if who != "" {
		q.Set("who", who)
	}
	if before > 0 {
		q.Set("before", strconv.FormatInt(before, 10))
	}
	if len(q) == 0 {
		return "/desk/audit"
	}
	return "/desk/audit?" + q.Encode()
}
