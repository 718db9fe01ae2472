package desk

import (
	"net/http"

	"nurture/jobs"
	"nurture/store"
)

// saveDraft keeps what is being typed about a task. A page says nothing about fields that are empty: what was deleted is gone.
func (d *Desk) saveDraft(v *visit) error {
	id, err := v.id()
	if err == nil {
		err = v.form()
	}
	if err != nil {
		return err
	}
	kept, err := store.SaveDraft(v.r.Context(), d.pool, id, v.user.Email, store.Draft{Typed: v.typed(), SavedAt: v.now})
	switch {
	case err != nil:
		return err
	case !kept:
		return jobs.ErrTaken
	case wantsData(v.r):
		return v.text(http.StatusNoContent, "")
	}
	return v.redirect(callPath(id, v.whose()), "Saved. Nothing is logged yet.")
}
