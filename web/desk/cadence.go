package desk

import (
	"cmp"
	"net/http"
	"slices"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/store"
)

// cadencePage is one cadence.
type cadencePage struct {
	Plan            cadence.Plan
	Counted         moment
	LongTerm        bool
	Audience        string
	Intake          string
	Line            line
	Steps           []stepView
	Funnel          []funnelRow
	Total           []rate
	Own, Usual      []ruleView // the cadence's own rules, and those that it leaves as they are
	Then            string
	Account         string
	Ended           []rate
	Inside, Through int
}

// stepView is a step with who stands there.
type stepView struct {
	Number           int
	Key, Kind, Icon  string
	Wait, Own        string   // wait before it; its own window, "" for that of the cadence
	More             []string // what else there is to say of it
	Variants         []cadence.Variant
	Branches         []branchView
	Here, Held       int // leads that are at it: under way, and paused
	Share            rate
	Tally            store.StepTally
	Touches, Earlier bool // it makes touches; it is of an earlier version
}

type branchView struct{ When, To string }

// funnelRow is a step's or a variant's row of the funnel.
type funnelRow struct {
	Step, Variant, Icon string
	Planned, Waiting    int
	Rates               []rate
	Earlier             bool // no step of the live version
}

// showCadence shows one cadence.
func (d *Desk) showCadence(v *visit) error {
	ctx := v.r.Context()
	live, err := d.engine.Live(ctx)
	if err != nil {
		return err
	}
	plan, ok := live.Plans[v.r.PathValue("key")]
	if !ok {
		return store.ErrNotFound
	}
	p := cadencePage{Plan: plan, LongTerm: plan.Term == cadence.LongTerm, Then: thenWords(plan.Then), Account: accountWords(plan.Account)}
	if !plan.Audience.IsZero() {
		p.Audience = plan.Audience.String()
	}
	p.Intake = intakeWords(plan.IntakePerDay)
	if p.Counted, err = v.counted(); err != nil {
		return err
	}
	tallies, err := store.StepTallies(ctx, d.pool, plan.Key)
	if err != nil {
		return err
	}
	places, err := store.PlaceTallies(ctx, d.pool, plan.Key)
	if err != nil {
		return err
	}
	p.addSteps(places)
	p.addFunnel(tallies)
	p.addEnds(places)
	p.Own, p.Usual = rulesOf(plan)
	p.Line = drawLine(plan)
	return v.render(http.StatusOK, "cadence.html", plan.Key, p)
}

// addSteps describes the steps, with the leads at each.
func (p *cadencePage) addSteps(places []store.PlaceTally) {
	for _, t := range places {
		if t.State != string(cadence.Finished) {
			p.Inside += t.Leads
		}
	}
	for i, s := range p.Plan.Steps {
		view := stepView{
			Number: i + 1, Key: s.Key, Kind: words(s.Kind), Icon: stepIcon(s.Kind), Wait: waitWords(i, s), More: moreOf(s), Touches: s.Kind.Channel() != "",
		}
		if s.Window != nil {
			view.Own = s.Window.String()
		}
		for _, variant := range s.Variants {
			if variant.Template != "" {
				view.Variants = append(view.Variants, variant)
			}
		}
		for _, b := range s.Branches {
			view.Branches = append(view.Branches, branchWords(b))
		}
		for _, t := range places {
			switch {
			case t.Step != s.Key || t.State == string(cadence.Finished):
			case t.State == string(cadence.Paused):
				view.Held += t.Leads
			default:
				view.Here += t.Leads
			}
		}
		view.Share = rate{"", view.Here + view.Held, p.Inside, "inside"}
		p.Steps = append(p.Steps, view)
	}
}

// addFunnel lays out the tallies: each step in the order of the plan, its variants below it, then the steps of earlier versions.
func (p *cadencePage) addFunnel(tallies []store.StepTally) {
	order := map[string]int{}
	for i, s := range p.Plan.Steps {
		order[s.Key] = i + 1
	}
	at := func(key string) int { return cmp.Or(order[key], len(order)+1) }
	slices.SortStableFunc(tallies, func(a, b store.StepTally) int {
		return cmp.Or(cmp.Compare(at(a.Step), at(b.Step)), cmp.Compare(a.Step, b.Step), cmp.Compare(a.Variant, b.Variant))
	})
	var total store.StepTally
	for len(tallies) > 0 {
		n := slices.IndexFunc(tallies, func(t store.StepTally) bool { return t.Step != tallies[0].Step })
		if n < 0 {
			n = len(tallies)
		}
		group := tallies[:n]
		tallies = tallies[n:]
		sum := group[0]
		for _, t := range group[1:] {
			sum.Add(t)
		}
		total.Add(sum)
		row := funnelRow{Step: sum.Step, Icon: channelIcon(sum.Channel), Planned: sum.Planned, Waiting: sum.Waiting, Rates: ratesOf(sum), Earlier: order[sum.Step] == 0}
		p.Funnel = append(p.Funnel, row)
		if n == 1 && sum.Variant == "" {
			continue
		}
		for _, t := range group {
			p.Funnel = append(p.Funnel, funnelRow{Step: t.Step, Variant: cmp.Or(t.Variant, "none"), Planned: t.Planned, Waiting: t.Waiting, Rates: ratesOf(t), Earlier: row.Earlier})
		}
	}
	p.Total = append([]rate{{"Planned", total.Planned, 0, ""}}, ratesOf(total)[:5]...)
}

// addEnds says how those ended that are through.
func (p *cadencePage) addEnds(places []store.PlaceTally) {
	for _, t := range places {
		if t.State == string(cadence.Finished) {
			p.Through += t.Leads
		}
	}
	for _, t := range places {
		if t.State == string(cadence.Finished) {
			p.Ended = append(p.Ended, rate{sentence(words(t.Reason)), t.Leads, p.Through, "through"})
		}
	}
	slices.SortStableFunc(p.Ended, func(a, b rate) int { return cmp.Compare(b.N, a.N) })
}

// stepIcon draws what a step does.
func stepIcon(k cadence.StepKind) string {
	switch k {
	case cadence.StepEmail, cadence.StepManualEmail:
		return "mail"
	case cadence.StepVoicemail:
		return "voicemail"
	case cadence.StepCall:
		return "phone"
	case cadence.StepBranch:
		return "branch"
	case cadence.StepWait:
	}
	return "clock"
}

func channelIcon(channel string) string {
	return map[string]string{"email": "mail", "voicemail": "voicemail"}[channel] + map[bool]string{true: "phone"}[channel == "call"]
}

// days is about how long a delay is, in days of the calendar.
func days(d calendar.Delay) float64 {
	return float64(d.Days) + float64(d.BusinessDays)*7/5 + float64(d.Hours)/24
}
