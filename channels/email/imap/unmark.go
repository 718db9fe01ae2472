package imap

import (
	"context"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Unmark takes the mark of taken messages off those that arrived on the day of since or later, so that Run takes them again: after a backup was restored that
// does not know them. It returns how many. Messages that are moved when they are taken cannot be found any more: the error says where they are.
func (w *Watcher) Unmark(ctx context.Context, since time.Time) (int, error) {
	s, err := open(ctx, w.config, w.secure)
	if err != nil {
		return 0, fmt.Errorf("imap %s: %w", w.name, err)
	}
	defer s.close()
	n, err := s.unmark(since)
	if err != nil {
		return n, fmt.Errorf("imap %s: %w", w.name, s.line.why(err))
	}
	return n, nil
}

func (s *session) unmark(since time.Time) (int, error) {
	if s.mark.flag == "" {
		return 0, refuse("taken messages are moved to %q: move those that arrived since %s back by hand", s.mark.folder, since.Format(time.DateOnly))
	}
	defer s.line.await()()
	// SINCE goes by the day in a zone that the server chooses (RFC 9051, section 6.4.4).
	criteria := &imap.SearchCriteria{Since: since.AddDate(0, 0, -1), Flag: []imap.Flag{s.mark.flag}}
	found, err := s.client.UIDSearch(criteria, nil).Wait()
	if err != nil {
		return 0, judge(err, "looking for taken messages")
	}
	uids := found.AllUIDs()
	if len(uids) == 0 {
		return 0, nil
	}
	off := &imap.StoreFlags{Op: imap.StoreFlagsDel, Silent: true, Flags: []imap.Flag{s.mark.flag}}
	if err := s.client.Store(imap.UIDSetNum(uids...), off, nil).Close(); err != nil {
		return 0, judge(err, "taking the mark off %d messages", len(uids))
	}
	return len(uids), nil
}
