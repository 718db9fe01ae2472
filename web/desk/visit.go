package desk

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"nurture/internal/access"
	"nurture/store"
)

// visit is one request and who makes it.
type visit struct {
	w      http.ResponseWriter
	r      *http.Request
	desk   *Desk
	user   store.User // the zero User on pages without a login
	zone   *time.Location
	now    time.Time   // of the desk's clock
	status int         // that was answered; 0 before
	about  string      // what is changed, for the audit log; "" is the id in the path
	wrong  *wrongField // in the form that is shown again; nil when none is
}

// role is what the user is here to do.
func (v *visit) role() access.Role { return access.Role(v.user.Role) }

// actor is the user, for the audit log.
func (v *visit) actor() access.Actor {
	return access.Actor{Who: v.user.Email, Role: v.role(), Address: v.address()}
}

// address is the browser's; web.Proxies has looked behind proxies.
func (v *visit) address() string {
	return access.AddressOf(v.r.RemoteAddr)
}

// id reads the number in the path; an address that holds none leads nowhere.
func (v *visit) id() (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, store.ErrNotFound
	}
	return id, nil
}

// form parses what was posted.
func (v *visit) form() error {
	err := v.r.ParseForm()
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return problem{http.StatusRequestEntityTooLarge, "That is too long", "Go back and shorten what you wrote. Nothing of it was taken."}
	case err != nil:
		return problem{http.StatusBadRequest, "That could not be read", "The form arrived damaged. Go back and try again."}
	}
	return nil
}

// field is what was typed into a field, fit for the database.
func (v *visit) field(name string) string { return store.Clean(v.r.PostForm.Get(name)) }

// redirect leads to another page of the desk, which shows the notice once; "" is none. It answers every form that succeeded.
func (v *visit) redirect(to, notice string) error {
	if notice != "" {
		v.desk.sessions.Put(v.r.Context(), sessionNotice, notice)
	}
	if err := v.commit(); err != nil {
		return err
	}
	if wantsData(v.r) { // a module goes there by itself, when it has put away what it kept
		return v.text(http.StatusOK, to)
	}
	v.status = http.StatusSeeOther
	http.Redirect(v.w, v.r, to, v.status)
	return nil
}
