package cadence

import (
	"testing"

	"nurture/cadence/calendar"
)

func TestEffects(t *testing.T) {
	t.Parallel()
	plan := Plan{OnResponse: map[ResponseKind]Rule{NotInterested: {Flow: FlowMove, Move: &Move{To: "long-game", Until: StatedDate, Else: calendar.Delay{Days: 30}}}}}
	for kind, want := range map[ResponseKind]string{
		NoAnswer:      "tries again after 1 business day, within the budget",
		LeftVoicemail: "the next step follows",
		WrongNumber:   "the next step follows; the number is wrong from now on",
		DoNotCall:     "the next step follows; never called again",
		Unsubscribe:   "ends nurturing: opted out; left alone for ever",
		CallBackLater: "pauses until the date named, else for 1 business day; a task to call back then",
		NotNow:        "rests until the date named, else for 90 days",
		NotInterested: "moves to long-game, after a rest until the date named, else for 30 days",
		HardBounce:    "the next step follows; never mailed again",
		Interested:    "pauses for 10 business days at most; opens a task: call",
	} {
		if got := plan.RuleFor(kind).Effect(); got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
	for rule, want := range map[*Rule]string{
		{Flow: FlowPause}:                    "pauses until a person resumes it",
		{Flow: FlowPause, Until: StatedDate}: "pauses until the date named",
		{Flow: FlowResume}:                   "resumes the cadence",
		{Flow: FlowFinish}:                   "ends this cadence",
		{Flow: FlowContinue, Task: TaskCall}: "the next step follows; opens a task: call",
	} {
		if got := rule.Effect(); got != want {
			t.Errorf("%+v: %q, want %q", *rule, got, want)
		}
	}
}
