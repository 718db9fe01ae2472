package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestMisspeltVariables(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, meant string
	}{
		{"NURTURE_SMPT_HOST", "NURTURE_SMTP_HOST"},
		{"NUTURE_SMTP_HOST", "NURTURE_SMTP_HOST"},
		{"NURTURE_SMTP_HOTS", "NURTURE_SMTP_HOST"},
		{"NURTURE_PUBLIC_UR", "NURTURE_PUBLIC_URL"},
		{"NURTURE_SMTP_PASSWROD", "NURTURE_SMTP_PASSWORD"},
		{"NURTURE_SMPT_PASSWORD_MARA_EXAMPLE_COM", "NURTURE_SMTP_PASSWORD_…"},
		{"NURTURE_IMAP_PASWORD_MARA", "NURTURE_IMAP_PASSWORD_…"},
		{"NURTURE_DATABASE_URL", "DATABASE_URL"},
		{"NURTURE_SMTP_USER", "NURTURE_SMTP_USERNAME"},
	} {
		err := misspeltVariables([]string{"HOME=/", test.name + "=x", "NURTURE_SMTP_PORT=25"})
		if err == nil || !strings.Contains(err.Error(), test.name+" means nothing: it is "+test.meant) {
			t.Errorf("%s: error %v", test.name, err)
		}
	}
	kubernetes := []string{
		"NURTURE_SERVICE_HOST=10.0.0.1", "NURTURE_SERVICE_PORT=80", "NURTURE_SERVICE_PORT_HTTP=80", "NURTURE_PORT=tcp://10.0.0.1:80", "NURTURE_PORT_80_TCP=tcp://10.0.0.1:80",
		"NURTURE_PORT_80_TCP_ADDR=10.0.0.1", "NURTURE_WEB_SERVICE_HOST=10.0.0.1", "NURTURE_WEB_PORT_80_TCP_PROTO=tcp",
	}
	quiet := slices.Concat(kubernetes, []string{
		"_=/usr/bin/nurture", "A=x", "=C:=x", "DATABASE_URI=x", "SMTP_HOST=x", "NURTURE_SMPT_HOST=", "NURTURE_SMTP_PASSWORD_MARA=x", "NURTURE_IMAP_PASSWORD_A_B=x", "NURTURE_TEST_DATABASE_URL=x", "NURTURE_UPDATE_GOLDEN=1",
	})
	if odd := oddVariables(quiet); len(odd) != 0 {
		t.Errorf("%+v are not for us", odd)
	}
	if odd := oddVariables([]string{"NURTURE_SEND_FROM_HOST=x"}); len(odd) != 1 || odd[0].misspelt || odd[0].nearest == "" {
		t.Errorf("a variable that nobody reads is %+v", odd)
	}
}

// TestMisspeltDatabase sets up no database of our own beside the one that is meant.
func TestMisspeltDatabase(t *testing.T) {
	t.Parallel()
	a := &app{configDir: t.TempDir(), system: system{getenv: variables(), environ: func() []string { return []string{"NURTURE_DATABASE_URL=postgres://db.example.com/n"} }}}
	if url, err := a.givenURL(); err == nil || !strings.Contains(err.Error(), "it is DATABASE_URL") {
		t.Errorf("url %q, error %v", url, err)
	}
	a.databaseURL = "postgres://db.example.com/n"
	if _, err := a.givenURL(); err != nil {
		t.Error(err)
	}
}

// TestCACertNamesItsVariable says where the name of a file that cannot be read comes from.
func TestCACertNamesItsVariable(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"NURTURE_SMTP_CA_CERT", "NURTURE_IMAP_CA_CERT"} {
		for _, file := range []string{empty, empty + ".gone"} {
			a := &app{system: system{getenv: variables(name, file, "NURTURE_IMAP_HOST", "h", "NURTURE_IMAP_USERNAME", "u"), environ: func() []string { return nil }}}
			if _, err := a.environment(); err == nil || !strings.Contains(err.Error(), name+": ") || !strings.Contains(err.Error(), file) {
				t.Errorf("error %v", err)
			}
		}
	}
}

// TestVariablesAreKnown finds every variable that the program reads among those that are known.
func TestVariablesAreKnown(t *testing.T) {
	t.Parallel()
	read := regexp.MustCompile(`(?:getenv|number|address|prefixes)\((?:getenv\()?"(NURTURE_[A-Z_]+)"`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range read.FindAllStringSubmatch(string(source), -1) {
			found[match[1]] = true
			if !slices.Contains(knownVariables, match[1]) {
				t.Errorf("%s reads %s, which counts as misspelt", file, match[1])
			}
		}
	}
	for _, name := range knownVariables {
		if !found[name] {
			t.Errorf("nothing reads %s", name)
		}
	}
}
