package jobs

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/internal/leadfile"
)

// backlogSize is how many overdue touches the test lets drain: NURTURE_TEST_BACKLOG, else enough to see the promises in a few seconds.
func backlogSize(t *testing.T) int {
	t.Helper()
	text := os.Getenv("NURTURE_TEST_BACKLOG")
	if text == "" {
		return 2000
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

// overdue stores n enrolments that fell due, one after the other, while nothing planned for a week: each in a cadence whose intro was sent, or,
// every third, at its beginning. It returns when planning starts again.
func (r *rig) overdue(n int) time.Time {
	r.t.Helper()
	r.at(tenOClock)
	r.importPeople(1)
	r.tick() // notes the pulse, and pins the cadence's version
	r.exec(`DELETE FROM enrollments`)
	r.exec(`DELETE FROM leads`)
	mailboxes := mailboxesOf(r.cfg)
	r.exec(`INSERT INTO leads (key, email, first_name, last_name, country, zones, consent_email, mailbox, owner, stage, created_at, updated_at)
		SELECT 'late-' || i, 'p' || i || '@customer-' || i || '.example', 'Pat', 'Number', 'DE', '{Europe/Berlin}', $2, ($3::text[])[1 + i % $4],
			$5, 'nurturing', $2, $2 FROM generate_series(1, $1) i`, n, r.now(), mailboxes, len(mailboxes), ownersOf(r.cfg)[0])
	r.exec(`INSERT INTO cycles (lead_id, cycle, budget, started_at) SELECT id, 1, 7, $1 FROM leads`, r.now())
	r.exec(`INSERT INTO enrollments (lead_id, cadence_version_id, cycle, state, reason, step, run, due_local, due_zone, due_at, due_reason, channel, sender,
			priority, started_at)
		SELECT l.id, v.id, 1, 'active', 'enrolled', s.step, 1, d.at AT TIME ZONE 'Europe/Berlin', 'Europe/Berlin', d.at, 'step_delay', 'email', l.mailbox,
			2 - s.step, $1
		FROM leads l JOIN cadence_versions v ON v.cadence_key = 'first-seven' AND v.live
		CROSS JOIN LATERAL (SELECT CASE WHEN l.id % 3 = 0 THEN 0 ELSE 1 END AS step) s
		CROSS JOIN LATERAL (SELECT $1::timestamptz + interval '1 hour' + (l.id % 240) * interval '1 minute' + (l.id % 4) * interval '1 day' AS at) d`, r.now())
	r.exec(`ANALYZE`)
	end := tenOClock.Add(7 * 24 * time.Hour)
	r.at(end)
	return end
}

// drained is what was planned at an instant of the drain.
type drained struct {
	perSender, begun, first int // mails of the fullest mailbox, and how many of each priority
}

// drainHour ticks through an hour and sends what is planned by writing so into the ledger: the promises are the planner's here.
func (r *rig) drainHour() drained {
	r.t.Helper()
	from := r.now()
	for range 4 {
		r.tick()
		r.exec(`WITH sent AS (UPDATE touches SET state = 'sent', sent_at = planned_at WHERE state = 'planned' RETURNING enrollment_id)
			UPDATE enrollments e SET state = 'finished', reason = 'exhausted', in_flight = false FROM sent WHERE e.id = sent.enrollment_id`)
		r.exec(`DELETE FROM river_job`)
		r.pass(15 * time.Minute)
	}
	r.exec(`VACUUM ANALYZE touches, enrollments, river_job`) // as autovacuum would, which the tests' server goes without
	var d drained
	r.scan(`SELECT coalesce(max(n), 0), coalesce(sum(begun), 0), coalesce(sum(n) - sum(begun), 0) FROM (
		SELECT count(*) AS n, count(*) FILTER (WHERE step = 1) AS begun FROM touches WHERE planned_at >= $1 AND state <> 'skipped' GROUP BY sender) s`,
		[]any{from}, &d.perSender, &d.begun, &d.first)
	return d
}

// TestBacklogDrains: after a week's outage what fell due in it leaves over days, within each mailbox's day and hour, what was begun before what
// was not, nothing lost and nothing twice, and the planner never holds more than a bite of it.
func TestBacklogDrains(t *testing.T) {
	t.Parallel()
	n := backlogSize(t)
	const days, hoursADay = 5, 7
	perDay := n / 2 / days // for each of two mailboxes
	perHour := max(perDay/5, 1)
	files := firstSeven(mailStep + "  - email: case-study\n")
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "daily_cap: 120", fmt.Sprintf("daily_cap: %d\n    hourly_cap: %d", perDay, perHour))
	r := newLiveRig(t, files)
	start := r.overdue(n)
	heap, began := heapNow(), time.Now()
	var heapMost uint64
	for day := 0; r.count(`SELECT count(*) FROM enrollments WHERE state = 'active'`) > 0; day++ {
		if day > 3*days {
			t.Fatalf("after %d days %d wait still", day, r.count(`SELECT count(*) FROM enrollments WHERE state = 'active'`))
		}
		r.at(start.Add(time.Duration(day) * 24 * time.Hour))
		sent := 0
		for range hoursADay {
			left := r.count(`SELECT count(*) FROM enrollments WHERE state = 'active' AND step = 1`)
			d := r.drainHour()
			sent += d.begun + d.first
			if d.perSender > perHour {
				t.Errorf("day %d: %d mails of one mailbox in an hour, want at most %d", day+1, d.perSender, perHour)
			}
			if d.first > 0 && left > d.begun {
				t.Errorf("day %d: %d first mails left while %d begun ones waited", day+1, d.first, left-d.begun)
			}
			heapMost = max(heapMost, heapNow())
		}
		t.Logf("day %d: %d mails", day+1, sent)
		if fullest := r.count(`SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM touches GROUP BY sender, (planned_at AT TIME ZONE 'Europe/Berlin')::date) s`); fullest > perDay {
			t.Fatalf("%d mails of one mailbox in a day, want at most %d", fullest, perDay)
		}
	}
	t.Logf("%d touches drained, %v of planning and bookkeeping; the heap grew by %d KB at most", n, time.Since(began).Round(time.Millisecond), (int64(heapMost)-int64(heap))/1024)
	if sent := r.count(`SELECT count(DISTINCT enrollment_id) FROM touches WHERE state = 'sent'`); sent != n || r.count(`SELECT count(*) FROM touches`) != n {
		t.Errorf("%d of %d leads had their mail, by %d touches", sent, n, r.count(`SELECT count(*) FROM touches`))
	}
	if grown := int64(heapMost) - int64(heap); grown > 32<<20 {
		t.Errorf("the heap grew by %d MB over the drain", grown>>20)
	}
}

// heapNow is what is alive on the heap.
func heapNow() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestBacklogByPolicy: beyond its grace an outage's backlog is left out or dealt over the days; nothing of it is lost, and a lead's later
// steps follow.
func TestBacklogByPolicy(t *testing.T) {
	t.Parallel()
	for policy, check := range map[string]func(t *testing.T, r *rig, start time.Time, n int){
		"{ grace: 4 days, then: skip }": func(t *testing.T, r *rig, start time.Time, n int) {
			r.tick()
			// Down for a week: what fell due in its first three days is late beyond grace, the others are within.
			skipped := r.count(`SELECT count(*) FROM touches WHERE state = 'skipped' AND reason = 'misfired'`)
			beyond := r.count(`SELECT count(*) FROM leads WHERE id % 4 < 3`)
			if skipped == 0 || skipped != beyond {
				t.Errorf("%d touches are left out, want %d of %d", skipped, beyond, n)
			}
			if other := r.count(`SELECT count(*) FROM enrollments e WHERE state = 'active' AND NOT in_flight AND due_at <= $1`, start); other != 0 {
				t.Errorf("%d are still due", other)
			}
		},
		"{ grace: 1 day, then: spread, over: 4 business days }": func(t *testing.T, r *rig, start time.Time, n int) {
			var perDay []int
			for day := 0; day < 8; day++ {
				r.at(start.Add(time.Duration(day) * 24 * time.Hour))
				r.tick()
				if planned := r.count(`SELECT count(*) FROM touches WHERE planned_at >= $1`, start.Add(time.Duration(day)*24*time.Hour)); planned > 0 {
					perDay = append(perDay, planned)
				}
			}
			if len(perDay) != 4 {
				t.Fatalf("the days are %v, want four", perDay)
			}
			for _, planned := range perDay {
				if planned < n/8 || planned > n/2 {
					t.Errorf("the days are %v, want about the same on each", perDay)
				}
			}
			if planned := r.count(`SELECT count(DISTINCT lead_id) FROM touches`); planned != n || r.count(`SELECT count(*) FROM touches`) != n {
				t.Errorf("%d of %d leads have a touch, of %d", planned, n, r.count(`SELECT count(*) FROM touches`))
			}
		},
	} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			files := firstSeven(mailStep + "  - email: small-changes\n" + laterMail)
			files["cadences/first-seven.yaml"] += "misfire: " + policy + "\n"
			files["nurture.yaml"] = starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: 5000")
			r := newLiveRig(t, files)
			start := r.overdue(400)
			check(t, r, start, 400)
			r.noLeaks()
		})
	}
}

// TestPausedQueueKeepsThePace: what was planned while nobody sent does not leave at once when somebody does, but as the limits by the hour allow.
func TestPausedQueueKeepsThePace(t *testing.T) {
	t.Parallel()
	for what, change := range map[string][2]string{
		"a mailbox": {`"+493012345601" }`, `"+493012345601", hourly_cap: 3 }`},
		"a domain":  {"defaults:\n", "mail:\n  per_domain:\n    big.example: { per_hour: 3 }\ndefaults:\n"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			files := oneMailbox(t)
			files["nurture.yaml"] = strings.Replace(files["nurture.yaml"], change[0], change[1], 1)
			r := newLiveRig(t, files)
			people := make([]leadfile.Lead, 30)
			for i := range people {
				people[i] = person(i + 1)
				people[i].Email = fmt.Sprintf("p%d@big.example", i)
			}
			r.at(tenOClock.Add(-time.Hour))
			r.importLeads(people...)
			for range 5 { // the queue is paused, and the planner goes on
				r.pass(61 * time.Minute)
				r.tick()
			}
			for hour := range 3 {
				r.sendNow(cadence.ChannelEmail, r.touchIDs("planned")...)
				r.tick()
				r.sendNow(cadence.ChannelEmail, r.touchIDs("planned")...)
				if n := len(r.mail.messages()); n != 3*(hour+1) {
					t.Errorf("%d mails have left in the hour %d after the queue was resumed, want 3 an hour", n, hour+1)
				}
				r.pass(61 * time.Minute)
			}
		})
	}
}
