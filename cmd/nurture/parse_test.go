package main

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"nurture/store"
)

// parse runs a command's flags and arguments.
func parse(cmd *cobra.Command, args ...string) error {
	cmd.SetArgs(args)
	cmd.SetOut(io.Discard)
	cmd.SetErr(io.Discard)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	return cmd.ExecuteContext(context.Background())
}

func TestParseComplete(t *testing.T) {
	t.Parallel()
	var got *completeOptions
	keep := func(_ context.Context, o *completeOptions) error { got = o; return nil }
	err := parse(newTaskCompleteCmd(&app{}, keep), "12", "--disposition", "connected", "--notes", "n", "--date", "2026-03-05", "--by", "m",
		"--answer", "people=Ann, and = Bob", "--answer", " driver =incident", "--words", "people=a=b")
	if err != nil {
		t.Fatal(err)
	}
	if got.id != 12 || got.disposition != "connected" || got.notes != "n" || got.date != "2026-03-05" || got.by != "m" {
		t.Errorf("got %+v", got)
	}
	if diff := cmp.Diff(map[string]string{"people": "Ann, and = Bob", "driver": "incident"}, got.answers); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"people": "a=b"}, got.words); diff != "" {
		t.Error(diff)
	}
	for _, args := range [][]string{
		{},
		{"0", "--disposition", "x"},
		{"twelve", "--disposition", "x"},
		{"12"},
		{"12", "--disposition", "x", "--answer", "=v"},
		{"12", "--disposition", "x", "--answer", "k="},
		{"12", "--disposition", "x", "--answer", "k=1", "--answer", "k=2"},
	} {
		if err := parse(newTaskCompleteCmd(&app{}, keep), args...); !errors.As(err, new(usageError)) {
			t.Errorf("%q: %v", args, err)
		}
	}
}

func TestParseEnroll(t *testing.T) {
	t.Parallel()
	var got *enrollOptions
	keep := func(_ context.Context, o *enrollOptions) error { got = o; return nil }
	if err := parse(newEnrollCmd(&app{}, keep), "--cadence", "c", "--all", "--stage", "inquiry", "--source", "s, t", "--owner", "o", "--dry-run"); err != nil {
		t.Fatal(err)
	}
	if !got.all || !got.dryRun || got.cadence != "c" || got.filter != (store.LeadFilter{Stage: "inquiry", Source: "s, t", Owner: "o"}) {
		t.Errorf("got %+v", got)
	}
	if err := parse(newEnrollCmd(&app{}, keep), "--cadence", "c", "--lead", "a,b", "--lead", "c"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a,b", "c"}, got.leads); diff != "" {
		t.Error(diff)
	}
	for _, args := range [][]string{{"--all"}, {"--cadence", "c"}, {"--cadence", "c", "--all", "--lead", "a"}, {"--cadence", "c", "--all", "x"}} {
		if err := parse(newEnrollCmd(&app{}, keep), args...); !errors.As(err, new(usageError)) {
			t.Errorf("%q: %v", args, err)
		}
	}
}

func TestParseImport(t *testing.T) {
	t.Parallel()
	var got *importOptions
	keep := func(_ context.Context, o *importOptions) error { got = o; return nil }
	err := parse(newImportCmd(&app{}, keep), "f.csv", "--mapping", "m", "--map", "email=A, B", "--map", "phone=C", "--country", "US", "--dry-run", "--report", "r")
	if err != nil {
		t.Fatal(err)
	}
	if got.file != "f.csv" || got.mapping != "m" || got.country != "US" || !got.dryRun || got.report != "r" {
		t.Errorf("got %+v", got)
	}
	if diff := cmp.Diff([]string{"email=A, B", "phone=C"}, got.assign); diff != "" {
		t.Error(diff)
	}
}

func TestParseHandoffShow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		json bool
		args []string
		want string
	}{
		{false, []string{"3"}, "markdown"},
		{true, []string{"3"}, "json"},
		{true, []string{"3", "--format", "html"}, "html"},
	} {
		var got *handoffShowOptions
		cmd := newHandoffShowCmd(&app{json: test.json}, func(_ context.Context, o *handoffShowOptions) error { got = o; return nil })
		if err := parse(cmd, test.args...); err != nil || got.format != test.want || got.id != 3 {
			t.Errorf("%v %q: %+v, %v", test.json, test.args, got, err)
		}
	}
}

func TestCleanSchemaDependsOnTheSchemaAlone(t *testing.T) {
	t.Parallel()
	dump := "--\n-- Dumped by pg_dump version 17.2\n\n\\restrict abc\nSET lock_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\n\n" +
		"CREATE TABLE public.a (\n    id bigint\n);\n\n\n\nCREATE TABLE public.b (\n    id bigint\n);\n\n\\unrestrict abc\n"
	want := "-- The schema after all migrations, River's included. Written by: make schema\n\nCREATE TABLE public.a (\n    id bigint\n);\n\n" +
		"CREATE TABLE public.b (\n    id bigint\n);\n"
	if diff := cmp.Diff(want, string(cleanSchema([]byte(dump)))); diff != "" {
		t.Error(diff)
	}
	for url, want := range map[string][2]string{
		"postgres://u:p%40ss@h:5432/db?sslmode=require": {"postgres://u@h:5432/db?sslmode=require", "p@ss"},
		"postgres:///db?host=/run/x":                    {"postgres:///db?host=/run/x", ""},
		"host=h password=p dbname=d":                    {"host=h dbname=d", "p"},
		`password='a b\'c' host=h`:                      {"host=h", "a b'c"},
	} {
		if target, password := withoutPassword(url); target != want[0] || password != want[1] {
			t.Errorf("%s: %q, %q", url, target, password)
		}
	}
}
