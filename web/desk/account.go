package desk

import (
	"errors"
	"net/http"

	"nurture/internal/access"
)

// accountPage is the user's own account.
type accountPage struct {
	Name, Email, Role, Zone, ReadIn string
	Shown                           moment // now, to see the zone by
	ZoneProblem                     string // "" when there is none, as the others
	OldProblem, NewProblem          string // with the passwords
	HasPassword                     bool   // the user may log in by one
	Provider                        string // that the account belongs to an identity of; "" when it is none
}

// showAccount shows the user's own account.
func (d *Desk) showAccount(v *visit) error {
	return v.showAccount(http.StatusOK, accountPage{Zone: v.user.Zone})
}

func (v *visit) showAccount(status int, p accountPage) error {
	p.Name, p.Email, p.Role, p.ReadIn, p.Shown = v.user.Name, v.user.Email, v.user.Role, v.zone.String(), v.moment(v.now)
	ways := v.desk.ways(v.r.Context())
	p.HasPassword = v.user.Password != "" && ways.Password(v.role())
	if ways.Provider != nil && v.user.Subject != "" {
		p.Provider = ways.Provider.Label
	}
	return v.render(status, "account.html", "Your account", p)
}

// setZone sets in which zone the user reads times.
func (d *Desk) setZone(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	zone := v.field("zone")
	err := d.accounts.SetZone(v.r.Context(), v.user.Email, zone, v.actor())
	if errors.Is(err, access.ErrBadZone) {
		return v.showAccount(http.StatusUnprocessableEntity, accountPage{Zone: zone, ZoneProblem: sentence(err.Error()) + "."})
	}
	if err != nil {
		return err
	}
	return v.redirect("/desk/account", "Times are shown in your zone now.")
}

// setPassword changes the user's own password, when the old one is known, and ends all other sessions.
func (d *Desk) setPassword(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	if !d.ways(v.r.Context()).Password(v.role()) {
		return problem{http.StatusForbidden, "Passwords are for admins", "You log in by your company's provider, and your password stays unused."}
	}
	u, err := d.accounts.ChangePassword(v.r.Context(), v.user.Email, v.r.PostForm.Get("old"), v.r.PostForm.Get("new"), v.actor())
	switch {
	case errors.Is(err, access.ErrBadLogin):
		return v.showAccount(http.StatusUnprocessableEntity, accountPage{Zone: v.user.Zone, OldProblem: "The old password is wrong."})
	case errors.Is(err, access.ErrTooManyLogins):
		return v.showAccount(http.StatusUnprocessableEntity, accountPage{Zone: v.user.Zone, OldProblem: sentence(err.Error()) + "."})
	case errors.Is(err, access.ErrWeakPassword):
		return v.showAccount(http.StatusUnprocessableEntity, accountPage{Zone: v.user.Zone, NewProblem: sentence(err.Error()) + "."})
	case err != nil:
		return err
	}
	if err := v.begin(u, sessionMost); err != nil {
		return err
	}
	return v.redirect("/desk/account", "Your password is changed. Other browsers are logged out.")
}
