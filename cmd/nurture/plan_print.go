package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"nurture/config"
	"nurture/jobs"
	"nurture/store"
)

// planPrinter shows a change to people.
type planPrinter struct {
	*app
	change      *jobs.Change
	differences []config.Difference
	live        store.AppliedVersion
	target      *config.Config
	zone        *time.Location
	limit       int // of leads to name in each list
}

// colours are how a diff shows what became of something.
var colours = map[config.DifferenceKind]string{config.Added: green, config.Changed: yellow, config.Removed: red}

func (p *planPrinter) print() {
	c := p.change
	if c.Base == 0 {
		p.printf("nothing is live yet: this would become version 1, with %s\n", strings.Join(sortedKeys(p.target.Plans), ", "))
		p.unsigned()
		return
	}
	p.printf("version %d is live, applied by %s on %s\n", p.live.ID, oneLine(p.live.AppliedBy), at(&p.live.AppliedAt, p.zone))
	if !c.Changed {
		p.printf("nothing would change\n")
		return
	}
	for _, key := range p.cadences() {
		p.cadence(key)
	}
	for _, part := range []struct{ file, title string }{
		{config.DefinitionFile, "the definition"}, {config.ProcessFile, "the process"}, {config.SettingsFile, "the settings"}, {"", "other texts"},
	} {
		p.part(part.file, part.title)
	}
	p.forecast()
	p.unsigned()
}

func (p *planPrinter) unsigned() {
	if len(p.change.Unsigned) == 0 {
		return
	}
	p.printf("\nuld.yaml as it stands is not signed by %s: until then it cannot be applied\n", strings.Join(p.change.Unsigned, " and "))
	p.printf("  nurture uld sign --role %s --name NAME\n", p.change.Unsigned[0])
}

// cadences are those that something is to be said of.
func (p *planPrinter) cadences() []string {
	keys := map[string]bool{}
	for _, d := range p.differences {
		if d.Cadence != "" {
			keys[d.Cadence] = true
		}
	}
	for _, l := range p.change.Leads {
		keys[l.Cadence] = true
	}
	return slices.Sorted(maps.Keys(keys))
}

func (p *planPrinter) cadence(key string) {
	p.paint(bold, "\ncadence "+key+"\n")
	for _, d := range p.differences {
		if d.Cadence == key {
			p.difference(d)
		}
	}
	for _, l := range p.change.Leads {
		if l.Cadence == key {
			p.leads(l)
		}
	}
}

func (p *planPrinter) part(file, title string) {
	begun := false
	for _, d := range p.differences {
		if d.Cadence != "" || file != "" && d.File != file || file == "" && !strings.HasPrefix(d.File, config.TemplatesDir+"/") {
			continue
		}
		if !begun {
			p.paint(bold, "\n"+title+"\n")
			begun = true
		}
		p.difference(d)
	}
	if begun && file == config.DefinitionFile && p.change.Definition != nil {
		p.definition(p.change.Definition)
	}
}

// difference shows one difference: a line, and the lines of a text below it.
func (p *planPrinter) difference(d config.Difference) {
	p.paint(colours[d.Kind], "  "+oneLine(d.String())+"\n")
	for _, line := range d.Lines {
		colour := ""
		switch line[0] {
		case '+':
			colour = green
		case '-':
			colour = red
		case '@':
			line = "…"
		}
		p.paint(colour, "      "+strings.TrimRight(line, " \t\r")+"\n")
	}
}

// leads says what becomes of the leads inside a cadence.
func (p *planPrinter) leads(l jobs.LeadsInside) {
	p.printf("  %s\n", insideWords(l))
	if _, stays := p.target.Plans[l.Cadence]; !stays {
		return
	}
	for _, why := range slices.Sorted(maps.Keys(l.Why)) {
		p.printf("      %s: %s\n", grouped(l.Why[why]), why.Sentence())
	}
	if l.Redated == 0 {
		return
	}
	p.printf("  the next touch changes for %s:\n", countGrouped(l.Redated, "lead"))
	shown := 0
	rows := [][]string{}
	for _, one := range p.change.People {
		if one.Cadence == l.Cadence && one.Redated && shown < p.limit {
			rows = append(rows, []string{one.Lead, p.touch(one.WasNext, one.Cadence), "→", p.touch(one.Next, one.Cadence)})
			shown++
		}
	}
	p.indented("      ", rows)
	if shown < l.Redated {
		p.printf("      and %s more: nurture plan --all, or --json\n", grouped(l.Redated-shown))
	}
}

// insideWords says what becomes of the leads inside a cadence in one line.
func insideWords(l jobs.LeadsInside) string {
	switch {
	case l.Inside == 0:
		return "no lead is inside"
	case l.Finish == 0:
		return fmt.Sprintf("%s inside: all move to the new version", countGrouped(l.Inside, "lead"))
	case l.Move == 0:
		return fmt.Sprintf("%s inside: all finish on the version that they are on", countGrouped(l.Inside, "lead"))
	}
	return fmt.Sprintf("%s inside: %s move to the new version, %s finish on the version that they are on", countGrouped(l.Inside, "lead"), grouped(l.Move), grouped(l.Finish))
}

// touch says a touch to come.
func (p *planPrinter) touch(t *jobs.NextTouch, cadence string) string {
	if t == nil {
		return "nothing by itself"
	}
	what := string(t.Channel) + " " + t.Step
	if t.Cadence != cadence {
		what += " of " + t.Cadence
	}
	if t.InHand {
		return what + ", under way"
	}
	return what + " " + t.At.In(p.zone).Format("Mon 2 Jan 15:04")
}

// definition says what the new definition makes of the leads.
func (p *planPrinter) definition(d *jobs.DefinitionChange) {
	p.printf("  %s are neither over nor with sales:\n", countGrouped(d.Leads, "lead"))
	p.indented("      ", [][]string{
		{"VERDICT", "NOW", "NEW", "CHANGE"},
		{"promote", grouped(d.Was.Promote), grouped(d.New.Promote), signed(d.New.Promote - d.Was.Promote)},
		{"keep", grouped(d.Was.Keep), grouped(d.New.Keep), signed(d.New.Keep - d.Was.Keep)},
		{"close", grouped(d.Was.Close), grouped(d.New.Close), signed(d.New.Close - d.Was.Close)},
	})
	for i, f := range d.Flips {
		if i == max(p.limit, 1) {
			p.printf("      and %s more: nurture plan --json\n", grouped(len(d.Flips)-i))
			break
		}
		p.printf("      %s: %s → %s\n        now: %s\n        new: %s\n", f.Lead, f.Was, f.New, short(f.WasWhy, 160), short(f.Because, 160))
	}
	p.printf("  once it is applied, all of them are weighed in the background: nurture uld status\n")
}

// forecast shows what falls due on the days to come.
func (p *planPrinter) forecast() {
	days := p.change.Forecast.Days
	if len(days) == 0 {
		return
	}
	p.paint(bold, fmt.Sprintf("\nwhat falls due in %s for those inside now, %s\n", countGrouped(len(days), "day"), p.change.Forecast.Zone))
	mails, calls := 0, 0
	for _, s := range p.target.Settings.Senders {
		mails += s.DailyCap
	}
	for _, s := range p.target.Settings.Team.SDRs {
		calls += s.DailyCalls
	}
	rows := [][]string{{"DAY", "SENDS NOW", "NEW", "CHANGE", "", "SDR CALLS NOW", "NEW", "CHANGE", ""}}
	over := false
	for _, d := range days {
		day, err := time.Parse(time.DateOnly, d.Day)
		if err != nil {
			continue
		}
		row := []string{day.Format("Mon 2 Jan")}
		for _, one := range []struct{ was, next, room int }{{d.Was.Sends(), d.New.Sends(), mails}, {d.Was.Calls, d.New.Calls, calls}} {
			mark := ""
			if one.next > one.room {
				mark, over = "!", true
			}
			row = append(row, grouped(one.was), grouped(one.next), signed(one.next-one.was), mark)
		}
		rows = append(rows, row)
	}
	p.indented("  ", rows)
	if over {
		p.printf("  ! is more than a day has room for: %s of the mailboxes, %s of the SDRs; the rest waits its turn\n", countGrouped(mails, "mail"), countGrouped(calls, "call"))
	}
	p.printf("  nobody responds in this and no lead comes in: it tells the change, and is no promise\n")
}

// indented writes rows in columns, with an indent and nothing behind the last of them.
func (p *planPrinter) indented(indent string, rows [][]string) {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i := range row {
			row[i] = oneLine(row[i])
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush() // a Builder takes everything
	for line := range strings.Lines(text.String()) {
		p.printf("%s%s\n", indent, strings.TrimRight(line, " \n"))
	}
}
