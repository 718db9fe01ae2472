package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// stopLimit is how long a process that was told to stop may take: the grace of `nurture work`, and some for a loaded machine.
const stopLimit = 30 * time.Second

// child is a worker process, and its successors when it has died.
type child struct {
	slot   int
	starts int

	mu      sync.Mutex
	process *os.Process   // nil between two
	ended   chan struct{} // closed at its end
	ordered bool          // its end was asked for
	log     string
}

// keepAlive runs the child until ctx ends, and starts it again whenever it has ended, as a service manager would. At the end it is told to
// stop; what it had in hand it finishes.
func (w *world) keepAlive(ctx context.Context, c *child) {
	w.background.Go(func() {
		for ctx.Err() == nil {
			if err := w.spawn(ctx, c); err != nil {
				w.log.Error("a worker cannot be run", "slot", c.slot, "error", err)
			}
			pause(ctx, w.leadDice.between(50*time.Millisecond, time.Second))
		}
	})
}

// spawn runs one process to its end.
func (w *world) spawn(ctx context.Context, c *child) error {
	c.starts++
	name := w.in("logs", fmt.Sprintf("worker-%d.%04d.log", c.slot, c.starts))
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	cmd := exec.Command(w.Binary, w.arguments()...) //nolint:gosec // the own binary
	cmd.Stdout, cmd.Stderr, cmd.Env, cmd.Dir = out, out, w.environment(), w.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C at the terminal is for the parent, which stops them in order
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	c.mu.Lock()
	c.process, c.ended, c.ordered, c.log = cmd.Process, ended, false, name
	c.mu.Unlock()
	halt := context.AfterFunc(ctx, func() { c.order(syscall.SIGTERM) })
	err = cmd.Wait()
	halt()
	c.mu.Lock()
	ordered := c.ordered
	c.process = nil
	close(ended)
	c.mu.Unlock()
	if !ordered && worked(name) {
		w.counts.add("worker_exits", 1)
		return fmt.Errorf("process %d ended by itself, see %s: %w", cmd.Process.Pid, name, err)
	}
	return nil
}

// worked says whether a process had come as far as working: one that cannot start while the database is away may end.
func worked(log string) bool {
	text, err := os.ReadFile(log)
	return err == nil && bytes.Contains(text, []byte(`"msg":"working"`))
}

// order ends the process with a signal. It returns its id and what is closed at its end; false when none runs.
func (c *child) order(with syscall.Signal) (pid int, ended <-chan struct{}, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil || c.ordered {
		return 0, nil, false
	}
	c.ordered = true
	if err := c.process.Signal(with); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return 0, nil, false
	}
	return c.process.Pid, c.ended, true
}

// working says whether the child's process is up and has begun to work.
func (c *child) working() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.process != nil && !c.ordered && worked(c.log)
}

func (w *world) arguments() []string {
	args := []string{"work", "--data", w.in("data"), "--database", w.server.url, "--clock-shift", w.shiftFile()}
	if w.ListLag > 0 {
		args = append(args, "--list-lag", w.ListLag.String())
	}
	if w.Tick > 0 {
		args = append(args, "--tick", w.Tick.String())
	}
	return args
}

// environment is all that a worker is told: nothing of the surroundings leaks in, such as an account that is not the stand-in's.
func (w *world) environment() []string {
	host, port, _ := net.SplitHostPort(w.sink.Addr())
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "TMPDIR=" + os.TempDir(),
		"NURTURE_SMTP_HOST=" + host, "NURTURE_SMTP_PORT=" + port, "NURTURE_SMTP_TLS=none", "NURTURE_SMTP_CONNECTIONS=" + strconv.Itoa(connections),
		"NURTURE_TWILIO_ACCOUNT_SID=" + accountSID, "NURTURE_TWILIO_AUTH_TOKEN=" + authToken, "NURTURE_TWILIO_BASE_URL=" + w.phone.URL(),
		"NURTURE_PUBLIC_URL=" + w.url,
	}
}
