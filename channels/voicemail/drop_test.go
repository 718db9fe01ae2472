package voicemail_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nurture/cadence"
	"nurture/channels/voicemail"
	"nurture/internal/sandbox/phone"
)

// The whole way: create, TwiML, callbacks; by who picks up.
func TestDrop(t *testing.T) {
	t.Parallel()
	text := voicemail.Script{Text: "Hello, <Alice> & Co."}
	recording := voicemail.Script{Text: "unused", RecordingURL: "https://cdn.example/a.mp3?x=1&y=2"}
	connect := voicemail.Script{Text: "Hello", OnHuman: "+12025550100", CallerID: sender}
	tests := []struct {
		name                 string
		answer               phone.Answer
		script               voicemail.Script
		said, played, dialed []string
		hungUp               bool
		want                 cadence.ResponseKind
	}{
		{"machine beeps", phone.Answer{AnsweredBy: phone.MachineEndBeep}, text, []string{"Hello, <Alice> & Co."}, nil, nil, true, cadence.VoicemailLeft},
		{"machine falls silent", phone.Answer{AnsweredBy: phone.MachineEndSilence}, text, []string{"Hello, <Alice> & Co."}, nil, nil, true, cadence.VoicemailLeft},
		{"machine, other", phone.Answer{AnsweredBy: phone.MachineEndOther}, recording, nil, []string{"https://cdn.example/a.mp3?x=1&y=2"}, nil, true, cadence.VoicemailLeft},
		{"human, nobody to talk to", phone.Answer{AnsweredBy: phone.Human}, text, []string{voicemail.DefaultApology}, nil, nil, true, cadence.AnsweredByHuman},
		{"human, connected", phone.Answer{AnsweredBy: phone.Human}, connect, nil, nil, []string{"+12025550100"}, true, cadence.AnsweredByHuman},
		{"fax", phone.Answer{AnsweredBy: phone.Fax}, text, nil, nil, nil, true, cadence.AnsweredByFax},
		{"not told apart", phone.Answer{AnsweredBy: phone.UnknownParty}, text, nil, nil, nil, true, cadence.DetectionFailed},
		{"hung up before detection", phone.Answer{AnsweredBy: phone.NobodyYet}, text, nil, nil, nil, false, cadence.DetectionFailed},
		{"no answer", phone.Answer{Status: phone.NoAnswer}, text, nil, nil, nil, false, cadence.NoAnswer},
		{"busy", phone.Answer{Status: phone.Busy}, text, nil, nil, nil, false, cadence.Busy},
		{"failed", phone.Answer{Status: phone.Failed}, text, nil, nil, nil, false, cadence.CallFailed},
		{"canceled", phone.Answer{Status: phone.Canceled}, text, nil, nil, nil, false, cadence.CallFailed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, phone.Config{Manual: true, Persona: func(string, string, int) phone.Answer { return test.answer }}, nil)
			r.script = test.script
			receipt := r.one(t, message(7))
			r.phone.Run(t.Context())

			call := r.phone.Calls()[0]
			got := []any{call.Said, call.Played, call.Dialled, call.HungUp, call.Problems}
			if diff := cmp.Diff([]any{test.said, test.played, test.dialed, test.hungUp, []string(nil)}, got); diff != "" {
				t.Errorf("said, played, dialled, hung up, problems (-want +got):\n%s", diff)
			}
			last := r.callbacks[len(r.callbacks)-1]
			if kind, final := last.Response(); kind != test.want || !final {
				t.Errorf("response %q, %v of %+v; want %q", kind, final, last, test.want)
			}
			if last.CallSID != receipt.ProviderID || last.AccountSID != account || last.At.IsZero() || last.SIPResponseCode == 0 {
				t.Errorf("callback %+v for call %s", last, receipt.ProviderID)
			}
			for i, callback := range r.callbacks {
				if _, final := callback.Response(); final != (i == len(r.callbacks)-1) {
					t.Errorf("callback %+v: final %v", callback, final)
				}
				if r.touches[i] != "t/7" {
					t.Errorf("callback of touch %q", r.touches[i])
				}
			}
			if r.forged != 0 {
				t.Errorf("%d webhooks refused", r.forged)
			}
		})
	}
}

// Whatever the callbacks' order and however often they come, ordering by Sequence and deduplicating by ID yields one story.
func TestCallbacksShuffled(t *testing.T) {
	t.Parallel()
	for _, fault := range []phone.CallbackFault{phone.InOrder, phone.Early, phone.Doubled, phone.Reversed} {
		r := newRig(t, phone.Config{Manual: true, Fault: func(phone.Attempt) phone.Fault {
			return phone.Fault{Callbacks: fault}
		}}, nil)
		r.one(t, message(7))
		r.phone.Run(t.Context())

		random := rand.New(rand.NewPCG(1, uint64(fault)))
		random.Shuffle(len(r.callbacks), func(i, j int) { r.callbacks[i], r.callbacks[j] = r.callbacks[j], r.callbacks[i] })
		seen := make(map[string]bool)
		newest := voicemail.Callback{Sequence: voicemail.NoSequence}
		for _, callback := range r.callbacks {
			seen[callback.ID()] = true
			if callback.Sequence > newest.Sequence {
				newest = callback
			}
		}
		if len(seen) != 4 {
			t.Errorf("fault %d: %d distinct callbacks, want 4: %v", fault, len(seen), seen)
		}
		if kind, final := newest.Response(); kind != cadence.VoicemailLeft || !final {
			t.Errorf("fault %d: the newest callback means %q, %v", fault, kind, final)
		}
	}
}
