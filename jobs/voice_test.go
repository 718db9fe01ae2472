package jobs

import (
	"net/url"
	"strings"
	"testing"

	"nurture/cadence"
	"nurture/channels"
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
