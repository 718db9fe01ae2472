package voicemail_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nurture/cadence"
	"nurture/channels/voicemail"
)

func TestParseCallback(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, form string
		want       voicemail.Callback
		bad        bool
	}{
		{
			name: "all there",
			form: "CallSid=CA1&AccountSid=AC1&CallStatus=completed&SequenceNumber=3&AnsweredBy=machine_end_beep&CallDuration=35" +
				"&SipResponseCode=200&Timestamp=Mon%2C+02+Mar+2026+15%3A05%3A00+%2B0000",
			want: voicemail.Callback{
				CallSID: "CA1", AccountSID: "AC1", Status: "completed", Sequence: 3, AnsweredBy: "machine_end_beep",
				DurationSeconds: 35, SIPResponseCode: 200, At: time.Date(2026, 3, 2, 15, 5, 0, 0, time.UTC),
			},
		},
		{name: "request for TwiML", form: "CallSid=CA1&CallStatus=in-progress&AnsweredBy=human", want: voicemail.Callback{CallSID: "CA1", Status: "in-progress", Sequence: voicemail.NoSequence, AnsweredBy: "human"}},
		{name: "lesser fields unreadable", form: "CallSid=CA1&CallStatus=busy&SequenceNumber=0&CallDuration=x&SipResponseCode=&Timestamp=now", want: voicemail.Callback{CallSID: "CA1", Status: "busy"}},
		{name: "no call", form: "CallStatus=busy", bad: true},
		{name: "no status", form: "CallSid=CA1", bad: true},
		{name: "sequence no number", form: "CallSid=CA1&CallStatus=busy&SequenceNumber=one", bad: true},
		{name: "sequence negative", form: "CallSid=CA1&CallStatus=busy&SequenceNumber=-1", bad: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			form, err := url.ParseQuery(test.form)
			if err != nil {
				t.Fatal(err)
			}
			got, err := voicemail.ParseCallback(form)
			if (err != nil) != test.bad {
				t.Fatalf("error %v, want one: %v", err, test.bad)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("callback (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResponse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status, answeredBy string
		want               cadence.ResponseKind
		final              bool
	}{
		{"queued", "", "", false},
		{"initiated", "", "", false},
		{"ringing", "", "", false},
		{"in-progress", "machine_end_beep", "", false},
		{"invented", "human", "", false},
		{"completed", "machine_end_beep", cadence.VoicemailLeft, true},
		{"completed", "machine_end_silence", cadence.VoicemailLeft, true},
		{"completed", "machine_end_other", cadence.VoicemailLeft, true},
		{"completed", "human", cadence.AnsweredByHuman, true},
		{"completed", "fax", cadence.AnsweredByFax, true},
		{"completed", "unknown", cadence.DetectionFailed, true},
		{"completed", "machine_start", cadence.DetectionFailed, true},
		{"completed", "", cadence.DetectionFailed, true},
		{"no-answer", "", cadence.NoAnswer, true},
		{"busy", "", cadence.Busy, true},
		{"failed", "", cadence.CallFailed, true},
		{"canceled", "", cadence.CallFailed, true},
	}
	for _, test := range tests {
		callback := voicemail.Callback{Status: test.status, AnsweredBy: test.answeredBy}
		if kind, final := callback.Response(); kind != test.want || final != test.final {
			t.Errorf("%s by %q: %q, %v; want %q, %v", test.status, test.answeredBy, kind, final, test.want, test.final)
		}
	}
}
