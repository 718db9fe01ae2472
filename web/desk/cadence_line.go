package desk

import (
	"fmt"
	"html/template"
	"math"

	"nurture/cadence"
)

// Sizes of the drawing of a cadence, in its own units.
const (
	lineStart  = 52  // of the first step
	lineGap    = 104 // between two steps, at least
	lineWidth  = 940 // at least, where waits are drawn to scale
	lineHeight = 128
	lineAxis   = 66
)

// line is a cadence drawn from left to right: each step where its day is, as far as there is room, and an arc for each branch.
type line struct {
	Width, Height, Axis, End int
	Steps                    []lineStep
	Arcs                     []string // paths
	Days                     int      // about how long it takes
}

type lineStep struct {
	X               int
	Drawing         template.HTML // of the icon
	Kind, Name, Day string
}

// drawLine draws a plan.
func drawLine(plan cadence.Plan) line {
	day := make([]float64, len(plan.Steps))
	at := 0.0
	for i, s := range plan.Steps {
		at += days(s.After)
		day[i] = at
	}
	scale := 0.0
	if at > 0 {
		scale = float64(lineWidth-2*lineStart) / at
	}
	l := line{Height: lineHeight, Axis: lineAxis, Days: int(math.Round(at))}
	place := map[string]int{}
	x := lineStart
	for i, s := range plan.Steps {
		if i > 0 {
			x = max(x+lineGap, lineStart+int(day[i]*scale))
		}
		place[s.Key] = x
		l.Steps = append(l.Steps, lineStep{
			X: x, Drawing: template.HTML(icons[stepIcon(s.Kind)]), //nolint:gosec // all of it is ours
			Kind: string(s.Kind), Name: shorten(s.Key, 15), Day: fmt.Sprintf("day %d", int(math.Round(day[i]))),
		})
	}
	l.End = x + lineGap/2
	l.Width = max(l.End+8, lineWidth)
	place[cadence.GotoEnd] = l.End
	for _, s := range plan.Steps {
		for _, b := range s.Branches {
			from, to := place[s.Key], place[b.Goto]
			if to > from+lineGap+lineGap/2 { // the next step needs no arc
				l.Arcs = append(l.Arcs, fmt.Sprintf("M%d %dC%d 4 %d 4 %d %d", from, lineAxis-18, from, to, to, lineAxis-18))
			}
		}
	}
	return l
}
