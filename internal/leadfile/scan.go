package leadfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Limits of one record. They bound memory, and how much a quote that is never closed can swallow.
const (
	recordLimit = 1 << 20 // bytes
	linesLimit  = 1000    // physical lines
)

// defect is why a record could not be cut into cells.
type defect int

const (
	sound        defect = iota
	unclosed            // a quote without its end; the record is the first physical line
	overlongLine        // a line past recordLimit; the record is its beginning
)

// scanner cuts text into records. Its cells are valid until the next call of next.
type scanner struct {
	in   io.Reader
	buf  []byte
	pos  int // start of the unread text in buf
	eof  bool
	err  error
	end  byte // '\n', or '\r' in files of the old Mac kind; "\r\n" and "\r\r\n" end in '\n' too
	next int  // number of the line at pos

	cells   splitter
	scratch []byte

	// The record found last.
	line   int
	raw    []byte // without the last line end
	defect defect
	nul    bool // NUL bytes were taken out
}

func newScanner(in io.Reader, comma, end byte) *scanner {
	return &scanner{in: in, buf: make([]byte, 0, 256<<10), end: end, next: 1, cells: splitter{comma: comma}}
}

// scan finds the next record; false means the end of the text, or a read error in s.err.
func (s *scanner) scan() bool {
	s.cells.reset()
	s.line, s.defect, s.nul = s.next, sound, false
	first := 0 // where the record's second line starts
	for offset, n := 0, 1; ; n++ {
		stop, after, found := s.physical(offset)
		switch {
		case s.err != nil, found && stop == 0 && after == 0:
			return false
		case !found && n == 1:
			return s.overlong()
		case !found:
			return s.unclosed(first)
		}
		if n == 1 {
			first = after
		}
		text := s.buf[s.pos+offset : s.pos+stop]
		if bytes.IndexByte(text, 0) >= 0 {
			text, s.nul = s.withoutNUL(text), true
		}
		switch {
		case !s.cells.feed(text):
			return s.unclosed(first)
		case !s.cells.open:
			s.take(stop, after, n)
			return true
		}
		if n == linesLimit || after > recordLimit || (s.eof && s.pos+after == len(s.buf)) {
			return s.unclosed(first)
		}
		offset = after
	}
}

// physical finds the line that starts offset bytes behind pos: it stops at stop and the next one starts at after. At the
// end of the text both are offset. It reports false for a line past recordLimit.
func (s *scanner) physical(offset int) (stop, after int, found bool) {
	seen := offset
	for {
		if i := bytes.IndexByte(s.buf[s.pos+seen:], s.end); i >= 0 {
			stop = seen + i
			return s.trimCR(offset, stop), stop + 1, true
		}
		seen = len(s.buf) - s.pos
		if s.eof {
			return s.trimCR(offset, seen), seen, true
		}
		if seen-offset > recordLimit {
			return 0, 0, false
		}
		if s.fill(); s.err != nil {
			return 0, 0, true
		}
	}
}

// trimCR moves stop before the carriage returns that precede it.
func (s *scanner) trimCR(offset, stop int) int {
	for s.end == '\n' && stop > offset && s.buf[s.pos+stop-1] == '\r' {
		stop--
	}
	return stop
}

// fill reads more text, moving the unread rest to the front of the buffer when there is little room.
func (s *scanner) fill() {
	if cap(s.buf)-len(s.buf) < 32<<10 {
		rest := s.buf[s.pos:]
		if len(rest)*2 > cap(s.buf) {
			grown := make([]byte, len(rest), 2*cap(s.buf))
			copy(grown, rest)
			s.buf = grown
		} else {
			s.buf = s.buf[:copy(s.buf[:cap(s.buf)], rest)]
		}
		s.pos = 0
	}
	for range 100 {
		n, err := s.in.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if errors.Is(err, io.EOF) {
			s.eof = true
			return
		}
		if err != nil {
			s.err = fmt.Errorf("read line %d: %w", s.next, err)
			return
		}
		if n > 0 {
			return
		}
	}
	s.err = fmt.Errorf("read line %d: %w", s.next, io.ErrNoProgress)
}

// take makes the first stop bytes the record and goes on behind after.
func (s *scanner) take(stop, after, lines int) {
	s.raw = s.buf[s.pos : s.pos+stop]
	s.pos += after
	s.next += lines
}

// unclosed gives up the record that was begun: only its first line is taken, and reading goes on at the second, so that
// a missing quote costs one lead and not the rest of the file.
func (s *scanner) unclosed(first int) bool {
	s.defect = unclosed
	stop := first
	if stop > 0 && s.buf[s.pos+stop-1] == s.end {
		stop--
	}
	s.take(s.trimCR(0, stop), first, 1)
	return true
}

// overlong takes the beginning of a line past the limit and reads over the rest of it.
func (s *scanner) overlong() bool {
	s.defect = overlongLine
	head := append([]byte(nil), s.buf[s.pos:s.pos+4*rawLimit+4]...)
	for {
		if i := bytes.IndexByte(s.buf[s.pos:], s.end); i >= 0 {
			s.pos += i + 1
			break
		}
		s.pos = len(s.buf)
		if s.eof {
			break
		}
		if s.fill(); s.err != nil {
			return false
		}
	}
	s.raw = head
	s.next++
	return true
}

// withoutNUL copies text without its NUL bytes: they come from broken exports and UTF-16 fragments, and no database text
// can hold them.
func (s *scanner) withoutNUL(text []byte) []byte {
	s.scratch = s.scratch[:0]
	for _, b := range text {
		if b != 0 {
			s.scratch = append(s.scratch, b)
		}
	}
	return s.scratch
}

// blank tells whether the record holds nothing but delimiters, quotes and white space.
func (s *scanner) blank() bool {
	return s.defect == sound && len(bytes.TrimSpace(s.cells.text)) == 0
}
