package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"nurture/channels"
)

// Dead is what a process that lives no more left behind. Whoever holds it holds its locks: two recoveries never get
// the same one. End with Remove when the ledger has every fate committed, else with Release.
type Dead struct {
	Instance string
	// Complete says that a touch without a mark was certainly not sent. It is false when the machine itself was restarted
	// since, or part of the journal cannot be read: then Fate says "possibly sent" for touches without a mark.
	Complete bool
	// Calls says that calls were marked as mails are: else nothing is known of them.
	Calls bool

	marks map[int64]lastMark
	files []*os.File
}

// lastMark is the last that a journal knows of a touch.
type lastMark struct {
	// answered says that the provider's answer is known: outcome, providerID and detail. Without it the message was about to leave and
	// nothing more is known.
	answered   bool
	outcome    channels.Outcome
	providerID string
	detail     string
}

// Fate says what became of a touch that the dead process had claimed: Sent, Temporary or Permanent as the provider
// answered; Temporary when the message was not begun or not finished, so that it may be sent; else Unknown.
func (d *Dead) Fate(touch int64) channels.Receipt {
	m, marked := d.marks[touch]
	r := channels.Receipt{TouchID: touch}
	switch {
	case marked && m.answered:
		r.Outcome, r.ProviderID, r.Detail = m.outcome, m.providerID, m.detail
	case marked:
		r.Outcome, r.Detail = channels.Unknown, "the process ended between sending and the answer"
	case d.Complete:
		r.Outcome, r.Detail = channels.Temporary, "the process ended before the message was finished"
	default:
		r.Outcome, r.Detail = channels.Unknown, "the machine was restarted: the send journal may have lost marks"
	}
	return r
}

// Remove deletes the files and lets go of them.
func (d *Dead) Remove() error {
	var errs []error
	for _, f := range d.files {
		errs = append(errs, os.Remove(f.Name()))
	}
	return errors.Join(append(errs, d.Release())...)
}

// Release lets go of the files and leaves them for the next reader.
func (d *Dead) Release() error {
	var errs []error
	for _, f := range d.files {
		errs = append(errs, f.Close())
	}
	d.files = nil
	return errors.Join(errs...)
}

// ReadDead gives the journals in dir whose owners are dead and that nobody else is recovering, sorted by instance. A dir
// that does not exist has none. When err is not nil the journals returned are still good, and must be ended.
func ReadDead(dir string) ([]*Dead, error) {
	items, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("send journal: %w", err)
	}
	byInstance := map[string][]string{}
	for _, item := range items { // sorted: an instance's files come in their order
		instance, rest, ok := strings.Cut(item.Name(), ".")
		switch {
		case ok && strings.HasSuffix(rest, journalExt):
			byInstance[instance] = append(byInstance[instance], filepath.Join(dir, item.Name()))
		case ok && strings.HasSuffix(rest, journalExt+newExt):
			removeAbandoned(filepath.Join(dir, item.Name()))
		}
	}
	var dead []*Dead
	var errs []error
	for instance, paths := range byInstance {
		d, err := readDead(instance, paths)
		if err != nil {
			errs = append(errs, fmt.Errorf("send journal of %s: %w", instance, err))
		}
		if d != nil {
			dead = append(dead, d)
		}
	}
	slices.SortFunc(dead, func(a, b *Dead) int { return strings.Compare(a.Instance, b.Instance) })
	return dead, errors.Join(errs...)
}

// readDead reads the files of one instance; nil when its owner lives or another reader was faster.
func readDead(instance string, paths []string) (*Dead, error) {
	d := &Dead{Instance: instance, Complete: true, Calls: true, marks: map[int64]lastMark{}}
	for _, path := range paths {
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // its owner or another reader has just removed it
		}
		if err == nil {
			d.files = append(d.files, f)
			err = lock(f)
		}
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, d.Release()
		}
		if err != nil {
			return nil, errors.Join(err, d.Release())
		}
	}
	// Locked too late, a file may have been removed in between: the other reader has told its touches' fates.
	d.files = slices.DeleteFunc(d.files, func(f *os.File) bool {
		if _, err := os.Lstat(f.Name()); err == nil {
			return false
		}
		_ = f.Close()
		return true
	})
	if len(d.files) == 0 {
		return nil, nil
	}
	for _, f := range d.files {
		if err := d.read(f); err != nil {
			return nil, errors.Join(err, d.Release())
		}
	}
	return d, nil
}

// read takes in one file. A last line without its end was being written when the process died: had it said that a message leaves, the
// message had not left yet. A line that cannot be read in the midst is such a line whose write had failed.
func (d *Dead) read(f *os.File) error {
	r := bufio.NewReader(f)
	for first := true; ; first = false {
		line, err := r.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		whole := err == nil
		if first {
			var h header
			boot := bootID()
			if !whole || json.Unmarshal(line, &h) != nil || h.Instance != d.Instance || h.Boot != boot || boot == "" {
				d.Complete = false
			}
			d.Calls = d.Calls && h.Calls
		} else if whole {
			d.note(bytes.TrimSpace(line))
		}
		if !whole {
			return nil
		}
	}
}

func (d *Dead) note(line []byte) {
	var m mark
	if json.Unmarshal(line, &m) != nil {
		return
	}
	switch m.M {
	case markLeaving:
		d.marks[m.T] = lastMark{}
	case markAnswer:
		d.marks[m.T] = lastMark{answered: true, outcome: m.O, providerID: m.P, detail: m.D}
	}
}

// removeAbandoned deletes a file whose maker died before it had a name; it holds no mark.
func removeAbandoned(path string) {
	f, err := os.Open(path)
	if err != nil {
		return
	}
	defer func() { _ = f.Close() }()
	if lock(f) == nil {
		_ = os.Remove(path)
	}
}
