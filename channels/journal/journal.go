// Package journal keeps the send journals: what each process was about to send and what it was answered, on disk, so that a killed
// process leaves behind which of its touches may have left.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"

	"nurture/channels"
)

// Journal is one process's send journal: for each message a mark just before the point of no return (the final dot of a mail, the
// request that creates a call), and one behind the provider's answer. It answers one question after the process was killed: which of the
// touches that it had claimed can the provider not have?
//
// The marks are plain appends, each one write call, without fsync: they outlive the process, not the machine. Each file
// names the boot of the machine it was written under, so that a reader knows whether a missing mark proves anything.
//
// The files are instance.NNNNNN.journal, one JSON value a line. The owner holds a lock (flock) on each while it lives. A
// file that has grown is followed by the next one, and removed once every touch in it is settled. All methods are safe for
// concurrent use, and do nothing on a nil Journal.
type Journal struct {
	dir      string
	instance string

	mu       sync.Mutex
	segments []*segment // the last one is written to; the others wait to be settled
	number   int
	limit    int64 // bytes after which the next file begins
	closed   bool
}

// segment is one journal file.
type segment struct {
	path string
	file *os.File
	size int64
	open map[int64]bool // touches marked here and not yet settled
	torn bool           // the last write failed half-way
}

// header is the first line of a file.
type header struct {
	Instance string `json:"instance"`
	Boot     string `json:"boot"`  // "" where the system names none
	Calls    bool   `json:"calls"` // calls are marked too; older journals have marks of mails alone
}

// mark is every other line. T is the touch; M is "dot" or "answer"; P is the provider's id.
type mark struct {
	T int64            `json:"t"`
	M string           `json:"m"`
	O channels.Outcome `json:"o,omitempty"`
	P string           `json:"p,omitempty"`
	D string           `json:"d,omitempty"`
}

const (
	markLeaving = "dot" // so named when mails alone were marked
	markAnswer  = "answer"

	// segmentLimit is about 30,000 messages.
	segmentLimit = 4 << 20
	// maxDetail keeps a mark small; the ledger has the whole text.
	maxDetail = 300
)

var instancePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`)

// Open begins the journal of this process in dir, which is made if need be. instance must be new for every start of
// a process (the id under which it claims touches); letters, digits, "-" and "_". dir must outlive the process: a journal
// that is gone proves nothing about its touches.
func Open(dir, instance string) (*Journal, error) {
	if !instancePattern.MatchString(instance) {
		return nil, fmt.Errorf("send journal: %q cannot name an instance: use letters, digits, - and _", instance)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("send journal: %w", err)
	}
	if others, err := filepath.Glob(filepath.Join(dir, instance+".*"+journalExt)); err != nil || len(others) > 0 {
		return nil, fmt.Errorf("send journal: instance %q was used before: each start of a process needs a new one", instance)
	}
	j := &Journal{dir: dir, instance: instance, limit: segmentLimit}
	if err := j.begin(); err != nil {
		return nil, err
	}
	return j, nil
}

// MarkLeaving notes that what makes a touch's message leave is about to be written. On error it must not be.
func (j *Journal) MarkLeaving(touch int64) error {
	return j.write(mark{T: touch, M: markLeaving})
}

// MarkAnswer notes what became of a touch. An error may be passed over: without the mark the touch counts as unknown, and only if this
// process dies before the ledger has the receipt.
func (j *Journal) MarkAnswer(r channels.Receipt) error {
	detail := r.Detail
	if len(detail) > maxDetail {
		detail = detail[:maxDetail]
	}
	return j.write(mark{T: r.TouchID, M: markAnswer, O: r.Outcome, P: r.ProviderID, D: detail})
}

// Settle says that the ledger has committed the fate of these touches: their marks are not needed any more. Without it the
// journal grows for as long as the process lives.
func (j *Journal) Settle(touches ...int64) error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	var errs []error
	kept := j.segments[:0]
	for i, s := range j.segments {
		for _, t := range touches {
			delete(s.open, t)
		}
		if last := i == len(j.segments)-1; len(s.open) == 0 && !last {
			errs = append(errs, s.remove())
			continue
		}
		kept = append(kept, s)
	}
	j.segments = kept
	return errors.Join(errs...)
}

// Close ends the journal. Files whose touches are all settled are removed; the others stay for ReadDead.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	var errs []error
	for _, s := range j.segments {
		if len(s.open) == 0 {
			errs = append(errs, s.remove())
		} else {
			errs = append(errs, s.file.Close())
		}
	}
	j.segments = nil
	return errors.Join(errs...)
}

func (j *Journal) write(m mark) error {
	if j == nil {
		return nil
	}
	line, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("send journal: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return errors.New("send journal: is closed")
	}
	if j.segments[len(j.segments)-1].size > j.limit {
		if err := j.begin(); err != nil {
			return err
		}
	}
	s := j.segments[len(j.segments)-1]
	if err := s.append(line); err != nil {
		return fmt.Errorf("send journal: %w", err)
	}
	s.open[m.T] = true
	return nil
}

// append writes one line. What a failed write left of a line is ended first, so that it spoils itself only.
func (s *segment) append(line []byte) error {
	if s.torn {
		line = append([]byte{'\n'}, line...)
	}
	n, err := s.file.Write(append(line, '\n'))
	s.size += int64(n)
	if err != nil {
		s.torn = s.torn || n > 0
		return err
	}
	s.torn = false
	return nil
}

func (s *segment) remove() error {
	return errors.Join(os.Remove(s.path), s.file.Close())
}

const (
	journalExt = ".journal"
	newExt     = ".new"
)

// begin makes the next file; a reader that takes a file for abandoned before it is locked costs one try.
func (j *Journal) begin() error {
	var err error
	for range 3 {
		if err = j.beginNext(); err == nil {
			return nil
		}
	}
	return err
}

// beginNext makes one file. It gets its name only when it is locked and has its header: readers never see one that
// looks ownerless because its owner has not come to the lock yet.
func (j *Journal) beginNext() error {
	j.number++
	path := filepath.Join(j.dir, fmt.Sprintf("%s.%06d%s", j.instance, j.number, journalExt))
	file, err := os.OpenFile(path+newExt, os.O_CREATE|os.O_EXCL|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("send journal: %w", err)
	}
	s := &segment{path: path, file: file, open: map[int64]bool{}}
	err = lock(file)
	if err == nil {
		var line []byte
		if line, err = json.Marshal(header{j.instance, bootID(), true}); err == nil {
			err = s.append(line)
		}
	}
	if err == nil {
		err = os.Rename(path+newExt, path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("send journal: %w", err), os.Remove(path+newExt), file.Close())
	}
	j.segments = append(j.segments, s)
	return nil
}

// lock takes the file's lock or fails at once. The lock goes with the open file: when the process dies, however it dies,
// the system releases it.
func lock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
