package leadfile

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
)

// record gathers what Read says.
type collector struct {
	rows       []Row
	rejections []Rejection
	notices    []Notice
}

func (c *collector) Reject(bad Rejection) error { c.rejections = append(c.rejections, bad); return nil }
func (c *collector) Notice(n Notice) error      { c.notices = append(c.notices, n); return nil }

// read reads text and fails the test when Read fails or its numbers do not add up.
func read(t *testing.T, text string, opt Options) (*collector, Summary) {
	t.Helper()
	c, sum, err := tryRead(strings.NewReader(text), opt)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	if err := c.adds(sum); err != nil {
		t.Fatal(err)
	}
	return c, sum
}

func tryRead(r io.Reader, opt Options) (*collector, Summary, error) {
	c := &collector{}
	opt.Reporter = c
	sum, err := Read(r, opt, func(batch []Row) error {
		c.rows = append(c.rows, batch...)
		return nil
	})
	return c, sum, err
}

// adds checks that every record has one fate and one place.
func (c *collector) adds(sum Summary) error {
	repaired, warnings := 0, 0
	lines := make(map[int]bool)
	for _, row := range c.rows {
		if row.Repaired != "" {
			repaired++
		}
		if lines[row.Line] || row.Line < 2 {
			return fmt.Errorf("line %d has two fates, or is none", row.Line)
		}
		lines[row.Line] = true
	}
	for _, bad := range c.rejections {
		if lines[bad.Line] || bad.Line < 2 || bad.Reason == "" || len([]rune(bad.Raw)) > rawLimit+1 {
			return fmt.Errorf("bad rejection %+v", bad)
		}
		lines[bad.Line] = true
	}
	for _, n := range c.notices {
		if n.Kind == KindWarning {
			warnings++
		}
	}
	if sum.Accepted+sum.Rejected != sum.Read || sum.Accepted != len(c.rows) || sum.Rejected != len(c.rejections) ||
		sum.Repaired != repaired || sum.Warnings != warnings {
		return fmt.Errorf("numbers do not add up: %+v, %d rows, %d rejections, %d repaired, %d warnings",
			sum, len(c.rows), len(c.rejections), repaired, warnings)
	}
	return nil
}

// reasons lists "line: reason" of all rejections.
func (c *collector) reasons() string {
	var out bytes.Buffer
	for _, bad := range c.rejections {
		fmt.Fprintf(&out, "%d: %s\n", bad.Line, bad.Reason)
	}
	return out.String()
}

// warnings lists "line column: reason" of all notices.
func (c *collector) warnings() string {
	var out bytes.Buffer
	for _, n := range c.notices {
		fmt.Fprintf(&out, "%d %s: %s\n", n.Line, n.Column, n.Reason)
	}
	return out.String()
}

func (c *collector) emails() string {
	var emails []string
	for _, row := range c.rows {
		emails = append(emails, row.Lead.Email)
	}
	return strings.Join(emails, " ")
}

// mapping parses a mapping that must be right.
func mapping(t *testing.T, text string) Mapping {
	t.Helper()
	m, err := ParseMapping("m.yaml", []byte(text))
	if err != nil {
		t.Fatalf("ParseMapping:\n%v", err)
	}
	return m
}

// one reads a file with a single lead.
func one(t *testing.T, text string, opt Options) (Lead, *collector) {
	t.Helper()
	c, _ := read(t, text, opt)
	if len(c.rows) != 1 {
		t.Fatalf("%d leads, want one; rejected: %s", len(c.rows), c.reasons())
	}
	return c.rows[0].Lead, c
}
