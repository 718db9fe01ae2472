package leadfile

import "bytes"

// splitter cuts the physical lines of one record into cells by RFC 4180, with what spreadsheets do beyond it: spaces
// around quotes, and a quote inside a quoted cell that nobody doubled. Cells lie one after the other in text; ends holds
// where each stops.
type splitter struct {
	comma byte
	// literal takes a quote at the start of a cell for a character unless the cell closes properly on the same line.
	literal bool
	text    []byte
	ends    []int
	open    bool // a quoted cell goes on in the next line
	crossed bool // the open cell began on an earlier line
	stray   bool // a quote stood where none may
}

func (s *splitter) reset() {
	s.text, s.ends = s.text[:0], s.ends[:0]
	s.open, s.crossed, s.stray = false, false, false
}

// cell gives the i-th cell of the last record.
func (s *splitter) cell(i int) []byte {
	start := 0
	if i > 0 {
		start = s.ends[i-1]
	}
	return s.text[start:s.ends[i]]
}

// feed takes the next physical line, without its line end. It reports false when quotes make no sense: a stray quote in a
// cell that has crossed a line end, or one that leaves its cell open; else s.open says whether the record goes on.
func (s *splitter) feed(line []byte) bool {
	i := 0
	if s.open {
		s.text = append(s.text, '\n')
		s.crossed = true
	}
	for {
		if !s.open {
			if q := skipSpaces(line, i); q < len(line) && line[q] == '"' && (!s.literal || s.closes(line, q)) {
				s.open, s.crossed, i = true, false, q+1
			}
		}
		if s.open {
			var sound bool
			if i, sound = s.quoted(line, i); !sound || s.open {
				return sound
			}
		} else {
			end := bytes.IndexByte(line[i:], s.comma)
			if end < 0 {
				end = len(line) - i
			}
			s.text = append(s.text, line[i:i+end]...)
			i += end
		}
		s.ends = append(s.ends, len(s.text))
		if i >= len(line) {
			return true
		}
		i++
	}
}

// quoted reads the inside of a quoted cell from i on and stops behind its closing quote, or at the end of the line with
// s.open still set.
func (s *splitter) quoted(line []byte, i int) (next int, sound bool) {
	strayHere := false
	for {
		j := bytes.IndexByte(line[i:], '"')
		if j < 0 {
			s.text = append(s.text, line[i:]...)
			return len(line), !strayHere
		}
		s.text = append(s.text, line[i:i+j]...)
		i += j + 1
		if i < len(line) && line[i] == '"' {
			s.text = append(s.text, '"')
			i++
			continue
		}
		if k := skipSpaces(line, i); k == len(line) || line[k] == s.comma {
			s.open = false
			return k, true
		}
		if s.crossed {
			return i, false
		}
		s.stray, strayHere = true, true
		s.text = append(s.text, '"')
	}
}

// closes tells whether the quoted cell that opens at q ends properly on the same line.
func (s *splitter) closes(line []byte, q int) bool {
	for i := q + 1; ; i++ {
		j := bytes.IndexByte(line[i:], '"')
		if j < 0 {
			return false
		}
		i += j
		if i+1 < len(line) && line[i+1] == '"' {
			i++
			continue
		}
		k := skipSpaces(line, i+1)
		return k == len(line) || line[k] == s.comma
	}
}

func skipSpaces(line []byte, i int) int {
	for i < len(line) && line[i] == ' ' {
		i++
	}
	return i
}
