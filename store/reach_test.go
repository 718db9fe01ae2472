package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/internal/pgtest"
	"nurture/store"
)

// otherDefaults opens a database after its owner changed what sessions in it begin with.
func otherDefaults(t *testing.T, settings ...string) *pgxpool.Pool {
	t.Helper()
	url := pgtest.New(t, "store", pgtest.By(store.Migrate))
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	name := pgx.Identifier{conn.Config().Database}.Sanitize()
	for _, setting := range settings {
		_, err := conn.Exec(t.Context(), "ALTER DATABASE "+name+" SET "+setting)
		must(t, err)
	}
	must(t, conn.Close(t.Context()))
	pool, err := store.Open(t.Context(), url, 4)
	must(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// TestOtherDefaults has rows taken side by side, and hours counted from UTC's, where the server's owner likes it otherwise.
func TestOtherDefaults(t *testing.T) {
	t.Parallel()
	pool := otherDefaults(t, "default_transaction_isolation = 'serializable'", "timezone = 'Asia/Kolkata'")
	var isolation, zone string
	must(t, pool.QueryRow(t.Context(), `SELECT current_setting('transaction_isolation'), current_setting('timezone')`).Scan(&isolation, &zone))
	if isolation != "read committed" || zone != "UTC" {
		t.Errorf("statements run %s, in %s", isolation, zone)
	}
	ctx := t.Context()
	_, err := pool.Exec(ctx, `INSERT INTO secrets (name, value) VALUES ('a', '1')`)
	must(t, err)
	must(t, pgx.BeginFunc(ctx, pool, func(mine pgx.Tx) error {
		var n int
		must(t, mine.QueryRow(ctx, `SELECT count(*) FROM secrets`).Scan(&n)) // by now a serializable transaction would have its snapshot
		_, err := pool.Exec(ctx, `UPDATE secrets SET value = '2' WHERE name = 'a'`)
		must(t, err)
		_, err = mine.Exec(ctx, `UPDATE secrets SET value = '3' WHERE name = 'a'`)
		return err
	}))
}

// TestStandbyIsRead asks a database that takes no changes, such as a standby.
func TestStandbyIsRead(t *testing.T) {
	t.Parallel()
	pool := otherDefaults(t)
	must(t, store.TakesChanges(t.Context(), pool))
	want, err := store.Secret(t.Context(), pool, "tokens", []byte("first"))
	must(t, err)
	pool.Close()

	cfg := pool.Config()
	cfg.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	pool, err = pgxpool.NewWithConfig(t.Context(), cfg)
	must(t, err)
	defer pool.Close()
	if err := store.TakesChanges(t.Context(), pool); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("error %v", err)
	}
	if got, err := store.Secret(t.Context(), pool, "tokens", []byte("second")); err != nil || string(got) != string(want) {
		t.Errorf("secret %q, %v", got, err)
	}
}

func TestMigrateRefusesOtherEncodings(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t, "", nil)
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer conn.Close(t.Context())
	cfg := conn.Config()
	latin := pgx.Identifier{cfg.Database + "_latin"}.Sanitize()
	_, err = conn.Exec(t.Context(), "CREATE DATABASE "+latin+" ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
	must(t, err)
	defer func() {
		_, err := conn.Exec(t.Context(), "DROP DATABASE "+latin)
		must(t, err)
	}()
	pool, err := store.Open(t.Context(), strings.Replace(url, "/"+cfg.Database, "/"+cfg.Database+"_latin", 1), 2)
	must(t, err)
	defer pool.Close()
	if _, err := store.Migrate(t.Context(), pool); !errors.Is(err, store.ErrEncoding) || !strings.Contains(err.Error(), "LATIN1") {
		t.Errorf("error %v", err)
	}
	if old, err := store.SchemaOld(t.Context(), pool); err != nil || !old {
		t.Errorf("something was made there: %v, %v", old, err)
	}
}

// TestConnectTimeout: without one, a server that is frozen would be waited for without end.
func TestConnectTimeout(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t, "store", pgtest.By(store.Migrate))
	join := "?"
	if strings.Contains(url, "?") {
		join = "&"
	}
	for given, want := range map[string]time.Duration{"": 10 * time.Second, join + "connect_timeout=3": 3 * time.Second} {
		pool, err := store.Open(t.Context(), url+given, 2)
		must(t, err)
		if got := pool.Config().ConnConfig.ConnectTimeout; got != want {
			t.Errorf("%q: %v, not %v", given, got, want)
		}
		pool.Close()
	}
}

func TestBadURLShowsNoPassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"postgres://nurture:Ver@y:Sec/ret#1@db.example.com:5432/nurture", "postgres://nurture:Sec%ret@db.example.com/nurture", "nurture:Secret@db.example.com",
		"host=db.example.com password=Sec'ret' user", " postgres://nurture:Secret@db.example.com/nurture",
	} {
		_, err := store.Open(t.Context(), url, 2)
		if !errors.Is(err, store.ErrBadURL) || !strings.HasPrefix(err.Error(), "database URL: ") {
			t.Errorf("%s: error %v", url, err)
			continue
		}
		for _, part := range []string{"Ver", "Sec", "ret", "y:"} {
			if strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v shows %q", url, err, part)
			}
		}
	}
}

func TestOutageIn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want store.Outage
		code string
	}{
		{"FATAL: the database system is starting up (SQLSTATE 57P03)", store.OutageItself, "57P03"},
		{"beat the pulse: ERROR: cannot execute INSERT in a read-only transaction (SQLSTATE 25006)\nalarm again: ERROR: x (SQLSTATE 23505)", store.OutageItself, "25006"},
		{"FATAL: Passwort-Authentifizierung fehlgeschlagen (SQLSTATE 28P01)", store.OutageItself, "28P01"},
		{"FATAL: sorry, too many clients already (SQLSTATE 53300)", store.OutageItself, "53300"},
		{"ERROR: could not extend file: No space left on device (SQLSTATE 53100)", store.OutageItself, "53100"},
		{store.ErrReadOnly.Error(), store.OutageItself, "25006"},
		{"StandardPilot.JobGetAvailable timed out after 10s: context deadline exceeded", store.OutageItself, ""},
		{"FATAL: terminating connection due to administrator command (SQLSTATE 57P01)", store.PartOfOne, "57P01"},
		{"look what is due: unexpected EOF", store.PartOfOne, ""},
		{"look what is due: read tcp 10.0.0.2:49796->10.0.0.1:5432: read: no route to host", store.PartOfOne, ""},
		{"look what is due: read tcp 10.0.0.2:49796->10.0.0.1:5432: read: connection timed out", store.PartOfOne, ""},
		{"dial tcp 10.0.0.1:993: connect: no route to host", store.NoOutage, ""},
		{"ERROR: duplicate key value (SQLSTATE 23505)", store.NoOutage, ""},
		{"ERROR: canceling statement due to statement timeout (SQLSTATE 57014)", store.NoOutage, ""},
		{"dial tcp 10.0.0.1:993: connect: connection refused", store.NoOutage, ""},
		{"", store.NoOutage, ""},
	} {
		if got, code := store.OutageIn(test.text); got != test.want || code != test.code {
			t.Errorf("%q: %v %q, not %v %q", test.text, got, code, test.want, test.code)
		}
	}
}
