package voicemail_test

import (
	"strings"
	"testing"

	"nurture/channels"
	"nurture/channels/journal"
	"nurture/channels/voicemail"
	"nurture/internal/sandbox/phone"
)

// TestJournalKnowsEveryAnswer: whoever reads the journal of a dead process learns of a call what the process itself had learnt.
func TestJournalKnowsEveryAnswer(t *testing.T) {
	t.Parallel()
	for _, test := range answerCases() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			marks, err := journal.Open(dir, "p1")
			if err != nil {
				t.Fatal(err)
			}
			r := newRig(t, phone.Config{Manual: true, Fault: func(phone.Attempt) phone.Fault { return test.fault }}, func(c *voicemail.Config) { c.Journal = marks })
			receipt := r.one(t, message(7))
			if err := marks.Close(); err != nil {
				t.Fatal(err)
			}
			dead, err := journal.ReadDead(dir)
			if err != nil || len(dead) != 1 || !dead[0].Calls {
				t.Fatalf("%+v, %v", dead, err)
			}
			t.Cleanup(func() { _ = dead[0].Release() })
			got := dead[0].Fate(7)
			if got.Outcome != receipt.Outcome || got.ProviderID != receipt.ProviderID || !strings.HasPrefix(receipt.Detail, got.Detail) {
				t.Errorf("the journal says %+v, the receipt was %+v", got, receipt)
			}
			if begun := dead[0].Fate(8); begun.Outcome != channels.Temporary {
				t.Errorf("a call that was never asked for: %+v", begun)
			}
		})
	}
}

// TestNoCallWithoutItsMark: while the journal cannot be written, such as on a full disk, nobody is called.
func TestNoCallWithoutItsMark(t *testing.T) {
	t.Parallel()
	marks, err := journal.Open(t.TempDir(), "p1")
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, phone.Config{Manual: true}, func(c *voicemail.Config) { c.Journal = marks })
	if err := marks.Close(); err != nil {
		t.Fatal(err)
	}
	got := r.one(t, message(7))
	if got.Outcome != channels.Temporary || !got.Unreached || !strings.Contains(got.Detail, "send journal") {
		t.Errorf("got %+v", got)
	}
	if n := r.phone.Requests(); n != 0 {
		t.Errorf("%d requests", n)
	}
}
