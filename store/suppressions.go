package store

import (
	"context"
	"crypto/sha256"
	"strings"
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

// hashSQL is the hash under which an address is kept, in SQL; address is an SQL expression. addressHash is the same in Go.
func hashSQL(address string) string { return `sha256(convert_to(` + address + `, 'UTF8'))` }

func addressHash(address string) []byte {
	h := sha256.Sum256([]byte(address))
	return h[:]
}

// domainSQL is the "@domain" of a mail address in SQL; "@", which is never suppressed, of anything else.
func domainSQL(address string) string { return `('@' || split_part(` + address + `, '@', 2))` }

// suppressedSQL holds where any of the addresses is suppressed on the channel, or on all; all are SQL expressions.
func suppressedSQL(channel string, addresses ...string) string {
	hashes := make([]string, len(addresses))
	for i, a := range addresses {
		hashes[i] = hashSQL(a)
	}
	return `EXISTS (SELECT FROM suppressions s WHERE s.channel IN ('all', ` + channel + `) AND s.hash IN (` + strings.Join(hashes, ", ") + `))`
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
		column(rows, func(r *row) []byte { return addressHash(r.Address) }),
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
		JOIN suppressions s ON s.hash = `+hashSQL("n.address")+` WHERE n.address <> '' ORDER BY n.ord, s.channel`, addresses)
	found := make([]StandingSuppression, len(rows))
	for i := range rows {
		found[i] = rows[i].StandingSuppression
	}
	return found, err
}
