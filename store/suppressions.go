package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/internal/dnsname"
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

// suppressedSQL holds where any of the addresses is suppressed on the channel, or on all; all are SQL expressions. It looks the hashes up and then
// at the channel, which is no part of the search: the index would be gone through once for each pair.
func suppressedSQL(channel string, addresses ...string) string {
	hashes := make([]string, len(addresses))
	for i, a := range addresses {
		hashes[i] = hashSQL(a)
	}
	return `EXISTS (SELECT FROM suppressions s WHERE (s.channel || '') IN ('all', ` + channel + `) AND s.hash IN (` + strings.Join(hashes, ", ") + `))`
}

// InsertSuppressions stores suppressions; one that is known stays as it is. An address whose domain has two spellings is barred in both: a list
// that comes later may have the other one.
func InsertSuppressions(ctx context.Context, db DB, rows []Suppression, now time.Time) error {
	_, err := AddSuppressions(ctx, db, rows, now)
	return err
}

// AddSuppressions is InsertSuppressions, and counts those that are new.
func AddSuppressions(ctx context.Context, db DB, rows []Suppression, now time.Time) (int, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	added, err := addSuppressions(ctx, db, rows, now)
	if err != nil {
		return 0, err
	}
	_, err = addSuppressions(ctx, db, otherSpellings(rows), now)
	return added, err
}

// otherSpellings are the suppressions of addresses whose domain can be written in another way, in that one.
func otherSpellings(rows []Suppression) []Suppression {
	var others []Suppression
	for _, r := range rows {
		if !strings.Contains(r.Address, "@") {
			continue
		}
		for _, other := range dnsname.Spellings(r.Address)[1:] {
			others = append(others, Suppression{Address: other, Scope: r.Scope, Reason: r.Reason})
		}
	}
	return others
}

func addSuppressions(ctx context.Context, db DB, rows []Suppression, now time.Time) (int, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	type row = Suppression
	tag, err := db.Exec(ctx, `INSERT INTO suppressions (hash, channel, reason, created_at)
		SELECT DISTINCT ON (n.hash, n.channel) n.hash, n.channel, n.reason, $4
		FROM unnest($1::bytea[], $2::text[], $3::text[]) AS n(hash, channel, reason) ORDER BY 1, 2
		ON CONFLICT DO NOTHING`,
		column(rows, func(r *row) []byte { return addressHash(r.Address) }),
		column(rows, func(r *row) string { return string(r.Scope) }), column(rows, func(r *row) string { return r.Reason }), now)
	return int(tag.RowsAffected()), err
}

// UnknownSuppressions gives those of the suppressions that are not stored, in the given order, each once.
func UnknownSuppressions(ctx context.Context, db DB, rows []Suppression) ([]Suppression, error) {
	type key struct {
		Hash  string `db:"hash"`
		Scope string `db:"channel"`
	}
	hashes := column(rows, func(r *Suppression) []byte { return addressHash(r.Address) })
	stored, err := collect[key](ctx, db, `SELECT encode(hash, 'hex') AS hash, channel FROM suppressions WHERE hash = ANY($1)`, hashes)
	if err != nil {
		return nil, err
	}
	known := make(map[key]bool, len(stored)+len(rows))
	for _, k := range stored {
		known[k] = true
	}
	var unknown []Suppression
	for i, r := range rows {
		k := key{hex.EncodeToString(hashes[i]), string(r.Scope)}
		if !known[k] {
			known[k] = true
			unknown = append(unknown, r)
		}
	}
	return unknown, nil
}

// LeadAt is a lead that has an address.
type LeadAt struct {
	LeadID  int64  `db:"lead_id"`
	Address string `db:"address"` // as it was asked for
	Email   string `db:"email"`
	Phone   string `db:"phone"`
}

// LeadsAt gives the leads that have one of the addresses: as their email, its "@domain" or their phone. A lead comes once for each.
func LeadsAt(ctx context.Context, db DB, addresses []string) ([]LeadAt, error) {
	emails, domains, phones := []string{}, []string{}, []string{}
	for _, a := range addresses {
		switch at := strings.IndexByte(a, '@'); {
		case a == "":
		case at == 0:
			domains = append(domains, a)
		case at > 0:
			emails = append(emails, a)
		default:
			phones = append(phones, a)
		}
	}
	return collect[LeadAt](ctx, db, `
		SELECT l.id AS lead_id, l.email AS address, l.email, l.phone FROM leads l WHERE l.email = ANY($1) AND l.email <> ''
		UNION ALL
		SELECT l.id, l.phone, l.email, l.phone FROM leads l WHERE l.phone = ANY($2) AND l.phone <> ''
		UNION ALL
		`+leadsAtDomains(len(domains))+`
		ORDER BY lead_id, address`, emails, phones, domains)
}

// fewDomains is up to how many domains are looked up one by one: reading every lead takes longer.
const fewDomains = 200

// leadsAtDomains selects the leads at so many domains, $3. A few are looked up by their words, which the index of searches has, and compared then.
func leadsAtDomains(n int) string {
	if n > fewDomains {
		return `SELECT l.id, ` + domainSQL("l.email") + `, l.email, l.phone FROM leads l WHERE l.email <> '' AND ` + domainSQL("l.email") + ` = ANY($3)`
	}
	return `SELECT l.id, n.domain, l.email, l.phone FROM (SELECT DISTINCT unnest($3::text[]) AS domain) n CROSS JOIN LATERAL (SELECT l.id, l.email, l.phone FROM leads l
		WHERE ` + leadWords + ` @@ plainto_tsquery('simple', translate(n.domain, '@.-_+/', '      ')) AND ` + domainSQL("l.email") + ` = n.domain OFFSET 0) l`
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

// RemoveSuppressions takes the suppressions of an address back, those of one scope or, with scope "", all, and notes who said so and why. It
// returns what they were.
func RemoveSuppressions(ctx context.Context, db DB, address string, scope cadence.SuppressScope, reason, by string, now time.Time) ([]StandingSuppression, error) {
	var hashes [][]byte
	for _, spelling := range dnsname.Spellings(address) {
		hashes = append(hashes, addressHash(spelling))
	}
	return collect[StandingSuppression](ctx, db, `
		WITH removed AS (
			DELETE FROM suppressions WHERE hash = ANY($1) AND $2 IN ('', channel) RETURNING hash, channel, reason, created_at
		), noted AS (
			INSERT INTO suppression_removals (hash, channel, suppressed, since, reason, by, at)
			SELECT hash, channel, reason, created_at, $3, $4, $5 FROM removed
		)
		SELECT DISTINCT ON (channel) $6::text AS address, channel, reason, created_at FROM removed ORDER BY channel, created_at`,
		hashes, string(scope), Clean(reason), Clean(by), now, address)
}

// SuppressionGroup counts the suppressions of one scope and reason: the addresses themselves are not kept.
type SuppressionGroup struct {
	Scope  cadence.SuppressScope `db:"channel"`
	Reason string                `db:"reason"`
	N      int                   `db:"n"`
	First  time.Time             `db:"first"`
	Last   time.Time             `db:"last"`
}

const suppressionGroups = `SELECT channel, reason, count(*)::int AS n, min(created_at) AS first, max(created_at) AS last
	FROM %s GROUP BY channel, reason ORDER BY n DESC, channel, reason`

// SuppressionGroups counts what is suppressed, the largest group first. It reads all of it.
func SuppressionGroups(ctx context.Context, db DB) ([]SuppressionGroup, error) {
	return collect[SuppressionGroup](ctx, db, fmt.Sprintf(suppressionGroups, `suppressions`))
}

// FewSuppressions is SuppressionGroups where there are at most so many; nil where there are more, or none.
func FewSuppressions(ctx context.Context, db DB, most int) (groups []SuppressionGroup, all bool, err error) {
	groups, err = collect[SuppressionGroup](ctx, db, fmt.Sprintf(suppressionGroups, `(SELECT * FROM suppressions LIMIT $1) s`), most+1)
	if err != nil {
		return nil, false, fmt.Errorf("count suppressions: %w", err)
	}
	total := 0
	for _, g := range groups {
		total += g.N
	}
	if total > most {
		return nil, false, nil
	}
	return groups, true, nil
}

// SuppressionTallies is SuppressionGroups as it was counted last, when LastTallied says.
func SuppressionTallies(ctx context.Context, db DB) ([]SuppressionGroup, error) {
	return collect[SuppressionGroup](ctx, db, `SELECT channel, reason, addresses AS n, first_at AS first, last_at AS last FROM suppression_tallies ORDER BY n DESC, channel, reason`)
}

// SuppressionList is a list of addresses as it was imported last.
type SuppressionList struct {
	Name       string                `db:"name"` // the reason of its suppressions
	Scope      cadence.SuppressScope `db:"channel"`
	Addresses  int                   `db:"addresses"`
	Rejected   int                   `db:"rejected"` // lines
	ImportedAt time.Time             `db:"imported_at"`
	ImportedBy string                `db:"imported_by"`
}

// SaveSuppressionList notes that a list was imported.
func SaveSuppressionList(ctx context.Context, db DB, l SuppressionList) error {
	_, err := db.Exec(ctx, `INSERT INTO suppression_lists (name, channel, addresses, rejected, imported_at, imported_by)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (name, channel) DO UPDATE SET addresses = excluded.addresses, rejected = excluded.rejected,
			imported_at = excluded.imported_at, imported_by = excluded.imported_by`,
		l.Name, string(l.Scope), l.Addresses, l.Rejected, l.ImportedAt, l.ImportedBy)
	return err
}

// SuppressionLists tells when each list was imported last, the oldest first: limit of them, or all when it is 0.
func SuppressionLists(ctx context.Context, db DB, limit int) ([]SuppressionList, error) {
	return collect[SuppressionList](ctx, db, `SELECT name, channel, addresses, rejected, imported_at, imported_by
		FROM suppression_lists ORDER BY imported_at, name, channel LIMIT nullif($1, 0)`, limit)
}
