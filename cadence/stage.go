package cadence

import (
	"fmt"
	"strings"
)

// Stage is how far a lead has come, in the words that marketing and sales share.
type Stage string

// The stages in order; Recycled and Disqualified stand beside it.
const (
	StageInquiry      Stage = "inquiry"
	StageNurturing    Stage = "nurturing"
	StageQualified    Stage = "qualified"
	StageHandedOff    Stage = "handed_off"
	StageAccepted     Stage = "accepted"
	StageOpportunity  Stage = "opportunity"
	StageWon          Stage = "won"
	StageLost         Stage = "lost"
	StageRecycled     Stage = "recycled"
	StageDisqualified Stage = "disqualified"
)

// ladder is the way up; won and lost share its last rung.
var ladder = []Stage{StageInquiry, StageNurturing, StageQualified, StageHandedOff, StageAccepted, StageOpportunity, StageWon}

// rung is how far up the ladder a stage stands, from 0; −1 for stages beside it, and unknown ones. A recycled lead stands
// where an inquiry does: it is nurtured next.
func (s Stage) rung() int {
	switch s { //nolint:exhaustive // the others are found on the ladder
	case StageRecycled:
		return 0
	case StageLost:
		return len(ladder) - 1
	}
	for i, other := range ladder {
		if s == other {
			return i
		}
	}
	return -1
}

// known reports whether s is one of the stages.
func (s Stage) known() bool { return s.rung() >= 0 || s == StageDisqualified }

// withSales reports whether the lead is in the hands of sales now.
func (s Stage) withSales() bool {
	return s == StageHandedOff || s == StageAccepted || s == StageOpportunity
}

// beforeSales reports whether the lead was never handed off, or was handed back. The zero Stage counts as before.
func (s Stage) beforeSales() bool { return s.rung() < StageHandedOff.rung() }

// Weighable reports whether a verdict can still move the lead: it is neither over nor with sales.
func (l *Lead) Weighable() bool { return l.Ended == "" && l.Stage.beforeSales() }

// CheckStageMove reports why a lead may not move from one stage to another; nil when it may. No stage is skipped on the way
// up, save by a self-qualified lead up to handed_off (A6). Backward moves, and those to recycled and disqualified, need a
// reason. A move to the stage that the lead is in already is allowed and changes nothing.
func CheckStageMove(from, to Stage, selfQualified bool, reason string) error {
	for _, s := range []Stage{from, to} {
		if !s.known() {
			return fmt.Errorf("stage %q: no such stage; the stages are inquiry, nurturing, qualified, handed_off, accepted, "+
				"opportunity, won, lost, recycled and disqualified", s)
		}
	}
	if from == to {
		return nil
	}
	if to == StageDisqualified && from == StageWon {
		return fmt.Errorf("stage won → disqualified: a won lead is a customer; move it to lost first if the sale fell through")
	}
	if to == StageRecycled && (from == StageWon || from != StageDisqualified && from.rung() < StageQualified.rung()) {
		return fmt.Errorf("stage %s → recycled: only a lead that was qualified, or disqualified, is recycled; "+
			"this one stays in its stage", from)
	}
	if !ascends(from, to) {
		if strings.TrimSpace(reason) == "" {
			return fmt.Errorf("stage %s → %s: a move back or aside needs a reason; say why", from, to)
		}
		return nil
	}
	if skipped := to.rung() - from.rung() - 1; skipped > 0 && !(selfQualified && to.rung() <= StageHandedOff.rung()) {
		return fmt.Errorf("stage %s → %s: skips %s; move through each stage in turn", from, to, ladder[from.rung()+1])
	}
	return nil
}

// ascends reports whether a move goes up the ladder.
func ascends(from, to Stage) bool {
	return from != StageDisqualified && to != StageDisqualified && to != StageRecycled && to.rung() > from.rung()
}

// StagesTo lists the stages that a lead enters on its way up from one stage to another, the last one included, so that no
// stage is skipped; nil when to is not above from. The zero from counts as inquiry, and so does a disqualified lead that is
// taken up again, for which CheckStageMove wants a reason.
func StagesTo(from, to Stage) []Stage {
	if from == "" || from == StageDisqualified {
		from = StageInquiry
	}
	if !from.known() || !to.known() || !ascends(from, to) {
		return nil
	}
	way := append([]Stage(nil), ladder[from.rung()+1:to.rung()]...)
	return append(way, to)
}
