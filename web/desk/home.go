package desk

import "nurture/store"

// showHome leads to the first page of the navigation that is open to the user.
func (d *Desk) showHome(v *visit) error {
	if items := navFor(v.role()); len(items) > 0 {
		return v.redirect(items[0].Path, "")
	}
	return v.redirect("/desk/account", "")
}

// showNothing answers addresses that lead nowhere.
func (d *Desk) showNothing(*visit) error { return store.ErrNotFound }
