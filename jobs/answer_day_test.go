package jobs

import (
	"fmt"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/internal/leadfile"
	"nurture/store"
)

// TestAnswersAreReadOnTheDayOfTheLead: on an American evening, when it is tomorrow in UTC, an SDR may log that a lead decides today, and "this month"
// is the month there.
func TestAnswersAreReadOnTheDayOfTheLead(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(callStep+laterMail))
	said := []string{"2026-03-31", "this month"}
	leads := make([]leadfile.Lead, len(said))
	for i := range leads {
		leads[i] = person(i + 1)
		leads[i].Country, leads[i].Zones, leads[i].Phone = "US", []string{"America/New_York"}, fmt.Sprintf("+121255501%02d", i)
	}
	r.at(time.Date(2026, time.March, 31, 15, 0, 0, 0, time.UTC))
	ids := r.importLeads(leads...)
	r.tick()
	r.sendNow(cadence.ChannelCall, r.touchIDs("planned")...)
	r.at(time.Date(2026, time.April, 1, 1, 0, 0, 0, time.UTC))
	for i, id := range ids {
		var task int64
		r.scan(`SELECT id FROM tasks WHERE lead_id = $1`, []any{id}, &task)
		must(t, r.CompleteTask(r.ctx, TaskOutcome{TaskID: task, By: "mara", Disposition: cadence.Connected, Answers: map[string]string{"months_to_decision": said[i]}}))
		facts, err := store.Facts(r.ctx, r.pool, []int64{id})
		must(t, err)
		if got := facts[id][0].Value; got != predicate.Number(0) {
			t.Errorf("%q on the evening of 31 March in New York is %s months away", said[i], got)
		}
	}
}
