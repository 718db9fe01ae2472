package access

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"nurture/internal/access/oidc"
	"nurture/store"
)

// Refusal is why somebody whom the identity provider vouches for is not let in all the same.
type Refusal struct {
	Reason string // for the audit log
	Text   string // for the person
}

// Error implements error.
func (r Refusal) Error() string { return r.Text }

// The refusals.
var (
	refusedNoEmail = Refusal{"no address", "Your provider does not tell your email address. An admin can see to that."}
	refusedAddress = Refusal{
		"address not verified",
		"Your provider does not say that your email address is yours. Have it verified there, or let an admin see to it.",
	}
	refusedDomain  = Refusal{"domain not allowed", "Addresses of your domain are not let in here."}
	refusedUnknown = Refusal{"no account", "You have no account here yet. An admin can add one for your address."}
	refusedRole    = Refusal{"no role", "None of your groups at the provider has a role here. An admin can see to that."}
	refusedKeptOut = Refusal{"kept out", "Your account is kept out of the desk. An admin can let it in again."}
	refusedOther   = Refusal{
		"another identity",
		"The account of your address belongs to another identity at your provider. If that was yours as well, an admin can part the two: nurture users unlink.",
	}
)

// MayTry is ErrTooManyLogins while an address has had too many failures; logins by the identity provider count among them.
func (a *Accounts) MayTry(ctx context.Context, address string) error {
	_, from, err := store.LoginFailures(ctx, a.pool, "", address, a.clock().Add(-loginSpan))
	if err == nil && from >= failuresOfAddress {
		err = ErrTooManyLogins
	}
	return err
}

// NoteRefusedLogin notes a login by the identity provider that failed. who is "" while nobody knows.
func (a *Accounts) NoteRefusedLogin(ctx context.Context, who, reason, address string) error {
	now := a.clock()
	if err := store.NoteLoginFailure(ctx, a.pool, who, address, now, now.Add(-failuresKept)); err != nil {
		return err
	}
	return store.NoteDeed(ctx, a.pool, a.deed(Actor{Who: store.Clean(who), Address: address}, loginByProvider, reason, store.DeedRefused))
}

// loginByProvider is how the audit log calls these logins.
const loginByProvider = "login oidc"

// LoginBy lets in whom the identity provider vouches for. At the first login the verified address finds the account, or makes one where that
// is allowed, and the account keeps the identity; from then on the identity alone finds it, whatever the address is. The error is a Refusal,
// or a fault. Both ends are in the audit log.
func (a *Accounts) LoginBy(ctx context.Context, p *Provider, id oidc.Identity, address string) (store.User, error) {
	u, err := a.loginBy(ctx, p, id, address)
	if errors.Is(err, store.ErrExists) { // the same person's other login made the account a moment ago: it is found now
		u, err = a.loginBy(ctx, p, id, address)
	}
	var refusal Refusal
	if errors.As(err, &refusal) {
		who := cmp.Or(u.Email, strings.ToLower(store.Clean(id.Email)))
		if noted := a.NoteRefusedLogin(ctx, who[:min(len(who), longestEmail)], refusal.Reason, address); noted != nil {
			return store.User{}, noted
		}
	}
	if err != nil {
		return store.User{}, err
	}
	return u, nil
}

// loginBy is one try. A refused user is returned beside the refusal.
func (a *Accounts) loginBy(ctx context.Context, p *Provider, id oidc.Identity, address string) (u store.User, err error) {
	by, now := Actor{Who: "oidc:" + hostOf(id.Issuer), Address: address}, a.clock()
	err = pgx.BeginFunc(ctx, a.pool, func(tx pgx.Tx) error {
		if u, err = p.find(ctx, tx, id); err != nil {
			return err
		}
		before := u
		if err := p.admit(&u, id); err != nil {
			return err
		}
		var deeds []store.Deed
		note := func(action, object string) { deeds = append(deeds, a.deed(by, action, object, store.DeedDone)) }
		switch {
		case u.ID == 0:
			note("users add", u.Email+" as "+u.Role)
			u.CreatedAt, u.Generation = now, 1
			if u.ID, err = store.AddUser(ctx, tx, u); err != nil {
				return err
			}
		case u != before:
			if u.Role != before.Role {
				note("users set-role", u.Email+" to "+u.Role)
			}
			if u.Subject != before.Subject {
				note("users link", u.Email)
			}
			if err := store.SaveUser(ctx, tx, u); err != nil {
				return err
			}
		}
		for _, deed := range append(deeds, a.deed(Actor{u.Email, Role(u.Role), address}, loginByProvider, "", store.DeedDone)) {
			if err := store.NoteDeed(ctx, tx, deed); err != nil {
				return err
			}
		}
		return store.NoteLogin(ctx, tx, u, now)
	})
	return u, err
}

// find gives the account of an identity, else that of its verified address, else a new one where that is allowed; ID is 0 then. Nobody else
// can change it until the transaction ends. An account that belongs to another identity of the same issuer is nobody else's.
func (p *Provider) find(ctx context.Context, tx pgx.Tx, id oidc.Identity) (store.User, error) {
	email, emailErr := p.email(id)
	u, err := store.LockUserBySubject(ctx, tx, subjectOf(id))
	switch {
	case err == nil && len(p.Domains) > 0:
		return u, emailErr
	case err == nil:
		return u, nil
	case !errors.Is(err, store.ErrNotFound):
		return u, err
	case emailErr != nil:
		return store.User{}, emailErr
	}
	u, err = store.LockUser(ctx, tx, email)
	switch {
	case errors.Is(err, store.ErrNotFound) && p.Create:
		return store.User{Email: email, Name: nameOf(id, email), Role: string(p.CreateAs)}, nil
	case errors.Is(err, store.ErrNotFound):
		return store.User{}, refusedUnknown
	case err != nil:
		return u, err
	case u.Subject != subjectOf(id) && strings.HasPrefix(u.Subject, issuerPart(id)):
		return u, refusedOther
	}
	return u, nil
}

// admit gives an account the identity, and the role of its groups where those say; a Refusal when it is kept out, or they say none.
func (p *Provider) admit(u *store.User, id oidc.Identity) error {
	if u.DisabledAt != nil {
		return refusedKeptOut
	}
	if p.Groups != nil {
		role := p.role(id.Groups)
		if role == "" {
			return refusedRole
		}
		u.Role = string(role)
	}
	u.Subject = subjectOf(id)
	return nil
}

// email is the address by which an identity may find its account; a Refusal when it has none that counts.
func (p *Provider) email(id oidc.Identity) (string, error) {
	email, err := NormalEmail(id.Email)
	switch {
	case err != nil || len(email) > longestEmail || email != store.Clean(email):
		return "", refusedNoEmail
	case ascii(email) && !ascii(id.Email): // such as K, the Kelvin sign, which is k in lower case: another address is meant
		return "", refusedNoEmail
	case id.Verified != nil && !*id.Verified, id.Verified == nil && !p.TrustEmail:
		return "", refusedAddress
	case len(p.Domains) > 0 && !slices.Contains(p.Domains, email[strings.LastIndexByte(email, '@')+1:]):
		return "", refusedDomain
	}
	return email, nil
}

// longestEmail is as long as an address can be: RFC 3696, erratum 1690.
const longestEmail = 254

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// subjectOf is how an account keeps an identity: issuer and subject, for a subject is unique at its issuer only. An issuer has no spaces.
func subjectOf(id oidc.Identity) string { return issuerPart(id) + store.Clean(id.Subject) }

func issuerPart(id oidc.Identity) string { return id.Issuer + " " }

func nameOf(id oidc.Identity, email string) string {
	name := []rune(strings.TrimSpace(store.Clean(id.Name)))
	if len(name) == 0 {
		local, _, _ := strings.Cut(email, "@")
		return local
	}
	return string(name[:min(len(name), longestName)])
}

// longestName is as long as a name can be typed at the desk.
const longestName = 100

func hostOf(issuer string) string {
	if u, err := url.Parse(issuer); err == nil {
		return u.Host
	}
	return issuer
}

// Unlink parts an account from its identity: the next login by the provider finds it by its address again. It ends all of the user's
// sessions.
func (a *Accounts) Unlink(ctx context.Context, email string, by Actor) error {
	return a.change(ctx, email, by, "users unlink", email, func(u *store.User) error {
		u.Subject = ""
		u.Generation++
		return nil
	})
}
