package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"nurture/internal/simulate"
	"nurture/internal/simulate/report"
)

// show prints what a study found, and writes the report.
func (o *simulateOptions) show(s subject, found *simulate.Summary, compared *simulate.Comparison) error {
	if o.report != "" {
		if err := o.writeReport(s, found, compared); err != nil {
			return err
		}
	}
	switch {
	case o.json && compared != nil:
		return o.printJSON(compared)
	case o.json:
		return o.printJSON(found)
	case o.csv:
		return o.printCSV(found, compared)
	}
	o.tellPeople(s, found)
	if compared == nil {
		o.tellPeriods(found)
		o.tellCapacity(found)
		o.tellOutcome(found)
	} else {
		o.tellDifference(compared)
	}
	if o.report != "" {
		o.printf("\nThe charts are in %s\n", o.report)
	}
	return nil
}

func (o *simulateOptions) writeReport(s subject, found *simulate.Summary, compared *simulate.Comparison) error {
	var page bytes.Buffer
	err := report.Write(&page, report.Page{
		Company: s.config.Settings.Company.Name, Who: s.who, Touches: s.history.Touches(), Found: found, Compared: compared, WhatIf: o.whatIf,
		Assumed: simulate.NewPeople(s.config, s.history, o.seed).Assumed(),
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.report, page.Bytes(), 0o644); err != nil {
		return hint(err, "name a file in a folder that exists with --report")
	}
	return nil
}

func (o *simulateOptions) tellPeople(s subject, found *simulate.Summary) {
	zone, err := time.LoadLocation(s.config.Settings.Zone)
	if err != nil {
		zone = time.UTC
	}
	from := found.Start.In(zone)
	o.printf("%s leads (%s, %s in a cadence), %d days from %s on", grouped(found.Leads), s.who, grouped(found.Inside),
		found.Days, from.Format(time.DateOnly))
	if found.Seeds > 1 {
		o.printf(", %d seeds: the mean, and in brackets where the middle 95 %% of the runs lie", found.Seeds)
	}
	o.printf(".\n")
	if n := s.history.Touches(); n > 0 {
		o.printf("People answer as they did to %s touches so far; simulate.yaml overrides that.\n", grouped(n))
	} else {
		o.printf("There is no history: people answer as simulate.yaml says, else as is usual.\n")
	}
	o.printf("\n")
}

// columns are the series of the table.
var columns = []struct{ key, heading string }{
	{"emails", "EMAILS"},
	{"voicemails", "VOICEMAILS"},
	{"calls", "CALLS"},
	{"tasks_done", "TASKS DONE"},
	{"promoted", "PROMOTED"},
	{"enrolled", "ENROLLED"},
	{"waiting", "WAITING"},
	{"in_line", "IN LINE"},
}

func (o *simulateOptions) tellPeriods(found *simulate.Summary) {
	heading := []string{strings.ToUpper(string(found.Span)), "EMAILS A DAY"}
	for _, c := range columns {
		heading = append(heading, c.heading)
	}
	rows := [][]string{heading}
	most := 0.0
	emails := found.Of("emails")
	for i, p := range found.Periods {
		most = max(most, aDay(emails.Periods[i].Mean, p))
	}
	for i, p := range found.Periods {
		row := []string{p.Name, bar(aDay(emails.Periods[i].Mean, p), most)}
		for _, c := range columns {
			row = append(row, band(found.Of(c.key).Periods[i], found.Seeds > 1))
		}
		rows = append(rows, row)
	}
	total := []string{"in all", ""}
	for _, c := range columns {
		text := band(found.Of(c.key).Total, found.Seeds > 1)
		if found.Of(c.key).Level {
			text = "≤ " + text
		}
		total = append(total, text)
	}
	o.table(append(rows, total))
	o.printf("waiting: due, and waiting for capacity; in line: waiting for a cadence; both at the end of the %s.\n", found.Span)
}

// aDay is a figure of a period as a mean of its days of sending.
func aDay(n float64, p simulate.Period) float64 { return n / float64(max(p.Workdays, 1)) }

// bar draws a figure against the greatest.
func bar(n, most float64) string {
	const width = 12
	eighths := 0
	if most > 0 {
		eighths = int(math.Round(n / most * width * 8))
	}
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string([]rune(" ▏▎▍▌▋▊▉")[rest])
	}
	return text + strings.Repeat("·", width-len([]rune(text))) + " " + rounded(n)
}

// band writes a figure with its band.
func band(b simulate.Band, several bool) string {
	if !several || b.Low == b.High {
		return rounded(b.Mean)
	}
	return fmt.Sprintf("%s (%s–%s)", rounded(b.Mean), rounded(b.Low), rounded(b.High))
}

// rounded writes a whole number by thousands: 12,345.
func rounded(n float64) string { return grouped(int(math.Round(n))) }

func (o *simulateOptions) tellCapacity(found *simulate.Summary) {
	o.printf("\nCAPACITY\n")
	rows := [][]string{{"CHANNEL", "FULLEST DAY", "ROOM A DAY", "DAYS THAT WERE FULL"}}
	for _, p := range found.Peaks {
		room, full := grouped(p.Room), rounded(p.FullDays)
		if p.Room < 0 {
			room, full = "no limit", "-"
		}
		rows = append(rows, []string{string(p.Channel), band(p.Band, found.Seeds > 1), room, full})
	}
	o.table(rows)
}

func (o *simulateOptions) tellOutcome(found *simulate.Summary) {
	several := found.Seeds > 1
	o.printf("\nAT THE END\n")
	var rows [][]string
	for _, c := range found.Standing {
		rows = append(rows, []string{c.Name, band(c.Band, several), share(c.Mean, float64(found.Leads))})
	}
	o.table(rows)
	if found.Unmatched > 0 {
		o.printf("  %s of these are leads that no cadence's audience takes\n", grouped(found.Unmatched))
	}
	o.list("ended because", found.Ends, several)
	o.list("cadences finished because", found.Finished, several)
	o.list("touches left out because", found.Skipped, several)
	var used []string
	for n, b := range found.Budget {
		if b.Mean > 0 {
			used = append(used, fmt.Sprintf("%d: %s", n, rounded(b.Mean)))
		}
	}
	o.printf("\nCycles by the touches that they used: %s\n", strings.Join(used, ", "))
}

func (o *simulateOptions) list(what string, counts []simulate.Count, several bool) {
	if len(counts) == 0 {
		return
	}
	var parts []string
	for _, c := range counts {
		parts = append(parts, band(c.Band, several)+" "+strings.ReplaceAll(c.Name, "_", " "))
	}
	o.printf("  %s: %s\n", what, strings.Join(parts, ", "))
}

func share(n, of float64) string {
	if of == 0 {
		return ""
	}
	return strconv.FormatFloat(n/of*100, 'f', 1, 64) + " %"
}

// tellDifference sets what is and what would be side by side.
func (o *simulateOptions) tellDifference(c *simulate.Comparison) {
	several := c.Base.Seeds > 1
	rows := [][]string{{"IN ALL", "AS IT IS", "CHANGED", "DIFFERENCE"}}
	for i, s := range c.Base.Series {
		label := s.Label
		if s.Level {
			label = "most " + label
		}
		rows = append(rows, []string{label, band(s.Total, several), band(c.Changed.Series[i].Total, several), signedBand(c.Difference[i].Total, several)})
	}
	for i, p := range c.Base.Peaks {
		rows = append(rows, []string{"fullest day, " + string(p.Channel), band(p.Band, several), band(c.Changed.Peaks[i].Band, several), rounded(c.Changed.Peaks[i].Mean - p.Mean)})
	}
	o.table(rows)
	if several {
		o.printf("The difference is taken seed by seed; where its band has 0 in it, chance alone may have done it.\n")
	}
	o.printf("\n")
	heading := []string{strings.ToUpper(string(c.Base.Span))}
	for _, col := range columns[:5] {
		heading = append(heading, col.heading)
	}
	rows = [][]string{heading}
	for i, p := range c.Base.Periods {
		row := []string{p.Name}
		for _, col := range columns[:5] {
			for k, s := range c.Base.Series {
				if s.Key == col.key {
					row = append(row, fmt.Sprintf("%s → %s, %s", rounded(s.Periods[i].Mean), rounded(c.Changed.Series[k].Periods[i].Mean), signedBand(c.Difference[k].Periods[i], several)))
				}
			}
		}
		rows = append(rows, row)
	}
	o.table(rows)
}

// signedBand writes a difference.
func signedBand(b simulate.Band, several bool) string {
	text := band(b, several)
	if math.Round(b.Mean) > 0 {
		return "+" + text
	}
	return text
}

// printCSV prints a line a period, with a column a figure, and three where there are several seeds.
func (o *simulateOptions) printCSV(found *simulate.Summary, compared *simulate.Comparison) error {
	w := csv.NewWriter(o.stdout)
	several := found.Seeds > 1
	sets := []struct {
		prefix string
		series []simulate.Series
	}{{"", found.Series}}
	if compared != nil {
		sets = append(sets, struct {
			prefix string
			series []simulate.Series
		}{"changed_", compared.Changed.Series}, struct {
			prefix string
			series []simulate.Series
		}{"difference_", compared.Difference})
	}
	heading := []string{string(found.Span), "days", "workdays", "email_room", "voicemail_room", "call_room"}
	for _, set := range sets {
		for _, s := range set.series {
			heading = append(heading, set.prefix+s.Key)
			if several {
				heading = append(heading, set.prefix+s.Key+"_low", set.prefix+s.Key+"_high")
			}
		}
	}
	if err := w.Write(heading); err != nil {
		return err
	}
	number := func(n float64) string { return strconv.FormatFloat(math.Round(n*100)/100, 'f', -1, 64) }
	for i, p := range found.Periods {
		row := []string{p.Name, strconv.Itoa(p.Days), strconv.Itoa(p.Workdays), strconv.Itoa(p.EmailRoom), strconv.Itoa(p.VoicemailRoom), strconv.Itoa(p.CallRoom)}
		for _, set := range sets {
			for _, s := range set.series {
				row = append(row, number(s.Periods[i].Mean))
				if several {
					row = append(row, number(s.Periods[i].Low), number(s.Periods[i].High))
				}
			}
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
