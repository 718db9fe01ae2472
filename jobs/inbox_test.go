package jobs

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"nurture/cadence"
	"nurture/channels"
	"nurture/channels/email/inbound"
	"nurture/store"
)

// afterMail is what is left behind by a mail.
type afterMail struct {
	mail        store.InboundState
	kind        inbound.Kind
	response    cadence.ResponseKind // "" for none
	enrollment  string               // state and reason
	due         string               // the day on which a pause ends
	end         cadence.EndReason
	suppression string           // scopes of the email address's, then of the phone's
	task        cadence.TaskKind // "" for none
	says        []string         // in the task
}

const active = "active enrolled"

func letterTo(m channels.Message, to, words string) letter {
	l := answer(m, words)
	l.to = to
	return l
}

// mailCases are the mails that may come back for a first touch, and what each leaves behind.
var mailCases = []struct {
	name string
	mail func(channels.Message) letter
	want afterMail
}{
	{
		"hard bounce, our token", func(m channels.Message) letter { return report(m, "failed", "5.1.1", "550 5.1.1 no such user") },
		afterMail{mail: "taken", kind: "bounce", response: cadence.HardBounce, enrollment: active, suppression: "email"},
	},
	{
		"hard bounce, by Message-ID alone", func(m channels.Message) letter {
			return report(anonymous(m), "failed", "5.1.1", "550 5.1.1 no such user")
		},
		afterMail{mail: "taken", kind: "bounce", response: cadence.HardBounce, enrollment: active, suppression: "email"},
	},
	{"forged bounce", func(m channels.Message) letter {
		m = anonymous(m)
		m.Mail.MessageID = "guessed@ourco.example"
		return report(m, "failed", "5.1.1", "550 5.1.1 no such user")
	}, afterMail{mail: "unmatched", kind: "bounce", enrollment: active}},
	{
		"full mailbox", func(m channels.Message) letter { return report(m, "failed", "5.2.2", "552 5.2.2 mailbox full") },
		afterMail{mail: "taken", kind: "bounce", response: cadence.SoftBounce, enrollment: "paused bounced", due: "2026-03-04"},
	},
	{
		"refused for policy", func(m channels.Message) letter {
			return report(m, "failed", "5.7.1", "550 5.7.1 message content rejected by policy")
		},
		afterMail{mail: "taken", kind: "bounce", response: cadence.PolicyBounce, enrollment: active},
	},
	{
		"delayed", func(m channels.Message) letter {
			return report(m, "delayed", "4.4.1", "451 4.4.1 connection timed out, will retry")
		},
		afterMail{mail: "taken", kind: "delayed", enrollment: active},
	},
	{
		"delivered", func(m channels.Message) letter { return report(m, "delivered", "2.0.0", "250 2.0.0 ok") },
		afterMail{mail: "taken", kind: "delivered", enrollment: active},
	},
	{"out of office until a day", func(m channels.Message) letter {
		return auto(m, "Out of office", "Thank you for your message. I am out of the office and will be back on 12 March 2026.")
	}, afterMail{mail: "taken", kind: "auto_reply", response: cadence.OutOfOffice, enrollment: "paused out_of_office", due: "2026-03-13"}},
	{
		"out of office without a day", func(m channels.Message) letter { return auto(m, "Out of office", "I am currently out of the office.") },
		afterMail{mail: "taken", kind: "auto_reply", response: cadence.OutOfOffice, enrollment: "paused out_of_office", due: "2026-03-09"},
	},
	{"left, and names somebody", func(m channels.Message) letter {
		return auto(m, "Automatic reply", "Pat Number001 no longer works for Customer 001. Please contact kim.new@customer-001.example instead.")
	}, afterMail{
		mail: "taken", kind: "auto_reply", response: cadence.LeftCompany, enrollment: "finished left_company", end: cadence.EndLeftCompany,
		task: cadence.TaskReferral, says: []string{"no longer works", "Named: kim.new@customer-001.example"},
	}},
	{"complaint", complaint, afterMail{
		mail: "taken", kind: "complaint", response: cadence.Complaint, enrollment: "finished opted_out", end: cadence.EndOptedOut, suppression: "all all",
	}},
	{"asks out in words", func(m channels.Message) letter { return answer(m, "Please unsubscribe me.") }, afterMail{
		mail: "taken", kind: "unsubscribe", response: cadence.Unsubscribe, enrollment: "finished opted_out", end: cadence.EndOptedOut, suppression: "all all",
	}},
	{"asks out by the address in the header", func(m channels.Message) letter { return letterTo(m, m.Mail.UnsubscribeMailto, "Whatever.") }, afterMail{
		mail: "taken", kind: "reply", response: cadence.Unsubscribe, enrollment: "finished opted_out", end: cadence.EndOptedOut, suppression: "all all",
	}},
	{"a program asks out by that address", func(m channels.Message) letter {
		l := auto(m, "unsubscribe", "")
		l.to, l.inReplyTo = m.Mail.UnsubscribeMailto, ""
		return l
	}, afterMail{
		mail: "taken", response: cadence.Unsubscribe, enrollment: "finished opted_out", end: cadence.EndOptedOut, suppression: "all all",
	}},
	{"reply, by token", func(m channels.Message) letter {
		l := answer(m, "Yes, we are interested. Could you call me tomorrow?")
		l.inReplyTo, l.from = "", "Other Address <pat@private.example>"
		return l
	}, afterMail{
		mail: "taken", kind: "reply", response: cadence.Reply, enrollment: "paused human_reply", due: "2026-03-16", task: cadence.TaskTriage,
		says: []string{"Yes, we are interested. Could you call me tomorrow?\n", "This probably means: interested"},
	}},
	{"reply, by what it answers", func(m channels.Message) letter {
		l := letterTo(m, m.From.Address, "Not now, please come back to us in September.")
		l.from = "Other Address <pat@private.example>"
		return l
	}, afterMail{
		mail: "taken", kind: "reply", response: cadence.Reply, enrollment: "paused human_reply", due: "2026-03-16", task: cadence.TaskTriage,
		says: []string{"Not now, please", "This probably means: not now, 2026-09-01"},
	}},
	{"reply, by its sender alone", func(m channels.Message) letter {
		l := letterTo(m, m.From.Address, "Hello, who are you?")
		l.inReplyTo, l.from = "", strings.ToUpper(m.To.Address)
		return l
	}, afterMail{
		mail: "taken", kind: "reply", response: cadence.Reply, enrollment: "paused human_reply", due: "2026-03-16", task: cadence.TaskTriage,
		says: []string{"Hello, who are you?"},
	}},
	{"reply in the subject alone", func(m channels.Message) letter {
		l := answer(m, "")
		l.subject, l.body = "Call me on Thursday, not before", ""
		return l
	}, afterMail{
		mail: "taken", kind: "reply", response: cadence.Reply, enrollment: "paused human_reply", due: "2026-03-16", task: cadence.TaskTriage,
		says: []string{"its subject is: Call me on Thursday, not before"},
	}},
	{"reply of a stranger", func(m channels.Message) letter {
		return letter{from: "x@stranger.example", to: m.From.Address, subject: "Hello", body: "Hello there"}
	}, afterMail{mail: "unmatched", kind: "reply", enrollment: active}},
	{"forged token", func(m channels.Message) letter {
		l := letterTo(anonymous(m), strings.Replace(m.Mail.ReplyTo, "+r", "+b", 1), "Hello")
		l.inReplyTo, l.from = "", "x@stranger.example"
		return l
	}, afterMail{mail: "unmatched", kind: "reply", enrollment: active}},
	{"wants a click before it delivers", func(m channels.Message) letter {
		return auto(m, "Please confirm your message", "Your message is being held. To deliver it, please click the link to confirm that you are not a robot: https://challenge.example/1")
	}, afterMail{mail: "unmatched", kind: "auto_reply", enrollment: active}},
	{"an SDR answers the lead with a copy to us", func(m channels.Message) letter {
		l := answer(m, "Hello Pat, shall I call you? Unsubscribe me is not what I say.")
		l.from, l.to, l.cc = "Mara <"+m.From.Address+">", m.To.Address, m.Mail.ReplyTo
		return l
	}, afterMail{mail: "taken", kind: "unsubscribe", enrollment: active}},
	{"a Message-ID of 8,000 characters", func(m channels.Message) letter {
		l := answer(m, "Hello")
		l.id = strings.Repeat("0123456789abcdef", 500) + "@customer.example"
		return l
	}, afterMail{
		mail: "taken", kind: "reply", response: cadence.Reply, enrollment: "paused human_reply", due: "2026-03-16", task: cadence.TaskTriage, says: []string{"Hello"},
	}},
	{"NUL and broken characters everywhere", func(m channels.Message) letter {
		l := answer(m, "Call me\x00 \xff\xfe back\\u0000")
		l.subject, l.id = "Re: \x00\xff", "a\x00\xffb@customer.example"
		return l
	}, afterMail{
		mail: "taken", kind: "reply", response: cadence.Reply, enrollment: "paused human_reply", due: "2026-03-16", task: cadence.TaskTriage, says: []string{"Call me"},
	}},
}

// TestMailEndsInTheRightState sends one mail back for a first touch and looks at everything that it moves (D1–D3, D9, H5).
func TestMailEndsInTheRightState(t *testing.T) {
	t.Parallel()
	for _, c := range mailCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
			m := r.written(1)[0]
			raw := c.mail(m).raw()
			taken := r.take(raw)
			r.after(taken, raw, c.want)
		})
	}
}

// after compares what a mail for the only lead left behind.
func (r *rig) after(taken TakenMail, raw []byte, want afterMail) {
	r.t.Helper()
	got := afterMail{mail: taken.State, kind: taken.Kind}
	if want.kind == "" {
		got.kind = ""
	}
	lead := r.lead(1)
	got.end = cadence.EndReason(lead.EndReason)
	enrollments, err := store.LeadEnrollments(r.ctx, r.pool, lead.ID)
	must(r.t, err)
	e := enrollments[0]
	got.enrollment = e.State + " " + e.Reason
	if e.State == string(cadence.Paused) && e.DueAt != nil {
		got.due = e.DueAt.Format("2006-01-02")
	}
	responses, err := store.LeadResponses(r.ctx, r.pool, lead.ID)
	must(r.t, err)
	for _, in := range responses {
		got.response += in.Kind
	}
	var scopes []string
	barred, err := store.FindSuppressions(r.ctx, r.pool, []string{lead.Email, lead.Phone})
	must(r.t, err)
	for _, b := range barred {
		scopes = append(scopes, string(b.Scope))
	}
	got.suppression = strings.Join(scopes, " ")
	tasks, err := store.LeadTasks(r.ctx, r.pool, lead.ID)
	must(r.t, err)
	for _, task := range tasks {
		got.task += task.Kind
		for _, say := range want.says {
			if strings.Contains(task.Script, say) {
				got.says = append(got.says, say)
			}
		}
		if strings.Contains(task.Script, "wrote:") {
			r.t.Errorf("the task quotes our own mail:\n%s", task.Script)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		r.t.Errorf("got  %q\nwant %q", fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
	}
	row, err := store.GetInbound(r.ctx, r.pool, taken.ID)
	must(r.t, err)
	if keeps := string(row.Raw) == string(raw) && row.Raw != nil; keeps != (want.mail == store.InboundUnmatched) {
		r.t.Errorf("the mail is %s, and its %d bytes are kept: %t", row.State, len(raw), keeps)
	}
	if (row.ResponseID != nil) != (want.response != "") {
		r.t.Errorf("the mail names response %v", row.ResponseID)
	}
	waiting, err := store.UnmatchedMails(r.ctx, r.pool, 0, 0)
	must(r.t, err)
	if listed := slices.ContainsFunc(waiting, func(m store.InboundMail) bool { return m.ID == taken.ID }); listed != (want.mail == store.InboundUnmatched) {
		r.t.Errorf("the mail waits in the list: %t", listed)
	}
	r.noLeaks()
}

// TestUnsubscribeStopsTheNextClaim: a touch that is planned already is refused after the mail, on every channel.
func TestUnsubscribeStopsTheNextClaim(t *testing.T) {
	t.Parallel()
	for name, words := range map[string]func(channels.Message) letter{
		"words":  func(m channels.Message) letter { return answer(m, "Please remove me from your list.") },
		"mailto": func(m channels.Message) letter { return letter{from: m.To.Address, to: m.Mail.UnsubscribeMailto} },
	} {
		for _, step := range []string{laterMail, voiceStep, callStep} {
			t.Run(name+" before"+step, func(t *testing.T) {
				t.Parallel()
				r := newLiveRig(t, firstSeven(mailStep+step))
				m := r.written(1)[0]
				r.at(monday.AddDate(0, 0, 7).Add(tenOClock.Sub(monday)))
				r.tick()
				next := r.touchIDs("planned")
				if len(next) != 1 {
					t.Fatalf("%d touches are planned", len(next))
				}
				var channel cadence.Channel
				r.scan(`SELECT channel FROM touches WHERE id = $1`, []any{next[0]}, &channel)
				r.take(words(m).raw())
				r.sendNow(channel, next...)
				if len(r.mail.messages())+len(r.voice.messages()) != 1 || r.count(`SELECT count(*) FROM tasks WHERE state = 'open'`) != 0 {
					t.Error("a touch left after the lead had asked out")
				}
			})
		}
	}
}

// TestMailThatNobodyCanRead waits for a person, whole: neither its bytes nor its size stop it (D9).
func TestMailThatNobodyCanRead(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	m := r.written(1)[0]
	huge := append(answer(m, "x").raw()[:0:0], []byte("\x00\x01\x02no header at all")...)
	for len(huge) < 25<<20 {
		huge = append(huge, huge...)
	}
	before := r.dump()
	for name, raw := range map[string][]byte{
		"noise": {0xff, 0xfe, 0, 1, 2, 3, 0x80, '\n', 0}, "NULs": make([]byte, 4096), "25 MB": huge[:25<<20], "empty": {}, "nothing": nil,
		"line ends": []byte("\r\n\r\n\r\n"),
	} {
		taken := r.take(raw)
		if name == "nothing" && taken.ID == 0 || name == "empty" && taken.ID == 0 {
			continue // the same mail as the other
		}
		if taken.State != store.InboundUnmatched {
			t.Errorf("%s: %+v", name, taken)
		}
		row, err := store.GetInbound(r.ctx, r.pool, taken.ID)
		must(t, err)
		if row.Raw == nil || string(row.Raw) != string(raw) {
			t.Errorf("%s: %d bytes are kept, want all %d", name, len(row.Raw), len(raw))
		}
		if _, err := r.AssignMail(r.ctx, taken.ID, 1, "", "test"); err != nil {
			t.Errorf("%s cannot be assigned: %v", name, err)
		}
	}
	if after := r.dump(); !strings.Contains(after, "reply") && after != before {
		t.Errorf("what cannot be read moved something:\n%s", after)
	}
}

// TestMailForAnEndedLead: what protects it still acts, a person still reads what it wrote, and nothing else happens.
func TestMailForAnEndedLead(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	m := r.written(1)[0]
	r.respond(1, cadence.NotInterested)
	if got := r.take(auto(m, "Out of office", "I am away until 12 March 2026.").raw()); got.State != store.InboundTaken {
		t.Errorf("out of office: %+v", got)
	}
	if kinds := r.tasksAbout(1); len(kinds) != 0 {
		t.Errorf("tasks %v", kinds)
	}
	r.take(answer(m, "I have changed my mind: please call me.").raw())
	if kinds := r.tasksAbout(1); !slices.Equal(kinds, []cadence.TaskKind{cadence.TaskTriage}) {
		t.Errorf("tasks %v, want triage", kinds)
	}
	r.take(complaint(m).raw())
	if n := r.count(`SELECT count(*) FROM suppressions WHERE channel = 'all'`); n != 2 {
		t.Errorf("%d suppressions, want the address and the phone", n)
	}
	if e := r.running(1); e.ID != 0 {
		t.Errorf("the lead runs again: %+v", e)
	}
	r.noLeaks()
}

// TestTwoLeadsWithOneAddress: the sender's address alone does not say whose mail it is, the token does.
func TestTwoLeadsWithOneAddress(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	sent := r.written(2)
	r.exec(`UPDATE leads SET email = (SELECT email FROM leads WHERE id = 1)`)
	l := answer(sent[0], "Hello")
	l.to, l.inReplyTo = sent[0].From.Address, ""
	taken := r.take(l.raw())
	if taken.State != store.InboundUnmatched || taken.LeadID != 0 || !strings.Contains(taken.Because, "2 leads have the sender's address") {
		t.Errorf("got %+v", taken)
	}
	l = answer(sent[1], "Hello")
	l.from = sent[0].To.Address
	if taken := r.take(l.raw()); taken.LeadID != r.leadOf(sent[1].TouchID) {
		t.Errorf("got %+v, want the lead whose token it is", taken)
	}
}

// TestSecondReplyKeepsTheFirst: the triage task shows both, the newer one first.
func TestSecondReplyKeepsTheFirst(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	m := r.written(1)[0]
	r.take(answer(m, "First words").raw())
	r.pass(1)
	r.take(answer(m, "Second words").raw())
	var script string
	r.scan(`SELECT script FROM tasks WHERE kind = 'triage'`, nil, &script)
	if first, second := strings.Index(script, "First words"), strings.Index(script, "Second words"); first < 0 || second < 0 || first < second {
		t.Errorf("the task says %q", script)
	}
}

// TestMailTakenInPart: the task about a mail of which only the beginning was read says so. What was asked may stand behind the attachment.
func TestMailTakenInPart(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	m := r.written(1)[0]
	const note = "only the beginning of 32285538 bytes was taken"
	_, err := r.TakeMail(r.ctx, ArrivedMail{Source: "test", ExternalID: "1", Raw: answer(m, "").raw(), Note: note})
	must(t, err)
	var said string
	r.scan(`SELECT script FROM tasks WHERE kind = 'triage'`, nil, &said)
	if !strings.Contains(said, "Look at the mail itself: "+note) {
		t.Errorf("the task says %q", said)
	}
}

// TestAnswerFromAnotherAddress: the task says who wrote when it was not the lead, such as a colleague who was handed the mail, and says nothing of a
// tag or another case in the lead's own address.
func TestAnswerFromAnotherAddress(t *testing.T) {
	t.Parallel()
	for from, told := range map[string]bool{"Dave Dole <dave.dole@customer.example>": true, "": false, "tagged": false} {
		t.Run(from, func(t *testing.T) {
			t.Parallel()
			r := newLiveRig(t, firstSeven(mailStep+laterMail))
			m := r.written(1)[0]
			l := answer(m, "I was handed this. Call me on Tuesday.")
			switch from {
			case "":
			case "tagged":
				local, domain, _ := strings.Cut(m.To.Address, "@")
				l.from = strings.ToUpper(local) + "+sales@" + domain
			default:
				l.from = from
			}
			r.take(l.raw())
			var script string
			r.scan(`SELECT script FROM tasks WHERE kind = 'triage'`, nil, &script)
			if said := strings.Contains(script, "Written from dave.dole@customer.example; our mail went to "+m.To.Address); said != told {
				t.Errorf("the task says %q", script)
			}
			if !told && strings.Contains(script, "Written from") {
				t.Errorf("the task says %q", script)
			}
		})
	}
}
