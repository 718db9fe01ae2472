package leadfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReport(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	report := NewReport(&out)
	const file = "email,company,country,email\n=cmd|'/c calc'!A0,\"Acme\nInc\",,\na@example.com,B,Atlantis,\n\"b@example.com,C,DE,\"\n"
	if _, err := Read(strings.NewReader(file), Options{Reporter: report}, nil); err != nil {
		t.Fatal(err)
	}
	if err := report.Flush(); err != nil {
		t.Fatal(err)
	}
	const want = `line,kind,column,reason,hint,raw
,note,email,several columns have this name,the second is “email (2)”,
2,rejected,email,the address has no @: =cmd|'/c calc'!A0,"correct the address, or empty the cell if the phone is enough","'=cmd|'/c calc'!A0,""Acme⏎Inc"",,"
4,warning,country,country not known: Atlantis,"write its English name or ISO code, or translate it in values:",
5,repaired,,the whole line stood in quotes,,
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Fatal(diff)
	}
}

func TestEmptyReportHasItsHeader(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := NewReport(&out).Flush(); err != nil || out.String() != "line,kind,column,reason,hint,raw\n" {
		t.Fatalf("%q, %v", out.String(), err)
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{"=1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "＋1", "－1", "＠x"} {
		if got := guard(cell); got != "'"+cell {
			t.Errorf("%q: %q", cell, got)
		}
	}
	for _, cell := range []string{"", "x", "1=1", "'x", "é"} {
		if got := guard(cell); got != cell {
			t.Errorf("%q: %q", cell, got)
		}
	}
}

// A report that is read again gives back what was reported.
func TestReportIsCSV(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	report := NewReport(&out)
	bad := Rejection{Line: 3, Column: "a,b", Reason: "quote \"x\"", Hint: "line\nend", Raw: ";\t|"}
	if err := errors.Join(report.Reject(bad), report.Flush()); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"3", KindRejected, bad.Column, bad.Reason, bad.Hint, bad.Raw}, rows[1]); diff != "" {
		t.Fatal(diff)
	}
}

// brokenPipe refuses every write.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errFull }

func TestReportErrors(t *testing.T) {
	t.Parallel()
	if err := NewReport(brokenPipe{}).Flush(); !errors.Is(err, errFull) {
		t.Errorf("flush: %v", err)
	}
	report := NewReport(brokenPipe{})
	var err error
	for range 1000 {
		if err = report.Reject(Rejection{Line: 2, Reason: strings.Repeat("x", 100)}); err != nil {
			break
		}
	}
	if !errors.Is(err, errFull) {
		t.Errorf("reject: %v", err)
	}
	if err := report.Notice(Notice{Kind: KindWarning}); !errors.Is(err, errFull) {
		t.Errorf("notice after a failure: %v", err)
	}
}
