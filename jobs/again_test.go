package jobs

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"nurture/cadence"
	"nurture/channels"
)

// callEnds are the ways in which a call may end, as Twilio tells them: status and who answered.
var callEnds = [][2]string{
	{"completed", "machine_end_beep"},
	{"completed", "machine_end_silence"},
	{"completed", "human"},
	{"completed", "fax"},
	{"completed", "unknown"},
	{"completed", ""},
	{"no-answer", ""},
	{"busy", ""},
	{"failed", ""},
	{"canceled", ""},
}

// callbacks are all that Twilio tells of one call, in the order of what happened.
func callbacks(sid string, end [2]string) []url.Values {
	var forms []url.Values
	for i, status := range []string{"initiated", "ringing", "in-progress", end[0]} {
		form := url.Values{"CallSid": {sid}, "CallStatus": {status}, "SequenceNumber": {fmt.Sprint(i)}}
		if status == end[0] && end[1] != "" {
			form.Set("AnsweredBy", end[1])
		}
		forms = append(forms, form)
	}
	return forms
}

// mailsByThePhone are mails that a lead may send while we call it.
var mailsByThePhone = map[string]func(from string) letter{
	"none": nil,
	"reply": func(from string) letter {
		return letter{from: from, to: "mara@ourco.example", body: "Please call me tomorrow."}
	},
	"unsubscribe": func(from string) letter {
		return letter{from: from, to: "mara@ourco.example", body: "Unsubscribe me, please."}
	},
	"out of office": func(from string) letter {
		return letter{
			from: from, to: "mara@ourco.example", subject: "Out of office", headers: []string{"Auto-Submitted: auto-replied"},
			body: "I am out of office until 12 March 2026.",
		}
	},
}

// called is a lead whose voicemail touch was carried out, and everything that comes back for it; the last callback tells the end.
type called struct {
	lead      int64
	token     string
	callbacks []url.Values
	mail      []byte // nil for none
}

// TestCallbacksAndMailsDeliveredAgainChangeNothing is D10 and D5 for calls: of two halves that get the same, one gets each callback once and in
// order, the other each three times, shuffled among those of other calls and with the leads' mails. A mail and the end of a call may act on
// one another, so that both halves get these in the order in which they first arrive.
func TestCallbacksAndMailsDeliveredAgainChangeNothing(t *testing.T) {
	t.Parallel()
	files := firstSeven(voiceStep + callStep + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: 100000")
	r := newLiveRig(t, files)
	r.at(tenOClock)
	people := 0
	rapid.Check(t, func(rt *rapid.T) {
		const leads = 2
		var halves [2][]called
		ends := rapid.SliceOfN(rapid.SampledFrom(callEnds), leads, leads).Draw(rt, "ends of the calls")
		mails := rapid.SliceOfN(rapid.SampledFrom([]string{"none", "out of office", "reply", "unsubscribe"}), leads, leads).Draw(rt, "mails")
		lost := rapid.SliceOfN(rapid.Bool(), leads, leads).Draw(rt, "is the answer to the call's creation lost")
		fresh := r.importPeopleFrom(people, 2*leads)
		people += 2 * leads
		r.tick() // once for all: it would move on those who were called already
		for i, lead := range fresh {
			half, n := i/leads, i%leads
			halves[half] = append(halves[half], r.call(lead, ends[n], mailsByThePhone[mails[n]], lost[n]))
		}
		type arrival struct{ lead, event int } // event len(callbacks) is the mail
		var order []arrival
		for i, c := range halves[0] {
			for event := range len(c.callbacks) + 1 {
				order = append(order, arrival{i, event}, arrival{i, event}, arrival{i, event})
			}
		}
		seen := map[arrival]bool{}
		for _, a := range rapid.Permutation(order).Draw(rt, "order") {
			once, again := halves[0][a.lead], halves[1][a.lead]
			last := len(once.callbacks) - 1
			switch {
			case seen[a]:
			case a.event == last:
				for _, form := range once.callbacks {
					must(t, r.VoiceCallback(r.ctx, once.token, form))
				}
			case a.event > last && once.mail != nil:
				r.take(once.mail)
			}
			seen[a] = true
			switch {
			case a.event <= last:
				must(t, r.VoiceCallback(r.ctx, again.token, again.callbacks[a.event]))
			case again.mail != nil:
				r.take(again.mail)
			}
		}
		r.evaluateAll()
		var ids [2][]int64
		for half := range 2 {
			for _, c := range halves[half] {
				ids[half] = append(ids[half], c.lead)
			}
		}
		if once, again := r.outcomeOf(ids[0]), r.outcomeOf(ids[1]); once != again {
			rt.Fatalf("the calls (-once, in order +three times, shuffled)\n%s", cmp.Diff(once, again))
		}
	})
	r.noLeaks()
}

// call carries out the planned voicemail touch of a lead.
func (r *rig) call(lead int64, end [2]string, mail func(from string) letter, lost bool) called {
	r.t.Helper()
	var touch int64
	r.scan(`SELECT id FROM touches WHERE lead_id = $1 AND state = 'planned'`, []any{lead}, &touch)
	sid := fmt.Sprintf("CA%d", touch)
	r.voice.set(func(channels.Message) channels.Receipt {
		if lost {
			return channels.Receipt{Outcome: channels.Unknown, Detail: "the answer was lost"}
		}
		return channels.Receipt{Outcome: channels.Sent, ProviderID: sid}
	})
	r.sendNow(cadence.ChannelVoicemail, touch)
	if end[1] != "" {
		form := url.Values{"CallSid": {sid}, "CallStatus": {"in-progress"}, "AnsweredBy": {end[1]}}
		if _, err := r.VoiceScript(r.ctx, r.VoiceToken(touch), form); err != nil {
			r.t.Fatal(err)
		}
	}
	c := called{lead: lead, token: r.VoiceToken(touch), callbacks: callbacks(sid, end)}
	if mail != nil {
		l := mail(r.lead(lead).Email)
		l.id = fmt.Sprintf("%s-%d@customer.example", strings.ReplaceAll(end[0], " ", "-"), touch)
		c.mail = l.raw()
	}
	return c
}
