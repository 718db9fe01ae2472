package desk

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"nurture/internal/access"
	"nurture/internal/leadfile"
	"nurture/internal/provenance"
	"nurture/jobs"
	"nurture/store"
)

// says has a source say something of a lead's title, and of its account where it has one.
func (d *desktop) says(kind provenance.Kind, source, lead, title string, asOf time.Time) {
	d.t.Helper()
	_, err := d.engine.ChangeFields(d.t.Context(), jobs.FieldChange{
		Lead: lead, Kind: kind, Source: source, AsOf: asOf, Person: map[string]string{"title": title},
	})
	must(d.t, err)
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.Marketer)
	b.get("/desk/coverage").mustHold(t, 200, "There are no leads yet", "Not counted yet")
	d.lead(leadfile.Lead{Email: "ann@buyer.example", FirstName: "Ann", Source: "fair", Account: leadfile.Account{Name: "Acme"}})
	d.lead(leadfile.Lead{Email: "bob@buyer.example", FirstName: "Bob", Source: "webinar", Fields: map[string]string{"shoe_size": "44"}})
	d.says(provenance.Enrichment, "acme <b>data</b>", "ann@buyer.example", "CTO", morning.AddDate(-2, 0, 0))
	counted, err := d.engine.Tally(t.Context())
	if err != nil || !counted {
		t.Fatal(counted, err)
	}
	a := b.get("/desk/coverage")
	a.mustHold(t, 200, "What is known of all 2 leads", "Company industry", "Shoe size", "vendor acme &lt;b&gt;data&lt;/b&gt;", "an import", `<option value="fair">fair</option>`, `class="quiet">2 Mar 2024</td>`,
		`<strong>50 %</strong> <small class="quiet">1 of 2</small>`)
	a.mustLack(t, "<b>data", "There are no leads")
	b.get("/desk/coverage?source=webinar").mustHold(t, 200, "What is known of these 1 leads", `<option value="webinar" selected>webinar</option>`)
	b.get("/desk/coverage?source=webinar").mustLack(t, "vendor acme")
	b.get("/desk/coverage?stage=won").mustHold(t, 200, "No such leads")
	b.get("/desk/coverage?stage=%22%3E%3Cscript%3E").mustHold(t, 200, "No such leads")
	b.get("/desk/coverage?stage=%ff&source=a%00b").mustHold(t, 200, "No such leads")
}

var proposalID = regexp.MustCompile(`name="proposal" value="(\d+)"`)

// TestFieldsOfALead: each with its source and date, old ones marked; people correct them, and decide on what is said against their word.
func TestFieldsOfALead(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	const attack = `"><script>alert(1)</script>`
	lead := d.lead(leadfile.Lead{Email: "ann@buyer.example", FirstName: "Ann", City: "Bonn", Account: leadfile.Account{Name: "Acme", Domain: "buyer.example"}})
	d.says(provenance.Enrichment, attack, "ann@buyer.example", attack, morning.AddDate(-2, 0, 0))
	sdr := d.as(access.SDR)
	page := sdr.get(leadPath(lead))
	page.mustHold(t, 200, "What is known", "vendor &#34;&gt;&lt;script&gt;", `<time datetime="2024-03-02T09:00:00Z" title="Saturday 2 March 2024`, "a year old or more", `<option value="account.industry">Company industry</option>`)
	page.mustLack(t, "<script>alert")
	d.as(access.Sales).get(leadPath(lead)).mustLack(t, "Correct a field")

	sdr.post(leadPath(lead)+"/fields", "field", "title", "value", " Plant manager ").mustLead(t, leadPath(lead))
	sdr.post(leadPath(lead)+"/fields", "field", "account.employees", "value", "250").mustLead(t, leadPath(lead))
	sdr.get(leadPath(lead)).mustHold(t, 200, "Plant manager", "250", "<bdi>sdr@example.com</bdi>, ")
	for _, c := range [][3]string{
		{"account.employees", "lots", "This is no number of employees: lots"},
		{"title", " ", "not taken away"},
		{"stage", "won", "There is no such field"},
		{"", "x", "There is no such field"},
		{"account.stage", attack, "There is no such field"},
	} {
		a := sdr.post(leadPath(lead)+"/fields", "field", c[0], "value", c[1])
		a.mustHold(t, 422, c[2])
		a.mustLack(t, "<script>alert")
	}
	sdr.post(leadPath(999999)+"/fields", "field", "title", "value", "x").mustHold(t, 404, "There is nothing here")

	// A vendor says otherwise: a person decides, once.
	d.says(provenance.Enrichment, "acme", "ann@buyer.example", attack, morning)
	d.says(provenance.Enrichment, "acme", "ann@buyer.example", "VP", morning)
	page = sdr.get(leadPath(lead))
	page.mustHold(t, 200, "not taken", "on record is <bdi>Plant manager</bdi>", "<strong>VP</strong>")
	page.mustLack(t, "<script>alert")
	ids := proposalID.FindAllStringSubmatch(page.body, -1)
	if len(ids) != 2 {
		t.Fatalf("proposals %v", ids)
	}
	d.as(access.Sales).get(leadPath(lead)).mustLack(t, `name="decide"`)
	other := d.lead(leadfile.Lead{Email: "bob@elsewhere.example"})
	sdr.post(leadPath(other)+"/proposals", "proposal", ids[0][1], "decide", "take").mustHold(t, 409, "decided already")
	sdr.post(leadPath(lead)+"/proposals", "proposal", ids[0][1]).mustHold(t, 422, "Take it or not?")
	sdr.post(leadPath(lead)+"/proposals", "proposal", ids[0][1], "decide", "decline").mustLead(t, leadPath(lead))
	sdr.get(leadPath(lead)).mustHold(t, 200, "Declined: it is not asked again", "Plant manager")
	sdr.post(leadPath(lead)+"/proposals", "proposal", ids[1][1], "decide", "take").mustLead(t, leadPath(lead))
	sdr.post(leadPath(lead)+"/proposals", "proposal", ids[1][1], "decide", "take").mustHold(t, 409, "decided already")
	sdr.post(leadPath(lead)+"/proposals", "proposal", "x", "decide", "take").mustHold(t, 409, "decided already")
	after := sdr.get(leadPath(lead))
	after.mustHold(t, 200, "VP")
	after.mustLack(t, `name="decide"`)
	found, err := store.FindLead(t.Context(), d.pool, "ann@buyer.example")
	must(t, err)
	if found.Title != "VP" {
		t.Errorf("title %q", found.Title)
	}
}

// TestFieldsAreBounded: a lead with as many long fields as there may be has a page that opens quickly.
func TestFieldsAreBounded(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	own := map[string]string{}
	for i := range 150 {
		own[fmt.Sprintf("f%d", i)] = strings.Repeat(`<">&`, 1000)
	}
	lead := d.lead(leadfile.Lead{Email: "ann@buyer.example", Fields: own})
	d.says(provenance.Person, "ana@example.com", "ann@buyer.example", "CTO", morning)
	for i := range 60 {
		d.says(provenance.API, strings.Repeat("n", 300), "ann@buyer.example", fmt.Sprint(i)+strings.Repeat(`"<`, 200), morning)
	}
	counted, err := d.engine.Tally(t.Context())
	if err != nil || !counted {
		t.Fatal(counted, err)
	}
	b := d.as(access.Admin)
	for _, path := range []string{leadPath(lead), "/desk/coverage"} {
		a := b.get(path)
		a.mustHold(t, 200)
		if len(a.body) > mostBytes {
			t.Errorf("%s weighs %d bytes", path, len(a.body))
		}
	}
	b.get(leadPath(lead)).mustHold(t, 200, "more fields: nurture leads show")
}
