package jobs

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/cadence"
	"nurture/store"
)

// statements counts what the database is asked.
type statements struct {
	mu   sync.Mutex
	asks []string
}

// TraceQueryStart implements pgx.QueryTracer.
func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asks = append(s.asks, data.SQL)
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (*statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// during gives what is asked while f runs.
func (s *statements) during(f func()) []string {
	s.mu.Lock()
	s.asks = nil
	s.mu.Unlock()
	f()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asks
}

// traced makes an engine whose statements are counted.
func traced(t *testing.T, files map[string]string) (*rig, *statements) {
	t.Helper()
	asked := &statements{}
	url := newDatabase(t)
	cfg, err := pgxpool.ParseConfig(url)
	must(t, err)
	cfg.ConnConfig.Tracer = asked
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	must(t, err)
	t.Cleanup(pool.Close)
	r := rigOn(t, url, func(o *Options) { o.Pool = pool })
	r.goLive(starterWith(t, files))
	return r, asked
}

// agendaReads is how many rows of enrolments, and entries of their indexes, it takes to look what there is to do.
func (r *rig) agendaReads() int {
	r.t.Helper()
	tx, err := r.pool.Begin(r.ctx)
	must(r.t, err)
	defer func() { _ = tx.Rollback(r.ctx) }()
	current, err := r.liveNow(r.ctx, tx)
	must(r.t, err)
	now := r.now()
	rooms, err := r.openRooms(current, now)
	must(r.t, err)
	read := func() (n int) {
		must(r.t, tx.QueryRow(r.ctx, `SELECT sum(pg_stat_get_xact_tuples_returned(oid) + pg_stat_get_xact_tuples_fetched(oid)) FROM pg_class
			WHERE oid = 'enrollments'::regclass OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'enrollments'::regclass)`).Scan(&n))
		return n
	}
	before := read() // the connection's own count goes on from transactions before
	_, err = store.ReadAgenda(r.ctx, tx, rooms, store.Marks{Now: now, Visited: now, Ahead: now})
	must(r.t, err)
	return read() - before
}

// TestQuietTickIsOneStatement: with nothing due a tick asks once.
func TestQuietTickIsOneStatement(t *testing.T) {
	t.Parallel()
	r, asked := traced(t, firstSeven(mailStep+laterMail))
	r.sendNow(cadence.ChannelEmail, r.planned(3)...)
	r.tick()
	if asks := asked.during(func() { r.tick() }); len(asks) != 1 {
		t.Errorf("a tick with nothing due asks %d times:\n%s", len(asks), strings.Join(asks, "\n---\n"))
	}
	r.pass(max(beatEvery, staleEvery, strayEvery))
	asks := asked.during(func() { r.tick() })
	asks = slices.DeleteFunc(asks, func(ask string) bool { return ask == "begin" || ask == "commit" })
	if len(asks) != 6 || !strings.Contains(asks[0], "pulse") || !strings.Contains(asks[2], "lead_turns") || !strings.Contains(asks[3], "known.owner") ||
		!strings.Contains(asks[4], "NOT IN (SELECT") || !strings.Contains(asks[5], "alarmed_at < ") {
		t.Errorf("once a minute the pulse is noted beside, and leads whose time has come, tasks of who is gone, who waits in vain, and jobs that are gone are looked for; asked were\n%s", strings.Join(asks, "\n---\n"))
	}
}

// TestNoCapacityCostsNoDatabaseWork: a backlog whose senders are spent, paused or not yet warm is not looked at, however long.
func TestNoCapacityCostsNoDatabaseWork(t *testing.T) {
	t.Parallel()
	capped := starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: 2")
	for name, c := range map[string]struct {
		settings string
		before   func(r *rig)
		planned  int
	}{
		"spent for the day": {capped, nil, 4},
		"spent for the hour": {
			starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: 120\n    hourly_cap: 3"), nil, 6,
		},
		"not yet warm": {
			starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: 120\n    warm_up: { from: 2026-03-03, start: 5, add: 5 }"), nil, 0,
		},
		"paused": {capped, func(r *rig) {
			for _, s := range r.cfg.Settings.Senders {
				_, err := r.PauseSender(r.ctx, s.Email, "", "test")
				must(r.t, err)
			}
		}, 0},
		"the domain is spent": {
			starterFile(t, "nurture.yaml", "# Without smtp", "mail: { per_domain: { big.example: { per_day: 7 } } }\n# Without smtp"),
			func(r *rig) { r.exec(`UPDATE leads SET email = 'p' || id || '@big.example'`) }, 7,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := firstSeven(mailStep + laterMail)
			files["nurture.yaml"] = c.settings
			r, asked := traced(t, files)
			r.importPeople(40)
			if c.before != nil {
				c.before(r)
			}
			r.at(tenOClock)
			r.tick()
			r.exec(`VACUUM ANALYZE enrollments`) // plans are made anew with the first statement after it
			r.tick()
			if n := r.count(`SELECT count(*) FROM touches`); n != c.planned {
				t.Fatalf("%d touches are planned, want %d", n, c.planned)
			}
			asks := asked.during(func() {
				for range 20 {
					r.pass(time.Second)
					r.tick()
				}
			})
			if len(asks) != 20 {
				t.Errorf("20 ticks without capacity asked %d times:\n%s", len(asks), strings.Join(asks, "\n---\n"))
			}
			if read := r.agendaReads(); read != 0 {
				t.Errorf("a tick without capacity reads %d rows of the backlog or entries of its indexes", read)
			}
			r.exec(`UPDATE senders SET paused_at = NULL`)
			r.at(tenOClock.Add(24 * time.Hour))
			if read := r.agendaReads(); read == 0 {
				t.Error("nothing is read either when there is room")
			}
		})
	}
}
