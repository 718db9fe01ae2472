package leadfile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// seen finds the lines on which keys stood first. Its memory is bounded: beyond so many keys they go to a file without a name in the temporary
// folder, a table that the system's page cache holds, some 100,000 at a time in the table's order; a filter knows of almost all new keys that they
// are not there. The zero seen is empty; close lets go of the file.
type seen struct {
	few    map[digest]int // those that are not in the table yet
	table  keyTable
	filter keyFilter // of what is in the table
}

const (
	seenFew    = 100_000 // keys that are held in memory, some 50 bytes each
	slotSize   = 24      // a digest and a line, 8 bytes, little endian; line 0: the slot is empty
	seenSlots  = 1 << 20 // of the first table: 24 MiB, sparse
	filterMost = 2 << 20 // words of the largest filter: 16 MiB. Beyond some 10 million keys it says less and less, and more keys are looked for
)

// first gives the line on which a key stood first; 0 when that is now. Lines begin with 1.
func (s *seen) first(key digest, line int) (int, error) {
	if before, known := s.few[key]; known {
		return before, nil
	}
	if s.filter.mayHold(key) {
		before, err := s.table.line(key)
		if before != 0 || err != nil {
			return before, keysLost(err)
		}
	}
	if s.few == nil {
		s.few = make(map[digest]int)
	}
	if s.few[key] = line; len(s.few) < seenFew {
		return 0, nil
	}
	return 0, keysLost(s.spill())
}

func keysLost(err error) error {
	if err != nil {
		err = fmt.Errorf("keep the keys of a large file in the temporary folder: %w", err)
	}
	return err
}

// spill moves the keys from memory into the table.
func (s *seen) spill() error {
	slots := max(s.table.slots, seenSlots)
	for s.table.n+int64(len(s.few)) > slots/2 {
		slots *= 4
	}
	if slots > s.table.slots {
		if err := s.grow(slots); err != nil {
			return err
		}
	}
	keys := make([]digest, 0, len(s.few))
	for key := range s.few {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b digest) int { return bytes.Compare(a[:], b[:]) }) // as they lie in the table
	for _, key := range keys {
		if err := s.put(key, s.few[key]); err != nil {
			return err
		}
	}
	clear(s.few)
	return s.table.flush()
}

// put puts a new key into the table.
func (s *seen) put(key digest, line int) error {
	s.filter.add(key)
	return s.table.put(key, line)
}

// grow moves the keys into a table of so many slots.
func (s *seen) grow(slots int64) error {
	old := s.table
	s.filter = make(keyFilter, min(slots/8, filterMost))
	table, err := newKeyTable(slots)
	if err != nil {
		return err
	}
	if s.table = table; old.file == nil {
		return nil
	}
	in := bufio.NewReaderSize(io.NewSectionReader(old.file, 0, old.slots*slotSize), windowSlots*slotSize)
	for slot := make([]byte, slotSize); ; {
		if _, err = io.ReadFull(in, slot); err != nil {
			break
		}
		if line := lineIn(slot); line != 0 {
			if err = s.put(digest(slot[:16]), line); err != nil {
				break
			}
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, old.file.Close())
}

func (s *seen) close() error {
	if s.table.file == nil {
		return nil
	}
	return s.table.file.Close()
}

// keyFilter tells of a key that it was never added, or that it may have been: one word of it, and four bits of that, for each key. Of two words for a
// key some one in 200 that were not are taken for one that was.
type keyFilter []uint64

func (f keyFilter) at(key digest) (word int, bits uint64) {
	word = int(uint64(binary.LittleEndian.Uint32(key[8:])) * uint64(len(f)) >> 32)
	for _, b := range key[12:] {
		bits |= 1 << (b % 64)
	}
	return word, bits
}

func (f keyFilter) add(key digest) {
	word, bits := f.at(key)
	f[word] |= bits
}

func (f keyFilter) mayHold(key digest) bool {
	if len(f) == 0 {
		return false
	}
	word, bits := f.at(key)
	return f[word]&bits == bits
}
