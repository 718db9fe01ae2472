package desk

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nurture/internal/access"
	"nurture/internal/leadfile"
	"nurture/store"
)

// mostBytes is what a page may weigh, uncompressed, HTML only.
const mostBytes = 100 << 10

// TestWeights: with more of everything than a page shows, and long texts, no page grows beyond what it may weigh.
func TestWeights(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	long := strings.Repeat("a long text & more of it ", 400)
	lead := d.lead(leadfile.Lead{Email: "ann@buyer.example", FirstName: "Ann", LastName: "Lee"})
	var referrals []store.Referral
	for i := range 120 {
		d.failed("discarded", long)
		referrals = append(referrals, store.Referral{LeadID: lead, Name: "Somebody With A Name", Email: fmt.Sprintf("somebody-%d@buyer.example", i), Phone: "+493012345678", ProposedAt: morning})
		must(t, store.NoteDeed(t.Context(), d.pool, store.Deed{At: time.Now(), Who: "sdr@example.com", Role: "sdr", Action: "POST /desk/inbox/{id}/assign", Object: "123456", Outcome: store.DeedDone, Address: "192.0.2.1"}))
		_, err := d.desk.accounts.AddToken(t.Context(), strings.Repeat("n", 100), access.Ops, time.Hour, access.Actor{Who: "cli:test"})
		must(t, err)
	}
	must(t, store.InsertReferrals(t.Context(), d.pool, referrals))
	d.exec(`INSERT INTO inbound_mails (source, external_id, digest, sender, subject, kind, why, classification, state, note, received_at)
		SELECT 'test', n::text, decode(lpad(n::text, 8, '0'), 'hex'), 'somebody' || n || '@elsewhere.example', $2, 'reply', $2, '{}', 'unmatched', $2, $1 FROM generate_series(1, 120) n`, morning, long)
	d.exec(`INSERT INTO leads (key, email, first_name, last_name, stage, created_at, updated_at) SELECT 'lead-' || n || '@buyer.example', 'lead-' || n || '@buyer.example', 'First', 'Last', 'inquiry', $1, $1
		FROM generate_series(1, 250) n`, morning)
	eventually(t, "leaks are looked for", func() bool { return !d.engine.Leaks(t.Context()).At.IsZero() })
	b := d.as(access.Admin)
	for _, path := range readable(access.Admin) {
		if strings.Contains(path, "{") {
			continue
		}
		a := b.get(path)
		if a.status != 200 {
			t.Errorf("%s: status %d", path, a.status)
		}
		if len(a.body) > mostBytes {
			t.Errorf("%s weighs %d bytes, and may weigh %d", path, len(a.body), mostBytes)
		}
		t.Logf("%6d bytes %s", len(a.body), path)
	}
}

// readable lists the pages that a role may read, those with parts that vary as patterns.
func readable(role access.Role) []string {
	var paths []string
	for _, r := range routes {
		if path, page := strings.CutPrefix(r.pattern, "GET "); page && slices.Contains(r.roles, role) && path != "/desk/" && path != "/desk/{$}" {
			paths = append(paths, path)
		}
	}
	return paths
}
