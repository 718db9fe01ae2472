package main

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"nurture/config"
	"nurture/store"
)

// Codes by which Postgres says why it does not do what it was asked, and what its owner can do about them.
var databaseWays = map[string]string{
	"25006": "this server is a standby, or told to be read-only: name the primary in the database URL",
	"28000": "check that the user exists; pg_hba.conf of the server says who may come from where, and whether without TLS (sslmode in the URL)",
	"28P01": "check user and password; in a URL every character of the password but letters and digits is written as %XX, such as %40 for @",
	"3D000": "createdb --encoding UTF8 --owner USER NAME makes it; then nurture migrate",
	"42501": "give the URL's user the right: make it the owner of the database, or GRANT CREATE, USAGE ON SCHEMA public TO it before nurture migrate",
	"42P05": transactionPool,
	"26000": transactionPool,
	"08P01": transactionPool,
	"53100": "the disk of the database server is full",
	"53300": fmt.Sprintf("raise max_connections of the server, or the limit of the user or database; a process that works takes up to %d", workerConns),
	"57P03": "the server starts up, or shuts down: try again in a moment",
}

// transactionPool is what a pooler's confusion of prepared statements comes from.
const transactionPool = "a pooler (pgbouncer) in transaction mode stands between: nurture needs its session mode, or the server itself (docs/scaling.md)"

// databaseWay is what to do when the database refuses something; "" when that cannot be told.
func databaseWay(err error) string {
	var refused *pgconn.PgError
	switch {
	case errors.Is(err, store.ErrBadURL):
		return fmt.Sprintf("--database, DATABASE_URL or database.url in %s is postgres://USER:PASSWORD@HOST:PORT/NAME, in which every character of the password but letters and digits is "+
			"written as %%XX, such as %%40 for @; or host=… user=… password=… dbname=…", config.SettingsFile)
	case errors.Is(err, store.ErrReadOnly):
		return databaseWays["25006"]
	case errors.Is(err, store.ErrEncoding):
		return "createdb --encoding UTF8 --template template0 NAME makes a database that fits"
	case errors.As(err, &refused):
		return databaseWays[refused.Code]
	}
	return ""
}
