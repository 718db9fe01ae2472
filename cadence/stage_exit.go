package cadence

import (
	"strings"

	"nurture/cadence/uld"
)

// StageFacts is what must be known of a lead to tell whether it may leave its stage upwards by a person's order.
type StageFacts struct {
	InCadence bool        // a cadence has begun and is not over
	Outcome   uld.Outcome // of a verdict on what is known now
	Because   string      // its sentence
	Declined  bool        // sales, or the lead, said no to that, and nobody has confirmed anything since
	Accepted  bool        // sales has accepted a handoff that is still with it
}

// LacksForStage names what a lead lacks to be moved up to a stage by hand, and how it is got; "" when nothing. What the program itself
// does on the way up (a cadence begins, a verdict promotes, sales accepts) cannot be claimed: it must have happened.
func LacksForStage(to Stage, f StageFacts) (lacks, wayOut string) {
	switch to { //nolint:exhaustive // the others are a person's word
	case StageNurturing:
		if !f.InCadence {
			return "no cadence has begun", "nurture enroll puts the lead into one"
		}
	case StageQualified:
		if f.Outcome == uld.Promote && f.Declined {
			return "sales, or the lead itself, said no, and no person has confirmed anything since", "nurture leads show has the history"
		}
		if f.Outcome != uld.Promote {
			return "the definition does not promote it: " + strings.TrimSuffix(f.Because, "."), "nurture uld eval says what would change that"
		}
	case StageHandedOff:
		return "a lead is handed off with its dossier, by the verdict that promotes it", "nurture tasks list shows what the dossier lacks"
	case StageAccepted:
		if !f.Accepted {
			return "sales has not accepted it", "nurture handoffs accept answers a handoff"
		}
	}
	return "", ""
}
