package desk

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nurture/internal/access"
	"nurture/internal/leadfile"
	"nurture/store"
)

var nextPage = regexp.MustCompile(`<a class="button" href="([^"]+)" rel="next">`)

// leaf turns the pages of a list to its end, and gives what an expression's first group finds on each.
func (b *browser) leaf(path string, row *regexp.Regexp) (pages [][]string) {
	b.t.Helper()
	for first := path; path != ""; {
		a := b.get(path)
		a.mustHold(b.t, 200)
		var rows []string
		for _, found := range row.FindAllStringSubmatch(a.body, -1) {
			rows = append(rows, found[1])
		}
		pages = append(pages, rows)
		if path != first {
			a.mustHold(b.t, 200, ">First page</a>")
		}
		if path = ""; len(pages) > 100 {
			b.t.Fatal("the list never ends")
		}
		if next := nextPage.FindStringSubmatch(a.body); next != nil {
			path = html.UnescapeString(next[1])
		}
	}
	return pages
}

// mustLeaf fails unless the pages of a list hold so many rows in all, each once, and at most so many a page.
func (b *browser) mustLeaf(path string, row *regexp.Regexp, total, most int) []string {
	b.t.Helper()
	var all []string
	for i, page := range b.leaf(path, row) {
		if len(page) > most || len(page) == 0 && total > 0 {
			b.t.Errorf("%s: page %d has %d rows, want at most %d", path, i+1, len(page), most)
		}
		all = append(all, page...)
	}
	once := slices.Clone(all)
	slices.Sort(once)
	if len(all) != total || len(slices.Compact(once)) != total {
		b.t.Errorf("%s: %d rows, %d of them different; want %d", path, len(all), len(slices.Compact(once)), total)
	}
	return all
}

// No list is without an end, none loses a row between two pages, and none shows one twice.
func TestLongLists(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	const n = 130
	rows := make([]leadfile.Row, n)
	for i := range rows {
		email := fmt.Sprintf("p%03d@buyer.example", i)
		rows[i] = leadfile.Row{Line: i + 2, Lead: leadfile.Lead{
			Key: email, Email: email, FirstName: "Pat", LastName: fmt.Sprintf("Number%03d", i), Country: "DE",
			Consent: leadfile.Consent{Email: leadfile.Permission{State: leadfile.PermissionGranted}},
		}}
	}
	_, err := d.engine.Import(t.Context(), rows)
	must(t, err)
	lead, err := store.FindLead(t.Context(), d.pool, "p000@buyer.example")
	must(t, err)
	// A mail to each lead is planned; what became of it nobody knows.
	var touches []store.HistoryTouch
	for tick := 0; len(touches) <= shownUnknown; tick++ {
		_, err := d.engine.Tick(t.Context())
		must(t, err)
		d.exec(`UPDATE touches SET state = 'unknown', claimed_at = $1, sent_at = $1`, morning)
		touches, err = store.UnknownTouches(t.Context(), d.pool, 0, 1000)
		must(t, err)
		if tick > 100 {
			t.Fatalf("only %d touches were planned", len(touches))
		}
	}
	d.exec(`INSERT INTO users (email, name, role, created_at) SELECT format('user%s@example.org', to_char(n, 'FM000')), 'Somebody 100% ' || n, 'sdr', $1::timestamptz FROM generate_series(1, $2::int) n`, morning, n)
	d.exec(`INSERT INTO api_tokens (hash, name, role, created_by, created_at, expires_at)
		SELECT decode(lpad(to_hex(n), 64, '0'), 'hex'), 'token' || n, 'ops', 'x', $1::timestamptz, $1::timestamptz + interval '1 year' FROM generate_series(1, $2::int) n`, morning, n)
	d.exec(`INSERT INTO referrals (lead_id, name, email, state, proposed_at) SELECT $3, 'Named' || n, 'n' || n || '@x.example', 'proposed', $1::timestamptz FROM generate_series(1, $2::int) n`, morning, n, lead.ID)
	d.exec(`INSERT INTO inbound_mails (source, external_id, digest, sender, kind, why, classification, state, received_at)
		SELECT 'imap', n::text, decode(lpad(to_hex(n), 64, '0'), 'hex'), 's' || n || '@x.example', 'reply', 'x', '{}', 'unmatched', $1::timestamptz FROM generate_series(1, 2 * $2::int) n`, morning, n)
	d.exec(`INSERT INTO suppressions (hash, channel, reason, created_at) SELECT decode(lpad(to_hex(n), 64, '0'), 'hex'), 'all', 'why' || n % $2::int, $1::timestamptz FROM generate_series(1, 3 * $2::int) n`, morning, n)
	d.exec(`INSERT INTO responses (lead_id, kind, source, external_id, said, at, evaluated_at)
		SELECT $3, 'reply', 'x', n::text, 'said' || n || '.', $1::timestamptz + n * interval '1 minute', $1::timestamptz FROM generate_series(1, $2::int) n`, morning.AddDate(0, 0, -7), n, lead.ID)
	d.exec(`INSERT INTO tasks (lead_id, kind, state, owner, title, why, opened_at, due_at)
		SELECT l.id, (ARRAY['callback', 'triage', 'verify', 'dossier', 'referral'])[m], 'open', 'sdr@example.com', 'x', 'y', $1::timestamptz, $1::timestamptz - m % 7 * interval '1 hour' FROM leads l, generate_series(1, 5) m`, morning)

	b := d.as(access.Admin)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(d.log)
		}
	})
	b.mustLeaf("/desk/leads", regexp.MustCompile(`class="lead" href="(/desk/leads/\d+)"`), n, leadsShown)
	b.mustLeaf("/desk/access", regexp.MustCompile(`<br><span class="quiet">([^<]+@[^<]+)</span>`), n+len(access.Roles), shownUsers)
	b.mustLeaf("/desk/access/tokens", regexp.MustCompile(`<strong>(token\d+)</strong>`), n, shownTokens)
	b.mustLeaf("/desk/inbox/referrals", regexp.MustCompile(`id="r(\d+)"`), n, shownReferrals)
	b.mustLeaf("/desk/inbox", regexp.MustCompile(`href="(/desk/inbox/\d+)"`), 2*n, shownMails)
	b.mustLeaf("/desk/suppressions", regexp.MustCompile(`<td data-label="Reason">(why\d+)<`), n, shownGroups)
	b.get("/desk/suppressions?from=50").mustHold(t, 200, "390 addresses that nobody contacts")
	b.mustLeaf("/desk/queue?tab=due&who=all", regexp.MustCompile(`href="(/desk/tasks/\d+)`), 5*n, shownTasks)
	said := b.mustLeaf(leadPath(lead.ID), regexp.MustCompile(`<blockquote id="said-\d+">said(\d+)\.</blockquote>`), n, timelineShown)
	if said[0] != fmt.Sprint(n) || said[n-1] != "1" {
		t.Errorf("the timeline goes from %s to %s", said[0], said[n-1])
	}

	b.mustLeaf("/desk/ops/unknown", regexp.MustCompile(`, touch (\d+)</span></button><button`), len(touches), shownUnknown)
	for _, path := range []string{
		"/desk/leads", "/desk/access", "/desk/access/tokens", "/desk/inbox/referrals", "/desk/inbox", "/desk/suppressions", "/desk/queue", "/desk/ops/unknown", "/desk/audit", leadPath(lead.ID),
	} { // addresses that somebody changed by hand
		for _, strange := range []string{"?after=999999999&before=999999999&from=999999999", "?after=-1&before=-1&from=-1", "?after=x&before=x&from=x", "?after=99999999999999999999&before=1e9&from=%00"} {
			if a := b.get(path + strange); a.status != 200 && (a.status != 303 || strings.Contains(a.header.Get("Location"), "=9")) {
				t.Errorf("%s%s: status %d to %q", path, strange, a.status, a.header.Get("Location"))
			}
		}
	}
	// Who turned to a page that has come empty is led back.
	for path, key := range map[string]string{
		"/desk/inbox": "after", "/desk/inbox/referrals": "after", "/desk/ops/unknown": "after", "/desk/access": "after", "/desk/access/tokens": "before", "/desk/leads": "before", "/desk/audit": "before",
	} {
		beyond := map[string]string{"after": "999999999", "before": "1"}[key]
		if path == "/desk/access" {
			beyond = "zz"
		}
		b.get(path+"?"+key+"="+beyond).mustLead(t, path)
	}
	b.get("/desk/handoffs?tab=closed&who=all&before=1").mustLead(t, "/desk/handoffs?tab=closed&who=all")
}

// Each user's ways in are shown, and nobody is given a password who could not use it.
func TestUsersLogInBy(t *testing.T) {
	t.Parallel()
	s := newSSO(t)
	b := s.as(access.Admin)
	page := b.get("/desk/access")
	page.mustHold(t, 200, `<td data-label="Logs in by">password</td>`)
	if n := strings.Count(page.body, `/password">`); n != len(access.Roles)-1 {
		t.Errorf("%d users can be given a password, want all but the own", n)
	}
	s.ways.AdminsOnly = true
	page = b.get("/desk/access")
	page.mustHold(t, 200, "Example ID, not yet")
	page.mustLack(t, `/password">`)
}

// What is done on a page of the users leads back there.
func TestUsersAreFound(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.Admin)
	d.exec(`INSERT INTO users (email, name, role, created_at) SELECT format('user%s@example.org', to_char(n, 'FM000')), 'Somebody 100% ' || n, 'sdr', $1::timestamptz FROM generate_series(1, 60) n`, morning)
	b.get("/desk/access?q=SALES").mustHold(t, 200, "sales@example.com", `value="SALES"`)
	b.get("/desk/access?q=SALES").mustLack(t, "ops@example.com", "user001@example.org", "rel=\"next\"")
	b.get("/desk/access?q=100%25+7").mustHold(t, 200, "user007@example.org")
	b.get("/desk/access?q=100%25+7").mustLack(t, "user001@example.org")
	b.get("/desk/access?q=nobody%25").mustHold(t, 200, "Nobody fits")
	b.get("/desk/access?q=0").mustHold(t, 200, "user001@example.org", `href="/desk/access?after=user050%40example.org&amp;q=0"`)
	page := b.get("/desk/access?q=somebody&after=user050%40example.org")
	page.mustHold(t, 200, "user051@example.org", "user060@example.org", "First page", `<input type="hidden" name="q" value="somebody"><input type="hidden" name="after" value="user050@example.org">`)
	u, err := store.UserByEmail(t.Context(), d.pool, "user055@example.org")
	must(t, err)
	path := fmt.Sprintf("/desk/access/users/%d/", u.ID)
	where := "/desk/access?after=user050%40example.org&q=somebody"
	for _, act := range []string{"role", "disable", "enable"} {
		b.post(path+act, "role", "ops", "q", "somebody", "after", "user050@example.org").mustLead(t, where)
	}
	b.post(path+"password", "q", "somebody", "after", "user050@example.org").mustHold(t, 200, "shown this once", "user060@example.org", `value="somebody"`)
	b.post("/desk/access/users", "email", "nonsense", "role", "sdr", "q", "somebody", "after", "user050@example.org").mustHold(t, 422, "is no email address", "user060@example.org")
}
