package desk

import (
	"errors"
	"net/http"

	"nurture/internal/access"
)

// loginPage is what the login shows.
type loginPage struct {
	Email   string // as typed
	Next    string
	Problem string // "" when there is none
	Nobody  bool   // there are no users yet
	Kept    bool   // a form met the end of the session, and is kept
	// Of the identity provider; both are "" when there is none.
	Provider, Start string
	AdminsOnly      bool   // passwords are for admins
	Left            string // where the provider's own session can be ended, for who just logged out here; "" when there is nothing to say
}

// askLogin shows the login; who is logged in goes on.
func (d *Desk) askLogin(v *visit) error {
	to := next(v.r.URL.Query().Get("next"))
	if v.user.ID != 0 {
		return v.redirect(to, "")
	}
	p := loginPage{Next: to}
	if ways := d.ways(v.r.Context()); ways.Provider != nil && v.r.URL.Query().Has("left") {
		p.Left = d.oidc.EndSession(ways.Provider.Settings)
	}
	return d.showLogin(v, http.StatusOK, p)
}

// login checks the password and begins a session.
func (d *Desk) login(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	p := loginPage{Email: v.field("email"), Next: next(v.field("next"))}
	u, err := d.accounts.Login(v.r.Context(), d.ways(v.r.Context()), p.Email, v.r.PostForm.Get("password"), v.address())
	switch {
	case errors.Is(err, access.ErrBadLogin):
		p.Problem = sentence(access.ErrBadLogin.Error()) + "."
		return d.showLogin(v, http.StatusUnprocessableEntity, p)
	case errors.Is(err, access.ErrTooManyLogins):
		p.Problem = sentence(access.ErrTooManyLogins.Error()) + "."
		v.w.Header().Set("Retry-After", "900")
		return d.showLogin(v, http.StatusTooManyRequests, p)
	case err != nil:
		return err
	}
	if err := v.begin(u, sessionMost); err != nil {
		return err
	}
	return v.redirect(p.Next, "")
}

func (d *Desk) showLogin(v *visit, status int, p loginPage) error {
	some, err := d.accounts.Any(v.r.Context())
	if err != nil {
		return err
	}
	p.Nobody, p.Kept = !some, v.desk.sessions.Exists(v.r.Context(), sessionTyped)
	ways := d.ways(v.r.Context())
	p.AdminsOnly = ways.AdminsOnly
	if ways.Provider != nil {
		p.Provider, p.Start = ways.Provider.Label, oidcStart(p.Next)
	}
	return v.render(status, "login.html", "Log in", p)
}
