package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"nurture/internal/leadfile"
	"nurture/jobs"
)

// TestImportTargetStoresInOrder: no row is lost or mixed up while the next batch is read into the same memory, and after an error what is
// stored is the beginning of the file.
func TestImportTargetStoresInOrder(t *testing.T) {
	t.Parallel()
	const n = 3*leadfile.BatchSize + 5
	var file strings.Builder
	file.WriteString("email\n")
	for i := range n {
		fmt.Fprintf(&file, "p%d@example.com\n", i)
	}
	full := errors.New("the disk is full")
	for _, fails := range []int{0, 1, 2, 4} { // the batch that fails
		var stored []string
		batches := 0
		target := &importTarget{ctx: t.Context(), put: func(_ context.Context, rows []leadfile.Row) (jobs.Imported, error) {
			if batches++; batches == fails {
				return jobs.Imported{}, full
			}
			for _, row := range rows {
				stored = append(stored, row.Lead.Key)
			}
			return jobs.Imported{New: len(rows)}, nil
		}}
		_, err := leadfile.Read(strings.NewReader(file.String()), leadfile.Options{}, target.store)
		err = target.finish(err)
		want := n
		if fails > 0 {
			want = (fails - 1) * leadfile.BatchSize
			if first := fmt.Sprintf("the leads of lines %d to ", want+2); !errors.Is(err, full) || !strings.HasPrefix(err.Error(), "store "+first) {
				t.Errorf("batch %d fails: %v, want %q", fails, err, first)
			}
		} else if err != nil {
			t.Error(err)
		}
		if len(stored) != want || target.stored() != want {
			t.Fatalf("batch %d fails: %d rows stored, %d counted, want %d", fails, len(stored), target.stored(), want)
		}
		for i, key := range stored {
			if key != fmt.Sprintf("p%d@example.com", i) {
				t.Fatalf("batch %d fails: row %d is %s", fails, i, key)
			}
		}
	}
}
