package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/internal/token"
	"nurture/store"
	"nurture/web"
)

// everything is all that is in the database, River's tables included.
func everything(t *testing.T, pool *pgxpool.Pool) string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`)
	must(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	if len(tables) < 20 {
		t.Fatalf("only the tables %v", tables)
	}
	var all strings.Builder
	for _, table := range tables {
		name := pgx.Identifier{table}.Sanitize()
		rows, err := pool.Query(t.Context(), `SELECT to_jsonb(x)::text FROM `+name+` x ORDER BY 1`)
		must(t, err)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		must(t, err)
		fmt.Fprintf(&all, "== %s\n%s\n", table, strings.Join(lines, "\n"))
	}
	return all.String()
}

// mailed is the only touch of the lead, made to have left an hour ago.
func mailed(t *testing.T, pool *pgxpool.Pool, lead store.Lead) int64 {
	t.Helper()
	waiting, err := store.WaitingTouches(t.Context(), pool, lead.ID)
	must(t, err)
	if len(waiting) != 1 {
		t.Fatalf("%d touches are planned, want 1", len(waiting))
	}
	_, err = pool.Exec(t.Context(), `UPDATE touches SET sent_at = $2 WHERE id = $1`, waiting[0].ID, morning.Add(-time.Hour))
	must(t, err)
	return waiting[0].ID
}

// browser asks as a person's browser does.
func browser(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:40000"
	r.Header.Set("User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1")
	r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

func send(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestOpeningAnyLinkChangesNothing asks for every address of the table of routes, as a machine and as a person does. Only the click redirect
// notes, of a person alone, that a link was opened.
func TestOpeningAnyLinkChangesNothing(t *testing.T) {
	t.Parallel()
	pool, engine, page, lead := livePage(t)
	touch := mailed(t, pool, lead)
	tokens := map[string]string{
		"/u/": engine.Tokens().Make(token.Unsubscribe, touch), "/p/": engine.Tokens().Make(token.Preferences, touch),
		"/q/": engine.Tokens().Make(token.SelfQualify, touch), "/c/": engine.Tokens().MakeLink(touch, "https://www.example.com/checklist"),
		"/twilio/voice/": engine.VoiceToken(touch), "/twilio/status/": engine.VoiceToken(touch),
	}
	before := everything(t, pool)
	for _, pattern := range web.Patterns() {
		path := pattern[strings.Index(pattern, "/"):]
		path = strings.ReplaceAll(strings.ReplaceAll(path, "{$}", ""), "{name}", "touch-1.eml")
		prefix, _, public := strings.Cut(path, "{token}")
		if public && tokens[prefix] == "" {
			t.Fatalf("no token for %s", pattern)
		}
		path = prefix + tokens[prefix]
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			for _, r := range []*http.Request{browser(method, path, ""), httptest.NewRequest(method, path+"?rhythm=pause_1&contact=stop_contact", nil)} {
				if prefix == "/c/" && method == http.MethodGet && r.Header.Get("Accept") != "" {
					continue
				}
				w := send(page, r)
				if want := map[string]int{"/u/": 200, "/p/": 200, "/q/": 200, "/c/": 302}[prefix]; public && want != 0 && w.Code != want {
					t.Errorf("%s %s: %d, want %d", method, path, w.Code, want)
				}
				if diff := cmp.Diff(before, everything(t, pool)); diff != "" {
					t.Fatalf("%s %s changed (-before +after)\n%s", method, path, diff)
				}
			}
		}
	}
	if w := send(page, browser(http.MethodGet, "/c/"+tokens["/c/"], "")); w.Code != http.StatusFound || w.Header().Get("Location") != "https://www.example.com/checklist" {
		t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	after := everything(t, pool)
	head, rest, _ := strings.Cut(before, "== link_visits\n")
	if !strings.HasPrefix(after, head) || !strings.HasSuffix(after, rest) || after == before {
		t.Errorf("a click changed (-before +after)\n%s", cmp.Diff(before, after))
	}
}

// TestForgedTokensChangeNothing tries each token but the right one on each page.
func TestForgedTokensChangeNothing(t *testing.T) {
	t.Parallel()
	pool, engine, page, lead := livePage(t)
	touch := mailed(t, pool, lead)
	good := map[string]string{
		"/u/": engine.Tokens().Make(token.Unsubscribe, touch), "/p/": engine.Tokens().Make(token.Preferences, touch),
		"/q/": engine.Tokens().Make(token.SelfQualify, touch), "/c/": engine.Tokens().MakeLink(touch, "https://www.example.com/"),
	}
	foreign := token.NewSigner([]byte("somebody else's secret"))
	gone := engine.Tokens().Make(token.Preferences, touch+1000)
	before := everything(t, pool)
	form := "rhythm=pause_6&calls=never_call&contact=stop_contact&answer.people_to_train=12&nonce=abc"
	for path := range good {
		var bad []string
		for other, tok := range good {
			if other != path {
				bad = append(bad, tok)
			}
			bad = append(bad, tok[:len(tok)-1], tok+"a", tok[:2]+"9"+tok[3:])
		}
		bad = append(bad, foreign.Make(token.Preferences, touch), foreign.MakeLink(touch, "https://evil.example/"), gone,
			engine.Tokens().MakeLink(touch, "javascript:alert(1)"), engine.Tokens().MakeLink(touch, "//evil.example/"),
			strings.Replace(good["/c/"], ".", ".aHR0cHM6Ly9ldmlsLmV4YW1wbGUv", 1), "%00%ff", "..", strings.Repeat("p1-", 2000))
		for _, tok := range bad {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				w := send(page, browser(method, path+tok, form))
				if method == http.MethodGet && w.Code != http.StatusNotFound && w.Code != http.StatusTemporaryRedirect && w.Code != http.StatusMovedPermanently ||
					w.Code == http.StatusOK || w.Code == http.StatusFound {
					t.Errorf("%s %s%.60s: %d", method, path, tok, w.Code)
				}
				if to := w.Header().Get("Location"); strings.Contains(to, "evil") {
					t.Errorf("%s%.60s leads to %s", path, tok, to)
				}
			}
		}
	}
	if diff := cmp.Diff(before, everything(t, pool)); diff != "" {
		t.Errorf("forged tokens changed (-before +after)\n%s", diff)
	}
}

// nonceOf is the nonce in a page.
func nonceOf(t *testing.T, body string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `name="nonce" value="`)
	nonce, _, _ := strings.Cut(rest, `"`)
	if !ok || nonce == "" {
		t.Fatalf("no nonce in\n%s", body)
	}
	return nonce
}

func TestPreferencesOnTheRealEngine(t *testing.T) {
	t.Parallel()
	pool, engine, page, lead := livePage(t)
	link := "/p/" + engine.Tokens().Make(token.Preferences, mailed(t, pool, lead))
	choose := func(form string) string {
		t.Helper()
		w := send(page, browser(http.MethodPost, link, form))
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d\n%s", form, w.Code, w.Body)
		}
		return w.Body.String()
	}
	first := nonceOf(t, send(page, browser(http.MethodGet, link, "")).Body.String())
	body := choose("rhythm=pause_3&nonce=" + first)
	if !strings.Contains(body, "Nothing from us before 15 September 2026, and only now and then after that") {
		t.Errorf("says\n%s", body)
	}
	paused := everything(t, pool)
	for range 2 { // the same form again, by a double tap or a reload
		choose("rhythm=pause_3&nonce=" + first)
		if diff := cmp.Diff(paused, everything(t, pool)); diff != "" {
			t.Fatalf("the same form again changed\n%s", diff)
		}
	}
	if body = choose("rhythm=&nonce=" + nonceOf(t, body)); !strings.Contains(body, "All is as you chose: nothing had to be changed.") {
		t.Errorf("saved as it is, it says\n%s", body)
	}
	if diff := cmp.Diff(paused, everything(t, pool)); diff != "" {
		t.Fatalf("nothing chosen changed\n%s", diff)
	}
	body = choose("rhythm=pause_6&calls=never_call&nonce=" + nonceOf(t, body))
	if !strings.Contains(body, "2 September 2026") || !strings.Contains(body, "We do not call you") {
		t.Errorf("a later choice does not count:\n%s", body)
	}
	if got, want := standing(t, pool, lead), `email false, phone true, enrolment `; !strings.HasPrefix(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
	body = choose("contact=stop_contact&rhythm=pause_1&nonce=" + nonceOf(t, body))
	if !strings.Contains(body, "You hear nothing from us any more") || strings.Contains(body, "<form") {
		t.Errorf("says\n%s", body)
	}
	if got, want := standing(t, pool, lead), `email true, phone true, enrolment finished, ended "opted_out", 4 responses, 0 touches waiting`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestTheFormOnTheRealEngine(t *testing.T) {
	t.Parallel()
	pool, engine, page, lead := livePage(t)
	link := "/q/" + engine.Tokens().Make(token.SelfQualify, mailed(t, pool, lead))
	body := send(page, browser(http.MethodGet, link, "")).Body.String()
	nonce := nonceOf(t, body)
	before := everything(t, pool)
	for _, form := range []url.Values{
		{"answer.people_to_train": {"<script>x</script>"}, "answer.driver": {"revenge"}, "answer.funding": {"training_budget"}},
		{"answer.people_to_train": {"\xff\x00"}},
		{"answer.people_to_train": {strings.Repeat("9", 3000)}},
		{},
		{"answer.no_such": {"1"}},
		{"answer.months_to_decision": {"in 90 years"}},
	} {
		w := send(page, browser(http.MethodPost, link, form.Encode()))
		if w.Code != http.StatusUnprocessableEntity || strings.Contains(w.Body.String(), "<script") {
			t.Errorf("%v: %d\n%s", form, w.Code, w.Body)
		}
	}
	if diff := cmp.Diff(before, everything(t, pool)); diff != "" {
		t.Errorf("answers that cannot be read changed (-before +after)\n%s", diff)
	}
	good := url.Values{
		"answer.major_hazards": {"yes"}, "answer.people_to_train": {"1 250"}, "answer.months_to_decision": {"3"}, "answer.driver": {"audit_finding"}, "nonce": {nonce},
	}
	for range 3 {
		if w := send(page, browser(http.MethodPost, link, good.Encode())); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Thank you") {
			t.Fatalf("%d\n%s", w.Code, w.Body)
		}
	}
	facts, err := store.Facts(t.Context(), pool, []int64{lead.ID})
	must(t, err)
	var got []string
	for _, f := range facts[lead.ID] {
		got = append(got, fmt.Sprintf("%s %s %s by %s", f.Criterion, f.Value, f.Class, f.By))
	}
	want := []string{
		"major_hazards yes self_asserted by the lead", "people_to_train 1250 self_asserted by the lead",
		"driver audit_finding self_asserted by the lead", "months_to_decision 3 self_asserted by the lead",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("facts (-want +got)\n%s", diff)
	}
	good.Set("answer.people_to_train", "40") // the same form, answered otherwise
	send(page, browser(http.MethodPost, link, good.Encode()))
	if got, want := standing(t, pool, lead), `email false, phone false, enrolment active, ended "", 2 responses, 1 touches waiting`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
