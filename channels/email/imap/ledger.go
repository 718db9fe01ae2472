package imap

import (
	"time"

	"github.com/emersion/go-imap/v2"
)

// ledger remembers, beyond a connection, which messages were delivered but are not surely marked, which are set aside, and which were asked for
// when the connection broke. All are few: the next look at the mailbox drops what it does not show any more.
type ledger struct {
	validity uint32
	taken    map[imap.UID]bool // true: the server said that it is marked
	held     map[imap.UID]held
	unlisted map[imap.UID]int // how often the connection broke when a list with it was asked for
}

// held is a message set aside.
type held struct {
	tries int
	until time.Time
}

// begin starts a session, and reports whether the mailbox was renumbered since the last one: then nothing known is true.
func (l *ledger) begin(validity uint32) (renumbered bool) {
	if l.validity == validity {
		return false
	}
	renumbered = l.validity != 0
	*l = ledger{validity: validity, taken: map[imap.UID]bool{}, held: map[imap.UID]held{}, unlisted: map[imap.UID]int{}}
	return renumbered
}

// prune forgets what is not open any more.
func (l *ledger) prune(open imap.UIDSet) {
	for uid := range l.taken {
		if !open.Contains(uid) {
			delete(l.taken, uid)
		}
	}
	for uid := range l.held {
		if !open.Contains(uid) {
			delete(l.held, uid)
		}
	}
	for uid := range l.unlisted {
		if !open.Contains(uid) {
			delete(l.unlisted, uid)
		}
	}
}

// together is how many of the first messages to ask for in one list.
func (l *ledger) together(uids []imap.UID) int {
	n := 0
	for n < min(len(uids), listChunk) && l.unlisted[uids[n]] == 0 {
		n++
	}
	return max(n, 1)
}

// brokeList notes messages whose list did not come.
func (l *ledger) brokeList(uids []imap.UID) {
	for _, uid := range uids {
		l.unlisted[uid]++
	}
}

// due picks the first messages, at most limit, that are neither taken nor held beyond now.
func (l *ledger) due(open imap.UIDSet, now time.Time, limit int) []imap.UID {
	var uids []imap.UID
	for _, r := range open {
		// Not by a list of all: a broken server may answer with four billion.
		for uid := r.Start; len(uids) < limit; uid++ {
			_, taken := l.taken[uid]
			if !taken && !l.held[uid].until.After(now) {
				uids = append(uids, uid)
			}
			if uid == r.Stop {
				break
			}
		}
	}
	return uids
}

// unsettled is what was delivered and still shows as open, and how many of these the server said it had marked.
func (l *ledger) unsettled() (set imap.UIDSet, forgotten int) {
	for uid, settled := range l.taken {
		set.AddNum(uid)
		if settled {
			forgotten++
		}
	}
	return set, forgotten
}

func (l *ledger) take(uid imap.UID) {
	delete(l.held, uid)
	l.taken[uid] = false
}

// settled notes that the server has marked messages.
func (l *ledger) settled(set imap.UIDSet) {
	for uid := range l.taken {
		if set.Contains(uid) {
			l.taken[uid] = true
		}
	}
}

// hold sets a message aside. delay is told how often that happened to it, from 1.
func (l *ledger) hold(uid imap.UID, now time.Time, delay func(tries int) time.Duration) (tries int, until time.Time) {
	h := l.held[uid]
	h.tries++
	h.until = now.Add(delay(h.tries))
	l.held[uid] = h
	return h.tries, h.until
}

// next is when the first of the messages set aside is due.
func (l *ledger) next() (time.Time, bool) {
	var first time.Time
	for _, h := range l.held {
		if first.IsZero() || h.until.Before(first) {
			first = h.until
		}
	}
	return first, !first.IsZero()
}

// count is how many messages a set holds.
func count(set imap.UIDSet) int {
	n := 0
	for _, r := range set {
		n += int(r.Stop-r.Start) + 1
	}
	return n
}
