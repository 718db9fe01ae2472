package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// keepWaitMost is how long Keep waits at most between two starts that fail.
const keepWaitMost = time.Minute

// Keep starts the server again whenever it ended though this process holds it: killed for want of memory, say, or gone because the disk was full. It
// looks each so often until ctx ends, and more seldom while the server cannot be started. A cluster that is gone is not made anew. End it before Stop.
func (s *Server) Keep(ctx context.Context, every time.Duration, log *slog.Logger) {
	for wait := every; pause(ctx, wait); {
		if _, runs := s.site.runningPID(); runs {
			wait = every
			continue
		}
		up, err := s.site.revive(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			wait = min(2*wait, keepWaitMost)
			log.ErrorContext(ctx, "alarm: the private PostgreSQL has ended and cannot be started; nothing is planned or sent meanwhile", "error", err, "retry_in", wait)
		default:
			wait = every
			log.WarnContext(ctx, "the private PostgreSQL had ended, and runs again", "data", s.site.dir, "pid", up.pid)
		}
	}
}

// revive starts the server of a site that had one, unless somebody else just did.
func (s *site) revive(ctx context.Context) (endpoint, error) {
	turn, err := s.takeTurn(ctx)
	if err != nil {
		return endpoint{}, err
	}
	defer turn.close()
	if !s.initialised() {
		return endpoint{}, fmt.Errorf("postgres: there is no database in %s any more; stop every process, bring it back and start again", s.cluster())
	}
	if _, runs := s.runningPID(); runs {
		return s.ensureRunning(ctx)
	}
	return s.startFresh(ctx) // one that does not start yet, since processes of the old one are still ending, is no cluster to throw away, nor is a test's
}
