package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"nurture/internal/pgtest"
	"nurture/store"
)

// TestDatabaseWays has what the database refuses say what its owner can do.
func TestDatabaseWays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want string
	}{
		{&pgconn.PgError{Code: "42P05"}, "session mode"},
		{&pgconn.PgError{Code: "26000"}, "session mode"},
		{&pgconn.PgError{Code: "25006"}, "primary"},
		{&pgconn.PgError{Code: "42501"}, "GRANT CREATE"},
		{&pgconn.PgError{Code: "53300"}, "max_connections"},
		{&pgconn.PgError{Code: "28P01"}, "%40 for @"},
		{store.ErrReadOnly, "primary"},
		{store.ErrBadURL, "%40 for @"},
		{store.ErrEncoding, "--encoding UTF8"},
		{&pgconn.PgError{Code: "23505"}, ""},
		{errors.New("something else"), ""},
	} {
		err := fmt.Errorf("look for the schema: %w", test.err)
		message, way := explain(err)
		if message != err.Error() || !strings.Contains(way, test.want) || test.want == "" && way != "" {
			t.Errorf("%v: %q, %q", test.err, message, way)
		}
	}
}

// TestReadyWhenChangesAreTaken sends no requests where nothing can be written: who asks to be left alone there would be told that it failed.
func TestReadyWhenChangesAreTaken(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t, "cmd", migrateURL)
	join := "?"
	if strings.Contains(url, "?") {
		join = "&"
	}
	for param, want := range map[string]error{"": nil, join + "default_transaction_read_only=on": store.ErrReadOnly} {
		pool, err := store.Open(t.Context(), url+param, 2)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		for _, check := range readiness(&worker{db: &database{pool: pool}})[:2] { // the configuration takes an engine
			holds := check.Holds(t.Context())
			if wrong := check.Name == "database" && want != nil; wrong && !errors.Is(holds, want) || !wrong && holds != nil {
				t.Errorf("%q: %s %v", param, check.Name, holds)
			}
		}
	}
}
