package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
	"nurture/internal/pgtest"
	"nurture/store"
)

var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// base is a database with the schema, a configuration and one live cadence.
type base struct {
	t       *testing.T
	ctx     context.Context
	pool    *pgxpool.Pool
	config  int64
	version store.CadenceVersion
}

func newBase(t *testing.T) *base {
	t.Helper()
	url := pgtest.New(t, "store", pgtest.By(store.Migrate))
	b := &base{t: t, ctx: t.Context()}
	var err error
	b.pool, err = store.Open(b.ctx, url, 8)
	must(t, err)
	t.Cleanup(b.pool.Close)
	b.config, err = store.InsertConfig(b.ctx, b.pool, store.ConfigVersion{Hash: "h1", ULDHash: "u1", AppliedAt: noon, AppliedBy: "test"},
		[]store.ConfigFile{{Path: "nurture.yaml", Content: []byte("a: 1\n")}, {Path: "uld.yaml", Content: []byte{0, 255}}})
	must(t, err)
	_, err = store.SetLiveCadences(b.ctx, b.pool, b.config, map[string]string{"c": "1"})
	must(t, err)
	live, err := store.LiveCadences(b.ctx, b.pool)
	must(t, err)
	b.version = live[0]
	return b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func lead(i int) store.NewLead {
	return store.NewLead{
		Lead: store.Lead{
			Key: fmt.Sprintf("k%d", i), Email: fmt.Sprintf("p%d@c%d.example", i, i), Phone: fmt.Sprintf("+4930%07d", i), FirstName: "Pat", Origin: "inquiry",
			Zones: []string{"Europe/Berlin"}, Mailbox: "m@us.example", Owner: "o@us.example", Custom: map[string]any{"size": "L"},
			Account: store.Account{Name: "C", Domain: fmt.Sprintf("c%d.example", i), Employees: 10 * i},
		},
		AccountKey: fmt.Sprintf("c%d.example", i),
	}
}

// enrolled stores n leads with an enrolment each.
func (b *base) enrolled(n int) (leads, enrollments []int64) {
	b.t.Helper()
	rows := make([]store.NewLead, n)
	for i := range rows {
		rows[i] = lead(i + 1)
	}
	leads, inserted, err := store.UpsertLeads(b.ctx, b.pool, rows, noon)
	must(b.t, err)
	if inserted != n {
		b.t.Fatalf("%d leads are new, want %d", inserted, n)
	}
	news := make([]store.NewEnrollment, n)
	for i, id := range leads {
		news[i] = store.NewEnrollment{LeadID: id, CadenceVersionID: b.version.ID, Budget: 7}
	}
	enrollments, err = store.InsertEnrollments(b.ctx, b.pool, news, noon)
	must(b.t, err)
	return leads, enrollments
}

// TestPlannerReadsOnlyWhatIsDue: with 20,000 enrolments that wait, the planner's query goes by its index and touches no other row.
func TestPlannerReadsOnlyWhatIsDue(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	_, ids := b.enrolled(1)
	for _, sql := range []string{
		`INSERT INTO leads (key, created_at, updated_at) SELECT 'idle' || n, now(), now() FROM generate_series(1, 20000) n`,
		`INSERT INTO cycles (lead_id, cycle, budget, started_at) SELECT id, 1, 7, now() FROM leads WHERE key LIKE 'idle%'`,
		`INSERT INTO enrollments (lead_id, cadence_version_id, cycle, state, reason, step, run, due_at, channel, sender, started_at)
			SELECT id, 1, 1, 'active', 'step_delay', 1, 1, '2026-04-01'::timestamptz + id * interval '1 minute', 'email', 'm' || id % 20 || '@us.example', now()
			FROM leads WHERE key LIKE 'idle%'`,
		`INSERT INTO lead_turns SELECT id, '2026-04-01'::timestamptz + id * interval '1 minute' FROM leads WHERE key LIKE 'idle%'`,
		`ANALYZE enrollments, lead_turns`,
	} {
		_, err := b.pool.Exec(b.ctx, sql)
		must(t, err)
	}
	_, err := b.pool.Exec(b.ctx, `UPDATE enrollments SET state = 'active', due_at = $1, channel = 'email', sender = 'm3@us.example' WHERE id = $2`, noon, ids[0])
	must(t, err)
	var rooms []store.Room
	for i := range 20 {
		rooms = append(rooms, store.Room{Channel: "email", Sender: fmt.Sprintf("m%d@us.example", i), N: 100})
	}
	rooms = append(rooms, store.Room{N: 100}, store.Room{Channel: "call", Sender: "o@us.example", N: 0})
	explain := &explainer{DB: b.pool}
	_, _ = store.LockDueEnrollments(b.ctx, explain, rooms, nil, noon)
	if !strings.Contains(explain.plan, "enrollments_due") || strings.Contains(explain.plan, "Seq Scan on enrollments") {
		t.Errorf("the planner's query does not go by its index:\n%s", explain.plan)
	}
	for _, at := range []time.Time{noon, noon.AddDate(1, 0, 0)} { // with none of the others due, and with all of them
		if _, _ = store.ReadAgenda(b.ctx, explain, rooms, store.Marks{Now: at, Visited: at, Ahead: at}); strings.Contains(explain.plan, "Seq Scan on enrollments") ||
			strings.Contains(explain.plan, "Seq Scan on lead_turns") {
			t.Errorf("the planner's question does not go by its index:\n%s", explain.plan)
		}
	}
	due, err := store.LockDueEnrollments(b.ctx, b.pool, rooms, nil, noon)
	must(t, err)
	if len(due) != 1 || due[0].ID != ids[0] || due[0].Mailbox != "m3@us.example" {
		t.Errorf("due are %v, want %v", due, ids)
	}
	rooms[3].N = 0
	if due, err = store.LockDueEnrollments(b.ctx, b.pool, rooms, nil, noon); err != nil || len(due) != 0 {
		t.Errorf("due without room are %v, %v", due, err)
	}
}

// explainer asks how a query would be run instead of running it.
type explainer struct {
	store.DB
	plan string
}

func (e *explainer) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	rows, err := e.DB.Query(ctx, "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) "+sql, args...)
	if err != nil {
		return nil, err
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	e.plan = strings.Join(lines, "\n")
	if err == nil {
		err = errors.New("only explained")
	}
	return nil, err
}

// TestLockedRowsAreLeft: what one planner holds another does not wait for.
func TestLockedRowsAreLeft(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	_, ids := b.enrolled(4)
	_, err := b.pool.Exec(b.ctx, `UPDATE enrollments SET due_at = $1`, noon)
	must(t, err)
	tx, err := b.pool.Begin(b.ctx)
	must(t, err)
	defer func() { _ = tx.Rollback(b.ctx) }()
	first, err := store.LockDueEnrollments(b.ctx, tx, []store.Room{{N: 2}}, nil, noon)
	must(t, err)
	second, err := store.LockDueEnrollments(b.ctx, b.pool, []store.Room{{N: 9}}, nil, noon)
	must(t, err)
	taken := map[int64]bool{}
	for _, due := range append(first, second...) {
		taken[due.ID] = true
	}
	if len(first) != 2 || len(second) != 2 || len(taken) != 4 {
		t.Errorf("%v and %v of %v", first, second, ids)
	}
	got, err := store.TryLocks(b.ctx, tx, []string{"a", "b"})
	must(t, err)
	other, err := store.TryLocks(b.ctx, b.pool, []string{"b", "c"})
	must(t, err)
	if len(got) != 2 || !slices.Equal(other, []string{"c"}) {
		t.Errorf("locks %v and %v", got, other)
	}
}

func TestUpsertLeads(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	one := lead(1)
	ids, inserted, err := store.UpsertLeads(b.ctx, b.pool, []store.NewLead{one, lead(2)}, noon)
	must(t, err)
	if inserted != 2 || len(ids) != 2 {
		t.Fatalf("%v, %d new", ids, inserted)
	}
	later := noon.Add(time.Hour)
	again := store.NewLead{Lead: store.Lead{
		Key: "k1", Title: "Director", Origin: "self_qualified", Mailbox: "other@us.example", Owner: "other@us.example", Custom: map[string]any{"colour": "red"},
		ConsentEmail: &noon, Account: store.Account{Employees: 99},
	}, AccountKey: "c1.example"}
	ids2, inserted, err := store.UpsertLeads(b.ctx, b.pool, []store.NewLead{lead(3), again}, later)
	must(t, err)
	if inserted != 1 || ids2[1] != ids[0] {
		t.Errorf("%v, %d new", ids2, inserted)
	}
	got, err := store.FindLead(b.ctx, b.pool, "k1")
	must(t, err)
	if got.Email != one.Email || got.Title != "Director" || got.Origin != "inquiry" || got.Mailbox != one.Mailbox || got.Owner != one.Owner ||
		got.ConsentEmail == nil || len(got.Custom) != 2 || got.Employees != 99 || got.Account.Name != "C" || !slices.Equal(got.Zones, one.Zones) {
		t.Errorf("lead %+v", got)
	}
	for _, ref := range []string{"P1@c1.EXAMPLE", fmt.Sprint(ids[0])} {
		if byRef, err := store.FindLead(b.ctx, b.pool, ref); err != nil || byRef.ID != ids[0] {
			t.Errorf("%s finds %d, %v", ref, byRef.ID, err)
		}
	}
	if _, err := store.FindLead(b.ctx, b.pool, "nobody"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	leads, err := store.ListLeads(b.ctx, b.pool, store.LeadFilter{Owner: "o@us.example", AfterID: ids[0]})
	if err != nil || len(leads) != 2 {
		t.Errorf("%d leads, %v", len(leads), err)
	}
	byKey, err := store.LeadIDs(b.ctx, b.pool)
	if err != nil || byKey["k1"] != ids[0] {
		t.Errorf("ids %v, %v", byKey, err)
	}
}

// TestUnreachableLeadComesBack: a lead without an address is kept and ended; with one it is taken up.
func TestUnreachableLeadComesBack(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	bare := store.NewLead{Lead: store.Lead{Key: "k1", Origin: "inquiry", Owner: "o"}, NoAddress: true}
	left := lead(2)
	left.OptedOut = true
	ids, _, err := store.UpsertLeads(b.ctx, b.pool, []store.NewLead{bare, left}, noon)
	must(t, err)
	leads, err := store.Leads(b.ctx, b.pool, ids)
	must(t, err)
	if leads[0].EndReason != "unreachable" || leads[1].EndReason != "opted_out" || leads[0].IntakeAt != nil || leads[1].IntakeAt != nil {
		t.Errorf("leads %+v", leads)
	}
	other := lead(2)
	other.Email = "new@c2.example"
	_, _, err = store.UpsertLeads(b.ctx, b.pool, []store.NewLead{lead(1), other}, noon)
	must(t, err)
	leads, err = store.Leads(b.ctx, b.pool, ids)
	must(t, err)
	if leads[0].EndReason != "" || leads[0].IntakeAt == nil {
		t.Errorf("with an address: %+v", leads[0])
	}
	if leads[1].EndReason != "opted_out" || leads[1].IntakeAt != nil {
		t.Errorf("who left came back with another address: %+v", leads[1])
	}
}

func TestSuppressionsHoldByHash(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	leads, _ := b.enrolled(4)
	must(t, store.InsertSuppressions(b.ctx, b.pool, []store.Suppression{
		{Address: "p1@c1.example", Scope: cadence.SuppressEmail, Reason: "a"},
		{Address: "p1@c1.example", Scope: cadence.SuppressEmail, Reason: "b"},
		{Address: "@c2.example", Scope: cadence.SuppressAll, Reason: "c"},
		{Address: "+49300000003", Scope: cadence.SuppressPhone, Reason: "d"},
	}, noon))
	must(t, store.InsertSuppressions(b.ctx, b.pool, []store.Suppression{{Address: "p1@c1.example", Scope: cadence.SuppressEmail, Reason: "later"}}, noon.Add(time.Hour)))
	must(t, store.InsertSuppressions(b.ctx, b.pool, nil, noon))
	got, err := store.Leads(b.ctx, b.pool, leads)
	must(t, err)
	for i, want := range [][2]bool{{true, false}, {true, false}, {false, true}, {false, false}} {
		if got[i].EmailSuppressed != want[0] || got[i].PhoneSuppressed != want[1] {
			t.Errorf("lead %d: email %v, phone %v; want %v", i+1, got[i].EmailSuppressed, got[i].PhoneSuppressed, want)
		}
	}
	var rows int
	var reason string
	must(t, b.pool.QueryRow(b.ctx, `SELECT count(*), min(reason) FILTER (WHERE channel = 'email') FROM suppressions WHERE hash <> ''`).Scan(&rows, &reason))
	if rows != 3 || reason == "later" {
		t.Errorf("%d rows, reason %q", rows, reason)
	}
}

// TestEnrollmentRoundTrip: what is saved is what is loaded, wall clock and instant.
func TestEnrollmentRoundTrip(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	leads, ids := b.enrolled(2)
	rows, err := store.LockEnrollments(b.ctx, b.pool, []int64{ids[1], ids[0]})
	must(t, err)
	core := rows[0].Core("UTC")
	core.State, core.Reason, core.Step, core.Run, core.LastRun, core.InFlight, core.Last = cadence.Running, cadence.ReasonStepDelay, 3, 2, -1, true, cadence.Click
	local := time.Date(2026, time.March, 29, 2, 30, 0, 0, time.UTC)
	core.Due = &cadence.Due{
		Intent: calendar.Intent{Local: local, Zone: "Europe/Berlin"}, At: time.Date(2026, time.March, 29, 1, 0, 0, 123000, time.UTC), Reason: cadence.ReasonRetry,
	}
	must(t, store.SaveEnrollments(b.ctx, b.pool, []store.SavedEnrollment{{Enrollment: core, Channel: "email", Sender: "m"}}, noon))
	rows, err = store.LockEnrollments(b.ctx, b.pool, ids[:1])
	must(t, err)
	got := rows[0].Core("UTC")
	if got.Due == nil || !got.Due.Intent.Local.Equal(local) || got.Due.Intent.Zone != "Europe/Berlin" || !got.Due.At.Equal(core.Due.At) || got.Due.Reason != core.Due.Reason ||
		got.State != core.State || got.Step != 3 || got.Run != 2 || got.LastRun != -1 || !got.InFlight || got.Last != cadence.Click || rows[0].Sender != "m" {
		t.Errorf("loaded %+v, due %+v", got, got.Due)
	}
	if next, ok, err := store.NextDue(b.ctx, b.pool, noon); err != nil || !ok || !next.Equal(core.Due.At) {
		t.Errorf("next due %s, %v, %v", next, ok, err)
	}
	core.State, core.Due = cadence.Finished, nil
	must(t, store.SaveEnrollments(b.ctx, b.pool, []store.SavedEnrollment{{Enrollment: core}}, noon.Add(time.Hour)))
	must(t, store.SaveEnrollments(b.ctx, b.pool, []store.SavedEnrollment{{Enrollment: core}}, noon.Add(2*time.Hour)))
	all, err := store.LeadEnrollments(b.ctx, b.pool, leads[0])
	must(t, err)
	if len(all) != 1 || all[0].EndedAt == nil || !all[0].EndedAt.Equal(noon.Add(time.Hour)) || all[0].DueAt != nil {
		t.Errorf("ended %+v", all)
	}
	// A second running enrolment is refused by the database; a new cycle has a budget of its own.
	if _, err := store.InsertEnrollments(b.ctx, b.pool, []store.NewEnrollment{{LeadID: leads[1], CadenceVersionID: b.version.ID, Budget: 7}}, noon); err == nil {
		t.Error("a lead was enrolled twice")
	}
	next, err := store.InsertEnrollments(b.ctx, b.pool, []store.NewEnrollment{{LeadID: leads[0], CadenceVersionID: b.version.ID, Budget: 5, NewCycle: true}}, noon)
	must(t, err)
	rows, err = store.LockEnrollments(b.ctx, b.pool, next)
	if err != nil || rows[0].Cycle != 2 || rows[0].Budget != 5 {
		t.Errorf("cycle %d with budget %d, %v", rows[0].Cycle, rows[0].Budget, err)
	}
	if n, err := store.CountStartedSince(b.ctx, b.pool, "c", noon); err != nil || n != 3 {
		t.Errorf("%d began, %v", n, err)
	}
}

// TestConfigVersions keeps files byte by byte and gives a cadence a new number only with a new hash.
func TestConfigVersions(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	files, err := store.ConfigFiles(b.ctx, b.pool, b.config)
	must(t, err)
	if len(files) != 2 || string(files[1].Content) != "\x00\xff" {
		t.Errorf("files %v", files)
	}
	set := func(hashes map[string]string) []string {
		changed, err := store.SetLiveCadences(b.ctx, b.pool, b.config, hashes)
		must(t, err)
		slices.Sort(changed)
		return changed
	}
	if got := set(map[string]string{"c": "1", "d": "1"}); !slices.Equal(got, []string{"d"}) {
		t.Errorf("changed %v", got)
	}
	if got := set(map[string]string{"c": "2"}); !slices.Equal(got, []string{"c"}) {
		t.Errorf("changed %v", got)
	}
	if got := set(map[string]string{"c": "1"}); !slices.Equal(got, []string{"c"}) {
		t.Errorf("changed %v", got)
	}
	live, err := store.LiveCadences(b.ctx, b.pool)
	if err != nil || len(live) != 1 || live[0].Number != 3 || live[0].Key != "c" {
		t.Errorf("live %+v, %v", live, err)
	}
}

func TestSecretIsSharedByAll(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	var wg sync.WaitGroup
	got := make([]string, 6)
	for i := range got {
		wg.Go(func() {
			value, err := store.Secret(b.ctx, b.pool, "tokens", []byte{byte(i)})
			if err != nil {
				t.Error(err)
			}
			got[i] = string(value)
		})
	}
	wg.Wait()
	if len(slices.Compact(got)) != 1 {
		t.Errorf("secrets %q", got)
	}
}

// TestResponsesAreStoredOnce, in order, with text that Postgres cannot keep made fit.
func TestResponsesAreStoredOnce(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	leads, _ := b.enrolled(1)
	row := func(id, said string) store.Response {
		return store.Response{LeadID: leads[0], Kind: cadence.Reply, Source: "s", ExternalID: id, Said: said, At: noon}
	}
	ids, err := store.InsertResponses(b.ctx, b.pool, []store.Response{row("1", "a\x00b\xff"), row("2", ""), row("1", "again")})
	must(t, err)
	if ids[0] == 0 || ids[1] == 0 || ids[2] != 0 {
		t.Errorf("ids %v", ids)
	}
	again, err := store.InsertResponses(b.ctx, b.pool, []store.Response{row("2", ""), row("3", "")})
	must(t, err)
	if again[0] != 0 || again[1] == 0 {
		t.Errorf("ids %v", again)
	}
	all, err := store.LeadResponses(b.ctx, b.pool, leads[0])
	must(t, err)
	if len(all) != 3 || all[0].Said != "ab\uFFFD" {
		t.Errorf("responses %+v", all)
	}
	due, err := store.LockUnevaluated(b.ctx, b.pool, ids)
	must(t, err)
	must(t, store.MarkEvaluated(b.ctx, b.pool, ids[:1], noon))
	rest, err := store.LockUnevaluated(b.ctx, b.pool, ids)
	must(t, err)
	if len(due) != 2 || len(rest) != 1 {
		t.Errorf("%d are to be evaluated, then %d", len(due), len(rest))
	}
}

// TestFactsKeepTheirValues of every kind, and an import repeated brings none twice.
func TestFactsKeepTheirValues(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	leads, _ := b.enrolled(1)
	values := []predicate.Value{predicate.Text("x"), predicate.Number(2.5), predicate.Bool(false), predicate.Date(noon)}
	var rows []store.LeadFact
	for i, v := range values {
		rows = append(rows, store.LeadFact{LeadID: leads[0], Fact: uld.Fact{Criterion: fmt.Sprint(i), Value: v, Class: uld.HumanConfirmed, By: "m", At: noon, Words: "w"}})
	}
	for range 2 {
		must(t, store.InsertImportedFacts(b.ctx, b.pool, rows))
	}
	facts, err := store.Facts(b.ctx, b.pool, leads)
	must(t, err)
	got := facts[leads[0]]
	if len(got) != len(values) {
		t.Fatalf("%d facts, want %d", len(got), len(values))
	}
	for i, f := range got {
		if !f.Value.Same(values[i]) || f.Class != uld.HumanConfirmed || !f.At.Equal(noon) || f.Words != "w" {
			t.Errorf("fact %+v, want %v", f, values[i])
		}
	}
}

func TestMigrateTwice(t *testing.T) {
	t.Parallel()
	pool, err := store.Open(t.Context(), pgtest.New(t, "", nil), 4)
	must(t, err)
	defer pool.Close()
	if old, err := store.SchemaOld(t.Context(), pool); err != nil || !old {
		t.Errorf("an empty database is old: %v, %v", old, err)
	}
	first, err := store.Migrate(t.Context(), pool)
	must(t, err)
	second, err := store.Migrate(t.Context(), pool)
	must(t, err)
	if len(first) == 0 || len(second) != 0 {
		t.Errorf("applied %v, then %v", first, second)
	}
	if old, err := store.SchemaOld(t.Context(), pool); err != nil || old {
		t.Errorf("a migrated database is old: %v, %v", old, err)
	}
}

func TestOpenNamesTheTrouble(t *testing.T) {
	t.Parallel()
	if _, err := store.Open(t.Context(), "postgres://nobody@127.0.0.1:1/none?connect_timeout=2", 0); err == nil || !strings.Contains(err.Error(), "reach database") {
		t.Errorf("error %v", err)
	}
	if _, err := store.Open(t.Context(), "::", 0); err == nil || !strings.Contains(err.Error(), "database URL") {
		t.Errorf("error %v", err)
	}
}
