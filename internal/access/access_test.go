package access

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/internal/pgtest"
	"nurture/store"
)

var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// newAccounts gives accounts on an empty database whose clock stands where the pointer says.
func newAccounts(t *testing.T) (*Accounts, *pgxpool.Pool, *time.Time) {
	t.Helper()
	url := pgtest.New(t, "access", pgtest.By(store.Migrate))
	pool, err := store.Open(t.Context(), url, 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	now := noon
	return NewAccounts(pool, func() time.Time { return now }), pool, &now
}

const good = "correct horse battery"

var byTest = Actor{Who: "cli:test"}

func TestPasswords(t *testing.T) {
	t.Parallel()
	hash := HashPassword(good)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || hash == HashPassword(good) {
		t.Errorf("the hash is %s", hash)
	}
	// From the tests of golang.org/x/crypto/argon2, which are those of the reference implementation.
	const reference = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$ZVrRXqxlLcWfcXCnMyv0m4Rpvh/bnCi7"
	for _, tc := range []struct {
		hash, password string
		want           bool
	}{
		{hash, good, true},
		{hash, good + " ", false},
		{hash, "", false},
		{reference, "password", true},
		{"", "", false},
		{"$argon2id$v=19$m=19456,t=2,p=1$$", "", false},
		{"$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ", "password", false},
		{"nonsense", "nonsense", false},
	} {
		if got := samePassword(tc.hash, tc.password); got != tc.want {
			t.Errorf("%q for %q: %t", tc.password, tc.hash, got)
		}
	}
	for password, fine := range map[string]bool{
		good: true, "short": false, "ann@example.com": false, strings.Repeat("x", MaxPassword): true, strings.Repeat("x", MaxPassword+1): false,
		"ääääääääääää": true, "äääääääääää": false,
	} {
		if err := CheckPassword(password, "Ann@example.com"); (err == nil) != fine || err != nil && !errors.Is(err, ErrWeakPassword) {
			t.Errorf("%q: %v", password, err)
		}
	}
}

// Whatever is typed as an address, a login is right or wrong, and an account is made or not: it is no fault of the database's.
func TestAddressesThatNobodyHas(t *testing.T) {
	t.Parallel()
	a, _, _ := newAccounts(t)
	random := make([]byte, 5000)
	_, _ = rand.Read(random)
	long := hex.EncodeToString(random) // so long, and so little alike, that no index of the database takes it
	for i, email := range []string{long, long + "@example.com", strings.Repeat("ä", 200) + "@example.com", "a\x00b@example.com", "\xff@example.com", ""} {
		if _, err := a.Login(t.Context(), Ways{}, email, good, "192.0.2.1"); !errors.Is(err, ErrBadLogin) {
			t.Errorf("login %d: %v", i, err)
		}
		var db *pgconn.PgError
		if err := a.Add(t.Context(), NewUser{Email: email, Role: SDR, Password: good}, byTest); err == nil || errors.As(err, &db) || len(err.Error()) > 100 {
			t.Errorf("account %d: %v", i, err)
		}
	}
	if err := a.Add(t.Context(), NewUser{Email: strings.Repeat("a", 242) + "@example.com", Name: "Jos\xe9", Role: SDR, Password: good}, byTest); err != nil {
		t.Errorf("as long as an address can be: %v", err)
	}
}

func TestParseRole(t *testing.T) {
	t.Parallel()
	for _, role := range Roles {
		if got, err := ParseRole(" " + strings.ToUpper(string(role))); err != nil || got != role {
			t.Errorf("%s: %q, %v", role, got, err)
		}
	}
	if _, err := ParseRole("boss"); err == nil || !strings.Contains(err.Error(), "marketer, sdr") {
		t.Errorf("boss: %v", err)
	}
}

func TestLoginsAreLimited(t *testing.T) {
	t.Parallel()
	a, _, now := newAccounts(t)
	ctx := t.Context()
	if err := a.Add(ctx, NewUser{Email: "Ann@Example.com", Role: SDR, Password: good}, byTest); err != nil {
		t.Fatal(err)
	}
	u, err := a.Login(ctx, Ways{}, "ANN@example.com ", good, "192.0.2.1")
	if err != nil || u.Email != "ann@example.com" || u.Name != "ann" {
		t.Fatalf("%+v, %v", u, err)
	}
	// Many at once get no more tries than one after the other, but for those that were under way.
	var wrong, refused int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			_, err := a.Login(ctx, Ways{}, "ann@example.com", "a wrong password", "192.0.2.1")
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, ErrBadLogin):
				wrong++
			case errors.Is(err, ErrTooManyLogins):
				refused++
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if wrong < failuresOfAccount || wrong >= failuresOfAccount+maxHashing || wrong+refused != 40 {
		t.Errorf("%d tries were made, %d refused", wrong, refused)
	}
	if _, err := a.Login(ctx, Ways{}, "ann@example.com", good, "192.0.2.2"); !errors.Is(err, ErrTooManyLogins) {
		t.Errorf("the account is open: %v", err)
	}
	*now = noon.Add(loginSpan + time.Second)
	if _, err := a.Login(ctx, Ways{}, "ann@example.com", good, "192.0.2.1"); err != nil {
		t.Errorf("a quarter of an hour later: %v", err)
	}
	// From one address, whatever the accounts.
	for i := range failuresOfAddress {
		if _, err := a.Login(ctx, Ways{}, strings.Repeat("x", i)+"@example.com", "", "192.0.2.9"); !errors.Is(err, ErrBadLogin) {
			t.Fatal(err)
		}
	}
	if _, err := a.Login(ctx, Ways{}, "ann@example.com", good, "192.0.2.9"); !errors.Is(err, ErrTooManyLogins) {
		t.Errorf("the address may go on: %v", err)
	}
	if _, err := a.Login(ctx, Ways{}, "ann@example.com", good, "192.0.2.1"); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
}

func TestAccountsWithoutAPassword(t *testing.T) {
	t.Parallel()
	a, _, _ := newAccounts(t)
	if err := a.Add(t.Context(), NewUser{Email: "ann@example.com", Role: Ops}, byTest); err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{"", "anything at all", "\x00\xff"} {
		if _, err := a.Login(t.Context(), Ways{}, "ann@example.com", password, "192.0.2.1"); !errors.Is(err, ErrBadLogin) {
			t.Errorf("%q: %v", password, err)
		}
	}
	if _, err := a.Login(t.Context(), Ways{}, "a\x00n@example.com\xff", good, ""); !errors.Is(err, ErrBadLogin) {
		t.Error(err)
	}
}
