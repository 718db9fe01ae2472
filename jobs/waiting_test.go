package jobs

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// TestWaitingNamesWhatIsSpent: every allowance that can keep a due step has its reason and its figures.
func TestWaitingNamesWhatIsSpent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		settings []string // old, new of the starter's nurture.yaml
		reason   cadence.Reason
		words    string
	}{
		"day":     {[]string{"daily_cap: 120", "daily_cap: 2"}, cadence.ReasonCapacity, "mara@example.com: 2 of 2 today"},
		"hour":    {[]string{"daily_cap: 120", "daily_cap: 120\n    hourly_cap: 3"}, cadence.ReasonPace, "mara@example.com: 3 of 3 within an hour"},
		"warm-up": {[]string{"daily_cap: 120", "daily_cap: 120\n    warm_up: { from: 2026-02-27, start: 1, add: 1 }"}, cadence.ReasonWarmUp, "mara@example.com: 2 of 2 today, while it is warmed up"},
		"domain": {
			[]string{"# Without smtp", "mail: { per_domain: { Big.example: { per_hour: 4 } } }\n# Without smtp"},
			cadence.ReasonDomainLimit, "mail to big.example: 4 of 4 within an hour",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := firstSeven(mailStep + laterMail)
			files["nurture.yaml"] = starterFile(t, "nurture.yaml", c.settings...)
			r := newLiveRig(t, files)
			r.importPeople(20)
			r.exec(`UPDATE leads SET mailbox = 'mara@example.com', email = 'p' || id || '@big.example'`)
			r.at(tenOClock)
			r.tick()
			waiting := r.count(`SELECT min(lead_id) FROM enrollments WHERE NOT in_flight`)
			rows, err := store.LeadEnrollments(r.ctx, r.pool, int64(waiting))
			must(t, err)
			reason, words, err := r.Waiting(r.ctx, rows[0])
			must(t, err)
			if reason != c.reason || words != c.words {
				t.Errorf("%q %q, want %q %q", reason, words, c.reason, c.words)
			}
			// What limits the lead today has room again on the next day of sending.
			r.at(tenOClock.AddDate(0, 0, 1))
			if reason, words, err = r.Waiting(r.ctx, rows[0]); err != nil || reason != "" || words != "" {
				t.Errorf("the day after: %q %q %v", reason, words, err)
			}
		})
	}
}

// TestThrottledDomainDoesNotHoldOthers: mail to a domain beyond its limit waits, other mail of the same mailboxes goes, and the limit holds
// over all mailboxes and after it is lifted.
func TestThrottledDomainDoesNotHoldOthers(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + laterMail)
	free := starterFile(t, "nurture.yaml")
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "# Without smtp", "mail: { per_domain: { big.example: { per_day: 6 } } }\n# Without smtp")
	r := newLiveRig(t, files)
	r.importPeople(40)
	r.exec(`UPDATE leads SET email = 'p' || id || '@big.example' WHERE id <= (SELECT min(id) + 29 FROM leads)`)
	perDomain := func() (big, other int) {
		r.scan(`SELECT count(*) FILTER (WHERE address LIKE '%@big.example'), count(*) FILTER (WHERE address NOT LIKE '%@big.example') FROM touches`, nil, &big, &other)
		return big, other
	}
	r.at(tenOClock)
	r.tick()
	if big, other := perDomain(); big != 6 || other != 10 {
		t.Errorf("%d to the domain and %d others on the first day, want 6 and 10", big, other)
	}
	r.at(tenOClock.AddDate(0, 0, 1))
	r.tick()
	if big, _ := perDomain(); big != 12 {
		t.Errorf("%d to the domain on two days, want 12", big)
	}
	files["nurture.yaml"] = free
	r.goLive(starterWith(t, files))
	r.tick()
	if big, _ := perDomain(); big != 30 {
		t.Errorf("%d to the domain once its limit is lifted, want all 30", big)
	}
}

// TestManyResumedLeadsStayWithinTheCap: who ends many pauses at once blasts nobody.
func TestManyResumedLeadsStayWithinTheCap(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: 3")
	r := newLiveRig(t, files)
	r.importPeople(30)
	r.tick() // before any window opens
	order := func(event cadence.Event) {
		must(t, r.inTx(r.ctx, func(tx pgx.Tx, now time.Time) error {
			rows, err := tx.Query(r.ctx, `SELECT id FROM enrollments`)
			if err != nil {
				return err
			}
			ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
			if err != nil {
				return err
			}
			return r.apply(r.ctx, tx, now, allTransitions(ids, event), nil)
		}))
	}
	order(cadence.PausedByPerson{})
	r.at(tenOClock)
	order(cadence.ResumedByPerson{})
	r.tick()
	if n := r.count(`SELECT max(n) FROM (SELECT count(*) AS n FROM touches GROUP BY sender) s`); n != 3 {
		t.Errorf("%d mails of one mailbox, want 3", n)
	}
	r.noLeaks()
}

// TestPausedMailboxIsAnOutage: what fell due while a mailbox was paused is late by an outage of that mailbox alone.
func TestPausedMailboxIsAnOutage(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + "  - email: small-changes\n    after: 3 business days\n")
	files["cadences/first-seven.yaml"] += "misfire: { grace: 1 day, then: skip }\n"
	r := newLiveRig(t, files)
	r.importPeople(10)
	_, err := r.PauseSender(r.ctx, "mara@example.com", "", "test")
	must(t, err)
	for day := range 5 { // the planner is alive all the time
		for hour := range 24 {
			r.at(monday.AddDate(0, 0, day).Add(3*time.Hour + time.Duration(hour)*10*time.Minute))
			r.tick()
		}
	}
	_, err = r.ResumeSender(r.ctx, "mara@example.com")
	must(t, err)
	r.tick()
	mara := r.count(`SELECT count(*) FROM leads WHERE mailbox = 'mara@example.com'`)
	if n := r.count(`SELECT count(*) FROM touches WHERE sender = 'mara@example.com' AND step = 0 AND reason = 'misfired'`); n != mara || n == 0 {
		t.Errorf("%d touches of the paused mailbox are left out, want %d", n, mara)
	}
	if n := r.count(`SELECT count(*) FROM touches WHERE sender <> 'mara@example.com' AND reason = 'misfired'`); n != 0 {
		t.Errorf("%d touches of the other mailbox are left out", n)
	}
}
