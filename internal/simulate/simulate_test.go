package simulate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/config"
	"nurture/examples"
	"nurture/internal/simulate"
	"nurture/store"
)

var monday = time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)

func starter(t *testing.T) *config.Config {
	t.Helper()
	cfg, err := config.Load(examples.Starter())
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// crowd is n leads at n/3 companies that nothing has happened to yet.
func crowd(cfg *config.Config, n int) *simulate.Population {
	leads := make([]store.NewLead, n)
	for i := range leads {
		site := fmt.Sprintf("site-%d.example.com", i/3)
		leads[i] = store.NewLead{AccountKey: site, Lead: store.Lead{
			Key: fmt.Sprintf("lead-%d", i), Email: fmt.Sprintf("p%d@%s", i, site), Phone: fmt.Sprintf("+49301234%05d", i), Country: "DE",
			Zones: []string{"Europe/Berlin"}, Mailbox: cfg.Settings.Senders[i%2].Email, Owner: cfg.Settings.Team.SDRs[i%2].Email, Origin: "inquiry",
			ConsentEmail: &monday,
		}}
		if i%2 == 0 {
			leads[i].ConsentVoicemail = &monday
		}
	}
	return simulate.NewPopulation(leads, nil, monday)
}

func options(cfg *config.Config, n, days int) simulate.Options {
	return simulate.Options{
		Config: cfg, Population: crowd(cfg, n), People: simulate.NewPeople(cfg, simulate.History{}, 1), Start: monday, Days: days, Desk: 20,
	}
}

// TestWorkersChangeNothing: however many goroutines decide, and however often it is run, the same touches are made in the same order.
func TestWorkersChangeNothing(t *testing.T) {
	t.Parallel()
	cfg := starter(t)
	run := func(workers int) (*simulate.Result, []simulate.Made) {
		var made []simulate.Made
		o := options(cfg, 1500, 90)
		o.Workers, o.Touched = workers, func(m simulate.Made) { made = append(made, m) }
		r, err := simulate.Run(o)
		if err != nil {
			t.Fatal(err)
		}
		return r, made
	}
	one, first := run(1)
	if len(first) < 3000 {
		t.Fatalf("only %d touches: nothing is shown by that", len(first))
	}
	for _, workers := range []int{2, 7} {
		many, second := run(workers)
		if diff := cmp.Diff(one, many, cmpopts.IgnoreUnexported(simulate.Result{})); diff != "" {
			t.Errorf("with %d workers the result is another:\n%s", workers, diff)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("with %d workers other touches are made", workers)
		}
	}
}

// TestPromisesOfARun: no day goes beyond its room, no cycle beyond its budget, nobody is lost, and days add up to totals.
func TestPromisesOfARun(t *testing.T) {
	t.Parallel()
	cfg := starter(t)
	o := options(cfg, 900, 400)
	o.Desk = 1
	r, err := simulate.Run(o)
	if err != nil {
		t.Fatal(err)
	}
	var promoted, answered int
	for _, d := range r.Days {
		if d.Emails > d.EmailRoom || d.Voicemails > d.VoicemailRoom || d.Calls > d.CallRoom || d.Worked > d.CallRoom {
			t.Errorf("%s goes beyond its room: %+v", d.Date.Format(time.DateOnly), d)
		}
		if weekend := d.Date.Weekday() == time.Saturday || d.Date.Weekday() == time.Sunday; weekend && d.Emails+d.Worked > 0 {
			t.Errorf("on %s %d mails leave and %d tasks are done", d.Date.Format("Mon 2 Jan"), d.Emails, d.Worked)
		}
		promoted, answered = promoted+d.Promoted, answered+d.Accepted+d.Rejected
	}
	if len(r.Budget) > 8 {
		t.Errorf("a cycle used %d touches of a budget of 7", len(r.Budget)-1)
	}
	if promoted == 0 || answered == 0 || answered > promoted {
		t.Errorf("%d promoted, of which sales answered %d", promoted, answered)
	}
	if sum := r.Active + r.LongTerm + r.Paused + r.WithSales + r.Ended + r.InLine; sum != 900 || r.InLine != 0 {
		t.Errorf("%d of 900 leads are accounted for, %d are in no cadence", sum, r.InLine)
	}
}

// TestBands: several seeds give bands that hold their means, and another first seed gives other figures.
func TestBands(t *testing.T) {
	t.Parallel()
	cfg := starter(t)
	s, err := simulate.Study(options(cfg, 200, 60), simulate.History{}, 1, 5, simulate.ByWeek)
	if err != nil {
		t.Fatal(err)
	}
	emails := s.Of("emails")
	if emails == nil || emails.Total.Low > emails.Total.Mean || emails.Total.Mean > emails.Total.High || emails.Total.Low == emails.Total.High {
		t.Errorf("the band of 5 seeds is %+v", emails)
	}
	if len(s.Periods) != 9 || s.Periods[0].Name != "2026-W02" || s.Periods[0].Days != 7 || s.Periods[0].Workdays != 5 || s.Periods[0].EmailRoom != 5*20*240 {
		t.Errorf("60 days from a Monday on are cut into %d weeks, the first %+v", len(s.Periods), s.Periods[0])
	}
	again, err := simulate.Study(options(cfg, 200, 60), simulate.History{}, 1, 5, simulate.ByWeek)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, again); diff != "" {
		t.Errorf("the same seeds gave other figures:\n%s", diff)
	}
	other, err := simulate.Study(options(cfg, 200, 60), simulate.History{}, 2, 5, simulate.ByWeek)
	if err != nil {
		t.Fatal(err)
	}
	if cmp.Equal(s.Series, other.Series) {
		t.Error("other seeds gave the same figures")
	}
}

// TestCompare: what is not changed makes no difference, and what is changed makes one with the right sign.
func TestCompare(t *testing.T) {
	t.Parallel()
	cfg := starter(t)
	same, err := simulate.Compare(options(cfg, 200, 90), starter(t), simulate.History{}, 1, 3, simulate.ByMonth)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range same.Difference {
		if s.Total != (simulate.Band{}) {
			t.Errorf("the same configuration makes a difference of %+v %s", s.Total, s.Label)
		}
	}
	shorter := starter(t)
	plan := shorter.Plans["first-seven"]
	plan.Steps = plan.Steps[:3]
	shorter.Plans["first-seven"], shorter.PlanHash["first-seven"] = plan, "changed"
	less, err := simulate.Compare(options(cfg, 200, 60), shorter, simulate.History{}, 1, 3, simulate.ByMonth)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range less.Difference {
		if s.Key == "emails" && s.Total.High >= 0 {
			t.Errorf("without their later steps cadences send %+v mails more", s.Total)
		}
	}
}

// TestInsideFinishes: who is in a cadence that is changed finishes on the version that it is on; who comes new gets the new one.
func TestInsideFinishes(t *testing.T) {
	t.Parallel()
	cfg, changed := starter(t), starter(t)
	due := monday.Add(10 * time.Hour)
	local := time.Date(2026, time.January, 5, 11, 0, 0, 0, time.UTC)
	pop := crowd(cfg, 40)
	for i := range pop.People[:20] {
		p := &pop.People[i]
		p.IntakeAt, p.Lead.Stage = nil, string(cadence.StageNurturing)
		p.Inside = &simulate.Inside{Version: -1, Enrollment: store.Enrollment{
			ID: int64(i + 1), CadenceVersionID: 1, CadenceKey: "first-seven", Cycle: 1, State: string(cadence.Running), Reason: string(cadence.ReasonEnrolled),
			Step: 6, Run: 1, LastRun: 1, DueLocal: &local, DueZone: "Europe/Berlin", DueAt: &due, DueReason: string(cadence.ReasonStepDelay), Attempts: 2,
			Budget: 7, Lead: p.Lead,
		}}
	}
	plan := changed.Plans["first-seven"]
	plan.Steps = plan.Steps[:1]
	changed.Plans["first-seven"], changed.PlanHash["first-seven"] = plan, "changed"
	o := simulate.Options{Config: cfg, Population: pop, Start: monday, Days: 4}
	c, err := simulate.Compare(o, changed, simulate.History{}, 1, 1, simulate.ByDay)
	if err != nil {
		t.Fatal(err)
	}
	// On the first day the 20 inside get their last mail in both, and the 20 that come new their first one.
	if base, then := c.Base.Of("emails").Periods[0].Mean, c.Changed.Of("emails").Periods[0].Mean; base != 40 || then != 40 {
		t.Errorf("%v mails as it is and %v changed, want 40 in both", base, then)
	}
}

// TestWrittenSharesHold: what simulate.yaml says holds whatever the history is; what it leaves open comes from there.
func TestWrittenSharesHold(t *testing.T) {
	t.Parallel()
	cfg := starter(t)
	cfg.Simulation.Email = config.Rates{cadence.Reply: 0.5}
	cfg.Simulation.Call = config.Rates{cadence.Connected: 0.7}
	history := simulate.History{Steps: []simulate.StepHistory{
		{Cadence: "first-seven", Step: "intro", Channel: cadence.ChannelEmail, Counted: simulate.Counted{
			N: 10_000, Outcomes: map[cadence.ResponseKind]int{cadence.Reply: 100, cadence.Click: 4_000},
		}},
	}}
	people := simulate.NewPeople(cfg, history, 1)
	plan := cfg.Plans["first-seven"]
	count := func(step int) map[cadence.ResponseKind]int {
		n := map[cadence.ResponseKind]int{}
		shares := people.Step(plan.Key, plan.Steps[step])
		for i := range 20_000 {
			who := simulate.WhoIs(fmt.Sprint(i))
			if plan.Steps[step].Kind == cadence.StepEmail {
				n[people.OnMail(who, shares, 1, monday).Kind]++
			} else {
				n[people.OnCall(who, shares, 1, false, monday).Disposition]++
			}
		}
		return n
	}
	near := func(what string, n, want int) {
		if n < want*93/100 || n > want*107/100 {
			t.Errorf("%s: %d of 20,000, want about %d", what, n, want)
		}
	}
	mails := count(0)
	near("replies as written", mails[cadence.Reply], 10_000)
	near("clicks as in the history", mails[cadence.Click], 8_000)
	near("connected as written", count(2)[cadence.Connected], 14_000)
}

// TestConversations: a lead that is ready gives answers that promote it, one that is ruled out answers that close it, and others neither.
func TestConversations(t *testing.T) {
	t.Parallel()
	cfg := starter(t)
	certain, never := 1.0, 0.0
	cfg.Simulation.Call = config.Rates{cadence.Connected: 1}
	for _, c := range []struct {
		name string
		talk config.Talk
		want string
	}{
		{"ready", config.Talk{Ready: &certain, RuledOut: &never, Complete: &certain}, "promoted"},
		{"incomplete", config.Talk{Ready: &certain, RuledOut: &never, Complete: &never}, "blocked"},
		{"ruled out", config.Talk{Ready: &never, RuledOut: &certain}, "closed"},
		{"not yet", config.Talk{Ready: &never, RuledOut: &never}, "kept"},
	} {
		cfg.Simulation.Talks = map[cadence.ResponseKind]config.Talk{cadence.Connected: c.talk, cadence.MeetingSet: c.talk}
		o := options(cfg, 60, 30)
		o.People = simulate.NewPeople(cfg, simulate.History{}, 3)
		r, err := simulate.Run(o)
		if err != nil {
			t.Fatal(err)
		}
		promoted, blocked := 0, 0
		for _, d := range r.Days {
			promoted, blocked = promoted+d.Promoted, blocked+d.Blocked
		}
		got := map[string]bool{"promoted": promoted > 20, "blocked": blocked > 20, "closed": r.Ends[cadence.EndDisqualified] > 20}
		got["kept"] = promoted+blocked+r.Ends[cadence.EndDisqualified] == 0
		for name, is := range got {
			if is != (name == c.want) {
				t.Errorf("%s: %s is %v (%d promoted, %d blocked, %v)", c.name, name, is, promoted, blocked, r.Ends)
			}
		}
	}
}

func TestDeskQuota(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]int{
		"2026-01-05T06:59:00Z": 0, "2026-01-05T07:00:00Z": 5, "2026-01-05T08:00:00Z": 10, "2026-01-05T16:00:00Z": 50, "2026-01-05T16:59:00Z": 50,
		"2026-01-05T17:00:00Z": 0, "2026-01-10T10:00:00Z": 0,
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if _, n := simulate.DeskQuota(50, berlin, now); n != want {
			t.Errorf("at %s an SDR of 50 tasks a day has had time for %d, want %d", at, n, want)
		}
	}
}

// TestAnswersRead: what people say, as an SDR types it, reads as the value that the simulation goes by.
func TestAnswersRead(t *testing.T) {
	t.Parallel()
	cfg := starter(t)
	certain := 1.0
	cfg.Simulation.Talks = map[cadence.ResponseKind]config.Talk{cadence.MeetingSet: {Ready: &certain, Complete: &certain}}
	cfg.Simulation.Asked = config.Rates{cadence.MeetingSet: 1}
	o := simulate.NewPeople(cfg, simulate.History{}, 1).OnAsked(simulate.WhoIs("k"), 1, false, monday)
	if !o.Ready || len(o.Answers) != len(cfg.Definition.Criteria)+len(cfg.Definition.Dossier) {
		t.Fatalf("a lead that is ready answers %d questions of %d", len(o.Answers), len(cfg.Definition.Criteria)+len(cfg.Definition.Dossier))
	}
	read := map[string]predicate.Value{}
	for _, c := range cfg.Definition.Criteria {
		for _, a := range o.Answers {
			if a.Key == c.Key {
				value, err := c.ParseAnswer(a.Text, monday)
				if err != nil {
					t.Error(err)
				}
				read[c.Key] = value
				if value != a.Value {
					t.Errorf("%s: %q reads as %v, not %v", c.Key, a.Text, value, a.Value)
				}
			}
		}
	}
	if len(read) != len(cfg.Definition.Criteria) {
		t.Errorf("only %d of %d criteria are answered", len(read), len(cfg.Definition.Criteria))
	}
}
