// Package examples holds starter configurations, one for each kind of business: small, complete, and made to be changed bit by bit into
// one's own.
package examples

import (
	"embed"
	"io/fs"
)

//go:embed all:starter all:agency all:manufacturing all:software
var files embed.FS

// Kind is a kind of business that there is a starter for.
type Kind struct {
	Name  string // such as "software"
	About string // what it is like, for a list
	dir   string
}

// Kinds lists the kinds of business, in the order to show them in.
func Kinds() []Kind {
	return []Kind{
		{"software", "software for other companies: inquiries, trials, renewal cycles", "software"},
		{"agency", "an agency or consultancy: few leads, proposals, personal letters", "agency"},
		{"manufacturing", "a maker of equipment: data sheets, quotes, shutdowns", "manufacturing"},
		{"training", "courses for companies: inquiries, events, two years of patience", "starter"},
	}
}

// Files is the configuration of the kind, with nurture.yaml at its root. It loads without a problem, and its tests pass.
func (k Kind) Files() fs.FS {
	folder, err := fs.Sub(files, k.dir)
	if err != nil {
		panic(err) // the names are constants and valid
	}
	return folder
}

// Starter is the configuration of the demo, with nurture.yaml at its root: that of the kind training.
func Starter() fs.FS { return Kind{dir: "starter"}.Files() }
