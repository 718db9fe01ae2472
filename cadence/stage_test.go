package cadence_test

import (
	"slices"
	"strings"
	"testing"

	"nurture/cadence"
)

func TestCheckStageMove(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from, to      cadence.Stage
		selfQualified bool
		reason        string
		want          string // part of the error; "" allowed
	}{
		{from: cadence.StageInquiry, to: cadence.StageNurturing},
		{from: cadence.StageNurturing, to: cadence.StageQualified},
		{from: cadence.StageQualified, to: cadence.StageHandedOff},
		{from: cadence.StageHandedOff, to: cadence.StageAccepted},
		{from: cadence.StageAccepted, to: cadence.StageOpportunity},
		{from: cadence.StageOpportunity, to: cadence.StageWon},
		{from: cadence.StageOpportunity, to: cadence.StageLost},
		{from: cadence.StageRecycled, to: cadence.StageNurturing},
		{from: cadence.StageWon, to: cadence.StageWon},
		{from: cadence.StageInquiry, to: cadence.StageQualified, want: "skips nurturing"},
		{from: cadence.StageInquiry, to: cadence.StageQualified, reason: "a good one", want: "skips nurturing"},
		{from: cadence.StageNurturing, to: cadence.StageHandedOff, want: "skips qualified"},
		{from: cadence.StageRecycled, to: cadence.StageHandedOff, want: "skips nurturing"},
		{from: cadence.StageInquiry, to: cadence.StageHandedOff, selfQualified: true},
		{from: cadence.StageInquiry, to: cadence.StageAccepted, selfQualified: true, want: "skips nurturing"},
		{from: cadence.StageAccepted, to: cadence.StageLost, want: "skips opportunity"},
		{from: cadence.StageQualified, to: cadence.StageNurturing, want: "needs a reason"},
		{from: cadence.StageQualified, to: cadence.StageNurturing, reason: " \t", want: "needs a reason"},
		{from: cadence.StageQualified, to: cadence.StageNurturing, reason: "facts were wrong"},
		{from: cadence.StageWon, to: cadence.StageLost, want: "needs a reason"},
		{from: cadence.StageLost, to: cadence.StageWon, reason: "signed after all"},
		{from: cadence.StageNurturing, to: cadence.StageDisqualified, want: "needs a reason"},
		{from: cadence.StageOpportunity, to: cadence.StageDisqualified, reason: "a competitor"},
		{from: cadence.StageWon, to: cadence.StageDisqualified, reason: "x", want: "is a customer"},
		{from: cadence.StageHandedOff, to: cadence.StageRecycled, want: "needs a reason"},
		{from: cadence.StageHandedOff, to: cadence.StageRecycled, reason: "rejected"},
		{from: cadence.StageLost, to: cadence.StageRecycled, reason: "next year"},
		{from: cadence.StageInquiry, to: cadence.StageRecycled, reason: "x", want: "only a lead that was qualified"},
		{from: cadence.StageWon, to: cadence.StageRecycled, reason: "x", want: "only a lead that was qualified"},
		{from: cadence.StageDisqualified, to: cadence.StageRecycled, reason: "new job"},
		{from: cadence.StageDisqualified, to: cadence.StageNurturing, want: "needs a reason"},
		{from: cadence.StageDisqualified, to: cadence.StageNurturing, reason: "new job"},
		{from: "mql", to: cadence.StageNurturing, want: `stage "mql": no such stage`},
		{from: cadence.StageInquiry, to: "", want: `stage "": no such stage`},
	}
	for _, tt := range tests {
		err := cadence.CheckStageMove(tt.from, tt.to, tt.selfQualified, tt.reason)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s → %s (%q, self-qualified %v): got %v, want %q", tt.from, tt.to, tt.reason, tt.selfQualified, err, tt.want)
		}
	}
}

func TestStagesTo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from, to cadence.Stage
		want     []cadence.Stage
	}{
		{"", cadence.StageNurturing, []cadence.Stage{cadence.StageNurturing}},
		{cadence.StageRecycled, cadence.StageHandedOff, []cadence.Stage{cadence.StageNurturing, cadence.StageQualified, cadence.StageHandedOff}},
		{cadence.StageAccepted, cadence.StageLost, []cadence.Stage{cadence.StageOpportunity, cadence.StageLost}},
		{cadence.StageDisqualified, cadence.StageNurturing, []cadence.Stage{cadence.StageNurturing}},
		{cadence.StageQualified, cadence.StageQualified, nil},
		{cadence.StageWon, cadence.StageLost, nil},
		{cadence.StageQualified, cadence.StageInquiry, nil},
		{cadence.StageQualified, cadence.StageDisqualified, nil},
		{"mql", cadence.StageWon, nil},
		{cadence.StageInquiry, "sql", nil},
	}
	for _, tt := range tests {
		if got := cadence.StagesTo(tt.from, tt.to); !slices.Equal(got, tt.want) {
			t.Errorf("%q → %q: got %v, want %v", tt.from, tt.to, got, tt.want)
		}
	}
}
