package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"time"

	"nurture/cadence"
	"nurture/channels"
	"nurture/channels/journal"
	"nurture/jobs"
	"nurture/store"
)

const (
	tickEvery = time.Second
	// stopGrace is how long running jobs may take to finish when the process is told to stop.
	stopGrace = 20 * time.Second
	// workerConns is the size of a worker's pool: its queues, the planner, and River's own.
	workerConns = 16
)

// worker is a process that carries touches out: its hold on the database, the engine, and the ways out.
type worker struct {
	db      *database
	engine  *jobs.Engine
	id      string // "" before others know of it
	log     *slog.Logger
	outbox  string // folder of mail and voicemail that was not sent
	journal *journal.Journal
	outlets *outlets
	mail    *mailOutlet
	voice   *voiceOutlet
}

// logger writes text for people and JSON for machines.
func (a *app) logger() *slog.Logger {
	options := &slog.HandlerOptions{ReplaceAttr: readable}
	if a.tty {
		return slog.New(slog.NewTextHandler(a.stderr, options))
	}
	return slog.New(slog.NewJSONHandler(a.stderr, options))
}

// readable writes durations as people read them, such as 11m53s or 20ms, in JSON too: its own way is nanoseconds.
func readable(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() != slog.KindDuration {
		return a
	}
	d := a.Value.Duration()
	if d >= time.Second {
		d = d.Round(time.Second)
	}
	return slog.String(a.Key, d.String())
}

// quietLog is logger for what a person watches: warnings and worse.
func (a *app) quietLog() *slog.Logger {
	return slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

var notInID = regexp.MustCompile(`[^A-Za-z0-9-]+`)

// newWorkerID names this start of this process; claims, journals and River's client carry it.
func newWorkerID(host string, pid int) string {
	host = strings.Trim(notInID.ReplaceAllString(host, "-"), "-")
	return fmt.Sprintf("%.40s-%d-%s", host, pid, strings.ToLower(rand.Text()[:8]))
}

// openWorker opens the database and the ways out. The engine is the caller's to make.
func (a *app) openWorker(ctx context.Context) (*worker, error) {
	env, err := a.environment()
	if err != nil {
		return nil, err
	}
	db, err := a.open(ctx, workerConns)
	if err != nil {
		return nil, err
	}
	w := &worker{db: db, log: db.keep(ctx, a.logger(), a.realNow), outbox: a.in("outbox")}
	for _, odd := range oddVariables(a.environ()) {
		w.log.Warn("a variable means nothing here", "variable", odd.name, "nearest", odd.nearest)
	}
	w.outlets = &outlets{env: env, dir: w.outbox, now: a.now, log: w.log}
	w.mail, w.voice = &mailOutlet{outlets: w.outlets}, &voiceOutlet{outlets: w.outlets}
	return w, nil
}

// startWorker opens everything that work needs and begins to take jobs.
func (a *app) startWorker(ctx context.Context, maxWorkers int) (*worker, error) {
	w, err := a.openWorker(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.start(ctx, a, maxWorkers); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *worker) start(ctx context.Context, a *app, maxWorkers int) error {
	host, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("this machine's name: %w", err)
	}
	if err := os.MkdirAll(a.dataDir, 0o755); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	self := store.Worker{ID: newWorkerID(host, os.Getpid()), Host: host, PID: os.Getpid(), StartedAt: a.realNow(), SeenAt: a.realNow()}
	// Before the journal and the first claim: whoever finds them without their process must know whose they were.
	if err := store.SeeWorker(ctx, w.db.pool, self); err != nil {
		return err
	}
	w.id = self.ID
	if w.journal, err = journal.Open(a.in("journal"), w.id); err != nil {
		return err
	}
	w.outlets.journal = w.journal
	w.engine, err = jobs.New(ctx, jobs.Options{
		Pool: w.db.pool, Now: a.now, RealNow: a.realNow, Log: w.log, Worker: self, Journal: w.journal, JournalDir: a.in("journal"),
		Reconciler: w.voice, ListLag: a.listLag, PublicURL: w.outlets.env.publicURL, MaxWorkers: maxWorkers,
		Channels: map[cadence.Channel]channels.Channel{cadence.ChannelEmail: w.mail, cadence.ChannelVoicemail: w.voice},
	})
	if err != nil {
		return err
	}
	w.outlets.engine, w.outlets.live = w.engine, w.engine.LastLive
	if err := w.checkOutlets(ctx); err != nil {
		return err
	}
	// Not ctx: a signal must not cut off jobs that are running. close ends them.
	return w.engine.Start(context.WithoutCancel(ctx))
}

// checkOutlets finds a wrong mail or voice account now rather than with the first touch. While nothing is applied there is nothing
// to check.
func (w *worker) checkOutlets(ctx context.Context) error {
	err := w.mail.check(ctx)
	if err == nil {
		_, err = w.voice.channel(ctx)
	}
	if errors.Is(err, jobs.ErrNotReady) {
		message, way := explain(err)
		w.log.Warn("nothing is sent yet: "+message, "hint", way)
		return nil
	}
	return err
}

// untilIdle plans and lets jobs run until nothing is due and no job waits. It looks twice, since a job may make something due.
func (w *worker) untilIdle(ctx context.Context, realNow func() time.Time) error {
	if err := w.engine.Recover(ctx); err != nil {
		return err
	}
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for quiet := 0; quiet < 2; {
		moved, err := w.engine.Tick(ctx)
		if err != nil {
			return err
		}
		waiting, err := store.WaitingJobs(ctx, w.db.pool, w.id, realNow())
		if err != nil {
			return err
		}
		quiet++
		if moved > 0 || waiting > 0 {
			quiet = 0
		}
		select {
		case <-ctx.Done():
			return nil
		case <-poll.C:
		}
	}
	return nil
}

// close lets running jobs finish, then lets go of everything. A second signal ends the wait at once.
func (w *worker) close() error {
	var errs []error
	if w.engine != nil {
		ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
		ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
		if err := w.engine.Stop(ctx); err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
			errs = append(errs, err)
		}
		stop()
		cancel()
		w.mail.close()
		w.voice.close()
	}
	if w.journal != nil {
		errs = append(errs, w.journal.Close())
	}
	if w.id != "" {
		errs = append(errs, store.ForgetWorker(context.Background(), w.db.pool, w.id))
	}
	return errors.Join(append(errs, w.db.close())...)
}

// run plans and reads the mailboxes until ctx ends, and returns when both have ended.
func (w *worker) run(ctx context.Context, a *app, tick time.Duration) error {
	watched, err := w.watchInboxes(ctx, a)
	if err != nil {
		return err
	}
	w.engine.Run(ctx, tick)
	watched()
	return nil
}
