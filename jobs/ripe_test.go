package jobs

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/examples"
	"nurture/internal/pgtest"
	"nurture/store"
)

// TestRipeLeadsAreSpread: many leads that an upgrade finds ready by time alone come to their SDRs a few a day, whose words are newest first, and none is lost.
func TestRipeLeadsAreSpread(t *testing.T) {
	t.Parallel()
	const aDay, days = 2, 4
	const n = aDay * days
	berlin, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	settings, err := fs.ReadFile(examples.Starter(), "nurture.yaml")
	must(t, err)
	files := firstSeven(mailStep + laterMail)
	files["nurture.yaml"] = strings.Replace(strings.Replace(string(settings), "daily_calls: 50", fmt.Sprintf("daily_calls: %d", aDay*ripeShare), 1), `
    - name: Jonas Weber
      email: jonas@example.com
      daily_calls: 50`, "", 1)
	r := newLiveRig(t, files)
	r.at(tenOClock)
	leads := r.importPeople(n)
	r.tick()
	for _, lead := range leads {
		r.respond(lead, cadence.Connected, r.saysWhen("14"))
	}
	r.evaluateAll()
	for i, lead := range leads { // the last ones' words are the newest
		r.exec(`UPDATE facts SET at = at + $2 * interval '1 day' WHERE lead_id = $1`, lead, i)
	}
	r.exec(`UPDATE lead_turns SET at = to_timestamp(0)`)
	wednesday := tenOClock.AddDate(0, 9, 0) // 2 December
	r.at(wednesday)
	for r.tick() > 0 {
	}
	slices.Reverse(leads)
	due := func(lead int64) string {
		tasks, err := store.LeadTasks(r.ctx, r.pool, lead)
		must(t, err)
		tasks = slices.DeleteFunc(tasks, func(k store.Task) bool { return k.Kind != cadence.TaskVerify })
		if len(tasks) != 1 {
			t.Fatalf("lead %d has the tasks %+v", lead, tasks)
		}
		now := " now"
		if from := tasks[0].NotBefore; from != nil {
			now = from.In(berlin).Format(" 2 15:04")
		}
		return tasks[0].DueAt.Format("Mon 2 Jan") + now
	}
	for i, want := range []string{"Thu 3 Dec now", "Fri 4 Dec 4 00:00", "Mon 7 Dec 7 00:00", "Tue 8 Dec 8 00:00"} {
		for _, lead := range leads[i*aDay : (i+1)*aDay] {
			if got := due(lead); got != want {
				t.Errorf("the task about lead %d is due %s, want %s", lead, got, want)
			}
			if got := r.lead(lead).Readiness; got != "near_term" {
				t.Errorf("lead %d is %s", lead, got)
			}
		}
	}
	if n := r.count(`SELECT count(*) FROM lead_turns`); n != 0 {
		t.Errorf("%d turns are left", n)
	}
	r.noLeaks()
	last := leads[n-1]
	r.respond(last, cadence.Click)
	r.evaluateAll()
	if got := due(last); got != "Thu 3 Dec now" {
		t.Errorf("the lead has opened a link, and the task is due %s", got)
	}
}

// TestNewestWordsAreWeighedFirst: after the upgrade, among the leads that are all to be weighed once.
func TestNewestWordsAreWeighedFirst(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t, "newest words first", func(ctx context.Context, url string) error {
		pool, err := store.Open(ctx, url, 1)
		if err != nil {
			return err
		}
		defer pool.Close()
		provider, err := migrator(pool)
		if err != nil {
			return err
		}
		defer provider.Close()
		if _, err = provider.UpTo(ctx, 35); err != nil {
			return err
		}
		_, err = pool.Exec(ctx, `INSERT INTO leads (key, intake_at, created_at, updated_at) SELECT 'lead-' || n, now(), now(), now() FROM generate_series(1, 3) AS n;
			INSERT INTO facts (lead_id, criterion, value, class, by, at) SELECT id, 'need', '"x"', 1, 'lead', timestamptz '2026-01-01' + (CASE key WHEN 'lead-2' THEN 5 WHEN 'lead-3' THEN 9 ELSE 1 END) * interval '1 day' FROM leads;
			INSERT INTO lead_turns (lead_id, at) SELECT id, to_timestamp(0) FROM leads WHERE key <> 'lead-1';
			INSERT INTO lead_turns (lead_id, at) SELECT id, '2026-05-01' FROM leads WHERE key = 'lead-1'`)
		if err != nil {
			return err
		}
		_, err = provider.Up(ctx)
		return err
	})
	pool, err := store.Open(t.Context(), url, 1)
	must(t, err)
	defer pool.Close()
	due, err := store.DueTurns(t.Context(), pool, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), 10)
	must(t, err)
	if !slices.Equal(due, []int64{3, 2, 1}) {
		t.Errorf("weighed in the order %d", due)
	}
}
