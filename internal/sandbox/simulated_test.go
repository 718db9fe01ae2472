package sandbox

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"nurture/cadence"
	"nurture/config"
	"nurture/internal/leadfile"
	"nurture/internal/simulate"
	"nurture/internal/startertest"
	"nurture/jobs"
)

// tightConfig is the starter with capacities that bite, people who answer a lot, and a cadence with a branch for some.
func tightConfig(t *testing.T) *config.Config {
	t.Helper()
	all := startertest.Files(t, nil)
	edit := func(path string, pairs ...string) {
		text := string(all[path].Data)
		for i := 0; i < len(pairs); i += 2 {
			if !strings.Contains(text, pairs[i]) {
				t.Fatalf("%s does not contain %q", path, pairs[i])
			}
			text = strings.Replace(text, pairs[i], pairs[i+1], 1)
		}
		all[path] = &fstest.MapFile{Data: []byte(text)}
	}
	edit("nurture.yaml",
		"    daily_cap: 120\n", "    daily_cap: 26\n    hourly_cap: 9\n    warm_up: { from: 2026-01-05, start: 6, add: 4 }\n",
		"    daily_cap: 120\n", "    daily_cap: 20\n",
		"    daily_calls: 50\n", "    daily_calls: 14\n", "    daily_calls: 50\n", "    daily_calls: 9\n",
		"compliance:\n", "mail:\n  per_domain: { bigco.example.com: { per_day: 4, per_hour: 3 } }\n\ncompliance:\n", "  by_country:\n", "  by_country:\n    US-CA: { max_per_day: 1 }\n",
		"  # frequency: { touches: 4, per: 7 days }", "  frequency: { touches: 2, per: 6 days }")
	edit("cadences/first-seven.yaml", "intake: { per_day: 60 }", "intake: { per_day: 25 }", "  - call: discovery\n    after: 2 business days\n", "  - call: discovery\n    after: 4 hours\n", "after: 4 business days\n  - email: leave-it-here\n    after: 4 business days",
		"after: 1 business day\n  - email: leave-it-here\n    after: 20 hours")
	edit("cadences/event-follow-up.yaml", "intake: manual", "audience: { lead.source: { is: trade show }, stage: { in: [inquiry, recycled] } }\nintake: { per_day: 6 }")
	edit("cadences/long-game.yaml", "after: 15 weeks", "after: 9 days", "after: 15 weeks", "after: 2 weeks")
	all["simulate.yaml"] = &fstest.MapFile{Data: []byte(`
email: { reply: 9%, soft_bounce: 6%, out_of_office: 7%, hard_bounce: 2%, unsubscribe: 1.5%, click: 8% }
call: { connected: 22%, meeting_set: 5%, not_now: 6%, wrong_number: 4%, do_not_call: 2%, call_back_later: 6% }
steps:
  first-seven: { case-study: { reply: 20% } }
conversations:
  connected: { ready: 25%, ruled_out: 6%, complete: 50% }
sales: { accept: 60%, within: 30 hours }
`)}
	cfg, err := config.Load(all)
	must(t, err)
	return cfg
}

// crowd makes up leads, some of whom share what couples them: a mail domain with a throttle, a phone, an address.
func crowd(seed int64, n int) []leadfile.Row {
	rows := people(chance{seed}, n, Start)
	for i := range rows {
		l := &rows[i].Lead
		if i%5 == 2 {
			l.Email = fmt.Sprintf("person.%d@bigco.example.com", i)
		}
		if i%11 == 3 && l.Country != "US" && rows[i-1].Lead.Country != "US" { // where calls to a number are counted it would depend on who is faster
			l.Phone = rows[i-1].Lead.Phone
		}
		if i%37 == 5 {
			l.Email = rows[i-2].Lead.Email
		}
		if i%13 == 6 {
			l.Phone = ""
		}
		if i%17 == 8 {
			l.Email = ""
		}
		if i%23 == 9 {
			l.OptedOut.Email = true
		}
		if i%19 == 4 {
			l.Facts = map[string]string{"major_hazards": "yes"}
		}
	}
	return rows
}

// TestSimulationEqualsEngine: the simulation makes exactly the touches that the real engine makes on the same clock, with the same people, each at
// the same instant.
func TestSimulationEqualsEngine(t *testing.T) {
	t.Parallel()
	const leads, days = 500, 60
	result, w, touches := sameTouches(t, tightConfig(t), crowd(7, leads), 7, days)
	bites(t, result, touches, 4*leads)
	w.goesOn(leads, touches)
}

// sameTouches lets the simulation and the engine live through the same days, and compares what they made; touches is how many.
func sameTouches(t *testing.T, cfg *config.Config, rows []leadfile.Row, seed int64, days int) (result *simulate.Result, w *twin, touches int) {
	t.Helper()
	const step = time.Hour
	folk := simulate.NewPeople(cfg, simulate.History{}, seed)
	var simulated []simulate.Made
	stored, facts := jobs.LeadsOf(rows, cfg, Start)
	result, err := simulate.Run(simulate.Options{
		Config: cfg, Population: simulate.NewPopulation(stored, facts, Start), People: folk, Start: Start, Days: days, Step: step,
		Touched: func(m simulate.Made) { simulated = append(simulated, m) },
	})
	must(t, err)
	sortMade(simulated)

	w = newTwin(t, cfg, folk, rows, Start, step)
	w.live(Start, days)
	real := w.made()
	zone, err := time.LoadLocation(cfg.Settings.Zone)
	must(t, err)
	if diff := gocmp.Diff(perDay(real, zone), perDay(simulated, zone)); diff != "" {
		t.Errorf("touches per day and channel (-engine +simulation):\n%s", diff)
	}
	if diff, leads := firstDifference(real, simulated); diff != "" {
		t.Error(diff)
		for _, key := range leads {
			t.Log(w.story(key))
		}
	}
	return result, w, len(real)
}

// goesOn checks that a simulation can begin with what the engine has come to, and learns from how people answered.
func (w *twin) goesOn(leads, touches int) {
	w.t.Helper()
	history, err := w.engine.AnswerHistory(w.ctx)
	must(w.t, err)
	if n := history.Touches(); n < touches/2 || n > touches {
		w.t.Errorf("the history tells of %d touches of %d", n, touches)
	}
	mails, replies := 0, 0
	for _, s := range history.Steps {
		if s.Channel == cadence.ChannelEmail {
			mails, replies = mails+s.N, replies+s.Outcomes[cadence.Reply]
		}
	}
	if share := float64(replies) / float64(mails); share < 0.06 || share > 0.16 { // 9 %, of one step 20 %
		w.t.Errorf("%d of %d mails were replied to, by the history", replies, mails)
	}
	if history.Accepted == 0 || history.Rejected == 0 || history.Means.N == 0 || history.Asked.N == 0 || history.Talks[cadence.Connected].Promoted == 0 {
		w.t.Errorf("the history lacks something: %+v", history)
	}
	population, cfg, err := w.engine.Population(w.ctx)
	must(w.t, err)
	r, err := simulate.Run(simulate.Options{
		Config: cfg, Population: population, People: simulate.NewPeople(cfg, history, 1), Start: w.clock.Now(), Days: 30,
	})
	must(w.t, err)
	if r.Leads != leads || r.Inside == 0 {
		w.t.Errorf("%d leads of %d go on, %d of them inside", r.Leads, leads, r.Inside)
	}
	emails, worked := 0, 0
	for _, d := range r.Days {
		emails, worked = emails+d.Emails, worked+d.Worked
	}
	if emails == 0 || worked == 0 {
		w.t.Errorf("in 30 days more there are %d mails and %d tasks done", emails, worked)
	}
}

// bites checks that what is compared is worth it: capacities ran short, and people did all kinds of things.
func bites(t *testing.T, r *simulate.Result, touches, least int) {
	t.Helper()
	var waited, moved, promoted, rejected, expired, blocked int
	for _, d := range r.Days {
		waited, moved, promoted, rejected, expired, blocked = waited+d.Waiting, moved+d.Moved, promoted+d.Promoted, rejected+d.Rejected, expired+d.Expired, blocked+d.Blocked
	}
	for name, n := range map[string]int{
		"touches, more than a few": max(touches-least, 0), "waits for capacity": waited, "moves": moved, "promotions": promoted, "rejections by sales": rejected,
		"expired tasks": expired, "incomplete dossiers": blocked, "calls over the limit": r.Skipped[cadence.ReasonCallLimit],
		"voicemails without consent": r.Skipped[cadence.ReasonNoConsent], "opt-outs": r.Ends[cadence.EndOptedOut],
		"spent budgets": r.Finished[cadence.ReasonBudgetSpent], "soft bounces": r.Responses[cadence.SoftBounce],
		"callbacks": r.Responses[cadence.CallBackLater], "out-of-office replies": r.Responses[cadence.OutOfOffice],
	} {
		if n == 0 {
			t.Errorf("there were no %s: nothing is shown of them", name)
		}
	}
}

// perDay counts touches by day and channel.
func perDay(all []simulate.Made, zone *time.Location) map[string]int {
	n := map[string]int{}
	for _, m := range all {
		n[m.At.In(zone).Format(time.DateOnly)+" "+string(m.Channel)]++
	}
	return n
}

// firstDifference names the first instant at which not the same touches were made, and which those are; "" when there is none.
func firstDifference(real, simulated []simulate.Made) (diff string, leads []string) {
	only := map[simulate.Made]int{}
	for _, m := range real {
		only[m]++
	}
	for _, m := range simulated {
		only[m]--
	}
	var first time.Time
	for m, n := range only {
		if n != 0 && (first.IsZero() || m.At.Before(first)) {
			first = m.At
		}
	}
	if first.IsZero() {
		return "", nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "of %d touches the first that differ are at %s:", len(real), first.Format(time.DateTime))
	for m, n := range only {
		if n != 0 && m.At.Equal(first) {
			leads = append(leads, m.Lead)
			fmt.Fprintf(&b, "\n  %s %s %s: %+d by the engine", m.Lead, m.Channel, m.Step, n)
		}
	}
	return b.String(), leads
}
