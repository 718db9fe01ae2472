// Package examples holds the starter configuration: a small, complete business to copy and to change bit by bit into
// one's own.
package examples

import (
	"embed"
	"io/fs"
)

//go:embed all:starter
var files embed.FS

// Starter is the starter configuration, with nurture.yaml at its root. It loads without a problem.
func Starter() fs.FS {
	starter, err := fs.Sub(files, "starter")
	if err != nil {
		panic(err) // the name is a constant and valid
	}
	return starter
}
