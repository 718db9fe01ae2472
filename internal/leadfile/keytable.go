package leadfile

import (
	"encoding/binary"
	"errors"
	"os"
)

// keyTable holds keys with their lines in a file: a table with open addressing, in the order of keys as far as they do not want the same slot. Who
// puts keys in their order reads and writes each part of the file once. The zero keyTable has no file and holds nothing.
type keyTable struct {
	file   *os.File
	slots  int64 // a power of two
	n      int64 // keys
	window []byte
	from   int64 // slot that the window begins with; -1: it is empty
	dirty  bool
	probe  [probed * slotSize]byte
}

const (
	windowSlots = 4096 // that are written at once, 96 KiB
	probed      = 8    // slots that a look-up reads at once
)

// newKeyTable begins an empty table. Its file loses its name at once, so that nothing is left whatever ends the process.
func newKeyTable(slots int64) (keyTable, error) {
	file, err := os.CreateTemp("", "nurture-import-*")
	if err != nil {
		return keyTable{}, err
	}
	if err := errors.Join(os.Remove(file.Name()), file.Truncate(slots*slotSize)); err != nil {
		return keyTable{}, errors.Join(err, file.Close())
	}
	return keyTable{file: file, slots: slots, window: make([]byte, windowSlots*slotSize), from: -1}, nil
}

// home is the slot that a key belongs into.
func (t *keyTable) home(key digest) int64 {
	return int64(binary.BigEndian.Uint64(key[:8]) / (^uint64(0)/uint64(t.slots) + 1))
}

func lineIn(slot []byte) int { return int(binary.LittleEndian.Uint64(slot[16:])) }

// line gives the line of a key; 0 when it is not there. What was put must be flushed.
func (t *keyTable) line(key digest) (int, error) {
	for at := t.home(key); ; at &= t.slots - 1 {
		slots := t.probe[:min(probed, t.slots-at)*slotSize]
		if _, err := t.file.ReadAt(slots, at*slotSize); err != nil {
			return 0, err
		}
		for ; len(slots) > 0; slots, at = slots[slotSize:], at+1 {
			if line := lineIn(slots); line == 0 || digest(slots[:16]) == key {
				return line, nil
			}
		}
	}
}

// put puts a key that is not there.
func (t *keyTable) put(key digest, line int) error {
	for at := t.home(key); ; at = (at + 1) & (t.slots - 1) {
		if t.from < 0 || at < t.from || at >= t.from+windowSlots {
			if err := t.move(at); err != nil {
				return err
			}
		}
		slot := t.window[(at-t.from)*slotSize:][:slotSize]
		if lineIn(slot) == 0 {
			copy(slot, key[:])
			binary.LittleEndian.PutUint64(slot[16:], uint64(line))
			t.dirty = true
			t.n++
			return nil
		}
	}
}

// move has the window hold a slot.
func (t *keyTable) move(slot int64) error {
	if err := t.flush(); err != nil {
		return err
	}
	t.from = -1
	from := slot &^ (windowSlots - 1)
	if _, err := t.file.ReadAt(t.window, from*slotSize); err != nil {
		return err
	}
	t.from = from
	return nil
}

// flush writes what was put into the window.
func (t *keyTable) flush() error {
	if !t.dirty {
		return nil
	}
	_, err := t.file.WriteAt(t.window, t.from*slotSize)
	t.dirty = err != nil
	return err
}
