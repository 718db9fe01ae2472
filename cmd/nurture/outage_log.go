package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"nurture/store"
)

const (
	// outageRepeat is how often a long outage of the database is told of again.
	outageRepeat = 10 * time.Minute
	// outageQuiet is for how long nothing may have failed before the database counts as back: whoever works asks it every second.
	outageQuiet = 3 * time.Second
	// outageLook is how often it is looked whether an outage is over, and outageProbe how long the server may take to answer.
	outageLook  = time.Second
	outageProbe = 5 * time.Second
)

// outageLog is a log that tells of an outage of the database once, then rarely, then when it is over. All that asks the database fails meanwhile,
// several times a second: these records are counted, and left out. Whatever else there is to say is said.
type outageLog struct {
	slog.Handler
	*outage
}

// outage is what all loggers that were made of one know together.
type outage struct {
	out   slog.Handler // where it is told
	now   func() time.Time
	probe func(ctx context.Context) error // asks the database whether it can be used

	mu      sync.Mutex
	since   time.Time // the zero time: there is none
	told    time.Time // when it was told of last
	failed  time.Time // when something failed last
	codes   map[string]bool
	leftOut int
}

func newOutageLog(out slog.Handler, now func() time.Time, probe func(ctx context.Context) error) outageLog {
	return outageLog{out, &outage{out: out, now: now, probe: probe}}
}

// Handle implements slog.Handler.
func (l outageLog) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		var text string
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == "error" || a.Key == "err" { // River's key is the latter
				text = a.Value.String()
			}
			return text == ""
		})
		if l.take(ctx, text) {
			return nil
		}
	}
	return l.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (l outageLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return outageLog{l.Handler.WithAttrs(attrs), l.outage}
}

// WithGroup implements slog.Handler.
func (l outageLog) WithGroup(name string) slog.Handler {
	return outageLog{l.Handler.WithGroup(name), l.outage}
}

// take counts an error as part of an outage, and tells of that as far as it is news. It is false for errors that are none of it.
func (o *outage) take(ctx context.Context, text string) bool {
	kind, code := store.OutageIn(text)
	if kind == store.NoOutage {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	if o.since.IsZero() {
		if kind != store.OutageItself {
			return false
		}
		o.since, o.codes, o.leftOut = now, map[string]bool{}, 0
	}
	o.failed = now
	switch {
	case len(o.codes) == 0:
		o.tell(ctx, slog.LevelError, "alarm: the database cannot be used; nothing is planned, sent or taken in meanwhile, and it is tried again by itself", slog.String("error", text))
	case now.Sub(o.told) >= outageRepeat, kind == store.OutageItself && !o.codes[code]:
		o.tell(ctx, slog.LevelError, "alarm: the database still cannot be used", slog.String("error", text), slog.Duration("for", now.Sub(o.since)), slog.Int("left_out", o.leftOut))
	default:
		o.leftOut++
		return true
	}
	o.codes[code] = true
	o.told = now
	return true
}

func (o *outage) tell(ctx context.Context, level slog.Level, message string, attrs ...slog.Attr) {
	r := slog.NewRecord(o.now(), level, message, 0)
	r.AddAttrs(attrs...)
	_ = o.out.Handle(ctx, r) // nobody is left to tell
}

// watch looks whether an outage is over, until ctx ends.
func (o *outage) watch(ctx context.Context) {
	ticker := time.NewTicker(outageLook)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			o.look(ctx)
		}
	}
}

// look tells that an outage is over when the database can be used and nothing has failed for outageQuiet.
func (o *outage) look(ctx context.Context) {
	quiet := func() bool { return !o.since.IsZero() && o.now().Sub(o.failed) >= outageQuiet }
	o.mu.Lock()
	ask := quiet()
	o.mu.Unlock()
	if !ask {
		return
	}
	asking, cancel := context.WithTimeout(ctx, outageProbe)
	defer cancel()
	if err := o.probe(asking); err != nil {
		o.take(ctx, err.Error())
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if quiet() {
		o.tell(ctx, slog.LevelWarn, "the database can be used again", slog.Duration("after", o.now().Sub(o.since)), slog.Int("left_out", o.leftOut))
		o.since = time.Time{}
	}
}
