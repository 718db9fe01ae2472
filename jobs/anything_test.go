package jobs

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels"
	"nurture/config"
	"nurture/internal/leadfile"
	"nurture/internal/sandbox/clock"
	"nurture/internal/token"
	"nurture/store"
)

// company is a life in which people also do whatever the program lets them do: they change what is live, take it back, stop and move leads,
// suppress and erase, and lose processes. The phone provider tells what it likes of the calls that it made.
type company struct {
	*life
	other  *rig       // another process on the same database, with what it remembers; nil: there is none
	mu     sync.Mutex // of all below
	cfgs   []*config.Config
	fates  map[int64][]channels.Outcome // what became of each time that a touch was handed over
	calls  []*ringing                   // at the phone provider
	facts  map[int64]map[int64]string   // by lead, as they were last looked at
	alone  bool                         // one thing is done at a time
	clocks bool                         // the clock is set wrong now and then
	shift  atomic.Int64                 // by how much it is wrong, in nanoseconds
	wrong  bool                         // it has been wrong
	acts   []string                     // what was done, for whoever reads a failure
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
	liveSome(t, 3, 26, 1, false)
}

// TestWhateverPeopleDoByWrongClocks is TestWhateverPeopleDo while the clock is set forward and back.
func TestWhateverPeopleDoByWrongClocks(t *testing.T) {
	t.Parallel()
	liveSome(t, 1, 15, 1, true)
}

// TestWhateverPeopleDoAtOnce is TestWhateverPeopleDo with three things at a time, in two processes.
func TestWhateverPeopleDoAtOnce(t *testing.T) {
	t.Parallel()
	liveSome(t, 2, 15, 3, false)
}

// liveSome tries as many lives as NURTURE_TEST_SEEDS says, else n.
func liveSome(t *testing.T, n uint64, days, atOnce int, clocks bool) {
	t.Helper()
	if more, err := strconv.ParseUint(os.Getenv("NURTURE_TEST_SEEDS"), 10, 64); err == nil {
		n = more
	}
	for seed := range n {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			workSomeWeeks(t, seed, days, atOnce, clocks)
		})
	}
}

func workSomeWeeks(t *testing.T, seed uint64, days, atOnce int, clocks bool) {
	t.Helper()
	random := rand.New(&shared{source: rand.NewPCG(seed, 31)})
	c := &company{fates: map[int64][]channels.Outcome{}, facts: map[int64]map[int64]string{}, alone: atOnce == 1, clocks: clocks}
	now := clock.New(monday).Now // until the rig has its own
	wrongly := func() time.Time { return now().Add(time.Duration(c.shift.Load())) }
	c.life = &life{rig: newRig(t, func(o *Options) { o.Now = wrongly }), random: random, refuse: refused}
	now = c.clock.Now
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(strings.Join(c.acts, "\n"))
		}
	})
	if atOnce > 1 {
		c.other = rigOn(t, c.url, func(o *Options) {
			o.Now, o.Worker.ID = wrongly, "w2"
			o.Channels = map[cadence.Channel]channels.Channel{cadence.ChannelEmail: c.mail, cadence.ChannelVoicemail: c.voice}
		})
	}
	for range 8 {
		c.cfgs = append(c.cfgs, c.someConfig())
	}
	for _, cfg := range c.cfgs {
		for _, role := range signatureRoles {
			_, err := c.Sign(c.ctx, cfg.DefinitionHash, role, "Test "+role)
			must(t, err)
		}
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
	t.Logf("%d calls told of, %d forms, %d handoffs", c.count(`SELECT count(*) FROM responses WHERE source = 'twilio'`), c.count(`SELECT count(*) FROM responses WHERE source = 'form'`), c.count(`SELECT count(*) FROM handoffs`))
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
	if i%6 == 0 {
		p.Origin = "self_qualified"
	}
	return p
}

// dayAtWork is a day with a few acts of people between what the program does, so many things at once.
func (c *company) dayAtWork(atOnce int) {
	things := []func(){
		func() { c.tick() }, c.carryOut, c.speak, c.evaluateAll, c.workDesk, c.evaluateAll, c.sell, c.evaluateAll, func() { must(c.t, c.Recover(c.ctx)) },
	}
	for range 5 * atOnce {
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
		if !c.wrong { // it goes by when things happened
			c.check()
		}
		c.checkLimits()
	}
	if c.alone {
		c.checkStories()
	}
	if c.random.IntN(12) == 0 {
		c.pass(9 * 24 * time.Hour) // everything was down
	}
	most := 3000
	if c.random.IntN(2) == 0 {
		most = 90 // the same day
	}
	c.pass(time.Duration(5+c.random.IntN(most)) * time.Minute)
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
		if c.alone {
			if why := c.mayLeave(m.TouchID); why != "" {
				c.t.Errorf("%s: touch %d leaves: %s", c.now(), m.TouchID, why)
			}
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
	c.voice.set(func(m channels.Message) channels.Receipt {
		receipt := fate(m)
		c.rung(m, receipt.Outcome)
		if c.random.IntN(4) == 0 {
			if err := c.ring(); err != nil && !refused(err) { // before the answer to the call's creation
				c.t.Error(err)
			}
		}
		return receipt
	})
	for _, channel := range []cadence.Channel{cadence.ChannelEmail, cadence.ChannelVoicemail, cadence.ChannelCall} {
		ids := slices.DeleteFunc(r.plannedOf(channel), func(int64) bool { return c.random.IntN(6) == 0 })
		r.sendNow(channel, ids...)
		if channel != cadence.ChannelCall || !c.alone {
			continue
		}
		for _, id := range ids {
			if c.count(`SELECT count(*) FROM touches WHERE id = $1 AND state = 'sent' AND claimed_at = $2`, id, c.now()) == 1 {
				if why := c.mayLeave(id); why != "" {
					c.t.Errorf("%s: call %d is filed: %s", c.now(), id, why)
				}
			}
		}
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
		{"use a link", c.useLink},
		{"the phone provider calls", c.ringSome},
		{"the phone provider calls", c.ringSome},
		{"weigh anew", c.weighAnew},
		{"enrich", c.enrichAlone},
		{"decide on a proposal", c.decideProposal},
		{"answer a handoff", c.answerSome},
		{"set the clock", c.setClock},
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

func (c *company) pauseSender() error {
	mailbox := []string{"mara@example.com", "jonas@example.com", "lea@example.com"}[c.random.IntN(3)]
	if c.random.IntN(2) == 0 {
		_, err := c.PauseSender(c.ctx, mailbox, "a test", "ops")
		return err
	}
	_, err := c.ResumeSender(c.ctx, mailbox)
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

// enrichAlone is enrich while nothing else happens: else what left a moment ago cannot be told from what should not have.
func (c *company) enrichAlone() error {
	if !c.alone {
		return nil
	}
	return c.enrich()
}

// answerSome lets sales answer a handoff of whatever state: most answers come too late.
func (c *company) answerSome() error {
	leads := c.everybody()
	handoffs, err := store.LeadHandoffs(c.ctx, c.pool, leads[c.random.IntN(len(leads))])
	if err != nil || len(handoffs) == 0 {
		return err
	}
	h := handoffs[c.random.IntN(len(handoffs))]
	if err := c.deliver(h.ID); err != nil {
		return err
	}
	if c.random.IntN(2) == 0 {
		return c.AcceptHandoff(c.ctx, h.ID, "tomas@example.com")
	}
	return c.RejectHandoff(c.ctx, h.ID, "tomas@example.com", "no budget after all")
}

// setClock sets the clock wrong, or right again.
func (c *company) setClock() error {
	if c.clocks {
		c.wrong = true
		shifts := []time.Duration{0, 0, -10 * time.Minute, -5 * time.Hour, 40 * time.Minute, 3 * 24 * time.Hour}
		c.shift.Store(int64(shifts[c.random.IntN(len(shifts))]))
	}
	return nil
}
