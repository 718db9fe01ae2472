package voicemail

import (
	"bytes"
	"encoding/xml"
)

// DefaultApology is said to a person who picks up when nobody is there to talk to them, unless Script has its own words.
const DefaultApology = "Hello. We are sorry to disturb you: we only meant to leave a message. Goodbye."

const (
	defaultLanguage = "en-US"
	// dialSeconds is how long the SDR's phone rings while a person waits on the line.
	dialSeconds = 15
)

// Script is what a call says, by who picks up.
type Script struct {
	Text         string // said to a machine after its greeting
	RecordingURL string // played instead of saying Text; "" says it
	OnHuman      string // E.164 number to connect a person to; "" apologises and hangs up
	Language     string // BCP 47, of Text and Apology; "" is en-US
	CallerID     string // the number shown to OnHuman; "" leaves the choice to Twilio
	Apology      string // in Language; "" is DefaultApology in English
	// AfterDialURL is where Twilio asks what to do once the connection to OnHuman has ended, answered with AfterDial.
	// "" hangs up: a person whom nobody answered then hears nothing.
	AfterDialURL string
}

// Leaves reports whether Answer leaves the message, by who picked up.
func (s Script) Leaves(answeredBy string) bool {
	return machineListens(answeredBy) && (s.RecordingURL != "" || s.Text != "")
}

// Answer is the TwiML for a call by who picked up, Twilio's AnsweredBy. Only a machine at the end of its greeting gets the
// message. A fax, an unknown, a machine whose greeting still runs (machine_start) and a call without detection get a hang-up:
// a message into the void would count as left.
func Answer(answeredBy string, s Script) []byte {
	var response twiml
	switch {
	case machineListens(answeredBy) && s.RecordingURL != "":
		response.add(play{URL: s.RecordingURL})
	case machineListens(answeredBy) && s.Text != "":
		response.add(say{Language: s.language(), Text: s.Text})
	case answeredBy == "human" && s.OnHuman != "":
		response.add(dial{CallerID: s.CallerID, Action: s.AfterDialURL, Timeout: dialSeconds, Number: s.OnHuman})
	case answeredBy == "human":
		response.add(s.apology())
	}
	return response.hangUp()
}

// AfterDial is the TwiML for the end of the connection to Script.OnHuman, by Twilio's DialCallStatus: an apology when nobody
// answered the person, else the end.
func AfterDial(dialStatus string, s Script) []byte {
	var response twiml
	if dialStatus != "completed" && dialStatus != "answered" {
		response.add(s.apology())
	}
	return response.hangUp()
}

func (s Script) language() string {
	if s.Language == "" {
		return defaultLanguage
	}
	return s.Language
}

func (s Script) apology() say {
	if s.Apology == "" {
		return say{Language: defaultLanguage, Text: DefaultApology}
	}
	return say{Language: s.language(), Text: s.Apology}
}

// The verbs, https://www.twilio.com/docs/voice/twiml.
type (
	play struct {
		XMLName xml.Name `xml:"Play"`
		URL     string   `xml:",chardata"`
	}
	say struct {
		XMLName  xml.Name `xml:"Say"`
		Language string   `xml:"language,attr"`
		Text     string   `xml:",chardata"`
	}
	dial struct {
		XMLName  xml.Name `xml:"Dial"`
		CallerID string   `xml:"callerId,attr,omitempty"`
		Action   string   `xml:"action,attr,omitempty"`
		Timeout  int      `xml:"timeout,attr"`
		Number   string   `xml:"Number"`
	}
	hangup struct {
		XMLName xml.Name `xml:"Hangup"`
	}
	twiml struct {
		XMLName xml.Name `xml:"Response"`
		Verbs   []any
	}
)

func (t *twiml) add(verb any) { t.Verbs = append(t.Verbs, verb) }

func (t *twiml) hangUp() []byte {
	t.add(hangup{})
	var out bytes.Buffer
	out.WriteString(xml.Header)
	if err := xml.NewEncoder(&out).Encode(t); err != nil {
		// Strings and an int always encode; were it otherwise, ending the call is the one safe answer.
		return []byte(xml.Header + "<Response><Hangup></Hangup></Response>")
	}
	return out.Bytes()
}
