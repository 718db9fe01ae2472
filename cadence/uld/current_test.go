package uld_test

import (
	"slices"
	"testing"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

func TestCurrent(t *testing.T) {
	t.Parallel()
	type ids = []int64
	for _, tc := range []struct {
		name      string
		facts     []uld.Fact
		held      int64 // ID, 0 for none
		conflicts ids   // IDs of Against
	}{
		{"nothing", nil, 0, nil},
		{"the latest of a class", []uld.Fact{human(1, "k", num(1), "2026-01-02"), human(2, "k", num(2), "2026-01-01")}, 1, nil},
		{"the highest ID of an instant", []uld.Fact{human(2, "k", num(1), "2026-01-01"), human(1, "k", num(2), "2026-01-01")}, 2, nil},
		{"the highest class whatever its age", []uld.Fact{self(2, "k", num(1), "2026-02-01"), human(1, "k", num(1), "2025-01-01")}, 1, nil},
		{"a newer lower class that differs", []uld.Fact{human(1, "k", num(1), "2026-01-01"), self(2, "k", num(2), "2026-02-01")}, 1, ids{2}},
		{"an older lower class that differs", []uld.Fact{human(1, "k", num(1), "2026-01-01"), self(2, "k", num(2), "2025-12-01")}, 1, nil},
		{"a lower class of the same instant", []uld.Fact{human(1, "k", num(1), "2026-01-01"), self(2, "k", num(2), "2026-01-01")}, 1, nil},
		{"the same in other words", []uld.Fact{human(1, "k", text("Yes"), "2026-01-01"), self(2, "k", yes(true), "2026-02-01")}, 1, nil},
		{
			"taken back since", []uld.Fact{
				human(1, "k", num(1), "2026-01-01"), self(2, "k", num(2), "2026-02-01"), self(3, "k", num(1), "2026-03-01"),
			}, 1, nil,
		},
		{
			"each lower class by itself", []uld.Fact{
				human(1, "k", num(1), "2026-01-01"), self(2, "k", num(2), "2026-02-01"), guess(3, "k", num(3), "2026-03-01"),
			}, 1, ids{3, 2},
		},
		{"blank values say nothing", []uld.Fact{human(1, "k", predicate.Value{}, "2026-01-01"), human(2, "k", text(" "), "2026-01-01")}, 0, nil},
		{"facts without a class say nothing", []uld.Fact{fact(1, "k", num(1), uld.ClassNone, "2026-01-01"), fact(2, "k", num(1), 9, "2026-01-01")}, 0, nil},
		{"none is an answer", []uld.Fact{human(1, "k", text("none"), "2026-01-01")}, 1, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			held, conflicts := uld.Current(tc.facts)
			if held["k"].ID != tc.held {
				t.Errorf("holds fact %d, want %d", held["k"].ID, tc.held)
			}
			var against ids
			for _, c := range conflicts {
				against = append(against, c.Against.ID)
				if c.Criterion != "k" || c.Held.ID != tc.held {
					t.Errorf("conflict on %s holds %d", c.Criterion, c.Held.ID)
				}
			}
			if !slices.Equal(against, tc.conflicts) {
				t.Errorf("conflicts with %v, want %v", against, tc.conflicts)
			}
		})
	}
}

func TestConflictsAreSorted(t *testing.T) {
	t.Parallel()
	_, conflicts := uld.Current([]uld.Fact{
		human(1, "b", num(1), "2026-01-01"), self(2, "b", num(2), "2026-01-02"),
		human(3, "a", num(1), "2026-01-01"), self(4, "a", num(2), "2026-01-02"), guess(5, "a", num(3), "2026-01-02"),
	})
	var got []int64
	for _, c := range conflicts {
		got = append(got, c.Against.ID)
	}
	if want := []int64{5, 4, 2}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestMissingForHandoff(t *testing.T) {
	t.Parallel()
	dossier := []uld.Fact{
		human(11, "competition", text("none"), "2026-06-01"), human(12, "callback_at", text("2026-06-03T14:00"), "2026-06-01"),
	}
	for _, tc := range []struct {
		name  string
		facts []uld.Fact
		want  []string
	}{
		{"nothing known", nil, []string{"employees", "pain", "budget_process", "decision", "competition", "callback_at"}},
		{"criteria known", ready(), []string{"competition", "callback_at"}},
		{"all known", append(ready(), dossier...), nil},
		{"any class counts", append(but(ready(), guess(4, "decision", num(3), "2026-05-02")), dossier...), nil},
		{"blank is not known", append(but(ready(), human(2, "pain", text(" "), "2026-06-01")), dossier...), []string{"pain"}},
		{"no class is not known", append(but(ready(), fact(2, "pain", text("x"), uld.ClassNone, "2026-06-01")), dossier...), []string{"pain"}},
	} {
		if got := uld.MissingForHandoff(course(), tc.facts); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
}
