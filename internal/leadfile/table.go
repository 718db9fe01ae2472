package leadfile

import (
	"fmt"
	"io"
)

// ReadTable reads a file whose columns are not those of leads, in any encoding and dialect that Read takes. It calls each with every record that is
// not blank, beginning with the one that names the columns: line counts from 1, and cells are as many as columns, valid until the next call. The first
// record that cannot be used ends the reading, and so does an error of each.
func ReadTable(r io.Reader, each func(line int, cells []string) error) error {
	im := importer{opt: Options{Reporter: discard{}}}
	if err := im.open(r); err != nil {
		return err
	}
	for im.in.scan() {
		if im.in.blank() {
			continue
		}
		if im.in.width == 0 && im.in.defect == sound {
			im.in.unwrapHeader()
			im.in.width = len(im.in.cells.ends)
		}
		cells, _, bad := im.in.read()
		if bad != nil {
			return fmt.Errorf("line %d: %s (%s)", im.in.line, bad.Reason, bad.Hint)
		}
		row := im.strings(cells)
		for len(row) < im.in.width {
			row = append(row, "")
		}
		if err := each(im.in.line, row[:im.in.width]); err != nil {
			return err
		}
	}
	if im.in.err == nil && im.in.width == 0 {
		return ErrEmpty
	}
	return im.in.err
}
