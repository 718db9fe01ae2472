package imap

import (
	"context"
	"fmt"
)

// Facts are what Inspect finds.
type Facts struct {
	Idle     bool   // the server tells of new mail; else it is asked every Config.PollEvery
	Marking  string // how taken messages are marked, in words
	Messages int    // in the mailbox
	Waiting  int    // of these, not taken yet
}

// Inspect connects, logs in and looks at the mailbox as Run does, changing nothing. It may be called while Run runs. The
// error says what to do.
func (w *Watcher) Inspect(ctx context.Context) (Facts, error) {
	s, err := open(ctx, w.config, w.secure)
	if err != nil {
		return Facts{}, fmt.Errorf("imap %s: %w", w.name, err)
	}
	defer s.close()
	waiting, err := s.unmarked()
	if err != nil {
		return Facts{}, fmt.Errorf("imap %s: %w", w.name, s.line.why(err))
	}
	return Facts{Idle: s.idle, Marking: s.mark.String(), Messages: int(s.messages), Waiting: count(waiting)}, nil
}
