package desk

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"nurture/internal/access"
	"nurture/store"
)

var shownSecret = regexp.MustCompile(`<p><code>([a-z0-9_]{20,})</code></p>`)

func secretOf(t testing.TB, a answer) string {
	t.Helper()
	found := shownSecret.FindStringSubmatch(a.body)
	if found == nil {
		t.Fatalf("nothing is shown once in\n%s", a.body)
	}
	return found[1]
}

func TestUsersAdmin(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.Admin)
	added := b.post("/desk/access/users", "email", "Bo@Example.com", "name", hostile, "role", "sdr")
	added.mustHold(t, 201, "bo@example.com", "&lt;script&gt;")
	added.mustLack(t, "<script>alert", "<img src=x")
	first := secretOf(t, added)
	b.get("/desk/access").mustLack(t, first)
	bo := d.browser()
	bo.post("/desk/login", "email", "bo@example.com", "password", first).mustLead(t, "/desk/")
	bo.get("/desk/queue").mustHold(t, 200)

	u, err := store.UserByEmail(t.Context(), d.pool, "bo@example.com")
	must(t, err)
	act := func(what string, fields ...string) answer {
		return b.post(fmt.Sprintf("/desk/access/users/%d/%s", u.ID, what), fields...)
	}
	act("role", "role", "boss").mustHold(t, 422, "no role")
	act("role", "role", "ops").mustLead(t, "/desk/access")
	bo.get("/desk/queue").mustHold(t, 403)
	bo.get("/desk/ops").mustHold(t, 200)
	second := secretOf(t, act("password"))
	bo.get("/desk/ops").mustLead(t, "/desk/login?next=%2Fdesk%2Fops")
	bo.post("/desk/login", "email", "bo@example.com", "password", second).mustLead(t, "/desk/")
	act("disable").mustLead(t, "/desk/access")
	bo.get("/desk/ops").mustLead(t, "/desk/login?next=%2Fdesk%2Fops")
	b.get("/desk/access").mustHold(t, 200, "bo@example.com is kept out of the desk.", "kept out</span>", "Let in")
	act("enable").mustLead(t, "/desk/access")

	b.post("/desk/access/users", "email", "bo@example.com", "role", "sdr").mustHold(t, 409, "has an account already")
	b.post("/desk/access/users", "email", "nonsense", "role", "sdr").mustHold(t, 422, "is no email address", `value="nonsense"`)
	own, err := store.UserByEmail(t.Context(), d.pool, "admin@example.com")
	must(t, err)
	for _, what := range []string{"role", "disable", "password"} {
		b.post(fmt.Sprintf("/desk/access/users/%d/%s", own.ID, what), "role", "sdr").mustHold(t, 409, "Not your own account")
	}
	b.post("/desk/access/users/4711/disable").mustHold(t, 404)
}

func TestTokensAdmin(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.Admin)
	b.get("/desk/access/tokens").mustHold(t, 200, "There is none")
	b.post("/desk/access/tokens", "name", " ", "role", "ops", "life", "30").mustHold(t, 422, "give it a name")
	b.post("/desk/access/tokens", "name", "dashboard", "role", "ops", "life", "4000").mustHold(t, 422, "a year at most", `value="dashboard"`)
	made := b.post("/desk/access/tokens", "name", hostile, "role", "ops", "life", "30")
	made.mustHold(t, 201, "&lt;script&gt;", "in 29 days")
	made.mustLack(t, "<script>alert", "<img src=x")
	token := secretOf(t, made)
	got, err := d.desk.accounts.CheckToken(t.Context(), token)
	must(t, err)
	b.get("/desk/access/tokens").mustLack(t, token)
	b.post(fmt.Sprintf("/desk/access/tokens/%d/revoke", got.ID)).mustLead(t, "/desk/access/tokens")
	b.get("/desk/access/tokens").mustHold(t, 200, "revoked <time")
	if _, err := d.desk.accounts.CheckToken(t.Context(), token); err == nil {
		t.Error("a revoked token holds")
	}
	b.post(fmt.Sprintf("/desk/access/tokens/%d/revoke", got.ID)).mustHold(t, 404)
}

func TestAuditLog(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.Manager)
	b.get("/desk/audit").mustHold(t, 200, "Nothing is noted")
	for i := range 60 {
		must(t, store.NoteDeed(t.Context(), d.pool, store.Deed{At: time.Now(), Who: "ops@example.com", Role: "ops", Action: "POST /x", Object: fmt.Sprintf("object-%d.", i), Outcome: store.DeedDone}))
	}
	must(t, store.NoteDeed(t.Context(), d.pool, store.Deed{At: time.Now(), Who: hostile, Action: "users add", Outcome: store.DeedRefused}))
	page := b.get("/desk/audit")
	page.mustHold(t, 200, "object-59.", "&lt;script&gt;", "refused")
	page.mustLack(t, "object-10.", "<script>alert", "<img src=x", "First page")
	b.get("/desk/audit?who=ops%40example.com").mustLack(t, "users add")
	older := regexp.MustCompile(`href="([^"]+)" rel="next"`).FindStringSubmatch(b.get("/desk/audit?who=ops%40example.com").body)
	if older == nil {
		t.Fatal("no way to older entries")
	}
	b.get(strings.ReplaceAll(older[1], "&amp;", "&")).mustHold(t, 200, "object-0.", "object-9.", "First page")
	b.get("/desk/audit?who=nobody&before=x").mustHold(t, 200, "nobody has done nothing here")
}
