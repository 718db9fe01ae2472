package templates

import (
	"strings"
	"testing"

	"nurture/cadence"
)

// An answer from a form that turns the direction of text round, and never back, must not take the sentence with it.
func TestDirectionStaysThatOfTheTemplate(t *testing.T) {
	t.Parallel()
	data := ann()
	data["lead"]["name"] = "\u202eAnn\u2067"
	mail, err := set(t, cadence.ChannelEmail, "subject: \"Hi {{ .lead.name }}!\"\npreheader: \"{{ .lead.name }}\"", "Dear {{ .lead.name }}.").RenderEmail("x", data)
	if err != nil {
		t.Fatal(err)
	}
	voice, err := set(t, cadence.ChannelVoicemail, "", "Hello {{ .lead.name }} bye").RenderVoicemail("x", data)
	if err != nil {
		t.Fatal(err)
	}
	call, err := set(t, cadence.ChannelCall, "title: \"Call {{ .lead.name }}\"", "Ask {{ .lead.name }}.").RenderCall("x", data)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{mail.Subject, mail.Preheader, mail.Text, mail.HTML, voice.Text, call.Title, call.HTML} {
		if !strings.Contains(text, "Ann") || strings.ContainsAny(text, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") {
			t.Errorf("place %d: %q", i, text)
		}
	}
}
