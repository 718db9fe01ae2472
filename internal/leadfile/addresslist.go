package leadfile

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Address is one address of a list.
type Address struct {
	Line int    // 1-based number of its record's first line
	Text string // as ParseAddress normalises it
}

// AddressOptions say how a list of addresses is read.
type AddressOptions struct {
	Kinds          AddressKinds
	Column         string // the column with the addresses; "" takes every column whose name speaks of them
	DefaultCountry string // where phone numbers without country code are from: ISO code or name; "" unknown
	Reporter       Reporter
}

// ReadAddresses reads a list of addresses that must not be contacted: CSV with a header, or lines without one. It calls each with
// batches of about BatchSize addresses; the slice is used again for the next batch. A nil each only counts and reports.
//
// A record may hold several addresses: it is accepted when one of them is usable, and the others are warned of. One that stands in the
// file twice is handed over twice. Encoding, delimiter, repairs and errors are as in Read; Summary.Accepted counts records.
func ReadAddresses(r io.Reader, opt AddressOptions, each func(batch []Address) error) (Summary, error) {
	l := addressList{
		importer: importer{opt: Options{DefaultCountry: opt.DefaultCountry, Reporter: opt.Reporter}}, opt: opt, each: each,
	}
	if l.importer.opt.Reporter == nil {
		l.importer.opt.Reporter = discard{}
	}
	if err := l.open(r); err != nil {
		return l.sum, err
	}
	waiting, err := l.first()
	if err != nil {
		return l.sum, err
	}
	for waiting || l.in.scan() {
		waiting = false
		if l.in.blank() {
			l.sum.Blank++
			continue
		}
		if err := l.record(); err != nil {
			return l.sum, err
		}
	}
	return l.sum, errors.Join(l.in.err, l.flush())
}

// addressList is one run of ReadAddresses.
type addressList struct {
	importer
	opt     AddressOptions
	columns []addressColumn
	split   bool // area code and number stand in two columns
	each    func([]Address) error
	batch   []Address
}

// addressColumn is a column that is read.
type addressColumn struct {
	index  int
	name   string
	domain bool // its cells are domains, with or without @
}

// The names of columns that hold addresses beside those of a lead's email and phone, as fold leaves them.
var (
	mailColumns   = []string{"address", "emails"}
	phoneColumns  = []string{"number", "numbers", "phonenumbers", "msisdn", "e164", "address"}
	domainColumns = []string{"domain", "domains", "emaildomain", "domainname"}
)

// first reads the first record and finds the columns. It is true when that record is no header but an address.
func (l *addressList) first() (waiting bool, err error) {
	for {
		if !l.in.scan() {
			if l.in.err != nil {
				return false, l.in.err
			}
			return false, errors.New("the file is empty")
		}
		if !l.in.blank() {
			break
		}
		l.sum.Blank++
	}
	if l.in.defect != sound {
		l.in.width = 1
		bad := l.in.misfit()
		return false, fmt.Errorf("line %d: %s (%s)", l.in.line, bad.Reason, bad.Hint)
	}
	l.in.unwrapHeader()
	l.in.width = len(l.in.cells.ends)
	cells, _, _ := l.in.read()
	names := append([]string(nil), l.strings(cells)...)
	if l.opt.Column == "" && l.headless(names) {
		return true, nil
	}
	h, _ := newHeader(names)
	l.sum.Columns = h.names
	return false, l.bind(h)
}

// headless finds the columns of a file without a header: those that hold something like an address in the first record.
func (l *addressList) headless(cells []string) bool {
	if len(cells) == 2 && areaCode(cells[0]) && localNumber(cells[1]) {
		l.split = true
		l.columns = []addressColumn{{name: "column 1 and 2"}}
		return true
	}
	for i, cell := range cells {
		if looksLikeAddress(cell) {
			l.columns = append(l.columns, addressColumn{index: i, name: fmt.Sprintf("column %d", i+1)})
		}
	}
	return len(l.columns) > 0
}

// Files of the National Do Not Call Registry have the area code and the seven digits behind it in two columns, without a header.
func areaCode(cell string) bool { return allDigits(cell, 3) }

func localNumber(cell string) bool {
	return allDigits(strings.Replace(strings.TrimSpace(cell), "-", "", 1), 7)
}

func allDigits(cell string, n int) bool {
	cell = strings.TrimSpace(cell)
	return len(cell) == n && strings.Trim(cell, "0123456789") == ""
}

// bind finds the columns that a header names.
func (l *addressList) bind(h header) error {
	if l.opt.Column != "" {
		index, reason, hint := h.find(l.opt.Column)
		if reason != "" {
			return fmt.Errorf("%s; %s", reason, hint)
		}
		l.columns = []addressColumn{{index: index, name: h.names[index], domain: speaksOf(h.names[index], domainColumns)}}
	} else {
		for i, name := range h.names {
			mail := speaksOf(name, definitions[fieldEmail].synonyms, mailColumns)
			domain := speaksOf(name, domainColumns)
			phone := speaksOf(name, definitions[fieldPhone].synonyms, phoneColumns)
			if l.opt.Kinds.Emails && (mail || domain) || l.opt.Kinds.Phones && phone {
				l.columns = append(l.columns, addressColumn{index: i, name: name, domain: domain})
			}
		}
		if len(l.columns) == 0 && len(h.names) == 1 { // there is nothing else that it could be
			l.columns = []addressColumn{{name: h.names[0]}}
		}
	}
	if len(l.columns) == 0 {
		return fmt.Errorf("no column is called after addresses; the file has the columns %s: name the one that holds them", strings.Join(h.names, ", "))
	}
	for i, name := range h.names {
		if !l.reads(i) {
			l.sum.Unmatched = append(l.sum.Unmatched, name)
		}
	}
	return nil
}

func (l *addressList) reads(index int) bool {
	for _, c := range l.columns {
		if c.index == index {
			return true
		}
	}
	return false
}

// speaksOf tells whether a column is called one of some names, or that with a number behind it, as the second of several is.
func speaksOf(column string, names ...[]string) bool {
	column = strings.TrimRight(fold(column), "0123456789")
	for _, list := range names {
		for _, name := range list {
			if column == strings.TrimRight(fold(name), "0123456789") {
				return true
			}
		}
	}
	return false
}

// record takes the addresses of the current record, or rejects it.
func (l *addressList) record() error {
	l.sum.Read++
	cells, repaired, bad := l.in.read()
	if bad != nil {
		return l.reject(bad)
	}
	r := row{line: l.in.line, cells: l.strings(cells)}
	l.conv.notices = l.conv.notices[:0]
	found := 0
	for _, c := range l.columns {
		text := r.cell(c.index)
		if l.split {
			text = "+1" + strings.TrimSpace(text) + strings.TrimSpace(r.cell(1))
		}
		n, wrong := l.cell(c, text)
		if found += n; wrong != nil && bad == nil {
			bad = wrong
		}
		if wrong != nil {
			l.conv.notices = append(l.conv.notices, Notice{Kind: KindWarning, Line: r.line, Column: c.name, Reason: wrong.Reason, Hint: wrong.Hint})
		}
	}
	if found == 0 {
		if bad == nil {
			bad = &Rejection{Column: l.columns[0].name, Reason: "no address is given", Hint: "the cell is empty"}
		}
		return l.reject(bad)
	}
	return l.accepted(r.line, repaired)
}

// cell takes the addresses of a cell and says what is wrong with the first that is none.
func (l *addressList) cell(c addressColumn, text string) (found int, bad *Rejection) {
	if strings.TrimSpace(text) == "" {
		return 0, nil
	}
	parts := []string{text}
	if strings.ContainsAny(text, ";,|") {
		parts = strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(";,|", r) })
	}
	for _, part := range parts {
		if strings.TrimSpace(part) == "" {
			continue
		}
		if c.domain && !strings.Contains(part, "@") {
			part = "@" + strings.TrimSpace(part)
		}
		address, reason, hint := ParseAddress(part, l.conv.country, l.opt.Kinds)
		if reason != "" {
			if bad == nil {
				bad = &Rejection{Column: c.name, Reason: reason + ": " + clip([]byte(part), 80), Hint: hint}
			}
			continue
		}
		found++
		l.batch = append(l.batch, Address{Line: l.in.line, Text: address})
	}
	return found, bad
}

// accepted counts a record of which at least one address was taken.
func (l *addressList) accepted(line int, repaired string) error {
	l.sum.Accepted++
	l.sum.Warnings += len(l.conv.notices)
	if repaired != "" {
		l.sum.Repaired++
		l.conv.notices = append(l.conv.notices, Notice{Kind: KindRepaired, Line: line, Reason: repaired})
	}
	for _, n := range l.conv.notices {
		if err := l.importer.opt.Reporter.Notice(n); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	if len(l.batch) >= BatchSize {
		return l.flush()
	}
	return nil
}

// flush hands the gathered addresses over.
func (l *addressList) flush() error {
	batch := l.batch
	l.batch = l.batch[:0]
	if len(batch) == 0 || l.each == nil {
		return nil
	}
	if err := l.each(batch); err != nil {
		return fmt.Errorf("take lines %d to %d: %w", batch[0].Line, batch[len(batch)-1].Line, err)
	}
	return nil
}
