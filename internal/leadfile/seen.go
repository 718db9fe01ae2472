package leadfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// seen finds the lines on which keys stood first. Its memory is bounded: beyond so many keys they are in a file without a name in the temporary
// folder, a table with open addressing that the system's page cache holds. The zero seen is empty; close lets go of the file.
type seen struct {
	few   map[digest]int
	table *os.File // nil: few has them all
	slots int64    // of the table, a power of two
	n     int64    // keys in the table
	probe [probed * slotSize]byte
}

const (
	seenFew   = 100_000 // keys that are held in memory, some 50 bytes each
	slotSize  = 24      // a digest and a line, 8 bytes, little endian; line 0: the slot is empty
	probed    = 8       // slots that are read at once
	seenSlots = 1 << 20 // of the first table: 24 MiB, sparse
)

// first gives the line on which a key stood first; 0 when that is now. Lines begin with 1.
func (s *seen) first(key digest, line int) (int, error) {
	if s.table == nil {
		if before, known := s.few[key]; known || len(s.few) < seenFew {
			if !known {
				if s.few == nil {
					s.few = make(map[digest]int)
				}
				s.few[key] = line
			}
			return before, nil
		}
		if err := s.spill(); err != nil {
			return 0, fmt.Errorf("keep the keys of a large file in the temporary folder: %w", err)
		}
	}
	before, err := s.put(key, line)
	if err == nil && s.n > s.slots/2 {
		err = s.grow()
	}
	if err != nil {
		return 0, fmt.Errorf("keep the keys of a large file in the temporary folder: %w", err)
	}
	return before, nil
}

// spill moves the keys from memory into a table.
func (s *seen) spill() error {
	if err := s.create(seenSlots); err != nil {
		return err
	}
	for key, line := range s.few {
		if _, err := s.put(key, line); err != nil {
			return err
		}
	}
	s.few = nil
	return nil
}

// create begins an empty table. Its file loses its name at once, so that nothing is left whatever ends the process.
func (s *seen) create(slots int64) error {
	file, err := os.CreateTemp("", "nurture-import-*")
	if err != nil {
		return err
	}
	if err := errors.Join(os.Remove(file.Name()), file.Truncate(slots*slotSize)); err != nil {
		return errors.Join(err, file.Close())
	}
	s.table, s.slots, s.n = file, slots, 0
	return nil
}

// put gives the line of a key in the table, and 0 after putting it there.
func (s *seen) put(key digest, line int) (int, error) {
	at := int64(binary.LittleEndian.Uint64(key[:8]) & uint64(s.slots-1))
	for {
		slots := s.probe[:min(probed, s.slots-at)*slotSize]
		if _, err := s.table.ReadAt(slots, at*slotSize); err != nil {
			return 0, err
		}
		for ; len(slots) > 0; slots, at = slots[slotSize:], at+1 {
			switch before := int(binary.LittleEndian.Uint64(slots[16:])); {
			case before == 0:
				copy(slots, key[:])
				binary.LittleEndian.PutUint64(slots[16:], uint64(line))
				_, err := s.table.WriteAt(slots[:slotSize], at*slotSize)
				s.n++
				return 0, err
			case digest(slots[:16]) == key:
				return before, nil
			}
		}
		at &= s.slots - 1
	}
}

// grow moves the keys into a table four times as large.
func (s *seen) grow() error {
	old := s.table
	err := s.create(s.slots * 4)
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(io.NewSectionReader(old, 0, s.slots/4*slotSize), 1<<18)
	for slot := make([]byte, slotSize); ; {
		if _, err = io.ReadFull(in, slot); err != nil {
			break
		}
		if line := int(binary.LittleEndian.Uint64(slot[16:])); line != 0 {
			if _, err = s.put(digest(slot[:16]), line); err != nil {
				break
			}
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, old.Close())
}

func (s *seen) close() error {
	if s.table == nil {
		return nil
	}
	return s.table.Close()
}
