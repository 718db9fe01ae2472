package jobs

import (
	"fmt"
	"testing"
	"time"

	"nurture/store"
)

// strange is a mail of somebody whom nobody knows, as bytes.
func strange(i int) []byte {
	return fmt.Appendf(nil, "From: Stranger %d <s%d@elsewhere.example>\r\nTo: mara@ourco.example\r\nSubject: Question %d\r\nMessage-ID: <q%d@elsewhere.example>\r\n\r\nWho are you?\r\n", i, i, i, i)
}

// takeStrange takes in mails from one number to another and returns how many wait for a person then.
func (r *rig) takeStrange(from, to int) int {
	r.t.Helper()
	for i := from; i < to; i++ {
		_, err := r.TakeMail(r.ctx, ArrivedMail{Source: "imap", ExternalID: fmt.Sprint(i), Raw: strange(i), ReceivedAt: r.now()})
		must(r.t, err)
	}
	return r.count(`SELECT count(*) FROM inbound_mails WHERE state = 'unmatched' AND raw IS NOT NULL`)
}

// TestUnmatchedMailIsLetGo: mail that nobody has taken for as long as the configuration says is set aside, more of it than one bite holds, and
// only that.
func TestUnmatchedMailIsLetGo(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "# Without smtp", "retention: { unmatched_mail: 30 days }\n# Without smtp")
	r := newLiveRig(t, files)
	const old = retainBite + 1
	if n := r.takeStrange(0, old); n != old {
		t.Fatalf("%d mails wait for a person, want %d", n, old)
	}
	r.tick()
	r.pass(30*24*time.Hour - time.Second)
	if n := r.takeStrange(old, old+2); n != old+2 {
		t.Fatalf("%d mails wait for a person, want %d", n, old+2)
	}
	r.tick()
	if n := r.count(`SELECT count(*) FROM inbound_mails WHERE state = 'unmatched'`); n != old+2 {
		t.Fatalf("%d wait a second before their time, want %d", n, old+2)
	}
	r.pass(retainEvery)
	r.tick()
	if n := r.count(`SELECT count(*) FROM inbound_mails WHERE state = 'set_aside' AND raw IS NULL AND note LIKE 'set aside after 30 days%' AND subject LIKE 'Question%'`); n != old {
		t.Errorf("%d are set aside without their bytes, want %d", n, old)
	}
	if n := r.count(`SELECT count(*) FROM inbound_mails WHERE state = 'unmatched' AND raw IS NOT NULL`); n != 2 {
		t.Errorf("%d of the younger wait, whole, want 2", n)
	}
	if mail, err := store.GetInbound(r.ctx, r.pool, int64(r.count(`SELECT min(id) FROM inbound_mails`))); err != nil || mail.Raw != nil {
		t.Errorf("the oldest has %d bytes, %v", len(mail.Raw), err)
	}
	// The same mail once more is still known.
	if again := r.takeStrange(0, 1); again != 2 {
		t.Errorf("%d wait after an old mail came again, want 2", again)
	}
}

// TestMailWaitsUnlessToldOtherwise: without a word in the configuration mail waits for a person however long, and nothing is asked about it.
func TestMailWaitsUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	r, asked := traced(t, firstSeven(mailStep+laterMail))
	r.takeStrange(0, 1)
	r.pass(1000 * 24 * time.Hour)
	r.tick()
	r.pass(time.Second)
	if asks := asked.during(func() { r.tick() }); len(asks) != 1 {
		t.Errorf("a quiet tick asks %d times", len(asks))
	}
	if n := r.count(`SELECT count(*) FROM inbound_mails WHERE state = 'unmatched' AND raw IS NOT NULL`); n != 1 {
		t.Error("the mail does not wait any more")
	}
}
