package imap

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"
)

func TestMessageID(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ raw, want string }{
		"plain":              {"Message-ID: <a@b>\r\n\r\n", "a@b"},
		"bare line feeds":    {"From: x\nMessage-Id:<a@b>\n\nbody", "a@b"},
		"folded":             {"MESSAGE-ID:\r\n <a-very-long-one@\r\n\tb>\r\nTo: x\r\n\r\n", "a-very-long-one@b"},
		"blank before colon": {"Message-ID : <a@b>\r\n\r\n", "a@b"},
		"comment":            {"Message-ID: (x) <a@b> (y)\r\n\r\n", "a@b"},
		"no brackets":        {"Message-ID: a@b\r\n\r\n", "a@b"},
		"not closed":         {"Message-ID: <a@b\r\n\r\n", "a@b"},
		"first of two":       {"Message-ID: <a@b>\r\nMessage-ID: <c@d>\r\n\r\n", "a@b"},
		"none":               {"From: x\r\n\r\nMessage-ID: <body@b>\r\n", ""},
		"inside another":     {"X: y\r\n Message-ID: <folded@b>\r\n\r\n", ""},
		"empty":              {"", ""},
		"no header":          {"\r\nMessage-ID: <a@b>\r\n", ""},
		"not UTF-8":          {"Message-ID: <\xffa@b>\r\n\r\n", "\uFFFDa@b"},
		"no line end":        {"Message-ID: <a@b>", "a@b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := messageID([]byte(tc.raw)); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestBeginning(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("x", 3*bodyKept)
	header := "Subject: s\r\n\r\n"
	if got := beginning([]byte(header + body)); string(got) != header+body[:bodyKept] {
		t.Errorf("%d bytes", len(got))
	}
	long := strings.Repeat("X: y\n", headerKept)
	if got := beginning([]byte(long)); len(got) != headerKept+bodyKept {
		t.Errorf("%d bytes of a header without end", len(got))
	}
	if got := beginning([]byte(header)); string(got) != header {
		t.Errorf("%q", got)
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	header := "Message-ID: <big@b>\r\nSubject: big\r\n\r\n"
	big := header + strings.Repeat("0123456789abcde\n", 64<<10) // 1 MB
	exact := header + strings.Repeat("y", 100_000-len(header))
	r.appendTo("INBOX", mail(1), big, exact, exact+"z", mail(5), "\r\n")
	c := r.config()
	c.MaxSize = 100_000
	var s sink
	run(t, newWatcher(t, c, s.deliver, quick(t)))
	await(t, "all marked", func() bool { return len(r.flagged(Keyword)) == 6 })
	got := s.got()
	for i, want := range []struct {
		raw   string
		size  int
		large bool
	}{
		{mail(1), len(mail(1)), false},
		{big[:len(header)+bodyKept], len(big), true},
		{exact, len(exact), false},
		{exact[:len(header)+bodyKept], len(exact) + 1, true},
		{mail(5), len(mail(5)), false},
		{"\r\n", 2, false},
	} {
		it := got[i]
		if !bytes.Equal(it.Raw, []byte(want.raw)) || it.Size != int64(want.size) || it.TooLarge != want.large {
			t.Errorf("message %d: %d of %d bytes, too large %v; want %d of %d, %v", i+1, len(it.Raw), it.Size, it.TooLarge,
				len(want.raw), want.size, want.large)
		}
		if it.Digest != sha256.Sum256(it.Raw) {
			t.Errorf("message %d: digest", i+1)
		}
	}
	if got[1].MessageID != "big@b" {
		t.Errorf("Message-ID %q", got[1].MessageID)
	}
}

// Some servers say less than they send, and some ignore the range asked for.
func TestServerLiesAboutSizes(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	body := strings.Repeat("0123456789abcde\n", 8<<10) // 128 KB
	big := "Message-ID: <big@b>\r\n\r\n" + body
	r.appendTo("INBOX", mail(1), big, mail(3))
	r.wire.faults(func(int) fault {
		return fault{fromServer: func(b []byte) []byte {
			return bytes.Replace(b, []byte("RFC822.SIZE 1310"), []byte("RFC822.SIZE 0010"), 1)
		}, fromClient: func(b []byte) []byte { // all of it, whatever was asked for
			return bytes.Replace(b, []byte("<0.100001>"), []byte("<0.900001>"), 1)
		}}
	})
	c := r.config()
	c.MaxSize = 100_000
	var s sink
	run(t, newWatcher(t, c, s.deliver, quick(t)))
	await(t, "all marked", func() bool { return len(r.flagged(Keyword)) == 3 })
	it := s.got()[1]
	if !it.TooLarge || len(it.Raw) != len(big)-len(body)+bodyKept || it.MessageID != "big@b" {
		t.Errorf("%d bytes, too large %v, %q", len(it.Raw), it.TooLarge, it.MessageID)
	}
	if string(s.got()[2].Raw) != mail(3) {
		t.Errorf("the next one is %q", s.got()[2].Raw)
	}
}
