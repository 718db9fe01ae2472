package desk

import (
	"net/http"
	"time"

	"nurture/store"
)

// claimTask takes a task, or says once more that it is still worked on. The desk's own module asks by itself, and gets the instant of the claim, by which
// it gives back just this one.
func (d *Desk) claimTask(v *visit) error {
	id, err := v.id()
	if err == nil {
		err = v.form()
	}
	if err != nil {
		return err
	}
	at, err := d.engine.HoldTask(v.r.Context(), id, v.user.Email)
	if err != nil {
		return err
	}
	if wantsData(v.r) {
		return v.text(http.StatusOK, at.UTC().Format(time.RFC3339Nano))
	}
	return v.redirect(callPath(id, v.whose()), "The task is yours.")
}

// releaseTask gives a task back.
func (d *Desk) releaseTask(v *visit) error {
	id, err := v.id()
	if err == nil {
		err = v.form()
	}
	if err != nil {
		return err
	}
	var claimed time.Time
	if held := v.field("held"); held != "" {
		if claimed, err = time.Parse(time.RFC3339Nano, held); err != nil {
			return problem{http.StatusBadRequest, "That could not be read", "The instant of the claim is damaged."}
		}
	}
	if err := d.engine.ReleaseTask(v.r.Context(), id, v.user.Email, claimed); err != nil {
		return err
	}
	if v.field("quietly") != "" { // a page that is being left
		return v.text(http.StatusNoContent, "")
	}
	return v.redirect(queuePath(store.TabDue, v.whose()), "The task is back in the queue.")
}

// text answers the desk's own modules.
func (v *visit) text(status int, s string) error {
	if err := v.commit(); err != nil {
		return err
	}
	v.status = status
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = v.w.Write([]byte(s))
	return nil
}
