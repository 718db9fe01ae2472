package leadfile

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"nurture/cadence/calendar"
)

// BatchSize is how many rows Read hands over at once, at most: enough that the commit of a batch does not count.
const BatchSize = 2500

// Options say how a file is read. The zero Options guess everything.
type Options struct {
	Mapping        Mapping  // zero: guessed from the header
	Assign         []string // "field=Column", on top of Mapping or of the guess
	DefaultCountry string   // where phone numbers without country code are from: ISO code or name; "" unknown
	Encoding       string   // one of the Encoding constants; "" is detected
	Delimiter      rune     // an ASCII character; 0 is detected
	Reporter       Reporter // nil: rejections and notices are only counted
}

// Summary counts what became of a file. Accepted + Rejected = Read.
type Summary struct {
	Read      int // records below the header that hold anything
	Accepted  int
	Rejected  int
	Repaired  int // accepted records that had to be repaired first
	Warnings  int // values of accepted records that could not be used
	Blank     int // lines without any value: they count nowhere else
	Encoding  string
	Delimiter string   // in words: "comma"
	Columns   []string // the header, repeated names numbered
	Unmatched []string // columns that nothing is read from
	Mapping   Mapping  // the mapping used, guessed or given
}

// Read reads a file of leads. It calls each with batches of up to BatchSize accepted rows, in the order of the file;
// the slice is used again for the next batch, the rows may be kept (leads share their Zones: do not write to them). A nil
// each only counts and reports, which is the dry run.
//
// Of lines with the same key the first is accepted and the others are rejected as its duplicates. Memory does not grow
// with the file: from 100,000 keys on these are in a file in the temporary folder, 50 to 200 bytes a key, and so are emails where keys are
// something else.
//
// The error is ErrEmpty, a *MappingError when the mapping and the header do not fit, what r, each or the reporter failed
// with, or says that the file is no CSV text. The Summary is right up to the error; when each or the reporter failed, the
// accepted rows gathered since the last batch are not handed over.
func Read(r io.Reader, opt Options, each func(batch []Row) error) (sum Summary, err error) {
	im := importer{opt: opt, each: each}
	defer func() { err = errors.Join(err, im.seen.close(), im.emails.close()) }()
	if im.opt.Reporter == nil {
		im.opt.Reporter = discard{}
	}
	if err := im.open(r); err != nil {
		return im.sum, err
	}
	if err := im.header(); err != nil {
		return im.sum, err
	}
	for im.in.scan() {
		if im.in.blank() {
			im.sum.Blank++
			continue
		}
		if err := im.record(); err != nil {
			return im.sum, err
		}
	}
	if err := errors.Join(im.in.err, im.flush()); err != nil {
		return im.sum, err
	}
	return im.sum, im.noteAgain()
}

// digest stands for a key in the sets that find duplicates.
type digest [16]byte

func digestOf(text string) digest {
	sum := sha256.Sum256([]byte(text))
	return digest(sum[:16])
}

// importer is one run of Read.
type importer struct {
	opt      Options
	each     func([]Row) error
	in       reader
	conv     converter
	cells    []string
	repeated []string // names that several columns of the header have
	batch    []Row
	seen     seen // by key
	emails   seen // by email, where keys are not emails
	again    int  // accepted rows with the email of an earlier one
	sum      Summary
}

// open finds encoding and dialect.
func (im *importer) open(r io.Reader) error {
	if d := im.opt.Delimiter; d < 0 || d >= utf8.RuneSelf || strings.ContainsRune("\"\n\r ", d) {
		return fmt.Errorf("delimiter %q cannot be used: it must be an ASCII character and neither quote, space nor line end", d)
	}
	if name := im.opt.DefaultCountry; name != "" {
		code, ok := calendar.CountryCode(name)
		if !ok {
			return fmt.Errorf("default country %q is not known: write its English name or ISO code", name)
		}
		im.conv.country = code
	}
	text, err := decode(r, im.opt.Encoding)
	if err != nil {
		return err
	}
	sample, err := text.text.Peek(sampleSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the beginning of the file: %w", err)
	}
	d := detect(sample, err == nil, byte(im.opt.Delimiter))
	im.in = reader{scanner: newScanner(text.text, d.comma, d.end), eightBit: text.eightBit}
	im.sum.Encoding, im.sum.Delimiter = text.name, delimiterName(d.comma)
	if d.skip {
		im.in.scan()
	}
	return nil
}

// header finds the line that names the columns and binds the mapping to it. It is the first one that is not blank, or, where that fits nothing, one of the
// next lines: exports and workbooks often begin with notes or a title.
func (im *importer) header() error {
	var misfit error // of the first line
	for range headerLines {
		h, err := im.candidate()
		switch {
		case err != nil && misfit != nil:
			return misfit
		case err != nil:
			return err
		}
		err = im.bindHeader(h, misfit != nil)
		if err == nil {
			return im.noteHeader(h, misfit != nil)
		}
		if misfit == nil {
			misfit, im.sum.Columns = err, h.names
		}
		if looksLikeLead(h.names) {
			break
		}
	}
	return misfit
}

// headerLines is how many lines are looked at for the names of the columns.
const headerLines = 20

// candidate reads the next line that is not blank, as names of columns.
func (im *importer) candidate() (h header, err error) {
	im.in.width = 0
	for {
		if !im.in.scan() {
			if im.in.err != nil {
				return h, im.in.err
			}
			return h, ErrEmpty
		}
		if !im.in.blank() {
			break
		}
	}
	if im.in.defect != sound {
		im.in.width = 1
		bad := im.in.misfit()
		return h, fmt.Errorf("line %d, the header: %s (%s)", im.in.line, bad.Reason, bad.Hint)
	}
	im.in.unwrapHeader()
	im.in.width = len(im.in.cells.ends)
	cells, _, _ := im.in.read()
	h, im.repeated = newHeader(im.strings(cells))
	return h, nil
}

// bindHeader binds the mapping to a header. A line below the first one is a header only when it names several columns that are looked for.
func (im *importer) bindHeader(h header, below bool) error {
	m, err := im.mapping(h)
	if err != nil {
		return err
	}
	plan, err := bind(m, h)
	if err != nil {
		return err
	}
	if below && (plan.columns() < 2 || looksLikeLead(h.names)) {
		return ErrEmpty
	}
	if im.opt.Mapping.Guesses() {
		plan.gatherOptOuts(h)
	}
	im.conv.plan = plan
	im.conv.places, im.conv.words, im.conv.outWords, im.conv.dates = newGazetteer(), newYesNo(m.Words), newOptOutWords(m.Words), m.Dates
	im.sum.Columns, im.sum.Mapping, im.sum.Unmatched = h.names, m, plan.unread(h)
	return nil
}

// noteHeader reports what is odd about the header.
func (im *importer) noteHeader(h header, below bool) error {
	var notes []Notice
	if below {
		notes = append(notes, Notice{Reason: fmt.Sprintf("the columns are named in line %d; what stands above is left out", im.in.line)})
	}
	for _, name := range im.repeated {
		notes = append(notes, Notice{Column: name, Reason: "several columns have this name", Hint: fmt.Sprintf("the second is “%s (2)”", name)})
	}
	for _, name := range im.conv.plan.unheeded(h) {
		notes = append(notes, Notice{Column: name, Reason: "the column seems to hold opt-outs, and nothing is read from it", Hint: "map it to opted_out.email or opted_out.call"})
	}
	for _, n := range notes {
		n.Kind = KindNote
		if err := im.opt.Reporter.Notice(n); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	return nil
}

// mapping gives the mapping to use: the one given, else a guess, with what was assigned on top.
func (im *importer) mapping(h header) (Mapping, error) {
	m := im.opt.Mapping
	if m.Guesses() {
		guess, _ := Guess(h.names)
		m.Columns = guess.Columns
	}
	for _, a := range im.opt.Assign {
		if err := m.Assign(a); err != nil {
			return m, err
		}
	}
	return m, nil
}

// strings gives the cells as strings that share one allocation; the slice is used again for the next record.
func (im *importer) strings(cells *splitter) []string {
	text := string(cells.text)
	im.cells = im.cells[:0]
	start := 0
	for _, end := range cells.ends {
		im.cells = append(im.cells, text[start:end])
		start = end
	}
	return im.cells
}

// record accepts or rejects the current record.
func (im *importer) record() error {
	im.sum.Read++
	cells, repaired, bad := im.in.read()
	if bad != nil {
		return im.reject(bad)
	}
	r := row{line: im.in.line, cells: im.strings(cells)}
	short := len(r.cells) < im.in.width
	if short && im.conv.plan.sensitiveFrom(len(r.cells)) {
		bad = im.in.misfit()
		bad.Hint = "the missing cells may hold an opt-out or a consent; " + bad.Hint
		return im.reject(bad)
	}
	lead, bad := im.conv.convert(r)
	switch {
	case bad != nil && short:
		misfit := im.in.misfit()
		misfit.Reason += ", and " + bad.Reason
		return im.reject(misfit)
	case bad != nil:
		return im.reject(bad)
	}
	line, err := im.seen.first(digestOf(lead.Key), r.line)
	if err != nil {
		return err
	}
	if line != 0 {
		return im.reject(&Rejection{
			Column: im.conv.plan.columnOf(fieldKey, fieldEmail, fieldPhone), Reason: fmt.Sprintf("duplicate of line %d", line),
			Hint: "the first line of a lead counts", Key: lead.Key, OptedOut: lead.OptedOut,
		})
	}
	return im.accept(Row{Line: r.line, Lead: lead, Repaired: repaired}, short)
}

func (im *importer) reject(bad *Rejection) error {
	im.sum.Rejected++
	bad.Line, bad.Raw = im.in.line, im.in.rawText()
	if err := im.opt.Reporter.Reject(*bad); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func (im *importer) accept(r Row, short bool) error {
	im.sum.Accepted++
	if short {
		im.conv.notices = append(im.conv.notices, Notice{
			Kind: KindWarning, Line: r.Line, Reason: im.in.misfit().Reason, Hint: "the missing cells count as empty",
		})
	}
	if r.Lead.Email != "" && r.Lead.Key != r.Lead.Email {
		line, err := im.emails.first(digestOf(r.Lead.Email), r.Line)
		if err != nil {
			return err
		}
		if line != 0 {
			im.conv.notices = append(im.conv.notices, Notice{
				Kind: KindWarning, Line: r.Line, Column: im.conv.plan.columnOf(fieldEmail),
				Reason: fmt.Sprintf("line %d has the same email under another key", line), Hint: "both are kept as leads of their own, and each is written to",
			})
			im.again++
		}
	}
	im.sum.Warnings += len(im.conv.notices)
	if r.Repaired != "" {
		im.sum.Repaired++
		im.conv.notices = append(im.conv.notices, Notice{Kind: KindRepaired, Line: r.Line, Reason: r.Repaired})
	}
	for _, n := range im.conv.notices {
		if err := im.opt.Reporter.Notice(n); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	if im.each == nil {
		return nil
	}
	if im.batch = append(im.batch, r); len(im.batch) == BatchSize {
		return im.flush()
	}
	return nil
}

// flush hands the gathered rows over.
func (im *importer) flush() error {
	if len(im.batch) == 0 {
		return nil
	}
	batch := im.batch
	im.batch = im.batch[:0]
	if err := im.each(batch); err != nil {
		return fmt.Errorf("take lines %d to %d: %w", batch[0].Line, batch[len(batch)-1].Line, err)
	}
	return nil
}

// noteAgain says of the file as a whole that somebody will be written to more than once.
func (im *importer) noteAgain() error {
	if im.again == 0 {
		return nil
	}
	lines := "1 line has"
	if im.again > 1 {
		lines = fmt.Sprintf("%d lines have", im.again)
	}
	column := im.conv.plan.columnOf(fieldEmail)
	err := im.opt.Reporter.Notice(Notice{
		Kind: KindNote, Column: column, Reason: lines + " the address of an earlier one under another key; each is a lead of its own, and is written to",
		Hint: fmt.Sprintf("with key=%q an address is one lead", column),
	})
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// columnOf names the column of the first of the fields that is mapped.
func (p *plan) columnOf(fields ...field) string {
	for _, f := range fields {
		if b := p.core[f]; b != nil {
			return b.column
		}
	}
	return ""
}

// sensitiveFrom tells whether a consent or an opt-out stands in the n-th column or behind it.
func (p *plan) sensitiveFrom(n int) bool {
	for _, index := range p.sensitive {
		if index >= n {
			return true
		}
	}
	return false
}

// unread lists the columns that nothing is read from.
func (p *plan) unread(h header) (names []string) {
	read := make(map[int]bool)
	for b := range p.bindings() {
		read[b.index] = true
		if b.template == nil {
			continue
		}
		for _, column := range columnsOf(b.template) {
			if index, reason, _ := h.find(column); reason == "" {
				read[index] = true
			}
		}
	}
	for i, name := range h.names {
		if !read[i] && !strings.HasPrefix(name, "column ") {
			names = append(names, name)
		}
	}
	return names
}
