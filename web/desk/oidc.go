package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"nurture/internal/access"
	"nurture/internal/access/oidc"
)

// oidcPath is where a login by the identity provider begins.
const oidcPath = "/desk/login/oidc"

// OIDCCallback is the path to which the identity provider sends people back.
const OIDCCallback = oidcPath + "/callback"

// ways is how people log in now. Where that cannot be told, it is as strict as what could be read, and ops finds the reason in the log.
func (d *Desk) ways(ctx context.Context) access.Ways {
	if d.askWays == nil {
		return access.Ways{}
	}
	ways, err := d.askWays(ctx)
	if err != nil {
		d.log.ErrorContext(ctx, "the ways to log in are not set up right", "error", err)
	}
	return ways
}

// beginOIDC sends the browser to the identity provider. It is a link and not a form: the policy of our pages lets no form lead elsewhere.
func (d *Desk) beginOIDC(v *visit) error {
	to := next(v.r.URL.Query().Get("next"))
	if v.user.ID != 0 {
		return v.redirect(to, "")
	}
	ways := d.ways(v.r.Context())
	if ways.Provider == nil {
		return problem{http.StatusNotFound, "That way in is not open", "No identity provider is set up. Log in with your password."}
	}
	if err := d.accounts.MayTry(v.r.Context(), v.address()); err != nil {
		return d.oidcFailed(v, ways, to, err)
	}
	there, flow, err := d.oidc.Begin(v.r.Context(), ways.Provider.Settings)
	if err != nil {
		return d.oidcFailed(v, ways, to, err)
	}
	flow.Next = to
	if err := v.keepFlow(flow); err != nil {
		return err
	}
	v.status = http.StatusSeeOther
	http.Redirect(v.w, v.r, there, v.status)
	return nil
}

// finishOIDC takes the identity provider's answer, and begins a session for whom it vouches. A GET by the protocol, though it changes something:
// what keeps it from being forged is the state in the cookie, which is spent here.
func (d *Desk) finishOIDC(v *visit) error {
	ctx, ways := v.r.Context(), d.ways(v.r.Context())
	flow, err := v.takeFlow()
	if err != nil {
		return err
	}
	if ways.Provider == nil {
		return problem{http.StatusNotFound, "That way in is not open", "No identity provider is set up. Log in with your password."}
	}
	if err := d.accounts.MayTry(ctx, v.address()); err != nil {
		return d.oidcFailed(v, ways, next(flow.Next), err)
	}
	id, err := d.oidc.Finish(ctx, ways.Provider.Settings, flow, v.r.URL.Query())
	if errors.Is(err, oidc.ErrRefused) || errors.Is(err, oidc.ErrDeclined) {
		reason := "answer refused"
		if errors.Is(err, oidc.ErrDeclined) {
			reason = "declined by the provider"
		}
		if noted := d.accounts.NoteRefusedLogin(ctx, "", reason, v.address()); noted != nil {
			return noted
		}
	}
	if err != nil {
		return d.oidcFailed(v, ways, next(flow.Next), err)
	}
	u, err := d.accounts.LoginBy(ctx, ways.Provider, id, v.address())
	if err != nil {
		return d.oidcFailed(v, ways, next(flow.Next), err)
	}
	if err := v.begin(u, providerSession); err != nil {
		return err
	}
	return v.redirect(next(flow.Next), "")
}

// oidcFailed shows the login again, with what went wrong in words for people. Other errors are faults.
func (d *Desk) oidcFailed(v *visit, ways access.Ways, to string, err error) error {
	var refusal access.Refusal
	label, status := ways.Provider.Label, http.StatusForbidden
	p := loginPage{Next: to}
	switch {
	case errors.As(err, &refusal):
		p.Problem = refusal.Text
	case errors.Is(err, access.ErrTooManyLogins):
		status = http.StatusTooManyRequests
		v.w.Header().Set("Retry-After", "900")
		p.Problem = sentence(access.ErrTooManyLogins.Error()) + "."
	case errors.Is(err, oidc.ErrDeclined):
		p.Problem = label + " did not log you in: you or your provider said no. You can try again."
	case errors.Is(err, oidc.ErrRefused):
		p.Problem = "That login did not come to an end: it took too long, was begun in another window or under another address, or was answered twice. Please log in again."
	case errors.Is(err, oidc.ErrAway):
		status = http.StatusBadGateway
		p.Problem = label + " does not answer as it should at the moment. Try again in a minute."
		if !ways.AdminsOnly {
			p.Problem += " With a password you can log in all the same."
		}
	default:
		return err
	}
	if refusal == (access.Refusal{}) {
		d.log.WarnContext(v.r.Context(), "a login by the identity provider failed", "provider", ways.Provider.Issuer, "from", v.address(), "error", err)
	}
	return d.showLogin(v, status, p)
}

// oidcStart is the link that begins a login and leads to a page of the desk.
func oidcStart(to string) string {
	if to == next("") {
		return oidcPath
	}
	return oidcPath + "?" + url.Values{"next": {to}}.Encode()
}
