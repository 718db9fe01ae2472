package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"nurture/internal/leadfile"
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

// importTarget stores rows, one batch while the next is read. A nil one stores nothing: the dry run.
type importTarget struct {
	ctx     context.Context //nolint:containedctx // leadfile.Read hands rows to a callback without one
	session *session
	put     func(context.Context, []leadfile.Row) (jobs.Imported, error)
	done    jobs.Imported

	storing chan error // the batch in hand, nil when none is
	failed  error
	free    []leadfile.Row // the memory of the batch before
}

// store begins to store a batch, once the one before is stored. Batches follow each other, so that what is stored after an error
// is the beginning of the file; the batch in hand and the one being read are all that is ever held.
func (t *importTarget) store(batch []leadfile.Row) error {
	if t == nil {
		return nil
	}
	if t.wait(); t.failed != nil {
		return t.failed
	}
	rows := append(t.free[:0], batch...) // Read uses its slice again
	t.free, t.storing = rows, make(chan error, 1)
	go func(stored chan<- error) {
		done, err := t.put(t.ctx, rows)
		if err != nil {
			err = fmt.Errorf("store the leads of lines %d to %d: %w", rows[0].Line, rows[len(rows)-1].Line, err)
		}
		t.done.New += done.New
		t.done.Updated += done.Updated
		t.done.Kept += done.Kept
		t.done.Proposed += done.Proposed
		stored <- err
	}(t.storing)
	return nil
}

// wait waits until the batch in hand is stored, or has failed.
func (t *importTarget) wait() {
	if t.storing != nil {
		t.failed, t.storing = <-t.storing, nil
	}
}

// finish waits for the last batch. err is what ended the reading; where that was a batch before, which alone knows its lines, it speaks.
func (t *importTarget) finish(err error) error {
	if t == nil {
		return err
	}
	if t.wait(); t.failed != nil {
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
		if _, err := t.put(t.ctx, rows); err != nil {
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
