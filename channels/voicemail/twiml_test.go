package voicemail_test

import (
	"encoding/xml"
	"testing"

	"nurture/channels/voicemail"
)

func TestAnswer(t *testing.T) {
	t.Parallel()
	const hangUp = "<Hangup></Hangup>"
	const apology = `<Say language="en-US">` + voicemail.DefaultApology + "</Say>"
	full := voicemail.Script{
		Text: "Hi", RecordingURL: "https://x.example/a.mp3?a=1&b=2", OnHuman: "+12025550100", CallerID: "+12025550199",
		Language: "de-DE", Apology: "Verzeihung", AfterDialURL: "https://x.example/after?t=1&u=2",
	}
	text := voicemail.Script{Text: `Tom & "Jerry" <script>` + "\x00", Language: `en"GB`}
	tests := []struct {
		answeredBy string
		script     voicemail.Script
		want       string
	}{
		{"machine_end_beep", full, "<Play>https://x.example/a.mp3?a=1&amp;b=2</Play>" + hangUp},
		{"machine_end_silence", text, `<Say language="en&#34;GB">Tom &amp; &#34;Jerry&#34; &lt;script&gt;` + "\uFFFD</Say>" + hangUp},
		{"machine_end_other", voicemail.Script{Text: "Hi"}, `<Say language="en-US">Hi</Say>` + hangUp},
		{"machine_end_beep", voicemail.Script{}, hangUp},
		{"human", full, `<Dial callerId="+12025550199" action="https://x.example/after?t=1&amp;u=2" timeout="15"><Number>+12025550100</Number></Dial>` + hangUp},
		{"human", voicemail.Script{OnHuman: "+1"}, `<Dial timeout="15"><Number>+1</Number></Dial>` + hangUp},
		{"human", voicemail.Script{Text: "Hi", Language: "de-DE"}, apology + hangUp},
		{"human", voicemail.Script{Apology: "Verzeihung", Language: "de-DE"}, `<Say language="de-DE">Verzeihung</Say>` + hangUp},
		{"fax", full, hangUp},
		{"unknown", full, hangUp},
		{"machine_start", full, hangUp},
		{"", full, hangUp},
		{"Human", full, hangUp},
	}
	for _, test := range tests {
		if got, want := string(voicemail.Answer(test.answeredBy, test.script)), xml.Header+"<Response>"+test.want+"</Response>"; got != want {
			t.Errorf("%q: got\n%s\nwant\n%s", test.answeredBy, got, want)
		}
	}
	for status, want := range map[string]string{
		"completed": hangUp, "answered": hangUp, "no-answer": apology + hangUp, "busy": apology + hangUp, "failed": apology + hangUp, "": apology + hangUp,
	} {
		if got, want := string(voicemail.AfterDial(status, voicemail.Script{})), xml.Header+"<Response>"+want+"</Response>"; got != want {
			t.Errorf("after dial %q: got\n%s\nwant\n%s", status, got, want)
		}
	}
}
