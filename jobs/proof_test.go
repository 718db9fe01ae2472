package jobs

import (
	"testing"

	"nurture/cadence"
	"nurture/channels"
)

// TestWhatAnswersAMailProvesIt: the answer to a mail was lost, or was not believed, and something comes back for it. The mail is not sent again when
// its cadence goes on, and no person is asked about it any more.
func TestWhatAnswersAMailProvesIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		policy string
		before func(r *rig, id int64)
		kind   cadence.ResponseKind
	}{
		"resent, and its answering machine answers": {policy: "resend", kind: cadence.OutOfOffice},
		"put aside, and the link is clicked": {
			policy: "resend", kind: cadence.Click,
			before: func(r *rig, id int64) { r.respond(r.leadOf(id), cadence.Reply) },
		},
		"a person is asked, and the lead answers":     {policy: "ask", kind: cadence.Reply},
		"assumed, and the lead answers":               {policy: "assume_sent", kind: cadence.Reply},
		"a person was mistaken, and the mail bounces": {policy: "ask", kind: cadence.SoftBounce, before: func(r *rig, id int64) { must(r.t, r.SettleUnknown(r.ctx, id, false)) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := firstSeven(mailStep + laterMail)
			files["nurture.yaml"] = starterFile(t, "nurture.yaml", "on_unknown: assume_sent", "on_unknown: "+c.policy)
			r := newLiveRig(t, files)
			id := r.planned(1)[0]
			r.mail.set(outcome(channels.Unknown))
			r.sendNow(cadence.ChannelEmail, id)
			r.mail.set(nil)
			if c.before != nil {
				c.before(r, id)
			}
			r.respond(r.leadOf(id), c.kind, func(in *ResponseInput) { in.TouchID = id })
			if got := r.touch(id); got.State != "sent" || got.Step != 1 || got.Attempts != 1 || got.Result != string(c.kind) && c.kind != cadence.Click {
				t.Errorf("touch %+v, want it sent", got)
			}
			r.goesOnWithout(cadence.ChannelEmail, id, r.mail)
		})
	}
}

// TestAnAnswerProvesNothingElse: what the touch's own worker has in hand is recorded by that worker, and what nobody tried did not leave.
func TestAnAnswerProvesNothingElse(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	ids := r.planned(2)
	if _, err := r.claims[cadence.ChannelEmail].ask(r.ctx, ids[:1]); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"claimed", "planned"} {
		r.respond(r.leadOf(ids[i]), cadence.Click, func(in *ResponseInput) { in.TouchID = ids[i] })
		if got := r.touch(ids[i]); got.State != want || got.Step != 0 {
			t.Errorf("touch %+v, want it %s", got, want)
		}
	}
}
