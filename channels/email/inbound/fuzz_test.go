package inbound_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	"nurture/channels/email/inbound"
)

func seed(f *testing.F, archives ...string) {
	f.Helper()
	all := corpus(f)
	for _, name := range archives {
		for _, s := range all["testdata/mails/"+name+".txtar"] {
			f.Add(s.raw)
		}
	}
}

// FuzzParse holds that Parse keeps the bytes, finds no problem in a mail with a header, and that everything that is read of it is valid
// UTF-8 without line ends in headers.
func FuzzParse(f *testing.F) {
	seed(f, "damaged", "clients", "bounces-google")
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := inbound.Parse(bytes.Clone(raw))
		if !bytes.Equal(m.Raw, raw) {
			t.Fatal("Raw differs")
		}
		if (m.Problem == "") != (len(m.Header) > 0 && len(bytes.TrimSpace(raw)) > 0) {
			t.Fatalf("problem %q with %d fields", m.Problem, len(m.Header))
		}
		for _, s := range append(m.References().Recipients, m.Subject(), m.Sender()) {
			if !utf8.ValidString(s) || bytes.ContainsAny([]byte(s), "\r\n\x00") {
				t.Fatalf("%q", s)
			}
		}
	})
}

// FuzzClassify holds that a classification is complete and of the known kinds, that it gives valid JSON, that a return date is a date,
// and that classifying twice gives the same.
func FuzzClassify(f *testing.F) {
	seed(f, "bounces-postfix", "bounces-others", "reports", "auto-out-of-office", "unsubscribes", "traps")
	kinds := map[inbound.Kind]bool{
		inbound.KindBounce: true, inbound.KindDelayed: true, inbound.KindAutoReply: true, inbound.KindComplaint: true, inbound.KindUnsubscribe: true,
		inbound.KindReply: true, inbound.KindDelivered: true, inbound.KindOther: true,
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c := inbound.Classify(inbound.Parse(raw), now)
		if !kinds[c.Kind] || c.Recipients == nil || c.Why == "" || c.Why == "the mail cannot be classified" {
			t.Fatalf("%+v", c)
		}
		if _, err := time.Parse(time.DateOnly, c.ReturnDate); err != nil && c.ReturnDate != "" {
			t.Fatal(err)
		}
		for _, r := range c.Recipients {
			if (c.Kind != inbound.KindBounce) && r.Severity != "" {
				t.Fatalf("%s with severity %s", c.Kind, r.Severity)
			}
		}
		first, err := json.Marshal(c)
		if err != nil || !utf8.Valid(first) {
			t.Fatal(err)
		}
		if second, _ := json.Marshal(inbound.Classify(inbound.Parse(raw), now)); !bytes.Equal(first, second) {
			t.Fatalf("%s\n%s", first, second)
		}
	})
}

// FuzzVisibleText holds that the text is valid, bounded, and clean of what no reader sees.
func FuzzVisibleText(f *testing.F) {
	seed(f, "clients", "traps", "replies")
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := inbound.Parse(raw).VisibleText()
		if !utf8.ValidString(s) || len(s) > 64<<10 || bytes.ContainsAny([]byte(s), "\x00\r\x1b") || s != string(bytes.TrimSpace([]byte(s))) {
			t.Fatalf("%q", s)
		}
	})
}
