package access

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/internal/access/oidc"
	"nurture/store"
)

const issuer = "https://login.example.com"

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

// who is somebody at the issuer with a verified address.
func who(subject, email string, groups ...string) oidc.Identity {
	return oidc.Identity{Issuer: issuer, Subject: subject, Email: email, Verified: yes(), Name: "Some Body", Groups: groups}
}

func plainProvider() *Provider { return &Provider{Settings: oidc.Settings{Issuer: issuer}} }

// deedsOf are the lines of the audit log about logins by the provider, the oldest first.
func deedsOf(t *testing.T, pool *pgxpool.Pool) string {
	t.Helper()
	deeds, err := store.Deeds(t.Context(), pool, "", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, d := range deeds {
		if !strings.HasPrefix(d.Who, "cli:") {
			lines = append([]string{strings.TrimSpace(d.Who+": "+d.Action+" "+d.Object) + " " + d.Outcome}, lines...)
		}
	}
	return strings.Join(lines, "\n")
}

func add(t *testing.T, a *Accounts, email string, role Role) {
	t.Helper()
	if err := a.Add(t.Context(), NewUser{Email: email, Role: role}, byTest); err != nil {
		t.Fatal(err)
	}
}

func mustRefuse(t *testing.T, a *Accounts, p *Provider, id oidc.Identity, want Refusal) {
	t.Helper()
	u, err := a.LoginBy(t.Context(), p, id, "192.0.2.1")
	var got Refusal
	if !errors.As(err, &got) || got != want || u.ID != 0 {
		t.Errorf("%s %s: %+v, %v; want a refusal: %s", id.Subject, id.Email, u, err, want.Reason)
	}
}

func mustLogIn(t *testing.T, a *Accounts, p *Provider, id oidc.Identity) store.User {
	t.Helper()
	u, err := a.LoginBy(t.Context(), p, id, "192.0.2.1")
	if err != nil {
		t.Fatalf("%s %s: %v", id.Subject, id.Email, err)
	}
	return u
}

// The verified address finds the account once; from then on the identity does.
func TestTheSubjectIdentifies(t *testing.T) {
	t.Parallel()
	a, pool, _ := newAccounts(t)
	p := plainProvider()
	add(t, a, "ann@example.com", SDR)
	mustRefuse(t, a, p, who("9", "stranger@example.com"), refusedUnknown)
	u := mustLogIn(t, a, p, who("1", "Ann@Example.com"))
	if u.Email != "ann@example.com" || u.Role != "sdr" || u.Subject != issuer+" 1" || u.Name != "ann" {
		t.Errorf("%+v", u)
	}
	if again := mustLogIn(t, a, p, who("1", "ann.married@example.com")); again.ID != u.ID || again.Email != "ann@example.com" {
		t.Errorf("with another address: %+v", again)
	}
	mustLogIn(t, a, p, oidc.Identity{Issuer: issuer, Subject: "1"})
	// Her old address is somebody else's at the provider now.
	mustRefuse(t, a, p, who("2", "ann@example.com"), refusedOther)
	mustRefuse(t, a, p, who("1 ", "ann@example.com"), refusedOther)
	if err := a.Unlink(t.Context(), "ann@example.com", byTest); err != nil {
		t.Fatal(err)
	}
	if u2 := mustLogIn(t, a, p, who("2", "ann@example.com")); u2.ID != u.ID || u2.Generation != u.Generation+1 {
		t.Errorf("after they were parted: %+v", u2)
	}
	mustRefuse(t, a, p, who("1", "ann@example.com"), refusedOther)
	// Another provider took the place of the first: its subjects are others.
	moved := who("2", "ann@example.com")
	moved.Issuer = "https://new.example.com"
	p.Issuer = moved.Issuer
	if u3 := mustLogIn(t, a, p, moved); u3.ID != u.ID || u3.Subject != "https://new.example.com 2" {
		t.Errorf("at another provider: %+v", u3)
	}
	if err := a.Disable(t.Context(), "ann@example.com", byTest); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, a, p, moved, refusedKeptOut)
	want := `stranger@example.com: login oidc no account refused
oidc:login.example.com: users link ann@example.com done
ann@example.com: login oidc done
ann@example.com: login oidc done
ann@example.com: login oidc done
ann@example.com: login oidc another identity refused
ann@example.com: login oidc another identity refused
oidc:login.example.com: users link ann@example.com done
ann@example.com: login oidc done
ann@example.com: login oidc another identity refused
oidc:new.example.com: users link ann@example.com done
ann@example.com: login oidc done
ann@example.com: login oidc kept out refused`
	if got := deedsOf(t, pool); got != want {
		t.Errorf("the log holds\n%s\nwant\n%s", got, want)
	}
}

// Who only says to have an address must not get the account that it belongs to.
func TestAddressesThatDoNotCount(t *testing.T) {
	t.Parallel()
	a, _, _ := newAccounts(t)
	p := plainProvider()
	add(t, a, "admin@example.com", Admin)
	add(t, a, "kim@example.com", Admin)
	unverified, untold := who("1", "admin@example.com"), who("1", "admin@example.com")
	unverified.Verified, untold.Verified = no(), nil
	mustRefuse(t, a, p, unverified, refusedAddress)
	mustRefuse(t, a, p, untold, refusedAddress)
	for _, email := range []string{"", "admin", "a\x00dmin@example.com", "\u212aim@example.com", strings.Repeat("x", 250) + "@example.com", "Admin <admin@example.com>"} {
		mustRefuse(t, a, p, who("1", email), refusedNoEmail)
	}
	p.TrustEmail = true
	mustRefuse(t, a, p, unverified, refusedAddress)
	mustLogIn(t, a, p, untold)

	p = plainProvider()
	p.Domains, p.Create, p.CreateAs = []string{"example.com"}, true, SDR
	for _, email := range []string{"bo@evil.example", "bo@sub.example.com", "bo@example.com.evil.example", `"bo@example.com"@evil.example`} {
		mustRefuse(t, a, p, who("7", email), refusedDomain)
	}
	if u := mustLogIn(t, a, p, who("7", "Bo@EXAMPLE.com")); u.Email != "bo@example.com" || u.Role != "sdr" || u.Name != "Some Body" || u.Password != "" || u.Generation != 1 {
		t.Errorf("made as %+v", u)
	}
	mustRefuse(t, a, p, who("7", "bo@evil.example"), refusedDomain)
	if _, err := a.Login(t.Context(), Ways{}, "bo@example.com", "", "192.0.2.1"); !errors.Is(err, ErrBadLogin) {
		t.Errorf("a password is taken where there is none: %v", err)
	}
}

func TestGroupsGiveRoles(t *testing.T) {
	t.Parallel()
	a, pool, _ := newAccounts(t)
	p := plainProvider()
	p.Create, p.Groups = true, map[Role][]string{Admin: {"admins"}, SDR: {"sdr-berlin", "sdr-paris"}, Sales: {"sales"}}
	add(t, a, "ann@example.com", Admin)
	if u := mustLogIn(t, a, p, who("1", "ann@example.com", "staff", "sdr-paris")); u.Role != "sdr" {
		t.Errorf("not synced: %+v", u)
	}
	if u := mustLogIn(t, a, p, who("1", "ann@example.com", "sdr-paris", "sales")); u.Role != "sales" {
		t.Errorf("of two: %+v", u)
	}
	if u := mustLogIn(t, a, p, who("2", "bo@example.com", "admins", "sales")); u.Role != "admin" {
		t.Errorf("a new one: %+v", u)
	}
	mustRefuse(t, a, p, who("1", "ann@example.com", "staff"), refusedRole)
	mustRefuse(t, a, p, who("3", "cy@example.com"), refusedRole)
	if _, err := store.UserByEmail(t.Context(), pool, "cy@example.com"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an account was made: %v", err)
	}
	p.Groups, p.CreateAs = nil, Ops
	if u := mustLogIn(t, a, p, who("1", "ann@example.com")); u.Role != "sales" {
		t.Errorf("no groups are mapped any more: %+v", u)
	}
	if got := deedsOf(t, pool); !strings.Contains(got, "oidc:login.example.com: users set-role ann@example.com to sdr done") ||
		!strings.Contains(got, "oidc:login.example.com: users add bo@example.com as admin done") {
		t.Errorf("the log holds\n%s", got)
	}
}

// Many first logins at once make one account.
func TestFirstLoginsAtOnce(t *testing.T) {
	t.Parallel()
	a, pool, _ := newAccounts(t)
	p := plainProvider()
	p.Create, p.CreateAs, p.Domains = true, SDR, []string{"example.com"}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := a.LoginBy(context.WithoutCancel(t.Context()), p, who("1", "ann@example.com"), "192.0.2.1"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if users, err := store.Users(t.Context(), pool); err != nil || len(users) != 1 {
		t.Errorf("%d users, %v", len(users), err)
	}
}

// The same limit holds whichever way somebody tries.
func TestRefusedLoginsAreLimited(t *testing.T) {
	t.Parallel()
	a, _, now := newAccounts(t)
	for range failuresOfAddress {
		if err := a.MayTry(t.Context(), "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		mustRefuse(t, a, plainProvider(), who("1", "nobody@example.com"), refusedUnknown)
	}
	if err := a.MayTry(t.Context(), "192.0.2.1"); !errors.Is(err, ErrTooManyLogins) {
		t.Errorf("one try too many: %v", err)
	}
	if err := a.MayTry(t.Context(), "192.0.2.2"); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
	*now = now.Add(loginSpan + 1)
	if err := a.MayTry(t.Context(), "192.0.2.1"); err != nil {
		t.Errorf("a quarter of an hour later: %v", err)
	}
}

func TestPasswordsForAdminsOnly(t *testing.T) {
	t.Parallel()
	a, _, _ := newAccounts(t)
	for _, role := range Roles {
		if err := a.Add(t.Context(), NewUser{Email: string(role) + "@example.com", Role: role, Password: good}, byTest); err != nil {
			t.Fatal(err)
		}
		for _, adminsOnly := range []bool{true, false} {
			_, err := a.Login(t.Context(), Ways{AdminsOnly: adminsOnly}, string(role)+"@example.com", good, "192.0.2.1")
			if want := !adminsOnly || role == Admin; (err == nil) != want || err != nil && !errors.Is(err, ErrBadLogin) {
				t.Errorf("%s, admins only %t: %v", role, adminsOnly, err)
			}
		}
	}
	if len(Precedence) != len(Roles) {
		t.Error("a role has no place in the order of precedence")
	}
}
