package doctor

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// want compares a finding: its level, and texts that its parts hold. An ok one has no fix, others must have one.
func want(t *testing.T, got Finding, level Level, what, detail, fix string) {
	t.Helper()
	if got.Level != level || got.What != what || !strings.Contains(got.Detail, detail) || !strings.Contains(got.Fix, fix) || (got.Fix == "") != (level == OK) {
		t.Errorf("got %s %q %q\n  fix: %q\nwant %s %q …%q…\n  fix: …%q…", got.Level, got.What, got.Detail, got.Fix, level, what, detail, fix)
	}
}

// only is the single finding of a list.
func only(t *testing.T, findings []Finding) Finding {
	t.Helper()
	if len(findings) != 1 {
		t.Fatalf("got %d findings, want 1: %+v", len(findings), findings)
	}
	return findings[0]
}

// about gives the findings about one thing; there must be one.
func about(t *testing.T, findings []Finding, what string) Finding {
	t.Helper()
	var found []Finding
	for _, f := range findings {
		if f.What == what {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d findings are about %q: %+v", len(found), what, findings)
	}
	return found[0]
}

func TestRunKeepsOrderAndSurvivesChecks(t *testing.T) {
	t.Parallel()
	release, ended := make(chan struct{}), make(chan struct{})
	slow := make(chan struct{})
	findings := Run(t.Context(), 50*time.Millisecond, []Check{
		{"late", func(context.Context) []Finding { <-slow; return []Finding{good("late", "came")} }},
		{"hangs", func(context.Context) []Finding { defer close(ended); <-release; return nil }},
		{"heeds", func(ctx context.Context) []Finding {
			<-ctx.Done()
			return []Finding{fail("heeds", ctx.Err().Error(), "wait")}
		}},
		{"panics", func(context.Context) []Finding { panic("oh") }},
		{"quick", func(context.Context) []Finding {
			close(slow)
			return []Finding{good("quick", "one"), warn("quick", "two", "x")}
		}},
		Told(good("told", "so")),
	})
	close(release)
	<-ended
	if len(findings) != 7 {
		t.Fatalf("got %+v", findings)
	}
	want(t, findings[0], OK, "late", "came", "")
	want(t, findings[1], Fail, "hangs", "no answer within 50ms", "--timeout")
	want(t, findings[2], Fail, "heeds", "deadline", "wait")
	want(t, findings[3], Fail, "panics", "the check itself broke: oh", "bug")
	want(t, findings[5], Warn, "quick", "two", "x")
	want(t, findings[6], OK, "told", "so", "")
	if Count(findings, OK) != 3 || Count(findings, Warn) != 1 || Count(findings, Fail) != 3 {
		t.Error("miscounted")
	}
}
