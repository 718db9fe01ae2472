package desk

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
	"nurture/internal/access"
	"nurture/internal/leadfile"
	"nurture/jobs"
	"nurture/store"
)

func TestLeadList(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.Ops)
	b.get("/desk/leads").mustHold(t, 200, "There are no leads yet")
	d.lead(ann)
	for i := range leadsShown + 5 {
		d.lead(leadfile.Lead{Email: fmt.Sprintf("p%d@works.example", i), FirstName: "Pat", LastName: fmt.Sprintf("Number%d", i), Account: leadfile.Account{Name: "Works GmbH"}})
	}
	a := b.get("/desk/leads")
	a.mustHold(t, 200, "Pat Number54", `data-label="Company"`, "before=")
	a.mustLack(t, "Ann Lee")
	for _, search := range []string{"ann", "LEE+an", "ann%40buyer", "acm", "%2B49+30+12340001", "plant"} {
		found := strings.Contains(b.get("/desk/leads?q="+search).body, "Ann Lee")
		if want := search != "plant"; found != want {
			t.Errorf("%q finds Ann: %t", search, found)
		}
	}
	for _, search := range []string{"nobody", "%27+%7C+%21%21+%3A%2A", "%00"} {
		a := b.get("/desk/leads?q=" + search)
		if a.status != 200 {
			t.Errorf("%q: status %d", search, a.status)
		}
	}
	b.get("/desk/leads?q=nobody").mustHold(t, 200, "Nobody fits")
	b.get("/desk/leads?q=works&before=40").mustHold(t, 200, "Pat Number")
}

func TestLeadPage(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	task, lead := d.callOf()
	b := d.as(access.Sales)
	b.get(leadPath(lead)).mustHold(t, 200, "Ann Lee", "<bdi>Plant manager</bdi>, <bdi>Acme</bdi>", "Next: task", "Not weighed yet", "Nothing has happened yet", "Confirm")
	b.get(leadPath(lead)).mustLack(t, taskPath(task, ""), "Erase for ever", "Move to another cadence")
	d.as(access.SDR).get(leadPath(lead)).mustHold(t, 200, taskPath(task, ""))
	b.get(leadPath(999999)).mustHold(t, 404, "There is nothing here")

	must(t, d.engine.CompleteTask(t.Context(), jobs.TaskOutcome{
		TaskID: task, By: "sdr@example.com", Disposition: cadence.Connected, Notes: "wants May",
		Answers: map[string]string{"people_to_train": "12"}, Words: map[string]string{"people_to_train": "a dozen"},
	}))
	b.get(leadPath(lead)).mustHold(t, 200, "People to train", "12", "human confirmed", "a dozen", "Connected", "wants May", "recorded by sdr@example.com")

	h := d.handedOff(lead, nil)
	link := fmt.Sprintf(`<a href="%s">Handoff %d</a> is offered`, handoffPath(h), h)
	b.get(leadPath(lead)).mustHold(t, 200, link)
	d.as(access.SDR).get(leadPath(lead)).mustLack(t, "<a href=\""+handoffPath(h)) // who cannot read it
}

// Answers read as in the dossier, and a stage that is its own reason is said once.
func TestAnswersAndEndsReadWell(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	_, lead := d.callOf()
	var facts []store.LeadFact
	for key, value := range map[string]string{"funding": "training_budget", "months_to_decision": "3", "callback_at": "2026-03-20T10:00", "competition": "an in_house course"} {
		facts = append(facts, store.LeadFact{LeadID: lead, Fact: uld.Fact{Criterion: key, Value: predicate.Text(value), Class: uld.HumanConfirmed, By: "sdr@example.com", At: morning}})
	}
	must(t, store.InsertImportedFacts(t.Context(), d.pool, facts))
	task := d.task(store.Task{LeadID: lead, Owner: "sdr@example.com", Title: "Call back"})
	b := d.as(access.SDR)
	for _, path := range []string{leadPath(lead), taskPath(task, "")} {
		b.get(path).mustHold(t, 200, "<strong>training budget</strong>", "<strong>3 months</strong>", "<strong>20 Mar 2026 10:00, the lead&#39;s local time</strong>", "<strong>an in_house course</strong>")
	}
	verdict := uld.Verdict{Outcome: uld.Nurture, Because: "the criterion major_hazards is open", At: morning, Criteria: []uld.Finding{
		{Criterion: "driver", State: uld.Missing, Why: "there is no answer yet", Flip: "answer one of new_rules, new_site"},
	}}
	_, err := store.InsertVerdicts(t.Context(), d.pool, "test", []store.NewVerdict{{LeadID: lead, Verdict: verdict}})
	must(t, err)
	b.get(leadPath(lead)).mustHold(t, 200, "The criterion major hazards is open", "Would flip: answer one of new rules, new site")
	d.exec(`UPDATE leads SET stage = 'disqualified', end_reason = 'disqualified'`)
	for _, path := range []string{leadPath(lead), "/desk/leads"} {
		if page := b.get(path); strings.Count(page.body, ">disqualified<") != 1 {
			t.Errorf("%s says it %d times", path, strings.Count(page.body, ">disqualified<"))
		}
	}
	d.exec(`UPDATE leads SET end_reason = 'not_interested'`)
	b.get("/desk/leads").mustHold(t, 200, ">disqualified<", ">not interested<")
}

func TestOrders(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	lead := d.lead(ann)
	b := d.as(access.Admin)
	b.post(leadPath(lead)+"/pause").mustHold(t, 409, "Not possible", "in no cadence")
	page := b.get(leadPath(lead))
	page.mustHold(t, 200, "Put into a cadence")
	page.mustLack(t, "Move to another cadence")
	b.post(leadPath(lead)+"/enroll", "cadence", "nowhere").mustHold(t, 422, "No such cadence", "live are")
	b.post(leadPath(lead)+"/enroll", "cadence", "").mustHold(t, 422, "Choose a cadence.")
	d.as(access.SDR).post(leadPath(lead)+"/enroll", "cadence", "first-seven").mustLead(t, leadPath(lead))
	page = d.as(access.SDR).get(leadPath(lead))
	page.mustHold(t, 200, "first-seven, version 1")
	page.mustLack(t, "Put into a cadence", "Move to another cadence")
	b.post(leadPath(lead)+"/enroll", "cadence", "long-game").mustHold(t, 409, "already enrolled")
	b.post(leadPath(lead)+"/move", "cadence", "nowhere").mustHold(t, 422, "No such cadence", "live are")
	b.post(leadPath(lead)+"/move", "cadence", "").mustHold(t, 422, "Choose a cadence.")
	b.post(leadPath(lead)+"/move", "cadence", "long-game").mustLead(t, leadPath(lead))
	b.get(leadPath(lead)).mustHold(t, 200, "Moved to long-game.", "long-game, version 1")
	b.post(leadPath(lead)+"/pause", "own", "2026-03-09T09:00").mustLead(t, leadPath(lead))
	b.get(leadPath(lead)).mustHold(t, 200, "the pause ends", "A person ordered it.", "Resume the cadence")
	b.post(leadPath(lead)+"/pause", "own", "soon").mustHold(t, 422, "Until when?")
	b.post(leadPath(lead)+"/pause", "own", "2020-01-01").mustHold(t, 422, "Until when?")
	b.post(leadPath(lead)+"/resume").mustLead(t, leadPath(lead))
	b.get(leadPath(lead)).mustLack(t, "Resume the cadence")
	b.post(leadPath(lead)+"/pause").mustLead(t, leadPath(lead))

	b.post(leadPath(lead)+"/suppress", "scope", "nonsense").mustHold(t, 422, "Nothing to suppress")
	b.post(leadPath(lead)+"/suppress", "scope", "phone").mustLead(t, leadPath(lead))
	a := b.get(leadPath(lead))
	a.mustHold(t, 200, "no calls")
	a.mustLack(t, "tel:")

	b.post(leadPath(lead)+"/erase", "confirm", "yes").mustHold(t, 422, "Not erased")
	b.post(leadPath(lead)+"/erase", "confirm", "erase").mustLead(t, "/desk/leads")
	b.get(leadPath(lead)).mustHold(t, 404, "There is nothing here")
	deeds, err := store.Deeds(t.Context(), d.pool, "admin@example.com", 0, 1)
	must(t, err)
	if deeds[0].Action != "POST /desk/leads/{id}/erase" || deeds[0].Object != itoa(lead) || deeds[0].Outcome != store.DeedDone {
		t.Errorf("the log holds %+v", deeds[0])
	}
	for _, path := range []string{"/pause", "/resume", "/move", "/erase"} {
		if a := b.post(leadPath(lead)+path, "confirm", "erase", "cadence", "long-game"); a.status != 404 && a.status != 409 {
			t.Errorf("%s of a lead that is gone: %d", path, a.status)
		}
	}
}

// A long story is shown in parts, and what was said at length in full when asked for.
func TestLongTimeline(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	lead := d.lead(ann)
	var inputs []jobs.ResponseInput
	long := strings.Repeat("word ", saidShown/5) + "and the end"
	for i := range timelineShown + 3 {
		said := fmt.Sprintf("https://seller.example/%d", i)
		if i == 2 {
			said = long
		}
		inputs = append(inputs, jobs.ResponseInput{LeadID: lead, Kind: cadence.Click, Source: "mail", ExternalID: fmt.Sprint(i), Said: said, At: morning.Add(time.Duration(-i) * time.Hour)})
	}
	_, err := d.engine.Respond(t.Context(), inputs)
	must(t, err)
	b := d.as(access.Marketer)
	first := b.get(leadPath(lead))
	first.mustHold(t, 200, fmt.Sprintf("1 to %d of %d", timelineShown, timelineShown+3), "Next page", "all of it")
	first.mustLack(t, "First page", "and the end")
	if n := strings.Count(first.body, "seller.example/"); n != timelineShown-1 {
		t.Errorf("%d lines are shown first", n)
	}
	rest := b.get(leadPath(lead) + fmt.Sprintf("?from=%d", timelineShown))
	rest.mustHold(t, 200, "First page", fmt.Sprintf("seller.example/%d", timelineShown+2))
	rest.mustLack(t, "Next page", "seller.example/0<")
	b.get(leadPath(lead)+"?from=9999").mustHold(t, 200, fmt.Sprintf("seller.example/%d", timelineShown+2))
	_, unfolded, _ := strings.Cut(first.body, "?whole=")
	unfolded, _, _ = strings.Cut(unfolded, "#")
	b.get(leadPath(lead)+"?whole="+unfolded).mustHold(t, 200, "and the end")
}

// Of many answers a lead's page shows those in force and the latest of the earlier ones, and counts the rest.
func TestManyAnswers(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	lead := d.lead(ann)
	d.exec(`INSERT INTO facts (lead_id, criterion, value, class, by, at, words) SELECT $1, 'people_to_train', to_jsonb(n), 3, 'sdr@example.com', $2::timestamptz + n * interval '1 minute', 'said ' || n || ' times'
		FROM generate_series(1, $3::int) n`, lead, morning, earlierShown+4)
	page := d.as(access.Marketer).get(leadPath(lead))
	page.mustHold(t, 200, fmt.Sprintf("<strong>%d</strong>", earlierShown+4), fmt.Sprintf("%d earlier answers", earlierShown), "And 3 older ones.", "said 4 times")
	page.mustLack(t, "said 3 times")
}

// A search finds the newest first, however many fit and however far back they are.
func TestSearchAmongMany(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	d.exec(`INSERT INTO accounts (key, name, domain, created_at) SELECT 'firm-' || n, CASE WHEN n % 40 = 0 THEN 'Hafnia Polymers' ELSE 'Other' END, 'firm-' || n || '.example', $1
		FROM generate_series(1, 1000) n`, morning)
	d.exec(`INSERT INTO leads (key, email, first_name, last_name, account_id, created_at, updated_at)
		SELECT 'number-' || n, 'mail.' || n || '@firm-' || n || '.example', CASE WHEN n <= 60 THEN 'Maximiliane' WHEN n = 3001 THEN 'Ann' WHEN n % 30 = 0 THEN 'Anna' ELSE 'Ben' END,
			'Number' || n, a.id, $1, $1 FROM generate_series(1, 4000) n JOIN accounts a ON a.key = 'firm-' || 1 + n % 1000 ORDER BY n`, morning)
	d.exec(`INSERT INTO words_due (lead_ids, account_ids) SELECT (SELECT array_agg(id) FROM leads), (SELECT array_agg(id) FROM accounts)`)
	_, err := store.WriteWords(t.Context(), d.pool, 10_000)
	must(t, err)
	b := d.as(access.Marketer)
	names := func(query string) (found []int) {
		t.Helper()
		for _, part := range strings.Split(b.get("/desk/leads?"+query).body, "<strong>")[1:] {
			var first string
			var n int
			name, _, _ := strings.Cut(part, "<")
			if _, err := fmt.Sscanf(name, "%s Number%d", &first, &n); err == nil { // and not who looks
				found = append(found, n)
			}
		}
		return found
	}
	for _, c := range []struct {
		query       string
		first, last int
		n           int
	}{
		{"q=anna", 3990, 2520, leadsShown},        // all of a page within what is gone through
		{"q=max", 60, 11, leadsShown},             // beyond it
		{"q=anna+number3", 3990, 300, 38},         // two words
		{"q=ann+number3", 3001, 3001, 1},          // the first is one that somebody has
		{"q=an+number3", 3990, 300, 39},           // nobody has, and so it begins one
		{"q=hafnia", 3999, 2039, leadsShown},      // a company
		{"q=hafnia+poly", 3999, 2039, leadsShown}, //
		{"q=mail.77@firm-77.example", 77, 77, 1},  // a whole address
		{"q=mail.7@firm-7.exam", 7, 7, 1},         // one that is still typed: 7 is not 77
		{"q=number-1234", 1234, 1234, 1},          // a key
		{"q=nobody", 0, 0, 0},                     //
		{"q=%20", 4000, 3951, leadsShown},         // nothing
		{"q=hafnia&before=100", 79, 39, 2},        // below an id, by the order in which they were stored
		{"q=anna&before=100", 90, 90, 1},          //
		{"q=ann+number&before=100", 0, 0, 0},      // somebody has the first: no others follow in the next part
		{"q=an+number&before=100", 90, 90, 1},     // nobody has
	} {
		found := names(c.query)
		if len(found) != c.n || c.n > 0 && (found[0] != c.first || found[len(found)-1] != c.last) || !slices.IsSortedFunc(found, func(a, b int) int { return b - a }) {
			t.Errorf("%s finds %v", c.query, found)
		}
	}
}

// TestLeadPageTellsWhatTimeBrings: when the lead is weighed again by time alone, what comes of it, and afterwards that it was time.
func TestLeadPageTellsWhatTimeBrings(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	lead := d.lead(ann)
	b := d.as(access.SDR)
	fact := uld.Fact{Criterion: "months_to_decision", Value: predicate.Number(14), Class: uld.HumanConfirmed, By: "sdr@example.com", At: morning}
	_, err := store.InsertFacts(t.Context(), d.pool, []store.LeadFact{{LeadID: lead, Fact: fact}})
	must(t, err)
	verdict := uld.Verdict{Outcome: uld.Nurture, Readiness: uld.LongTerm, Because: "the decision is 14 months away", At: morning}
	_, err = store.InsertVerdicts(t.Context(), d.pool, "test", []store.NewVerdict{{LeadID: lead, Verdict: verdict, Reason: uld.ByTime}})
	must(t, err)
	b.get(leadPath(lead)).mustLack(t, "Weighed again")
	must(t, store.SaveTurns(t.Context(), d.pool, []store.LeadTurn{{LeadID: lead, At: morning.AddDate(0, 8, 0)}}))
	b.get(leadPath(lead)).mustHold(t, 200, "Weighed again by time alone", "nurture, near term", "Weighed, by time alone: nurture, long term")
}
