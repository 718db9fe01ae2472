package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"nurture/store"
)

// TouchOptions say what `nurture bench touches` measures.
type TouchOptions struct {
	Options
	Leads, Steps int
	Idle         int    // further enrolments whose touch is due in ten years
	Senders      int    // mailboxes that the leads are spread over
	Connections  int    // to the mail server, of each worker process
	Workers      int    // processes
	CPUProfile   string // file for the CPU profile of the first worker; "" makes none
}

// Touches is what was measured. Rates are a second of the wall clock.
type Touches struct {
	Machine
	Leads       int `json:"leads"`
	Steps       int `json:"steps"`
	Idle        int `json:"idle"`
	Senders     int `json:"senders"`
	Connections int `json:"connections"`
	Workers     int `json:"workers"`

	RiverNoop  float64    `json:"river_noop_per_s"`
	SMTPRaw    float64    `json:"smtp_raw_per_s"`  // mean of the two rounds
	SMTPRounds [2]float64 `json:"smtp_raw_rounds"` // before the engine's run and after it
	PerSecond  float64    `json:"touches_per_s"`   // from the release of the mailboxes to the last recorded touch
	RatioSMTP  float64    `json:"ratio_smtp"`      // touches_per_s by smtp_raw_per_s
	RatioRiver float64    `json:"ratio_river"`     // touches_per_s by river_noop_per_s
	WAL        float64    `json:"wal_bytes_per_touch"`
	Queries    float64    `json:"queries_per_touch"` // statements, begin and commit and River's included
	Trips      float64    `json:"round_trips_per_touch"`
	P50        float64    `json:"p50_ms"` // from planned to recorded
	P99        float64    `json:"p99_ms"`
	RSS        float64    `json:"rss_mb"` // the most of any worker process, MiB

	// CPU time, in microseconds. It says more than the clock does on a machine that others use too.
	RawCPU      float64 `json:"cpu_us_per_raw"` // go-mail and the sink
	WorkerCPU   float64 `json:"worker_cpu_us_per_touch"`
	PostgresCPU float64 `json:"postgres_cpu_us_per_touch"`
	SinkCPU     float64 `json:"sink_cpu_us_per_touch"`
	RatioCPU    float64 `json:"ratio_cpu"`   // cpu_us_per_raw by the sum of the other three
	OthersCPU   float64 `json:"others_cpus"` // how many CPUs others used, on average, while the engine ran

	Seconds   float64            `json:"seconds"`                   // that the engine's run took
	Touches   int                `json:"touches"`                   // sent, by the ledger
	NotSent   int                `json:"not_sent"`                  // touches in another state than sent
	Mails     int                `json:"mails"`                     // that the sink took of them
	Twice     int                `json:"twice"`                     // of these with a Message-ID that had come before
	MailBytes float64            `json:"bytes_per_mail"`            // of the engine's, in the sink
	RawBytes  float64            `json:"bytes_per_raw"`             // of go-mail's
	SeqRows   map[string]float64 `json:"sequential_rows_per_touch"` // read by sequential scans, by table; below 1 left out

	Statements []Statement `json:"statements"` // of the first worker
}

// Rounds are capped: longer ones tell no more.
const (
	maxNoops = 60_000
	maxRaw   = 30_000
	warmUp   = 200 // leads that go through all steps before anything is measured
)

// MeasureTouches runs River alone, go-mail alone and the engine, one after the other.
func MeasureTouches(ctx context.Context, o TouchOptions) (result *Touches, err error) {
	g, err := newGround(ctx, o.Options, plan{senders: o.Senders, steps: o.Steps, intake: "manual"})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	m := &measuredTouches{ground: g, asked: o, result: &Touches{
		Machine: g.machine(), Leads: o.Leads, Steps: o.Steps, Idle: o.Idle, Senders: o.Senders, Connections: o.Connections, Workers: o.Workers,
	}}
	if m.sink, err = o.spawn("sink", nil, "bench", "sink"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.sink.stop()) }()
	var hello SinkCount
	if err := m.sink.ask("", &hello); err != nil {
		return nil, err
	}
	m.port = hello.Port
	if err := m.run(ctx); err != nil {
		return nil, err
	}
	return m.result, nil
}

type measuredTouches struct {
	*ground
	asked   TouchOptions
	sink    *child
	port    int
	workers []*child
	result  *Touches
}

func (m *measuredTouches) run(ctx context.Context) error {
	r, all := m.result, m.asked.Leads*m.asked.Steps
	var err error
	if r.RiverNoop, err = m.rawRiver(ctx, min(maxNoops, 10*all)); err != nil {
		return err
	}
	letters, err := m.letters()
	if err != nil {
		return err
	}
	raw := min(maxRaw, all)
	sent := 0
	round := func(n int) (rate float64, err error) {
		rate, err = m.rawMail(ctx, letters, m.port, sent, n, m.asked.Connections*m.asked.Workers)
		sent += n
		return rate, err
	}
	if _, err = round(max(raw/10, 1)); err != nil { // warm-up
		return err
	}
	before, err := m.taken()
	if err != nil {
		return err
	}
	cpu := cpuTime()
	if r.SMTPRounds[0], err = round(raw); err != nil {
		return err
	}
	cpu = cpuTime() - cpu
	after, err := m.taken()
	if err != nil {
		return err
	}
	r.RawBytes = ratio(float64(after.Bytes-before.Bytes), float64(raw))
	r.RawCPU = float64(cpu.Microseconds()+after.CPUUsec-before.CPUUsec) / float64(raw)
	if err := m.carried(ctx); err != nil {
		return err
	}
	if r.SMTPRounds[1], err = round(raw); err != nil {
		return err
	}
	r.SMTPRaw = (r.SMTPRounds[0] + r.SMTPRounds[1]) / 2
	r.RatioCPU = ratio(r.RawCPU, r.WorkerCPU+r.PostgresCPU+r.SinkCPU)
	r.RatioSMTP, r.RatioRiver = ratio(r.PerSecond, r.SMTPRaw), ratio(r.PerSecond, r.RiverNoop)
	return nil
}

func (m *measuredTouches) taken() (SinkCount, error) {
	var n SinkCount
	err := m.sink.ask("count", &n)
	return n, err
}

// carried runs the engine, in processes of its own.
func (m *measuredTouches) carried(ctx context.Context) (err error) {
	if err := m.idle(ctx, m.asked.Idle); err != nil {
		return err
	}
	defer func() {
		for _, w := range m.workers {
			err = errors.Join(err, w.stop())
		}
	}()
	if err := m.startWorkers(); err != nil {
		return err
	}
	if _, err := m.send(ctx, "warm", min(warmUp, m.asked.Leads)); err != nil {
		return err
	}
	measured, err := m.send(ctx, "lead", m.asked.Leads)
	if err != nil {
		return err
	}
	measured.tell(m.result)
	return m.workerStats(float64(measured.touches))
}

func (m *measuredTouches) startWorkers() error {
	env := mailTo(m.port, m.asked.Connections)
	for i := range m.asked.Workers {
		args := []string{"bench", "worker", "--database", m.url, "--config", m.configDir(), "--data", filepath.Join(m.Dir, "data")}
		if i == 0 && m.asked.CPUProfile != "" {
			args = append(args, "--cpuprofile", m.asked.CPUProfile)
		}
		w, err := m.spawn(fmt.Sprintf("worker-%d", i+1), env, args...)
		if err != nil {
			return err
		}
		m.workers = append(m.workers, w)
	}
	for _, w := range m.workers {
		var ready struct{}
		if err := w.ask("", &ready); err != nil {
			return err
		}
	}
	return nil
}

// mailTo are the variables that make a worker send its mail to a sink.
func mailTo(port, connections int) []string {
	return []string{
		"NURTURE_SMTP_HOST=127.0.0.1", "NURTURE_SMTP_PORT=" + strconv.Itoa(port), "NURTURE_SMTP_TLS=none",
		"NURTURE_SMTP_CONNECTIONS=" + strconv.Itoa(connections),
	}
}

// wave is a run of leads through all steps: how things stood when their mailboxes were released, and how when all was recorded.
type wave struct {
	touches       int
	before, after mark
	delivery      store.Delivery
}

// mark is how things stand at an instant.
type mark struct {
	at        time.Time
	sink      SinkCount
	lastTouch int64
	wal       int64
	seqRows   map[string]int64
	postgres  time.Duration // CPU
	machine   time.Duration // CPU
}

func (m *measuredTouches) mark(ctx context.Context) (mark, error) {
	var k mark
	var errs [4]error
	k.lastTouch, errs[0] = store.LastTouch(ctx, m.pool)
	k.wal, errs[1] = store.WALPosition(ctx, m.pool)
	k.sink, errs[2] = m.taken()
	k.seqRows, errs[3] = store.SequentialRows(ctx, m.pool)
	k.postgres, k.machine = familyCPU(m.postgres.PID()), machineCPU()
	k.at = m.Now()
	return k, errors.Join(errs[:]...)
}

// send runs a wave.
func (m *measuredTouches) send(ctx context.Context, prefix string, leads int) (*wave, error) {
	m.say("the engine: %d leads, %d steps (%s)", leads, m.asked.Steps, prefix)
	if err := m.hold(ctx); err != nil {
		return nil, err
	}
	if _, err := m.enroll(ctx, prefix, leads); err != nil {
		return nil, err
	}
	if err := m.settle(ctx); err != nil {
		return nil, err
	}
	for _, w := range m.workers {
		if err := w.ask("begin", &WorkerStats{}); err != nil {
			return nil, err
		}
	}
	v := &wave{touches: leads * m.asked.Steps}
	var err error
	if v.before, err = m.mark(ctx); err != nil {
		return nil, err
	}
	if err := m.release(ctx); err != nil {
		return nil, err
	}
	if err := m.await(ctx, "the engine's mails", func() (int, bool, error) {
		now, err := m.taken()
		n := now.Mails - v.before.sink.Mails
		return n, n >= v.touches, err
	}); err != nil {
		return nil, err
	}
	if err := m.await(ctx, "the engine's records", func() (int, bool, error) {
		v.delivery, err = store.Delivered(ctx, m.pool, v.before.lastTouch)
		return v.delivery.Sent, v.delivery.Sent >= v.touches, err
	}); err != nil {
		return nil, err
	}
	v.after, err = m.mark(ctx)
	return v, err
}

// tell puts a wave into the result.
func (v *wave) tell(r *Touches) {
	took, n := v.after.at.Sub(v.before.at), float64(v.touches)
	before, after := v.before.sink, v.after.sink
	r.Seconds, r.PerSecond = took.Seconds(), perSecond(v.touches, took)
	r.Touches, r.NotSent, r.P50, r.P99 = v.delivery.Sent, v.delivery.Other, v.delivery.P50Milli, v.delivery.P99Milli
	r.Mails, r.Twice = after.Mails-before.Mails, after.Twice-before.Twice
	r.MailBytes = ratio(float64(after.Bytes-before.Bytes), float64(r.Mails))
	r.WAL = float64(v.after.wal-v.before.wal) / n
	r.SinkCPU = float64(after.CPUUsec-before.CPUUsec) / n
	r.PostgresCPU = float64((v.after.postgres - v.before.postgres).Microseconds()) / n
	r.OthersCPU = (v.after.machine - v.before.machine).Seconds() / took.Seconds() // ours is taken off when the workers have told theirs
	r.SeqRows = map[string]float64{}
	for table, rows := range v.after.seqRows {
		if each := float64(rows-v.before.seqRows[table]) / n; each >= 1 {
			r.SeqRows[table] = each
		}
	}
}

// workerStats asks the workers what they have used.
func (m *measuredTouches) workerStats(touches float64) error {
	r := m.result
	for i, w := range m.workers {
		var s WorkerStats
		if err := w.ask("end", &s); err != nil {
			return err
		}
		r.Queries += float64(s.Statements) / touches
		r.Trips += float64(s.Trips) / touches
		r.WorkerCPU += float64(s.CPUUsec) / touches
		r.RSS = max(r.RSS, float64(s.RSSBytes)/(1<<20))
		if i == 0 {
			r.Statements = s.Top
		}
	}
	ours := (r.WorkerCPU + r.PostgresCPU + r.SinkCPU) * touches / 1e6
	r.OthersCPU = max(r.OthersCPU-ours/r.Seconds, 0)
	return nil
}
