package email

import (
	"bufio"
	"errors"
	"net/textproto"
	"strings"
	"testing"
)

func TestReadReply(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		said   string
		wanted int
		words  string // of what was hoped for
		code   int    // of a refusal; 0 for none
		broken bool
	}{
		{"250 2.0.0 ok\r\n", 250, "2.0.0 ok", 0, false},
		{"250\r\n", 250, "", 0, false},
		{"354\n", 354, "", 0, false},
		{"251 will forward\r\n", 25, "will forward", 0, false},
		{"250-2.1.5 one\r\n250-\r\n250 three\r\n", 25, "2.1.5 one\nthree", 0, false},
		{"250-one\r\n250\r\n", 250, "one", 0, false},
		{"550-5.1.1 no\r\n550 5.1.1 such user\r\n", 250, "5.1.1 no\n5.1.1 such user", 550, false},
		{"550\r\n", 250, "", 550, false},
		{"250-2.1.5 fine\r\n550 5.1.1 no\r\n", 25, "2.1.5 fine\n5.1.1 no", 550, false},
		{"251 2.1.5 elsewhere\r\n", 250, "2.1.5 elsewhere", 251, false},
		{"thanks\r\n", 250, "", 0, true},
		{"HTTP/1.1 400 Bad Request\r\n", 250, "", 0, true},
		{"2500 what\r\n", 250, "", 0, true},
		{"099 what\r\n", 250, "", 0, true},
		{"", 250, "", 0, true},
		{"250-one\r\n", 250, "", 0, true},
		{strings.Repeat("250-more\r\n", 2000), 250, "", 0, true},
		{strings.Repeat("550-"+strings.Repeat("x", 400)+"\r\n", 900) + "550 end\r\n", 250, "", 550, false},
	} {
		words, err := readReply(textproto.NewReader(bufio.NewReader(strings.NewReader(tt.said))), tt.wanted)
		var refusal *textproto.Error
		refused := errors.As(err, &refusal)
		name := tt.said[:min(len(tt.said), 60)]
		switch {
		case tt.broken != (err != nil && !refused), refused != (tt.code != 0), refused && refusal.Code != tt.code:
			t.Errorf("%q: %q, %v", name, words, err)
		case refused && len(refusal.Msg) > replyKept:
			t.Errorf("%q: %d octets are kept", name, len(refusal.Msg))
		case refused && tt.words != "" && refusal.Msg != tt.words, !refused && words != tt.words:
			t.Errorf("%q: %q, %v, want %q", name, words, err, tt.words)
		}
	}
}
