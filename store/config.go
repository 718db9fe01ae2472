package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// ConfigVersion is one applied state of the configuration folder.
type ConfigVersion struct {
	ID        int64     `db:"id"`
	Hash      string    `db:"hash"`
	ULDHash   string    `db:"uld_hash"`
	AppliedAt time.Time `db:"applied_at"`
	AppliedBy string    `db:"applied_by"`
}

// ConfigFile is one file of a version.
type ConfigFile struct {
	Path    string `db:"path"`
	Content []byte `db:"content"`
}

// LockConfig makes the transaction the only one that applies a configuration until it ends.
func LockConfig(ctx context.Context, db DB) error {
	_, err := db.Exec(ctx, `LOCK TABLE config_versions IN EXCLUSIVE MODE`)
	return err
}

// LiveConfig is the newest applied version. ErrNotFound before the first.
func LiveConfig(ctx context.Context, db DB) (ConfigVersion, error) {
	return one[ConfigVersion](ctx, db, `SELECT id, hash, uld_hash, applied_at, applied_by FROM config_versions ORDER BY id DESC LIMIT 1`)
}

// InsertConfig stores a version with its files.
func InsertConfig(ctx context.Context, db DB, v ConfigVersion, files []ConfigFile) (int64, error) {
	var id int64
	if err := db.QueryRow(ctx, `INSERT INTO config_versions (hash, uld_hash, applied_at, applied_by) VALUES ($1, $2, $3, $4) RETURNING id`,
		v.Hash, v.ULDHash, v.AppliedAt, v.AppliedBy).Scan(&id); err != nil {
		return 0, fmt.Errorf("store config version: %w", err)
	}
	_, err := db.Exec(ctx, `INSERT INTO config_files (config_version_id, path, content)
		SELECT $1, n.path, n.content FROM unnest($2::text[], $3::bytea[]) AS n(path, content)`,
		id, column(files, func(f *ConfigFile) string { return f.Path }), column(files, func(f *ConfigFile) []byte { return f.Content }))
	if err != nil {
		return 0, fmt.Errorf("store config files: %w", err)
	}
	return id, nil
}

// ConfigFiles loads the files of a version.
func ConfigFiles(ctx context.Context, db DB, versionID int64) ([]ConfigFile, error) {
	return collect[ConfigFile](ctx, db, `SELECT path, content FROM config_files WHERE config_version_id = $1 ORDER BY path`, versionID)
}

// CadenceVersion is one version of a cadence; enrolments pin theirs.
type CadenceVersion struct {
	ID              int64  `db:"id"`
	Key             string `db:"cadence_key"`
	Number          int    `db:"number"`
	Hash            string `db:"hash"`
	ConfigVersionID int64  `db:"config_version_id"`
	Live            bool   `db:"live"`
}

const cadenceVersionColumns = `id, cadence_key, number, hash, config_version_id, live`

// LiveCadences lists the live version of each cadence, in the order of keys.
func LiveCadences(ctx context.Context, db DB) ([]CadenceVersion, error) {
	return collect[CadenceVersion](ctx, db, `SELECT `+cadenceVersionColumns+` FROM cadence_versions WHERE live ORDER BY cadence_key`)
}

// CadenceVersions loads versions by id.
func CadenceVersions(ctx context.Context, db DB, ids []int64) ([]CadenceVersion, error) {
	return collect[CadenceVersion](ctx, db, `SELECT `+cadenceVersionColumns+` FROM cadence_versions WHERE id = ANY($1)`, ids)
}

// SetLiveCadences makes exactly the given cadences live: hashes is cadence key → hash of its file and templates. A cadence whose
// live version has that hash already keeps it, another gets a new version of the given config version, and one that is not named
// retires. It returns the keys that got a new version.
func SetLiveCadences(ctx context.Context, db DB, configVersionID int64, hashes map[string]string) ([]string, error) {
	keys, values := make([]string, 0, len(hashes)), make([]string, 0, len(hashes))
	for k, v := range hashes {
		keys, values = append(keys, k), append(values, v)
	}
	if _, err := db.Exec(ctx, `UPDATE cadence_versions v SET live = false WHERE v.live AND NOT EXISTS (
			SELECT FROM unnest($1::text[], $2::text[]) AS n(key, hash) WHERE n.key = v.cadence_key AND n.hash = v.hash)`, keys, values); err != nil {
		return nil, fmt.Errorf("retire cadence versions: %w", err)
	}
	changed, err := scalars[string](ctx, db, `
		INSERT INTO cadence_versions (cadence_key, number, hash, config_version_id, live)
		SELECT n.key, coalesce((SELECT max(number) FROM cadence_versions o WHERE o.cadence_key = n.key), 0) + 1, n.hash, $3, true
		FROM unnest($1::text[], $2::text[]) AS n(key, hash)
		WHERE NOT EXISTS (SELECT FROM cadence_versions v WHERE v.live AND v.cadence_key = n.key)
		ORDER BY n.key RETURNING cadence_key`, keys, values, configVersionID)
	if err != nil {
		return nil, fmt.Errorf("make cadence versions live: %w", err)
	}
	return changed, nil
}

// Signature is one role's consent to a definition.
type Signature struct {
	Role     string    `db:"role"`
	Name     string    `db:"name"`
	SignedAt time.Time `db:"signed_at"`
}

// Signatures lists who signed the definition with this hash.
func Signatures(ctx context.Context, db DB, uldHash string) ([]Signature, error) {
	return collect[Signature](ctx, db, `SELECT role, name, signed_at FROM uld_signatures WHERE uld_hash = $1 ORDER BY role`, uldHash)
}

// Sign records a signature; a role signs again by overwriting its own.
func Sign(ctx context.Context, db DB, uldHash string, s Signature) error {
	_, err := db.Exec(ctx, `INSERT INTO uld_signatures (uld_hash, role, name, signed_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (uld_hash, role) DO UPDATE SET name = excluded.name, signed_at = excluded.signed_at`,
		uldHash, s.Role, s.Name, s.SignedAt)
	return err
}

// Secret gives the named secret, storing the proposed one when there is none yet: every process then has the same. One that is there is only read, so
// that a standby can be asked, too.
func Secret(ctx context.Context, db DB, name string, proposed []byte) ([]byte, error) {
	value, err := readSecret(ctx, db, name)
	if !errors.Is(err, ErrNotFound) {
		return value, err
	}
	if _, err := db.Exec(ctx, `INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`, name, proposed); err != nil {
		return nil, err
	}
	return readSecret(ctx, db, name)
}

func readSecret(ctx context.Context, db DB, name string) ([]byte, error) {
	var value []byte
	err := db.QueryRow(ctx, `SELECT value FROM secrets WHERE name = $1`, name).Scan(&value)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	return value, err
}

const (
	resettleMailbox = `UPDATE leads SET mailbox = ($1::text[])[1 + id % cardinality($1::text[])] WHERE NOT mailbox = ANY($1)`
	resettleOwner   = `UPDATE leads SET owner = ($1::text[])[1 + id % cardinality($1::text[])] WHERE NOT owner = ANY($1)`
)

// ResettleThose is Resettle for the leads of some enrolments, which stay as they are.
func ResettleThose(ctx context.Context, db DB, enrollmentIDs []int64, mailboxes, owners []string) error {
	const those = ` AND id IN (SELECT lead_id FROM enrollments WHERE id = ANY($2))`
	for _, part := range []struct {
		set   string
		names []string
	}{{resettleMailbox, mailboxes}, {resettleOwner, owners}} {
		if len(part.names) == 0 {
			continue
		}
		if _, err := db.Exec(ctx, part.set+those, part.names, enrollmentIDs); err != nil {
			return fmt.Errorf("give leads of former senders and SDRs to others: %w", err)
		}
	}
	return nil
}

// Resettle gives leads whose mailbox or owner is not among the given ones to one of them, always the same for a lead, and moves what is to be done for
// them along: their enrolments' capacity and open tasks.
func Resettle(ctx context.Context, db DB, mailboxes, owners []string) error {
	for _, part := range []struct {
		names []string
		moves []string
	}{
		{mailboxes, []string{
			resettleMailbox,
			`UPDATE enrollments e SET sender = l.mailbox FROM leads l
				WHERE l.id = e.lead_id AND e.channel IN ('email', 'voicemail') AND NOT e.sender = ANY($1)`,
		}},
		{owners, []string{
			resettleOwner,
			`UPDATE enrollments e SET sender = l.owner FROM leads l
				WHERE l.id = e.lead_id AND e.channel = 'call' AND NOT e.sender = ANY($1)`,
			`UPDATE tasks k SET owner = l.owner FROM leads l
				WHERE l.id = k.lead_id AND k.state IN ('open', 'claimed') AND NOT k.owner = ANY($1)`,
		}},
	} {
		if len(part.names) == 0 {
			continue
		}
		for _, sql := range part.moves {
			if _, err := db.Exec(ctx, sql, part.names); err != nil {
				return err
			}
		}
	}
	return nil
}
