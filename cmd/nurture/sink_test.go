package main

import (
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"nurture/internal/sandbox/mailsink"
)

// addSink gives a script a mail server on 127.0.0.1:$SINK_PORT that serves some recipients badly: it takes a mail to lost@ and hangs up
// without an answer, keeps the sender of one to stall@ waiting for the answer, and has no room for busy@ yet.
func addSink(env *testscript.Env) error {
	sink, err := mailsink.New(time.Now, mailsink.Options{Grace: time.Millisecond, Fault: func(e mailsink.Envelope) mailsink.Verdict {
		switch name, _, _ := strings.Cut(e.To, "@"); name {
		case "lost":
			return mailsink.DropAfterDot()
		case "stall":
			return mailsink.Stall(mailsink.AtData)
		case "busy":
			return mailsink.Refuse(mailsink.AtRcpt, 451, [3]int{4, 2, 2}, "mailbox full, come back later")
		}
		return mailsink.Verdict{}
	}})
	if err != nil {
		return err
	}
	env.Defer(func() { _ = sink.Close() }) // its senders are gone or killed
	_, port, err := net.SplitHostPort(sink.Addr())
	if err != nil {
		return err
	}
	env.Setenv("SINK_PORT", port)
	env.Values["sink"] = sink
	return nil
}

// received waits until the sink took a mail so many times, and fails at once when it was more: received MESSAGE-ID TIMES.
func received(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: received MESSAGE-ID TIMES")
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	sink := ts.Value("sink").(*mailsink.Sink)
	got := 0
	if !within(time.Minute, func() bool { got = sink.CountByMessageID(args[0]); return got >= want }) || got > want {
		ts.Fatalf("%s was received %d times, want %d", args[0], got, want)
	}
}

// within polls until done, and says whether that came in time.
func within(limit time.Duration, done func() bool) bool {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(limit); !done(); <-tick.C {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

// stalled waits until the sink keeps a sender waiting.
func stalled(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: stalled")
	}
	sink := ts.Value("sink").(*mailsink.Sink)
	if !within(time.Minute, func() bool { return sink.Stalled() > 0 }) {
		ts.Fatalf("nobody waits for the sink's answer")
	}
}

// noMail fails when the sink has taken any mail: nomail.
func noMail(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: nomail")
	}
	if n := ts.Value("sink").(*mailsink.Sink).Total(); n > 0 {
		ts.Fatalf("%d mails left", n)
	}
}
