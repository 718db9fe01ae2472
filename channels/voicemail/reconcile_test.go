package voicemail_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/channels"
	"nurture/channels/voicemail"
	"nurture/internal/sandbox/phone"
)

func TestReconcile(t *testing.T) {
	t.Parallel()
	firstIsKnown := func(p *voicemail.Probe) { p.Known = []string{"CA00000000000000000000000000000001"} }
	lost := phone.Fault{Answer: phone.Dropped, Created: true}
	tests := []struct {
		name   string
		faults []phone.Fault // one create request each, an hour apart; the last one's answer is in doubt
		run    bool          // the calls were played, else they wait in the queue
		change func(*voicemail.Probe)
		want   channels.Outcome
		call   string
	}{
		{"made and played", []phone.Fault{lost}, true, nil, channels.Sent, "CA00000000000000000000000000000001"},
		{"made and still queued", []phone.Fault{lost}, false, nil, channels.Sent, "CA00000000000000000000000000000001"},
		{"never made", []phone.Fault{{Answer: phone.Dropped}}, true, nil, channels.Temporary, ""},
		{"an older touch's call is not it", []phone.Fault{{}, {Answer: phone.BadGateway}}, true, firstIsKnown, channels.Temporary, ""},
		{"an older touch's call is not it, queued", []phone.Fault{{}, {Answer: phone.BadGateway}}, false, firstIsKnown, channels.Temporary, ""},
		{"an older call that no touch accounts for", []phone.Fault{{}, {Answer: phone.BadGateway}}, true, nil, channels.Unknown, ""},
		{"our clock was hours ahead", []phone.Fault{lost}, true, func(p *voicemail.Probe) { p.Since = start.Add(5 * time.Hour) }, channels.Unknown, ""},
		{"our clock was hours ahead, queued", []phone.Fault{lost}, false, func(p *voicemail.Probe) { p.Since = start.Add(5 * time.Hour) }, channels.Unknown, ""},
		{"our clock was hours behind", []phone.Fault{lost}, true, func(p *voicemail.Probe) {
			p.Since, p.Until = start.Add(-5*time.Hour), start.Add(-5*time.Hour).Add(2*time.Minute)
		}, channels.Unknown, ""},
		{"a call of another week", []phone.Fault{lost}, true, func(p *voicemail.Probe) { p.Since = start.Add(7 * 24 * time.Hour) }, channels.Temporary, ""},
		{"the newer of two", []phone.Fault{{}, lost}, true, nil, channels.Sent, "CA00000000000000000000000000000002"},
		{"two that fit", []phone.Fault{{}, lost}, true, func(p *voicemail.Probe) { p.Since = start }, channels.Unknown, ""},
		{"two that fit, one known", []phone.Fault{{}, lost}, true, func(p *voicemail.Probe) {
			p.Since, p.Known = start, []string{"CA00000000000000000000000000000001"}
		}, channels.Sent, "CA00000000000000000000000000000002"},
		{"two that fit, one too late", []phone.Fault{{}, lost}, true, func(p *voicemail.Probe) {
			p.Since, p.Until = start, start.Add(30*time.Minute)
		}, channels.Sent, "CA00000000000000000000000000000001"},
		{"our clock is ahead", []phone.Fault{lost}, true, func(p *voicemail.Probe) { p.Since = start.Add(time.Minute) }, channels.Sent, "CA00000000000000000000000000000001"},
		{"our clock is behind", []phone.Fault{lost}, true, func(p *voicemail.Probe) {
			p.Since, p.Until = start.Add(-2*time.Minute), start.Add(-time.Minute)
		}, channels.Sent, "CA00000000000000000000000000000001"},
		{"another number's call", []phone.Fault{lost}, true, func(p *voicemail.Probe) { p.To = "+12025550000" }, channels.Temporary, ""},
		{"another sender's call", []phone.Fault{lost}, true, func(p *voicemail.Probe) { p.From = "+12025550000" }, channels.Temporary, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var sent atomic.Int32 // the messages begun
			at := func() time.Time { return start.Add(time.Duration(sent.Load()-1) * time.Hour) }
			r := newRig(t, phone.Config{
				Manual: true, Now: at,
				Fault: func(phone.Attempt) phone.Fault { return test.faults[sent.Load()-1] },
			}, nil)
			for range test.faults {
				r.one(t, message(int64(sent.Add(1))))
			}
			if test.run {
				r.phone.Run(t.Context())
			}
			probe := voicemail.Probe{TouchID: int64(sent.Load()), To: lead, From: sender, Since: at()}
			if test.change != nil {
				test.change(&probe)
			}
			got := r.Reconcile(t.Context(), []voicemail.Probe{probe})
			if len(got) != 1 || got[0].TouchID != probe.TouchID || got[0].Outcome != test.want || got[0].ProviderID != test.call {
				t.Errorf("got %+v, want %s %s", got, test.want, test.call)
			}
			if test.want == channels.Sent && test.run && got[0].CostMicros != 14_000 {
				t.Errorf("cost %d, want a started minute", got[0].CostMicros)
			}
		})
	}
}

func TestReconcileThatCannotAskDecidesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, phone.Config{}, func(c *voicemail.Config) { c.AuthToken = "wrong" })
	probes := []voicemail.Probe{{TouchID: 1, To: lead, From: sender, Since: start}}
	if got := r.Reconcile(t.Context(), probes)[0]; got.Outcome != channels.Unknown || !got.StopSender || got.TouchID != 1 {
		t.Errorf("refused: %+v", got)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if got := r.Reconcile(ended, probes)[0]; got.Outcome != channels.Unknown || got.TouchID != 1 {
		t.Errorf("no time to ask: %+v", got)
	}
}

// When callbacks never come, the call itself can be asked.
func TestFetch(t *testing.T) {
	t.Parallel()
	r := newRig(t, phone.Config{Manual: true, Fault: func(phone.Attempt) phone.Fault {
		return phone.Fault{Callbacks: phone.Never}
	}}, nil)
	sid := r.one(t, message(1)).ProviderID
	if got := r.Fetch(t.Context(), []string{sid})[0]; got.Err != nil || got.Status != "queued" || got.CostMicros != 0 {
		t.Errorf("before the call: %+v", got)
	}
	r.phone.Run(t.Context())
	if len(r.callbacks) != 0 {
		t.Fatalf("callbacks came: %+v", r.callbacks)
	}
	calls := r.Fetch(t.Context(), []string{"CAnone", sid})
	if calls[0].Err == nil {
		t.Error("a call that is none was found")
	}
	got := calls[1]
	if got.Err != nil || got.CallSID != sid || got.AccountSID != account || got.DurationSeconds != 35 || got.CostMicros != 14_000 || got.ID() != "" {
		t.Errorf("after the call: %+v", got)
	}
	if want := start.Add(55 * time.Second).Truncate(time.Second); !got.At.Equal(want) {
		t.Errorf("ended %v, want %v", got.At, want)
	}
	if kind, final := got.Response(); kind != cadence.VoicemailLeft || !final {
		t.Errorf("means %q, %v", kind, final)
	}
}
