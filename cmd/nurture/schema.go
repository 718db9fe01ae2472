package main

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// writeSchema dumps the schema of the database at rawURL into a file, in a form that depends on the schema alone.
func writeSchema(ctx context.Context, rawURL, file string) error {
	program, err := findPgDump(ctx)
	if err != nil {
		return err
	}
	target, password := withoutPassword(rawURL)
	cmd := exec.CommandContext(ctx, program, "--schema-only", "--no-owner", "--no-privileges", "--dbname", target)
	cmd.Env = os.Environ()
	if password != "" {
		cmd.Env = append(cmd.Env, "PGPASSWORD="+password)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	dump, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("pg_dump: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	return os.WriteFile(file, cleanSchema(dump), 0o644)
}

// keywordPassword finds the password in a connection string of keywords (libpq, section "Keyword/Value Connection Strings").
var keywordPassword = regexp.MustCompile(`(?:^|\s)password\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s\\]|\\.)*)`)

// withoutPassword keeps a password off the command line, which every user of the machine can read.
func withoutPassword(rawURL string) (target, password string) {
	if u, err := url.Parse(rawURL); err == nil && u.Scheme != "" {
		if u.User == nil {
			return rawURL, ""
		}
		password, _ = u.User.Password()
		u.User = url.User(u.User.Username())
		return u.String(), password
	}
	found := keywordPassword.FindStringSubmatch(rawURL)
	if found == nil {
		return rawURL, ""
	}
	value := strings.TrimSuffix(strings.TrimPrefix(found[1], "'"), "'")
	return strings.TrimSpace(strings.Replace(rawURL, found[0], "", 1)), backslashed.ReplaceAllString(value, "$1")
}

var backslashed = regexp.MustCompile(`\\(.)`)

// pgDumps are where pg_dump may lie outside of PATH; packages keep server versions apart.
var pgDumps = []string{
	"/usr/lib/postgresql/*/bin/pg_dump", "/usr/pgsql-*/bin/pg_dump", "/usr/libexec/postgresql*/pg_dump",
	"/opt/homebrew/opt/postgresql@*/bin/pg_dump", "/usr/local/opt/postgresql@*/bin/pg_dump",
}

var versionNumber = regexp.MustCompile(`\d+`)

// findPgDump gives the newest pg_dump: it can read every older server, and refuses newer ones.
func findPgDump(ctx context.Context) (string, error) {
	var candidates []string
	if inPath, err := exec.LookPath("pg_dump"); err == nil {
		candidates = append(candidates, inPath)
	}
	for _, pattern := range pgDumps {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		candidates = append(candidates, found...)
	}
	best, newest := "", 0
	for _, program := range candidates {
		out, err := exec.CommandContext(ctx, program, "--version").Output()
		if err != nil {
			continue
		}
		if n, _ := strconv.Atoi(versionNumber.FindString(string(out))); n > newest {
			best, newest = program, n
		}
	}
	if best == "" {
		return "", hint(failf("pg_dump is not installed"), "install PostgreSQL's client programs, such as Debian's postgresql-client")
	}
	return best, nil
}

// noise is what differs from one pg_dump to the next: comments, session settings, and the \restrict keys of newer versions.
var noise = regexp.MustCompile(`^(--|SET |SELECT pg_catalog\.set_config|\\(un)?restrict)`)

// cleanSchema drops noise and runs of blank lines.
func cleanSchema(dump []byte) []byte {
	var out bytes.Buffer
	out.WriteString("-- The schema after all migrations, River's included. Written by: make schema\n")
	blank := true
	for line := range strings.Lines(string(dump)) {
		line = strings.TrimRight(line, "\n")
		if noise.MatchString(line) {
			continue
		}
		if line == "" {
			blank = true
			continue
		}
		if blank {
			out.WriteByte('\n')
			blank = false
		}
		out.WriteString(line + "\n")
	}
	return out.Bytes()
}
