package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// User is somebody who may use the desk.
type User struct {
	ID         int64      `db:"id"`
	Email      string     `db:"email"` // in lower case; unique
	Name       string     `db:"name"`
	Role       string     `db:"role"`
	Password   string     `db:"password"`   // argon2id as a PHC string; "" cannot log in by password
	Subject    string     `db:"subject"`    // issuer and subject of an identity provider; "" when there is none
	Zone       string     `db:"zone"`       // IANA; "" is the operator's
	Generation int        `db:"generation"` // a session of an earlier one is over
	CreatedAt  time.Time  `db:"created_at"`
	DisabledAt *time.Time `db:"disabled_at"` // nil while the user may log in
	LoggedInAt *time.Time `db:"logged_in_at"`
}

const userColumns = `id, email, name, role, password, subject, zone, generation, created_at, disabled_at, logged_in_at`

// ErrExists is returned, wrapped, when what is to be made is there already.
var ErrExists = errors.New("exists already")

// AddUser stores a new user and returns the id. ErrExists when the address or the subject has an account.
func AddUser(ctx context.Context, db DB, u User) (int64, error) {
	var id int64
	err := db.QueryRow(ctx, `INSERT INTO users (email, name, role, password, subject, zone, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
		u.Email, u.Name, u.Role, u.Password, u.Subject, u.Zone, u.CreatedAt).Scan(&id)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" {
		return 0, fmt.Errorf("%s: %w", u.Email, ErrExists)
	}
	return id, err
}

// Users lists all users by address.
func Users(ctx context.Context, db DB) ([]User, error) {
	return collect[User](ctx, db, `SELECT `+userColumns+` FROM users ORDER BY email`)
}

// FindUsers lists users by address: those after an address, "" is from the first, in whose address or name a text stands; at most limit.
func FindUsers(ctx context.Context, db DB, text, after string, limit int) ([]User, error) {
	return collect[User](ctx, db, `SELECT `+userColumns+` FROM users WHERE email > $2 AND (strpos(email, lower($1)) > 0 OR strpos(lower(name), lower($1)) > 0)
		ORDER BY email LIMIT $3`, text, after, limit)
}

// RecentUsers lists the addresses of who logged in last, at most limit.
func RecentUsers(ctx context.Context, db DB, limit int) ([]string, error) {
	return scalars[string](ctx, db, `SELECT email FROM users ORDER BY logged_in_at DESC NULLS LAST, email LIMIT $1`, limit)
}

// AnyUser says whether there is any user.
func AnyUser(ctx context.Context, db DB) (some bool, err error) {
	err = db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM users)`).Scan(&some)
	return some, err
}

// GetUser loads a user by id. ErrNotFound when there is none.
func GetUser(ctx context.Context, db DB, id int64) (User, error) {
	return one[User](ctx, db, `SELECT `+userColumns+` FROM users WHERE id = $1`, id)
}

// UserByEmail loads a user by address, in lower case. ErrNotFound when there is none.
func UserByEmail(ctx context.Context, db DB, email string) (User, error) {
	u, err := one[User](ctx, db, `SELECT `+userColumns+` FROM users WHERE email = $1`, email)
	if err != nil {
		return u, fmt.Errorf("user %q: %w", email, err)
	}
	return u, nil
}

// LockUser is UserByEmail, and keeps others from changing the user until the transaction ends.
func LockUser(ctx context.Context, db DB, email string) (User, error) {
	u, err := one[User](ctx, db, `SELECT `+userColumns+` FROM users WHERE email = $1 FOR UPDATE`, email)
	if err != nil {
		return u, fmt.Errorf("user %q: %w", email, err)
	}
	return u, nil
}

// LockUserBySubject is LockUser for an identity at an identity provider, which is not "".
func LockUserBySubject(ctx context.Context, db DB, subject string) (User, error) {
	u, err := one[User](ctx, db, `SELECT `+userColumns+` FROM users WHERE subject = $1 AND subject <> '' FOR UPDATE`, subject)
	if err != nil {
		return u, fmt.Errorf("user of an identity: %w", err)
	}
	return u, nil
}

// SaveUser stores what may change of a user, all but the time of the last login.
func SaveUser(ctx context.Context, db DB, u User) error {
	_, err := db.Exec(ctx, `UPDATE users SET name = $2, role = $3, password = $4, subject = $5, zone = $6, generation = $7, disabled_at = $8 WHERE id = $1`,
		u.ID, u.Name, u.Role, u.Password, u.Subject, u.Zone, u.Generation, u.DisabledAt)
	return err
}

// NoteLogin stores when a user logged in, and forgets the failures before.
func NoteLogin(ctx context.Context, db DB, u User, now time.Time) error {
	if _, err := db.Exec(ctx, `DELETE FROM login_failures WHERE email = $1`, u.Email); err != nil {
		return err
	}
	_, err := db.Exec(ctx, `UPDATE users SET logged_in_at = $2 WHERE id = $1`, u.ID, now)
	return err
}

// LoginFailures counts failed logins since an instant, for an account and from an address.
func LoginFailures(ctx context.Context, db DB, email, address string, since time.Time) (forEmail, fromAddress int, err error) {
	err = db.QueryRow(ctx, `SELECT (SELECT count(*) FROM login_failures WHERE email = $1 AND at > $3),
		(SELECT count(*) FROM login_failures WHERE address = $2 AND at > $3)`, email, address, since).Scan(&forEmail, &fromAddress)
	return forEmail, fromAddress, err
}

// NoteLoginFailure stores a failed login, and forgets those before an instant.
func NoteLoginFailure(ctx context.Context, db DB, email, address string, now, forget time.Time) error {
	if _, err := db.Exec(ctx, `DELETE FROM login_failures WHERE at < $1`, forget); err != nil {
		return err
	}
	_, err := db.Exec(ctx, `INSERT INTO login_failures (email, address, at) VALUES ($1, $2, $3)`, Clean(email), address, now)
	return err
}
