package main

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// sendSignal signals the worker that keeps a journal in a data folder: signal TERM|KILL DATA. The journal's name holds the process id.
func sendSignal(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]syscall.Signal{"TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL}
	if neg || len(args) != 2 || signals[args[0]] == 0 {
		ts.Fatalf("usage: signal TERM|KILL DATA")
	}
	files, err := filepath.Glob(filepath.Join(ts.MkAbs(args[1]), "journal", "*.journal"))
	ts.Check(err)
	for _, file := range files {
		instance, _, _ := strings.Cut(filepath.Base(file), ".")
		parts := strings.Split(instance, "-")
		if len(parts) < 3 {
			continue
		}
		pid, err := strconv.Atoi(parts[len(parts)-2])
		ts.Check(err)
		if err := syscall.Kill(pid, signals[args[0]]); err != nil && !errors.Is(err, os.ErrProcessDone) {
			ts.Fatalf("signal %d: %v", pid, err)
		}
		return
	}
	ts.Fatalf("no worker keeps a journal in %s", args[1])
}

var servedAt = regexp.MustCompile(`(?:"address":"|is open at )(http://[^"/]+)`)

// health asks a server, whose address is in its log, how it is, and leaves the answer in stdout: health LOG.
func health(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: health LOG")
	}
	address := servedAt.FindStringSubmatch(ts.ReadFile(args[0]))
	if address == nil {
		ts.Fatalf("no address in %s", args[0])
	}
	answer, err := http.Get(address[1] + "/healthz")
	ts.Check(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	ts.Check(err)
	if answer.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s", answer.Status, body)
	}
	_, err = ts.Stdout().Write(body)
	ts.Check(err)
}
