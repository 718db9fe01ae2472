package access

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/store"
)

// ErrBadLogin is returned for a login that does not fit; it does not tell whether there is such an account.
var ErrBadLogin = errors.New("the address or the password is wrong")

// ErrTooManyLogins is returned while an account or an address has had too many failures.
var ErrTooManyLogins = errors.New("too many failed logins; try again in a quarter of an hour")

// ErrBadZone is returned, wrapped, for a zone that is none.
var ErrBadZone = errors.New("no IANA time zone, such as Europe/Berlin")

// ErrOwnAccount is returned to who would change the own role or disable the own account, and could be the last who may undo it.
var ErrOwnAccount = errors.New("this is your own account: ask another admin, or use nurture users")

// How many logins may fail within loginSpan: for one account, and from one address, behind which an office may sit.
const (
	loginSpan         = 15 * time.Minute
	failuresOfAccount = 10
	failuresOfAddress = 50
	failuresKept      = 24 * time.Hour
)

// maxHashing bounds how many passwords are tried at once: each takes 19 MiB.
const maxHashing = 4

// Accounts manages the users of the desk. It is safe for concurrent use.
type Accounts struct {
	pool    *pgxpool.Pool
	now     func() time.Time
	hashing chan struct{}
}

// NewAccounts manages the users of a migrated database. now is the real clock.
func NewAccounts(pool *pgxpool.Pool, now func() time.Time) *Accounts {
	return &Accounts{pool: pool, now: now, hashing: make(chan struct{}, maxHashing)}
}

// Actor is who does something to an account, for the audit log.
type Actor struct {
	Who     string // a user's address, or "cli:" and a login name
	Role    Role
	Address string // of the browser; "" for a command
}

// AddressOf is the address of a browser or a program, of the RemoteAddr of its request: web.Proxies has looked behind proxies. "" when it has none.
func AddressOf(remoteAddr string) string {
	from, err := netip.ParseAddrPort(remoteAddr)
	if err != nil {
		return ""
	}
	return from.Addr().Unmap().String()
}

// NewUser is somebody who gets an account. Password "" logs in by the identity provider only, Zone "" is the operator's.
type NewUser struct {
	Email, Name, Password, Zone string
	Role                        Role
}

// NormalEmail is how an address is stored and compared; an error says that it is none.
func NormalEmail(s string) (string, error) {
	if len(s) > 2*longestEmail {
		return "", fmt.Errorf("an email address has at most %d characters", longestEmail)
	}
	parsed, err := mail.ParseAddress(strings.TrimSpace(s))
	if err != nil || parsed.Name != "" {
		return "", fmt.Errorf("%q is no email address", s)
	}
	if len(parsed.Address) > longestEmail {
		return "", fmt.Errorf("an email address has at most %d characters", longestEmail)
	}
	return strings.ToLower(parsed.Address), nil
}

// Add makes an account. store.ErrExists when the address has one, ErrWeakPassword when the password will not do.
func (a *Accounts) Add(ctx context.Context, u NewUser, by Actor) error {
	email, err := NormalEmail(u.Email)
	if err != nil {
		return err
	}
	row := store.User{Email: email, Name: strings.TrimSpace(store.Clean(u.Name)), Role: string(u.Role), Zone: u.Zone, CreatedAt: a.clock()}
	if row.Name == "" {
		row.Name, _, _ = strings.Cut(email, "@")
	}
	if err := CheckZone(u.Zone); err != nil {
		return err
	}
	if u.Password != "" {
		if err := CheckPassword(u.Password, email); err != nil {
			return err
		}
		row.Password = HashPassword(u.Password)
	}
	return a.inTx(ctx, by, "users add", email+" as "+string(u.Role), func(tx pgx.Tx) error {
		_, err := store.AddUser(ctx, tx, row)
		return err
	})
}

// SetRole gives a user another role, from the next request on. ErrOwnAccount when it is that of by.
func (a *Accounts) SetRole(ctx context.Context, email string, role Role, by Actor) error {
	return a.change(ctx, email, by, "users set-role", email+" to "+string(role), func(u *store.User) error {
		if u.Email == by.Who {
			return ErrOwnAccount
		}
		u.Role = string(role)
		return nil
	})
}

// SetPassword gives a user another password, and ends all of the user's sessions.
func (a *Accounts) SetPassword(ctx context.Context, email, password string, by Actor) error {
	return a.change(ctx, email, by, "users set-password", email, func(u *store.User) error {
		if err := CheckPassword(password, u.Email); err != nil {
			return err
		}
		u.Password = HashPassword(password)
		u.Generation++
		return nil
	})
}

// ChangePassword is SetPassword for who knows the old one, and returns the user as it is then. The errors are those of Login and of SetPassword.
func (a *Accounts) ChangePassword(ctx context.Context, email, old, password string, by Actor) (store.User, error) {
	if _, err := a.Login(ctx, Ways{}, email, old, by.Address); err != nil {
		return store.User{}, err
	}
	if err := a.SetPassword(ctx, email, password, by); err != nil {
		return store.User{}, err
	}
	return store.UserByEmail(ctx, a.pool, email)
}

// Any says whether there is any user.
func (a *Accounts) Any(ctx context.Context) (bool, error) { return store.AnyUser(ctx, a.pool) }

// SetZone sets in which zone a user reads times; "" is the operator's.
func (a *Accounts) SetZone(ctx context.Context, email, zone string, by Actor) error {
	if err := CheckZone(zone); err != nil {
		return err
	}
	return a.change(ctx, email, by, "users set-zone", email, func(u *store.User) error {
		u.Zone = zone
		return nil
	})
}

// Disable keeps a user out from now on, and ends all of the user's sessions; the account can be enabled again. ErrOwnAccount when it is
// that of by.
func (a *Accounts) Disable(ctx context.Context, email string, by Actor) error {
	return a.change(ctx, email, by, "users disable", email, func(u *store.User) error {
		if u.Email == by.Who {
			return ErrOwnAccount
		}
		if u.DisabledAt == nil {
			now := a.clock()
			u.DisabledAt = &now
		}
		u.Generation++
		return nil
	})
}

// Enable lets a disabled user in again.
func (a *Accounts) Enable(ctx context.Context, email string, by Actor) error {
	return a.change(ctx, email, by, "users enable", email, func(u *store.User) error {
		u.DisabledAt = nil
		return nil
	})
}

// Login checks a password; ways says whose counts. The error is ErrBadLogin, ErrTooManyLogins, or a fault. address is the browser's.
func (a *Accounts) Login(ctx context.Context, ways Ways, email, password, address string) (store.User, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	// Nobody's is longer, and the failures are found by it.
	email = email[:min(len(email), longestEmail)]
	select { // counted and compared within one place, so that many at once cannot have many tries
	case a.hashing <- struct{}{}:
		defer func() { <-a.hashing }()
	case <-ctx.Done():
		return store.User{}, ctx.Err()
	}
	now := a.clock()
	forEmail, fromAddress, err := store.LoginFailures(ctx, a.pool, store.Clean(email), address, now.Add(-loginSpan))
	if err != nil {
		return store.User{}, err
	}
	if forEmail >= failuresOfAccount || fromAddress >= failuresOfAddress {
		return store.User{}, ErrTooManyLogins
	}
	u, err := store.UserByEmail(ctx, a.pool, store.Clean(email))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.User{}, err
	}
	if len(password) > MaxPassword {
		password = ""
	}
	ok := samePassword(u.Password, password) && u.DisabledAt == nil && ways.Password(Role(u.Role))
	actor := Actor{Who: email, Role: Role(u.Role), Address: address}
	if !ok {
		if err := store.NoteLoginFailure(ctx, a.pool, email, address, now, now.Add(-failuresKept)); err != nil {
			return store.User{}, err
		}
		if u.ID != 0 { // what strangers type is not ours to keep
			err = store.NoteDeed(ctx, a.pool, a.deed(actor, "login", "", store.DeedRefused))
		}
		return store.User{}, errors.Join(ErrBadLogin, err)
	}
	return u, a.inTx(ctx, actor, "login", "", func(tx pgx.Tx) error { return store.NoteLogin(ctx, tx, u, now) })
}

// change edits an account and notes who did it, or neither.
func (a *Accounts) change(ctx context.Context, email string, by Actor, action, object string, edit func(*store.User) error) error {
	return a.inTx(ctx, by, action, object, func(tx pgx.Tx) error {
		u, err := store.LockUser(ctx, tx, strings.ToLower(strings.TrimSpace(email)))
		if err != nil {
			return err
		}
		if err := edit(&u); err != nil {
			return err
		}
		return store.SaveUser(ctx, tx, u)
	})
}

func (a *Accounts) inTx(ctx context.Context, by Actor, action, object string, do func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, a.pool, func(tx pgx.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return store.NoteDeed(ctx, tx, a.deed(by, action, object, store.DeedDone))
	})
}

func (a *Accounts) deed(by Actor, action, object, outcome string) store.Deed {
	return store.Deed{At: a.clock(), Who: by.Who, Role: string(by.Role), Action: action, Object: object, Outcome: outcome, Address: by.Address}
}

// clock is the present instant as Postgres keeps it.
func (a *Accounts) clock() time.Time { return a.now().UTC().Truncate(time.Microsecond) }

// CheckZone says whether there is such a zone, ErrBadZone if not; "" is the operator's.
func CheckZone(zone string) error {
	if zone == "" {
		return nil
	}
	if _, err := time.LoadLocation(zone); err != nil || strings.EqualFold(zone, "local") {
		return fmt.Errorf("%q is %w", zone, ErrBadZone)
	}
	return nil
}
