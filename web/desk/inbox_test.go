package desk

import (
	"fmt"
	"testing"
	"time"

	"nurture/internal/access"
	"nurture/internal/leadfile"
	"nurture/jobs"
	"nurture/store"
)

// mail takes a mail in that matches nobody, and returns its number.
func (d *desktop) mail(from, subject, text string) int64 {
	d.t.Helper()
	raw := fmt.Sprintf("From: %s\r\nTo: mara@example.com\r\nSubject: %s\r\nMessage-ID: <%s@test>\r\nDate: Mon, 02 Mar 2026 08:00:00 +0000\r\nContent-Type: text/plain\r\n\r\n%s\r\n",
		from, subject, subject, text)
	taken, err := d.engine.TakeMail(d.t.Context(), jobs.ArrivedMail{Source: "test", ExternalID: subject, Raw: []byte(raw)})
	must(d.t, err)
	if taken.State != store.InboundUnmatched {
		d.t.Fatalf("the mail is %+v", taken)
	}
	mails, err := store.UnmatchedMails(d.t.Context(), d.pool, 0, 0)
	must(d.t, err)
	return mails[len(mails)-1].ID
}

func TestInbox(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.SDR)
	b.get("/desk/inbox").mustHold(t, 200, "Nothing waits")
	ann := d.lead(leadfile.Lead{Email: "ann@buyer.example", FirstName: "Ann", LastName: "Lee", Title: "Plant manager", Account: leadfile.Account{Name: "Acme"}})
	d.lead(leadfile.Lead{Email: "zoe@elsewhere.example", FirstName: "Zoë", LastName: `O'Neil "& Co`})
	mail := d.mail("ann.lee@buyer.example", "hello", "Sounds good, call me.\r\n"+hostile)
	path := fmt.Sprintf("/desk/inbox/%d", mail)

	b.get("/desk/inbox").mustHold(t, 200, "ann.lee@buyer.example", "hello", `href="`+path+`"`)
	page := b.get(path)
	page.mustHold(t, 200, "Sounds good, call me.", "&lt;script&gt;", `value="buyer.example"`, "Ann Lee", "<bdi>Plant manager</bdi>, <bdi>Acme</bdi>", fmt.Sprintf(`name="lead" value="%d"`, ann))
	page.mustLack(t, "<script>alert", "<img src=x", "Zoë")
	b.get(path+"?q=zo+o%27n").mustHold(t, 200, "Zoë O&#39;Neil &#34;&amp; Co")
	b.get(path+"?q=%27%29+%7C+%21%3A%2A+%3C-%3E").mustHold(t, 200, "Nobody is found", "disabled")
	b.get(path+"?q=nobody").mustHold(t, 200, "Nobody is found")

	b.post(path+"/assign", "q", "ann").mustHold(t, 422, "Choose whose mail it is", `value="ann"`)
	b.post(path+"/assign", "lead", fmt.Sprint(ann), "kind", "connected").mustHold(t, 422, "no kind of answer")
	b.post(path+"/assign", "lead", "999999").mustHold(t, 404)
	b.post(path+"/assign", "lead", fmt.Sprint(ann), "kind", "interested").mustLead(t, "/desk/inbox")
	b.get("/desk/inbox").mustHold(t, 200, "The mail is taken as interested of Ann Lee.", "Nothing waits")
	b.post(path+"/assign", "lead", fmt.Sprint(ann)).mustHold(t, 409, "Somebody was faster", "assigned by sdr@example.com")
	b.get(path).mustHold(t, 200, "its text is not kept")

	spam := d.mail("offers@spam.example", "cheap", "Buy now")
	b.post(fmt.Sprintf("/desk/inbox/%d/aside", spam)).mustLead(t, "/desk/inbox")
	b.get("/desk/inbox").mustHold(t, 200, "The mail is set aside.", "Nothing waits")
	b.get("/desk/inbox/4711").mustHold(t, 404)
}

func TestReferrals(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.Manager)
	b.get("/desk/inbox/referrals").mustHold(t, 200, "Nobody waits for a decision")
	ann := d.lead(leadfile.Lead{Email: "ann@buyer.example", FirstName: "Ann", LastName: hostile})
	must(t, store.InsertReferrals(t.Context(), d.pool, []store.Referral{
		{LeadID: ann, Name: "Bo Ek", Email: "bo@buyer.example", ProposedAt: morning},
		{LeadID: ann, Name: hostile, Phone: "+493012345678", ProposedAt: morning},
		{LeadID: ann, Name: "Cy", Email: "cy@buyer.example", ProposedAt: morning},
	}))
	rows, err := store.ListReferrals(t.Context(), d.pool, store.ReferralProposed, 0, 0)
	must(t, err)
	page := b.get("/desk/inbox/referrals")
	page.mustHold(t, 200, "Bo Ek", "bo@buyer.example", "&lt;script&gt;", "named by")
	page.mustLack(t, "<script>alert", "<img src=x")
	act := func(i int, what string, fields ...string) answer {
		return b.post(fmt.Sprintf("/desk/inbox/referrals/%d/%s", rows[i].ID, what), fields...)
	}
	act(0, "accept").mustLead(t, "/desk/inbox/referrals")
	b.get("/desk/inbox/referrals").mustHold(t, 200, "Bo Ek is a lead now, without consent")
	act(0, "decline", "reason", "late").mustHold(t, 409, "Somebody was faster")
	act(1, "decline", "reason", " ").mustHold(t, 422, `<a href="/desk/inbox/referrals" aria-current="page">`, "Say why")
	act(1, "decline", "reason", "the assistant").mustLead(t, "/desk/inbox/referrals")
	must(t, store.InsertSuppressions(t.Context(), d.pool, []store.Suppression{{Address: "cy@buyer.example", Scope: "all", Reason: "asked"}}, morning))
	act(2, "accept").mustHold(t, 409, "That cannot become a lead", "must not be contacted")
	act(2, "decline", "reason", "opted out").mustLead(t, "/desk/inbox/referrals")
	b.get("/desk/inbox/referrals").mustHold(t, 200, "Nobody waits for a decision")
}

// unknown plans a mail to a lead and leaves its fate open.
func (d *desktop) unknown(l leadfile.Lead) int64 {
	d.t.Helper()
	leadID := d.lead(l)
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		_, err := d.engine.Tick(d.t.Context())
		must(d.t, err)
		touches, err := store.LeadTouches(d.t.Context(), d.pool, leadID)
		must(d.t, err)
		if len(touches) > 0 {
			d.exec(`UPDATE touches SET state = 'unknown', claimed_at = $2, sent_at = $2, detail = $3 WHERE id = $1`, touches[0].ID, morning, "the answer was lost "+hostile)
			return touches[0].ID
		}
	}
	d.t.Fatal("nothing was planned")
	return 0
}

func TestUnknownTouches(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.Ops)
	b.get("/desk/ops/unknown").mustHold(t, 200, "The fate of every touch is known")
	touch := d.unknown(leadfile.Lead{Email: "ann@buyer.example", FirstName: "Ann", LastName: "Lee", Consent: leadfile.Consent{Email: leadfile.Permission{State: leadfile.PermissionGranted}}})
	page := b.get("/desk/ops/unknown")
	page.mustHold(t, 200, "Ann Lee", "email to ann@buyer.example", "&lt;script&gt;", "It was sent")
	page.mustLack(t, "<script>alert", "<img src=x")
	d.as(access.Manager).get("/desk/ops/unknown").mustLack(t, "It was sent")
	b.get("/desk/ops").mustHold(t, 200, "1 touch may or may not have left")
	path := fmt.Sprintf("/desk/ops/unknown/%d", touch)
	b.post(path).mustHold(t, 422, "Sent or not?")
	b.post(path, "fate", "sent").mustLead(t, "/desk/ops/unknown")
	b.get("/desk/ops/unknown").mustHold(t, 200, "is settled: it was sent", "The fate of every touch is known")
	b.post(path, "fate", "not_sent").mustHold(t, 409, "That is decided already")
	b.post("/desk/ops/unknown/4711", "fate", "sent").mustHold(t, 404)
}
