package bench

import (
	"bufio"
	"cmp"
	"context"
	"io"
	"os"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// WorkerStats are what a worker process says of itself. The counts are since the line "begin", the memory is since its start.
type WorkerStats struct {
	Statements int         `json:"statements"` // sent to Postgres, begin and commit included, River's too
	Trips      int         `json:"trips"`      // waits for Postgres: a batch of statements is one
	CPUUsec    int64       `json:"cpu_usec"`   // user and system
	RSSBytes   int64       `json:"rss_bytes"`  // the most that was ever resident; 0 where the system does not tell
	Top        []Statement `json:"top"`        // by time, the longest first
}

// Statement is how often one SQL statement was sent and how long its answers took altogether, as the worker saw it.
type Statement struct {
	SQL   string        `json:"sql"` // its beginning
	Count int           `json:"count"`
	Took  time.Duration `json:"took_ns"`
}

// Probe counts what a worker process asks of Postgres. It is a pgx tracer.
type Probe struct {
	now  func() time.Time
	mu   sync.Mutex
	took map[string]*Statement
	n    WorkerStats
	cpu  time.Duration // at the beginning
}

var (
	_ pgx.QueryTracer    = (*Probe)(nil)
	_ pgx.BatchTracer    = (*Probe)(nil)
	_ pgx.CopyFromTracer = (*Probe)(nil)
)

// NewProbe makes a probe; now is the real clock.
func NewProbe(now func() time.Time) *Probe { return &Probe{now: now, took: map[string]*Statement{}} }

type begun struct {
	sql string
	at  time.Time
}

type begunKey struct{}

func (p *Probe) begin(ctx context.Context, sql string) context.Context {
	return context.WithValue(ctx, begunKey{}, begun{sql, p.now()})
}

func (p *Probe) end(ctx context.Context, statements int) {
	b, ok := ctx.Value(begunKey{}).(begun)
	if !ok {
		return
	}
	took := p.now().Sub(b.at)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n.Trips++
	p.n.Statements += statements
	s := p.took[b.sql]
	if s == nil {
		s = &Statement{SQL: b.sql}
		p.took[b.sql] = s
	}
	s.Count++
	s.Took += took
}

// TraceQueryStart implements pgx.QueryTracer.
func (p *Probe) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return p.begin(ctx, data.SQL)
}

// TraceQueryEnd implements pgx.QueryTracer.
func (p *Probe) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	p.end(ctx, 1)
}

// TraceBatchStart implements pgx.BatchTracer.
func (p *Probe) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	sql := "batch"
	if queued := data.Batch.QueuedQueries; len(queued) > 0 {
		sql = "batch of " + strconv.Itoa(len(queued)) + ": " + queued[len(queued)-1].SQL
	}
	return p.begin(ctx, sql)
}

// TraceBatchQuery implements pgx.BatchTracer.
func (p *Probe) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n.Statements++
}

// TraceBatchEnd implements pgx.BatchTracer.
func (p *Probe) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchEndData) {
	p.end(ctx, 0)
}

// TraceCopyFromStart implements pgx.CopyFromTracer.
func (p *Probe) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	return p.begin(ctx, "COPY "+strings.Join(data.TableName, "."))
}

// TraceCopyFromEnd implements pgx.CopyFromTracer.
func (p *Probe) TraceCopyFromEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceCopyFromEndData) {
	p.end(ctx, 1)
}

// Serve answers a parent's lines until in ends: "begin" sets the counts to zero and starts the CPU profile unless profile is "", "end"
// says the counts and ends the profile.
func (p *Probe) Serve(in io.Reader, out io.Writer, profile string) error {
	var file *os.File
	defer func() {
		if file != nil {
			pprof.StopCPUProfile()
			_ = file.Close()
		}
	}()
	if _, err := io.WriteString(out, "{}\n"); err != nil { // ready
		return err
	}
	return Answer(in, out, func(line string) (any, error) {
		if line == "end" {
			if file != nil {
				pprof.StopCPUProfile()
			}
			return p.stats(), nil
		}
		p.reset()
		if profile == "" || file != nil {
			return WorkerStats{}, nil
		}
		var err error
		if file, err = os.Create(profile); err != nil {
			return nil, err
		}
		return WorkerStats{}, pprof.StartCPUProfile(file)
	})
}

func (p *Probe) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n, p.cpu = WorkerStats{}, cpuTime()
	clear(p.took)
}

// topStatements is how many statements are told one by one.
const topStatements = 16

func (p *Probe) stats() WorkerStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.n
	n.CPUUsec, n.RSSBytes = (cpuTime() - p.cpu).Microseconds(), peakRSS()
	for _, s := range p.took {
		n.Top = append(n.Top, Statement{SQL: beginning(s.SQL), Count: s.Count, Took: s.Took})
	}
	slices.SortFunc(n.Top, func(a, b Statement) int { return cmp.Compare(b.Took, a.Took) })
	n.Top = n.Top[:min(len(n.Top), topStatements)]
	return n
}

func beginning(sql string) string {
	words := strings.Join(strings.Fields(sql), " ")
	if len(words) > 90 {
		words = strings.ToValidUTF8(words[:90], "") + "…"
	}
	return words
}

// peakRSS is VmHWM of proc(5), in bytes; 0 where there is no /proc. getrusage would not do: a process that was just started inherits the
// size of the one that started it.
func peakRSS() int64 {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer file.Close() // it was only read
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kb << 10
		}
	}
	return 0
}
