package chaos

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// How often things go wrong, on average.
const (
	killEvery    = 5 * time.Second
	restartEvery = 45 * time.Second
	jumpEvery    = 30 * time.Second
	releaseEvery = 700 * time.Millisecond // stalled answers come after so long at the most
)

// storm lets things go wrong, at random instants that the seed fixes, until time or kills are used up.
func (w *world) storm(ctx context.Context) error {
	limit := context.WithoutCancel(ctx)
	cancel := func() {}
	if w.For > 0 {
		limit, cancel = context.WithTimeout(ctx, w.For)
	}
	defer cancel()
	calm, end := context.WithCancel(limit)
	defer end()
	context.AfterFunc(ctx, end)
	w.repeat(calm, 4, killEvery, func(d *dice) error {
		if w.Kills > 0 && w.counts.get("kills")+w.counts.get("sigterms") >= w.Kills {
			end()
			return nil
		}
		w.kill(calm, d)
		return nil
	})
	w.repeat(calm, 5, restartEvery, func(d *dice) error { return w.restartServer(ctx, d) })
	w.repeat(calm, 6, jumpEvery, w.jumpAbout)
	if w.disk {
		w.repeat(calm, 7, diskEvery, func(d *dice) error { return w.fillDisk(ctx, d) })
	}
	<-calm.Done()
	return ctx.Err()
}

// repeat does something again and again, on average every so often, with dice of its own.
func (w *world) repeat(ctx context.Context, stream uint64, every time.Duration, do func(*dice) error) {
	if w.For == 0 {
		every /= 4 // a test: everything faster
	}
	d := newDice(w.Seed, stream)
	w.background.Go(func() {
		for pause(ctx, d.between(every/5, every*9/5)) {
			if err := do(d); err != nil && ctx.Err() == nil {
				w.log.Error("chaos failed at what it does", "error", err)
				w.counts.add("chaos_errors", 1)
			}
		}
	})
}

// kill ends a worker: without warning, or now and then by SIGTERM.
func (w *world) kill(ctx context.Context, d *dice) {
	c := w.children[int(d.roll()*float64(len(w.children)))]
	gentle := d.roll()*100 < float64(w.Stops)
	wait := d.between(0, 300*time.Millisecond)
	if !c.working() || !pause(ctx, wait) {
		return
	}
	if gentle {
		w.terminate(c)
		return
	}
	w.fatesMu.Lock()
	defer w.fatesMu.Unlock() // before anybody sees it dead
	if pid, _, ok := c.order(syscall.SIGKILL); ok {
		w.killed[pid] = w.Now()
		w.counts.add("kills", 1)
		w.Say("killed worker %d (process %d)", c.slot, pid)
	}
}

// terminate tells a worker to stop, and watches that it does within its grace.
func (w *world) terminate(c *child) {
	w.fatesMu.Lock()
	pid, ended, ok := c.order(syscall.SIGTERM)
	if ok {
		w.stopped[pid] = true
	}
	w.fatesMu.Unlock()
	if !ok {
		return
	}
	w.counts.add("sigterms", 1)
	w.Say("told worker %d (process %d) to stop", c.slot, pid)
	began := w.Now()
	select {
	case <-ended:
		w.counts.most("sigterm_ms_max", int(w.Now().Sub(began).Milliseconds()))
	case <-time.After(stopLimit):
		w.counts.add("sigterm_late", 1)
		w.log.Error("a worker does not stop", "pid", pid)
	}
}

// restartServer lets the database fall over in one of three ways.
func (w *world) restartServer(ctx context.Context, d *dice) error {
	roll, down := d.roll(), d.between(0, 2*time.Second)
	name, with := "pg_fast", syscall.SIGINT
	switch {
	case roll < 1.0/3:
		name, with = "pg_immediate", syscall.SIGQUIT
	case roll < 2.0/3:
		name, with = "pg_kill", syscall.SIGKILL
	}
	w.Say("ending the database: %s, for %s", name, down.Round(time.Millisecond))
	w.counts.add(name, 1)
	w.counts.add("pg_restarts", 1)
	if err := w.server.restart(ctx, with, down); err != nil {
		return fmt.Errorf("restart the database: %w", err)
	}
	return nil
}

// jumpAbout sets the workers' clock to something within hours of the real one, or right.
func (w *world) jumpAbout(d *dice) error {
	shift := d.between(-10*time.Minute, 20*time.Minute)
	switch roll := d.roll(); {
	case roll < 0.3:
		shift = d.between(-3*time.Hour, 6*time.Hour)
	case roll < 0.5:
		shift = 0
	}
	name := "clock_forward"
	if shift < w.shifted() {
		name = "clock_back"
	}
	w.counts.add(name, 1)
	w.Say("the workers' clock is %s off", shift.Round(time.Second))
	return w.jump(shift)
}

// calm ends all faults.
func (w *world) calm() {
	w.clear.Store(true)
	w.Say("the storm is over after %d kills; waiting until nothing is left to do", w.counts.get("kills"))
}
