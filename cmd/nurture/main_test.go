package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"nurture/examples"
	"nurture/internal/pgtest"
	"nurture/jobs"
)

// testNow is the environment variable that sets a script's clock, in RFC 3339. A command's clock stands still: a script says what time
// it is.
const testNow = "NURTURE_TEST_NOW"

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"nurture": func() { os.Exit(run(osSystem(scriptClock()), os.Args[1:])) },
	})
}

func scriptClock() func() time.Time {
	given := os.Getenv(testNow)
	if given == "" {
		return time.Now
	}
	at, err := time.Parse(time.RFC3339, given)
	if err != nil {
		fmt.Fprintln(os.Stderr, testNow, err)
		os.Exit(1)
	}
	return func() time.Time { return at }
}

// TestScripts runs each script of testdata with a database of its own, migrated, in DATABASE_URL, and the starter configuration in the
// folder config. Scripts begin on Tuesday, 3 March 2026, 10:00 in Berlin.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scripts: ", err)
	}
	snapshot, err := filepath.Abs("../../migrations/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, testscript.Params{
				Files: []string{file}, RequireExplicitExec: true, UpdateScripts: os.Getenv("NURTURE_UPDATE_GOLDEN") != "",
				WorkdirRoot: openFolder(t),
				Cmds:        map[string]func(*testscript.TestScript, bool, []string){"waitfor": waitFor, "signal": sendSignal, "health": health, "received": received, "stalled": stalled, "push": push, "deliver": deliver, "enter": enter, "loginby": loginBy, "sellto": sellTo, "nomail": noMail},
				Setup: func(env *testscript.Env) error {
					env.Setenv("HOME", env.WorkDir)
					env.Setenv("USER", "tester")
					env.Setenv(testNow, "2026-03-03T10:00:00+01:00")
					env.Setenv("SNAPSHOT", snapshot)
					env.Setenv("GORACE", "atexit_sleep_ms=0") // a program that was built to find races rests a second when it ends; scripts end hundreds
					if err := addSink(env); err != nil {
						return err
					}
					if strings.Contains(file, "login") {
						addIssuer(t, env)
					}
					if strings.Contains(file, "private") { // it brings its own server
						return copyFS(filepath.Join(env.WorkDir, "config"), examples.Starter())
					}
					url := pgtest.New(t, "cmd", migrateURL)
					if strings.Contains(file, "unmigrated") {
						url = pgtest.New(t, "", nil)
					}
					env.Setenv("DATABASE_URL", url)
					return copyFS(filepath.Join(env.WorkDir, "config"), examples.Starter())
				},
			})
		})
	}
}

// openFolder makes a folder that other users may pass, unlike t.TempDir's: where tests run as root, the private Postgres does not.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "nurture-cmd-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

var migrateURL = pgtest.By(jobs.Migrate)

// copyFS makes a folder that a script may edit; what the script brings along already stays.
func copyFS(dir string, from fs.FS) error {
	return fs.WalkDir(from, ".", func(path string, entry fs.DirEntry, err error) error {
		to := filepath.Join(dir, path)
		if err != nil || entry.IsDir() {
			if err == nil {
				err = os.MkdirAll(to, 0o755)
			}
			return err
		}
		if _, err := os.Stat(to); err == nil {
			return nil
		}
		content, err := fs.ReadFile(from, path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, content, 0o644)
	})
}

// waitFor waits until a file that matches the pattern holds the text: waitfor PATTERN TEXT.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor PATTERN TEXT")
	}
	found := within(time.Minute, func() bool {
		files, err := filepath.Glob(ts.MkAbs(args[0]))
		ts.Check(err)
		return slices.ContainsFunc(files, func(file string) bool {
			content, err := os.ReadFile(file)
			return err == nil && strings.Contains(string(content), args[1])
		})
	})
	if !found {
		ts.Fatalf("no file %s with %q came about", args[0], args[1])
	}
}
