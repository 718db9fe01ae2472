package email

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"nurture/channels"
	"nurture/channels/journal"
)

func openJournal(t *testing.T, dir, instance string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(dir, instance)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// TestKilledSender is a process of its own, for TestKill.
func TestKilledSender(t *testing.T) {
	port, err := strconv.Atoi(os.Getenv("NURTURE_TEST_SMTP_PORT"))
	if err != nil {
		return // an ordinary test run
	}
	j := openJournal(t, os.Getenv("NURTURE_TEST_JOURNAL"), "killed")
	f := &fake{t: t, port: port}
	s := f.connect(j, func(c *Config) { c.Connections = 1 })
	s.Send(context.Background(), []channels.Message{message(1), message(2), message(3)})
}

// TestKill kills a sending process with signal 9 at two moments and asks its journal.
func TestKill(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		stall string
		want  map[int64]channels.Outcome
	}{
		{"mail", map[int64]channels.Outcome{1: channels.Sent, 2: channels.Temporary, 3: channels.Temporary}},
		{"dot", map[int64]channels.Outcome{1: channels.Sent, 2: channels.Unknown, 3: channels.Temporary}},
	} {
		t.Run(c.stall, func(t *testing.T) {
			t.Parallel()
			reached, release := make(chan struct{}), make(chan struct{})
			defer close(release)
			hold := func(where string) func(n int) error {
				return func(n int) error {
					if n == 2 && where == c.stall {
						close(reached)
						<-release
					}
					return nil
				}
			}
			f := serve(t, script{
				onMail: func(n int, _ string) error { return hold("mail")(n) }, onDot: hold("dot"),
			})
			dir := t.TempDir()
			child := exec.Command(os.Args[0], "-test.run=^TestKilledSender$", "-test.count=1")
			child.Env = append(os.Environ(), "NURTURE_TEST_JOURNAL="+dir, fmt.Sprintf("NURTURE_TEST_SMTP_PORT=%d", f.port))
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			<-reached
			if dead, err := journal.ReadDead(dir); err != nil || len(dead) != 0 {
				t.Errorf("while it lives: %v, %v", dead, err)
			}
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = child.Wait() // "signal: killed"
			dead, err := journal.ReadDead(dir)
			if err != nil || len(dead) != 1 || dead[0].Instance != "killed" || !dead[0].Complete {
				t.Fatalf("%+v, %v", dead, err)
			}
			t.Cleanup(func() { _ = dead[0].Release() })
			for touch, want := range c.want {
				if got := dead[0].Fate(touch); got.Outcome != want {
					t.Errorf("touch %d: %+v, want %s", touch, got, want)
				}
			}
		})
	}
}
