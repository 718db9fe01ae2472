package desk

import (
	"net/http"
	"net/url"
	"strings"

	"nurture/internal/access"
	"nurture/store"
)

// homes are the pages that roles work on, where that is not the first of the navigation that is open to them.
var homes = map[access.Role]string{access.Sales: "/desk/handoffs", access.Marketer: "/desk/cadences", access.Ops: "/desk/ops"}

// showHome leads to the page that the user's role works on.
func (d *Desk) showHome(v *visit) error {
	if path, ok := homes[v.role()]; ok {
		return v.redirect(path, "")
	}
	if items := navFor(v.role()); len(items) > 0 {
		return v.redirect(items[0].Path, "")
	}
	return v.redirect("/desk/account", "")
}

// showNothing answers addresses that lead nowhere. One to which only forms are sent stands in the browser's bar after a form with mistakes: who loads it anew,
// or comes back to it by the login, gets the page of the form.
func (d *Desk) showNothing(v *visit) error {
	if !strings.HasPrefix(d.route(http.MethodPost, v.r.URL.Path), http.MethodPost) {
		return store.ErrNotFound
	}
	if path, _, ok := d.formPage(v.r.URL.Path); ok {
		return v.redirect((&url.URL{Path: path}).String(), "")
	}
	return v.redirect("/desk/", "")
}

// nothing is the route of all addresses below /desk/ that have none of their own.
const nothing = "GET /desk/"

// route is the pattern of the table for a path; "" when there is none.
func (d *Desk) route(method, path string) string {
	_, pattern := d.mux.Handler(&http.Request{Method: method, URL: &url.URL{Path: path}})
	return pattern
}
