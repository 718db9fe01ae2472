// Package migrations holds the database schema as append-only SQL files, embedded so that the one binary can bring any
// database up to date.
package migrations

import "embed"

// FS holds the files NNNN_name.sql in goose's format.
//
//go:embed [0-9]*.sql
var FS embed.FS
