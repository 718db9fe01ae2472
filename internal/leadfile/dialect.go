package leadfile

import (
	"bytes"
	"fmt"
)

// delimiters are tried in this order; the earlier wins a tie.
var delimiters = []byte{',', ';', '\t', '|'}

// dialectRecords is how many records of the sample are compared.
const dialectRecords = 100

// dialect is how a file separates cells and lines.
type dialect struct {
	comma byte
	end   byte
	skip  bool // the first line is Excel's "sep=;" and no header
}

// detect finds the dialect of a sample of text; cut tells that the text goes on behind it. force is the delimiter when not 0.
func detect(sample []byte, cut bool, force byte) dialect {
	d := dialect{comma: force, end: '\n'}
	if bytes.IndexByte(sample, '\n') < 0 && bytes.IndexByte(sample, '\r') >= 0 || lonelyCR(sample) {
		d.end = '\r'
	}
	if rest, ok := bytes.CutPrefix(sample, []byte("sep=")); ok && len(rest) > 0 && (len(rest) == 1 || rest[1] == '\r' || rest[1] == '\n') {
		d.skip = true
		if d.comma == 0 {
			d.comma = rest[0]
		}
		return d
	}
	if d.comma != 0 {
		return d
	}
	d.comma = delimiters[0]
	bestFit, bestWidth := 0.0, 1
	for _, titled := range []bool{false, true} {
		for _, comma := range delimiters {
			fit, width := consistency(sample, cut, comma, d.end, titled)
			if width > 1 && (fit > bestFit || (fit == bestFit && width > bestWidth)) && (!titled || fit > titledFit) {
				d.comma, bestFit, bestWidth = comma, fit, width
			}
		}
		if bestWidth > 1 {
			break
		}
	}
	return d
}

// titledFit is the share of records that must fit before a first line of one cell is taken for a title: a file of a single column may have a
// delimiter in some of its values.
const titledFit = 0.8

// lonelyCR tells whether lines end in a carriage return alone although line feeds occur, inside quotes only.
func lonelyCR(sample []byte) bool {
	quoted, cr, lf := false, false, false
	for i, b := range sample {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '\n':
			lf = true
		case b == '\r' && i+1 < len(sample) && sample[i+1] != '\n' && sample[i+1] != '\r':
			cr = true
		}
	}
	return cr && !lf
}

// consistency tells which share of the sample's records is as wide as its header when comma separates cells. The header of a titled sample is its first
// record of several cells.
func consistency(sample []byte, cut bool, comma, end byte, titled bool) (fit float64, width int) {
	s := newScanner(bytes.NewReader(sample), comma, end)
	r := reader{scanner: s}
	total, fitting := 0, 0
	for total < dialectRecords && s.scan() {
		if s.blank() || cut && s.eof && s.pos == len(s.buf) {
			continue
		}
		if width == 0 {
			if r.unwrapHeader(); titled && len(s.cells.ends) == 1 {
				continue
			}
			width = len(s.cells.ends)
			continue
		}
		total++
		if r.width = width; r.fits() || r.repairable() {
			fitting++
		}
	}
	if total == 0 {
		return 1, width
	}
	return float64(fitting) / float64(total), width
}

// delimiterName names a delimiter in words.
func delimiterName(comma byte) string {
	switch comma {
	case ',':
		return "comma"
	case ';':
		return "semicolon"
	case '\t':
		return "tab"
	case '|':
		return "pipe"
	}
	return fmt.Sprintf("%q", string(rune(comma)))
}
