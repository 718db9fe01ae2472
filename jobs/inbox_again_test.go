package jobs

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"nurture/cadence"
	"nurture/channels"
	"nurture/channels/email/inbound"
	"nurture/store"
)

// answers are all sorts of mail that may come back for a touch.
var answers = map[string]func(channels.Message) letter{
	"reply":         func(m channels.Message) letter { return answer(m, "Yes, please call me.") },
	"unsubscribe":   func(m channels.Message) letter { return answer(m, "Unsubscribe me, please.") },
	"hard bounce":   func(m channels.Message) letter { return report(m, "failed", "5.1.1", "550 5.1.1 user unknown") },
	"soft bounce":   func(m channels.Message) letter { return report(m, "failed", "5.2.2", "552 5.2.2 mailbox full") },
	"policy bounce": func(m channels.Message) letter { return report(m, "failed", "5.7.1", "550 5.7.1 rejected by policy") },
	"delay":         func(m channels.Message) letter { return report(m, "delayed", "4.4.1", "451 4.4.1 timed out") },
	"out of office": func(m channels.Message) letter {
		return auto(m, "Out of office", "I am out of office until 12 March 2026.")
	},
	"left": func(m channels.Message) letter {
		return auto(m, "Automatic reply", "I no longer work for this company. Please contact jo@new.example.")
	},
	"complaint": complaint,
	"stranger": func(m channels.Message) letter {
		return letter{from: "x@stranger.example", to: m.From.Address, body: "Hello"}
	},
	"no Message-ID": func(m channels.Message) letter {
		return letter{from: m.To.Address, to: m.Mail.ReplyTo, body: "Hello again"}
	},
	"mailto request": func(m channels.Message) letter { return letter{from: m.To.Address, to: m.Mail.UnsubscribeMailto} },
}

// outcomeOf is everything that mail moved about some leads, without ids, in an order that does not depend on them. What still counts up
// from lead to lead is left out.
func (r *rig) outcomeOf(leads []int64) string {
	r.t.Helper()
	var text strings.Builder
	for _, lead := range leads {
		for _, sql := range []string{
			`SELECT stage, readiness, end_reason, phone_invalid FROM leads WHERE id = $1`,
			`SELECT state, reason, step, run, in_flight, due_at, due_reason, channel, last_response FROM enrollments WHERE lead_id = $1 ORDER BY id`,
			`SELECT step, run, channel, state, reason, attempt, result FROM touches WHERE lead_id = $1 ORDER BY id`,
			`SELECT kind, said, date FROM responses WHERE lead_id = $1 ORDER BY kind, said`,
			`SELECT criterion, value, class FROM facts WHERE lead_id = $1 ORDER BY 1, 2, 3`,
			`SELECT kind, state, script FROM tasks WHERE lead_id = $1 ORDER BY 1, 2, 3`,
			`SELECT s.channel FROM suppressions s JOIN leads l ON s.hash IN (sha256(convert_to(l.email, 'UTF8')), sha256(convert_to(l.phone, 'UTF8')))
				WHERE l.id = $1 ORDER BY 1`,
		} {
			rows, err := r.pool.Query(r.ctx, sql, lead)
			must(r.t, err)
			lines, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
				values, err := row.Values()
				return fmt.Sprintln(values...), err
			})
			must(r.t, err)
			text.WriteString(strings.Join(lines, "") + "-\n")
		}
	}
	return text.String()
}

// arrival is one delivery of a mail.
type arrival struct {
	mail   int // which
	source int
}

// TestMailDeliveredAgainChangesNothing is D10: mails delivered three times, shuffled, over two mailboxes, each of which adds a header of its
// own, leave the same behind as each delivered once.
func TestMailDeliveredAgainChangesNothing(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + callStep + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: 100000")
	kinds := make([]string, 0, len(answers))
	for name := range answers {
		kinds = append(kinds, name)
	}
	slices.Sort(kinds)
	r := newLiveRig(t, files)
	r.at(tenOClock)
	people := 0
	rapid.Check(t, func(rt *rapid.T) {
		const leads = 3
		drawn := rapid.SliceOfN(rapid.SliceOfN(rapid.SampledFrom(kinds), 1, 3), leads, leads).Draw(rt, "answers of each lead")
		var mails [2][][]byte // of both halves, which get the same
		var halves [2][]int64
		written := r.writeTo(people, 2*leads)
		people += 2 * leads
		for half := range 2 {
			for i, m := range written[half*leads : (half+1)*leads] {
				halves[half] = append(halves[half], r.leadOf(m.TouchID))
				for n, kind := range drawn[i] {
					l := answers[kind](m)
					l.id = fmt.Sprintf("%d-%d-%s@customer.example", m.TouchID, n, strings.ReplaceAll(kind, " ", "-"))
					mails[half] = append(mails[half], l.raw())
				}
			}
		}
		var order []arrival
		for i := range mails[0] {
			order = append(order, arrival{i, 0}, arrival{i, 1}, arrival{i, rapid.IntRange(0, 1).Draw(rt, "source")})
		}
		order = rapid.Permutation(order).Draw(rt, "order")
		before := r.count(`SELECT count(*) FROM inbound_mails WHERE state = 'unmatched' AND sender <> 'x@stranger.example'`)
		seen := map[int]bool{}
		for _, a := range order {
			if !seen[a.mail] {
				r.takeFrom(0, mails[0][a.mail])
			}
			seen[a.mail] = true
			r.takeFrom(a.source, mails[1][a.mail])
		}
		r.evaluateAll()
		once, again := r.outcomeOf(halves[0]), r.outcomeOf(halves[1])
		if once != again {
			rt.Fatalf("delivered once:\n%s\nthree times:\n%s", once, again)
		}
		if after := r.count(`SELECT count(*) FROM inbound_mails WHERE state = 'unmatched' AND sender <> 'x@stranger.example'`); after != before {
			rt.Fatalf("%d mails wait for a person", after-before)
		}
	})
}

// takeFrom takes a mail in from one of two mailboxes.
func (r *rig) takeFrom(source int, raw []byte) {
	r.t.Helper()
	copied := append([]byte(fmt.Sprintf("Received: by mailbox-%d.ourco.example; Mon, 2 Mar 2026 11:00:00 +0100\r\n", source)), raw...)
	_, err := r.TakeMail(r.ctx, ArrivedMail{Source: fmt.Sprint("mailbox ", source), ExternalID: fmt.Sprintf("%x", raw), Raw: copied})
	must(r.t, err)
}

// writeTo imports some more people and sends each the first mail.
func (r *rig) writeTo(after, n int) []channels.Message {
	r.t.Helper()
	r.exec(`UPDATE senders SET paused_at = NULL`) // many refusals for policy have paused them
	leads := r.importPeopleFrom(after, n)
	r.tick()
	had := len(r.mail.messages())
	for _, lead := range leads {
		var id int64
		r.scan(`SELECT id FROM touches WHERE lead_id = $1 AND state = 'planned'`, []any{lead}, &id)
		r.sendNow(cadence.ChannelEmail, id)
	}
	return r.mail.messages()[had:]
}

func (r *rig) importPeopleFrom(after, n int) []int64 {
	r.t.Helper()
	var ids []int64
	for i := range n {
		ids = append(ids, r.importLeads(person(after+i+1))...)
	}
	return ids
}

// TestOrderDoesNotMatterBetweenLeads: one mail a lead, in any order, several at once, leaves the same.
func TestOrderDoesNotMatterBetweenLeads(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + callStep + laterMail)
	state := func(seed uint64) string {
		r := newLiveRig(t, files)
		sent := r.written(24)
		var mails [][]byte
		for i, m := range sent {
			kinds := []string{"reply", "unsubscribe", "hard bounce", "soft bounce", "out of office", "left", "complaint", "mailto request"}
			l := answers[kinds[i%len(kinds)]](m)
			l.id = fmt.Sprintf("%d@customer.example", m.TouchID)
			mails = append(mails, l.raw(), l.raw(), l.raw())
		}
		random := rand.New(rand.NewPCG(seed, 1))
		random.Shuffle(len(mails), func(i, j int) { mails[i], mails[j] = mails[j], mails[i] })
		var wg sync.WaitGroup
		for part := range 3 {
			wg.Go(func() {
				for i := part; i < len(mails); i += 3 {
					if _, err := r.TakeMail(r.ctx, ArrivedMail{Source: "test", ExternalID: fmt.Sprint(i), Raw: mails[i]}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		r.evaluateAll()
		r.noLeaks()
		return r.dump()
	}
	first := state(1)
	for seed := range uint64(2) {
		if got := state(seed + 2); got != first {
			t.Errorf("another order leaves\n%s\nnot\n%s", got, first)
		}
	}
}

// TestMailWaitsForTheDatabase: what the database cannot take now is an error and leaves nothing behind; delivered again it is taken once.
func TestMailWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"inbound_mails", "responses", "tasks", "river_job"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			r := newLiveRig(t, firstSeven(mailStep+laterMail))
			m := r.written(1)[0]
			before := r.dump()
			r.exec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END $$`)
			r.exec(`CREATE TRIGGER refuse BEFORE INSERT ON ` + table + ` FOR EACH ROW EXECUTE FUNCTION refuse()`)
			mail := ArrivedMail{Source: "test", ExternalID: "1", Raw: answer(m, "Hello").raw()}
			for range 2 {
				if taken, err := r.TakeMail(r.ctx, mail); err == nil {
					t.Fatalf("the mail was taken: %+v", taken)
				}
			}
			if after := r.dump(); after != before || r.count(`SELECT count(*) FROM inbound_mails`) != 0 {
				t.Errorf("the mail that could not be taken left\n%s", after)
			}
			r.exec(`DROP TRIGGER refuse ON ` + table)
			for range 2 {
				if _, err := r.TakeMail(r.ctx, mail); err != nil {
					t.Fatal(err)
				}
			}
			if n := r.count(`SELECT count(*) FROM responses`); n != 1 || r.running(1).State != string(cadence.Paused) {
				t.Errorf("%d responses, enrolment %s", n, r.running(1).State)
			}
		})
	}
}

// TestMailThatCannotBeStoredWaits: when what a mail means cannot be stored, for a reason that lies in the mail, it waits for a person and the
// mailbox goes on.
func TestMailThatCannotBeStoredWaits(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	m := r.written(1)[0]
	r.exec(`ALTER TABLE responses ADD CONSTRAINT odd CHECK (said NOT LIKE '%odd%')`)
	before := r.dump()
	taken := r.take(answer(m, "This is odd").raw())
	if taken.State != store.InboundUnmatched || !strings.Contains(taken.Because, "it could not be taken in") {
		t.Errorf("got %+v", taken)
	}
	if after := r.dump(); after != before {
		t.Errorf("half of it was stored:\n%s", after)
	}
	if taken := r.take(answer(m, "This is fine").raw()); taken.State != store.InboundTaken {
		t.Errorf("got %+v", taken)
	}
}

// TestPanicKeepsTheMail: a defect in reading mail loses none.
func TestPanicKeepsTheMail(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	m := r.written(1)[0]
	r.classify = func(inbound.Message, time.Time) inbound.Classification { panic("a defect") }
	raw := answer(m, "Call me").raw()
	taken := r.take(raw)
	if taken.State != store.InboundUnmatched {
		t.Fatalf("got %+v", taken)
	}
	if again := r.take(raw); again.ID != 0 {
		t.Errorf("taken twice: %+v", again)
	}
	r.classify = inbound.Classify // the defect is mended
	if kind, err := r.AssignMail(r.ctx, taken.ID, 1, "", "ana"); err != nil || kind != cadence.Reply {
		t.Errorf("assigned as %q, %v", kind, err)
	}
	if kinds := r.tasksAbout(1); !slices.Equal(kinds, []cadence.TaskKind{cadence.TaskTriage}) {
		t.Errorf("tasks %v", kinds)
	}
}

// TestAssignAndSetAside: a person says whose mail it is, once.
func TestAssignAndSetAside(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	r.written(2)
	stray := func(words string) int64 {
		return r.take(letter{from: "pat@private.example", to: "mara@ourco.example", subject: "Re: hello", body: words}.raw()).ID
	}
	reply, no, nobody := stray("Please call me"), stray("We have no need for this"), stray("Buy my goods")
	var wg sync.WaitGroup
	var done atomic.Int64
	for range 4 {
		wg.Go(func() {
			switch kind, err := r.AssignMail(r.ctx, reply, 1, "", "ana"); {
			case err == nil && kind == cadence.Reply:
				done.Add(1)
			case !errors.Is(err, ErrNotWaiting):
				t.Errorf("assigned as %q, %v", kind, err)
			}
		})
	}
	wg.Wait()
	if n := r.count(`SELECT count(*) FROM responses WHERE lead_id = 1 AND kind = 'reply'`); done.Load() != 1 || n != 1 {
		t.Errorf("assigned %d times, %d responses", done.Load(), n)
	}
	if got := r.running(1); got.State != string(cadence.Paused) {
		t.Errorf("enrolment %s", got.State)
	}
	if kind, err := r.AssignMail(r.ctx, no, 2, cadence.NotInterested, "ana"); err != nil || kind != cadence.NotInterested {
		t.Errorf("assigned as %q, %v", kind, err)
	}
	if end := r.lead(2).EndReason; end != string(cadence.EndNotInterested) {
		t.Errorf("the lead ended as %q", end)
	}
	must(t, r.SetMailAside(r.ctx, nobody, "ana"))
	if err := r.SetMailAside(r.ctx, nobody, "ana"); !errors.Is(err, ErrNotWaiting) || !strings.Contains(err.Error(), "set aside by ana") {
		t.Errorf("set aside twice: %v", err)
	}
	if _, err := r.AssignMail(r.ctx, nobody, 1, "", "ana"); !errors.Is(err, ErrNotWaiting) {
		t.Errorf("assigned after it was set aside: %v", err)
	}
	if _, err := r.AssignMail(r.ctx, 999, 1, "", "ana"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no such mail: %v", err)
	}
	odd := stray("odd")
	if _, err := r.AssignMail(r.ctx, odd, 1, "liked", "ana"); err == nil {
		t.Error("there is no response liked")
	}
	waiting, err := store.UnmatchedMails(r.ctx, r.pool, 0, 0)
	must(t, err)
	if len(waiting) != 1 || waiting[0].ID != odd {
		t.Errorf("waiting %+v", waiting)
	}
	if n := r.count(`SELECT count(*) FROM inbound_mails WHERE state <> 'unmatched' AND raw IS NOT NULL`); n != 0 {
		t.Errorf("the bytes of %d settled mails are still kept", n)
	}
}

// TestMailRacesClaims commits replies by mail while touches are claimed: a touch is sent only if its claim came first (K2).
func TestMailRacesClaims(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + laterMail + "  - call: discovery\n    after: 3 business days\n")
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: 1000")
	r := newLiveRig(t, files)
	const people = 80
	sent := r.written(people)
	r.at(monday.AddDate(0, 0, 7).Add(tenOClock.Sub(monday)))
	r.tick()
	next := map[int64]int64{} // lead → its second touch
	for _, id := range r.touchIDs("planned") {
		next[r.leadOf(id)] = id
	}
	if len(next) != people {
		t.Fatalf("%d touches are planned", len(next))
	}
	var handed sync.Map
	r.mail.set(func(m channels.Message) channels.Receipt {
		handed.Store(m.TouchID, true)
		return channels.Receipt{Outcome: channels.Sent}
	})
	leads := make([]int64, people)
	for i, m := range sent {
		leads[i] = r.leadOf(m.TouchID)
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, 4)
	var late sync.Map // touches whose reply was committed before their claim began
	for i, m := range sent {
		slots <- struct{}{}
		var committed atomic.Bool
		var pair sync.WaitGroup
		started := make(chan struct{})
		pair.Go(func() {
			if i%3 == 0 {
				<-started
			}
			if _, err := r.TakeMail(r.ctx, ArrivedMail{Source: "race", ExternalID: fmt.Sprint(i), Raw: answer(m, "Hello").raw()}); err != nil {
				t.Error(err)
			}
			committed.Store(true)
		})
		pair.Go(func() {
			close(started)
			if committed.Load() {
				late.Store(next[leads[i]], true)
			}
			if err := r.send(r.ctx, r.ctx, cadence.ChannelEmail, "", []int64{next[leads[i]]}); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() { pair.Wait(); <-slots })
	}
	wg.Wait()
	for _, id := range next {
		got := r.touch(id)
		_, left := handed.Load(id)
		_, tooLate := late.Load(id)
		switch {
		case got.Enrollment != "paused":
			t.Errorf("touch %d: the enrolment is %s", id, got.Enrollment)
		case left && tooLate:
			t.Errorf("touch %d left after the reply was committed", id)
		case left != (got.State == "sent"):
			t.Errorf("touch %d left: %t, and is %s", id, left, got.State)
		}
	}
}
