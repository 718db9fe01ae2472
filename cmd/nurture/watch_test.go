package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nurture/examples"
)

// screen is what a command has written so far, while it runs.
type screen struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

// shows waits until a text is there.
func (s *screen) shows(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !strings.Contains(s.String(), text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%q is not shown:\n%s", text, s)
		}
	}
}

// TestWatch saves a test that fails, then one that cannot be read, then mends it: each time the tests run again.
func TestWatch(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "config")
	if err := copyFS(dir, examples.Starter()); err != nil {
		t.Fatal(err)
	}
	shown := &screen{}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	o := &testOptions{app: &app{system: system{stdout: shown, stderr: shown}, configDir: dir}}
	go func() { ended <- runTestWatch(ctx, o, time.Millisecond) }()
	shown.shows(t, "tests passed\nwatching "+dir)

	file := filepath.Join(dir, "tests", "late.yaml")
	save := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	save("tests:\n  - name: Too early\n    start: 2026-03-02 07:30\n    expect: [{ touch: intro, at: 2026-03-02 08:00 }]\n")
	shown.shows(t, "FAIL  tests/late.yaml  Too early")
	save("tests: [")
	shown.shows(t, "hint: close the bracket")
	save("tests:\n  - name: In time\n    start: 2026-03-02 07:30\n    expect: [{ touch: intro, at: 2026-03-02 09:00 }]\n")
	shown.shows(t, "ok    tests/late.yaml  In time")
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
