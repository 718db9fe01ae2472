package sandbox

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/cadence"
	"nurture/channels"
	"nurture/channels/journal"
	"nurture/config"
	"nurture/internal/leadfile"
	"nurture/internal/pgtest"
	"nurture/internal/sandbox/clock"
	"nurture/internal/simulate"
	"nurture/jobs"
	"nurture/store"
)

// twin lets the real engine, River and Postgres live through the same days as the simulation, with the same people.
type twin struct {
	t      *testing.T
	ctx    context.Context
	cfg    *config.Config
	people *simulate.People
	clock  *clock.Virtual
	pool   *pgxpool.Pool
	engine *jobs.Engine // plans, and hears what people do
	works  *jobs.Engine // works the jobs
	step   time.Duration
	// planning is held while the engine plans: the workers ask for the time before they begin anything, and so wait. Else it would depend on who is
	// faster whether a touch is made before or after the planner looks for the next one.
	planning sync.RWMutex

	mu      sync.Mutex
	sent    []int64 // touches that channels took and nobody has read yet
	leads   map[int64]*soul
	pending []promise
	worked  map[string]*shift
	offers  map[int64]int // handoffs seen, by id: which of its lead's it is
}

// soul is what the driver remembers of a lead.
type soul struct {
	key                string
	mails, drops       int
	calls, asked, sold int
	others             map[cadence.TaskKind]int
	ready              bool
	day                int64
}

// shift is what an SDR has done on a day.
type shift struct {
	day int64
	n   int
}

// promise is something that a lead will do.
type promise struct {
	at          time.Time
	lead, touch int64
	kind        cadence.ResponseKind
	date        *time.Time
}

// Send implements channels.Channel: everything is taken at once.
func (w *twin) Send(_ context.Context, messages []channels.Message) []channels.Receipt {
	w.mu.Lock()
	defer w.mu.Unlock()
	receipts := make([]channels.Receipt, len(messages))
	for i, m := range messages {
		receipts[i] = channels.Receipt{TouchID: m.TouchID, Outcome: channels.Sent}
		if m.TouchID > 0 { // else it is a dossier for sales
			w.sent = append(w.sent, m.TouchID)
		}
	}
	return receipts
}

// newTwin imports the rows into an engine whose clock shows start.
func newTwin(t *testing.T, cfg *config.Config, people *simulate.People, rows []leadfile.Row, start time.Time, step time.Duration) *twin {
	t.Helper()
	ctx := t.Context()
	url := pgtest.New(t, "sandbox", migrate)
	pool, err := store.Open(ctx, url, 4)
	must(t, err)
	t.Cleanup(pool.Close)
	workers, err := store.Open(ctx, url, 0) // their own: they hold connections while they wait for the planner
	must(t, err)
	t.Cleanup(workers.Close)
	w := &twin{
		t: t, ctx: ctx, cfg: cfg, people: people, clock: clock.New(start), pool: pool, step: step, leads: map[int64]*soul{},
		worked: map[string]*shift{}, offers: map[int64]int{},
	}
	dir := t.TempDir()
	marks, err := journal.Open(dir, "twin")
	must(t, err)
	t.Cleanup(func() { _ = marks.Close() })
	ways := map[cadence.Channel]channels.Channel{cadence.ChannelEmail: w, cadence.ChannelVoicemail: w}
	w.engine, err = jobs.New(ctx, jobs.Options{ // it is not started; with channels it wakes the workers at once
		Pool: pool, Now: w.clock.Now, RealNow: time.Now, Worker: store.Worker{ID: "planner", Host: "test"}, Channels: ways,
	})
	must(t, err)
	w.works, err = jobs.New(ctx, jobs.Options{
		Pool: workers, Now: w.workersNow, RealNow: time.Now, Worker: store.Worker{ID: "twin", Host: "test"}, Journal: marks, JournalDir: dir,
		Channels: ways,
	})
	must(t, err)
	for _, role := range []string{"marketing", "sales"} {
		_, err := w.engine.Sign(ctx, cfg.DefinitionHash, role, "Test "+role)
		must(t, err)
	}
	_, err = w.engine.Apply(ctx, cfg, "test")
	must(t, err)
	_, err = w.engine.Import(ctx, rows)
	must(t, err)
	ids, err := store.LeadIDs(ctx, pool)
	must(t, err)
	for key, id := range ids {
		w.leads[id] = &soul{key: key, day: -1, others: map[cadence.TaskKind]int{}}
	}
	must(t, w.works.Start(ctx))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_ = w.works.Stop(ctx)
	})
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *twin) workersNow() time.Time {
	w.planning.RLock()
	defer w.planning.RUnlock()
	return w.clock.Now()
}

// live lets the days pass.
func (w *twin) live(start time.Time, days int) {
	for end := start.Add(time.Duration(days) * 24 * time.Hour); ; {
		for w.moment() > 0 {
		}
		next := w.clock.Now().Add(w.step)
		if !next.Before(end) {
			return
		}
		w.clock.Advance(next)
	}
}

func (w *twin) moment() int {
	w.planning.Lock()
	n, err := w.engine.Tick(w.ctx)
	w.planning.Unlock()
	must(w.t, err)
	if n > 0 {
		w.idle()
		w.read()
	}
	return n + w.react() + w.desk() + w.sell()
}

// idle waits until the workers have nothing to do.
func (w *twin) idle() {
	deadline := time.NewTimer(2 * time.Minute)
	defer deadline.Stop()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for {
		busy, err := store.Busy(w.ctx, w.pool, w.clock.Now())
		must(w.t, err)
		if !busy {
			return
		}
		select {
		case <-deadline.C:
			w.t.Fatalf("the workers have not become idle by %s", w.clock.Now())
		case <-poll.C:
		}
	}
}

// about is a touch with what the people go by.
type about struct {
	ID      int64  `db:"id"`
	Lead    int64  `db:"lead_id"`
	Cadence string `db:"cadence_key"`
	Step    string `db:"step_key"`
	Channel string `db:"channel"`
}

func (w *twin) touches(ids []int64) map[int64]about {
	rows, err := w.pool.Query(w.ctx, `SELECT t.id, t.lead_id, v.cadence_key, t.step_key, t.channel FROM touches t
		JOIN enrollments e ON e.id = t.enrollment_id JOIN cadence_versions v ON v.id = e.cadence_version_id WHERE t.id = ANY($1)`, ids)
	must(w.t, err)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[about])
	must(w.t, err)
	byID := map[int64]about{}
	for _, a := range all {
		byID[a.ID] = a
	}
	return byID
}

// shares are what can come of a touch.
func (w *twin) shares(a about) *simulate.Shares {
	plan := w.cfg.Plans[a.Cadence]
	i := slices.IndexFunc(plan.Steps, func(s cadence.Step) bool { return s.Key == a.Step })
	return w.people.Step(a.Cadence, plan.Steps[i])
}

// read lets the leads get what was sent, and decide what they will do about it.
func (w *twin) read() {
	w.mu.Lock()
	ids := w.sent
	w.sent = nil
	w.mu.Unlock()
	if len(ids) == 0 {
		return
	}
	slices.Sort(ids)
	known, now := w.touches(ids), w.clock.Now()
	for _, id := range ids {
		a := known[id]
		s := w.leads[a.Lead]
		var r simulate.Reaction
		if a.Channel == string(cadence.ChannelEmail) {
			s.mails++
			r = w.people.OnMail(simulate.WhoIs(s.key), w.shares(a), s.mails, now)
		} else {
			s.drops++
			r = w.people.OnVoicemail(simulate.WhoIs(s.key), w.shares(a), s.drops)
		}
		if r.Kind != "" {
			w.pending = append(w.pending, promise{now.Add(r.After), a.Lead, id, r.Kind, r.Date})
		}
	}
}

// react lets the leads do what they had decided to do by now.
func (w *twin) react() int {
	now := w.clock.Now()
	var due, later []promise
	for _, p := range w.pending {
		if p.at.After(now) {
			later = append(later, p)
		} else {
			due = append(due, p)
		}
	}
	if w.pending = later; len(due) == 0 {
		return 0
	}
	slices.SortFunc(due, func(a, b promise) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.lead, b.lead), cmp.Compare(a.touch, b.touch))
	})
	inputs := make([]jobs.ResponseInput, len(due))
	for i, p := range due {
		inputs[i] = jobs.ResponseInput{
			LeadID: p.lead, TouchID: p.touch, Kind: p.kind, Source: "twin", ExternalID: string(p.kind) + time.Duration(p.touch).String(), Date: p.date, At: now,
		}
	}
	_, err := w.engine.Respond(w.ctx, inputs)
	must(w.t, err)
	w.idle()
	return len(due)
}

// desk lets each SDR work the queue.
func (w *twin) desk() int {
	now, total := w.clock.Now(), 0
	for _, sdr := range w.cfg.Settings.Team.SDRs {
		zone, err := time.LoadLocation(sdr.Zone)
		must(w.t, err)
		day, quota := simulate.DeskQuota(sdr.DailyCalls, zone, now)
		s := w.worked[sdr.Email]
		if s == nil || s.day != day {
			s = &shift{day: day}
			w.worked[sdr.Email] = s
		}
		if quota <= s.n {
			continue
		}
		tasks, err := store.OpenTasks(w.ctx, w.pool, sdr.Email, 1<<30)
		must(w.t, err)
		tasks = slices.DeleteFunc(tasks, func(t store.Task) bool {
			return w.leads[t.LeadID].day == day || t.Kind == cadence.TaskCallback && t.DueAt.After(now)
		})
		tasks = tasks[:min(quota-s.n, len(tasks))]
		if len(tasks) == 0 {
			continue
		}
		s.n += len(tasks)
		total += len(tasks)
		w.log(sdr.Email, day, tasks)
	}
	return total
}

func (w *twin) log(by string, day int64, tasks []store.Task) {
	var ids []int64
	for _, t := range tasks {
		if t.TouchID != nil {
			ids = append(ids, *t.TouchID)
		}
	}
	known := w.touches(ids)
	outcomes := make([]jobs.TaskOutcome, len(tasks))
	for i, t := range tasks {
		s := w.leads[t.LeadID]
		s.day = day
		o := w.outcome(s, t, known)
		s.ready = o.Ready
		outcomes[i] = jobs.TaskOutcome{TaskID: t.ID, By: by, Disposition: o.Disposition, Date: o.Date, Answers: map[string]string{}}
		for _, a := range o.Answers {
			outcomes[i].Answers[a.Key] = a.Text
		}
	}
	must(w.t, w.engine.CompleteTasks(w.ctx, outcomes))
	w.idle()
}

func (w *twin) outcome(s *soul, t store.Task, known map[int64]about) simulate.Outcome {
	who, now := simulate.WhoIs(s.key), w.clock.Now()
	switch {
	case t.TouchID != nil && t.Kind == cadence.TaskCall:
		s.calls++
		return w.people.OnCall(who, w.shares(known[*t.TouchID]), s.calls, s.ready, now)
	case t.Kind.Rings():
		s.asked++
		return w.people.OnTask(t.Kind, who, s.asked, s.ready, now)
	}
	s.others[t.Kind]++
	return w.people.OnTask(t.Kind, who, s.others[t.Kind], s.ready, now)
}

// sell lets sales answer what it was offered long enough ago.
func (w *twin) sell() int {
	offered, err := store.Handoffs(w.ctx, w.pool, store.HandoffOffered, "", 1<<30)
	must(w.t, err)
	slices.SortFunc(offered, func(a, b store.Handoff) int { return cmp.Compare(a.LeadID, b.LeadID) })
	now, n := w.clock.Now(), 0
	for _, h := range offered {
		s := w.leads[h.LeadID]
		if w.offers[h.ID] == 0 {
			s.sold++
			w.offers[h.ID] = s.sold
		}
		accepts, after := w.people.Sales(simulate.WhoIs(s.key), w.offers[h.ID])
		if h.OfferedAt.Add(after).After(now) {
			continue
		}
		if accepts {
			must(w.t, w.engine.AcceptHandoff(w.ctx, h.ID, h.Rep))
		} else {
			must(w.t, w.engine.RejectHandoff(w.ctx, h.ID, h.Rep, "no project"))
		}
		w.idle()
		n++
	}
	return n
}

// made lists the touches that the ledger says were made, as the simulation tells of its own.
func (w *twin) made() []simulate.Made {
	rows, err := w.pool.Query(w.ctx, `SELECT l.key, t.channel, t.step_key, t.sent_at FROM touches t JOIN leads l ON l.id = t.lead_id WHERE t.state = 'sent'`)
	must(w.t, err)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m simulate.Made, err error) {
		err = row.Scan(&m.Lead, &m.Channel, &m.Step, &m.At)
		m.At = m.At.UTC()
		return m, err
	})
	must(w.t, err)
	sortMade(all)
	return all
}

func sortMade(all []simulate.Made) {
	slices.SortFunc(all, func(a, b simulate.Made) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Lead, b.Lead), cmp.Compare(a.Step, b.Step), cmp.Compare(a.Channel, b.Channel))
	})
}

// story is what the engine's records say of a lead, for a test that fails.
func (w *twin) story(key string) string {
	rows, err := w.pool.Query(w.ctx, `SELECT to_char(at, 'MM-DD HH24:MI') || ' ' || what FROM (
		SELECT t.planned_at AS at, 'touch ' || t.step_key || ' ' || t.state || ' ' || t.reason || ' result ' || t.result || ' attempt ' || coalesce(t.attempt, 0) AS what FROM touches t JOIN leads l ON l.id = t.lead_id WHERE l.key = $1
		UNION ALL SELECT r.at, 'response ' || r.kind || ' ' || coalesce(r.date::text, '') FROM responses r JOIN leads l ON l.id = r.lead_id WHERE l.key = $1
		UNION ALL SELECT k.opened_at, 'task ' || k.kind || ' ' || k.state || ' due ' || k.due_at || ' done ' || coalesce(k.done_at::text, '') || ' ' || k.disposition FROM tasks k JOIN leads l ON l.id = k.lead_id WHERE l.key = $1
		UNION ALL SELECT e.started_at, 'enrolment ' || e.cadence_version_id || ' cycle ' || e.cycle || ' ' || e.state || ' ' || e.reason || ' step ' || e.step || ' due ' || coalesce(e.due_at::text, '') || ' ended ' || coalesce(e.ended_at::text, '') FROM enrollments e JOIN leads l ON l.id = e.lead_id WHERE l.key = $1
		UNION ALL SELECT h.created_at, 'handoff ' || h.state || ' ' || array_to_string(h.missing, ',') || ' ' || coalesce(h.decided_at::text, '') FROM handoffs h JOIN leads l ON l.id = h.lead_id WHERE l.key = $1
		) story ORDER BY at`, key)
	must(w.t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(w.t, err)
	return key + "\n  " + strings.Join(lines, "\n  ")
}
