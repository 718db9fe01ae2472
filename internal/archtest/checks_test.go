package archtest

import (
	"fmt"
	"path"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "example.org/m"

// tree is a module of a few files.
type tree map[string]string

func (files tree) check(t *testing.T) []string {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	found, err := Check(fsys, module)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range found {
		lines = append(lines, f.String())
	}
	return lines
}

// want checks that the findings are these, each given as the start of its line, " … " and another part of it.
func (files tree) want(t *testing.T, wants ...string) {
	t.Helper()
	got := files.check(t)
	ok := len(got) == len(wants)
	for i := 0; ok && i < len(got); i++ {
		start, part, _ := strings.Cut(wants[i], " … ")
		ok = strings.HasPrefix(got[i], start) && strings.Contains(got[i], part)
	}
	if !ok {
		t.Errorf("found:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(wants, "\n  "))
	}
}

// source is a documented package in folder dir that imports paths, from line 5 on.
func source(dir string, paths ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "// Package %[1]s is for a test.\npackage %[1]s\n\nimport (\n", path.Base(dir))
	for _, p := range paths {
		fmt.Fprintf(&b, "\t%q\n", p)
	}
	return b.String() + ")\n"
}

func own(dir string) string { return path.Join(module, dir) }

func TestCleanTree(t *testing.T) {
	t.Parallel()
	tree{
		"README.md":                 source("x") + "`cadence/` the core\n\ncmd/nurture  main\n\nstore/  SQL\n",
		".gitignore":                "/data/\n*.log\n",
		"data/x.csv":                "",
		".git/x.go":                 "broken",
		"tools/go.mod":              "module tools",
		"tools/x.go":                "broken",
		"store/testdata/x.go":       "broken",
		"cadence/a.go":              source("cadence", "fmt", "time", "net/mail", own("cadence/uld"), "example.com/pure"),
		"cadence/uld/a.go":          source("uld", "strings"),
		"cadence/a_test.go":         "package cadence\nimport (\n\"os\"\n\"testing\"\n\"time\"\n)\nfunc TestX(t *testing.T) { _ = time.Now(); go os.Exit(0); _ = \"SELECT 1\" }\n",
		"cmd/nurture/a.go":          source("main", own("web"), own("channels/email"), own("internal/sandbox"), own("internal/postgres"), "time") + "var start = time.Now()\n",
		"internal/pgtest/a.go":      source("pgtest", "testing", own("internal/postgres")) + "const q = \"SELECT 1\"\n",
		"internal/postgres/a.go":    source("postgres", "os"),
		"internal/sandbox/a.go":     source("sandbox", own("web"), own("channels/email")),
		"internal/sandbox/clock.go": "package sandbox\n\nimport \"time\"\n\nvar seed = time.Now\n",
		"channels/a.go":             source("channels"),
		"channels/email/a.go":       source("email", own("channels"), "net", own("cadence")),
		"jobs/a.go":                 source("jobs", own("channels"), own("store"), "github.com/riverqueue/river"),
		"web/a.go":                  source("web", own("jobs"), own("store"), "net/http", own("cadence")) + "// Note is prose.\nconst Note = \"UPDATED or Select one; WITHOUT a WHERE\"\n",
		"store/a.go":                source("store", own("cadence")) + "const q = `\n\tSELECT 1`\n",
		"migrations/0001_a.sql":     "CREATE TABLE a ();",
	}.want(t, "README.md:1: the folder map does not list channels/", "README.md:1: the folder map does not list internal/",
		"README.md:1: the folder map does not list jobs/", "README.md:1: the folder map does not list migrations/",
		"README.md:1: the folder map does not list tools/", "README.md:1: the folder map does not list web/")
}

// Every line of the import table can fail.
func TestImportRules(t *testing.T) {
	t.Parallel()
	c := &checker{module: module}
	for _, rule := range importRules {
		for _, dir := range rule.in {
			for _, forbidden := range rule.forbidden {
				name := c.fullPath(forbidden)
				files := tree{dir + "/a.go": source(dir, "fmt", name)}
				if got := files.check(t); len(got) == 0 || !strings.HasPrefix(got[0], dir+"/a.go:6: "+dir+" imports "+name+": ") || !strings.HasSuffix(got[0], rule.why) {
					t.Errorf("%s importing %s: %q", dir, name, got)
				}
				below := tree{dir + "/b/a.go": source("b", path.Join(name, "v9"))}
				if got := below.check(t); len(got) == 0 {
					t.Errorf("%s/b importing %s/v9: nothing found", dir, name)
				}
				between := tree{dir + "/a.go": source(dir, own("shared")), "shared/a.go": source("shared", name)}
				if got := between.check(t); rule.through && rule.own == nil && !strings.Contains(strings.Join(got, "\n"), ", which imports "+name+": "+rule.why) {
					t.Errorf("%s importing %s through another: %q", dir, name, got)
				}
			}
		}
	}
	tree{"cadence/a.go": source("cadence", own("config")), "config/a.go": source("config", "os")}.want(t,
		"cadence/a.go:5: cadence imports example.org/m/config: the core is pure")
	tree{
		"store/a.go": source("store", own("a")), "a/a.go": source("a", own("b")), "b/a.go": source("b", own("a"), own("jobs")), "jobs/a.go": source("jobs"),
	}.want(t, "store/a.go:5: store imports example.org/m/a, which imports example.org/m/b, which imports example.org/m/jobs: ")
}

// Every line of the importer table can fail, for a folder that no other rule is about.
func TestImporterRules(t *testing.T) {
	t.Parallel()
	for _, rule := range importerRules {
		for _, dir := range rule.of {
			if rule.below {
				tree{"other/a.go": source("other", own(dir))}.want(t)
				dir += "/x"
			}
			tree{"other/a.go": source("other", own(dir))}.want(t, "other/a.go:5: other imports "+dir+": "+rule.why)
			for _, allowed := range rule.allowed {
				tree{allowed + "/y/a.go": source("y", own(dir))}.want(t)
			}
		}
	}
}

func TestTestPackagesInProgram(t *testing.T) {
	t.Parallel()
	c := &checker{module: module}
	for _, name := range c.fullPaths(testPackages) {
		tree{"jobs/a.go": source("jobs", name), "jobs/a_test.go": source("jobs", name), "jobs/jobstest/a.go": source("jobstest", name)}.want(t,
			"jobs/a.go:5: program code imports the test package "+name)
	}
}

// Every line of the table of forbidden names can fail, also under another import name and as a value.
func TestUseRules(t *testing.T) {
	t.Parallel()
	c := &checker{module: module}
	for _, rule := range useRules {
		dir := "jobs"
		if rule.in != nil {
			dir = rule.in[0]
		}
		for _, name := range rule.names {
			pkg := c.fullPath(rule.pkg)
			tree{dir + "/a.go": source(dir, pkg) + fmt.Sprintf("var _ = %s.%s\n", path.Base(pkg), name)}.want(t,
				fmt.Sprintf("%s/a.go:7: %s.%s in %s … %s", dir, path.Base(pkg), name, dir, rule.why))
			tree{dir + "/a.go": fmt.Sprintf("// Package p is.\npackage p\nimport x %q\nfunc f() { x.%s() }\n", pkg, name)}.want(t,
				fmt.Sprintf("%s/a.go:4: %s.%s in ", dir, path.Base(pkg), name))
		}
	}
	tree{"cadence/a.go": "// Package cadence is.\npackage cadence\nfunc f() {\n\tgo f()\n}\n"}.want(t, "cadence/a.go:4: a goroutine in the core")
	tree{"jobs/a.go": "// Package jobs is.\npackage jobs\nvar time clock\nvar _ = time.Now()\n"}.want(t)
}

func TestSQLOutsideTheStore(t *testing.T) {
	t.Parallel()
	const q = "// Package p is.\npackage p\n\nconst a = \"INSERT INTO b VALUES (1)\"\nconst c = `\n  WITH d AS (SELECT 1) SELECT 2`\n"
	tree{"jobs/a.go": q, "store/a.go": q, "jobs/a_test.go": q}.want(t, "jobs/a.go:4: SQL outside store", "jobs/a.go:5: SQL outside store")
}

func TestSize(t *testing.T) {
	t.Parallel()
	lines := func(n int) string { return strings.Repeat("//\n", n) }
	const head = "// Package p is.\npackage p\n"
	tree{
		"p/a.go": head + lines(598), "p/b.go": head + lines(599), "web/static/a.js": lines(601), "web/static/a.css": lines(601),
		"p/c.go": head + "\nfunc short() {\n" + lines(98) + "}\n\nfunc long() {\n" + lines(99) + "}\n",
	}.want(t, "p/b.go:601: the file has 601 lines", "p/c.go:105: function long has 101 lines", "web/static/a.js:601: ")
}

func TestVagueNames(t *testing.T) {
	t.Parallel()
	const p = "// Package p is.\npackage p\n"
	tree{
		"a/a.go": "// Package util is.\npackage util\n", "common/a.go": p, "b/helpers.go": p, "b/manager_test.go": p, "b/fine.go": p, "b/utility.go": p,
	}.want(t, "a/a.go:2: package util is", "b/helpers.go:2: file helpers.go is", "b/manager_test.go:2: file manager_test.go is", "common/a.go:2: folder common is")
}

func TestDocComments(t *testing.T) {
	t.Parallel()
	tree{"p/a.go": `package p

type A struct{ Field int }

func F() {}

func (A) M() {}

func (*G[T]) M() {}

func (*hidden) M() {}

func (h *hiddenG[T]) M() {}

func (A) String() string { return "" }

const C, d = 1, 2

// Kinds of things.
const (
	K1 = iota
	K2
)

const (
	N1 = 1 // one
	// Two.
	N2 = 2
	N3 = 3
)

type (
	hidden     struct{}
	hiddenG[T any] struct{}
	// G is documented.
	G[T any] struct{}
	H = A
)

func unexported() {}
`, "p/a_test.go": "package p\n\nfunc TestX() {}\n"}.want(t,
		"p/a.go:1: package p has no package comment", "p/a.go:3: exported A has no", "p/a.go:5: exported F", "p/a.go:7: exported M",
		"p/a.go:9: exported M", "p/a.go:17: exported C", "p/a.go:29: exported N3", "p/a.go:37: exported H")
}

func TestUnparsableFile(t *testing.T) {
	t.Parallel()
	tree{"p/a.go": "package"}.want(t, "p/a.go:1: cannot be parsed")
}
