package desk

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"nurture/store"
)

// serve lets those pass whom the table names, runs the handler, and notes who changed what.
func (d *Desk) serve(route route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, desk: d, zone: time.UTC, now: d.now().UTC()}
		err := d.enter(v)
		if err == nil {
			err = v.ownPage(route)
		}
		if err == nil {
			err = d.admit(v, route)
		}
		if err == nil {
			err = route.handle(d, v)
		}
		if err != nil {
			v.fail(err)
		}
		if route.changes() && !route.quiet && v.user.ID != 0 {
			d.note(v, route)
		}
	}
}

// errLogin says that the page needs a login.
var errLogin = errors.New("not logged in")

func (d *Desk) admit(v *visit, route route) error {
	switch {
	case route.roles == nil:
		return nil
	case v.user.ID == 0:
		return errLogin
	case !slices.Contains(route.roles, v.role()):
		return problem{http.StatusForbidden, "This is not open to you", "Your role, " + v.user.Role + ", does not include this page. An admin can change your role."}
	}
	return nil
}

// aboutLength is how much the audit log keeps of a name.
const aboutLength = 200

// note writes the audit log. The change is made by then: a failure of the log is for ops to see.
func (d *Desk) note(v *visit, route route) {
	outcome := store.DeedDone
	switch {
	case v.status >= http.StatusInternalServerError:
		outcome = store.DeedFailed
	case v.status >= http.StatusBadRequest:
		outcome = store.DeedRefused
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.r.Context()), 5*time.Second) // the browser may be gone
	defer cancel()
	err := store.NoteDeed(ctx, d.pool, store.Deed{
		At: d.realNow().UTC(), Who: v.user.Email, Role: v.user.Role, Action: route.pattern, Object: cmp.Or(shorten(v.about, aboutLength), v.r.PathValue("id")), Outcome: outcome, Address: v.address(),
	})
	if err != nil {
		d.log.ErrorContext(ctx, "a change is missing in the audit log", "who", v.user.Email, "action", route.pattern, "error", err)
	}
}

// next is where a login leads: a page of the desk, whatever the address says.
func next(wanted string) string {
	const home = "/desk/"
	u, err := url.Parse(wanted)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || strings.ContainsAny(wanted, "\\\r\n\t") {
		return home
	}
	if u.Path != "/desk" && !strings.HasPrefix(u.Path, home) || strings.HasPrefix(u.Path, home+"log") || strings.Contains(u.Path, "..") {
		return home
	}
	return u.RequestURI()
}

// sweep forgets sessions that are over.
func (d *Desk) sweep(ctx context.Context) error {
	return store.Sessions{DB: d.pool, Now: d.realNow}.Sweep(ctx)
}
