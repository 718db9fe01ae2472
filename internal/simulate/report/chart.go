package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"nurture/internal/simulate"
)

// chart is one figure over the periods, or over classes when it has Bars.
type chart struct {
	ID, Title, About string
	Labels           []string
	Lines            []line
	Room             []float64 // what could be done at most, by label; NaN: no limit. Nil: nothing bounds it
	Bars             bool
	Column           string // what the labels are
}

type line struct {
	Name   string
	Points []simulate.Band
}

// The drawing's size, in units of its view box, and what is kept free for the axes.
const (
	width, height            = 720, 240
	left, right, top, bottom = 60, 36, 12, 32
)

// HasRoom reports whether a limit is drawn.
func (c chart) HasRoom() bool {
	for _, r := range c.Room {
		if !math.IsNaN(r) {
			return true
		}
	}
	return false
}

// Row is a line of the table below a chart.
type Row struct {
	Label string
	Cells []string
}

// Rows are the figures of the chart.
func (c chart) Rows() []Row {
	rows := make([]Row, len(c.Labels))
	for i, label := range c.Labels {
		rows[i].Label = label
		for _, l := range c.Lines {
			rows[i].Cells = append(rows[i].Cells, bandText(l.Points[i]))
		}
		if c.HasRoom() {
			room := "no limit"
			if !math.IsNaN(c.Room[i]) {
				room = count(c.Room[i])
			}
			rows[i].Cells = append(rows[i].Cells, room)
		}
	}
	return rows
}

// scale gives the greatest value of the axis and the distance of its marks.
func (c chart) scale() (most, mark float64) {
	for i := range c.Labels {
		for _, l := range c.Lines {
			most = max(most, l.Points[i].High, l.Points[i].Mean)
		}
	}
	highest := most
	for _, r := range c.Room {
		if !math.IsNaN(r) && r < 3*highest { // a limit far above says nothing, and would flatten the rest
			most = max(most, r)
		}
	}
	if most == 0 {
		return 1, 1
	}
	mark = math.Pow(10, math.Floor(math.Log10(most/4)))
	for _, times := range []float64{1, 2, 2.5, 5, 10} {
		if most/(mark*times) <= 5 {
			mark *= times
			break
		}
	}
	mark = max(mark, 0.1)
	return math.Ceil(most/mark-1e-9) * mark, mark
}

// x is where a label stands; y where a value does.
func (c chart) x(i int) float64 {
	span := float64(width - left - right)
	if c.Bars || len(c.Labels) == 1 {
		return left + span*(float64(i)+0.5)/float64(len(c.Labels))
	}
	return left + 6 + (span-12)*float64(i)/float64(len(c.Labels)-1)
}

func y(value, most float64) float64 {
	return top + float64(height-top-bottom)*(1-min(value/most, 1))
}

// SVG draws the chart. All colours come from the page's style sheet, so that they follow light and dark.
func (c chart) SVG() template.HTML {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	most, mark := c.scale()
	p(`<svg viewBox="0 0 %d %d" role="img" aria-labelledby="%s-title %s-about">`, width, height, c.ID, c.ID)
	p(`<title id="%s-title">%s</title><desc id="%s-about">%s</desc>`, c.ID, template.HTMLEscapeString(c.Title), c.ID, template.HTMLEscapeString(c.summary()))
	for v := 0.0; v <= most+mark/2; v += mark {
		p(`<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>`, left, width-right, y(v, most), y(v, most))
		p(`<text class="mark" x="%d" y="%.1f" text-anchor="end">%s</text>`, left-8, y(v, most)+5, count(v))
	}
	every := (len(c.Labels) + 6) / 7
	for i, label := range c.Labels {
		if i%every == 0 {
			p(`<text class="mark" x="%.1f" y="%d" text-anchor="middle">%s</text>`, c.x(i), height-9, template.HTMLEscapeString(label))
		}
	}
	if c.Bars {
		c.bars(p, most)
	} else {
		c.lines(p, most)
	}
	p(`</svg>`)
	return template.HTML(b.String()) //nolint:gosec // every text in it is escaped above
}

func (c chart) bars(p func(string, ...any), most float64) {
	slot := float64(width-left-right) / float64(max(len(c.Labels), 1))
	wide := min(slot*0.7/float64(len(c.Lines)), 48)
	for k, l := range c.Lines {
		for i, v := range l.Points {
			x := c.x(i) + (float64(k)-float64(len(c.Lines))/2)*wide
			p(`<rect class="fill s%d" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s: %s, %s</title></rect>`,
				k+1, x, y(v.Mean, most), max(wide-2, 1), height-bottom-y(v.Mean, most), c.Labels[i], bandText(v), template.HTMLEscapeString(l.Name))
			if v.High > v.Low {
				p(`<line class="whisker" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, x+wide/2-1, x+wide/2-1, y(v.Low, most), y(v.High, most))
			}
		}
	}
}

func (c chart) lines(p func(string, ...any), most float64) {
	for k, l := range c.Lines {
		if banded(l) {
			var up, down []string
			for i, v := range l.Points {
				up = append(up, fmt.Sprintf("%.1f,%.1f", c.x(i), y(v.High, most)))
				down = append([]string{fmt.Sprintf("%.1f,%.1f", c.x(i), y(v.Low, most))}, down...)
			}
			p(`<polygon class="band s%d" points="%s"/>`, k+1, strings.Join(append(up, down...), " "))
		}
	}
	c.drawRoom(p, most)
	for k, l := range c.Lines {
		var at []string
		for i, v := range l.Points {
			at = append(at, fmt.Sprintf("%.1f,%.1f", c.x(i), y(v.Mean, most)))
		}
		p(`<polyline class="line s%d" points="%s"/>`, k+1, strings.Join(at, " "))
		for i, v := range l.Points {
			p(`<circle class="dot s%d" cx="%.1f" cy="%.1f" r="%s"><title>%s: %s, %s</title></circle>`,
				k+1, c.x(i), y(v.Mean, most), dotSize(len(l.Points)), c.Labels[i], bandText(v), template.HTMLEscapeString(l.Name))
		}
	}
}

// drawRoom draws the limit, where there is one that is not far above everything.
func (c chart) drawRoom(p func(string, ...any), most float64) {
	var at []string
	flush := func() {
		if len(at) > 0 {
			p(`<polyline class="room" points="%s"/>`, strings.Join(at, " "))
		}
		at = nil
	}
	for i, r := range c.Room {
		if math.IsNaN(r) || r > most {
			flush()
			continue
		}
		at = append(at, fmt.Sprintf("%.1f,%.1f", c.x(i), y(r, most)))
	}
	flush()
}

// RoomAbove says that the limit lies above the drawing.
func (c chart) RoomAbove() bool {
	most, _ := c.scale()
	for _, r := range c.Room {
		if !math.IsNaN(r) && r <= most {
			return false
		}
	}
	return c.HasRoom()
}

func dotSize(points int) string {
	if points > 40 {
		return "1.6"
	}
	return "3"
}

func banded(l line) bool {
	for _, v := range l.Points {
		if v.High > v.Low {
			return true
		}
	}
	return false
}

// summary says what a chart shows, for those who do not see it.
func (c chart) summary() string {
	var parts []string
	for _, l := range c.Lines {
		if len(l.Points) == 0 {
			continue
		}
		low, high := 0, 0
		for i, v := range l.Points {
			if v.Mean < l.Points[low].Mean {
				low = i
			}
			if v.Mean > l.Points[high].Mean {
				high = i
			}
		}
		parts = append(parts, fmt.Sprintf("%s: from %s (%s) to %s (%s)", l.Name, count(l.Points[low].Mean), c.Labels[low], count(l.Points[high].Mean), c.Labels[high]))
	}
	return c.About + " " + strings.Join(parts, "; ") + ". The table below has all figures."
}
