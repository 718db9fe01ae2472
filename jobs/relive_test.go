package jobs

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels"
	"nurture/store"
)

// threeMails are steps some working days apart.
const threeMails = mailStep + "  - email: case-study\n    after: 2 business days\n  - email: leave-it-here\n    after: 2 business days\n  - email: small-changes\n    after: 5 business days\n"

// mailsTo says who got which mail.
func mailsTo(messages []channels.Message) []string {
	var all []string
	for _, m := range messages {
		all = append(all, m.To.Address+" "+m.Subject)
	}
	slices.Sort(all)
	return all
}

// TestRestoredFromABackup: an installation goes on for days and is lost; its backup of before, brought up to the present, writes nothing that the lost one had
// written, all that it had not, and gives out none of the ids that it had.
func TestRestoredFromABackup(t *testing.T) {
	t.Parallel()
	lost, restored := newLiveRig(t, firstSeven(threeMails)), newLiveRig(t, firstSeven(threeMails))
	for _, r := range []*rig{lost, restored} { // they are one until the backup
		r.at(tenOClock)
		r.importPeople(4)
		r.tick()
		r.sendNow(cadence.ChannelEmail, r.plannedOf(cadence.ChannelEmail)[:3]...) // the last mail of the day is still on its way
		r.pass(time.Minute)
		r.tick()
	}
	if a, b := mailsTo(lost.mail.messages()), mailsTo(restored.mail.messages()); !slices.Equal(a, b) || len(a) != 3 {
		t.Fatalf("they are not one: %v and %v", a, b)
	}
	lost.start()
	disaster := tenOClock.Add(5 * 24 * time.Hour)
	lost.until(disaster, nil)
	before := lost.mail.messages()
	if len(before) != 12 {
		t.Fatalf("%d mails were written: this tries little", len(before))
	}
	highest := lost.count(`SELECT max(id) FROM touches`)
	must(t, lost.Recover(lost.ctx)) // which tells others that it lives
	if _, err := lost.Relive(lost.ctx, disaster, lost.at); !errors.Is(err, ErrStillWorking) {
		t.Errorf("beside a process that works: %v", err)
	}
	lost.until(tenOClock.Add(30*24*time.Hour), nil)
	all := mailsTo(lost.mail.messages())

	done, err := restored.Relive(restored.ctx, disaster, restored.at)
	must(t, err)
	if done.Unknown != 9 || !done.From.Equal(tenOClock.Add(time.Minute)) || len(restored.mail.messages()) != 3 {
		t.Errorf("%+v, %d mails were written", done, len(restored.mail.messages()))
	}
	again, err := restored.Relive(restored.ctx, disaster, restored.at)
	must(t, err)
	if again.Unknown != 0 {
		t.Errorf("a second time: %+v", again)
	}
	restored.start()
	restored.until(tenOClock.Add(30*24*time.Hour), nil)
	after := restored.mail.messages()[3:]
	if got := mailsTo(slices.Concat(before, after)); !slices.Equal(got, all) {
		t.Errorf("the lost and the restored one wrote\n%v\nthe lost one alone would have written\n%v", got, all)
	}
	if lowest := restored.count(`SELECT min(id) FROM touches WHERE id > $1`, highest); lowest < highest+1000 {
		t.Errorf("touch %d follows %d", lowest, highest)
	}
	if n := restored.count(`SELECT count(*) FROM touches WHERE state = 'unknown'`); n != 9 {
		t.Errorf("%d touches are shown to a person", n)
	}
	restored.noLeaks()
}

// TestRestoredWithVoicemailsAndQuestions: what the phone provider or a person is to say waits for them, and nothing is sent again where unknown mails are.
func TestRestoredWithVoicemailsAndQuestions(t *testing.T) {
	t.Parallel()
	for policy, state := range map[string]string{"ask": "trueunknown", "resend": "falseunknown", "assume_sent": "falseunknown"} {
		files := firstSeven(threeMails)
		files["nurture.yaml"] = starterFile(t, "nurture.yaml", "on_unknown: assume_sent", "on_unknown: "+policy)
		r := newLiveRig(t, files)
		r.at(tenOClock)
		r.importPeople(1)
		r.tick()
		_, err := r.Relive(r.ctx, tenOClock.Add(time.Hour), r.at)
		must(t, err)
		if got := r.byID(`SELECT t.id, e.in_flight, t.state FROM touches t JOIN enrollments e ON e.id = t.enrollment_id`); len(got) != 1 || got[1] != state {
			t.Errorf("%s: %v", policy, got)
		}
	}
	r := newLiveRig(t, firstSeven("  - voicemail: hello\n"+threeMails))
	r.at(tenOClock)
	r.importPeople(1)
	r.tick()
	_, err := r.Relive(r.ctx, tenOClock.Add(5*24*time.Hour), r.at)
	must(t, err)
	unknown, err := store.UnknownCalls(r.ctx, r.pool, 10)
	must(t, err)
	if len(unknown) != 1 || r.count(`SELECT count(*) FROM touches`) != 1 || len(r.voice.messages()) != 0 {
		t.Errorf("%d calls are asked about, %d touches", len(unknown), r.count(`SELECT count(*) FROM touches`))
	}
}

// TestRestoredWhileItWasWrittenTo: what a process had in hand when the backup was made is not sent again because its journal, which goes on after the backup,
// has no word of it any more.
func TestRestoredWhileItWasWrittenTo(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(threeMails))
	touch := r.planned(1)[0]
	must(t, r.inTx(r.ctx, func(tx pgx.Tx, now time.Time) error {
		taken, err := r.claim(r.ctx, tx, now, cadence.ChannelEmail, []int64{touch})
		if err == nil && len(taken) != 1 {
			err = errors.New("not claimed")
		}
		return err
	}))
	done, err := r.Relive(r.ctx, r.clock.Now().Add(time.Hour), r.at)
	must(t, err)
	if got := r.touch(touch); got.State != "unknown" || done.Unknown != 1 {
		t.Errorf("the touch is %s, %+v", got.State, done)
	}
	must(t, r.Recover(r.ctx))
	r.start()
	r.settle()
	if n := len(r.mail.messages()); n != 0 {
		t.Errorf("%d mails were written", n)
	}
}
