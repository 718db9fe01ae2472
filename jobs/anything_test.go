package jobs

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels"
	"nurture/config"
	"nurture/internal/leadfile"
	"nurture/internal/provenance"
	"nurture/internal/token"
	"nurture/store"
)

// company is a life in which people also do whatever the program lets them do: they change what is live, take it back, stop and move leads,
// suppress and erase, and lose processes.
type company struct {
	*life
	other *rig       // another process on the same database, with what it remembers; nil: there is none
	mu    sync.Mutex // of all below
	cfgs  []*config.Config
	fates map[int64][]channels.Outcome // what became of each time that a touch was handed over
	acts  []string                     // what was done, for whoever reads a failure
}

// shared is a source of chance for several at once.
type shared struct {
	mu     sync.Mutex
	source rand.Source
}

func (s *shared) Uint64() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.source.Uint64()
}

// What every configuration of a company allows: a mailbox a day and in an hour, the mails to a domain a day, and a lead in seven days.
const (
	mostADay    = 5
	mostAnHour  = 3
	mostADomain = 2
	mostAWeek   = 3
)

// TestWhateverPeopleDo holds the promises of TestNobodyFallsOut, and those about caps, windows and doubles, while people do what they like.
func TestWhateverPeopleDo(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			workSomeWeeks(t, seed, 30, 1)
		})
	}
}

// TestWhateverPeopleDoAtOnce is TestWhateverPeopleDo with three things at a time, in two processes.
func TestWhateverPeopleDoAtOnce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			workSomeWeeks(t, seed, 20, 3)
		})
	}
}

func workSomeWeeks(t *testing.T, seed uint64, days, atOnce int) {
	t.Helper()
	random := rand.New(&shared{source: rand.NewPCG(seed, 31)})
	c := &company{life: &life{rig: newRig(t), random: random, refuse: refused}, fates: map[int64][]channels.Outcome{}}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(strings.Join(c.acts, "\n"))
		}
	})
	if atOnce > 1 {
		c.other = rigOn(t, c.url, func(o *Options) {
			o.Now, o.Worker.ID = c.clock.Now, "w2"
			o.Channels = map[cadence.Channel]channels.Channel{cadence.ChannelEmail: c.mail, cadence.ChannelVoicemail: c.voice}
		})
	}
	for range 8 {
		c.cfgs = append(c.cfgs, c.someConfig())
	}
	c.goLive(c.cfgs[0])
	people := make([]leadfile.Lead, 14)
	for i := range people {
		people[i] = customer(i + 1)
	}
	c.leads = c.importLeads(people...)
	for range days {
		c.dayAtWork(atOnce)
	}
}

// customer is a person who has a colleague, and perhaps no phone or another country.
func customer(i int) leadfile.Lead {
	p := person(i)
	p.Account = person((i + 1) / 2).Account
	if i%5 == 0 {
		p.Phone = ""
	}
	if i%3 == 0 {
		p.Email = fmt.Sprintf("p%03d@big.example", i)
	}
	if i%4 == 0 {
		p.Zones, p.Country = []string{"America/New_York"}, "US"
	}
	return p
}

// dayAtWork is a day with a few acts of people between what the program does, so many things at once.
func (c *company) dayAtWork(atOnce int) {
	things := []func(){
		func() { c.tick() }, c.carryOut, c.speak, c.evaluateAll, c.workDesk, c.evaluateAll, c.sell, c.evaluateAll, func() { must(c.t, c.Recover(c.ctx)) },
	}
	for range 3 * atOnce {
		things = slices.Insert(things, c.random.IntN(len(things)+1), c.act)
	}
	if c.other != nil {
		things = append(things, func() { c.other.tick() }, func() { c.carryOutBy(c.other) }, c.other.evaluateAll, func() { must(c.t, c.other.Recover(c.ctx)) })
		c.random.Shuffle(len(things), func(i, j int) { things[i], things[j] = things[j], things[i] })
	}
	for len(things) > 0 {
		n := min(len(things), atOnce)
		var several sync.WaitGroup
		for _, thing := range things[:n] {
			several.Go(thing)
		}
		several.Wait()
		if c.t.Failed() {
			c.t.FailNow()
		}
		things = things[n:]
		c.noLeaks()
		c.check()
		c.checkLimits()
	}
	if c.random.IntN(12) == 0 {
		c.pass(9 * 24 * time.Hour) // everything was down
	}
	c.pass(time.Duration(20+c.random.IntN(3000)) * time.Minute)
}

// carryOut is life's, with a channel that remembers what became of what it was handed, and processes that die with touches in hand.
func (c *company) carryOut() { c.carryOutBy(c.rig) }

func (c *company) carryOutBy(r *rig) {
	fate := func(m channels.Message) channels.Receipt {
		o := channels.Sent
		if m.TouchID <= 0 {
			return channels.Receipt{Outcome: o} // a dossier arrives
		}
		switch c.random.IntN(14) {
		case 0:
			o = channels.Temporary
		case 1:
			o = channels.Permanent
		case 2:
			o = channels.Unknown
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, before := range c.fates[m.TouchID] {
			if before == channels.Sent || before == channels.Unknown {
				c.t.Errorf("%s: touch %d goes out again: it was %v", c.clock.Now(), m.TouchID, c.fates[m.TouchID])
			}
		}
		c.fates[m.TouchID] = append(c.fates[m.TouchID], o)
		return channels.Receipt{Outcome: o, Detail: "as it came"}
	}
	c.mail.set(fate)
	c.voice.set(fate)
	for _, channel := range []cadence.Channel{cadence.ChannelEmail, cadence.ChannelVoicemail, cadence.ChannelCall} {
		ids := slices.DeleteFunc(r.plannedOf(channel), func(int64) bool { return c.random.IntN(6) == 0 })
		r.sendNow(channel, ids...)
	}
}

// act lets somebody do something.
func (c *company) act() {
	acts := []struct {
		name string
		do   func() error
	}{
		{"apply", c.applySome},
		{"roll back", c.rollBack},
		{"pause or resume a sender", c.pauseSender},
		{"pause a lead", func() error {
			until := c.clock.Now().Add(time.Duration(1+c.random.IntN(500)) * time.Hour)
			return c.PauseLead(c.ctx, c.someLead(), &until)
		}},
		{"resume a lead", func() error { return c.ResumeLead(c.ctx, c.someLead()) }},
		{"move a lead", func() error { return c.MoveLead(c.ctx, c.someLead(), c.someCadence()) }},
		{"enrol a lead", func() error { return c.Enroll(c.ctx, []int64{c.someLead()}, c.someCadence()) }},
		{"move a stage", func() error {
			all := []cadence.Stage{cadence.StageNurturing, cadence.StageRecycled, cadence.StageDisqualified, cadence.StageWon}
			_, err := c.MoveStage(c.ctx, c.someLead(), all[c.random.IntN(len(all))], "mara@example.com", "it was so")
			return err
		}},
		{"erase a lead", func() error {
			if c.random.IntN(4) > 0 {
				return nil
			}
			return c.EraseLead(c.ctx, c.someLead())
		}},
		{"suppress", c.suppressSome},
		{"import again", c.importAgain},
		{"lose a process", c.loseProcess},
		{"work on a task", c.holdSome},
		{"report an outcome", c.reportSome},
		{"reassign a handoff", func() error {
			open, err := store.Handoffs(c.ctx, c.pool, store.HandoffEscalated, "", 0)
			if err != nil || len(open) == 0 {
				return err
			}
			return c.ReassignHandoff(c.ctx, open[0].ID, "tomas@example.com")
		}},
		{"use a link", c.useLink},
		{"write back", c.writeBack},
		{"see to the inbox", c.seeToInbox},
		{"see to referrals", c.seeToReferrals},
		{"correct fields", c.correctFields},
		{"look", c.look},
		{"settle what is unknown", func() error {
			unknown := c.touchIDs("unknown")
			if len(unknown) == 0 {
				return nil
			}
			return c.SettleUnknown(c.ctx, unknown[c.random.IntN(len(unknown))], true)
		}},
	}
	a := acts[c.random.IntN(len(acts))]
	err := a.do()
	c.mu.Lock()
	c.acts = append(c.acts, fmt.Sprintf("%s %s: %v", c.clock.Now().Format(time.RFC3339), a.name, err))
	c.mu.Unlock()
	if err != nil && !refused(err) {
		c.t.Fatalf("%s: %s: %v", c.clock.Now(), a.name, err)
	}
}

// refused says whether an error tells somebody that what was asked for cannot be.
func refused(err error) bool {
	var stage *StageRefused
	var outcome OutcomeMistake
	if errors.As(err, &stage) || errors.As(err, &outcome) {
		return true
	}
	return slices.ContainsFunc([]error{
		ErrEnrolled, ErrEnded, ErrNotEnrolled, ErrNoCadence, ErrNotReady, ErrTaken, ErrBadTime, ErrNoOutcome, ErrOutcome, ErrDecided, ErrNoRep, ErrStale,
		ErrNotTried, ErrNoSender, ErrCalledEnough, ErrNotWaiting, ErrReferralDecided, ErrNoLead, token.ErrInvalid, store.ErrNotFound,
	}, func(known error) bool { return errors.Is(err, known) })
}

// someLead is one of those that are there now, or were a moment ago.
func (c *company) someLead() int64 {
	ids := c.everybody()
	return ids[c.random.IntN(len(ids))]
}

func (c *company) everybody() []int64 {
	rows, err := c.pool.Query(c.ctx, `SELECT id FROM leads ORDER BY id`)
	must(c.t, err)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	must(c.t, err)
	return ids
}

func (c *company) someCadence() string {
	return []string{"first-seven", "long-game", "event-follow-up"}[c.random.IntN(3)]
}

// someConfig is a configuration that a company may come to: with other steps, people and cadences each time.
func (c *company) someConfig() *config.Config {
	pick := func(texts ...string) string { return texts[c.random.IntN(len(texts))] }
	steps := "  - email: intro\n"
	for _, piece := range []string{
		"  - voicemail: hello\n    after: %s\n", "  - call: discovery\n    after: %s\n    within: 2 business days\n    if_overdue: advance\n",
		"  - email: case-study\n    after: %s\n", "  - call: second-call\n    after: %s\n    within: 1 business day\n    if_overdue: keep\n",
		"  - voicemail: one-question\n    after: %s\n", "  - email: leave-it-here\n    after: %s\n",
	} {
		if c.random.IntN(3) > 0 {
			steps += fmt.Sprintf(piece, pick("1 business day", "2 business days", "1 day", "6 hours", "1 week"))
		}
	}
	mara := fmt.Sprintf("  - name: Mara Lindqvist\n    title: Course advisor\n    email: mara@example.com\n    phone: \"+493012345601\"\n    daily_cap: %d\n    hourly_cap: %d\n", mostADay, mostAnHour)
	jonas := strings.NewReplacer("Mara Lindqvist", "Jonas Weber", "mara@", "jonas@", "601", "602").Replace(mara)
	lea := strings.NewReplacer("Mara Lindqvist", "Lea Wolf", "mara@", "lea@", "601", "603").Replace(mara)
	sdrs := "    - name: Mara Lindqvist\n      email: mara@example.com\n      daily_calls: 4\n"
	secondSDR := strings.NewReplacer("Mara Lindqvist", "Jonas Weber", "mara@", "jonas@").Replace(sdrs)
	shipped := starterFile(c.t, "nurture.yaml", "  # frequency: { touches: 4, per: 7 days }", fmt.Sprintf("  frequency: { touches: %d, per: 7 days }\n  misfire: { grace: 1 day, then: %s }", mostAWeek, pick("skip", "spread", "send_late")),
		"defaults:\n", fmt.Sprintf("mail:\n  per_domain:\n    big.example: { per_day: %d }\n\ndefaults:\n", mostADomain))
	head, tail, _ := strings.Cut(shipped, "senders:\n")
	_, tail, _ = strings.Cut(tail, "  reps:\n")
	files := map[string]string{
		"nurture.yaml": head + "senders:\n" + pick(mara, jonas, mara+jonas, jonas+lea) + "\nteam:\n  sdrs:\n" + pick(sdrs, secondSDR, sdrs+secondSDR) + "  reps:\n" + tail,
		"cadences/first-seven.yaml": "cadence: first-seven\ngoal: a test\non_change: " + pick("move", "finish") + `
audience: { stage: { in: [inquiry, nurturing, recycled] } }
window: { days: mon-fri, hours: "09:00-17:00", zone: lead, holidays: lead }
budget: ` + pick("3", "5", "7") + "\nsteps:\n" + steps + `
on_response:
  not_now: { move_to: long-game, resume: stated_date, else: 90 days }
  interested: { pause: 5 business days, task: call, within: 4 hours }
account: { on_colleague_reply: pause, pause: 5 business days }
then: { move_to: long-game }
`,
	}
	files["cadences/long-game.yaml"] = starterFile(c.t, "cadences/long-game.yaml", "15 weeks", pick("15 weeks", "3 weeks", "9 days"))
	if c.random.IntN(3) == 0 {
		files["cadences/event-follow-up.yaml"] = ""
	}
	return starterWith(c.t, files)
}

func (c *company) applySome() error {
	cfg := c.cfgs[c.random.IntN(len(c.cfgs))]
	if _, err := c.PlanChange(c.ctx, cfg, 7); err != nil {
		return err
	}
	_, err := c.Apply(c.ctx, cfg, "test")
	return err
}

func (c *company) rollBack() error {
	live, err := c.LiveVersion(c.ctx)
	if err != nil {
		return err
	}
	_, err = c.Rollback(c.ctx, 1+c.random.Int64N(live), "test")
	return err
}

func (c *company) pauseSender() error {
	mailbox := []string{"mara@example.com", "jonas@example.com", "lea@example.com"}[c.random.IntN(3)]
	if c.random.IntN(2) == 0 {
		_, err := c.PauseSender(c.ctx, mailbox, "a test", "ops")
		return err
	}
	_, err := c.ResumeSender(c.ctx, mailbox)
	return err
}

func (c *company) suppressSome() error {
	lead, err := store.Leads(c.ctx, c.pool, []int64{c.someLead()})
	if err != nil || len(lead) == 0 || c.random.IntN(4) > 0 {
		return err
	}
	s := store.Suppression{Address: lead[0].Email, Scope: cadence.SuppressEmail}
	if c.random.IntN(2) == 0 && lead[0].Phone != "" {
		s = store.Suppression{Address: lead[0].Phone, Scope: cadence.SuppressPhone}
	}
	if c.random.IntN(3) == 0 {
		_, err := c.LiftSuppression(c.ctx, s.Address, s.Scope, "asked to", "ops")
		return err
	}
	_, err = c.Suppress(c.ctx, []store.Suppression{s})
	return err
}

// importAgain brings somebody once more, with another phone, or somebody new.
func (c *company) importAgain() error {
	i := 1 + c.random.IntN(20)
	p := customer(i)
	if c.random.IntN(2) == 0 {
		p.Phone = fmt.Sprintf("+49309876%04d", c.random.IntN(20))
	}
	if c.random.IntN(4) == 0 {
		p.Email = fmt.Sprintf("new%03d@customer-%03d.example", c.random.IntN(10), i)
	}
	_, err := c.Import(c.ctx, []leadfile.Row{{Line: 2, Lead: p}})
	return err
}

// loseProcess lets a worker of another machine claim what is planned and never be heard of again.
func (c *company) loseProcess() error {
	worker := store.Worker{ID: fmt.Sprintf("far-%d", serial.Add(1)), Host: "elsewhere", SeenAt: monday.AddDate(-1, 0, 0)}
	if err := store.SeeWorker(c.ctx, c.pool, worker); err != nil {
		return err
	}
	var lost []int64
	err := c.inTx(c.ctx, func(tx pgx.Tx, now time.Time) error {
		lost = nil
		planned := c.plannedOf(cadence.ChannelEmail)
		stale, err := c.stale(c.ctx, tx, now, cadence.ChannelEmail, planned)
		if err != nil {
			return err
		}
		taken, err := store.ClaimTouches(c.ctx, tx, slices.DeleteFunc(planned, func(id int64) bool { return stale[id] }), worker.ID, now)
		for _, t := range taken {
			lost = append(lost, t.TouchID)
		}
		return err
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range lost {
		c.fates[id] = append(c.fates[id], channels.Unknown)
	}
	return err
}

func (c *company) holdSome() error {
	tasks, err := store.OpenTasks(c.ctx, c.pool, "", 0)
	if err != nil || len(tasks) == 0 {
		return err
	}
	id := tasks[c.random.IntN(len(tasks))].ID
	switch c.random.IntN(3) {
	case 0:
		return c.ClaimTask(c.ctx, id, "mara@example.com")
	case 1:
		_, err = c.HoldTask(c.ctx, id, "jonas@example.com")
		return err
	}
	return c.SnoozeTask(c.ctx, id, "mara@example.com", c.clock.Now().Add(time.Duration(c.random.IntN(90))*time.Hour))
}

func (c *company) reportSome() error {
	accepted, err := store.Handoffs(c.ctx, c.pool, store.HandoffAccepted, "", 0)
	if err != nil || len(accepted) == 0 {
		return err
	}
	outcomes := []store.Outcome{store.OutcomeOpportunity, store.OutcomeWon, store.OutcomeLost}
	return c.ReportOutcome(c.ctx, OutcomeReport{
		HandoffID: accepted[c.random.IntN(len(accepted))].ID, Outcome: outcomes[c.random.IntN(3)], Reason: "so it went", By: "tomas@example.com",
		Nurture: c.random.IntN(2) == 0,
	})
}

// useLink lets a lead do something on the pages that a mail leads to.
func (c *company) useLink() error {
	sent := c.touchIDs("sent")
	if len(sent) == 0 {
		return nil
	}
	touch := sent[c.random.IntN(len(sent))]
	switch c.random.IntN(6) {
	case 0:
		return c.Unsubscribe(c.ctx, c.tokens.Make(token.Unsubscribe, touch))
	case 1:
		_, err := c.Prefer(c.ctx, c.tokens.Make(token.Preferences, touch), fmt.Sprint(serial.Add(1)), []Choice{NeverCall}, nil)
		return err
	case 2, 3:
		choice := []Choice{LessOften, PauseMonth, PauseThree}[c.random.IntN(3)]
		_, err := c.Prefer(c.ctx, c.tokens.Make(token.Preferences, touch), fmt.Sprint(serial.Add(1)), []Choice{choice}, nil)
		return err
	}
	_, err := c.Preferences(c.ctx, c.tokens.Make(token.Preferences, touch))
	return err
}

// writeBack lets leads answer what they were sent, machines too, and delivers some of it twice.
func (c *company) writeBack() error {
	sent := c.mail.messages()
	if len(sent) == 0 {
		return nil
	}
	m := sent[c.random.IntN(len(sent))]
	if m.TouchID <= 0 {
		return nil
	}
	letters := []letter{
		answer(m, "Please call me next week."), answer(m, "Not now, perhaps in autumn."), answer(m, "Please ask my colleague Kim Berg <kim.berg@elsewhere.example>."),
		auto(m, "Automatic reply: out of office", "I am back on 20 April 2026."), report(m, "failed", "5.1.1", "550 no such user"), report(m, "delayed", "4.4.1", "later"),
		report(m, "failed", "4.2.2", "452 mailbox full"),
		{from: "Somebody <else@nowhere.example>", to: m.Mail.ReplyTo, subject: "Hello", body: "Is this for me?\n"},
	}
	if c.random.IntN(10) == 0 {
		letters = []letter{answer(m, "Please take me off your list."), complaint(m)}
	}
	raw := letters[c.random.IntN(len(letters))].raw()
	mail := ArrivedMail{Source: "letters", ExternalID: fmt.Sprintf("%x", sha256.Sum256(raw)), Raw: raw}
	for range 1 + c.random.IntN(2) {
		if _, err := c.TakeMail(c.ctx, mail); err != nil {
			return err
		}
	}
	return nil
}

func (c *company) seeToInbox() error {
	waiting, err := store.UnmatchedMails(c.ctx, c.pool, 0, 10)
	if err != nil || len(waiting) == 0 {
		return err
	}
	if c.random.IntN(2) == 0 {
		return c.SetMailAside(c.ctx, waiting[0].ID, "ops")
	}
	_, err = c.AssignMail(c.ctx, waiting[0].ID, c.someLead(), cadence.Reply, "ops")
	return err
}

func (c *company) seeToReferrals() error {
	named, err := store.ListReferrals(c.ctx, c.pool, store.ReferralProposed, 0, 10)
	if err != nil || len(named) == 0 {
		return err
	}
	if c.random.IntN(2) == 0 {
		return c.DeclineReferral(c.ctx, named[0].ID, "mara@example.com", "nobody we know")
	}
	_, err = c.AcceptReferral(c.ctx, named[0].ID, "mara@example.com")
	return err
}

func (c *company) correctFields() error {
	lead, err := store.Leads(c.ctx, c.pool, []int64{c.someLead()})
	if err != nil || len(lead) == 0 {
		return err
	}
	person := map[string]string{"phone": fmt.Sprintf("+49301112%04d", c.random.IntN(30))}
	if c.random.IntN(3) == 0 {
		person = map[string]string{"email": fmt.Sprintf("moved%02d@customer-%03d.example", c.random.IntN(10), c.random.IntN(9))}
	}
	_, err = c.ChangeFields(c.ctx, FieldChange{Lead: lead[0].Key, Kind: provenance.Person, Source: "mara@example.com", Person: person})
	return err
}

// look reads what pages show: whatever happened, it can be told.
func (c *company) look() error {
	for _, id := range c.everybody() {
		lead, err := store.Leads(c.ctx, c.pool, []int64{id})
		if err != nil || len(lead) == 0 {
			return err // erased a moment ago
		}
		if _, err := c.Outlook(c.ctx, &lead[0]); err != nil {
			return fmt.Errorf("outlook of %s: %w", lead[0].Key, err)
		}
		if _, err := c.Dossier(c.ctx, c.pool, id, c.clock.Now()); err != nil {
			return fmt.Errorf("dossier of %s: %w", lead[0].Key, err)
		}
	}
	if _, err := c.Alarms(c.ctx); err != nil {
		return err
	}
	if _, err := c.SenderStates(c.ctx); err != nil {
		return err
	}
	_, err := c.Tally(c.ctx)
	return err
}

// checkLimits holds what no configuration of a company allows.
func (c *company) checkLimits() {
	c.t.Helper()
	for what, sql := range map[string]string{
		"mailboxes over their day's cap": fmt.Sprintf(`SELECT count(*) FROM (SELECT FROM touches WHERE channel = 'email' AND state IN ('sent', 'claimed', 'unknown') AND claimed_at IS NOT NULL
			GROUP BY sender, (claimed_at AT TIME ZONE 'Europe/Berlin')::date HAVING count(*) > %d) x`, mostADay),
		"mailboxes over their hour's cap": fmt.Sprintf(`SELECT count(*) FROM touches t WHERE t.channel = 'email' AND t.state IN ('sent', 'claimed', 'unknown') AND %d < (SELECT count(*) FROM touches o
			WHERE o.sender = t.sender AND o.channel = 'email' AND o.state IN ('sent', 'claimed', 'unknown') AND o.claimed_at > t.claimed_at - interval '1 hour' AND o.claimed_at <= t.claimed_at)`, mostAnHour),
		"mails to a domain over its day's limit": fmt.Sprintf(`SELECT count(*) FROM (SELECT FROM touches WHERE channel = 'email' AND state IN ('sent', 'claimed', 'unknown') AND address LIKE '%%@big.example'
			GROUP BY (claimed_at AT TIME ZONE 'Europe/Berlin')::date HAVING count(*) > %d) x`, mostADomain),
		"leads touched more often than the frequency cap allows": fmt.Sprintf(`SELECT count(*) FROM touches t WHERE t.state IN ('sent', 'claimed', 'unknown') AND t.attempt IS NOT NULL AND %d < (SELECT count(*) FROM touches o
			WHERE o.lead_id = t.lead_id AND o.state IN ('sent', 'claimed', 'unknown') AND o.attempt IS NOT NULL AND o.claimed_at > t.claimed_at - interval '7 days' AND o.claimed_at <= t.claimed_at)`, mostAWeek),
		"mails outside the window": `SELECT count(*) FROM touches t JOIN leads l ON l.id = t.lead_id WHERE t.channel = 'email' AND t.claimed_at IS NOT NULL AND cardinality(l.zones) = 1
			AND (extract(isodow FROM t.claimed_at AT TIME ZONE l.zones[1]) > 5 OR (t.claimed_at AT TIME ZONE l.zones[1])::time NOT BETWEEN '09:00' AND '17:00')`,
		"touches of leads that sales had": `SELECT count(*) FROM touches t JOIN handoffs h ON h.lead_id = t.lead_id WHERE t.claimed_at > h.offered_at AND h.state IN ('offered', 'escalated', 'accepted')
			AND NOT EXISTS (SELECT FROM handoff_outcomes o WHERE o.handoff_id = h.id)`,
		"touches in flight twice":                      `SELECT count(*) FROM (SELECT FROM touches WHERE state IN ('planned', 'claimed') GROUP BY lead_id HAVING count(*) > 1) x`,
		"enrolments that neither wait nor do anything": `SELECT count(*) FROM enrollments e WHERE e.state = 'active' AND e.due_at IS NULL AND NOT e.in_flight`,
		"enrolments in flight without a touch":         `SELECT count(*) FROM enrollments e WHERE e.state = 'active' AND e.in_flight AND NOT EXISTS (SELECT FROM touches t WHERE t.enrollment_id = e.id AND t.step = e.step AND t.run = e.run)`,
	} {
		if n := c.count(sql); n != 0 {
			c.t.Fatalf("%s: %d %s", c.clock.Now(), n, what)
		}
	}
}
