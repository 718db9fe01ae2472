package cadence_test

import (
	"strings"
	"testing"

	"nurture/cadence"
	"nurture/cadence/uld"
)

func TestLacksForStage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		to    cadence.Stage
		facts cadence.StageFacts
		want  string // part of what is lacking; "" nothing
	}{
		{cadence.StageNurturing, cadence.StageFacts{}, "no cadence has begun"},
		{cadence.StageNurturing, cadence.StageFacts{InCadence: true}, ""},
		{cadence.StageQualified, cadence.StageFacts{Outcome: uld.Nurture, Because: "The criterion fit is unknown."}, "does not promote it: The criterion fit is unknown"},
		{cadence.StageQualified, cadence.StageFacts{Outcome: uld.Close, Because: "It is too small."}, "does not promote it"},
		{cadence.StageQualified, cadence.StageFacts{Outcome: uld.Promote, Declined: true}, "said no"},
		{cadence.StageQualified, cadence.StageFacts{Outcome: uld.Promote}, ""},
		{cadence.StageHandedOff, cadence.StageFacts{Outcome: uld.Promote, Accepted: true}, "with its dossier"},
		{cadence.StageAccepted, cadence.StageFacts{Outcome: uld.Promote}, "sales has not accepted"},
		{cadence.StageAccepted, cadence.StageFacts{Accepted: true}, ""},
		{cadence.StageOpportunity, cadence.StageFacts{}, ""},
		{cadence.StageWon, cadence.StageFacts{}, ""},
		{cadence.StageLost, cadence.StageFacts{}, ""},
	} {
		lacks, wayOut := cadence.LacksForStage(tt.to, tt.facts)
		if (lacks == "") != (tt.want == "") || !strings.Contains(lacks, tt.want) || (lacks == "") != (wayOut == "") {
			t.Errorf("%s with %+v lacks %q, %q; want %q", tt.to, tt.facts, lacks, wayOut, tt.want)
		}
	}
}
