package email

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nurture/channels"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "outbox")
	if mails, total, err := ListOutbox(dir, 0); err != nil || total != 0 || len(mails) != 0 {
		t.Errorf("no folder: %v %d %v", mails, total, err)
	}
	clock := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	f := NewFiles(dir, func() time.Time { return clock })
	var batch []channels.Message
	for n := range int64(12) {
		m := message(n)
		m.Subject = "Grüße " + string(rune('a'+n))
		batch = append(batch, m)
	}
	batch[5].To.Address = "bad address"
	for i, r := range f.Send(t.Context(), batch) {
		want := channels.Sent
		if i == 5 {
			want = channels.Permanent
		}
		if r.TouchID != int64(i) || r.Outcome != want || r.Detail == "" {
			t.Errorf("%+v", r)
		}
	}
	again := batch[3]
	again.Subject, again.Text = "Again", "written twice"
	if r := f.Send(t.Context(), []channels.Message{again})[0]; r.Outcome != channels.Sent {
		t.Errorf("%+v", r)
	}
	if err := os.WriteFile(filepath.Join(dir, "touch-9999999999999999999.eml"), []byte("\x00 no mail"), 0o600); err != nil {
		t.Fatal(err)
	}
	mails, total, err := ListOutbox(dir, 4)
	if err != nil || total != 12 || len(mails) != 4 {
		t.Fatalf("%d of %d, %v", len(mails), total, err)
	}
	if mails[0].Problem == "" {
		t.Errorf("a broken file: %+v", mails[0])
	}
	m := mails[1]
	if m.TouchID != 11 || m.Subject != "Grüße l" || m.From != "Bo Berg <bo@nurture.example>" || m.To != "Ann Lee <ann@example.com>" ||
		!m.Date.Equal(batch[11].Mail.Date) || !m.WrittenAt.Equal(clock) || m.MessageID != batch[11].Mail.MessageID || m.Text != "" {
		t.Errorf("%+v", m)
	}
	twice, err := ReadOutbox(dir, outboxName(3))
	if err != nil || twice.Subject != "Again" || twice.Text != "written twice" || twice.HTML != "<p>Hello Ann</p>\r\n" {
		t.Errorf("%+v, %v", twice, err)
	}
	for _, name := range []string{"none.eml", "../x.eml", "a/b.eml", ".hidden.eml", "x.txt", ""} {
		if _, err := ReadOutbox(dir, name); !errors.Is(err, ErrNoMail) {
			t.Errorf("%q: %v", name, err)
		}
	}
	items, _ := os.ReadDir(dir)
	for _, item := range items {
		if strings.HasPrefix(item.Name(), ".") {
			t.Errorf("left behind: %s", item.Name())
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if r := f.Send(ended, batch[:1])[0]; r.Outcome != channels.Temporary {
		t.Errorf("%+v", r)
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := NewFiles(blocked, time.Now).Send(t.Context(), batch[:1])[0]; r.Outcome != channels.Temporary || !strings.Contains(r.Detail, "outbox folder") {
		t.Errorf("%+v", r)
	}
}

// TestPanicCostsOneMessage: a clock that panics stands for any defect of ours.
func TestPanicCostsOneMessage(t *testing.T) {
	t.Parallel()
	calls := 0
	f := NewFiles(t.TempDir(), func() time.Time {
		if calls++; calls == 1 {
			panic("defect")
		}
		return time.Unix(0, 0)
	})
	receipts := f.Send(t.Context(), []channels.Message{message(1), message(2)})
	if receipts[0].Outcome != channels.Permanent || !strings.Contains(receipts[0].Detail, "defect") || receipts[1].Outcome != channels.Sent {
		t.Errorf("%+v", receipts)
	}
}
