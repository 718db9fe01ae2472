package store

import (
	"context"
	"crypto/sha256"
	"time"

	"nurture/cadence"
)

// Suppression forbids an address on a channel scope. Address is a normalised email address, "@domain" or an E.164 number; only its
// hash is stored, so that it holds after the person's data is erased.
type Suppression struct {
	Address string
	Scope   cadence.SuppressScope
	Reason  string
}

// InsertSuppressions stores suppressions; one that is known stays as it is.
func InsertSuppressions(ctx context.Context, db DB, rows []Suppression, now time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	type row = Suppression
	_, err := db.Exec(ctx, `INSERT INTO suppressions (hash, channel, reason, created_at)
		SELECT DISTINCT ON (n.hash, n.channel) n.hash, n.channel, n.reason, $4
		FROM unnest($1::bytea[], $2::text[], $3::text[]) AS n(hash, channel, reason) ORDER BY 1, 2
		ON CONFLICT DO NOTHING`,
		column(rows, func(r *row) []byte { h := sha256.Sum256([]byte(r.Address)); return h[:] }),
		column(rows, func(r *row) string { return string(r.Scope) }), column(rows, func(r *row) string { return r.Reason }), now)
	return err
}

// StandingSuppression is a suppression that bars an address.
type StandingSuppression struct {
	Address   string                // as it was asked for
	Scope     cadence.SuppressScope `db:"channel"`
	Reason    string                `db:"reason"`
	CreatedAt time.Time             `db:"created_at"`
}

// FindSuppressions gives the suppressions that bar any of the addresses, in their order. It must be asked about an email's "@domain"
// beside the email.
func FindSuppressions(ctx context.Context, db DB, addresses []string) ([]StandingSuppression, error) {
	type row struct {
		Ord int `db:"ord"`
		StandingSuppression
	}
	rows, err := collect[row](ctx, db, `SELECT n.ord::int AS ord, n.address, s.channel, s.reason, s.created_at
		FROM unnest($1::text[]) WITH ORDINALITY AS n(address, ord)
		JOIN suppressions s ON s.hash = sha256(convert_to(n.address, 'UTF8')) WHERE n.address <> '' ORDER BY n.ord, s.channel`, addresses)
	found := make([]StandingSuppression, len(rows))
	for i := range rows {
		found[i] = rows[i].StandingSuppression
	}
	return found, err
}
