package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldestMajor is the oldest PostgreSQL that nurture's SQL is written for.
const oldestMajor = 14

// search says where server binaries may lie: folders of PATH, then globs of package managers' folders.
type search struct {
	path  string   // list of folders as in $PATH
	globs []string // each matches bin folders
}

func (s search) empty() bool { return s.path == "" && s.globs == nil }

// machineSearch is the search of a real machine. Debian keeps server binaries out of PATH, Homebrew those of a version that
// is not linked.
func machineSearch() search {
	return search{path: os.Getenv("PATH"), globs: []string{
		"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
		"/usr/pgsql-*/bin",                                   // PostgreSQL's RPMs
		"/usr/libexec/postgresql*",                           // Alpine
		"/opt/homebrew/opt/postgresql@*/bin",                 // Homebrew on Apple silicon
		"/usr/local/opt/postgresql@*/bin",                    // Homebrew on Intel
		"/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
	}}
}

// install is one PostgreSQL: the folder of its binaries and its major version.
type install struct {
	bin   string
	major int
}

// choose finds the binaries for a cluster of the given major version, 0 for a cluster that is still to be made. Only if the
// machine has none at all are they fetched.
func (s *site) choose(ctx context.Context, major int) (install, error) {
	found, problems := s.find(ctx)
	if chosen, ok := pick(found, major); ok {
		return chosen, s.checkReach(ctx, chosen)
	}
	if major != 0 && len(found) > 0 {
		return install{}, fmt.Errorf("postgres: %w: %s was made by PostgreSQL %d, found here: %s; install PostgreSQL %d, "+
			"or dump it there with pg_dump and restore it into an empty data folder", ErrVersion, s.dir, major, list(found), major)
	}
	fetched, err := s.fetch(ctx, major)
	if err != nil {
		return install{}, errors.Join(fmt.Errorf("postgres: no PostgreSQL %d or newer found and none could be fetched (%w); install it: "+
			"on Debian or Ubuntu 'apt-get install postgresql', on macOS 'brew install postgresql@17'; or set a database URL", oldestMajor, err),
			errors.Join(problems...))
	}
	return fetched, s.checkReach(ctx, fetched)
}

// pick takes the first install that suits, in the order found.
func pick(found []install, major int) (install, bool) {
	i := slices.IndexFunc(found, func(f install) bool {
		if major == 0 {
			return f.major >= oldestMajor
		}
		return f.major == major
	})
	if i < 0 {
		return install{}, false
	}
	return found[i], true
}

func list(found []install) string {
	var b []string
	for _, f := range found {
		b = append(b, fmt.Sprintf("%d in %s", f.major, f.bin))
	}
	return strings.Join(b, ", ")
}

// find lists what can run here: PATH in its order, then the package managers' and the fetched ones, newest first. problems
// says why a candidate was passed over.
func (s *site) find(ctx context.Context) (found []install, problems []error) {
	seen := map[string]bool{}
	probe := func(dirs []string) (got []install) {
		for _, dir := range dirs {
			bin, ok := binFolder(dir)
			if !ok || seen[bin] {
				continue
			}
			seen[bin] = true
			major, err := s.version(ctx, bin, "/")
			if err != nil {
				problems = append(problems, err)
				continue
			}
			got = append(got, install{bin, major})
		}
		return got
	}
	var rest []string
	for _, glob := range append(s.search.globs, filepath.Join(s.dir, fetchedFolder, "*", "bin")) {
		dirs, _ := filepath.Glob(glob)
		rest = append(rest, dirs...)
	}
	inPath, others := probe(filepath.SplitList(s.search.path)), probe(rest)
	slices.SortStableFunc(others, func(a, b install) int { return b.major - a.major })
	return append(inPath, others...), problems
}

// binFolder resolves links, because a lone link to postgres in a PATH folder has no initdb beside it, and tells whether both
// are there.
func binFolder(dir string) (string, bool) {
	real, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
	if err != nil {
		return "", false
	}
	bin := filepath.Dir(real)
	info, err := os.Stat(filepath.Join(bin, "initdb"))
	return bin, err == nil && info.Mode().IsRegular()
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// version asks the binary for its major version, running it as the account in folder dir.
func (s *site) version(ctx context.Context, bin, dir string) (int, error) {
	cmd := s.command(ctx, dir, filepath.Join(bin, "postgres"), "--version")
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("postgres: %s cannot run as %s: %w", cmd.Path, userName(s.run.uid), err)
	}
	m := versionPattern.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("postgres: %s --version says %q", cmd.Path, out)
	}
	return strconv.Atoi(string(m[1]))
}

// checkReach proves that the account can enter the data folder, which as root is often below somebody's private home.
func (s *site) checkReach(ctx context.Context, with install) error {
	if !s.run.drop {
		return nil
	}
	_, err := s.version(ctx, with.bin, s.dir)
	if err == nil {
		return nil
	}
	name := userName(s.run.uid)
	at := s.run.barrier(s.dir)
	if at == "" {
		return fmt.Errorf("postgres: %s cannot enter %s: %w", name, s.dir, err)
	}
	return fmt.Errorf("postgres: running as root, so the server runs as %s, and %s cannot pass %s on the way to %s; run nurture as a "+
		"normal user, or choose a data folder elsewhere, such as /var/lib/nurture", name, name, at, s.dir)
}

// command prepares a PostgreSQL program: as the account, without the caller's PG* settings, with messages in English, since
// some are read here.
func (s *site) command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(kv string) bool {
		return strings.HasPrefix(kv, "PG") || strings.HasPrefix(kv, "LC_") || strings.HasPrefix(kv, "LANG")
	}), "LC_ALL=C")
	cmd.SysProcAttr = s.run.attributes()
	return cmd
}
