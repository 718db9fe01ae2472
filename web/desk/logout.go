package desk

// logout ends the session.
func (d *Desk) logout(v *visit) error {
	if err := d.sessions.Destroy(v.r.Context()); err != nil {
		return err
	}
	return v.redirect("/desk/login", "")
}
