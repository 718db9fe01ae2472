package imap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

const (
	// passLimit is how many messages are taken before the mailbox is looked at anew. It bounds what is remembered.
	passLimit = 1000
	// listChunk is how many sizes are asked for in one command.
	listChunk = 100
	// refusedInRow messages that Deliver refuses mean that it is not the messages' fault: then all wait.
	refusedInRow = 3
)

// errRefused ends a pass because Deliver refused one message after the other.
var errRefused = errors.New("messages are refused one after the other")

// pass looks at the mailbox once and takes what is due, oldest first. It returns how many messages it tried.
func (w *Watcher) pass(ctx context.Context, s *session) (tried int, err error) {
	open, err := s.unmarked()
	if err != nil {
		return 0, err
	}
	w.ledger.prune(open)
	if err := w.settleRest(s); err != nil {
		return 0, err
	}
	waiting := count(open) - len(w.ledger.taken)
	healthy := len(w.ledger.held)+len(w.ledger.taken) == 0
	w.update(func(st *Status) {
		st.Idle, st.Waiting = s.idle, waiting
		if healthy {
			st.LastError = ""
		}
	})
	due := w.ledger.due(open, w.options.Now(), passLimit)
	for rest := due; len(rest) > 0; {
		chunk := rest[:w.ledger.together(rest)]
		rest = rest[len(chunk):]
		if err := w.takeChunk(ctx, s, chunk); err != nil {
			return len(due), err
		}
	}
	return len(due), nil
}

// settleRest marks what was delivered before and still shows as open: the connection broke before the mark, or the server
// forgot it. It does not come again while we remember.
func (w *Watcher) settleRest(s *session) error {
	left, forgotten := w.ledger.unsettled()
	if len(left) == 0 {
		return nil
	}
	if err := s.settle(left); err != nil {
		return err
	}
	w.ledger.settled(left)
	if forgotten > 0 {
		w.trouble(fmt.Errorf("imap %s: the server takes the mark (%s) of %d messages but does not keep it; they would come again "+
			"after a restart: choose a folder to move taken messages to", w.name, s.mark, forgotten))
	}
	return nil
}

func (w *Watcher) takeChunk(ctx context.Context, s *session, uids []imap.UID) error {
	sizes, err := w.list(ctx, s, uids)
	var answer *imap.Error
	if err != nil && !errors.As(err, &answer) {
		return fmt.Errorf("listing messages: %w", err)
	}
	var batch []listed
	var bytes int64
	for _, uid := range uids {
		l, ok := sizes[uid]
		if !ok {
			w.hold(ctx, uid, missing(err), w.patience)
			continue
		}
		// What has failed before goes alone, so that it cannot take others along.
		alone := w.ledger.held[uid].tries > 0 || l.size > min(w.config.BatchBytes, w.config.MaxSize)
		if len(batch) > 0 && (alone || len(batch) >= w.config.Batch || bytes+l.size > w.config.BatchBytes) {
			if err := w.takeBatch(ctx, s, batch); err != nil {
				return err
			}
			batch, bytes = nil, 0
		}
		batch, bytes = append(batch, l), bytes+l.size
		if alone {
			bytes = w.config.BatchBytes
		}
	}
	if len(batch) == 0 {
		return nil
	}
	return w.takeBatch(ctx, s, batch)
}

// list asks for size and date of messages. What the server says of one of them may be what broke the connection: then each is asked for alone,
// and the one that breaks it again is taken without being asked for.
func (w *Watcher) list(ctx context.Context, s *session, uids []imap.UID) (map[imap.UID]listed, error) {
	if len(uids) == 1 && w.ledger.unlisted[uids[0]] > 1 {
		return map[imap.UID]listed{uids[0]: {uid: uids[0]}}, nil
	}
	sizes, err := s.list(uids)
	var answer *imap.Error
	if err != nil && !errors.As(err, &answer) {
		if ctx.Err() == nil {
			w.ledger.brokeList(uids)
		}
		return nil, err
	}
	for _, uid := range uids {
		delete(w.ledger.unlisted, uid)
	}
	return sizes, err
}

// missing explains why the server left a message out of its answer.
func missing(err error) error {
	if err == nil {
		return errors.New("the server lists the message but does not hand it out")
	}
	return err
}

// takeBatch fetches messages with one command, delivers together what came whole, and marks what was delivered.
func (w *Watcher) takeBatch(ctx context.Context, s *session, batch []listed) error {
	var came imap.UIDSet
	var items []Item
	fetchErr := w.fetch(s, batch, func(l listed, raw []byte, whole bool) {
		came.AddNum(l.uid)
		items = append(items, w.item(s.validity, l, raw, whole))
	})
	delivered, deliverErr := w.deliverBatch(ctx, items)
	var answer *imap.Error
	intact := fetchErr == nil || errors.As(fetchErr, &answer)
	if deliverErr == nil && ctx.Err() == nil {
		w.holdRest(ctx, s, batch, came, fetchErr, intact)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !intact {
		return fmt.Errorf("fetching messages: %w", fetchErr)
	}
	if len(delivered) > 0 {
		if err := s.settle(delivered); err != nil {
			return err
		}
		w.ledger.settled(delivered)
	}
	return deliverErr
}

// deliverBatch hands messages over and sets aside those that are refused. errRefused says that one after the other was.
func (w *Watcher) deliverBatch(ctx context.Context, items []Item) (delivered imap.UIDSet, err error) {
	if len(items) == 0 || ctx.Err() != nil {
		return nil, ctx.Err()
	}
	for i, refusal := range w.handOver(ctx, items) {
		uid := imap.UID(items[i].UID)
		switch {
		case refusal == nil:
			w.refused = 0
			w.ledger.take(uid)
			delivered.AddNum(uid)
			w.noteDelivered()
		case ctx.Err() != nil: // not the message's fault
		case err != nil: // probably not the message's fault either
		default:
			w.refused++
			w.hold(ctx, uid, fmt.Errorf("not taken: %w", refusal), w.patience)
			if w.refused >= refusedInRow {
				err = errRefused
			}
		}
	}
	if ctx.Err() != nil {
		return delivered, ctx.Err()
	}
	return delivered, err
}

// holdRest sets aside the messages of a batch that did not come. When the connection broke, it is only the first of them: if
// a message did that, it is this one, since servers answer in order. It is probably innocent and tried again at once, alone.
func (w *Watcher) holdRest(ctx context.Context, s *session, batch []listed, came imap.UIDSet, err error, intact bool) {
	for _, l := range batch {
		switch {
		case came.Contains(l.uid):
		case intact:
			w.hold(ctx, l.uid, missing(err), w.patience)
		default:
			w.hold(ctx, l.uid, s.line.why(err), func(tries int) time.Duration {
				if tries == 1 {
					return 0
				}
				return w.patience(tries - 1)
			})
			return
		}
	}
}

// patience is how long a message waits after so many tries.
func (w *Watcher) patience(tries int) time.Duration {
	return w.spread(w.options.Redeliver.after(tries - 1))
}

func (w *Watcher) hold(ctx context.Context, uid imap.UID, reason error, delay func(tries int) time.Duration) {
	tries, until := w.ledger.hold(uid, w.options.Now(), delay)
	w.options.Log.WarnContext(ctx, "message set aside", "mailbox", w.name, "uid", uint32(uid), "error", reason,
		"tries", tries, "until", until)
	w.trouble(fmt.Errorf("imap %s: message %d: %w", w.name, uid, reason))
}

// handOver calls Deliver. When that panics, each message is handed over alone: one must not stop the others, let alone the process.
func (w *Watcher) handOver(ctx context.Context, items []Item) []error {
	errs, err := w.call(ctx, items)
	switch {
	case err == nil:
		return errs
	case len(items) == 1:
		return []error{err}
	}
	errs = make([]error, len(items))
	for i := range items {
		errs[i] = w.handOver(ctx, items[i:i+1])[0]
	}
	return errs
}

func (w *Watcher) call(ctx context.Context, items []Item) (errs []error, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
			w.options.Log.ErrorContext(ctx, "panic while taking messages", "first", items[0].ExternalID, "messages", len(items), "panic", v,
				"stack", string(debug.Stack()))
		}
	}()
	if errs = w.deliver(ctx, items); len(errs) != len(items) {
		return nil, fmt.Errorf("%d answers for %d messages, which is a defect of the program", len(errs), len(items))
	}
	return errs, nil
}

func (w *Watcher) noteDelivered() {
	now := w.options.Now()
	w.update(func(st *Status) {
		st.Delivered++
		st.LastDelivered = now
		st.Waiting = max(st.Waiting-1, 0)
	})
}

// fetch reads messages one at a time and hands each to take. A message is handed over when the response behind it has begun
// too: only then is it sure that its length was right.
func (w *Watcher) fetch(s *session, batch []listed, take func(l listed, raw []byte, whole bool)) error {
	defer s.line.await()()
	byUID := make(map[imap.UID]listed, len(batch))
	var uids imap.UIDSet
	limit := w.config.MaxSize + 1
	for _, l := range batch {
		byUID[l.uid] = l
		uids.AddNum(l.uid)
		if l.size > w.config.MaxSize { // alone: see takeChunk
			limit = min(limit, headerKept+bodyKept)
		}
	}
	cmd := s.client.Fetch(uids, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{
		Peek: true, Partial: &imap.SectionPartial{Size: limit},
	}}})
	hand := func(f *fetched) {
		l, asked := byUID[f.uid]
		if delete(byUID, f.uid); asked {
			take(l, f.raw, f.whole && l.size <= w.config.MaxSize)
		}
	}
	var ready *fetched
	for msg := cmd.Next(); ; msg = cmd.Next() {
		var err error
		if msg == nil {
			err = cmd.Close()
		}
		var answer *imap.Error
		intact := err == nil || errors.As(err, &answer)
		if ready != nil && intact {
			hand(ready)
		}
		if msg == nil {
			for _, f := range s.strays.collect() {
				if intact {
					hand(f)
				}
			}
			return err
		}
		ready = read(msg, limit, s.client.Closed(), func() {})
	}
}

// fetched is a message as it came.
type fetched struct {
	uid   imap.UID
	raw   []byte
	whole bool // false: the server sent more than was asked for, cut off
}

// read takes one message from the connection; nil if it did not come whole. begin is told when its content begins; closed tells that go-imap's
// reader has ended.
func read(msg *imapclient.FetchMessageData, limit int64, closed <-chan struct{}, begin func()) *fetched {
	var f fetched
	got := false
	for item := msg.Next(); item != nil; item = msg.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			f.uid = item.UID
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue
			}
			begin()
			size := item.Literal.Size()
			f.whole = size <= limit
			f.raw = make([]byte, min(size, limit))
			if _, err := io.ReadFull(item.Literal, f.raw); err != nil {
				// The connection broke. msg.Next reads from the literal once more, which go-imap's reader must not do at the
				// same time: it goes on as soon as the literal has failed, and ends.
				<-closed
				return nil
			}
			got = true
		}
	}
	if !got || f.uid == 0 {
		return nil
	}
	return &f
}
