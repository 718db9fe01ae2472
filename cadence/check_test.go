package cadence_test

import (
	"strings"
	"testing"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
)

// night is open while calls are forbidden.
var night = calendar.NewWindow(everyDay, calendar.Span{From: 22 * 60, To: 24 * 60}, nil)

func on(kind cadence.ResponseKind, r cadence.Rule) func(*cadence.Plan) {
	return func(p *cadence.Plan) { p.OnResponse[kind] = r }
}

func step(i int, change func(*cadence.Step)) func(*cadence.Plan) {
	return func(p *cadence.Plan) { change(&p.Steps[i]) }
}

// brokenPlans each break one thing of a sound plan whose steps are 0 email, 1 call, 2 branch, 3 wait and 4 voicemail.
var brokenPlans = []struct {
	path, want string
	change     func(*cadence.Plan)
}{
	{"cadence", "no name", func(p *cadence.Plan) { p.Key = "" }},
	{"term", `no term "forever"`, func(p *cadence.Plan) { p.Term = "forever" }},
	{"intake", "-2 leads", func(p *cadence.Plan) { p.IntakePerDay = -2 }},
	{"window", "never open", func(p *cadence.Plan) { p.Window = calendar.Window{} }},
	{"budget", "budget of 0", func(p *cadence.Plan) { p.Budget = 0 }},
	{"steps", "no steps", func(p *cadence.Plan) { p.Steps = nil }},
	{"steps[1].name", `step 1 is called "intro" already`, step(1, func(s *cadence.Step) { s.Key = "intro" })},
	{"steps[0].name", `cannot be called "end"`, step(0, func(s *cadence.Step) { s.Key = "end" })},
	{"steps[0]", `no step kind "fax"`, step(0, func(s *cadence.Step) { s.Kind = "fax" })},
	{"steps[0].after", "negative", step(0, func(s *cadence.Step) { s.After.Days = -1 })},
	{"steps[0].after", "mixed", step(0, func(s *cadence.Step) { s.After = calendar.Delay{Days: 1, Hours: 2} })},
	{"steps[0].variants", "names no template", step(0, func(s *cadence.Step) { s.Variants = nil })},
	{"steps[0].variants", `variant "" names no template`, step(0, func(s *cadence.Step) { s.Variants[0].Template = "" })},
	{"steps[0].variants", `"a" is none`, step(0, func(s *cadence.Step) {
		s.Variants = []cadence.Variant{{Name: "a", Template: "x"}, {Name: "a", Template: "y"}}
	})},
	{"steps[0].tries", "tried 0 times", step(0, func(s *cadence.Step) { s.Tries = 0 })},
	{"steps[0].tries", "tried again, not email", step(0, func(s *cadence.Step) { s.Tries = 2 })},
	{"steps[0].within", "only a person's task", step(0, func(s *cadence.Step) { s.Within = days(1) })},
	{"steps[0].branch", "only a branch step", step(0, func(s *cadence.Step) { s.Branches = []cadence.Branch{{Goto: "end"}} })},
	{"steps[0].window", "never open", step(0, func(s *cadence.Step) { s.Window = &calendar.Window{} })},
	{"steps[1].if_overdue", `no overdue policy "panic"`, step(1, func(s *cadence.Step) { s.Overdue = "panic" })},
	{"steps[1].within", "negative", step(1, func(s *cadence.Step) { s.Within.Hours = -1 })},
	{"steps[1].window", "no hour in common", step(1, func(s *cadence.Step) { s.Window = &night })},
	{"steps[2].branch", "no cases", step(2, func(s *cadence.Step) { s.Branches = nil })},
	{"steps[2].branch[0]", "never reached", step(2, func(s *cadence.Step) { s.Branches[0].When = predicate.Predicate{} })},
	{"steps[2].branch[0].goto", `no step "nowhere"`, step(2, func(s *cadence.Step) { s.Branches[0].Goto = "nowhere" })},
	{"steps[2].branch[1].goto", `"intro" is not further down`, step(2, func(s *cadence.Step) { s.Branches[1].Goto = "intro" })},
	{"steps[2].branch[1].goto", `"fork" is not further down`, step(2, func(s *cadence.Step) { s.Branches[1].Goto = "fork" })},
	{"steps[3].wait", "waits for nothing", step(3, func(s *cadence.Step) { s.After = calendar.Delay{} })},
	{"steps[3].variants", "has no template", step(3, func(s *cadence.Step) { s.Variants = []cadence.Variant{{Template: "x"}} })},
	{"steps[3].tries", "is not answered", step(3, func(s *cadence.Step) { s.Tries = 3 })},
	{"steps[3].window", "needs no window", step(3, func(s *cadence.Step) { s.Window = &office })},
	{"steps[4].window", "no hour in common", func(p *cadence.Plan) { p.CallHours = calendar.Window{} }},
	{"on_response.smoke_signal", "no response", on("smoke_signal", cadence.Rule{Flow: cadence.FlowContinue})},
	{"on_response.click", `no flow "dance"`, on(cadence.Click, cadence.Rule{Flow: "dance"})},
	{"on_response.click.pause", "nobody is asked", on(cadence.Click, cadence.Rule{Flow: cadence.FlowPause})},
	{"on_response.click.else", "for ever", on(cadence.Click, cadence.Rule{Flow: cadence.FlowPause, Until: cadence.StatedDate})},
	{"on_response.click.else", "negative", on(cadence.Click, cadence.Rule{Flow: cadence.FlowPause, Else: days(-1)})},
	{"on_response.click.pause_until", `no date "birthday"`, on(cadence.Click, cadence.Rule{Flow: cadence.FlowPause, Until: "birthday", Else: days(1)})},
	{"on_response.busy.retry_after", "at once", on(cadence.Busy, cadence.Rule{Flow: cadence.FlowRetry})},
	{"on_response.click.move_to", "names no cadence", on(cadence.Click, cadence.Rule{Flow: cadence.FlowMove, Move: &cadence.Move{}})},
	{"on_response.click.resume", `no date "birthday"`, on(cadence.Click, cadence.Rule{Flow: cadence.FlowMove, Move: &cadence.Move{To: "x", Until: "birthday"}})},
	{"on_response.not_now.else", "for ever", on(cadence.NotNow, cadence.Rule{Flow: cadence.FlowMove, Until: cadence.StatedDate})},
	{"on_response.click.task", `no task "dance"`, on(cadence.Click, cadence.Rule{Flow: cadence.FlowContinue, Task: "dance"})},
	{"on_response.click.within", "negative", on(cadence.Click, cadence.Rule{Flow: cadence.FlowContinue, TaskWithin: days(-1)})},
	{"on_response.click.finish", `no end "bored"`, on(cadence.Click, cadence.Rule{Flow: cadence.FlowFinish, End: "bored"})},
	{"on_response.click.finish", "while its cadence goes on", on(cadence.Click, cadence.Rule{Flow: cadence.FlowContinue, End: cadence.EndLost})},
	{"on_response.click.suppress", `no scope "post"`, on(cadence.Click, cadence.Rule{Flow: cadence.FlowContinue, Suppress: "post"})},
	{"on_response.reply", "after reply the cadence cannot continue", on(cadence.Reply, cadence.Rule{Flow: cadence.FlowContinue})},
	{"on_response.unsubscribe", "cannot pause", on(cadence.Unsubscribe, cadence.Rule{Flow: cadence.FlowPause, Else: days(1), Suppress: cadence.SuppressAll})},
	{"on_response.hard_bounce.suppress", "must not be used again", on(cadence.HardBounce, cadence.Rule{Flow: cadence.FlowContinue})},
	{"account", `no account policy "ask"`, func(p *cadence.Plan) { p.Account.Do = "ask" }},
	{"account.pause", "for how long", func(p *cadence.Plan) { p.Account.Pause = calendar.Delay{} }},
	{"then", "fall out", func(p *cadence.Plan) { p.Then = cadence.Ending{} }},
	{"then", "both move and end", func(p *cadence.Plan) { p.Then.Close = true }},
	{"then.resume", "no date to wait for", func(p *cadence.Plan) { p.Then.Move.Until = cadence.StatedDate }},
	{"then.move_to", "names no cadence", func(p *cadence.Plan) { p.Then.Move.To = "" }},
	{"then.else", "negative", func(p *cadence.Plan) { p.Then.Move.Else.Days = -3 }},
}

func TestPlanCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range brokenPlans {
		t.Run(tt.path+" "+tt.want, func(t *testing.T) {
			t.Parallel()
			p := plan("sound", email("intro", days(0)), call("discovery", days(1)),
				branch("fork", cadence.Branch{When: lastIs(cadence.Connected), Goto: "hello"}, cadence.Branch{Goto: cadence.GotoEnd}),
				pauseStep("rest", days(2)), voicemail("hello", days(1)))
			if problems := p.Check(); len(problems) > 0 {
				t.Fatalf("the sound plan has problems: %v", problems)
			}
			tt.change(&p)
			problems := p.Check()
			for _, problem := range problems {
				if problem.Plan != p.Key || problem.Hint == "" {
					t.Errorf("incomplete: %+v", problem)
				}
				if problem.Path == tt.path && strings.Contains(problem.String(), tt.want) {
					return
				}
			}
			t.Errorf("got %v", problems)
		})
	}
}

func TestProblemString(t *testing.T) {
	t.Parallel()
	p := cadence.Problem{Plan: "first-seven", Path: "budget", Message: "too small"}
	if got := p.String(); got != "first-seven: budget: too small" {
		t.Errorf("got %q", got)
	}
	p.Hint = "7 is a good start"
	if got := p.String(); got != "first-seven: budget: too small; 7 is a good start" {
		t.Errorf("got %q", got)
	}
}

func TestCheckPlans(t *testing.T) {
	t.Parallel()
	moves := func(key, to string, term cadence.Term) cadence.Plan {
		p := plan(key, email("hello", days(1)))
		p.Term, p.Then = term, cadence.Ending{Move: &cadence.Move{To: to}}
		return p
	}
	closing := moves("c", "", cadence.Active)
	closing.Then = cadence.Ending{Close: true}
	hasty := moves("hasty", "hasty", cadence.LongTerm)
	hasty.Steps[0].After = calendar.Delay{}
	selfish := moves("a", "long", cadence.Active)
	selfish.OnResponse[cadence.Question] = cadence.Rule{Flow: cadence.FlowMove, Move: &cadence.Move{To: "a"}}
	lost := moves("a", "long", cadence.Active)
	lost.OnResponse[cadence.Question] = cadence.Rule{Flow: cadence.FlowMove, Move: &cadence.Move{To: "q"}}
	long := moves("long", "a", cadence.LongTerm)

	quick, slow := moves("quick", "short", cadence.Active), moves("slow", "short", cadence.Active)
	quick.Steps = []cadence.Step{{Key: "hello", Kind: cadence.StepVoicemail}}
	short := func(to string, first ...cadence.Step) cadence.Plan {
		p := moves("short", to, cadence.LongTerm)
		p.Steps = append(first, cadence.Step{
			Key: "fork", Kind: cadence.StepBranch, Branches: []cadence.Branch{{Goto: cadence.GotoEnd}},
		}, cadence.Step{Key: "rest", Kind: cadence.StepWait, After: calendar.Delay{Days: 90}})
		return p
	}
	rests := cadence.Step{Key: "first", Kind: cadence.StepWait, After: calendar.Delay{Days: 90}}

	tests := []struct {
		name  string
		plans []cadence.Plan
		want  []string
	}{
		{"active and long-term in turn", []cadence.Plan{moves("a", "long", cadence.Active), long}, nil},
		{"a close", []cadence.Plan{moves("a", "c", cadence.Active), closing}, nil},
		{"the long game again", []cadence.Plan{moves("long", "long", cadence.LongTerm)}, nil},
		{"no such cadence", []cadence.Plan{moves("a", "b", cadence.Active)}, []string{`a: then.move_to: there is no cadence "b"; the cadences are a`}},
		{"no such cadence in a rule", []cadence.Plan{lost, long}, []string{`a: on_response.question.move_to: there is no cadence "q"; the cadences are a, long`}},
		{"a rule that moves nowhere", []cadence.Plan{selfish, long}, []string{`a: on_response.question.move_to: the lead is in "a" already; pause instead, or name another cadence`}},
		{"a circle", []cadence.Plan{moves("a", "b", cadence.Active), moves("b", "a", cadence.Active)}, []string{
			"a: then.move_to: the active cadences a → b → a hand leads round for ever; let one of them move to a long-term cadence, or close",
			"b: then.move_to: the active cadences b → a → b hand leads round for ever; let one of them move to a long-term cadence, or close",
		}},
		{"into a circle", []cadence.Plan{moves("a", "b", cadence.Active), moves("b", "b", cadence.Active)}, []string{
			"a: then.move_to: the active cadences a → b → b hand leads round for ever; let one of them move to a long-term cadence, or close",
			"b: then.move_to: the active cadences b → b hand leads round for ever; let one of them move to a long-term cadence, or close",
		}},
		{"past every wait", []cadence.Plan{quick, short("quick")}, []string{
			"short: steps: a branch leads past every wait, so that short → quick → short may hand leads round at once; put the wait before the branch",
		}},
		{"past every wait, into itself", []cadence.Plan{short("short")}, []string{
			"short: steps: a branch leads past every wait, so that short → short may hand leads round at once; put the wait before the branch",
		}},
		{"the wait comes first", []cadence.Plan{quick, short("quick", rests)}, nil},
		{"the other one takes time", []cadence.Plan{slow, short("slow")}, nil},
		{"no time at all", []cadence.Plan{hasty}, []string{"hasty: steps: a long-term cadence without any wait would send its leads on at once; put months between its steps"}},
	}
	for _, tt := range tests {
		byKey := map[string]cadence.Plan{}
		for _, p := range tt.plans {
			byKey[p.Key] = p
		}
		var got []string
		for _, p := range cadence.CheckPlans(byKey) {
			got = append(got, p.String())
		}
		if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}
