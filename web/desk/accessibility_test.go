package desk

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"nurture/internal/access"
	"nurture/internal/leadfile"
	"nurture/internal/provenance"
	"nurture/store"
)

// axe is Deque's accessibility checker, in the version that tools/setup.sh installs.
const axe = "../../tools/node_modules/axe-core/axe.min.js"

// audit has axe look at the page and leaves what it finds, but for trifles, in window.findings.
const audit = `window.findings = null;
axe.run(document, { resultTypes: ["violations"] }).then(
	(r) => { window.findings = r.violations.filter((v) => v.impact !== "minor").map((v) =>
		v.impact + ", " + v.id + ": " + v.nodes.map((n) => n.target.join(" ") + ", " + (n.any[0]?.message ?? n.failureSummary)).join("; ")).join("\n") },
	(e) => { window.findings = "axe failed: " + e });
undefined`

// TestAccessibility: axe finds nothing that is worth mending on any page, light or dark.
func TestAccessibility(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	paths := d.everyPage(t)
	s := d.screens(t, 1)[0]
	s.enter("admin@example.com", "/desk/ops")
	s.mustBeOpenToAll(paths)
}

// mustBeOpenToAll fails for each page in which axe finds something, light or dark.
func (s *screen) mustBeOpenToAll(paths []string) {
	s.t.Helper()
	checker, err := os.ReadFile(axe)
	if err != nil {
		s.t.Fatal("make setup installs axe-core: ", err)
	}
	for _, scheme := range []string{"light", "dark"} {
		_, err := chromedp.Call(s.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		must(s.t, err)
		for _, path := range paths {
			s.open(path)
			s.until(fmt.Sprintf(`document.readyState === "complete" && matchMedia("(prefers-color-scheme: %s)").matches`, scheme))
			s.do(chromedp.Evaluate[chromedp.Void](string(checker)+";undefined"), chromedp.Evaluate[chromedp.Void](audit))
			s.until(`window.findings !== null`)
			if found := s.is(`window.findings`); found != "" {
				s.t.Errorf("%s, %s:\n%s", path, scheme, found)
			}
		}
	}
}

// Nor does it on the login, which nobody sees who is logged in.
func TestTheLoginIsAccessible(t *testing.T) {
	t.Parallel()
	s := newSSO(t)
	b := s.browser()
	b.get(s.walk(b, "/desk/login/oidc")) // so that the provider is known to have a page to log out on
	tab := s.screens(t, 1)[0]
	tab.mustBeOpenToAll([]string{"/desk/login?left", OIDCCallback})
	s.ways.AdminsOnly = true
	tab.mustBeOpenToAll([]string{"/desk/login"})
	s.ways = access.Ways{}
	tab.mustBeOpenToAll([]string{"/desk/login"})
}

// everyPage fills the desk with something of everything, and lists the pages on which an admin sees it.
func (d *desktop) everyPage(t *testing.T) []string {
	t.Helper()
	lead := d.lead(leadfile.Lead{Email: "ann@buyer.example", FirstName: "Ann", LastName: "Lee", Phone: "+493012345678"})
	task := d.task(store.Task{LeadID: lead, Owner: "sdr@example.com", Title: "Call back", DueAt: morning.Add(-time.Minute)})
	d.failed("discarded", "no way")
	_, err := d.desk.accounts.AddToken(t.Context(), "reports", access.Ops, time.Hour, access.Actor{Who: "cli:test"})
	must(t, err)
	must(t, store.InsertReferrals(t.Context(), d.pool, []store.Referral{{LeadID: lead, Name: "Bo", Email: "bo@buyer.example", ProposedAt: morning}}))
	d.exec(`INSERT INTO inbound_mails (source, external_id, digest, sender, subject, kind, why, classification, state, note, received_at)
		VALUES ('test', '1', '\x01', 'somebody@elsewhere.example', 'Hello', 'reply', 'nobody is known', '{}', 'unmatched', '', $1)`, morning)
	for _, kind := range []provenance.Kind{provenance.Person, provenance.Enrichment} { // who contradict each other
		d.says(kind, "somebody", "ann@buyer.example", "Title by "+string(kind), morning)
	}
	_, err = d.engine.Tally(t.Context())
	must(t, err)
	paths := []string{fmt.Sprintf("/desk/tasks/%d?who=all", task), fmt.Sprintf("/desk/leads/%d", lead), "/desk/cadences/first-seven", "/desk/inbox/1"}
	for _, path := range readable(access.Admin) {
		if !strings.Contains(path, "{") {
			paths = append(paths, path)
		}
	}
	return paths
}
