package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/jackc/pgx/v5"

	"nurture/internal/mailtest"
	"nurture/store"
)

// Our people and mailboxes in TestAnswersOfRealMailServers.
const (
	mara           = "mara@" + mailtest.OurDomain
	repliesBox     = "replies@" + mailtest.OurDomain
	bouncesBox     = "bounces@" + mailtest.OurDomain
	unsubscribeBox = "unsubscribe@" + mailtest.OurDomain
)

// tuesday is what time it is for the program: long past for the mail servers, whose clock is the machine's, so that no mail seems to arrive
// before the one that it answers.
const tuesday = "2025-03-04T10:00:00+01:00"

// vacation is a Sieve script that answers for an absent user (RFC 5230).
const vacation = `require ["vacation"];
vacation :days 1 :subject "Out of office" "I am out of the office and read my mail rarely. Please do not unsubscribe me.";
`

// left is what becomes of a lead.
type left struct {
	mails      []string // kinds of what came back, in order
	responses  []string // kinds, in order
	enrollment string   // state and reason
	due        string   // the day on which a pause ends
	end        string   // why the lead ended
	barred     []string // scopes of the address's suppressions
	tasks      []string // kinds
	note       string   // on how the last mail was matched
}

// answerCase is a prospect, what its server and itself do about our mail, and what must become of it.
type answerCase struct {
	name   string // of the prospect, and its address: NAME@NAME.test
	server mailtest.Prospect
	act    func(correspondent) // nil: nothing arrives, or nobody acts
	says   []string            // in a task
	want   left
}

const byToken = "the token in the address"

var answerCases = []answerCase{
	{
		name: "unknown", server: mailtest.Prospect{Missing: true},
		want: left{mails: []string{"bounce"}, responses: []string{"hard_bounce"}, enrollment: "active enrolled", barred: []string{"email"}, note: byToken},
	},
	{
		name: "full", server: mailtest.Prospect{Refused: "552 5.2.2 Mailbox full, quota exceeded"},
		want: left{mails: []string{"bounce"}, responses: []string{"soft_bounce"}, enrollment: "paused bounced", due: "2025-03-06", note: byToken},
	},
	{
		name: "overquota", server: mailtest.Prospect{Bounced: "5.2.2 The recipient's mailbox is over quota"},
		want: left{mails: []string{"bounce"}, responses: []string{"soft_bounce"}, enrollment: "paused bounced", due: "2025-03-06", note: byToken},
	},
	{
		name: "greylisted", server: mailtest.Prospect{Refused: "451 4.7.1 Greylisted, please try again later"},
		want: left{mails: []string{"delayed", "bounce"}, responses: []string{"soft_bounce"}, enrollment: "paused bounced", due: "2025-03-06", note: byToken},
	},
	{
		name: "refused", server: mailtest.Prospect{Refused: "554 5.7.1 Message rejected due to content restrictions"},
		want: left{mails: []string{"bounce"}, responses: []string{"policy_bounce"}, enrollment: "active enrolled", note: byToken},
	},
	{
		name: "human", act: func(c correspondent) { c.reply("Sounds interesting, could you call me on Tuesday?") },
		says: []string{"Sounds interesting, could you call me on Tuesday?"},
		want: left{mails: []string{"reply"}, responses: []string{"reply"}, enrollment: "paused human_reply", due: "2025-03-18", tasks: []string{"triage"}, note: byToken},
	},
	{
		name: "unthreaded", act: func(c correspondent) {
			c.replyUnthreaded("pat.private@elsewhere.test", "Who are you, and why do you write to me?")
		},
		says: []string{"Who are you, and why do you write to me?"},
		want: left{mails: []string{"reply"}, responses: []string{"reply"}, enrollment: "paused human_reply", due: "2025-03-18", tasks: []string{"triage"}, note: byToken},
	},
	{
		name: "away", act: func(c correspondent) {
			c.exchange("I am out of the office until 13 March 2025.\n\nTo unsubscribe from my newsletter, click here.")
		},
		want: left{mails: []string{"auto_reply"}, responses: []string{"out_of_office"}, enrollment: "paused out_of_office", due: "2025-03-14", note: byToken},
	},
	{
		name: "vacation", server: mailtest.Prospect{Sieve: vacation}, act: writtenByHand,
		want: left{
			mails: []string{"auto_reply"}, responses: []string{"out_of_office"}, enrollment: "paused out_of_office", due: "2025-03-11",
			note: "the sender's address",
		},
	},
	{
		name: "gone", act: func(c correspondent) {
			c.exchange("Pat Gone no longer works for Gone Ltd. Please contact kim.new@gone.test instead.")
		},
		says: []string{"no longer works", "Named: kim.new@gone.test"},
		want: left{
			mails: []string{"auto_reply"}, responses: []string{"left_company"}, enrollment: "finished left_company", end: "left_company",
			tasks: []string{"referral"}, note: byToken,
		},
	},
	{
		name: "mailto", act: correspondent.unsubscribeByMail,
		want: left{
			mails: []string{"unsubscribe"}, responses: []string{"unsubscribe"}, enrollment: "finished opted_out", end: "opted_out", barred: []string{"all"}, note: byToken,
		},
	},
	{
		name: "words", act: func(c correspondent) { c.reply("Please take me off your list. Thanks.") },
		want: left{
			mails: []string{"unsubscribe"}, responses: []string{"unsubscribe"}, enrollment: "finished opted_out", end: "opted_out", barred: []string{"all"},
			note: byToken,
		},
	},
	{
		name: "oneclick", act: correspondent.oneClick,
		want: left{responses: []string{"unsubscribe"}, enrollment: "finished opted_out", end: "opted_out", barred: []string{"all"}},
	},
	{
		name: "scanner", act: correspondent.visit,
		want: left{enrollment: "active enrolled"},
	},
}

func (c answerCase) address() string { return c.name + "@" + c.name + ".test" }

// writtenByHand lets an SDR write to the prospect from her own mailbox. A vacation script speaks up then; on our mails, which carry
// List-Unsubscribe, it is silent (RFC 5230, section 4.6).
func writtenByHand(c correspondent) {
	c.t.Helper()
	c.pair.Write(c.t, mara, c.address, []byte("From: Mara Lindqvist <"+mara+">\r\nTo: "+c.address+"\r\nSubject: One more thing\r\n"+
		"Date: Tue, 04 Mar 2025 09:35:00 +0100\r\nMessage-ID: <by-hand@"+mailtest.OurDomain+">\r\n\r\nShall I send you the checklist?\r\n"))
}

// TestAnswersOfRealMailServers runs serve between two real mail servers: its mails go out by one, and what the other, its users and their
// programs answer comes back over the mailboxes and over HTTP. All mails leave together, since it takes a while until one expires.
func TestAnswersOfRealMailServers(t *testing.T) {
	t.Parallel()
	prospects := map[string]mailtest.Prospect{}
	for _, c := range answerCases {
		prospects[c.address()] = c.server
	}
	pair := mailtest.StartPair(t, prospects)
	o := openOffice(t, pair.Dovecot, func(dir string) { ourMailboxes(t, dir, pair) }, testNow+"="+tuesday, "NURTURE_SMTP_HOST="+pair.Host,
		"NURTURE_SMTP_PORT="+strconv.Itoa(pair.Submission), "NURTURE_SMTP_TLS=starttls", "NURTURE_SMTP_USERNAME="+mara, "NURTURE_SMTP_PASSWORD="+mailtest.Password,
		"NURTURE_SMTP_CA_CERT="+pair.CACert, "NURTURE_IMAP_PASSWORD="+mailtest.Password)
	stop := o.serve()
	o.importProspects()
	for _, c := range answerCases {
		c.answer(o, pair)
	}
	for _, c := range answerCases {
		o.until(c.name+" comes back", func() bool {
			return len(o.texts(`SELECT m.kind FROM inbound_mails m JOIN leads l ON l.id = m.lead_id WHERE l.email = $1`, c.address())) >= len(c.want.mails)
		})
	}
	for _, box := range []string{mara, repliesBox, bouncesBox, unsubscribeBox} {
		o.until("all mails to "+box+" are marked", func() bool { return o.unmarked(box) == 0 })
	}
	stop()
	for _, c := range answerCases {
		t.Run(c.name, func(t *testing.T) { c.compare(t, o) })
	}
	if list := o.run("inbox", "list"); !strings.HasPrefix(list, "none: ") {
		t.Errorf("mails wait for a person:\n%s", list)
	}
	if t.Failed() {
		t.Log(o.serveLog(), pair.Log())
	}
}

// ourMailboxes puts everybody of ours at the pair's domain, and has all the mailboxes read.
func ourMailboxes(t *testing.T, configDir string, pair *mailtest.Pair) {
	t.Helper()
	file := filepath.Join(configDir, "nurture.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	settings := strings.ReplaceAll(string(text), "@example.com", "@"+mailtest.OurDomain)
	settings += fmt.Sprintf("\nmail:\n  replies: %s\n  bounces: %s\n  unsubscribe: %s\ninboxes:\n", repliesBox, bouncesBox, unsubscribeBox)
	for _, box := range []string{mara, repliesBox, bouncesBox, unsubscribeBox} {
		settings += fmt.Sprintf("  - { host: %s, port: %d, tls: implicit, username: %s, ca_cert: %s }\n", pair.Host, pair.TLS, box, pair.CACert)
	}
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
}

// serve starts nurture serve, which ends gracefully when the returned function is called. Its address is part of every mail and so chosen
// before; should another process take it until then, a second try has another.
func (o *office) serve() (stop func()) {
	o.t.Helper()
	for range 3 {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			o.t.Fatal(err)
		}
		address := listener.Addr().String()
		if err := listener.Close(); err != nil {
			o.t.Fatal(err)
		}
		log, err := os.Create(filepath.Join(o.dir, "serve.log"))
		if err != nil {
			o.t.Fatal(err)
		}
		defer log.Close()
		cmd := o.command("serve", "--listen", address, "--workers", "4")
		cmd.Env = append(cmd.Env, "NURTURE_PUBLIC_URL=http://"+address)
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Start(); err != nil {
			o.t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		if within(time.Minute, func() bool { return len(ended) > 0 || strings.Contains(o.serveLog(), "http://"+address) }) && len(ended) == 0 {
			stop = sync.OnceFunc(func() {
				_ = cmd.Process.Signal(syscall.SIGTERM)
				if err := <-ended; err != nil {
					o.t.Errorf("serve ended badly: %v\n%s", err, o.serveLog())
				}
			})
			o.t.Cleanup(stop)
			return stop
		}
		_ = cmd.Process.Kill()
	}
	o.t.Fatalf("serve does not start:\n%s", o.serveLog())
	return nil
}

func (o *office) serveLog() string {
	text, _ := os.ReadFile(filepath.Join(o.dir, "serve.log"))
	return string(text)
}

func (o *office) importProspects() {
	o.t.Helper()
	var leads strings.Builder
	leads.WriteString("email,first_name,last_name,company,phone,consent.email,consent.voicemail,country\n")
	for i, c := range answerCases {
		fmt.Fprintf(&leads, "%s,Pat,%s,%s Ltd,+4930123450%02d,yes,yes,DE\n", c.address(), c.name, c.name, i)
	}
	file := filepath.Join(o.dir, "leads.csv")
	if err := os.WriteFile(file, []byte(leads.String()), 0o600); err != nil {
		o.t.Fatal(err)
	}
	o.run("leads", "import", file)
}

// answer waits until our mail has arrived and lets the prospect act.
func (c answerCase) answer(o *office, pair *mailtest.Pair) {
	o.t.Helper()
	if c.act == nil {
		return
	}
	var arrived [][]byte
	o.until("our mail reaches "+c.name, func() bool {
		arrived = pair.Messages(o.t, c.address(), &goimap.SearchCriteria{})
		return len(arrived) > 0
	})
	if len(arrived) != 1 {
		o.t.Errorf("%d mails reached %s, want 1", len(arrived), c.name)
	}
	c.act(read(o.t, pair, c.address(), "Pat "+c.name, arrived[0]))
}

func (o *office) texts(sql string, args ...any) []string {
	o.t.Helper()
	rows, err := o.pool.Query(o.t.Context(), sql, args...)
	if err != nil {
		o.t.Fatalf("%s: %v", sql, err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		o.t.Fatalf("%s: %v", sql, err)
	}
	return texts
}

// compare looks at everything that the mails moved.
func (c answerCase) compare(t *testing.T, o *office) {
	ctx := t.Context()
	lead, err := store.FindLead(ctx, o.pool, c.address())
	if err != nil {
		t.Fatal(err)
	}
	got := left{end: lead.EndReason}
	got.mails = o.texts(`SELECT kind FROM inbound_mails WHERE lead_id = $1 ORDER BY id`, lead.ID)
	got.responses = o.texts(`SELECT kind FROM responses WHERE lead_id = $1 ORDER BY id`, lead.ID)
	got.barred = o.texts(`SELECT channel FROM suppressions WHERE hash = sha256(convert_to($1, 'UTF8')) ORDER BY 1`, lead.Email)
	got.tasks = o.texts(`SELECT kind FROM tasks WHERE lead_id = $1 AND state = 'open' ORDER BY id`, lead.ID)
	if notes := o.texts(`SELECT note FROM inbound_mails WHERE lead_id = $1 ORDER BY id`, lead.ID); len(notes) > 0 {
		got.note = notes[len(notes)-1]
	}
	enrollments, err := store.LeadEnrollments(ctx, o.pool, lead.ID)
	if err != nil || len(enrollments) != 1 {
		t.Fatalf("%d enrolments, %v", len(enrollments), err)
	}
	e := enrollments[0]
	got.enrollment = e.State + " " + e.Reason
	if e.State == "paused" && e.DueAt != nil {
		got.due = e.DueAt.Format("2006-01-02")
	}
	if g, w := fmt.Sprintf("%q", got), fmt.Sprintf("%q", c.want); g != w {
		t.Errorf("got  %s\nwant %s", g, w)
	}
	scripts := o.texts(`SELECT script FROM tasks WHERE lead_id = $1`, lead.ID)
	for _, words := range c.says {
		if !slices.ContainsFunc(scripts, func(s string) bool { return strings.Contains(s, words) }) {
			t.Errorf("no task says %q: %q", words, scripts)
		}
	}
	for _, script := range scripts {
		if strings.Contains(script, "/u/") || strings.Contains(script, "wrote:") {
			t.Errorf("the task quotes our own mail:\n%s", script)
		}
	}
}
