package jobs

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"nurture/cadence"
	"nurture/channels"
	"nurture/channels/journal"
	"nurture/config"
	"nurture/examples"
	"nurture/internal/leadfile"
	"nurture/internal/pgtest"
	"nurture/internal/sandbox/clock"
	"nurture/internal/startertest"
	"nurture/store"
)

// monday is where the tests' clock starts: a Monday morning on which every send window of Europe and the American East opens within
// hours.
var monday = time.Date(2026, time.March, 2, 6, 0, 0, 0, time.UTC)

// fakeChannel records what it is handed and answers as told.
type fakeChannel struct {
	mu     sync.Mutex
	sent   []channels.Message
	answer func(channels.Message) channels.Receipt // nil: all are sent
}

func (f *fakeChannel) Send(_ context.Context, messages []channels.Message) []channels.Receipt {
	receipts := make([]channels.Receipt, len(messages))
	for i, m := range messages {
		f.mu.Lock()
		f.sent = append(f.sent, m)
		answer := f.answer
		f.mu.Unlock()
		receipts[i] = channels.Receipt{TouchID: m.TouchID, Outcome: channels.Sent, Detail: "250 ok"}
		if answer != nil {
			receipts[i] = answer(m)
			receipts[i].TouchID = m.TouchID
		}
	}
	return receipts
}

func (f *fakeChannel) set(answer func(channels.Message) channels.Receipt) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

// messages are what was handed over so far.
func (f *fakeChannel) messages() []channels.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]channels.Message(nil), f.sent...)
}

// outcome answers every message alike.
func outcome(o channels.Outcome) func(channels.Message) channels.Receipt {
	return func(channels.Message) channels.Receipt { return channels.Receipt{Outcome: o, Detail: "as told"} }
}

// rig is an engine on a database of its own and a virtual clock.
type rig struct {
	*Engine
	t     testing.TB
	ctx   context.Context
	url   string
	clock *clock.Virtual
	mail  *fakeChannel
	voice *fakeChannel
	cfg   *config.Config
}

// newRig makes an engine without a configuration; the options may be changed before it is built.
func newRig(t testing.TB, change ...func(*Options)) *rig {
	t.Helper()
	return rigOn(t, newDatabase(t), change...)
}

// newDatabase gives an empty migrated database.
func newDatabase(t testing.TB) string {
	t.Helper()
	return pgtest.New(t, "jobs", pgtest.By(Migrate))
}

// rigOn makes an engine on a given database.
func rigOn(t testing.TB, url string, change ...func(*Options)) *rig {
	t.Helper()
	ctx := t.Context()
	pool, err := store.Open(ctx, url, 12)
	must(t, err)
	t.Cleanup(pool.Close)
	r := &rig{t: t, ctx: ctx, url: url, clock: clock.New(monday), mail: &fakeChannel{}, voice: &fakeChannel{}}
	journalDir := t.TempDir()
	o := Options{
		Pool: pool, Now: r.clock.Now, JournalDir: journalDir, Worker: store.Worker{ID: "w1", Host: "test", PID: os.Getpid()},
		Channels: map[cadence.Channel]channels.Channel{cadence.ChannelEmail: r.mail, cadence.ChannelVoicemail: r.voice},
	}
	for _, f := range change {
		f(&o)
	}
	if o.Journal == nil {
		o.Journal, err = journal.Open(o.JournalDir, o.Worker.ID)
		must(t, err)
		t.Cleanup(func() { _ = o.Journal.Close() })
	}
	r.Engine, err = New(ctx, o)
	r.lanes.patience = time.Hour // a slow machine is no busy server
	must(t, err)
	return r
}

// newLiveRig makes an engine with the starter configuration signed and applied, its files replaced as given.
func newLiveRig(t testing.TB, files map[string]string, change ...func(*Options)) *rig {
	t.Helper()
	r := newRig(t, change...)
	r.goLive(starterWith(t, files))
	return r
}

// starterWith is the starter configuration with files added or replaced; an empty text removes one.
func starterWith(t testing.TB, files map[string]string) *config.Config {
	t.Helper()
	cfg, err := config.Load(startertest.Files(t, files))
	must(t, err)
	return cfg
}

// goLive signs for both roles and applies.
func (r *rig) goLive(cfg *config.Config) Applied {
	r.t.Helper()
	for _, role := range signatureRoles {
		_, err := r.Sign(r.ctx, cfg.DefinitionHash, role, "Test "+role)
		must(r.t, err)
	}
	applied, err := r.Apply(r.ctx, cfg, "test")
	must(r.t, err)
	r.cfg = cfg
	return applied
}

// person is a lead that any channel reaches, in Berlin.
func person(i int) leadfile.Lead {
	return leadfile.Lead{
		Key: fmt.Sprintf("lead-%03d", i), Email: fmt.Sprintf("p%03d@customer-%03d.example", i, i), Phone: fmt.Sprintf("+49301234%04d", i),
		FirstName: "Pat", LastName: fmt.Sprintf("Number%03d", i), Title: "Plant manager", Country: "DE",
		Zones: []string{"Europe/Berlin"}, Language: "en", Source: "test",
		Account: leadfile.Account{
			Name: fmt.Sprintf("Customer %03d", i), Domain: fmt.Sprintf("customer-%03d.example", i), Industry: "chemicals", Employees: 200, Country: "DE",
		},
		Consent: leadfile.Consent{
			Email:     leadfile.Permission{State: leadfile.PermissionGranted},
			Voicemail: leadfile.Permission{State: leadfile.PermissionGranted},
			Call:      leadfile.Permission{State: leadfile.PermissionGranted},
		},
	}
}

// importLeads stores leads and returns their ids in order.
func (r *rig) importLeads(leads ...leadfile.Lead) []int64 {
	r.t.Helper()
	rows := make([]leadfile.Row, len(leads))
	for i, l := range leads {
		rows[i] = leadfile.Row{Line: i + 2, Lead: l}
	}
	_, err := r.Import(r.ctx, rows)
	must(r.t, err)
	ids := make([]int64, len(leads))
	for i, l := range leads {
		lead, err := store.FindLead(r.ctx, r.pool, l.Key)
		must(r.t, err)
		ids[i] = lead.ID
	}
	return ids
}

// importPeople stores n persons.
func (r *rig) importPeople(n int) []int64 {
	r.t.Helper()
	leads := make([]leadfile.Lead, n)
	for i := range leads {
		leads[i] = person(i + 1)
	}
	return r.importLeads(leads...)
}

// start begins to work jobs.
func (r *rig) start() {
	r.t.Helper()
	must(r.t, r.Start(r.ctx))
	r.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := r.Stop(ctx); err != nil {
			r.t.Errorf("stop: %v", err)
		}
	})
}

// tick ticks.
func (r *rig) tick() int {
	r.t.Helper()
	n, err := r.Tick(r.ctx)
	must(r.t, err)
	return n
}

// settle ticks and waits until the started workers are idle.
func (r *rig) settle() {
	r.t.Helper()
	for {
		n := r.tick()
		r.idle()
		if n == 0 {
			return
		}
	}
}

// idle waits until workers have nothing to do at this instant.
func (r *rig) idle() {
	r.t.Helper()
	eventually(r.t, "the workers are idle", func() bool {
		busy, err := store.Busy(r.ctx, r.pool, r.clock.Now())
		must(r.t, err)
		return !busy
	})
}

// until lets time pass to the given instant, stopping whenever something falls due; each is called after every stop.
func (r *rig) until(end time.Time, each func()) {
	r.t.Helper()
	for {
		r.settle()
		if each != nil {
			each()
		}
		now := r.clock.Now()
		if !now.Before(end) {
			return
		}
		next := end
		due, ok, err := store.NextDue(r.ctx, r.pool, now)
		must(r.t, err)
		if ok && due.Before(next) {
			next = due
		}
		waited, err := store.PeopleWaited(r.ctx, r.pool, now)
		must(r.t, err)
		if hour := now.Add(6 * time.Hour); waited && hour.Before(next) {
			next = hour
		}
		r.clock.Advance(next)
	}
}

// at moves the clock.
func (r *rig) at(t time.Time) { r.clock.Advance(t) }

// pass moves the clock on.
func (r *rig) pass(d time.Duration) { r.clock.Advance(r.clock.Now().Add(d)) }

// eventually polls until ok.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(2 * time.Minute)
	defer deadline.Stop()
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for !ok() {
		select {
		case <-deadline.C:
			t.Fatalf("still not so after two minutes: %s", what)
		case <-poll.C:
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// scan reads one row.
func (r *rig) scan(sql string, args []any, into ...any) {
	r.t.Helper()
	if err := r.pool.QueryRow(r.ctx, sql, args...).Scan(into...); err != nil {
		r.t.Fatalf("%s: %v", sql, err)
	}
}

// count runs a query of one number.
func (r *rig) count(sql string, args ...any) int {
	r.t.Helper()
	var n int
	r.scan(sql, args, &n)
	return n
}

// exec changes the database behind the engine's back.
func (r *rig) exec(sql string, args ...any) {
	r.t.Helper()
	if _, err := r.pool.Exec(r.ctx, sql, args...); err != nil {
		r.t.Fatalf("%s: %v", sql, err)
	}
}

// noLeaks fails when a lead has neither next action nor end.
func (r *rig) noLeaks() {
	r.t.Helper()
	leaks, err := store.Leaks(r.ctx, r.pool, 5)
	must(r.t, err)
	for _, l := range leaks {
		enrollments, err := store.LeadEnrollments(r.ctx, r.pool, l.LeadID)
		must(r.t, err)
		r.t.Fatalf("%s: leak %+v; newest enrolment %+v", r.clock.Now(), l, enrollments[:min(1, len(enrollments))])
	}
}

// starterFile is a file of the starter configuration with texts replaced: old, new, old, new …
func starterFile(t testing.TB, path string, oldnew ...string) string {
	t.Helper()
	content, err := fs.ReadFile(examples.Starter(), path)
	must(t, err)
	text := string(content)
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(text, oldnew[i]) {
			t.Fatalf("%s does not hold %q", path, oldnew[i])
		}
		text = strings.ReplaceAll(text, oldnew[i], oldnew[i+1])
	}
	return text
}

// firstSeven is the starter with other steps in its first cadence.
func firstSeven(steps string) map[string]string {
	return map[string]string{"cadences/first-seven.yaml": `cadence: first-seven
goal: a test
audience: { stage: { in: [inquiry, nurturing, recycled] } }
window: { days: mon-fri, hours: "09:00-17:00", zone: lead, holidays: lead }
budget: 7
steps:
` + steps + `
account: { on_colleague_reply: pause, pause: 5 business days }
then: { move_to: long-game }
`}
}

const (
	mailStep  = "  - email: intro\n"
	voiceStep = "  - voicemail: hello\n"
	callStep  = "  - call: discovery\n    within: 2 business days\n    if_overdue: advance\n"
	laterMail = "  - email: case-study\n    after: 3 business days\n"
)

// tenOClock is when Berlin's offices are open on the first day.
var tenOClock = monday.Add(3 * time.Hour)

// planned imports n persons, lets the first touches be planned, and returns their ids. No worker runs: the test is the worker.
func (r *rig) planned(n int) []int64 {
	r.t.Helper()
	r.at(tenOClock)
	r.importPeople(n)
	r.tick()
	ids := r.touchIDs("planned")
	if len(ids) != n {
		r.t.Fatalf("%d touches are planned, want %d", len(ids), n)
	}
	return ids
}

// touchIDs lists the touches in a state.
func (r *rig) touchIDs(state string) []int64 {
	r.t.Helper()
	rows, err := r.pool.Query(r.ctx, `SELECT id FROM touches WHERE state = $1 ORDER BY id`, state)
	must(r.t, err)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	must(r.t, err)
	return ids
}

// touchRow is what tests look at of a touch and its enrolment.
type touchRow struct {
	State, Reason, Detail, Result, Enrollment string
	Attempt, Attempts, Tries, Step, Run       int
	InFlight, Due                             bool
	NotBefore                                 time.Time
}

func (r *rig) touch(id int64) touchRow {
	r.t.Helper()
	var x touchRow
	r.scan(`SELECT t.state, t.reason, t.detail, t.result, e.state, coalesce(t.attempt, 0), c.attempts, t.tries, e.step, e.run, e.in_flight,
		e.due_at IS NOT NULL, t.not_before
		FROM touches t JOIN enrollments e ON e.id = t.enrollment_id JOIN cycles c ON c.lead_id = t.lead_id AND c.cycle = t.cycle
		WHERE t.id = $1`, []any{id},
		&x.State, &x.Reason, &x.Detail, &x.Result, &x.Enrollment, &x.Attempt, &x.Attempts, &x.Tries, &x.Step, &x.Run, &x.InFlight, &x.Due, &x.NotBefore)
	return x
}

func (r *rig) leadOf(touchID int64) int64 {
	r.t.Helper()
	var id int64
	r.scan(`SELECT lead_id FROM touches WHERE id = $1`, []any{touchID}, &id)
	return id
}

// sendNow carries touches of a channel out, as a job would.
func (r *rig) sendNow(channel cadence.Channel, ids ...int64) {
	r.t.Helper()
	if channel == cadence.ChannelCall {
		must(r.t, r.fileCalls(r.ctx, ids))
		return
	}
	must(r.t, r.send(r.ctx, r.ctx, channel, "", ids))
}

// respond takes one response in.
func (r *rig) respond(leadID int64, kind cadence.ResponseKind, change ...func(*ResponseInput)) int64 {
	r.t.Helper()
	in := ResponseInput{LeadID: leadID, Kind: kind, Source: "test", ExternalID: fmt.Sprint(serial.Add(1))}
	for _, f := range change {
		f(&in)
	}
	ids, err := r.Respond(r.ctx, []ResponseInput{in})
	must(r.t, err)
	return ids[0]
}

var serial atomic.Int64

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// jobOf is a job as River hands it to a worker.
func jobOf[A river.JobArgs](args A) *river.Job[A] {
	return &river.Job[A]{JobRow: &rivertype.JobRow{Attempt: 1}, Args: args}
}

// dump is the state of everything that the program keeps, without times of the record itself and without ids that only count up.
func (r *rig) dump() string {
	r.t.Helper()
	var text strings.Builder
	for _, sql := range []string{
		`SELECT key, stage, readiness, end_reason, intake_at, intake_note, phone_invalid FROM leads ORDER BY key`,
		`SELECT lead_id, cycle, attempts FROM all_cycles ORDER BY 1, 2`,
		`SELECT lead_id, cycle, state, reason, step, run, in_flight, due_at, due_reason, channel, sender, last_response FROM enrollments ORDER BY lead_id, id`,
		`SELECT lead_id, step, run, channel, state, reason, attempt, result FROM touches ORDER BY 1, cycle, 2, 3`,
		`SELECT lead_id, kind, source, external_id, evaluated_at IS NOT NULL FROM responses ORDER BY source, external_id`,
		`SELECT lead_id, criterion, value, class FROM facts ORDER BY 1, 2, 3, 4`,
		`SELECT lead_id, kind, state, disposition FROM tasks ORDER BY 1, 2, 3, 4`,
		`SELECT lead_id, state, rep FROM handoffs ORDER BY 1, 2`,
		`SELECT encode(hash, 'hex'), channel FROM suppressions ORDER BY 1, 2`,
	} {
		rows, err := r.pool.Query(r.ctx, sql)
		must(r.t, err)
		lines, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
			values, err := row.Values()
			return fmt.Sprintln(values...), err
		})
		must(r.t, err)
		text.WriteString(strings.Join(lines, "") + "\n")
	}
	return text.String()
}

// openTask is the open task of a kind about a lead; nil when there is none.
func (r *rig) openTask(lead int64, kind cadence.TaskKind) *store.Task {
	r.t.Helper()
	tasks, err := store.LeadTasks(r.ctx, r.pool, lead)
	must(r.t, err)
	i := slices.IndexFunc(tasks, func(t store.Task) bool { return t.Kind == kind && t.State == store.TaskOpen })
	if i < 0 {
		return nil
	}
	return &tasks[i]
}
