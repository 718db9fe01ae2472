package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"nurture/internal/oneline"
)

// cleanWriter keeps hidden control characters from the terminal: lead data comes from strangers, and an escape sequence in a name
// could redraw the screen or reorder a line. Line feeds and tabs pass, and a carriage return that begins a Write: a progress line
// draws itself anew. Each Write must hold whole characters, as Fprintf does.
type cleanWriter struct{ io.Writer }

func (w cleanWriter) Write(p []byte) (int, error) {
	redraw := bytes.HasPrefix(p, []byte("\r"))
	clean := oneline.Seen(string(p))
	if redraw {
		clean = "\r" + clean
	}
	if _, err := io.WriteString(w.Writer, clean); err != nil {
		return 0, err
	}
	return len(p), nil
}

// printf writes to standard output.
func (a *app) printf(format string, args ...any) {
	fmt.Fprintf(a.stdout, format, args...)
}

// printJSON writes v, indented. Control characters that JSON allows in texts are escaped, for they are as dangerous on a terminal.
func (a *app) printJSON(v any) error { return a.writeJSON(v, "  ") }

// printJSONLine is printJSON in one line.
func (a *app) printJSONLine(v any) error { return a.writeJSON(v, "") }

func (a *app) writeJSON(v any, indent string) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return err
	}
	var out strings.Builder
	for _, r := range b.String() {
		switch {
		case r == '\n' || !oneline.Hidden(r):
			out.WriteRune(r)
		case r > 0xffff:
			hi, lo := surrogates(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	_, err := io.WriteString(a.stdout, out.String())
	return err
}

// surrogates are a character beyond the first plane as JSON escapes it (RFC 8259, section 7).
func surrogates(r rune) (hi, lo rune) {
	r -= 0x10000
	return 0xd800 + r>>10, 0xdc00 + r&0x3ff
}

// table writes rows in columns; the first row is the heading.
func (a *app) table(rows [][]string) {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(w, "\t")
			}
			fmt.Fprint(w, oneLine(cell))
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // the terminal's failures are nobody's to hear
}

// fields writes label and value pairs below each other, leaving out empty values.
func (a *app) fields(pairs ...[2]string) {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, p := range pairs {
		if p[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", p[0], oneLine(p[1]))
		}
	}
	_ = w.Flush()
}

// oneLine folds white space, so that a cell stays in its column, and drops what hides.
func oneLine(s string) string { return oneline.Seen(strings.Join(strings.Fields(s), " ")) }

// short cuts a text for a table.
func short(s string, n int) string {
	r := []rune(oneLine(s))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:n-1]) + "…"
}

// dash shows an empty value as such.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

const timeLayout = "Mon 2 Jan 2006 15:04 MST"

// at shows an instant in a zone, which is named; a nil instant is "-".
func at(t *time.Time, loc *time.Location) string {
	if t == nil {
		return "-"
	}
	return t.In(loc).Format(timeLayout)
}

// parseTime reads what people type for a date or time, in a zone: 2026-03-02, 2026-03-02 14:00 or RFC 3339.
func parseTime(s string, loc *time.Location) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t.UTC(), nil
		}
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC(), nil
	}
	return time.Time{}, hint(failf("%q is no date", s), `write 2026-03-02, "2026-03-02 14:00" or 2026-03-02T14:00:00+01:00`)
}
