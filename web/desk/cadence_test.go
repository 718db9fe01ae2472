package desk

import (
	"os"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/config"
	"nurture/internal/access"
	"nurture/jobs"
	"nurture/store"
)

// tally makes the counts that the engine would.
func (d *desktop) tally() {
	d.t.Helper()
	counted, err := d.engine.Tally(d.t.Context())
	must(d.t, err)
	if !counted {
		d.t.Fatal("nothing was counted")
	}
}

func TestCadences(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	ctx := t.Context()
	b := d.as(access.Marketer)
	b.get("/desk/cadences").mustHold(t, 200, "Not counted yet", "first-seven", "long-game", "long term", "0 sent in 14 days")
	ids := make([]int64, 0, 3)
	for _, name := range []string{"Ann", "Bob", "Cy"} {
		ids = append(ids, d.lead(person(name)))
	}
	_, err := d.engine.Tick(ctx)
	must(t, err)
	d.work()
	eventually(t, "the first mails are sent", func() bool {
		_, sent, err := store.CountTouches(ctx, d.pool)
		must(t, err)
		return sent == 3
	})
	_, err = d.engine.Respond(ctx, []jobs.ResponseInput{{LeadID: ids[0], Kind: cadence.Reply, Source: "test", ExternalID: "1", Said: "hm"}})
	must(t, err)
	d.tally()
	b.get("/desk/cadences").mustHold(t, 200, "Counted at", ">10:00</time>", "<strong>3</strong> leads inside", "3 sent in 14 days", "Mon 2 Mar: 3 sent")
	page := b.get("/desk/cadences/first-seven")
	page.mustHold(t, 200, "Email: intro", "a: intro", "b: intro-question", "2 business days later", "A person has 2 business days, then the cadence goes on",
		"The lead moves to long-game.", "7 touches a cycle", "pauses for 5 business days; a task for a person (call) within 4 hours",
		"moves to long-game at the date that the lead named, without one after 90 days", "by itself, at most 60 a day", "33.3 % of 3", "<small>33.3 % of 3 sent</small>",
		"variant a", "A response counts for the touch that it answers", "never contacted again", "<strong>3 leads</strong><span class=\"quiet\">3 paused</span>", `<svg class="timeline"`, "About 25 days")
	mustBeHard(t, page)
	if len(page.body) > 100_000 {
		t.Errorf("the page has %d bytes", len(page.body))
	}
	branched := b.get("/desk/cadences/event-follow-up")
	branched.mustHold(t, 200, "if consent.voicemail is yes → <strong>event-hello</strong>", "else → <strong>event-call</strong>", `class="arc"`, "Up to 2 tries while nobody answers",
		"by hand, or from another cadence", "No touch yet")
	b.get("/desk/cadences/nothing").mustHold(t, 404, "There is nothing here")

	withdrawn := d.without("cadences/event-follow-up.yaml")
	_, err = d.engine.Apply(ctx, withdrawn, "test")
	must(t, err)
	b.get("/desk/cadences").mustLack(t, "event-follow-up")
	must(t, store.SaveTallies(ctx, d.pool, store.Tallies{
		Places: []store.PlaceTally{{Cadence: "event-follow-up", Step: "event-thanks", State: "active", Leads: 2}},
		Steps:  []store.StepTally{{Cadence: "first-seven", Step: "long-gone", Channel: "call", Planned: 40, Sent: 20, Connected: 1}},
	}, store.Tallied{At: morning.Add(-26 * time.Hour)}))
	b.get("/desk/cadences").mustHold(t, 200, "event-follow-up", "retired", "<strong>2</strong> leads inside", "yesterday 08:00")
	b.get("/desk/cadences/first-seven").mustHold(t, 200, "long-gone", "earlier version", "50 % of 40", "5 % of 20")
}

// without is the live configuration without a file.
func (d *desktop) without(path string) *config.Config {
	d.t.Helper()
	live, err := d.engine.Live(d.t.Context())
	must(d.t, err)
	dir := d.t.TempDir()
	for _, f := range live.Files {
		if f.Path == path {
			continue
		}
		name := dir + "/" + f.Path
		must(d.t, os.MkdirAll(name[:strings.LastIndex(name, "/")], 0o755))
		must(d.t, os.WriteFile(name, f.Content, 0o644))
	}
	for _, name := range []string{"event-thanks", "event-slides"} {
		must(d.t, os.Remove(dir+"/templates/email/"+name+".md"))
	}
	must(d.t, os.Remove(dir+"/templates/voicemail/event-hello.md"))
	cfg, err := config.Load(os.DirFS(dir))
	must(d.t, err)
	return cfg
}

func TestStages(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	for _, name := range []string{"Ann", "Bob", "Cy", "Dee"} {
		d.lead(person(name))
	}
	d.handedOff(1, nil)
	d.tally()
	page := d.as(access.SDR).get("/desk/stages")
	page.mustHold(t, 200, "4 leads on the way", "Handed off", "<strong>1</strong> <small class=\"quiet\">25 % of 4</small>", "75 % of 4",
		"Sales reads the dossier and accepts or rejects within two business days", "A cadence has begun", "<strong>Open with why you call</strong>")
	mustBeHard(t, page)
	if got := strings.Count(page.body, "What helps"); got != len(config.Stages()) {
		t.Errorf("%d stages", got)
	}
	aid, err := markdown("<script>alert(1)</script>\n\n[x](javascript:alert) **b** <b onclick=x>")
	must(t, err)
	if strings.Contains(string(aid), "<script") || strings.Contains(string(aid), "onclick") || strings.Contains(string(aid), "javascript:") || !strings.Contains(string(aid), "<strong>b</strong>") {
		t.Errorf("%s", aid)
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, of int
		want  string
	}{{0, 0, ""}, {0, 5, "0 %"}, {1, 3, "33.3 %"}, {3, 3, "100 %"}, {1, 2000, "< 0.1 %"}, {1, 20, "5 %"}} {
		if got := (rate{N: c.n, Of: c.of}).Percent(); got != c.want {
			t.Errorf("%d of %d: %q, want %q", c.n, c.of, got, c.want)
		}
	}
}

func TestRulesInWords(t *testing.T) {
	t.Parallel()
	plan := cadence.Plan{Then: cadence.Ending{Move: &cadence.Move{To: "long-game"}}}
	week := calendar.Delay{Days: 7}
	for want, rule := range map[string]cadence.Rule{
		"goes on": {Flow: cadence.FlowContinue},
		"pauses until the date of return, without one for 7 days":               {Flow: cadence.FlowPause, Until: cadence.ReturnDate, Else: week},
		"pauses until a person lets it go on":                                   {Flow: cadence.FlowPause},
		"tries the step again after 7 days":                                     {Flow: cadence.FlowRetry, RetryAfter: week},
		"ends here; the lead leaves nurture (opted out); never contacted again": {Flow: cadence.FlowFinish, End: cadence.EndOptedOut, Suppress: cadence.SuppressAll},
		"ends here; then as at the end":                                         {Flow: cadence.FlowFinish},
		"moves to long-game after 7 days":                                       {Flow: cadence.FlowMove, Else: week},
		"moves to other at the date that the lead named":                        {Flow: cadence.FlowMove, Move: &cadence.Move{To: "other", Until: cadence.StatedDate}},
		"goes on; never mailed again after 3 in a row":                          {Suppress: cadence.SuppressEmail, SuppressAfter: 3},
		"goes on; the number is marked as wrong":                                {InvalidatePhone: true},
	} {
		if got := ruleWords(rule, plan); got != want {
			t.Errorf("%+v: %q, want %q", rule, got, want)
		}
	}
}

func TestLineOfTime(t *testing.T) {
	t.Parallel()
	mail := func(key string, after int) cadence.Step {
		return cadence.Step{Key: key, Kind: cadence.StepEmail, After: calendar.Delay{Days: after}}
	}
	l := drawLine(cadence.Plan{Steps: []cadence.Step{
		mail("a", 0),
		{Key: "fork", Kind: cadence.StepBranch, Branches: []cadence.Branch{{Goto: "b"}, {Goto: "c"}, {Goto: cadence.GotoEnd}}},
		mail("b", 1), mail("c", 60), mail("a-name-that-is-too-long-to-draw", 2),
	}})
	for i, s := range l.Steps {
		if i > 0 && s.X-l.Steps[i-1].X < lineGap || s.X > l.Width || l.End > l.Width {
			t.Errorf("step %d at %d of %d", i, s.X, l.Width)
		}
	}
	if l.Days != 63 || len(l.Arcs) != 2 || l.Steps[3].Day != "day 61" || len([]rune(l.Steps[4].Name)) > 15 {
		t.Errorf("%+v", l)
	}
	if one := drawLine(cadence.Plan{Steps: []cadence.Step{mail("a", 0)}}); one.Days != 0 || len(one.Steps) != 1 {
		t.Errorf("%+v", one)
	}
}
