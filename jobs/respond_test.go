package jobs

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels"
	"nurture/internal/leadfile"
	"nurture/internal/token"
	"nurture/store"
)

// running gives the unfinished enrolment of a lead; the zero one when there is none.
func (r *rig) running(leadID int64) store.Enrollment {
	r.t.Helper()
	all, err := store.LeadEnrollments(r.ctx, r.pool, leadID)
	must(r.t, err)
	if len(all) == 0 || all[0].State == string(cadence.Finished) {
		return store.Enrollment{}
	}
	return all[0]
}

func (r *rig) lead(id int64) store.Lead {
	r.t.Helper()
	leads, err := store.Leads(r.ctx, r.pool, []int64{id})
	must(r.t, err)
	return leads[0]
}

// openTasks lists the kinds of the tasks that are open about a lead.
func (r *rig) tasksAbout(leadID int64) []cadence.TaskKind {
	r.t.Helper()
	tasks, err := store.LeadTasks(r.ctx, r.pool, leadID)
	must(r.t, err)
	var kinds []cadence.TaskKind
	for _, k := range tasks {
		if k.State == store.TaskOpen || k.State == store.TaskClaimed {
			kinds = append(kinds, k.Kind)
		}
	}
	return kinds
}

// evaluate works the evaluation jobs that wait, as River would.
func (r *rig) evaluateAll() {
	r.t.Helper()
	rows, err := r.pool.Query(r.ctx, `SELECT id FROM responses WHERE evaluated_at IS NULL ORDER BY id`)
	must(r.t, err)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	must(r.t, err)
	must(r.t, (&evaluateWorker{engine: r.Engine}).Work(r.ctx, jobOf(Evaluate{ids})))
}

// TestReplyPausesAtOnce is D3: the pause, the task and the evaluation's job are there when Respond returns.
func TestReplyPausesAtOnce(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
	id := r.planned(1)[0]
	lead := r.leadOf(id)
	response := r.respond(lead, cadence.Reply, func(in *ResponseInput) { in.Said = "Tell me more \x00\xff" })
	if got := r.touch(id); got.State != "skipped" || got.Enrollment != "paused" || got.Attempt != 0 {
		t.Errorf("touch %+v, want it skipped by the pause", got)
	}
	if kinds := r.tasksAbout(lead); !slices.Equal(kinds, []cadence.TaskKind{cadence.TaskTriage}) {
		t.Errorf("open tasks %v, want triage", kinds)
	}
	if n := r.count(`SELECT count(*) FROM river_job WHERE kind = 'evaluate' AND args->'response_ids' = to_jsonb(ARRAY[$1::bigint])`, response); n != 1 {
		t.Errorf("%d evaluation jobs", n)
	}
	r.sendNow(cadence.ChannelEmail, id)
	if len(r.mail.messages()) != 0 {
		t.Error("a mail left after the reply")
	}
	r.evaluateAll()
	r.evaluateAll()
	if n := r.count(`SELECT count(*) FROM verdicts`); n != 1 {
		t.Errorf("%d verdicts, want one", n)
	}
}

// TestResponseAndJobAreOneTransaction is A8: when the job cannot be stored, neither is the response, nor the pause.
func TestResponseAndJobAreOneTransaction(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	id := r.planned(1)[0]
	before := r.dump()
	r.exec(`ALTER TABLE river_job ADD CONSTRAINT none CHECK (kind <> 'evaluate')`)
	if _, err := r.Respond(r.ctx, []ResponseInput{{LeadID: r.leadOf(id), Kind: cadence.Reply, Source: "test", ExternalID: "1"}}); err == nil {
		t.Fatal("the response was taken without its job")
	}
	if after := r.dump(); after != before {
		t.Errorf("the failed response left\n%s", after)
	}
}

// TestReplyRacesClaim commits replies while touches are claimed: a touch is sent only if its claim came first (K2).
func TestReplyRacesClaim(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: 1000")
	r := newLiveRig(t, files)
	ids := r.planned(200)
	var mu sync.Mutex
	handed := map[int64]int{}
	r.mail.set(func(m channels.Message) channels.Receipt {
		mu.Lock()
		defer mu.Unlock()
		handed[m.TouchID]++
		return channels.Receipt{Outcome: channels.Sent}
	})
	leads := map[int64]int64{}
	for _, id := range ids {
		leads[id] = r.leadOf(id)
	}
	tooLate := map[int64]bool{} // the reply was committed before the sender began
	var wg sync.WaitGroup
	slots := make(chan struct{}, 4)
	for i, id := range ids {
		slots <- struct{}{}
		var replied atomic.Bool
		var pair sync.WaitGroup
		ahead := make(chan struct{})
		pair.Go(func() {
			if i%3 == 0 {
				<-ahead
			}
			if _, err := r.Respond(r.ctx, []ResponseInput{{LeadID: leads[id], Kind: cadence.Reply, Source: "race", ExternalID: itoa(id)}}); err != nil {
				t.Error(err)
			}
			replied.Store(true)
		})
		pair.Go(func() {
			close(ahead)
			late := replied.Load()
			mu.Lock()
			tooLate[id] = late
			mu.Unlock()
			if err := r.send(r.ctx, r.ctx, cadence.ChannelEmail, "", []int64{id}); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() { pair.Wait(); <-slots })
	}
	wg.Wait()
	sent := 0
	for _, id := range ids {
		got := r.touch(id)
		sent += handed[id]
		switch {
		case got.Enrollment != "paused":
			t.Errorf("touch %d: the enrolment is %s", id, got.Enrollment)
		case handed[id] > 0 && tooLate[id]:
			t.Errorf("touch %d left after the reply was committed", id)
		case handed[id] == 1 && (got.State != "sent" || got.Step != 1):
			t.Errorf("touch %d left and is %+v", id, got)
		case handed[id] == 0 && (got.State != "skipped" || got.Step != 0 || got.Attempt != 0):
			t.Errorf("touch %d did not leave and is %+v", id, got)
		case handed[id] > 1:
			t.Errorf("touch %d left %d times", id, handed[id])
		}
	}
	if sent == 0 || sent == len(ids) {
		t.Logf("%d of %d touches were faster than the reply: the race was no race", sent, len(ids))
	}
}

// TestSameEventTwiceChangesNothing is D10: every event delivered again, at once or later, in one call or in many, and events of different
// leads in any order, leave the same state.
func TestSameEventTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	kinds := []cadence.ResponseKind{
		cadence.Reply, cadence.OutOfOffice, cadence.Click, cadence.SoftBounce, cadence.HardBounce, cadence.NotNow, cadence.Unsubscribe,
		cadence.NotInterested, cadence.DoNotCall, cadence.WrongNumber, cadence.FormFilled, cadence.Interested, cadence.Complaint, cadence.NoAnswer,
	}
	const people = 14
	var events []ResponseInput
	for i := range people * 3 {
		events = append(events, ResponseInput{
			LeadID: int64(i%people + 1), Kind: kinds[(i*5+i/people)%len(kinds)], Source: "mail", ExternalID: fmt.Sprint(i), Said: "words",
		})
	}
	state := func(deliver func(r *rig)) string {
		r := newLiveRig(t, firstSeven(mailStep+voiceStep+callStep))
		ids := r.planned(people)
		if ids[0] != 1 || r.leadOf(1) != 1 {
			t.Fatal("ids are not what the events name")
		}
		deliver(r)
		r.evaluateAll()
		return r.dump()
	}
	want := state(func(r *rig) {
		for _, ev := range events {
			_, err := r.Respond(r.ctx, []ResponseInput{ev})
			must(t, err)
		}
	})
	for seed := range uint64(3) {
		random := rand.New(rand.NewPCG(seed, 1))
		got := state(func(r *rig) {
			for _, batch := range twiceAndShuffled(random, events) {
				_, err := r.Respond(r.ctx, batch)
				must(t, err)
			}
		})
		if got != want {
			t.Fatalf("seed %d: state is\n%s\nwant\n%s", seed, got, want)
		}
	}
}

// twiceAndShuffled delivers every event twice, in random order among leads, in order for each lead, and in batches of random size.
func twiceAndShuffled(random *rand.Rand, events []ResponseInput) [][]ResponseInput {
	queues := map[int64][]ResponseInput{}
	for _, ev := range events {
		queues[ev.LeadID] = append(queues[ev.LeadID], ev)
	}
	var delivered []ResponseInput
	var batches [][]ResponseInput
	var batch []ResponseInput
	put := func(ev ResponseInput) {
		if batch = append(batch, ev); random.IntN(3) == 0 {
			batches, batch = append(batches, batch), nil
		}
	}
	for left := len(events); left > 0; {
		id := int64(random.IntN(len(queues)) + 1)
		if len(queues[id]) == 0 {
			continue
		}
		ev := queues[id][0]
		queues[id] = queues[id][1:]
		left--
		put(ev)
		delivered = append(delivered, ev)
		put(delivered[random.IntN(len(delivered))])
	}
	random.Shuffle(len(delivered), func(i, j int) { delivered[i], delivered[j] = delivered[j], delivered[i] })
	for _, ev := range delivered {
		put(ev)
	}
	return append(batches, batch)
}

// TestMeaningsOfAnswers gives each answer to a lead with a mail planned and looks at what became of it.
func TestMeaningsOfAnswers(t *testing.T) {
	t.Parallel()
	later := monday.Add(30 * 24 * time.Hour)
	for _, c := range []struct {
		kind  cadence.ResponseKind
		date  *time.Time
		check func(t *testing.T, r *rig, lead int64)
	}{
		{cadence.NotNow, &later, func(t *testing.T, r *rig, lead int64) {
			e := r.running(lead)
			if e.CadenceKey != "long-game" || e.Cycle != 2 || e.DueAt == nil || e.DueAt.Before(later) {
				t.Errorf("enrolment %+v, want the long game not before %s", e, later)
			}
		}},
		{cadence.Unsubscribe, nil, func(t *testing.T, r *rig, lead int64) {
			l := r.lead(lead)
			if l.EndReason != "opted_out" || !l.EmailSuppressed || !l.PhoneSuppressed || l.Stage != "disqualified" || r.running(lead).ID != 0 {
				t.Errorf("lead %+v", l)
			}
		}},
		{cadence.Complaint, nil, func(t *testing.T, r *rig, lead int64) {
			if l := r.lead(lead); l.EndReason != "opted_out" || !l.EmailSuppressed || !l.PhoneSuppressed {
				t.Errorf("lead %+v", l)
			}
		}},
		{cadence.DoNotCall, nil, func(t *testing.T, r *rig, lead int64) {
			if l := r.lead(lead); l.EndReason != "" || l.EmailSuppressed || !l.PhoneSuppressed || r.running(lead).State != "active" {
				t.Errorf("lead %+v", l)
			}
		}},
		{cadence.WrongNumber, nil, func(t *testing.T, r *rig, lead int64) {
			if l := r.lead(lead); !l.PhoneInvalid || l.PhoneSuppressed || r.running(lead).State != "active" {
				t.Errorf("lead %+v", l)
			}
		}},
		{cadence.HardBounce, nil, func(t *testing.T, r *rig, lead int64) {
			if l := r.lead(lead); !l.EmailSuppressed || l.PhoneSuppressed || l.EndReason != "" || r.running(lead).State != "active" {
				t.Errorf("lead %+v", l)
			}
		}},
		{cadence.NotInterested, nil, func(t *testing.T, r *rig, lead int64) {
			if l := r.lead(lead); l.EndReason != "not_interested" || l.EmailSuppressed || r.running(lead).ID != 0 {
				t.Errorf("lead %+v", l)
			}
		}},
		{cadence.LeftCompany, nil, func(t *testing.T, r *rig, lead int64) {
			if l := r.lead(lead); l.EndReason != "left_company" {
				t.Errorf("lead %+v", l)
			}
		}},
		{cadence.OutOfOffice, &later, func(t *testing.T, r *rig, lead int64) {
			if e := r.running(lead); e.State != "paused" || e.DueAt == nil || e.DueAt.Before(later) || e.Reason != "out_of_office" {
				t.Errorf("enrolment %+v", e)
			}
		}},
		{cadence.Referral, nil, func(t *testing.T, r *rig, lead int64) {
			if k := r.tasksAbout(lead); r.running(lead).State != "paused" || !slices.Contains(k, cadence.TaskReferral) {
				t.Errorf("tasks %v", k)
			}
		}},
		{cadence.CallBackLater, &later, func(t *testing.T, r *rig, lead int64) {
			var due time.Time
			r.scan(`SELECT due_at FROM tasks WHERE kind = 'callback' AND lead_id = $1`, []any{lead}, &due)
			if !due.Equal(later) || r.running(lead).State != "paused" {
				t.Errorf("callback at %s, want %s", due, later)
			}
		}},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			t.Parallel()
			r := newLiveRig(t, firstSeven(mailStep+voiceStep+callStep))
			lead := r.leadOf(r.planned(1)[0])
			r.respond(lead, c.kind, func(in *ResponseInput) { in.Date = c.date })
			c.check(t, r, lead)
			r.evaluateAll()
			r.noLeaks()
		})
	}
}

// TestOptOutStopsEveryChannel: after the one-click link, nothing that was planned leaves, on any channel (D6, K2).
func TestOptOutStopsEveryChannel(t *testing.T) {
	t.Parallel()
	for _, step := range []string{mailStep, voiceStep, callStep} {
		r := newLiveRig(t, firstSeven(step+laterMail))
		id := r.planned(1)[0]
		tok := r.Tokens().Make(token.Unsubscribe, id)
		for range 2 {
			must(t, r.Unsubscribe(r.ctx, tok))
		}
		for _, channel := range []cadence.Channel{cadence.ChannelEmail, cadence.ChannelVoicemail, cadence.ChannelCall} {
			r.sendNow(channel, id)
		}
		if n := len(r.mail.messages()) + len(r.voice.messages()) + r.count(`SELECT count(*) FROM tasks`); n != 0 {
			t.Errorf("%d touches left after the opt-out", n)
		}
		if n := r.count(`SELECT count(*) FROM responses`); n != 1 {
			t.Errorf("%d responses, want one", n)
		}
		forged := tok[:len(tok)-1] + map[bool]string{true: "b", false: "a"}[strings.HasSuffix(tok, "a")]
		if err := r.Unsubscribe(r.ctx, forged); err == nil {
			t.Error("a forged link worked")
		}
		// Imported again, the lead stays out.
		r.importLeads(person(1))
		r.tick()
		r.noLeaks()
		if r.running(r.leadOf(id)).ID != 0 {
			t.Error("who left was enrolled again")
		}
	}
}

// TestBatchOfOneLead: several answers of one lead in one call act in their order; what an earlier one opened a later one closes.
func TestBatchOfOneLead(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	lead := r.leadOf(r.planned(1)[0])
	_, err := r.Respond(r.ctx, []ResponseInput{
		{LeadID: lead, Kind: cadence.Reply, Source: "m", ExternalID: "1"},
		{LeadID: lead, Kind: cadence.NotNow, Source: "m", ExternalID: "2"},
		{LeadID: lead, Kind: cadence.Unsubscribe, Source: "m", ExternalID: "3"},
	})
	must(t, err)
	if l := r.lead(lead); l.EndReason != "opted_out" || r.running(lead).ID != 0 {
		t.Errorf("lead %+v, running %+v", l, r.running(lead))
	}
	if kinds := r.tasksAbout(lead); len(kinds) != 0 {
		t.Errorf("open tasks %v about somebody who left", kinds)
	}
}

// TestNeverEnrolledLeadIsHeardToo: protection, triage and promotion do not need a cadence.
func TestNeverEnrolledLeadIsHeardToo(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	ids := r.importPeople(4)
	r.respond(ids[0], cadence.Unsubscribe)
	r.respond(ids[1], cadence.DoNotCall)
	r.respond(ids[2], cadence.Reply)
	r.respond(ids[3], cadence.Connected, r.ready())
	r.evaluateAll()
	if l := r.lead(ids[0]); l.EndReason != "opted_out" || !l.EmailSuppressed || !l.PhoneSuppressed {
		t.Errorf("unsubscribed: %+v", l)
	}
	if l := r.lead(ids[1]); !l.PhoneSuppressed || l.EmailSuppressed {
		t.Errorf("do not call: %+v", l)
	}
	if kinds := r.tasksAbout(ids[2]); !slices.Equal(kinds, []cadence.TaskKind{cadence.TaskTriage}) {
		t.Errorf("reply: tasks %v", kinds)
	}
	if l := r.lead(ids[3]); l.Stage != "handed_off" {
		t.Errorf("promoted: %+v", l)
	}
	r.at(tenOClock)
	r.tick()
	r.noLeaks()
	if r.running(ids[0]).ID != 0 || r.running(ids[3]).ID != 0 {
		t.Error("who left, or is with sales, was enrolled")
	}
	if r.running(ids[2]).ID != 0 {
		t.Error("a cadence began while somebody still reads the reply")
	}
	if r.running(ids[1]).ID == 0 {
		t.Error("who can be written to was not enrolled")
	}
	// Handed back, it begins like any other.
	handoffs, err := store.LeadHandoffs(r.ctx, r.pool, ids[3])
	must(t, err)
	must(t, r.RejectHandoff(r.ctx, handoffs[0].ID, "priya", "too small"))
	r.tick()
	r.noLeaks()
	if e := r.running(ids[3]); e.CadenceKey != "first-seven" {
		t.Errorf("handed back: %+v", e)
	}
}

// TestColleaguePauses: a human reply rests the cadences of the same account, a machine's does not.
func TestColleaguePauses(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	r.at(tenOClock)
	leads := []leadfile.Lead{person(1), person(2), person(3), person(4)}
	for i := range 3 {
		leads[i].Account = person(9).Account
	}
	ids := r.importLeads(leads...)
	r.tick()
	r.respond(ids[0], cadence.Click)
	if e := r.running(ids[1]); e.State != "active" {
		t.Errorf("a click paused a colleague: %+v", e)
	}
	r.respond(ids[0], cadence.Reply)
	for _, id := range ids[1:3] {
		if e := r.running(id); e.State != "paused" || e.Reason != string(cadence.ReasonColleague) || e.DueAt == nil {
			t.Errorf("colleague %+v, want it paused for some days", e)
		}
	}
	if e := r.running(ids[3]); e.State != "active" {
		t.Errorf("a stranger was paused: %+v", e)
	}
}

// TestMixedUpTouch: an answer to another lead's touch is an error, not a guess.
func TestMixedUpTouch(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	ids := r.planned(2)
	_, err := r.Respond(r.ctx, []ResponseInput{{LeadID: r.leadOf(ids[0]), TouchID: ids[1], Kind: cadence.Reply, Source: "m", ExternalID: "1"}})
	if err == nil || !strings.Contains(err.Error(), "belongs to lead") {
		t.Errorf("error %v", err)
	}
}

// TestTaskOutcomes logs SDRs' work through the queue (D4).
func TestTaskOutcomes(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(callStep+laterMail))
	ids := r.planned(2)
	r.sendNow(cadence.ChannelCall, ids...)
	tasks, err := store.OpenTasks(r.ctx, r.pool, "", 0)
	must(t, err)
	first, second := tasks[0], tasks[1]
	must(t, r.ClaimTask(r.ctx, first.ID, "mara"))
	must(t, r.ClaimTask(r.ctx, first.ID, "mara"))
	if err := r.ClaimTask(r.ctx, first.ID, "jonas"); err == nil || !strings.Contains(err.Error(), "mara") {
		t.Errorf("claimed twice: %v", err)
	}
	bad := []TaskOutcome{
		{TaskID: first.ID, By: "mara", Disposition: cadence.Connected, Answers: map[string]string{"people_to_train": "a few", "shoe_size": "44"}},
		{TaskID: second.ID, By: "mara", Disposition: cadence.Unsubscribe},
		{TaskID: 999, By: "mara", Disposition: cadence.Connected},
	}
	err = r.CompleteTasks(r.ctx, bad)
	for _, want := range []string{"people_to_train", "shoe_size", "no outcome of a call", "task 999"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want it to name %s", err, want)
		}
	}
	if n := r.count(`SELECT count(*) FROM tasks WHERE state = 'done'`) + r.count(`SELECT count(*) FROM responses`); n != 0 {
		t.Errorf("%d things were kept of a call that failed", n)
	}
	must(t, r.CompleteTasks(r.ctx, []TaskOutcome{
		{TaskID: first.ID, By: "mara", Disposition: cadence.Connected, Notes: "nice", Answers: map[string]string{"people_to_train": "12"}, Words: map[string]string{"people_to_train": "a dozen"}},
		{TaskID: second.ID, By: "mara", Disposition: cadence.NoAnswer},
	}))
	facts, err := store.Facts(r.ctx, r.pool, []int64{first.LeadID})
	must(t, err)
	if f := facts[first.LeadID]; len(f) != 1 || f[0].Value.Number != 12 || f[0].Class != 3 || f[0].By != "mara" || f[0].Words != "a dozen" || f[0].ResponseID == 0 {
		t.Errorf("facts %+v", f)
	}
	for _, task := range tasks {
		if got := r.touch(*task.TouchID); got.Step != 1 || got.Attempt != 1 {
			t.Errorf("touch %+v, want the next step", got)
		}
	}
	if err := r.CompleteTask(r.ctx, TaskOutcome{TaskID: first.ID, By: "mara", Disposition: cadence.Busy}); err == nil {
		t.Error("a task was done twice")
	}
}

// TestVoicemailCallbacks: in any order, late, twice, before the answer to the call's creation, or forged (D5).
func TestVoicemailCallbacks(t *testing.T) {
	t.Parallel()
	form := func(status, by string) url.Values {
		return url.Values{"CallSid": {"CA1"}, "CallStatus": {status}, "AnsweredBy": {by}}
	}
	r := newLiveRig(t, firstSeven(voiceStep+laterMail))
	id := r.planned(1)[0]
	tok := r.VoiceToken(id)
	var script []byte
	r.voice.set(func(channels.Message) channels.Receipt {
		var err error
		if script, err = r.VoiceScript(r.ctx, tok, form("in-progress", "machine_end_beep")); err != nil {
			t.Error(err)
		}
		for range 2 {
			if err := r.VoiceCallback(r.ctx, tok, form("completed", "machine_end_beep")); err != nil {
				t.Error(err)
			}
		}
		return channels.Receipt{Outcome: channels.Unknown, Detail: "the answer was lost"}
	})
	r.sendNow(cadence.ChannelVoicemail, id)
	must(t, r.VoiceCallback(r.ctx, tok, form("ringing", "")))
	if got := r.touch(id); got.State != "sent" || got.Result != string(cadence.VoicemailLeft) || got.Step != 1 {
		t.Errorf("touch %+v, want the callback to settle it", got)
	}
	if n := r.count(`SELECT count(*) FROM responses`); n != 1 {
		t.Errorf("%d responses", n)
	}
	if !strings.Contains(string(script), "<Response>") {
		t.Errorf("script %s", script)
	}
	if err := r.VoiceCallback(r.ctx, "v1-aaaaaaaaaaaaaaaa", form("completed", "human")); err == nil {
		t.Error("a forged callback was taken")
	}
	for _, missing := range []string{"CallSid", "CallStatus"} {
		f := form("completed", "human")
		f.Del(missing)
		if err := r.VoiceCallback(r.ctx, tok, f); !errors.Is(err, ErrBadCallback) || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}

// TestLostAddressClosesItsTasks: what needs the address that a lead has lost, nobody is asked to do any more.
func TestLostAddressClosesItsTasks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lost   cadence.ResponseKind
		opened cadence.TaskKind
		closed bool
	}{
		{cadence.WrongNumber, cadence.TaskCallback, true},
		{cadence.DoNotCall, cadence.TaskCallback, true},
		{cadence.HardBounce, cadence.TaskCallback, false},
		{cadence.HardBounce, cadence.TaskManualEmail, true},
		{cadence.DoNotCall, cadence.TaskManualEmail, false},
		{cadence.WrongNumber, cadence.TaskTriage, false},
	} {
		r := newLiveRig(t, firstSeven(mailStep+laterMail))
		lead := r.leadOf(r.planned(1)[0])
		switch c.opened {
		case cadence.TaskCallback:
			r.respond(lead, cadence.CallBackLater)
		case cadence.TaskManualEmail:
			r.respond(lead, cadence.Question)
		default:
			r.respond(lead, cadence.Reply)
		}
		if kinds := r.tasksAbout(lead); !slices.Contains(kinds, c.opened) {
			t.Fatalf("tasks %v, want %s", kinds, c.opened)
		}
		r.respond(lead, c.lost)
		if closed := !slices.Contains(r.tasksAbout(lead), c.opened); closed != c.closed {
			t.Errorf("after %s the %s task is closed: %v, want %v", c.lost, c.opened, closed, c.closed)
		}
		r.noLeaks()
	}
}
