// Package sandbox runs the whole program on a virtual clock against people who exist only here: a mail server and a phone provider that
// behave like real ones, leads with a character each, SDRs who work their tasks and sales who answer handoffs. All of it goes through the real
// engine, River and Postgres.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/config"
	"nurture/internal/leadfile"
)

// Start is the first instant of every run: a Monday, fixed so that the same seed gives the same numbers on any day.
var Start = time.Date(2026, time.January, 5, 6, 0, 0, 0, time.UTC)

// step is how far the clock moves at the least: what falls due within it happens together.
const step = time.Hour

// Options say what to run.
type Options struct {
	Pool   *pgxpool.Pool // a migrated database with nothing in it
	Config *config.Config
	Leads  int            // how many to make up, when Rows is nil
	Rows   []leadfile.Row // given leads
	// Late is how many of those made up come in one after another towards the end of the days; the others are there from the start.
	Late int
	Days int
	// LeftOpen is how many of the days, the last ones, the SDRs and sales leave to whoever looks on afterwards: what falls to them then stays open.
	LeftOpen   int
	Seed       int64
	JournalDir string
	RealNow    func() time.Time
	Log        *slog.Logger
	// Progress is told after every step how far the clock has come; nil is not.
	Progress func(Progress)
}

// Progress is how far a run has come.
type Progress struct {
	Day, Days int
	Touches   int // made so far, as the stand-ins and the SDRs saw them
}

// Run runs the days and returns what came of it. The engine is stopped when it returns; the database keeps everything.
func Run(ctx context.Context, o Options) (*Result, error) {
	if o.Days < 1 || o.Leads < 1 && len(o.Rows) == 0 {
		return nil, fmt.Errorf("a run needs at least one day and one lead, not %d days and %d leads", o.Days, max(o.Leads, len(o.Rows)))
	}
	if o.Late < 0 || o.Late > o.Leads || o.LeftOpen < 0 || o.LeftOpen > o.Days {
		return nil, fmt.Errorf("of %d leads and %d days no %d can come late and no %d be left open", o.Leads, o.Days, o.Late, o.LeftOpen)
	}
	began := o.RealNow()
	w, err := newWorld(ctx, o)
	if err != nil {
		return nil, err
	}
	runErr := w.run(ctx)
	result, err := w.result(ctx)
	if err := errors.Join(runErr, w.close(ctx), err); err != nil {
		return nil, err
	}
	result.WallSeconds = o.RealNow().Sub(began).Seconds()
	return result, nil
}
