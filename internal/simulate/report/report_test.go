package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"nurture/internal/simulate"
	"nurture/internal/simulate/report"
)

// found is a study of three months.
func found(mails ...float64) *simulate.Summary {
	s := &simulate.Summary{Leads: 1200, Start: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), Days: 90, Seeds: 20, Span: simulate.ByMonth}
	for i, name := range []string{"2026-12", "2027-01", "2027-02"} {
		s.Periods = append(s.Periods, simulate.Period{Name: name, Days: 30, Workdays: 20, EmailRoom: 4000, VoicemailRoom: -1, CallRoom: 1000})
		s.Weeks = append(s.Weeks, simulate.Week{Name: "2026-W" + name[5:], Band: simulate.Band{Mean: float64(i)}})
	}
	for _, key := range []string{"emails", "voicemails", "calls", "tasks_done", "promoted", "waiting", "in_line"} {
		series := simulate.Series{Key: key, Label: key}
		for _, n := range mails {
			series.Periods = append(series.Periods, simulate.Band{Mean: n, Low: n * 0.9, High: n * 1.1})
		}
		s.Series = append(s.Series, series)
	}
	s.Budget = []simulate.Band{{Mean: 3}, {Mean: 30, Low: 25, High: 35}}
	s.Ends = []simulate.Count{{Name: "opted_out", Band: simulate.Band{Mean: 12}}}
	return s
}

func write(t *testing.T, p report.Page) string {
	t.Helper()
	var b strings.Builder
	if err := report.Write(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestCharts: each chart is well-formed, has a title and words for those who do not see it, and stays inside its frame.
func TestCharts(t *testing.T) {
	t.Parallel()
	changed := found(3000, 6000, 200)
	page := write(t, report.Page{
		Company: `<b>Ltd & Co</b>`, Who: "made-up leads", Found: found(2000, 5000, 100), WhatIf: "next.yaml",
		Compared: &simulate.Comparison{Base: found(2000, 5000, 100), Changed: changed, Difference: changed.Series},
	})
	if strings.Contains(page, "<b>Ltd") || !strings.Contains(page, "&lt;b&gt;Ltd &amp; Co") {
		t.Error("the company's name is not escaped")
	}
	if strings.Contains(page, "http://") || strings.Contains(page, "https://") || strings.Contains(page, "<script") {
		t.Error("the page needs something from elsewhere")
	}
	svgs := regexp.MustCompile(`(?s)<svg viewBox="0 0 720.*?</svg>`).FindAllString(page, -1)
	if len(svgs) != 8 {
		t.Fatalf("there are %d charts, want 8", len(svgs))
	}
	number := regexp.MustCompile(`(?:x1|x2|cx|y1|y2|cy|x|y)="(-?[0-9.]+)"`)
	for _, svg := range svgs {
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("not well-formed: %v\n%s", err, svg)
			}
		}
		for _, want := range []string{`role="img"`, "<title id=", "<desc id="} {
			if !strings.Contains(svg, want) {
				t.Errorf("a chart lacks %s", want)
			}
		}
		for _, m := range number.FindAllStringSubmatch(svg, -1) {
			if strings.HasPrefix(m[1], "-") {
				t.Errorf("something is drawn outside: %s", m[0])
			}
		}
	}
	for _, want := range []string{"as it is", "changed", "100 (90–110)", "opted out", "prefers-color-scheme: dark", "20 runs"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// TestNothing: a study in which nothing happens is drawn all the same.
func TestNothing(t *testing.T) {
	t.Parallel()
	page := write(t, report.Page{Company: "Example", Found: found(0, 0, 0)})
	if strings.Contains(page, "NaN") || strings.Contains(page, "Inf") {
		t.Error("a figure is not a number")
	}
}
