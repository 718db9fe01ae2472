package desk

// logout ends the session. That of the identity provider goes on; the login offers to end it as well.
func (d *Desk) logout(v *visit) error {
	if err := d.sessions.Destroy(v.r.Context()); err != nil {
		return err
	}
	if v.user.Subject != "" {
		return v.redirect("/desk/login?left", "")
	}
	return v.redirect("/desk/login", "")
}
