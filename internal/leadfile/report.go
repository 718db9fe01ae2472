package leadfile

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Reporter takes what Read has to say on records, in the order of the file. An error stops the reading.
type Reporter interface {
	Reject(Rejection) error
	Notice(Notice) error
}

// discard is the Reporter of those who want the numbers only.
type discard struct{}

func (discard) Reject(Rejection) error { return nil }
func (discard) Notice(Notice) error    { return nil }

// KindRejected is what a report calls a rejection in its column kind; the others are NoticeKinds.
const KindRejected = "rejected"

// Report writes rejections and notices as CSV (UTF-8, RFC 4180 with line feeds): line, kind, column, reason, hint, raw. It
// repeats personal data of the file and must be kept as carefully.
type Report struct {
	w       *csv.Writer
	started bool
}

// NewReport makes a report that is written to w as reading goes on. Call Flush at the end.
func NewReport(w io.Writer) *Report {
	return &Report{w: csv.NewWriter(w)}
}

// Reject writes a rejected record.
func (r *Report) Reject(bad Rejection) error {
	return r.write(bad.Line, KindRejected, bad.Column, bad.Reason, bad.Hint, bad.Raw)
}

// Notice writes a warning, a repair or a note on the file.
func (r *Report) Notice(n Notice) error {
	return r.write(n.Line, string(n.Kind), n.Column, n.Reason, n.Hint, "")
}

func (r *Report) write(line int, kind, column, reason, hint, raw string) error {
	if err := r.begin(); err != nil {
		return err
	}
	number := ""
	if line > 0 {
		number = strconv.Itoa(line)
	}
	err := r.w.Write([]string{number, kind, guard(column), guard(reason), guard(hint), guard(raw)})
	if err != nil {
		return fmt.Errorf("report on line %d: %w", line, err)
	}
	return nil
}

func (r *Report) begin() error {
	if r.started {
		return nil
	}
	r.started = true
	if err := r.w.Write([]string{"line", "kind", "column", "reason", "hint", "raw"}); err != nil {
		return fmt.Errorf("begin the report: %w", err)
	}
	return nil
}

// Flush writes what is buffered; a report without any entry has its header then.
func (r *Report) Flush() error {
	if err := r.begin(); err != nil {
		return err
	}
	r.w.Flush()
	if err := r.w.Error(); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// guard keeps spreadsheets from taking a cell for a formula (OWASP, CSV injection): what begins like one gets an
// apostrophe in front.
func guard(cell string) string {
	if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") || strings.HasPrefix(cell, "＝") || strings.HasPrefix(cell, "＋") ||
		strings.HasPrefix(cell, "－") || strings.HasPrefix(cell, "＠") {
		return "'" + cell
	}
	return cell
}
