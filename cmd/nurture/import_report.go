package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"nurture/internal/leadfile"
	"nurture/internal/provenance"
	"nurture/jobs"
	"nurture/store"
)

// importReport writes the report to a file that gets its name at the end, and keeps the opt-outs that stand on duplicate lines. It
// repeats personal data, so only its owner may read it.
type importReport struct {
	*leadfile.Report
	file    *os.File
	path    string
	optOuts []leadfile.Rejection
	notes   []string // on the file as a whole
}

// openReport begins the report on a file at path, else in the data folder, named after the file and the time.
func (a *app) openReport(path, file string) (*importReport, error) {
	if path == "" {
		base := filepath.Base(file)
		if file == "-" {
			base = "stdin"
		}
		name := strings.TrimSuffix(base, filepath.Ext(base)) + "-" + a.now().UTC().Format("20060102T150405Z") + ".csv"
		path = a.in("reports", name)
		// The private server may run as another user than root, so the data folder must let it pass.
		if err := errors.Join(os.MkdirAll(a.dataDir, 0o755), os.MkdirAll(filepath.Dir(path), 0o700)); err != nil {
			return nil, fmt.Errorf("make a folder for the report: %w", err)
		}
	}
	if path == "-" {
		return nil, hint(failf("--report is -: the report is a file"), "name it, such as --report report.csv")
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".report-*")
	if err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return &importReport{Report: leadfile.NewReport(f), file: f, path: path}, nil
}

// Reject writes a rejected record.
func (r *importReport) Reject(bad leadfile.Rejection) error {
	if bad.Key != "" && bad.OptedOut != (leadfile.OptedOut{}) {
		r.optOuts = append(r.optOuts, bad)
	}
	return r.Report.Reject(bad)
}

// Notice writes a warning, a repair or a note.
func (r *importReport) Notice(n leadfile.Notice) error {
	if n.Kind == leadfile.KindNote {
		note := n.Reason
		if n.Column != "" {
			note = n.Column + ": " + note
		}
		if n.Hint != "" {
			note += " (" + n.Hint + ")"
		}
		r.notes = append(r.notes, note)
	}
	return r.Report.Notice(n)
}

// finish gives the report its name, or drops it when it is not to be kept; then the name is "".
func (r *importReport) finish(keep bool) (string, error) {
	if !keep {
		return "", r.discard()
	}
	err := errors.Join(r.Flush(), r.file.Close())
	if err == nil {
		err = os.Rename(r.file.Name(), r.path)
	}
	if err != nil {
		return "", fmt.Errorf("write the report: %w", errors.Join(err, os.Remove(r.file.Name())))
	}
	return r.path, nil
}

func (r *importReport) discard() error {
	return errors.Join(r.file.Close(), os.Remove(r.file.Name()))
}

// importHands is how many batches are stored at once. The database spends two to four times as long on a row as its reading takes.
const importHands = 2

// importTarget stores rows, a few batches while the next is read. A nil one stores nothing: the dry run.
type importTarget struct {
	ctx     context.Context //nolint:containedctx // leadfile.Read hands rows to a callback without one
	session *session
	// begin begins to store a batch, the others before it having begun; what it returns may go on beside theirs.
	begin func(context.Context, []leadfile.Row) (finish func(context.Context) (jobs.Imported, error), err error)
	done  jobs.Imported

	inHand []storing // in the order of the file
	failed error     // of the first batch that failed
	free   [][]leadfile.Row
}

// storing is a batch that is being stored.
type storing struct {
	rows   []leadfile.Row
	result chan stored // one
}

type stored struct {
	done jobs.Imported
	err  error
}

// importInto gives the halves of the engine's import of a batch.
func importInto(engine *jobs.Engine, by provenance.Stamp) func(context.Context, []leadfile.Row) (func(context.Context) (jobs.Imported, error), error) {
	return func(ctx context.Context, rows []leadfile.Row) (func(context.Context) (jobs.Imported, error), error) {
		prepared, err := engine.PrepareImport(ctx, by, rows)
		return func(ctx context.Context) (jobs.Imported, error) { return engine.FinishImport(ctx, prepared) }, err
	}
}

// store begins to store a batch, once one of those in hand is stored. The batches in hand and the one being read are all that is ever held.
func (t *importTarget) store(batch []leadfile.Row) error {
	if t == nil {
		return nil
	}
	for len(t.inHand) >= importHands {
		t.wait()
	}
	if t.failed != nil {
		return t.failed
	}
	var rows []leadfile.Row
	if n := len(t.free); n > 0 {
		rows, t.free = t.free[n-1], t.free[:n-1]
	}
	rows = append(rows[:0], batch...) // Read uses its slice again
	finish, err := t.begin(t.ctx, rows)
	if err != nil {
		return lost(rows, err)
	}
	s := storing{rows: rows, result: make(chan stored, 1)}
	t.inHand = append(t.inHand, s)
	go func() {
		done, err := finish(t.ctx)
		if err != nil {
			err = lost(s.rows, err)
		}
		s.result <- stored{done, err}
	}()
	return nil
}

func lost(rows []leadfile.Row, err error) error {
	return fmt.Errorf("store the leads of lines %d to %d: %w", rows[0].Line, rows[len(rows)-1].Line, err)
}

// wait waits until the first batch in hand is stored, or has failed.
func (t *importTarget) wait() {
	s := t.inHand[0]
	t.inHand = t.inHand[1:]
	result := <-s.result
	t.done.New += result.done.New
	t.done.Updated += result.done.Updated
	t.done.Kept += result.done.Kept
	t.done.Proposed += result.done.Proposed
	t.free = append(t.free, s.rows)
	if t.failed == nil {
		t.failed = result.err
	}
}

// finish waits for the last batches. err is what ended the reading; where that was a batch before, which alone knows its lines, it speaks.
func (t *importTarget) finish(err error) error {
	if t == nil {
		return err
	}
	for len(t.inHand) > 0 {
		t.wait()
	}
	if t.failed != nil {
		return t.failed
	}
	return err
}

func (t *importTarget) stored() int {
	if t == nil {
		return 0
	}
	return t.done.New + t.done.Updated
}

// optOut honours the opt-outs that stand on duplicate lines: in doubt a lead is left alone.
func (t *importTarget) optOut(duplicates []leadfile.Rejection) error {
	if t == nil {
		return nil
	}
	for start := 0; start < len(duplicates); start += leadfile.BatchSize {
		var rows []leadfile.Row
		for _, d := range duplicates[start:min(start+leadfile.BatchSize, len(duplicates))] {
			lead, err := store.FindLead(t.ctx, t.session.pool, d.Key)
			if err != nil {
				return fmt.Errorf("line %d opts out: %w", d.Line, err)
			}
			rows = merge(rows, leadfile.Row{Line: d.Line, Lead: leadfile.Lead{
				Key: lead.Key, Email: lead.Email, Phone: lead.Phone, OptedOut: d.OptedOut,
			}})
		}
		finish, err := t.begin(t.ctx, rows)
		if err == nil {
			_, err = finish(t.ctx)
		}
		if err != nil {
			return fmt.Errorf("store the opt-outs of duplicate lines: %w", err)
		}
	}
	return nil
}

// merge adds a row to a batch, in which a key may stand once.
func merge(rows []leadfile.Row, row leadfile.Row) []leadfile.Row {
	for i := range rows {
		if rows[i].Lead.Key == row.Lead.Key {
			out := &rows[i].Lead.OptedOut
			out.Email, out.Call = out.Email || row.Lead.OptedOut.Email, out.Call || row.Lead.OptedOut.Call
			return rows
		}
	}
	return append(rows, row)
}
