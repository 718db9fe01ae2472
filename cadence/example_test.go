package cadence_test

import (
	"fmt"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
)

// A lead is enrolled on a Saturday. Its first email waits for Monday morning where the lead lives.
func ExampleDecide() {
	weekdays := [7]bool{false, true, true, true, true, true, false}
	plan := cadence.Plan{
		Key: "first-seven", Term: cadence.Active, Budget: 7,
		Window: calendar.NewWindow(weekdays, calendar.Span{From: 9 * 60, To: 17 * 60}, nil),
		Steps:  []cadence.Step{{Key: "intro", Kind: cadence.StepEmail, Tries: 1, Variants: []cadence.Variant{{Template: "intro"}}}},
		Then:   cadence.Ending{Move: &cadence.Move{To: "long-game"}},
	}
	enrollment := cadence.Enrollment{State: cadence.Pending, Lead: cadence.Lead{
		Key: "ada@example.com", Email: true, Place: calendar.Place{Zones: []string{"America/New_York"}},
	}}
	saturday := time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC)

	enrollment, _ = cadence.Decide(plan, enrollment, cadence.Enrolled{}, saturday)
	why := cadence.Why(plan, enrollment, saturday)
	fmt.Println(why.Next, "on", enrollment.Due.Intent)
	fmt.Println(why.Sentence)

	_, actions := cadence.Decide(plan, enrollment, cadence.FellDue{}, enrollment.Due.At)
	touch := actions[0].(cadence.PlanTouch)
	fmt.Println(touch.Channel, touch.Variant.Template, "until", touch.WindowEnds.Format(time.RFC3339))
	// Output:
	// step 1 of 1: email "intro" on 2026-03-09 09:00:00 America/New_York
	// The send window is closed at the lead's place: hours, weekend, holiday or legal quiet hours.
	// email intro until 2026-03-09T21:00:00Z
}
