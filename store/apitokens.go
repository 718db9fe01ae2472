package store

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// APIToken lets a program in with a role.
type APIToken struct {
	ID        int64      `db:"id"`
	Name      string     `db:"name"`
	Role      string     `db:"role"`
	CreatedBy string     `db:"created_by"`
	CreatedAt time.Time  `db:"created_at"`
	ExpiresAt time.Time  `db:"expires_at"`
	RevokedAt *time.Time `db:"revoked_at"` // nil while it holds
	UsedAt    *time.Time `db:"used_at"`    // the last time, to the minute; nil before the first
}

const apiTokenColumns = `id, name, role, created_by, created_at, expires_at, revoked_at, used_at`

// AddAPIToken stores a token by its hash and returns its id.
func AddAPIToken(ctx context.Context, db DB, t APIToken, hash []byte) (int64, error) {
	var id int64
	err := db.QueryRow(ctx, `INSERT INTO api_tokens (hash, name, role, created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		hash, Clean(t.Name), t.Role, Clean(t.CreatedBy), t.CreatedAt, t.ExpiresAt).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("store an API token: %w", err)
	}
	return id, nil
}

// APITokens lists the tokens, the newest first: those before an id, 0 is all, at most limit.
func APITokens(ctx context.Context, db DB, before int64, limit int) ([]APIToken, error) {
	return collect[APIToken](ctx, db, `SELECT `+apiTokenColumns+` FROM api_tokens WHERE id < $1 ORDER BY id DESC LIMIT $2`, cmp.Or(before, newest), limit)
}

// UseAPIToken finds the token with a hash that holds at now, and notes that it was used, once a minute. ErrNotFound when none holds.
func UseAPIToken(ctx context.Context, db DB, hash []byte, now time.Time) (APIToken, error) {
	t, err := one[APIToken](ctx, db, `SELECT `+apiTokenColumns+` FROM api_tokens WHERE hash = $1 AND revoked_at IS NULL AND expires_at > $2`, hash, now)
	if err != nil {
		return t, fmt.Errorf("API token: %w", err)
	}
	if t.UsedAt == nil || now.Sub(*t.UsedAt) >= time.Minute {
		_, err = db.Exec(ctx, `UPDATE api_tokens SET used_at = $2 WHERE id = $1`, t.ID, now)
	}
	return t, err
}

// RevokeAPIToken ends a token and returns it; ErrNotFound when there is none, or it was revoked before.
func RevokeAPIToken(ctx context.Context, db DB, id int64, now time.Time) (APIToken, error) {
	t, err := one[APIToken](ctx, db, `UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING `+apiTokenColumns, id, now)
	if err != nil {
		return t, fmt.Errorf("API token %d: %w", id, err)
	}
	return t, nil
}
