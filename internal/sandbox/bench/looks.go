package bench

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"nurture/internal/access"
	"nurture/store"
	"nurture/web/desk"
)

// look is a page to be measured.
type look struct {
	route  string
	path   string
	what   string      // which of the pages behind the route
	as     access.Role // "" without a login
	form   url.Values  // what is sent; nil for a page that is only read
	status int         // that it answers; 0 is 200
}

// unmeasured says why a route of the desk has no page to measure; "" when it has.
func unmeasured(route string) string {
	switch route {
	case "GET /desk/{$}":
		return "leads to the first page of the role, and has none of its own"
	case "GET /desk/":
		return "is what the others are compared with"
	case "GET /desk/tasks/{id}/news":
		return "stays open for as long as the page that listens, and sends what is new (server-sent events)"
	case "GET /desk/assets/{version}/{name}":
		return "is loaded once and kept; the sizes are listed"
	case "GET /desk/login/oidc", "GET " + desk.OIDCCallback:
		return "leads to an identity provider or comes from there, and has no page of its own"
	case "POST /desk/suppressions/check":
		return "" // asks, and changes nothing
	}
	if strings.HasPrefix(route, "POST ") {
		return "changes something, and answers with a redirect to a page that is measured"
	}
	return ""
}

// looks are the pages to be measured, by route.
func looks(s store.WorldSample) map[string][]look {
	const admin, sdr, rep = access.Admin, access.SDR, access.Sales
	at := map[string][]look{}
	add := func(route, path, what string, as access.Role) {
		at["GET "+route] = append(at["GET "+route], look{path: path, what: what, as: as})
	}
	// plain are routes without parts that vary, which one look is enough for.
	for _, path := range []string{
		"/desk/account", "/desk/cadences", "/desk/stages", "/desk/coverage", "/desk/ops", "/desk/ops/leaks", "/desk/ops/senders", "/desk/ops/unknown", "/desk/inbox", "/desk/inbox/referrals",
		"/desk/suppressions", "/desk/access", "/desk/access/tokens",
	} {
		add(path, path, "", admin)
	}
	add("/desk/login", "/desk/login", "", "")
	add("/desk/access", "/desk/access?q=hohenlohe", "search", admin)
	add("/desk/queue", "/desk/queue?who=all&tab=upcoming&from=4950", "everybody's, upcoming, the last page", admin)
	add("/desk/queue", "/desk/queue?who=mine&tab=due&from=350", "one SDR's, due, a later page", sdr)
	for _, tab := range store.WorkTabs {
		add("/desk/queue", "/desk/queue?who=mine&tab="+string(tab), "one SDR's, "+string(tab), sdr)
		add("/desk/queue", "/desk/queue?who=all&tab="+string(tab), "everybody's, "+string(tab), admin)
	}
	add("/desk/tasks/{id}", fmt.Sprintf("/desk/tasks/%d?who=mine", s.Call), "a call of a cadence", sdr)
	add("/desk/tasks/{id}", fmt.Sprintf("/desk/tasks/%d?who=all", s.Callback), "a callback, beside everybody's queue", admin)
	add("/desk/tasks/{id}", fmt.Sprintf("/desk/tasks/%d?who=mine", s.Done), "one that is over", sdr)
	addLeads(add, s)
	for _, tab := range store.HandoffTabs() {
		add("/desk/handoffs", "/desk/handoffs?who=all&tab="+string(tab), string(tab), admin)
	}
	add("/desk/handoffs", "/desk/handoffs", "a rep's own", rep)
	add("/desk/handoffs", "/desk/handoffs?who=mine&tab=closed", "a rep's own, closed", rep)
	add("/desk/handoffs", fmt.Sprintf("/desk/handoffs?who=all&tab=rejected&before=%d", s.LastHandoff), "rejected, a later page", admin)
	add("/desk/handoffs/{id}", fmt.Sprintf("/desk/handoffs/%d", s.Offered), "offered", admin)
	add("/desk/handoffs/{id}", fmt.Sprintf("/desk/handoffs/%d", s.Blocked), "blocked", admin)
	add("/desk/handoffs/{id}", fmt.Sprintf("/desk/handoffs/%d", s.Accepted), "accepted", admin)
	add("/desk/cadences/{key}", "/desk/cadences/first-seven", "seven touches", admin)
	add("/desk/cadences/{key}", "/desk/cadences/long-game", "two years", admin)
	add("/desk/inbox/{id}", fmt.Sprintf("/desk/inbox/%d", s.Mail), "by the sender's domain", admin)
	add("/desk/inbox/{id}", fmt.Sprintf("/desk/inbox/%d?q=anna", s.Mail), "a common word", admin)
	add("/desk/inbox/{id}", fmt.Sprintf("/desk/inbox/%d?q=nobodyatall", s.Mail), "nobody", admin)
	add("/desk/audit", "/desk/audit", "", admin)
	add("/desk/audit", fmt.Sprintf("/desk/audit?before=%d", s.LastDeed), "a later page", admin)
	add("/desk/audit", "/desk/audit?who=person.7@example.com", "one person's", admin)
	add("/desk/audit", "/desk/audit?who=nobody@example.com", "nobody's", admin)
	const check = "/desk/suppressions/check"
	at["POST "+check] = []look{{path: check, as: admin, form: url.Values{"address": {"somebody@elsewhere.example.com"}}}}
	return at
}

// addLeads adds lists, searches and single leads.
func addLeads(add func(route, path, what string, as access.Role), s store.WorldSample) {
	const list, one, admin = "/desk/leads", "/desk/leads/{id}", access.Admin
	add(list, list, "the newest", admin)
	add(list, fmt.Sprintf("/desk/leads?before=%d", s.Middle), "a page half-way", admin)
	for _, search := range [][2]string{
		{"anna", "a common name"},
		{"anna kowalski", "a name"},
		{"maximiliane", "a rare name"},
		{"nobodyatall", "nobody"},
		{"a", "a letter"},
		{"com", "a word of every address"},
		{"gmbh", "a word of every other company"},
		{"hafnia polymers", "a company's name"},
		{"kowalski hafnia", "a name and a company"},
		{"nobodyatall gmbh", "nobody, at every other company"},
		{"lead-77", "a key"},
		{s.Phone, "a phone number"},
	} {
		add(list, "/desk/leads?"+url.Values{"q": {search[0]}}.Encode(), "search: "+search[1], admin)
	}
	add(list, fmt.Sprintf("/desk/leads?q=anna&before=%d", s.Middle), "search: a common name, half-way", admin)
	add(one, fmt.Sprintf("/desk/leads/%d", s.Story), "with a long story", admin)
	add(one, fmt.Sprintf("/desk/leads/%d?from=200", s.Story), "with a long story, further on", admin)
	add(one, fmt.Sprintf("/desk/leads/%d", s.Inside), "in a cadence", admin)
	add(one, fmt.Sprintf("/desk/leads/%d", s.Waiting), "in none", admin)
	add(one, fmt.Sprintf("/desk/leads/%d", s.Ended), "that has ended", admin)
}

// answers is the status that a look must get.
func (l look) answers() int {
	if l.status != 0 {
		return l.status
	}
	return http.StatusOK
}
