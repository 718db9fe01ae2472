package archtest

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// checkLength limits a file's lines.
func (c *checker) checkLength(name string, source []byte) {
	if n := bytes.Count(source, []byte("\n")); n > maxFileLines {
		c.report(name, maxFileLines+1, "the file has %d lines, at most %d are readable; split it by subject", n, maxFileLines)
	}
}

// checkFunctions limits a function's lines, closing brace and signature included.
func (c *checker) checkFunctions(f *file) {
	for _, d := range f.syntax.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := c.fset.Position(fn.End()).Line - c.fset.Position(fn.Pos()).Line + 1; n > maxFunctionLines {
			c.reportAt(fn.Pos(), "function %s has %d lines, at most %d are readable; split it", fn.Name.Name, n, maxFunctionLines)
		}
	}
}

// checkNames refuses package, folder and file names that hide what is inside.
func (c *checker) checkNames(p *pkg) {
	for _, f := range p.files {
		name := f.syntax.Name
		base := strings.TrimSuffix(strings.TrimSuffix(path.Base(f.path), ".go"), "_test")
		switch {
		case vagueNames.MatchString(name.Name):
			c.reportAt(name.Pos(), "package %s is named after nothing; name it after what it is about", name.Name)
		case vagueNames.MatchString(path.Base(p.dir)):
			c.reportAt(name.Pos(), "folder %s is named after nothing; name it after what it is about", p.dir)
		case vagueNames.MatchString(base):
			c.reportAt(name.Pos(), "file %s is named after nothing; name it after what it is about", path.Base(f.path))
		}
	}
}

// checkSQL keeps statements where the store's readers look for them.
func (c *checker) checkSQL(p *pkg, f *file) {
	if !p.program(f) || under(p.dir, sqlFolders...) {
		return
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		if text, err := strconv.Unquote(lit.Value); err == nil && sqlStart.MatchString(text) {
			c.reportAt(lit.Pos(), "SQL outside %s: give the store a method for it", strings.Join(sqlFolders[:2], " and "))
		}
		return true
	})
}

// checkPackageDoc wants one file of each package to say what the package is.
func (c *checker) checkPackageDoc(p *pkg) {
	i := slices.IndexFunc(p.files, func(f *file) bool { return !f.test })
	if i < 0 {
		return
	}
	if !slices.ContainsFunc(p.files, func(f *file) bool { return !f.test && f.syntax.Doc != nil }) {
		c.reportAt(p.files[i].syntax.Name.Pos(), "package %s has no package comment", p.files[i].syntax.Name.Name)
	}
}

// checkDocs wants a comment on every exported name. A comment on a group of constants or variables speaks for all of them.
func (c *checker) checkDocs(p *pkg, f *file) {
	if !p.program(f) {
		return
	}
	for _, d := range f.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && d.Name.IsExported() && receiverExported(d) && !selfEvidentMethod(d) {
				c.undocumented(d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				c.checkSpec(d, spec)
			}
		}
	}
}

func (c *checker) checkSpec(d *ast.GenDecl, spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && s.Doc == nil && s.Comment == nil && d.Doc == nil {
			c.undocumented(s.Name)
		}
	case *ast.ValueSpec:
		if s.Doc != nil || s.Comment != nil || d.Doc != nil {
			return
		}
		for _, name := range s.Names {
			if name.IsExported() {
				c.undocumented(name)
			}
		}
	}
}

func (c *checker) undocumented(name *ast.Ident) {
	c.reportAt(name.Pos(), "exported %s has no doc comment; say what it is, its units, special values and errors", name.Name)
}

func selfEvidentMethod(d *ast.FuncDecl) bool {
	return d.Recv != nil && slices.Contains(selfEvident, d.Name.Name)
}

// receiverExported is true for functions, and for methods of exported types: others cannot be reached by their name.
func receiverExported(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	exported := true
	ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			exported = n.IsExported()
			return false
		case *ast.IndexExpr: // generic: the first identifier is the type, the next its parameter
			exported = receiverIdent(n.X)
			return false
		case *ast.IndexListExpr:
			exported = receiverIdent(n.X)
			return false
		}
		return true
	})
	return exported
}

func receiverIdent(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.IsExported()
}

// ignoredFolder matches a line of .gitignore that leaves out a top-level folder.
var ignoredFolder = regexp.MustCompile(`(?m)^/?([\w.-]+)/$`)

// checkFolderMap wants README.md to list every top-level folder, as `name/`. No README, no map.
func (c *checker) checkFolderMap() error {
	const readme = "README.md"
	text, err := fs.ReadFile(c.tree, readme)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	ignore, err := fs.ReadFile(c.tree, ".gitignore")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	skip := map[string]bool{}
	for _, m := range ignoredFolder.FindAllSubmatch(ignore, -1) {
		skip[string(m[1])] = true
	}
	entries, err := fs.ReadDir(c.tree, ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") || skip[e.Name()] {
			continue
		}
		listed := regexp.MustCompile(fmt.Sprintf(`(?m)(^|[\s(\x60])%s/`, regexp.QuoteMeta(e.Name())))
		if !listed.Match(text) {
			c.report(readme, 1, "the folder map does not list %s/", e.Name())
		}
	}
	return nil
}
