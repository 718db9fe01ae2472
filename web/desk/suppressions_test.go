package desk

import (
	"testing"

	"nurture/internal/access"
	"nurture/internal/leadfile"
)

func TestSuppressions(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.Manager)
	b.get("/desk/suppressions").mustHold(t, 200, "Nothing yet")
	d.lead(leadfile.Lead{Email: "ann@buyer.example", Phone: "+493012345678"})
	check := func(address string) answer { return b.post("/desk/suppressions/check", "address", address) }
	check("Ann@Buyer.example").mustHold(t, 200, "<strong>ann@buyer.example</strong> is not suppressed.")
	page := check(hostile)
	page.mustHold(t, 422, "&lt;script&gt;", `role="alert"`)
	page.mustLack(t, "<script>alert", "<img src=x")

	add := func(address, scope, reason string) answer {
		return b.post("/desk/suppressions/add", "address", address, "scope", scope, "reason", reason)
	}
	add("@buyer.example", "email", "").mustHold(t, 422, "Say why", `value="@buyer.example"`, `value="email" selected`)
	add("nonsense", "phone", "asked").mustHold(t, 422, `id="add-problem"`, `value="asked"`)
	add("ann@buyer.example", "fax", "asked").mustHold(t, 422, "Choose what it must not be used for")
	add("@buyer.example", "email", "competitor").mustLead(t, "/desk/suppressions")
	b.get("/desk/suppressions").mustHold(t, 200, "@buyer.example is suppressed. It is known of 1 lead.", "1 address that nobody contacts", "competitor")
	check("ann@buyer.example").mustHold(t, 200, "must not be contacted", "its domain @buyer.example: email")
	add("030 12345678", "all", hostile).mustLead(t, "/desk/suppressions")
	check("+49 30 12345678").mustHold(t, 200, "<strong>&#43;493012345678</strong> must not be contacted", "every channel, since")
	b.get("/desk/suppressions").mustLack(t, "<script>alert", "<img src=x")

	sdr := d.as(access.SDR)
	sdr.post("/desk/suppressions/check", "address", "+493012345678").mustLack(t, "Take it back")
	sdr.post("/desk/suppressions/lift", "address", "+493012345678", "reason", "x").mustHold(t, 403)
	lift := func(address, reason string) answer {
		return b.post("/desk/suppressions/lift", "address", address, "reason", reason)
	}
	lift("+493012345678", "").mustHold(t, 422, "who took it back and why is kept for ever")
	lift("+493012345678", "signed up again").mustLead(t, "/desk/suppressions")
	check("+493012345678").mustHold(t, 200, "is not suppressed")
	lift("+493012345678", "again").mustLead(t, "/desk/suppressions")
	b.get("/desk/suppressions").mustHold(t, 200, "was not suppressed.")
}

// Many suppressions are not counted by the page, but shown as they were counted last.
func TestManySuppressions(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	fill := func(from, to int) {
		d.exec(`INSERT INTO suppressions (hash, channel, reason, created_at) SELECT decode(lpad(n::text, 64, '0'), 'hex'), 'all', 'opted_out', $1 FROM generate_series($2::int, $3::int) n`,
			morning, from, to)
	}
	b := d.as(access.Manager)
	page := func() answer { return b.get("/desk/suppressions") }
	fill(1, countedSuppressions)
	page().mustHold(t, 200, "5,000 addresses that nobody contacts")
	fill(countedSuppressions+1, countedSuppressions+20)
	first := page()
	first.mustHold(t, 200, "5,020 addresses that nobody contacts")
	first.mustLack(t, "Counted at")
	if counted, err := d.engine.Tally(t.Context()); err != nil || !counted {
		t.Fatalf("counted %t: %v", counted, err)
	}
	fill(countedSuppressions+21, countedSuppressions+40)
	page().mustHold(t, 200, "5,020 addresses that nobody contacts", "Counted at", "opted out", "every channel")
}
