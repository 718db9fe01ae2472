// Package report draws what a simulation found as one HTML page that needs nothing else: charts as SVG, light or dark as the reader's system
// has it, every figure in a table below its chart.
package report

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"nurture/internal/figure"
	"nurture/internal/simulate"
)

//go:embed report.html
var files embed.FS

var page = template.Must(template.New("report.html").Funcs(template.FuncMap{
	"words": func(s string) string { return strings.ReplaceAll(s, "_", " ") }, "count": whole, "percent": percent, "band": bandText,
	"day": func(t time.Time) string { return t.Format("2 January 2006") }, "signed": signed,
}).ParseFS(files, "report.html"))

// Page is what a report shows.
type Page struct {
	Company string
	Who     string // whose forecast it is, such as "the leads as they stand"
	Touches int    // of history that the answers come from
	Found   *simulate.Summary
	// Compared is what a change would do; nil when none is looked at. WhatIf names the change.
	Compared *simulate.Comparison
	WhatIf   string
	Assumed  []simulate.Assumption
}

// view is a page with its charts.
type view struct {
	Page
	End     time.Time
	Several bool
	Charts  []chart
	Totals  []total
}

// total is a figure of the whole time.
type total struct {
	Label               string
	Base, Then, Changed simulate.Band
}

// Write writes the page.
func Write(w io.Writer, p Page) error {
	v := view{Page: p, End: p.Found.Start.AddDate(0, 0, p.Found.Days-1), Several: p.Found.Seeds > 1}
	v.Charts = charts(p)
	for i, s := range p.Found.Series {
		t := total{Label: s.Label, Base: s.Total}
		if s.Level {
			t.Label = "most " + s.Label
		}
		if p.Compared != nil {
			t.Then, t.Changed = p.Compared.Changed.Series[i].Total, p.Compared.Difference[i].Total
		}
		v.Totals = append(v.Totals, t)
	}
	if err := page.Execute(w, v); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// charts are those of a page, in order.
func charts(p Page) []chart {
	all := []chart{
		daily(p, "emails", "Emails a day", "Emails that leave, as a mean of the days of sending.", func(x simulate.Period) int { return x.EmailRoom }),
		daily(p, "voicemails", "Voicemails a day", "Voicemails dropped, as a mean of the days of sending.", func(x simulate.Period) int { return x.VoicemailRoom }),
		daily(p, "calls", "Call tasks filed a day", "Calls that cadences ask SDRs for, as a mean of the working days.", func(x simulate.Period) int { return x.CallRoom }),
		daily(p, "tasks_done", "Tasks done a day", "All that SDRs do, calls and replies to read alike, as a mean of the working days.", func(x simulate.Period) int { return x.CallRoom }),
		promotions(p),
		plain(p, "waiting", "Waiting for capacity", "Leads whose touch is due and for whom no sender or SDR has room, at the end of each "+string(p.Found.Span)+"."),
		plain(p, "in_line", "Waiting for a cadence", "Leads that intake has not taken yet, at the end of each "+string(p.Found.Span)+"."),
	}
	return append(all, budget(p))
}

// daily is a chart of a figure as a mean of working days, with the room that there is.
func daily(p Page, key, title, about string, room func(simulate.Period) int) chart {
	c := chart{ID: key, Title: title, About: about, Column: string(p.Found.Span)}
	mean := func(b simulate.Band, x simulate.Period) simulate.Band {
		days := float64(max(x.Workdays, 1))
		return simulate.Band{Mean: b.Mean / days, Low: b.Low / days, High: b.High / days}
	}
	add := func(name string, s *simulate.Summary) {
		l := line{Name: name}
		for i, x := range s.Periods {
			l.Points = append(l.Points, mean(s.Of(key).Periods[i], x))
		}
		c.Lines = append(c.Lines, l)
	}
	c.both(p, add)
	for _, x := range p.Found.Periods {
		c.Labels = append(c.Labels, x.Name)
		limit := math.NaN()
		if n := room(x); n > 0 {
			limit = float64(n) / float64(max(x.Workdays, 1))
		}
		c.Room = append(c.Room, limit)
	}
	return c
}

// plain is a chart of a figure as it is.
func plain(p Page, key, title, about string) chart {
	c := chart{ID: key, Title: title, About: about, Column: string(p.Found.Span)}
	c.both(p, func(name string, s *simulate.Summary) {
		c.Lines = append(c.Lines, line{Name: name, Points: s.Of(key).Periods})
	})
	for _, x := range p.Found.Periods {
		c.Labels = append(c.Labels, x.Name)
	}
	return c
}

// promotions are drawn by week, whatever the periods of the others are.
func promotions(p Page) chart {
	c := chart{ID: "promoted", Title: "Promotions to sales a week", About: "Leads that meet the definition, with a complete dossier.", Column: "week"}
	c.both(p, func(name string, s *simulate.Summary) {
		l := line{Name: name}
		for _, w := range s.Weeks {
			l.Points = append(l.Points, w.Band)
		}
		c.Lines = append(c.Lines, l)
	})
	for _, w := range p.Found.Weeks {
		c.Labels = append(c.Labels, w.Name)
	}
	return c
}

// both adds what is, and what would be.
func (c *chart) both(p Page, add func(name string, s *simulate.Summary)) {
	if p.Compared == nil {
		add("forecast", p.Found)
		return
	}
	add("as it is", p.Compared.Base)
	add("changed", p.Compared.Changed)
}

// budget shows how many touches cycles use.
func budget(p Page) chart {
	c := chart{ID: "budget", Title: "Touches used of a cycle's budget", About: "Cycles, finished or under way at the end, by how many touches they have used.", Bars: true, Column: "touches"}
	most := 0
	c.both(p, func(name string, s *simulate.Summary) {
		c.Lines = append(c.Lines, line{Name: name, Points: s.Budget})
		most = max(most, len(s.Budget))
	})
	for n := range most {
		c.Labels = append(c.Labels, strconv.Itoa(n))
	}
	for i := range c.Lines {
		for len(c.Lines[i].Points) < most {
			c.Lines[i].Points = append(c.Lines[i].Points, simulate.Band{})
		}
	}
	return c
}

// whole is count for numbers of things.
func whole(n int) string { return count(float64(n)) }

// count writes a figure: whole from 10 on, else with one digit, by thousands.
func count(n float64) string {
	digits := 0
	if math.Abs(n) < 10 && n != math.Trunc(n) {
		digits = 1
	}
	text := strconv.FormatFloat(math.Abs(n), 'f', digits, 64)
	whole, rest, _ := strings.Cut(text, ".")
	whole = figure.Grouped(whole, ",")
	if rest != "" && rest != "0" {
		whole += "." + rest
	}
	if n < 0 && whole != "0" {
		return "−" + whole
	}
	return whole
}

func percent(share float64) string {
	return strconv.FormatFloat(math.Round(share*10000)/100, 'f', -1, 64) + " %"
}

func bandText(b simulate.Band) string {
	if b.Low == b.High {
		return count(b.Mean)
	}
	return count(b.Mean) + " (" + count(b.Low) + "–" + count(b.High) + ")"
}

func signed(b simulate.Band) string {
	if b.Mean > 0 {
		return "+" + bandText(b)
	}
	return bandText(b)
}
