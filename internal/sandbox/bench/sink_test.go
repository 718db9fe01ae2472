package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// serve starts a sink and returns its port and a function that asks what it has taken.
func serve(t *testing.T) (port int, taken func() SinkCount) {
	t.Helper()
	in, ask := io.Pipe()
	answers, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- ServeSink(in, out) }()
	t.Cleanup(func() {
		_ = ask.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	decoder := json.NewDecoder(answers)
	read := func() SinkCount {
		var n SinkCount
		if err := decoder.Decode(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	return read().Port, func() SinkCount {
		if _, err := io.WriteString(ask, "count\n"); err != nil {
			t.Fatal(err)
		}
		return read()
	}
}

func TestSinkTakesPipelinedMailsAndSeesRepeats(t *testing.T) {
	t.Parallel()
	port, taken := serve(t)
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	exchange := func(lines string, codes ...string) {
		t.Helper()
		if _, err := io.WriteString(conn, strings.ReplaceAll(lines, "\n", "\r\n")); err != nil {
			t.Fatal(err)
		}
		for _, want := range codes {
			got, err := in.ReadString('\n')
			if err != nil || !strings.HasPrefix(got, want) {
				t.Fatalf("to %q it answered %q, %v; want %s", lines, got, err, want)
			}
		}
	}
	exchange("", "220 ")
	exchange("EHLO me.example.com\n", "250-", "250-PIPELINING", "250-", "250-", "250-8BITMIME", "250 SMTPUTF8")
	for _, id := range []string{"one", "two", "one"} {
		exchange("MAIL FROM:<a@example.com>\nRCPT TO:<b@example.com>\nDATA\n", "250", "250", "354")
		// A line that begins with a dot has two on the wire; one longer than the sink's buffer may hold a final dot's look-alike.
		exchange("Message-ID: <"+id+"@x>\n\n..\nMessage-ID: <not@header>\n"+strings.Repeat("x", 70_000)+"\n.\n", "250")
	}
	exchange("WHAT\nNOOP\nRSET\nQUIT\n", "502", "250", "250", "221")
	got := taken()
	if got.Mails != 3 || got.Twice != 1 || got.Bytes < 3*70_000 {
		t.Errorf("the sink counts %+v, want 3 mails of more than 70,000 bytes each, 1 of them twice", got)
	}
}
