package jobs

import (
	"net/url"
	"strings"
	"testing"

	"nurture/cadence"
	"nurture/channels"
	"nurture/internal/leadfile"
)

// TestNothingIsSaidToWhoAskedOut: a call may wait for a line for long, and its lead say stop meanwhile.
func TestNothingIsSaidToWhoAskedOut(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(voiceStep+laterMail))
	id := r.planned(1)[0]
	tok := r.VoiceToken(id)
	ask := func(by string) string {
		t.Helper()
		script, err := r.VoiceScript(r.ctx, tok, url.Values{"CallSid": {"CA1"}, "CallStatus": {"in-progress"}, "AnsweredBy": {by}})
		must(t, err)
		return string(script)
	}
	r.voice.set(func(channels.Message) channels.Receipt {
		return channels.Receipt{Outcome: channels.Sent, ProviderID: "CA1"}
	})
	r.sendNow(cadence.ChannelVoicemail, id)
	if script := ask("machine_end_beep"); !strings.Contains(script, "<Say") && !strings.Contains(script, "<Play") {
		t.Fatalf("nothing is left: %s", script)
	}
	r.respond(r.leadOf(id), cadence.Unsubscribe)
	if script := ask("machine_end_beep"); strings.Contains(script, "<Say") || strings.Contains(script, "<Play") {
		t.Errorf("left all the same: %s", script)
	}
	if script := ask("human"); strings.Contains(script, "<Dial") {
		t.Errorf("connected all the same: %s", script)
	}
}

// TestNothingIsSaidToWhoTurned: the same, where the number turns out to be a wrong or an old one, the consent is taken back, or sales has the lead.
func TestNothingIsSaidToWhoTurned(t *testing.T) {
	t.Parallel()
	again := func(change func(*leadfile.Lead)) func(*rig, int64) {
		return func(r *rig, _ int64) {
			p := person(1)
			change(&p)
			r.importLeads(p)
		}
	}
	for name, turn := range map[string]func(r *rig, lead int64){
		"a wrong number":   func(r *rig, lead int64) { r.respond(lead, cadence.WrongNumber) },
		"another number":   again(func(l *leadfile.Lead) { l.Phone = "+493099999999" }),
		"no consent":       again(func(l *leadfile.Lead) { l.Consent.Voicemail.State = leadfile.PermissionRefused }),
		"it does not want": func(r *rig, lead int64) { r.respond(lead, cadence.NotInterested) },
		"it has written":   func(r *rig, lead int64) { r.respond(lead, cadence.Reply) },
		"sales has it": func(r *rig, lead int64) {
			r.respond(lead, cadence.Connected, r.ready())
			r.evaluateAll()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newLiveRig(t, firstSeven(voiceStep+laterMail))
			id := r.planned(1)[0]
			r.sendNow(cadence.ChannelVoicemail, id)
			for i, said := range []bool{true, false} {
				script, err := r.VoiceScript(r.ctx, r.VoiceToken(id), url.Values{"CallSid": {"CA1"}, "CallStatus": {"in-progress"}, "AnsweredBy": {"machine_end_beep"}})
				must(t, err)
				if got := strings.Contains(string(script), "<Say") || strings.Contains(string(script), "<Play"); got != said {
					t.Errorf("asked %d: %s", i+1, script)
				}
				turn(r, r.leadOf(id))
			}
		})
	}
}

// TestMessageThatTwilioCouldNotGet: a call whose words could not be fetched completes like any other, and left nothing but the provider's excuse.
func TestMessageThatTwilioCouldNotGet(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(voiceStep+laterMail))
	ids := r.planned(3)
	r.voice.set(func(m channels.Message) channels.Receipt {
		return channels.Receipt{Outcome: channels.Sent, ProviderID: "CA" + r.VoiceToken(m.TouchID)}
	})
	r.sendNow(cadence.ChannelVoicemail, ids...)
	form := func(id int64, status string) url.Values {
		return url.Values{"CallSid": {"CA" + r.VoiceToken(id)}, "CallStatus": {status}, "AnsweredBy": {"machine_end_beep"}}
	}
	if _, err := r.VoiceScript(r.ctx, r.VoiceToken(ids[0]), form(ids[0], "in-progress")); err != nil {
		t.Fatal(err)
	}
	human := form(ids[2], "in-progress")
	human.Set("AnsweredBy", "human")
	if _, err := r.VoiceScript(r.ctx, r.VoiceToken(ids[2]), human); err != nil { // it is said to nobody's machine
		t.Fatal(err)
	}
	for i, want := range []cadence.ResponseKind{cadence.VoicemailLeft, cadence.CallFailed, cadence.CallFailed} {
		must(t, r.VoiceCallback(r.ctx, r.VoiceToken(ids[i]), form(ids[i], "completed")))
		if got := r.touch(ids[i]); got.Result != string(want) {
			t.Errorf("touch %d: %q, want %q", i, got.Result, want)
		}
	}
}
