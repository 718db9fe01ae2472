// Package chaos tries to break the promises of section K: real worker processes are killed, the database falls over, clocks jump, disks fill
// up, and the providers misbehave, while thousands of leads go through their cadences and answer. What the providers accepted is counted by
// the stand-ins, in a process that survives, and compared with the ledger at the end.
package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// Options say how long and how badly.
type Options struct {
	// Binary is the program whose "work" command is run and killed.
	Binary string
	// For is how long faults rain; 0 goes by Kills alone.
	For time.Duration
	// Kills ends the faults after that many kills and stops; 0 goes by For alone. Without For everything happens four times as often.
	Kills int
	// Stops is how many in a hundred processes are told to stop by SIGTERM, and may finish what they have in hand, instead of being killed.
	Stops int
	// InFlight is how many touches are to be under way; more leads come in while there are fewer. 0 is 300.
	InFlight int
	// Workers is how many worker processes run at once; 0 is 3.
	Workers int
	// Tick is how often a worker plans; 0 is what it does by itself.
	Tick time.Duration
	// ListLag is how long workers wait before they ask the phone provider about a lost call; 0 is what they do by themselves: two minutes.
	ListLag time.Duration
	// Patience is how long nothing may move before what is left counts as stuck; 0 is five minutes: the promise is two, and the provider's list
	// is waited for as long.
	Patience time.Duration
	Seed     int64
	// Now is the real clock. That of the workers is it, moved.
	Now func() time.Time
	// Say is told what is done; nil is not.
	Say func(format string, args ...any)
}

// connections is how many SMTP connections a worker keeps: at most so many mails are between their final dot and the answer when it dies.
const connections = 8

// Run lets faults rain, waits until nothing is left to do, and compares. The error is of the test itself; broken promises are in the result.
func Run(ctx context.Context, o Options) (*Result, error) {
	if o.For <= 0 && o.Kills <= 0 {
		return nil, errors.New("chaos needs a time or a number of kills")
	}
	if o.Workers <= 0 {
		o.Workers = 3
	}
	if o.InFlight <= 0 {
		o.InFlight = 300
	}
	if o.Patience <= 0 {
		o.Patience = 5 * time.Minute
	}
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	dir, err := os.MkdirTemp("", "nurture-chaos-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // as root the database runs as another user, who must be let through
		return nil, err
	}
	result, err := run(ctx, o, dir)
	if err == nil && !result.Broken() {
		return result, os.RemoveAll(dir)
	}
	if result != nil {
		result.Kept = dir
	}
	if err != nil {
		err = fmt.Errorf("%w; the workers' logs and the database are kept in %s", err, dir)
	}
	return result, err
}

func run(ctx context.Context, o Options, dir string) (result *Result, err error) {
	log, err := os.Create(filepath.Join(dir, "chaos.log"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	w := &world{Options: o, dir: dir, log: newLog(log), counts: newCounts()}
	if err := w.open(ctx); err != nil {
		return nil, errors.Join(err, w.close())
	}
	result, err = w.weather(ctx)
	return result, errors.Join(err, w.close())
}

func newLog(to io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(to, nil)) }

// weather is the storm, the calm after it, and the reckoning.
func (w *world) weather(ctx context.Context) (*Result, error) {
	began := w.Now()
	life, end := context.WithCancel(ctx)
	defer end()
	w.startPeople(life)
	for _, c := range w.children {
		w.keepAlive(life, c)
	}
	w.watchResumption(life)
	w.background.Go(func() { // behind the storm too: who was told to stall just before its end begins to after it
		for pause(life, releaseEvery) {
			w.sink.Release()
		}
	})
	err := w.storm(ctx)
	if err == nil {
		w.calm()
		err = w.drain(ctx)
	}
	if err != nil && !errors.Is(err, errStuck) {
		end()
		w.background.Wait()
		return nil, err
	}
	end()
	w.background.Wait()
	result, err := w.reckon(context.WithoutCancel(ctx))
	if err != nil {
		return nil, err
	}
	result.Seconds = w.Now().Sub(began).Seconds()
	return result, nil
}
