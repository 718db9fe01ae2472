package desk

import (
	"fmt"
	"testing"
	"time"

	"nurture/internal/access"
)

func TestSenders(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.Ops)
	page := b.get("/desk/ops/senders")
	page.mustHold(t, 200, "Mailboxes", "mara@example.com", "Mara Lindqvist", "Voicemail", "SDRs", `<strong>0</strong> of 120 mails today</p><meter min="0" max="120" value="0">`,
		"nothing waits", "may go on", "Send no more email")
	b.post("/desk/ops/senders/pause", "mailbox", "mara@example.com", "reason", hostile).mustLead(t, "/desk/ops/senders")
	page = b.get("/desk/ops/senders")
	page.mustHold(t, 200, "mara@example.com sends no more email", "by ops@example.com: &#34;&gt;&lt;script&gt;", `paused <time`)
	page.mustLack(t, "<script>alert", "<img src=x")
	d.exec(`INSERT INTO troubles (what, about, refused, said, since, seen_at) VALUES ('email', 'jonas@example.com', true, '535 5.7.8 ' || $2, $1, $1), ('inbox', 'replies@example.com@imap/INBOX', true, 'NO ' || $2, $1, $1)`,
		time.Now().Add(-7*time.Minute), hostile)
	b.get("/desk/ops/senders").mustHold(t, 200, "nothing more is due")
	lead := d.lead(person("Zoe"))
	_, err := d.engine.Tick(t.Context())
	must(t, err)
	d.exec(`UPDATE leads SET mailbox = 'jonas@example.com'`)
	d.exec(`UPDATE enrollments SET sender = 'jonas@example.com' WHERE channel = 'email'`)
	page = b.get(fmt.Sprintf("/desk/leads/%d", lead))
	page.mustHold(t, 200, "Nothing leaves from jonas@example.com since <time", "535 5.7.8 &#34;&gt;&lt;script&gt;")
	page.mustLack(t, "<script>alert", "<img src=x")
	page = b.get("/desk/ops/senders")
	page.mustHold(t, 200, `refused since <time`, "535 5.7.8 &#34;&gt;&lt;script&gt;", "last tried <time")
	page.mustLack(t, "<script>alert", "<img src=x")
	page = b.get("/desk/ops")
	page.mustHold(t, 200, "Nothing leaves from 1 sender: jonas@example.com", "535 5.7.8 &#34;&gt;&lt;script&gt;", "1 mailbox is not read: replies@example.com@imap/INBOX", "7 min ago")
	page.mustLack(t, "<script>alert", "<img src=x")
	d.exec(`DELETE FROM troubles`)
	b.get("/desk/ops/senders").mustLack(t, "refused since")
	d.exec(`INSERT INTO senders (mailbox, paused_at, reason) VALUES ('old@example.com', $1, 'listed')`, morning)
	d.as(access.Manager).get("/desk/ops/senders").mustHold(t, 200, "old@example.com", "not configured any more")
	d.as(access.Manager).get("/desk/ops/senders").mustLack(t, `<form class="act"`, `<summary class="button`)
	b.get("/desk/ops").mustHold(t, 200, "2 mailboxes are paused: mara@example.com, old@example.com")
	for _, mailbox := range []string{"mara@example.com", "old@example.com"} {
		b.post("/desk/ops/senders/resume", "mailbox", mailbox).mustLead(t, "/desk/ops/senders")
	}
	b.get("/desk/ops/senders").mustLack(t, "paused <time", "old@example.com<")
	b.post("/desk/ops/senders/resume", "mailbox", "mara@example.com").mustLead(t, "/desk/ops/senders")
	b.get("/desk/ops/senders").mustHold(t, 200, "mara@example.com was sending already.")
	b.post("/desk/ops/senders/pause", "mailbox", "nobody@example.com").mustHold(t, 404, "no such mailbox")
	d.mustHaveNoted("nobody@example.com", "mara@example.com", "old@example.com", "mara@example.com", "mara@example.com")
}
