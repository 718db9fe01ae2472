package jobs

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/channels"
	"nurture/internal/leadfile"
	"nurture/store"
)

// anyResponse is everything that mail, phones and people may bring.
var anyResponse = []cadence.ResponseKind{
	cadence.Reply, cadence.OutOfOffice, cadence.LeftCompany, cadence.HardBounce, cadence.SoftBounce, cadence.PolicyBounce, cadence.Complaint,
	cadence.Unsubscribe, cadence.Click, cadence.Click, cadence.Click, cadence.FormFilled, cadence.Interested, cadence.NotNow, cadence.NotInterested, cadence.Referral,
	cadence.Question, cadence.WrongPerson, cadence.NoAnswer, cadence.Busy, cadence.LeftVoicemail, cadence.Gatekeeper, cadence.WrongNumber,
	cadence.Connected, cadence.Connected, cadence.MeetingSet, cadence.CallBackLater, cadence.NoLongerWithCompany, cadence.DoNotCall, cadence.VoicemailLeft,
	cadence.AnsweredByHuman, cadence.DetectionFailed, cadence.CallFailed,
}

// life is a company at work, at random.
type life struct {
	*rig
	random *rand.Rand
	leads  []int64
	events atomic.Int64
	refuse func(error) bool // says of an error that it only refuses what was asked for; nil: none does
}

// done fails for an error that does not only refuse what was asked for.
func (l *life) done(err error) {
	l.t.Helper()
	if err != nil && (l.refuse == nil || !l.refuse(err)) {
		l.t.Fatal(err)
	}
}

// TestNobodyFallsOut lets random weeks pass: whatever happens, every lead has an owner and a next action or an end reason, after every
// single step (B4), no cycle spends more than its budget (B3), and nothing reaches an address behind its opt-out (K2).
func TestNobodyFallsOut(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			l := &life{rig: newLiveRig(t, nil), random: rand.New(rand.NewPCG(seed, 4))}
			people := make([]leadfile.Lead, 16)
			for i := range people {
				people[i] = person(i + 1)
				people[i].Account = person(i/2 + 1).Account // two colleagues each
				if i%5 == 0 {
					people[i].Phone = ""
				}
				if i%7 == 0 {
					people[i].Origin = "self_qualified"
				}
			}
			l.leads = l.importLeads(people...)
			for range 60 {
				l.day()
			}
			summary, err := store.Summarize(l.ctx, l.pool)
			must(t, err)
			t.Logf("%+v", summary)
			if n := l.count(`SELECT count(*) FROM handoffs`); n == 0 {
				t.Error("in all this time nobody was handed off: the test shows less than it should")
			}
		})
	}
}

// day is what happens until the clock is moved; the books are checked after each thing.
func (l *life) day() {
	for _, thing := range []func(){
		func() { l.tick() }, l.carryOut, l.speak, l.evaluateAll, l.workDesk, l.evaluateAll, l.sell, l.evaluateAll, func() { must(l.t, l.Recover(l.ctx)) },
	} {
		thing()
		l.noLeaks()
		l.check()
	}
	l.pass(time.Duration(2+l.random.IntN(96)) * time.Hour)
}

// carryOut works the planned touches with every fate that a touch can have.
func (l *life) carryOut() {
	fate := func(channels.Message) channels.Receipt {
		o := channels.Sent
		switch l.random.IntN(12) {
		case 0:
			o = channels.Temporary
		case 1:
			o = channels.Permanent
		case 2:
			o = channels.Unknown
		}
		return channels.Receipt{Outcome: o}
	}
	l.mail.set(fate)
	l.voice.set(fate)
	for _, channel := range []cadence.Channel{cadence.ChannelEmail, cadence.ChannelVoicemail, cadence.ChannelCall} {
		var ids []int64
		for _, id := range l.touchIDs("planned") {
			if l.count(`SELECT count(*) FROM touches WHERE id = $1 AND channel = $2`, id, string(channel)) == 1 && l.random.IntN(8) > 0 {
				ids = append(ids, id)
			}
		}
		l.sendNow(channel, ids...)
	}
	l.mail.set(nil)
}

// speak lets some leads do something.
func (l *life) speak() {
	var inputs []ResponseInput
	for range l.random.IntN(3) {
		in := ResponseInput{
			LeadID: l.leads[l.random.IntN(len(l.leads))], Kind: l.oneOf(anyResponse), Source: "life", ExternalID: fmt.Sprint(l.events.Add(1)),
		}
		if l.random.IntN(2) == 0 {
			date := l.clock.Now().Add(time.Duration(l.random.IntN(120)-10) * 24 * time.Hour)
			in.Date = &date
		}
		if in.Kind == cadence.FormFilled || in.Kind == cadence.Connected {
			in.Answers, in.Confirms = l.answers(l.some(criteria), l.some(dossierItems)), in.Kind == cadence.Connected
		}
		inputs = append(inputs, in)
	}
	_, err := l.Respond(l.ctx, inputs)
	l.done(err)
}

// oneOf picks a kind; those that end everything are rare, or there would be nobody left to look at.
func (l *life) oneOf(kinds []cadence.ResponseKind) cadence.ResponseKind {
	for {
		kind := kinds[l.random.IntN(len(kinds))]
		switch kind {
		case cadence.Unsubscribe, cadence.Complaint, cadence.NotInterested, cadence.LeftCompany, cadence.NoLongerWithCompany, cadence.DoNotCall,
			cadence.HardBounce, cadence.WrongNumber:
			if l.random.IntN(12) > 0 {
				continue
			}
		}
		return kind
	}
}

// some leaves a few answers out, mostly none.
func (l *life) some(all map[string]string) map[string]string {
	if l.random.IntN(3) > 0 {
		return all
	}
	kept := map[string]string{}
	for k, v := range all {
		if l.random.IntN(4) > 0 {
			kept[k] = v
		}
	}
	return kept
}

// workDesk completes some of the tasks with any outcome that they may have.
func (l *life) workDesk() {
	tasks, err := store.OpenTasks(l.ctx, l.pool, "", 0)
	must(l.t, err)
	for _, task := range tasks {
		if l.random.IntN(3) == 0 {
			continue
		}
		if current, err := store.GetTask(l.ctx, l.pool, task.ID); err != nil || current.State != store.TaskOpen {
			continue // closed by what a colleague said a moment ago
		}
		outcomes := Dispositions(task.Kind)
		o := TaskOutcome{TaskID: task.ID, By: "mara", Disposition: l.oneOf(outcomes)}
		if o.Disposition == cadence.Connected || o.Disposition == cadence.MeetingSet {
			o.Answers = map[string]string{}
			maps.Copy(o.Answers, l.some(criteria))
			maps.Copy(o.Answers, l.some(dossierItems))
		}
		l.done(l.CompleteTask(l.ctx, o))
	}
}

// sell answers some handoffs.
func (l *life) sell() {
	offers, err := store.Handoffs(l.ctx, l.pool, store.HandoffOffered, "", 0)
	must(l.t, err)
	for _, h := range offers {
		l.done(l.deliver(h.ID))
		switch l.random.IntN(3) {
		case 0:
			l.done(l.AcceptHandoff(l.ctx, h.ID, h.Rep))
		case 1:
			l.done(l.RejectHandoff(l.ctx, h.ID, h.Rep, "not now"))
		}
	}
}

// check holds the promises that are about all rows.
func (l *life) check() {
	l.t.Helper()
	for what, sql := range map[string]string{
		"cycles beyond their budget":        `SELECT count(*) FROM cycles WHERE attempts > budget`,
		"leads in two cadences":             `SELECT count(*) FROM (SELECT FROM enrollments WHERE state <> 'finished' GROUP BY lead_id HAVING count(*) > 1) x`,
		"ended leads with a cadence":        `SELECT count(*) FROM leads l JOIN enrollments e ON e.lead_id = l.id AND e.state <> 'finished' WHERE l.end_reason <> ''`,
		"leads with sales and in a cadence": `SELECT count(*) FROM handoffs h JOIN enrollments e ON e.lead_id = h.lead_id AND e.state <> 'finished' WHERE h.state IN ('offered', 'accepted')`,
		// One that was tried waits for its next try whatever became of its cadence meanwhile: the next claim refuses it.
		"finished cadences with planned touches":         `SELECT count(*) FROM touches t JOIN enrollments e ON e.id = t.enrollment_id WHERE t.state = 'planned' AND t.tries = 0 AND e.state <> 'active'`,
		"leads without an owner":                         `SELECT count(*) FROM leads WHERE owner = ''`,
		"open call tasks about leads not to be called":   `SELECT count(*) FROM tasks k JOIN leads l ON l.id = k.lead_id JOIN suppressions s ON s.hash = sha256(convert_to(l.phone, 'UTF8')) WHERE k.state = 'open' AND k.kind = 'call' AND k.touch_id IS NOT NULL`,
		"mails behind an opt-out":                        `SELECT count(*) FROM touches t JOIN suppressions s ON s.hash = sha256(convert_to(t.address, 'UTF8')) AND s.channel IN ('all', 'email') WHERE t.channel = 'email' AND t.claimed_at > s.created_at`,
		"voicemails behind an opt-out":                   `SELECT count(*) FROM touches t JOIN suppressions s ON s.hash = sha256(convert_to(t.address, 'UTF8')) AND s.channel IN ('all', 'phone') WHERE t.channel = 'voicemail' AND t.claimed_at > s.created_at`,
		"attempts that are not the sum of their touches": `SELECT count(*) FROM cycles c WHERE c.attempts < (SELECT count(*) FROM touches t WHERE t.lead_id = c.lead_id AND t.cycle = c.cycle AND t.attempt IS NOT NULL)`,
	} {
		if n := l.count(sql); n != 0 {
			l.t.Fatalf("%s: %d %s", l.clock.Now(), n, what)
		}
	}
}
