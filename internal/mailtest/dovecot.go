// Package mailtest gives tests a real mail server: a private Dovecot on loopback, whoever runs the tests.
package mailtest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
)

// Password is every user's.
const Password = "sécret-pässword"

// Dovecot is a running server. Any user name may log in with Password, and has an empty INBOX at first.
type Dovecot struct {
	Host   string // 127.0.0.1
	Port   int    // plain and STARTTLS
	TLS    int    // port for TLS from the first byte
	CACert string // path of the PEM file to trust
	dir    string
	owner  account
}

const (
	startLimit = 20 * time.Second
	stopLimit  = 10 * time.Second
	tries      = 3 // ports found free may be taken by the time that Dovecot listens
)

// StartDovecot starts a server that ends with the test. A machine without Dovecot fails the test.
func StartDovecot(t testing.TB) *Dovecot {
	t.Helper()
	program, err := findDovecot()
	if err != nil {
		t.Fatal("mailtest: ", err)
	}
	// Not t.TempDir: its path may be too long for the Unix sockets in it, and another user must be able to enter it.
	dir, err := os.MkdirTemp("", "dovecot")
	if err != nil {
		t.Fatal("mailtest: ", err)
	}
	t.Cleanup(func() { remove(t, dir) })
	owner, err := chooseAccount()
	if err != nil {
		t.Fatal("mailtest: ", err)
	}
	d := &Dovecot{Host: "127.0.0.1", CACert: filepath.Join(dir, "ca.pem"), dir: dir, owner: owner}
	for try := 1; ; try++ {
		stop, err := d.start(program)
		if err == nil {
			t.Cleanup(stop)
			return d
		}
		if try == tries {
			t.Fatalf("mailtest: Dovecot does not start: %v\n%s", err, d.Log())
		}
	}
}

// remove tries again for a while: Dovecot's main process does not wait for the others, which may be writing still.
func remove(t testing.TB, dir string) {
	deadline := time.Now().Add(stopLimit)
	for {
		err := os.RemoveAll(dir)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Error("mailtest: ", err)
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func findDovecot() (string, error) {
	if path, err := exec.LookPath("dovecot"); err == nil {
		return path, nil
	}
	for _, path := range []string{"/usr/sbin/dovecot", "/usr/local/sbin/dovecot", "/opt/homebrew/sbin/dovecot"} {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", errors.New("this test needs the mail server Dovecot; install it with: make setup")
}

// start writes the configuration and waits until the server answers.
func (d *Dovecot) start(program string) (stop func(), err error) {
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	d.Port, d.TLS = ports[0], ports[1]
	if err := writeCertificates(d.dir); err != nil {
		return nil, err
	}
	version, err := exec.Command(program, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("%s --version: %w", program, err)
	}
	config := filepath.Join(d.dir, "dovecot.conf")
	if err := os.WriteFile(config, []byte(d.configuration(string(version))), 0o600); err != nil {
		return nil, err
	}
	if err := d.owner.own(d.dir); err != nil {
		return nil, err
	}
	stop, ended, err := d.launch(program, config)
	if err != nil {
		return nil, err
	}
	if err := d.awaitGreeting(ended); err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

// watchScript ends the server when the input ends: when we close it, and when this process dies, however it does. The
// watcher is ended first where the server ended by itself: its number may be another process's by then.
const watchScript = `
exec 3<&0
"$1" -F -c "$2" </dev/null 3<&- & server=$!
( cat <&3 >/dev/null; kill $server ) & watcher=$!
exec 3<&-
wait $server; status=$?
kill $watcher 2>/dev/null
exit $status`

func (d *Dovecot) launch(program, config string) (stop func(), ended <-chan struct{}, err error) {
	command := exec.Command("/bin/sh", "-c", watchScript, "sh", program, config)
	command.Dir = d.dir
	command.SysProcAttr = d.owner.attributes()
	input, err := command.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	output, err := os.Create(filepath.Join(d.dir, "output"))
	if err != nil {
		return nil, nil, err
	}
	defer output.Close()
	command.Stdout, command.Stderr = output, output
	if err := command.Start(); err != nil {
		return nil, nil, err
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = command.Wait() }()
	return func() {
		_ = input.Close()
		select {
		case <-done:
		case <-time.After(stopLimit):
			_ = command.Process.Kill()
			<-done
		}
	}, done, nil
}

// awaitGreeting waits until the server talks.
func (d *Dovecot) awaitGreeting(ended <-chan struct{}) error {
	deadline := time.After(startLimit)
	for {
		err := d.greet()
		if err == nil {
			return nil
		}
		select {
		case <-ended:
			return errors.New("it ended at once")
		case <-deadline:
			return fmt.Errorf("it does not answer within %s: %w", startLimit, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (d *Dovecot) greet() error {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(d.Host, strconv.Itoa(d.Port)), startLimit)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(startLimit)); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	// The greeting carries our folder's name: by now another server may have that port.
	if err == nil && !strings.Contains(line, filepath.Base(d.dir)) {
		err = fmt.Errorf("another server answers: %q", line)
	}
	return err
}

// Log is what the server has written so far, for failures.
func (d *Dovecot) Log() string {
	var all []byte
	for _, name := range []string{"output", "log"} {
		text, _ := os.ReadFile(filepath.Join(d.dir, name))
		all = append(all, text...)
	}
	return string(all)
}

// Append puts messages into a user's folder, which must exist, and returns once they are there.
func (d *Dovecot) Append(t testing.TB, user, folder string, messages ...[]byte) {
	t.Helper()
	client, err := imapclient.DialInsecure(net.JoinHostPort(d.Host, strconv.Itoa(d.Port)), nil)
	if err != nil {
		t.Fatal("mailtest: ", err)
	}
	defer client.Close()
	if err := client.Login(user, Password).Wait(); err != nil {
		t.Fatalf("mailtest: logging in as %s: %v\n%s", user, err, d.Log())
	}
	for _, raw := range messages {
		command := client.Append(folder, int64(len(raw)), nil)
		if _, err := command.Write(raw); err != nil {
			t.Fatal("mailtest: ", err)
		}
		if err := command.Close(); err != nil {
			t.Fatal("mailtest: ", err)
		}
		if _, err := command.Wait(); err != nil {
			t.Fatal("mailtest: ", err)
		}
	}
}

func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close() // only now: else the next may get the same
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
