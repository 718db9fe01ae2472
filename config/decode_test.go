package config

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

// good loads an archive of testdata/good.
func good(t *testing.T, name string) *Config {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", "good", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := load(t, overlay(archive))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// equal fails the test when got is not want.
func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func leaf(field string, op predicate.Op, args ...predicate.Value) predicate.Predicate {
	return predicate.Predicate{Field: field, Op: op, Args: args}
}

func TestPlanAudience(t *testing.T) {
	t.Parallel()
	plan := good(t, "every-step").Plans["first"]
	text, number := predicate.Text, predicate.Number
	want := predicate.Predicate{All: []predicate.Predicate{
		{All: []predicate.Predicate{
			leaf("lead.stage", predicate.In, text("inquiry"), text("recycled")),
			{Any: []predicate.Predicate{
				leaf("consent.email", predicate.Is, predicate.Bool(true)),
				leaf("lead.fields.newsletter", predicate.Is, text("yes")),
			}},
		}},
		{Not: &predicate.Predicate{Any: []predicate.Predicate{
			leaf("account.employees", predicate.AtMost, number(9)),
			leaf("lead.country", predicate.In, text("FR"), text("US")),
		}}},
		leaf("facts.company_size", predicate.Between, number(10), number(5000)),
		leaf("facts.company_size", predicate.Known, predicate.Bool(true)),
		leaf("facts.driver", predicate.In, text("audit"), text("growth")),
		leaf("lead.fields.signed", predicate.AtLeast, number(3)),
	}}
	equal(t, "audience", plan.Audience, want)
	equal(t, "intake", plan.IntakePerDay, 50)
}

func TestPlanSteps(t *testing.T) {
	t.Parallel()
	plan := good(t, "every-step").Plans["first"]
	monday := calendar.Window{}
	monday.Hours[time.Monday] = calendar.Span{From: 9 * 60, To: 17 * 60}
	one := func(template string) []cadence.Variant { return []cadence.Variant{{Template: template}} }
	equal(t, "steps", plan.Steps, []cadence.Step{
		{
			Key: "intro", Kind: cadence.StepEmail, Tries: 1, Window: &monday,
			Variants: []cadence.Variant{{Name: "a", Template: "intro"}, {Name: "b", Template: "news"}},
		},
		{Key: "wait-2", Kind: cadence.StepWait, Tries: 1, After: calendar.Delay{Days: 2}},
		{Key: "split", Kind: cadence.StepBranch, Tries: 1, Branches: []cadence.Branch{
			{Goto: "talk", When: predicate.Predicate{All: []predicate.Predicate{
				leaf("last.response", predicate.In, predicate.Text("interested"), predicate.Text("question")),
				leaf("cycle.attempts", predicate.AtMost, predicate.Number(3)),
			}}},
			{Goto: "end"},
		}},
		{Key: "hello", Kind: cadence.StepVoicemail, Variants: one("hello"), Tries: 2, After: calendar.Delay{Hours: 36}},
		{
			Key: "talk", Kind: cadence.StepCall, Variants: one("discovery"), Tries: 3, After: calendar.Delay{BusinessDays: 1},
			Within: calendar.Delay{Hours: 4}, Overdue: cadence.OverdueKeep,
		},
		{
			Key: "by-hand", Kind: cadence.StepManualEmail, Variants: one("discovery"), Tries: 1,
			Within: calendar.Delay{BusinessDays: 1}, Overdue: cadence.OverdueFinish,
		},
		{Key: "news", Kind: cadence.StepEmail, Variants: one("news"), Tries: 1},
		{Key: "email-news", Kind: cadence.StepEmail, Variants: one("news"), Tries: 1},
	})
}

func TestPlanRules(t *testing.T) {
	t.Parallel()
	plan := good(t, "every-step").Plans["first"]
	hours, business := func(n int) calendar.Delay { return calendar.Delay{Hours: n} }, func(n int) calendar.Delay {
		return calendar.Delay{BusinessDays: n}
	}
	want := cadence.DefaultRules()
	want[cadence.OutOfOffice] = cadence.Rule{Flow: cadence.FlowPause, Until: cadence.ReturnDate, Else: business(5)}
	want[cadence.Reply] = cadence.Rule{Flow: cadence.FlowPause, Else: business(3), Task: cadence.TaskTriage, TaskWithin: hours(2)}
	want[cadence.NotNow] = cadence.Rule{
		Flow: cadence.FlowMove, Suppress: cadence.SuppressPhone,
		Move: &cadence.Move{To: "long", Until: cadence.StatedDate, Else: calendar.Delay{Days: 90}},
	}
	want[cadence.Interested] = cadence.Rule{Flow: cadence.FlowFinish, Task: cadence.TaskCall}
	want[cadence.NotInterested] = cadence.Rule{Flow: cadence.FlowFinish, End: cadence.EndNotInterested}
	want[cadence.Busy] = cadence.Rule{Flow: cadence.FlowRetry, RetryAfter: hours(3)}
	want[cadence.Gatekeeper] = cadence.Rule{Flow: cadence.FlowContinue, InvalidatePhone: true}
	want[cadence.Click] = cadence.Rule{Flow: cadence.FlowResume}
	want[cadence.HandoffRejected] = cadence.Rule{Flow: cadence.FlowMove, Move: &cadence.Move{To: "long"}}
	equal(t, "rules", plan.OnResponse, want)
	equal(t, "account", plan.Account, cadence.AccountPolicy{Do: cadence.AccountPause, Pause: calendar.Delay{Days: 14}})
	equal(t, "then", plan.Then, cadence.Ending{Move: &cadence.Move{To: "long", Else: calendar.Delay{Days: 30}}})
	equal(t, "budget", plan.Budget, 12)
	equal(t, "window", plan.Window.String(), "mon-thu 09:00-17:00; fri 09:00-14:00")
}

// TestUsualRulesStay checks that what the law asks for cannot be configured away.
func TestUsualRulesStay(t *testing.T) {
	t.Parallel()
	c, err := load(t, map[string][]byte{"cadences/first.yaml": append(baseFiles(t)["cadences/first.yaml"],
		"on_response:\n  unsubscribe: { finish: true }\n  wrong_number: { finish: true }\n  do_not_call: { finish: true, suppress: all }\n"...)})
	if err != nil {
		t.Fatal(err)
	}
	rules := c.Plans["first"].OnResponse
	equal(t, "unsubscribe", rules[cadence.Unsubscribe],
		cadence.Rule{Flow: cadence.FlowFinish, Suppress: cadence.SuppressAll, End: cadence.EndOptedOut})
	equal(t, "wrong_number", rules[cadence.WrongNumber], cadence.Rule{Flow: cadence.FlowFinish, InvalidatePhone: true})
	equal(t, "do_not_call", rules[cadence.DoNotCall],
		cadence.Rule{Flow: cadence.FlowFinish, Suppress: cadence.SuppressAll, End: cadence.EndOptedOut})
}

func TestPlanDefaults(t *testing.T) {
	t.Parallel()
	c := good(t, "base")
	plan := c.Plans["long"]
	equal(t, "intake without audience", plan.IntakePerDay, -1)
	equal(t, "term", plan.Term, cadence.LongTerm)
	equal(t, "budget", plan.Budget, 7)
	equal(t, "window", plan.Window.String(), "mon-fri 09:00-17:00, not on holidays of lead")
	equal(t, "call hours", plan.CallHours.String(), "every day 08:00-21:00")
	equal(t, "account", plan.Account, cadence.AccountPolicy{Do: cadence.AccountPause, Pause: calendar.Delay{BusinessDays: 5}})
	equal(t, "term of first", c.Plans["first"].Term, cadence.Active)

	c = good(t, "defaults")
	plan = c.Plans["first"]
	equal(t, "own budget", plan.Budget, 9)
	equal(t, "own window", plan.Window.String(), "tue-thu 10:00-16:00, not on holidays of DE-BY, AT")
	equal(t, "own account", plan.Account, cadence.AccountPolicy{Do: cadence.AccountStop})
	equal(t, "accept within", c.Settings.Handoff.AcceptWithin, calendar.Delay{Hours: 8})
	equal(t, "handoff window", c.Settings.Handoff.Window.String(), "mon,wed 09:00-17:00")
}

func TestSettings(t *testing.T) {
	t.Parallel()
	s := good(t, "base").Settings
	equal(t, "senders", s.Senders, []Sender{{Name: "Mara Lindqvist", Email: "mara@example.com", Phone: "+493012345601", DailyCap: 200}})
	equal(t, "sdrs", s.Team.SDRs, []SDR{{Person: Person{"Mara Lindqvist", "mara@example.com"}, Zone: "Europe/Berlin", DailyCalls: 60}})
	equal(t, "reps", s.Team.Reps, []Rep{{Person: Person{"Tomas Novak", "tomas@example.com"}, Cap: 20}})
	equal(t, "manager", s.Team.Manager, Person{"Elena Fischer", "elena@example.com"})
	equal(t, "mail", s.Mail, Mail{}) // nothing is tracked unless somebody says so
	equal(t, "on unknown", s.OnUnknown, AssumeSent)
	equal(t, "accept within", s.Handoff.AcceptWithin, calendar.Delay{BusinessDays: 2})
	if s.SMTP != nil || s.Twilio != nil || s.DatabaseURL != "" {
		t.Errorf("servers without being named: %+v %+v %q", s.SMTP, s.Twilio, s.DatabaseURL)
	}

	s = good(t, "servers").Settings
	equal(t, "mail", s.Mail, Mail{
		Replies: "replies@example.com", Bounces: "bounces@example.com", Unsubscribe: "leave@example.com", TrackClicks: true,
	})
	equal(t, "smtp", s.SMTP, &SMTP{
		Host: "smtp.example.com", Port: 2525, TLS: TLSImplicit, Username: "nurture", Connections: 16, CACert: "ca.pem",
		DKIM: &DKIM{Domain: "example.com", Selector: "nurture1", KeyFile: "keys/dkim.pem"},
	})
	for _, file := range good(t, "servers").Files {
		if strings.HasPrefix(file.Path, "keys/") {
			t.Errorf("%s would be stored with the version", file.Path)
		}
	}
	equal(t, "inboxes", s.Inboxes, []Inbox{
		{Host: "imap.example.com", Port: 993, TLS: TLSImplicit, Username: "replies@example.com", Folder: "INBOX"},
		{Host: "127.0.0.1", Port: 1143, TLS: TLSNone, Username: "bounces", Folder: "Bounces"},
	})
	equal(t, "twilio", s.Twilio, &Twilio{AccountSID: "AC0123456789abcdef0123456789abcdef", BaseURL: "http://127.0.0.1:4010"})
	equal(t, "database", s.DatabaseURL, "postgres://nurture@db.example.com/nurture?sslmode=verify-full")
	equal(t, "on unknown", s.OnUnknown, Ask)

	s = good(t, "plain-local-server").Settings
	equal(t, "smtp", s.SMTP, &SMTP{Host: "127.0.0.1", Port: 25, TLS: TLSNone, Username: "nurture", Connections: 4})

	s = good(t, "comments-and-quotes").Settings
	equal(t, "company", s.Company, Company{
		Name: `Example & Sons: the "best"`, PostalAddress: "Beispielstrasse 1\n10115 Berlin", Website: "https://www.example.com",
	})
}

func TestCallHours(t *testing.T) {
	t.Parallel()
	c := good(t, "compliance")
	for _, test := range []struct{ country, region, want string }{
		{"US", "TX", "mon-sat 09:00-21:00; sun 12:00-21:00"},
		{"US", "NY", "every day 08:00-21:00"},
		{"US", "", "every day 08:00-21:00"},
		{"DE", "BY", "mon-fri 08:00-20:00"},
		{"FR", "", "mon-sat 08:00-20:00"},
		{"", "", "mon-sat 08:00-20:00"},
	} {
		got := c.Settings.Compliance.CallHours(calendar.Place{Country: test.country, Region: test.region})
		equal(t, test.country+"-"+test.region, got.String(), test.want)
	}
	equal(t, "plan", c.Plans["first"].CallHours.String(), "mon-sat 08:00-20:00")
}

func TestDefinition(t *testing.T) {
	t.Parallel()
	text, number := predicate.Text, predicate.Number
	equal(t, "definition", good(t, "definition-in-full").Definition, uld.Definition{
		Key: "course", Title: "Ready for a course", Horizon: 9,
		SelfQualified: uld.SelfQualifiedPolicy{
			Mode: uld.DirectToSales, ReviewedBy: "Elena Fischer", ReviewedOn: time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC),
		},
		Criteria: []uld.Criterion{
			{Key: "site", Dimension: uld.Fit, Question: "Where?", Type: uld.AnswerText, Evidence: uld.Inferred},
			{
				Key: "big", Dimension: uld.Fit, Question: "More than 50 people?", Type: uld.AnswerYesNo, Required: true,
				Accept: leaf("answer", predicate.Is, predicate.Bool(true)), Evidence: uld.SelfAsserted, Disqualifies: true,
			},
			{
				Key: "size", Dimension: uld.Fit, Question: "How many?", Type: uld.AnswerNumber, Required: true, Evidence: uld.HumanConfirmed,
				Accept: predicate.Predicate{Any: []predicate.Predicate{
					leaf("answer", predicate.Between, number(6), number(12)), leaf("answer", predicate.AtLeast, number(50)),
				}},
			},
			{
				Key: "role", Dimension: uld.Authority, Question: "Which part?", Type: uld.AnswerChoice, Required: true,
				Options: []string{"decides", "advises", "none"}, Evidence: uld.HumanConfirmed,
				Accept: predicate.Predicate{Not: &predicate.Predicate{Field: "answer", Op: predicate.In, Args: []predicate.Value{text("none")}}},
			},
			{
				Key: "until", Dimension: uld.TimeFrame, Question: "By when?", Type: uld.AnswerDate, Required: true, Evidence: uld.HumanConfirmed,
				Accept: leaf("answer", predicate.AtMost, predicate.Date(time.Date(2030, 12, 31, 0, 0, 0, 0, time.UTC))),
			},
		},
		Dossier: []uld.DossierItem{{Key: "competition", Title: "Competition", Question: "Who else?"}},
	})
	base := good(t, "base").Definition
	equal(t, "horizon", base.Horizon, 6)
	equal(t, "policy", base.SelfQualified.Mode, uld.VerifyByCall)
	equal(t, "dossier item", base.Dossier[0].Required, true)
}

func TestProcess(t *testing.T) {
	t.Parallel()
	p := good(t, "base").Process
	for _, stage := range Stages() {
		equal(t, string(stage), p.Stages[stage], StageGuide{Activities: []string{"Look"}, ExitCriteria: []string{"Seen"}, JobAid: "Be kind."})
	}
	equal(t, "stages", len(p.Stages), 10)
}

// TestWindowsLineEnds checks that the encoding of a file changes nothing but its hash.
func TestWindowsLineEnds(t *testing.T) {
	t.Parallel()
	unix, windows := good(t, "base"), good(t, "windows-line-ends")
	equal(t, "plans", windows.Plans, unix.Plans)
	if unix.PlanHash["first"] == windows.PlanHash["first"] {
		t.Error("the hash is of the bytes, which differ")
	}
}
