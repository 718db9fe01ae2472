package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"nurture/internal/leadfile"
	"nurture/jobs"
)

// TestImportTargetStoresAll: no row is lost or mixed up while the next batches are read into the same memory. Batches begin in the order of the file,
// at most importHands at once. After an error no further one begins, and the error is that of the first that failed.
func TestImportTargetStoresAll(t *testing.T) {
	t.Parallel()
	const n = 5*leadfile.BatchSize + 5
	var file strings.Builder
	file.WriteString("email\n")
	for i := range n {
		fmt.Fprintf(&file, "p%d@example.com\n", i)
	}
	full := errors.New("the disk is full")
	for _, fails := range []int{0, 1, 2, 4, 6} { // the batch that fails
		var mu sync.Mutex
		stored := map[string]bool{}
		batches, inHand := 0, 0
		target := &importTarget{ctx: t.Context(), begin: func(_ context.Context, rows []leadfile.Row) (func(context.Context) (jobs.Imported, error), error) {
			mu.Lock()
			defer mu.Unlock()
			if first := fmt.Sprintf("p%d@example.com", batches*leadfile.BatchSize); rows[0].Lead.Key != first {
				t.Errorf("batch %d begins with %s, want %s", batches, rows[0].Lead.Key, first)
			}
			batches++
			batch := batches
			if inHand++; inHand > importHands {
				t.Errorf("%d batches are in hand", inHand)
			}
			return func(context.Context) (jobs.Imported, error) {
				mu.Lock()
				defer mu.Unlock()
				inHand--
				if batch == fails || fails > 0 && batch == fails+1 {
					return jobs.Imported{}, full
				}
				for _, row := range rows {
					stored[row.Lead.Key] = true
				}
				return jobs.Imported{New: len(rows)}, nil
			}, nil
		}}
		_, err := leadfile.Read(strings.NewReader(file.String()), leadfile.Options{}, target.store)
		err = target.finish(err)
		want := n
		if fails > 0 {
			want = (fails - 1) * leadfile.BatchSize
			if first := fmt.Sprintf("store the leads of lines %d to ", want+2); !errors.Is(err, full) || !strings.HasPrefix(err.Error(), first) {
				t.Errorf("batch %d fails: %v, want %q", fails, err, first)
			}
		} else if err != nil {
			t.Error(err)
		}
		if len(stored) != want || target.stored() != want {
			t.Fatalf("batch %d fails: %d rows stored, %d counted, want %d", fails, len(stored), target.stored(), want)
		}
	}
}
