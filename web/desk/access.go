package desk

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"

	"nurture/internal/access"
	"nurture/store"
)

// shownUsers is how many users a page shows.
const shownUsers = 50

// usersPage is who may use the desk.
type usersPage struct {
	Tabs              []tab
	Search, After     string // which part of the list is shown; a form on it brings them along, and leads back there
	Rows              []userRow
	Pages             pager
	Provider          string // what the identity provider is called; "" when there is none
	Roles             []access.Role
	Email, Name, Role string   // as typed
	Problem           string   // with what was typed; "" when there is none
	New               *newPass // shown once; nil when there is none
}

type userRow struct {
	store.User
	Own      bool
	ByWord   bool // may log in by a password
	MayHave  bool // may be given one
	Linked   bool // belongs to an identity at the provider
	LoggedIn moment
}

// newPass is a password that was made here.
type newPass struct{ Email, Password string }

func (v *visit) accessTabs() []tab {
	return v.tabs([]tab{{Label: "Users", Path: "/desk/access"}, {Label: "API tokens", Path: "/desk/access/tokens"}})
}

// showUsers lists who may use the desk, or who fits a search.
func (d *Desk) showUsers(v *visit) error { return d.renderUsers(v, http.StatusOK, usersPage{}) }

func (d *Desk) renderUsers(v *visit, status int, p usersPage) error {
	if v.r.Method == http.MethodPost {
		p.Search, p.After = v.field("q"), v.field("after")
	} else {
		asked := v.r.URL.Query()
		p.Search, p.After = strings.TrimSpace(store.Clean(asked.Get("q"))), store.Clean(asked.Get("after"))
	}
	users, err := store.FindUsers(v.r.Context(), d.pool, p.Search, p.After, shownUsers+1)
	if err != nil {
		return err
	}
	users, p.Pages = keyed(users, shownUsers, p.After, func(u store.User) string { return u.Email }, func(after string) string {
		return listPath("/desk/access", "q", p.Search, "after", after)
	})
	if v.beyond(p.Pages, len(users)) {
		return v.redirect(p.Pages.First, "")
	}
	ways := d.ways(v.r.Context())
	if ways.Provider != nil {
		p.Provider = ways.Provider.Label
	}
	p.Tabs, p.Roles = v.accessTabs(), access.Roles
	for _, u := range users {
		may := ways.Password(access.Role(u.Role))
		p.Rows = append(p.Rows, userRow{
			User: u, Own: u.ID == v.user.ID, ByWord: may && u.Password != "", MayHave: may, Linked: u.Subject != "", LoggedIn: v.realOf(u.LoggedInAt),
		})
	}
	return v.render(status, "users.html", "Users", p)
}

// backToUsers leads to the part of the list from which a form came.
func (v *visit) backToUsers(notice string) error {
	return v.redirect(listPath("/desk/access", "q", v.field("q"), "after", v.field("after")), notice)
}

// newPassword is random, 130 bits.
func newPassword() string { return strings.ToLower(rand.Text()) }

// addUser lets somebody in: with a password that is shown once, or by the identity provider alone where passwords are for admins.
func (d *Desk) addUser(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	p := usersPage{Email: strings.TrimSpace(v.field("email")), Name: strings.TrimSpace(v.field("name")), Role: v.field("role")}
	role, err := access.ParseRole(p.Role)
	if err != nil {
		p.Problem = "Choose a role."
		return d.renderUsers(v, http.StatusUnprocessableEntity, p)
	}
	email, err := access.NormalEmail(p.Email)
	if err != nil {
		p.Problem = sentence(err.Error()) + "."
		return d.renderUsers(v, http.StatusUnprocessableEntity, p)
	}
	password := newPassword()
	ways := d.ways(v.r.Context())
	if !ways.Password(role) {
		password = ""
	}
	err = d.accounts.Add(v.r.Context(), access.NewUser{Email: email, Name: p.Name, Role: role, Password: password}, v.actor())
	if errors.Is(err, store.ErrExists) {
		p.Problem = email + " has an account already."
		return d.renderUsers(v, http.StatusConflict, p)
	}
	if err != nil {
		return err
	}
	if password == "" {
		return v.backToUsers(email + " may log in by the identity provider now.")
	}
	return d.renderUsers(v, http.StatusCreated, usersPage{New: &newPass{email, password}})
}

// onUser loads the user in the path.
func (d *Desk) onUser(v *visit) (store.User, error) {
	id, err := v.id()
	if err != nil {
		return store.User{}, err
	}
	if err := v.form(); err != nil {
		return store.User{}, err
	}
	return store.GetUser(v.r.Context(), d.pool, id)
}

// setRole gives a user another role, at once.
func (d *Desk) setRole(v *visit) error {
	u, err := d.onUser(v)
	if err != nil {
		return err
	}
	role, err := access.ParseRole(v.field("role"))
	if err != nil {
		return wrongField{name: "role", text: "That is no role. Choose one of the list."}
	}
	if err := d.accounts.SetRole(v.r.Context(), u.Email, role, v.actor()); err != nil {
		return err
	}
	return v.backToUsers(u.Email + " is " + string(role) + " now.")
}

// disableUser keeps a user out, at once.
func (d *Desk) disableUser(v *visit) error {
	u, err := d.onUser(v)
	if err != nil {
		return err
	}
	if err := d.accounts.Disable(v.r.Context(), u.Email, v.actor()); err != nil {
		return err
	}
	return v.backToUsers(u.Email + " is kept out of the desk.")
}

// enableUser lets a disabled user in again.
func (d *Desk) enableUser(v *visit) error {
	u, err := d.onUser(v)
	if err != nil {
		return err
	}
	if err := d.accounts.Enable(v.r.Context(), u.Email, v.actor()); err != nil {
		return err
	}
	return v.backToUsers(u.Email + " may use the desk again.")
}

// resetPassword gives a user a new password, which is shown once, and logs the user out everywhere.
func (d *Desk) resetPassword(v *visit) error {
	u, err := d.onUser(v)
	if err != nil {
		return err
	}
	if u.ID == v.user.ID {
		return access.ErrOwnAccount
	}
	if !d.ways(v.r.Context()).Password(access.Role(u.Role)) {
		return problem{http.StatusConflict, "Passwords are for admins", u.Email + " logs in by the identity provider."}
	}
	password := newPassword()
	if err := d.accounts.SetPassword(v.r.Context(), u.Email, password, v.actor()); err != nil {
		return err
	}
	return d.renderUsers(v, http.StatusOK, usersPage{New: &newPass{u.Email, password}})
}
