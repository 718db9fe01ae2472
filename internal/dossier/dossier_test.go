package dossier_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"nurture/cadence/uld"
	"nurture/internal/dossier"
	"nurture/store"
)

// html is the page of a dossier.
func html(t testing.TB, d dossier.Dossier) string {
	t.Helper()
	page, err := d.HTML()
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestHistoryIsTheLedger(t *testing.T) {
	t.Parallel()
	for _, in := range []dossier.Input{story(), busy(300)} {
		d := dossier.Build(in)
		var got []int64
		for _, e := range d.History {
			if e.Kind == "touch" {
				got = append(got, e.TouchID)
			}
		}
		var want []int64
		for _, touch := range in.Touches {
			want = append(want, touch.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("touches (-ledger +history)\n%s", diff)
		}
		if len(d.History) != len(in.Touches)+len(in.Responses)+len(in.Stages) {
			t.Errorf("%d entries for %d touches, %d responses and %d stages", len(d.History), len(in.Touches), len(in.Responses), len(in.Stages))
		}
		if !slices.IsSortedFunc(d.History, func(a, b dossier.Entry) int { return a.At.Compare(b.At) }) {
			t.Error("the history is out of order")
		}
		text := d.Markdown()
		if got := strings.Count(text, "email \""); got != strings.Count(html(t, d), "email &#34;") || got == 0 {
			t.Errorf("the text shows %d mails, the page others", got)
		}
	}
}

// At any times and in any order of the tables, each touch is told once, at its time, before what came of it.
func TestHistoryOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var in dossier.Input
		hour := rapid.IntRange(0, 5)
		for i := range rapid.IntRange(0, 8).Draw(t, "touches") {
			touch := store.HistoryTouch{ID: int64(i + 1), PlannedAt: at("03-02 00:00").Add(time.Duration(hour.Draw(t, "planned")) * time.Hour)}
			if rapid.Bool().Draw(t, "sent") {
				touch.State, touch.SentAt = store.TouchSent, ptr(touch.PlannedAt.Add(time.Duration(hour.Draw(t, "later"))*time.Hour))
			}
			in.Touches = append(in.Touches, touch)
		}
		for i := range rapid.IntRange(0, 8).Draw(t, "responses") {
			in.Responses = append(in.Responses, store.Response{ID: int64(i + 1), At: at("03-02 00:00").Add(time.Duration(hour.Draw(t, "at")) * time.Hour)})
		}
		told := map[int64]int{}
		kinds := map[string]int{"touch": 0, "response": 1, "stage": 2}
		history := dossier.Build(in).History
		for i, e := range history {
			if e.Kind == "touch" {
				told[e.TouchID]++
			}
			if i == 0 {
				continue
			}
			before := history[i-1]
			if e.At.Before(before.At) || e.At.Equal(before.At) && kinds[e.Kind] < kinds[before.Kind] {
				t.Fatalf("%+v comes after %+v", e, before)
			}
		}
		for _, touch := range in.Touches {
			if told[touch.ID] != 1 {
				t.Fatalf("touch %d is told %d times", touch.ID, told[touch.ID])
			}
		}
	})
}

func TestEachKnownStatementCitesItsEvidence(t *testing.T) {
	t.Parallel()
	in := story()
	d := dossier.Build(in)
	held, _ := uld.Current(in.Facts)
	text, page := d.Markdown(), html(t, d)
	known := 0
	for _, s := range append(slices.Clone(d.Criteria), d.Items...) {
		f, ok := held[s.Key]
		if !ok {
			if s.Answer != "" || s.Evidence != nil {
				t.Errorf("%s: nobody said %q", s.Key, s.Answer)
			}
			continue
		}
		known++
		want := dossier.Evidence{Class: f.Class.String(), By: f.By, At: f.At, FactID: f.ID, ResponseID: f.ResponseID}
		if s.Answer != f.Value.String() || s.Words != f.Words || s.Evidence == nil || *s.Evidence != want {
			t.Errorf("%s: got %+v with %+v, want %v by %+v", s.Key, s, s.Evidence, f.Value, want)
		}
	}
	if known != 9 || known != strings.Count(text, " 2026 (response 9")+strings.Count(text, " 2026 (imported)") {
		t.Errorf("%d statements are known; citations in the text:\n%s", known, text)
	}
	for _, want := range []string{
		"self asserted, by Jana Novák on 3 Mar 2026 (response 901)",
		"human confirmed, by Sam Reed on 13 Mar 2026 (response 903)", // 23:30 in UTC is the next day in Berlin
		"inferred on 20 Feb 2026 (imported)",
	} {
		if !strings.Contains(text, want) || !strings.Contains(page, want) {
			t.Errorf("not cited: %s", want)
		}
	}
}

func TestTheStrongestEvidenceIsTold(t *testing.T) {
	t.Parallel()
	d := dossier.Build(story())
	for _, c := range d.Criteria {
		if c.Key == "people_to_train" && (c.Answer != "14" || c.State != string(uld.Met)) {
			t.Errorf("got %+v, want what a person confirmed over what was inferred", c)
		}
		if c.Key == "part_in_decision" && (c.State == string(uld.Met) || !strings.Contains(d.Markdown(), "a person must confirm")) {
			t.Errorf("%+v does not say that it is not confirmed", c)
		}
	}
}

func TestMissingItemsAreListed(t *testing.T) {
	t.Parallel()
	d := dossier.Build(blocked())
	want := []string{"funding", "months_to_decision", "budget_process", "pain_points", "competition", "callback_at"}
	if diff := cmp.Diff(want, d.Missing); diff != "" {
		t.Errorf("missing (-want +got)\n%s", diff)
	}
	text, page := d.Markdown(), html(t, d)
	if line := "Still open: funding; months to decision; Budget process; Pain points, in the lead's words; Competition; Agreed callback\n"; !strings.Contains(text, line) {
		t.Errorf("the text does not hold %q", line)
	}
	for _, item := range []string{"<li>funding</li>", "<li>Budget process</li>", "<li>Agreed callback</li>"} {
		if !strings.Contains(page, item) {
			t.Errorf("the page does not hold %s", item)
		}
	}
	if n := strings.Count(text, "** not known"); n != 9 {
		t.Errorf("%d statements are not known, want 9", n)
	}
}

func TestNoneIsAnAnswer(t *testing.T) {
	t.Parallel()
	d := dossier.Build(story())
	if len(d.Missing) != 0 {
		t.Errorf("missing %v, though competition was asked for and is none", d.Missing)
	}
	text, page := d.Markdown(), html(t, d)
	if !strings.Contains(text, "**Competition** none\n") || strings.Contains(text, "Still open") || strings.Contains(page, "Still open") {
		t.Errorf("a complete dossier looks incomplete:\n%s", text)
	}
}

func TestTheLeadsOwnWords(t *testing.T) {
	t.Parallel()
	d := dossier.Build(story())
	text, page := d.Markdown(), html(t, d)
	for _, want := range []string{"“fourteen, and three of them retire next year”", "“before the summer stop”", "“Please send the agenda. Jana”"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text does not quote %s", want)
		}
	}
	if !strings.Contains(page, "<blockquote>fourteen, and three of them\nretire next year</blockquote>") {
		t.Error("the page does not quote the lead")
	}
}

func TestTimesAreInTheDossiersZone(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ zone, written, called, cited string }{
		{"Europe/Berlin", "13 Mar 2026 09:00 (Europe/Berlin)", "- 13 Mar 2026 00:02  call", "by Sam Reed on 13 Mar 2026"},
		{"America/New_York", "13 Mar 2026 04:00 (America/New_York)", "- 12 Mar 2026 19:02  call", "by Sam Reed on 12 Mar 2026"},
		{"", "13 Mar 2026 08:00 (UTC)", "- 12 Mar 2026 23:02  call", "by Sam Reed on 12 Mar 2026"},
		{"Mars/Olympus", "13 Mar 2026 08:00 (UTC)", "- 12 Mar 2026 23:02  call", "by Sam Reed on 12 Mar 2026"},
	} {
		in := story()
		in.Zone = tc.zone
		text := dossier.Build(in).Markdown()
		for _, want := range []string{tc.written, tc.called, tc.cited, "out of office, 12 Mar 2026:"} { // a day is the same day everywhere
			if !strings.Contains(text, want) {
				t.Errorf("%q: no %q in\n%s", tc.zone, want, text)
			}
		}
	}
}

func TestAnswersReadWell(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		s    dossier.Statement
		want string
	}{
		{dossier.Statement{Type: "choice", Answer: "training_budget"}, "training budget"},
		{dossier.Statement{Type: "text", Answer: "the_file_name"}, "the_file_name"},
		{dossier.Statement{Type: "months", Answer: "1"}, "1 month"},
		{dossier.Statement{Type: "months", Answer: "0.5"}, "0.5 months"},
		{dossier.Statement{Key: "callback_at", Answer: "2026-03-17T14:00"}, "17 Mar 2026 14:00, the lead's local time"},
		{dossier.Statement{Key: "callback_at", Answer: "2026-03-17T14:00:00-04:00"}, "17 Mar 2026 19:00 (Europe/Berlin)"},
		{dossier.Statement{Key: "callback_at", Answer: "none"}, "none"},
	} {
		d := dossier.Dossier{Zone: "Europe/Berlin", Criteria: []dossier.Statement{tc.s}}
		if text := d.Markdown(); !strings.Contains(text, "** "+tc.want+"\n") {
			t.Errorf("%+v: want %q in\n%s", tc.s, tc.want, text)
		}
	}
}

func TestWhatIsNotKnownLeavesNoEmptyPlaces(t *testing.T) {
	t.Parallel()
	d := dossier.Build(dossier.Input{Lead: store.Lead{Key: "lead-1"}, Now: at("03-02 08:00")})
	want := "# lead-1\n\nDossier of 2 Mar 2026 08:00 (UTC)\n\n\n## What we agreed a qualified lead is\n\n\n## What sales should know\n\n\n## Everything that happened\n\n"
	if diff := cmp.Diff(want, d.Markdown()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, empty := range []string{`class="because"`, "Company", "Others at"} {
		if strings.Contains(html(t, d), empty) {
			t.Errorf("the page has an empty %s", empty)
		}
	}
}

func TestAStoredDossierShowsTheSame(t *testing.T) {
	t.Parallel()
	for _, in := range []dossier.Input{story(), blocked(), busy(40), {}} {
		built := dossier.Build(in)
		built.Rep = "Rita Okafor"
		stored, err := json.Marshal(built)
		if err != nil {
			t.Fatal(err)
		}
		var read dossier.Dossier
		if err := json.Unmarshal(stored, &read); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(built, read, cmpopts.IgnoreFields(dossier.Dossier{}, "Input"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-built +read)\n%s", diff)
		}
		if read.Markdown() != built.Markdown() || html(t, read) != html(t, built) {
			t.Errorf("the stored dossier of %s reads differently", built.Title())
		}
	}
}

func TestThePageLoadsNothing(t *testing.T) {
	t.Parallel()
	page := html(t, dossier.Build(story()))
	for _, sign := range []string{"src=", "href=", "url(", "@import", "<link", "<script", "<img", "http:", "https:"} {
		if strings.Contains(page, sign) {
			t.Errorf("the page has %s", sign)
		}
	}
}
