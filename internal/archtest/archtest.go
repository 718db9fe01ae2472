// Package archtest checks the shape of the code: who imports whom, who reads the clock, where SQL lies, how long things are,
// what is documented. The rules are the tables in rules.go, each with its reason; the checks read the sources with go/parser, so
// they need no build and see every file whatever its build tags.
package archtest

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Finding is one break of a rule.
type Finding struct {
	File string // slash-separated, from the root of the tree
	Line int    // from 1
	What string // what is there and why it must not be
}

func (f Finding) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.What) }

// Check applies every rule to the module in tree and returns what breaks them, in order of file and line. The error is for a tree
// that cannot be read; a file that cannot be parsed is a finding.
func Check(tree fs.FS, module string) ([]Finding, error) {
	c := &checker{tree: tree, module: module, fset: token.NewFileSet(), packages: map[string]*pkg{}}
	if err := c.load(); err != nil {
		return nil, err
	}
	c.checkImports()
	for _, p := range c.packages {
		c.checkNames(p)
		c.checkPackageDoc(p)
		for _, f := range p.files {
			c.checkTestImports(p, f)
			c.checkUses(p, f)
			c.checkSQL(p, f)
			c.checkFunctions(f)
			c.checkDocs(p, f)
		}
	}
	if err := c.checkFolderMap(); err != nil {
		return nil, err
	}
	slices.SortFunc(c.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.What, b.What))
	})
	return slices.Compact(c.found), nil
}

// checker gathers findings over one tree.
type checker struct {
	tree     fs.FS
	module   string
	fset     *token.FileSet
	packages map[string]*pkg // by folder; "." is the root
	found    []Finding
}

// pkg is a folder of Go files.
type pkg struct {
	dir   string
	files []*file
}

// file is one Go file.
type file struct {
	path   string
	test   bool // named _test.go
	syntax *ast.File
}

func (c *checker) report(file string, line int, format string, args ...any) {
	c.found = append(c.found, Finding{file, line, fmt.Sprintf(format, args...)})
}

func (c *checker) reportAt(pos token.Pos, format string, args ...any) {
	at := c.fset.Position(pos)
	c.report(at.Filename, at.Line, format, args...)
}

// load reads the module's files; folders that are no part of it (hidden, testdata, a module of their own) are left out.
func (c *checker) load() error {
	return fs.WalkDir(c.tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return c.enter(name, d.Name())
		}
		ext := path.Ext(name)
		if ext != ".go" && ext != ".js" {
			return nil
		}
		source, err := fs.ReadFile(c.tree, name)
		if err != nil {
			return err
		}
		c.checkLength(name, source)
		if ext == ".go" {
			c.parse(name, source)
		}
		return nil
	})
}

func (c *checker) enter(name, base string) error {
	if name == "." {
		return nil
	}
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || slices.Contains(foreignFolders, base) {
		return fs.SkipDir
	}
	if _, err := fs.Stat(c.tree, path.Join(name, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

func (c *checker) parse(name string, source []byte) {
	syntax, err := parser.ParseFile(c.fset, name, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		c.report(name, 1, "cannot be parsed: %v", err)
		return
	}
	dir := path.Dir(name)
	p := c.packages[dir]
	if p == nil {
		p = &pkg{dir: dir}
		c.packages[dir] = p
	}
	p.files = append(p.files, &file{path: name, test: strings.HasSuffix(name, "_test.go"), syntax: syntax})
}

// support tells whether the package exists for tests only: then it may import what they do. Its name ends in test.
func (p *pkg) support() bool { return strings.HasSuffix(path.Base(p.dir), "test") }

// program tells whether the file is part of the program rather than of its tests.
func (p *pkg) program(f *file) bool { return !f.test && !p.support() }

// importPath is the path that an import names.
func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value
	}
	return p
}

// under tells whether path is one of the roots or lies below one: "net" is above "net/http", not above "network".
func under(path string, roots ...string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return path == root || strings.HasPrefix(path, strings.TrimSuffix(root, "/")+"/")
	})
}
