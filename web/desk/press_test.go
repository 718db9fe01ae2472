package desk

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"nurture/internal/access"
	"nurture/internal/provenance"
	"nurture/store"
)

// TestWhateverPeoplePress lets one person a role follow links and send forms as they come, filled with whatever people and programs put into forms, while
// leads go through their cadences and days go by. No page fails, leads where nothing is, or shows what only programs write.
func TestWhateverPeoplePress(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			pressAround(t, seed, 150)
		})
	}
}

func pressAround(t *testing.T, seed uint64, times int) {
	t.Helper()
	var passed atomic.Int64
	d := newDesktopAt(t, func() time.Time { return morning.Add(time.Duration(passed.Load())) })
	random := rand.New(rand.NewPCG(seed, 7))
	d.everyPage(t)
	d.unknown(person("Zoe"))
	d.mail("ann.lee@buyer.example", "hello", "Sounds good, call me.\r\n"+hostile)
	var newest string
	comes := func(n int) {
		p := person(fmt.Sprintf("Lead-%d", n))
		p.Account.Name, p.Phone = fmt.Sprintf("Company %d", n/3), fmt.Sprintf("+493012345%03d", n)
		lead := d.lead(p)
		newest = p.Email
		switch n % 3 {
		case 0:
			d.handedOff(lead, nil)
		case 1:
			d.task(store.Task{LeadID: lead, Owner: "sdr@example.com", Title: "Call back", DueAt: d.now().Add(-time.Minute)})
		}
	}
	d.work()
	var people []*presser
	for _, role := range access.Roles {
		people = append(people, &presser{browser: d.as(role), d: d, role: role, random: random, known: map[string]bool{"/desk/": true}, sent: map[string]int{}})
	}
	for i := range times {
		people[random.IntN(len(people))].press()
		if i%25 == 0 {
			comes(i / 25)
		}
		if i%10 == 9 {
			_, err := d.engine.Tick(t.Context())
			must(t, err)
		}
		if random.IntN(20) == 0 {
			passed.Add(int64(time.Duration(random.IntN(40)) * time.Hour))
			if _, err := store.FindLead(t.Context(), d.pool, newest); err == nil { // nobody has erased it
				d.says(provenance.Enrichment, "vendor", newest, "Title "+fmt.Sprint(i), d.now())
			}
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	leaks, err := store.Leaks(t.Context(), d.pool, 0)
	must(t, err)
	for _, leak := range leaks {
		if leak.Note == "" { // no audience takes it, and it says so
			t.Errorf("%+v fell out", leak)
		}
	}
}

// presser is a person at the desk who presses whatever there is.
type presser struct {
	*browser
	d      *desktop
	role   access.Role
	random *rand.Rand
	known  map[string]bool // paths that pages have shown
	forms  []form          // of the page that is open
	links  []string
	acts   []string
	sent   map[string]int // how often a kind of form was sent
}

// form is a form of a page, with its fields as they are.
type form struct {
	method, action string
	fields         []field
}

// kind is the form's place in the table of routes, as far as a form knows it.
func (f form) kind() string { return f.method + numbers.ReplaceAllString(f.action, "") }

var numbers = regexp.MustCompile(`[0-9]+|\?.*`)

type field struct {
	name, kind, value string
	options           []string
}

// press follows a link or sends a form.
func (p *presser) press() {
	p.t.Helper()
	if len(p.forms) > 0 && p.random.IntN(3) > 0 {
		f := p.forms[p.random.IntN(len(p.forms))]
		if other := p.forms[p.random.IntN(len(p.forms))]; p.sent[other.kind()] < p.sent[f.kind()] {
			f = other // so that those that every page has leave time for the rest
		}
		if p.sent[f.kind()]++; !final.MatchString(f.action) || p.random.IntN(10) == 0 {
			p.send(f)
			return
		}
	}
	paths := p.links
	if len(paths) == 0 || p.random.IntN(4) == 0 {
		paths = slices.Sorted(maps.Keys(p.known))
	}
	path := paths[p.random.IntN(len(paths))]
	p.take("GET "+path, p.get(path))
}

// final are forms after which less is left to do.
var final = regexp.MustCompile(`/(logout|suppress|erase|disable|pause)$|/suppressions/add$`)

// send sends a form: mostly as somebody would who knows what belongs there, else with anything anywhere.
func (p *presser) send(f form) {
	p.t.Helper()
	wild := p.random.IntN(3) == 0
	said := url.Values{}
	for _, of := range f.fields {
		switch {
		case of.name == "" || of.kind != "hidden" && p.random.IntN(3) == 0: // nothing is chosen or written
		case wild && p.random.IntN(2) == 0:
			said.Add(of.name, p.something())
		case len(of.options) > 0:
			said.Add(of.name, of.options[p.random.IntN(len(of.options))])
		case of.kind == "hidden" || of.value != "" && p.random.IntN(2) == 0:
			said.Add(of.name, of.value)
		default:
			said.Add(of.name, p.sensible(of))
		}
	}
	what := fmt.Sprintf("%s %s %q", f.method, f.action, said)
	if f.method == http.MethodGet {
		path, _, _ := strings.Cut(f.action, "?")
		p.take(what, p.get(path+"?"+said.Encode()))
		return
	}
	p.take(what, p.do(p.request(http.MethodPost, f.action, said)))
}

// sensible is what belongs into a field.
func (p *presser) sensible(of field) string {
	n := p.random.IntN(9)
	switch {
	case of.kind == "datetime-local":
		return p.d.now().Add(time.Duration(n*n*11) * time.Hour).Format("2006-01-02T15:04")
	case strings.HasSuffix(of.name, "_at"):
		return p.d.now().AddDate(0, 0, n).Format("2006-01-02 15:04")
	case of.name == "referral":
		return fmt.Sprintf("Kim Berg, kim-%d@elsewhere.example", n)
	case of.name == "currency":
		return "EUR"
	case of.kind == "date":
		return p.d.now().AddDate(0, 0, n*n).Format(time.DateOnly)
	case of.kind == "number", strings.Contains(of.name, "months"), strings.Contains(of.name, "people_to"), of.name == "amount":
		return fmt.Sprint(n)
	case of.kind == "email", strings.Contains(of.name, "email"), strings.Contains(of.name, "address"):
		return fmt.Sprintf("somebody-%d@buyer.example", n)
	case of.kind == "tel", strings.Contains(of.name, "phone"):
		return fmt.Sprintf("+49301234000%d", n)
	case of.kind == "password":
		return "a long password " + strings.Repeat("x", n)
	case strings.Contains(of.name, "zone"):
		return "America/New_York"
	case of.name == "q":
		return []string{"a", "ann", "lee", "buyer.example", "acme", "title 1"}[n%6]
	}
	return fmt.Sprintf("as they said %d", n)
}

// something is what people, and programs, put into fields too.
func (p *presser) something() string {
	texts := []string{
		hostile, turned, "", " ", "\x00", "\xff\xfe", "0", "-1", "7", "99999999999999999999", "1e9", "NaN", "2026-03-09T10:00", "2026-03-09", "0000-00-00", "9999-12-31T23:59",
		"2026-02-30T10:00", "tomorrow", "ann@buyer.example", "new@elsewhere.example", "@buyer.example", "+493012345678", "030 123", "Europe/Berlin", "yes", "no", "'; DROP TABLE leads; --",
		"{{.}}", "%s%d", "../../etc/passwd", strings.Repeat("long ", 3000), "Ünïcode 漢字 🙂", "sdr@example.com", "first-seven", "long-game", "interested", "call", "=1+1",
	}
	return texts[p.random.IntN(len(texts))]
}

// never are traces of programs that no page shows: of templates, of Go, of times and values that are none, of the database.
var never = regexp.MustCompile(`%!|<no value>|ZgotmplZ|\{\{|0001-01-01|1 January 1\b|1 Jan 1\b|undefined|SQLSTATE|context canceled|panic`)

// take looks at what came back, and stays on it, or goes where it leads.
func (p *presser) take(what string, a answer) {
	p.t.Helper()
	p.acts = append(p.acts, what)
	fail := func(why string) {
		p.t.Helper()
		p.t.Errorf("%s: %s: %s (%d)\n%s\n%s", p.role, what, why, a.status, strings.Join(p.acts[max(0, len(p.acts)-6):], "\n"), a.body)
	}
	if to := a.header.Get("Location"); a.status == http.StatusSeeOther && to != "" {
		if len(p.acts) > 3 && strings.HasPrefix(p.acts[len(p.acts)-3], "=> ") && strings.HasPrefix(p.acts[len(p.acts)-2], "=> ") {
			fail("leads on and on")
			return
		}
		if strings.HasPrefix(to, "/desk/login") {
			p.browser = p.d.as(p.role) // it logged out, or an admin let nobody else in
			p.forms, p.links = nil, nil
			return
		}
		p.take("=> "+to, p.get(to))
		return
	}
	if a.status >= 500 {
		fail("fails")
	}
	if log := p.d.log.String(); strings.Contains(log, "level=ERROR") {
		fail("logs " + log)
	}
	// Links may be about what is gone since; a form may be refused.
	if a.status == http.StatusForbidden && p.hasRole() || a.status == http.StatusMethodNotAllowed {
		fail("is shown to whom it is not open")
	}
	page, err := html.Parse(strings.NewReader(a.body))
	must(p.t, err)
	p.forms, p.links = nil, nil
	ids := map[string]bool{}
	for node := range page.Descendants() {
		if node.Type == html.TextNode && node.Parent.Data != "script" && node.Parent.Data != "textarea" {
			if found := never.FindString(strings.NewReplacer(hostile, "", "{{.}}", "").Replace(node.Data)); found != "" {
				fail("shows " + found)
			}
		}
		if node.Type != html.ElementNode {
			continue
		}
		if id := attr(node, "id"); id != "" {
			if ids[id] {
				fail("has two elements of id " + id)
			}
			ids[id] = true
		}
		switch node.Data {
		case "script":
			if attr(node, "src") == "" && attr(node, "type") != "application/json" {
				fail("has a script of its own")
			}
		case "a":
			p.link(attr(node, "href"))
		case "form":
			if attr(node, "method") != "dialog" {
				p.forms = append(p.forms, formOf(node, what))
			}
		}
	}
}

// hasRole says whether no admin has given this person another role.
func (p *presser) hasRole() bool {
	u, err := store.UserByEmail(p.t.Context(), p.d.pool, string(p.role)+"@example.com")
	must(p.t, err)
	return u.Role == string(p.role)
}

// link notes a link of a page that leads to another page of the desk.
func (p *presser) link(href string) {
	to, err := url.Parse(href)
	if err != nil || to.Host != "" || to.Scheme != "" || !strings.HasPrefix(to.Path, "/desk/") || strings.HasPrefix(to.Path, "/desk/login") || strings.HasSuffix(to.Path, "/news") {
		return
	}
	to.Fragment = ""
	p.known[to.String()] = true
	p.links = append(p.links, to.String())
}

// formOf reads a form.
func formOf(n *html.Node, page string) form {
	f := form{method: strings.ToUpper(attr(n, "method")), action: attr(n, "action")}
	if f.method == "" {
		f.method = http.MethodGet
	}
	if f.action == "" {
		_, f.action, _ = strings.Cut(page, " ")
		f.action, _, _ = strings.Cut(f.action, " ")
	}
	var pressed []field
	for node := range n.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		of := field{name: attr(node, "name"), kind: attr(node, "type"), value: attr(node, "value")}
		switch node.Data {
		case "input":
			if of.kind == "radio" || of.kind == "checkbox" {
				of.options = []string{of.value}
			}
			if i := slices.IndexFunc(f.fields, func(other field) bool { return of.kind == "radio" && other.name == of.name }); i >= 0 {
				f.fields[i].options = append(f.fields[i].options, of.value)
				continue
			}
			f.fields = append(f.fields, of)
		case "textarea":
			of.value = textOf(node)
			f.fields = append(f.fields, of)
		case "select":
			for option := range node.Descendants() {
				if option.Data == "option" {
					value := attr(option, "value")
					if value == "" {
						value = textOf(option)
					}
					of.options = append(of.options, value)
				}
			}
			f.fields = append(f.fields, of)
		case "button":
			of.kind = "hidden"
			if formaction := attr(node, "formaction"); formaction != "" {
				continue
			}
			pressed = append(pressed, of)
		}
	}
	if len(pressed) > 0 {
		f.fields = append(f.fields, pressed[len(page)%len(pressed)])
	}
	return f
}
