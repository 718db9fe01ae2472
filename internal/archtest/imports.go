package archtest

import (
	"cmp"
	"go/ast"
	"path"
	"slices"
	"strings"
)

// fullPath turns the "./x" of a rule into an import path.
func (c *checker) fullPath(name string) string {
	if rest, ok := strings.CutPrefix(name, "./"); ok {
		return path.Join(c.module, rest)
	}
	return name
}

func (c *checker) fullPaths(names []string) []string {
	full := make([]string, len(names))
	for i, name := range names {
		full[i] = c.fullPath(name)
	}
	return full
}

// folderOf is the folder that an import path names in this module; ok is false for others'.
func (c *checker) folderOf(path string) (dir string, ok bool) {
	if path == c.module {
		return ".", true
	}
	return strings.CutPrefix(path, c.module+"/")
}

// checkImports applies the rules on who may import whom to program files.
func (c *checker) checkImports() {
	for _, p := range c.packages {
		for _, rule := range importRules {
			if under(p.dir, rule.in...) {
				c.forbid(p, rule)
			}
		}
		for _, f := range p.files {
			for _, spec := range f.syntax.Imports {
				if p.program(f) {
					c.checkImporter(p, spec)
				}
			}
		}
	}
}

// forbid reports a package's own breaks of a rule, and those that it reaches through others of this module, at the import that
// leads there.
func (c *checker) forbid(p *pkg, rule importRule) {
	for _, f := range p.files {
		if f.test {
			continue
		}
		for _, spec := range f.syntax.Imports {
			name := importPath(spec)
			if c.breaks(rule, name) {
				c.reportAt(spec.Pos(), "%s imports %s: %s", p.dir, name, rule.why)
				continue
			}
			if !rule.through {
				continue
			}
			if way := c.wayTo(rule, name, map[string]bool{}); way != nil {
				c.reportAt(spec.Pos(), "%s imports %s: %s", p.dir, strings.Join(way, ", which imports "), rule.why)
			}
		}
	}
}

// breaks tells whether a rule forbids an import as such.
func (c *checker) breaks(rule importRule, name string) bool {
	if dir, ok := c.folderOf(name); ok && rule.own != nil && !under(dir, rule.own...) {
		return true
	}
	return under(name, c.fullPaths(rule.forbidden)...) && !under(name, pure...)
}

// wayTo is a chain of imports from a package of this module to a forbidden one, nil if there is none. A package that the rule
// itself is about reports its own.
func (c *checker) wayTo(rule importRule, from string, seen map[string]bool) []string {
	dir, ours := c.folderOf(from)
	p := c.packages[dir]
	if !ours || p == nil || seen[from] || under(dir, rule.in...) {
		return nil
	}
	seen[from] = true
	for _, f := range p.files {
		if f.test {
			continue
		}
		for _, spec := range f.syntax.Imports {
			name := importPath(spec)
			if c.breaks(rule, name) {
				return []string{from, name}
			}
			if way := c.wayTo(rule, name, seen); way != nil {
				return append([]string{from}, way...)
			}
		}
	}
	return nil
}

// about tells whether the rule guards the folder.
func (rule importerRule) about(dir string) bool {
	return under(dir, rule.of...) && !(rule.below && slices.Contains(rule.of, dir))
}

func (c *checker) checkImporter(p *pkg, spec *ast.ImportSpec) {
	dir, ours := c.folderOf(importPath(spec))
	if !ours {
		return
	}
	for _, rule := range importerRules {
		if !rule.about(dir) || under(p.dir, rule.allowed...) {
			continue
		}
		c.reportAt(spec.Pos(), "%s imports %s: %s", p.dir, dir, rule.why)
	}
}

// checkTestImports keeps test packages out of the program.
func (c *checker) checkTestImports(p *pkg, f *file) {
	if !p.program(f) {
		return
	}
	for _, spec := range f.syntax.Imports {
		if name := importPath(spec); under(name, c.fullPaths(testPackages)...) {
			c.reportAt(spec.Pos(), "program code imports the test package %s; move it to a _test.go file or a package named …test", name)
		}
	}
}

// checkUses finds names that a rule forbids, under whatever name their package was imported.
func (c *checker) checkUses(p *pkg, f *file) {
	if !p.program(f) {
		return
	}
	for _, rule := range useRules {
		if rule.in != nil && !under(p.dir, rule.in...) || under(strings.TrimSuffix(f.path, ".go"), rule.except...) {
			continue
		}
		local := c.localName(f, c.fullPath(rule.pkg))
		if local == "" {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || !slices.Contains(rule.names, sel.Sel.Name) {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == local {
				c.reportAt(sel.Pos(), "%s.%s in %s: %s", path.Base(rule.pkg), sel.Sel.Name, p.dir, rule.why)
			}
			return true
		})
	}
	if under(p.dir, "cadence") {
		c.checkNoGoroutines(f)
	}
}

func (c *checker) checkNoGoroutines(f *file) {
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok {
			c.reportAt(g.Pos(), "a goroutine in the core: it is pure and runs on its caller's")
		}
		return true
	})
}

// localName is what a file calls an imported package; "" if it does not import it.
func (c *checker) localName(f *file, name string) string {
	for _, spec := range f.syntax.Imports {
		if importPath(spec) != name {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return cmp.Or(path.Base(name), name)
	}
	return ""
}
