package leadfile

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// reader reads records that must be as wide as their header, and tries other readings of those that are not.
type reader struct {
	*scanner
	width    int      // of the header
	other    splitter // a second reading of the record
	eightBit bool     // text is in Windows-1252
	decoded  splitter // holds the cells when they had to be decoded
}

// The repairs, as reports name them.
const (
	repairWrapped   = "the whole line stood in quotes"
	repairHalf      = "the whole line stood in quotes, the quotes in it not doubled"
	repairLiteral   = "a quote that is never closed was read as a character"
	repairStray     = "a quote inside a quoted cell was not doubled"
	repairNUL       = "NUL bytes were taken out"
	repairEncoding  = "not UTF-8: read as Windows-1252"
	repairSeparator = "; "
)

// fits tells whether the record is sound and as wide as the header, or wider by empty cells only.
func (r *reader) fits() bool {
	return r.defect == sound && r.wide(&r.cells)
}

func (r *reader) wide(s *splitter) bool {
	n := len(s.ends)
	return n == r.width || n > r.width && len(bytes.TrimSpace(s.text[s.ends[r.width-1]:])) == 0
}

// repairable tells whether another reading makes the record fit.
func (r *reader) repairable() bool {
	_, ok := r.repair()
	return ok
}

// repair looks for another reading that makes an ill-fitting record fit; it is in r.other then. The order matters: from
// the reading that explains most to the one that assumes most.
func (r *reader) repair() (what string, ok bool) {
	if r.width < 2 || r.defect == overlongLine {
		return "", false
	}
	if r.defect == sound && r.alone() && r.reread(r.cells.cell(0), false) {
		return repairWrapped, true
	}
	line := r.raw
	if bytes.IndexByte(line, r.end) >= 0 {
		return "", false
	}
	if r.nul {
		line = r.withoutNUL(line)
	}
	if n := len(line); n > 1 && line[0] == '"' && line[n-1] == '"' && r.reread(line[1:n-1], false) && !r.other.stray {
		return repairHalf, true
	}
	if (r.defect == unclosed || r.cells.stray) && r.reread(line, true) {
		return repairLiteral, true
	}
	return "", false
}

// alone tells whether only the record's first cell holds anything: the sign of a line wrapped in quotes as a whole.
func (r *reader) alone() bool {
	return len(r.cells.ends) > 0 && len(bytes.TrimSpace(r.cells.text[r.cells.ends[0]:])) == 0
}

// reread cuts text into r.other and tells whether it fits the header.
func (r *reader) reread(text []byte, literal bool) bool {
	r.other.reset()
	r.other.comma, r.other.literal = r.cells.comma, literal
	for line := range bytes.SplitSeq(text, []byte{'\n'}) {
		if len(r.other.ends) > 0 && !r.other.open || !r.other.feed(bytes.TrimSuffix(line, []byte{'\r'})) {
			return false
		}
	}
	return !r.other.open && r.wide(&r.other)
}

// unwrapHeader puts a header right that stands in quotes as a whole.
func (r *reader) unwrapHeader() {
	s := &r.cells
	if r.defect != sound || len(s.ends) != 1 || bytes.IndexByte(s.text, s.comma) < 0 {
		return
	}
	inner := splitter{comma: s.comma}
	if inner.feed(bytes.TrimSpace(s.text)) && !inner.open {
		s.text, s.ends = inner.text, inner.ends
	}
}

// read brings the current record into the shape of the header. It gives the cells, which are valid until the next scan,
// and what was repaired; or why the record cannot be used.
func (r *reader) read() (cells *splitter, repaired string, bad *Rejection) {
	cells = &r.cells
	var repairs []string
	switch {
	case r.fits():
		if r.cells.stray {
			repairs = append(repairs, repairStray)
		}
	default:
		what, ok := r.repair()
		switch {
		case ok:
			cells = &r.other
			repairs = append(repairs, what)
		case r.defect != sound || len(r.cells.ends) > r.width:
			return nil, "", r.misfit()
		}
	}
	if r.nul {
		repairs = append(repairs, repairNUL)
	}
	if r.eightBit || !utf8.Valid(cells.text) {
		if !r.eightBit {
			repairs = append(repairs, repairEncoding)
		}
		cells = r.decode(cells)
	}
	return cells, strings.Join(repairs, repairSeparator), nil
}

// misfit says why the record's cells do not fit the header.
func (r *reader) misfit() *Rejection {
	switch r.defect {
	case overlongLine:
		return &Rejection{Reason: fmt.Sprintf("the line is longer than %d bytes", recordLimit), Hint: "is a line end missing?"}
	case unclosed:
		return &Rejection{Reason: "a quote is opened and never closed", Hint: `close it, or write a quote inside a quoted cell twice ("")`}
	case sound:
	}
	return &Rejection{
		Reason: fmt.Sprintf("the line has %d cells, the header has %d", len(r.cells.ends), r.width),
		Hint:   fmt.Sprintf("put cells that contain a %s into quotes", delimiterName(r.cells.comma)),
	}
}

// decode gives the cells in UTF-8.
func (r *reader) decode(cells *splitter) *splitter {
	r.decoded.reset()
	for i := range cells.ends {
		r.decoded.text = appendCP1252(r.decoded.text, cells.cell(i))
		r.decoded.ends = append(r.decoded.ends, len(r.decoded.text))
	}
	return &r.decoded
}

// rawText gives the record as a report repeats it.
func (r *reader) rawText() string {
	raw := r.raw[:min(len(r.raw), 4*rawLimit+4)]
	if r.eightBit || !utf8.Valid(raw[:len(raw)-partialRune(raw)]) {
		raw = appendCP1252(nil, raw)
	}
	return clip(raw, rawLimit)
}
