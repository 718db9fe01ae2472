package jobs

import (
	"strings"
	"testing"

	"nurture/internal/leadfile"
)

// TestManyAreTakenInAtOnce: several hands enrol each lead once, and none beyond what a day's intake lets in.
func TestManyAreTakenInAtOnce(t *testing.T) {
	t.Parallel()
	const leads = 3*intakeBite + 500
	for name, c := range map[string]struct {
		cap  string
		want int
	}{"no cap": {"", leads}, "a cap": {"intake: { per_day: 2100 }\n", 2100}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := firstSeven(mailStep)
			files["cadences/first-seven.yaml"] = strings.Replace(files["cadences/first-seven.yaml"], "budget: 7\n", "budget: 7\n"+c.cap, 1)
			r := newLiveRig(t, files)
			r.at(tenOClock)
			var rows []leadfile.Row
			for i := range leads {
				rows = append(rows, leadfile.Row{Line: i + 2, Lead: person(i + 1)})
			}
			_, err := r.Import(r.ctx, rows)
			must(t, err)
			n, err := r.intake(r.ctx)
			must(t, err)
			if n != leads {
				t.Errorf("%d leads were looked at, want %d", n, leads)
			}
			if n := r.count(`SELECT count(*) FROM enrollments WHERE state = 'active'`); n != c.want {
				t.Errorf("%d leads were enrolled, want %d", n, c.want)
			}
			if n := r.count(`SELECT count(*) FROM leads WHERE stage = 'nurturing' AND intake_at IS NULL`); n != c.want {
				t.Errorf("%d leads were taken in, want %d", n, c.want)
			}
			if n := r.count(`SELECT count(*) FROM leads WHERE intake_at > $1`, r.now()); n != leads-c.want {
				t.Errorf("%d leads wait for tomorrow, want %d", n, leads-c.want)
			}
		})
	}
}
