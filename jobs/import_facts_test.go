package jobs

import (
	"testing"
	"time"

	"nurture/cadence/uld"
	"nurture/internal/leadfile"
	"nurture/store"
)

// TestImportedAnswersAreOfTheDayOfTheFile: what a file says is of its day, whichever file is imported first, and what is said again after something
// else is in force again.
func TestImportedAnswersAreOfTheDayOfTheFile(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	var id int64
	read := func(said string, daysOld int) {
		t.Helper()
		row := person(1)
		row.Facts = map[string]string{"months_to_decision": said}
		by, err := r.BeginImport(r.ctx, "export.csv", monday.AddDate(0, 0, -daysOld))
		must(t, err)
		_, err = r.ImportBy(r.ctx, by, []leadfile.Row{{Line: 2, Lead: row}})
		must(t, err)
		lead, err := store.FindLead(r.ctx, r.pool, row.Key)
		must(t, err)
		id = lead.ID
	}
	holds := func(want string, of time.Time, stored int) {
		t.Helper()
		facts, err := store.Facts(r.ctx, r.pool, []int64{id})
		must(t, err)
		held, _ := uld.Current(facts[id])
		if got := held["months_to_decision"]; got.Value.String() != want || !got.At.Equal(of) || len(facts[id]) != stored {
			t.Errorf("%s of %s holds, of %d facts; want %s of %s, of %d", got.Value, got.At, len(facts[id]), want, of, stored)
		}
	}
	read("6", 40)
	holds("6", monday.AddDate(0, 0, -40), 1)
	read("12", 90) // an older export
	holds("6", monday.AddDate(0, 0, -40), 2)
	read("6", 40) // the same files again
	read("12", 90)
	read("6", 30) // a later one that says the same
	holds("6", monday.AddDate(0, 0, -40), 2)
	read("3", 20)
	read("6", 10) // and then again what was said before
	holds("6", monday.AddDate(0, 0, -10), 4)
}
