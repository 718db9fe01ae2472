package jobs

import (
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/channels"
	"nurture/store"
)

func (r *rig) outlook(leadID int64) Outlook {
	r.t.Helper()
	row := r.lead(leadID)
	o, err := r.Outlook(r.ctx, &row)
	must(r.t, err)
	return o
}

// TestOutlookOfACall: a call that is with a person says until when it is, also while somebody has it, and one that never lapses does not.
func TestOutlookOfACall(t *testing.T) {
	t.Parallel()
	for policy, then := range map[string]string{"advance": "the cadence goes on", "finish": "the cadence ends", "keep": ""} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			r := newLiveRig(t, firstSeven(strings.Replace(callStep, "advance", policy, 1)+laterMail))
			id := r.planned(1)[0]
			r.sendNow(cadence.ChannelCall, id)
			tasks, err := store.LeadTasks(r.ctx, r.pool, r.leadOf(id))
			must(t, err)
			task, o := tasks[0], r.outlook(r.leadOf(id))
			if policy == "keep" {
				if o.At != nil || strings.Contains(o.Sentence, "lapses") {
					t.Errorf("it never lapses, and yet %v: %s", o.At, o.Sentence)
				}
				return
			}
			if o.At == nil || !o.At.Equal(*task.ExpiresAt) || !strings.Contains(o.Sentence, then) {
				t.Fatalf("it lapses at %v: %v: %s", task.ExpiresAt, o.At, o.Sentence)
			}
			r.at(task.ExpiresAt.Add(-time.Minute))
			_, err = r.HoldTask(r.ctx, task.ID, "mara")
			must(t, err)
			if o = r.outlook(task.LeadID); o.At == nil || !o.At.Equal(r.clock.Now().Add(HoldFor)) {
				t.Errorf("mara has it until then, and it lapses at %v", o.At)
			}
		})
	}
}

// TestOutlookOfAStuckSender: a lead whose next mail cannot leave says so, with the server's words, also while the mail waits for its next try.
func TestOutlookOfAStuckSender(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	r.realNow = func() time.Time { return tenOClock }
	id := r.planned(1)[0]
	lead := r.leadOf(id)
	if o := r.outlook(lead); o.SenderStuck != nil {
		t.Fatalf("nothing was tried, and yet %+v", o.SenderStuck)
	}
	r.mail.set(func(channels.Message) channels.Receipt {
		return channels.Receipt{Outcome: channels.Temporary, Unreached: true, StopSender: true, Detail: "535 5.7.8 the account is shut"}
	})
	must(t, r.send(r.ctx, r.ctx, cadence.ChannelEmail, r.lead(lead).Mailbox, []int64{id}))
	must(t, r.Recover(r.ctx))
	o := r.outlook(lead)
	if o.SenderStuck == nil || o.SenderStuck.Said != "535 5.7.8 the account is shut" || !o.SenderStuck.Refused || !o.SenderStuck.Since.Equal(tenOClock) {
		t.Fatalf("the outlook is %+v, stuck %+v", o, o.SenderStuck)
	}
	r.exec(`INSERT INTO senders (mailbox, paused_at, reason) VALUES ($1, $2, 'listed')`, o.SenderStuck.About, tenOClock)
	if o = r.outlook(lead); o.SenderStuck != nil || !strings.HasSuffix(o.SenderPaused, "listed") {
		t.Errorf("it is paused: %+v", o)
	}
	r.exec(`DELETE FROM senders`)
	r.mail.set(func(channels.Message) channels.Receipt { return channels.Receipt{Outcome: channels.Sent} })
	r.pass(10 * time.Minute)
	must(t, r.send(r.ctx, r.ctx, cadence.ChannelEmail, r.lead(lead).Mailbox, []int64{id}))
	must(t, r.Recover(r.ctx))
	if o = r.outlook(lead); o.SenderStuck != nil {
		t.Errorf("it sends again, and yet %+v", o.SenderStuck)
	}
}
