package jobs

import (
	"fmt"
	"strings"

	"nurture/config"
)

// someConfig is a configuration that a company may come to: with other steps, people and cadences each time.
func (c *company) someConfig() *config.Config {
	pick := func(texts ...string) string { return texts[c.random.IntN(len(texts))] }
	steps := "  - email: intro\n    variants: { a: intro, b: intro-question }\n" + pick("", "  - voicemail: hello\n    after: 2 hours\n")
	if c.random.IntN(2) == 0 {
		steps = "  - voicemail: hello\n  - email: intro\n    variants: { a: intro, b: intro-question }\n    after: 1 day\n"
	}
	for _, piece := range []string{
		"  - call: discovery\n    after: %s\n    within: 2 business days\n    if_overdue: advance\n",
		"  - email: case-study\n    after: %s\n", "  - call: second-call\n    after: %s\n    within: 1 business day\n    if_overdue: keep\n",
		"  - voicemail: one-question\n    after: %s\n", "  - email: leave-it-here\n    after: %s\n",
	} {
		if c.random.IntN(3) > 0 {
			steps += fmt.Sprintf(piece, pick("1 business day", "2 business days", "1 day", "6 hours", "1 week"))
		}
	}
	mara := fmt.Sprintf("  - name: Mara Lindqvist\n    title: Course advisor\n    email: mara@example.com\n    phone: \"+493012345601\"\n    daily_cap: %d\n    hourly_cap: %d\n", mostADay, mostAnHour)
	jonas := strings.NewReplacer("Mara Lindqvist", "Jonas Weber", "mara@", "jonas@", "601", "602").Replace(mara)
	lea := strings.NewReplacer("Mara Lindqvist", "Lea Wolf", "mara@", "lea@", "601", "603").Replace(mara)
	sdrs := "    - name: Mara Lindqvist\n      email: mara@example.com\n      daily_calls: 4\n"
	secondSDR := strings.NewReplacer("Mara Lindqvist", "Jonas Weber", "mara@", "jonas@").Replace(sdrs)
	shipped := starterFile(c.t, "nurture.yaml", "  # frequency: { touches: 4, per: 7 days }", fmt.Sprintf("  frequency: { touches: %d, per: 7 days }\n  misfire: { grace: 1 day, then: %s }", mostAWeek, pick("skip", "spread", "send_late")),
		"defaults:\n", fmt.Sprintf("mail:\n  per_domain:\n    big.example: { per_day: %d }\n\ndefaults:\n", mostADomain))
	head, tail, _ := strings.Cut(shipped, "senders:\n")
	_, tail, _ = strings.Cut(tail, "  reps:\n")
	files := map[string]string{
		"nurture.yaml": head + "senders:\n" + pick(mara, jonas, mara+jonas, jonas+lea) + "\nteam:\n  sdrs:\n" + pick(sdrs, secondSDR, sdrs+secondSDR) + "  reps:\n" + tail,
		"cadences/first-seven.yaml": "cadence: first-seven\ngoal: a test\non_change: " + pick("move", "finish") + `
audience: { stage: { in: [inquiry, nurturing, recycled] } }
window: { days: mon-fri, hours: "09:00-17:00", zone: lead, holidays: lead }
budget: ` + pick("3", "5", "7") + "\nsteps:\n" + steps + `
on_response:
  not_now: { move_to: long-game, resume: stated_date, else: 90 days }
  interested: { pause: 5 business days, task: call, within: 4 hours }
account: { on_colleague_reply: pause, pause: 5 business days }
then: { move_to: long-game }
`,
	}
	files["uld.yaml"] = starterFile(c.t, "uld.yaml", "horizon: 6 months", "horizon: "+pick("6 months", "2 months", "9 months"),
		"policy: verify_by_call", pick("policy: verify_by_call", "policy: direct_to_sales\n  reviewed_by: Ana Silva\n  reviewed_on: 2026-02-01"),
		"    accept: { at_least: 6 }", "    accept: { at_least: "+pick("6", "20")+" }\n    required: "+pick("true", "false"),
		"  - key: competition\n", "  - key: competition\n    required: "+pick("true", "false")+"\n",
		"    accept: { in: [decides, recommends] }", "    accept: { in: [decides, recommends] }\n    evidence: "+pick("human_confirmed", "self_asserted"))
	files["cadences/long-game.yaml"] = starterFile(c.t, "cadences/long-game.yaml", "15 weeks", pick("15 weeks", "3 weeks", "9 days"))
	if c.random.IntN(3) == 0 {
		files["cadences/event-follow-up.yaml"] = ""
	}
	return starterWith(c.t, files)
}

func (c *company) applySome() error {
	cfg := c.cfgs[c.random.IntN(len(c.cfgs))]
	if _, err := c.PlanChange(c.ctx, cfg, 7); err != nil {
		return err
	}
	_, err := c.Apply(c.ctx, cfg, "test")
	return err
}

// weighAnew works the jobs that a new definition leaves, as River would.
func (c *company) weighAnew() error {
	all, err := c.Reevaluations(c.ctx, 3)
	if err != nil {
		return err
	}
	for _, r := range all {
		if err := (&reevaluateWorker{engine: c.Engine}).Work(c.ctx, jobOf(Reevaluate{r.Version})); err != nil {
			return err
		}
	}
	return nil
}

func (c *company) rollBack() error {
	live, err := c.LiveVersion(c.ctx)
	if err != nil {
		return err
	}
	_, err = c.Rollback(c.ctx, 1+c.random.Int64N(live), "test")
	return err
}
