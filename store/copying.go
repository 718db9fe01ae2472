package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Records that are new to a table are copied into it, which costs half of an insert that minds conflicts: so keys are looked for first, and only
// records with a known one take the other way (docs/decisions/0013).

// copied is a column of what is copied into a table. A value that is nil, "", 0, an empty slice or, of JSON, {} must be the column's
// default.
type copied[T any] struct {
	column string
	value  func(*T) any
}

// errTaken has a transaction tried again: somebody stored a record with a key that was free when it was looked for.
type errTaken struct{ error }

func (e errTaken) Unwrap() error { return e.error }

// SQLState is a serialization failure's.
func (errTaken) SQLState() string { return "40001" }

// knownKeys are those of some keys that are in a table.
func knownKeys(ctx context.Context, db DB, table string, keys []string) (map[string]bool, error) {
	found, err := scalars[string](ctx, db, `SELECT key FROM `+table+` WHERE key = ANY($1)`, keys)
	if err != nil {
		return nil, fmt.Errorf("look which keys of %s are known: %w", table, err)
	}
	known := make(map[string]bool, len(found))
	for _, key := range found {
		known[key] = true
	}
	return known, nil
}

// copyNew copies rows into a table, and gives the id of each. Columns in which no row has anything are left to their defaults. The error says that the
// transaction should be tried again when a key is taken meanwhile.
func copyNew[T any](ctx context.Context, db DB, table string, rows []*T, columns []copied[T]) ([]int64, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids, err := scalars[int64](ctx, db, `SELECT nextval(s) FROM (SELECT pg_get_serial_sequence($1, 'id')::regclass AS s OFFSET 0) q, generate_series(1, $2)`,
		table, len(rows))
	if err != nil {
		return nil, fmt.Errorf("reserve ids of %s: %w", table, err)
	}
	names, used := []string{"id"}, make([]copied[T], 0, len(columns))
	for _, c := range columns {
		for _, row := range rows {
			if !isBlank(c.value(row)) {
				names, used = append(names, c.column), append(used, c)
				break
			}
		}
	}
	values := make([]any, len(names))
	_, err = db.CopyFrom(ctx, pgx.Identifier{table}, names, pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
		values[0] = ids[i]
		for c := range used {
			values[c+1] = used[c].value(rows[i])
		}
		return values, nil
	}))
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" {
		err = errTaken{err}
	}
	if err != nil {
		return nil, fmt.Errorf("copy into %s: %w", table, err)
	}
	return ids, nil
}

func isBlank(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case json.RawMessage:
		return string(v) == "{}"
	case []string:
		return len(v) == 0
	case int32:
		return v == 0
	case int64:
		return v == 0
	}
	return false
}
