package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"os/user"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/term"

	"nurture/config"
)

// system is all that commands may reach of the machine.
type system struct {
	now     func() time.Time // the one clock of decisions
	realNow func() time.Time // tells living processes from dead ones; differs from now in tests only
	listLag time.Duration    // as in jobs.Options; 0 but in chaos
	getenv  func(string) string
	environ func() []string // all variables, as NAME=value
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	tty     bool // a person reads stderr
	colours bool // a person reads stdout, and did not say no to colours
}

// osSystem is the real machine with a clock.
func osSystem(now func() time.Time) system {
	return system{
		now: now, realNow: time.Now, getenv: os.Getenv, environ: os.Environ, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		tty:     term.IsTerminal(int(os.Stderr.Fd())),
		colours: term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
	}
}

// app is one call of the program: the machine and the global flags.
type app struct {
	system
	configDir   string
	dataDir     string
	databaseURL string // --database; "" looks further
	json        bool
	tracer      pgx.QueryTracer // of the database connections; nil but in a worker that is measured
}

// run executes the program with arguments and returns its exit code.
func run(sys system, args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := &app{system: sys}
	a.stdout, a.stderr = cleanWriter{sys.stdout}, cleanWriter{sys.stderr}
	root := newRootCmd(a)
	root.SetArgs(args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	return a.fail(root.ExecuteContext(ctx))
}

// in gives a path inside the data folder.
func (a *app) in(name ...string) string {
	return filepath.Join(append([]string{a.dataDir}, name...)...)
}

// person is who gives the order: the flag, else NURTURE_USER, else the login name.
func (a *app) person(flag string) string {
	name := cmp.Or(flag, a.getenv("NURTURE_USER"), a.getenv("USER"), a.getenv("USERNAME"))
	if name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}

// load reads a configuration folder; "" is that of --config.
func (a *app) load(dir string) (*config.Config, error) {
	dir = cmp.Or(dir, a.configDir)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, hint(failf("there is no folder %s", dir), "name the configuration folder with --config DIR")
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, hint(failf("%s is not a folder", dir), "name the configuration folder, not a file in it")
	}
	cfg, err := config.Load(os.DirFS(dir))
	var problems config.Problems
	if errors.As(err, &problems) {
		return nil, brokenConfig{dir: dir, problems: problems}
	}
	return cfg, err
}

// hasSettings tells whether the configuration folder has a nurture.yaml. It is true as well where that cannot be told, for the folder is not there or may not be
// looked into: load says so.
func (a *app) hasSettings() bool {
	_, err := os.Stat(filepath.Join(a.configDir, config.SettingsFile))
	if errors.Is(err, os.ErrNotExist) {
		_, err = os.Stat(a.configDir)
		return err != nil
	}
	return true
}
