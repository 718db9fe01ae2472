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

	"github.com/emersion/go-imap/v2"
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

	program, dir string
	owner        account
	delivery     *delivery // nil: mail comes in by Append alone
}

const (
	startLimit = time.Minute
	stopLimit  = 10 * time.Second
	tries      = 3 // ports found free may be taken by the time that Dovecot listens
)

// StartDovecot starts a server that ends with the test. A machine without Dovecot fails the test.
func StartDovecot(t testing.TB) *Dovecot {
	t.Helper()
	d := newDovecot(t)
	for try := 1; ; try++ {
		ports, err := freePorts(2)
		if err != nil {
			t.Fatal("mailtest: ", err)
		}
		d.Port, d.TLS = ports[0], ports[1]
		stop, err := d.start()
		if err == nil {
			t.Cleanup(stop)
			return d
		}
		if try == tries {
			t.Fatalf("mailtest: Dovecot does not start: %v\n%s", err, d.Log())
		}
	}
}

// newDovecot makes the folder of a server; the test's end removes it.
func newDovecot(t testing.TB) *Dovecot {
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
	return &Dovecot{Host: "127.0.0.1", CACert: filepath.Join(dir, "ca.pem"), program: program, dir: dir, owner: owner}
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

// start writes the configuration for the ports that are set and waits until the server answers.
func (d *Dovecot) start() (stop func(), err error) {
	if err := writeCertificates(d.dir); err != nil {
		return nil, err
	}
	version, err := exec.Command(d.program, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("%s --version: %w", d.program, err)
	}
	config := filepath.Join(d.dir, "dovecot.conf")
	if err := os.WriteFile(config, []byte(d.configuration(string(version))), 0o600); err != nil {
		return nil, err
	}
	if d.delivery != nil {
		if err := d.delivery.writeScripts(d.dir); err != nil {
			return nil, err
		}
	}
	if err := d.owner.own(d.dir); err != nil {
		return nil, err
	}
	command := exec.Command("/bin/sh", "-c", watchScript, "sh", d.program, config)
	command.Dir = d.dir
	command.SysProcAttr = d.owner.attributes()
	running, err := launch(command, filepath.Join(d.dir, "output"))
	if err != nil {
		return nil, err
	}
	if err := running.await(d.greet); err != nil {
		running.stop()
		return nil, err
	}
	return running.stop, nil
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

func (d *Dovecot) greet() error {
	return greeted(d.Port, filepath.Base(d.dir))
}

// greeted checks that the server at a port greets by a name: by now another may have that port.
func greeted(port int, name string) error {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), startLimit)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(startLimit)); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.Contains(line, name) {
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
	client := d.login(t, user)
	defer client.Close()
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

// Messages are those of a user's INBOX that match, whole; reading them changes no flag.
func (d *Dovecot) Messages(t testing.TB, user string, matching *imap.SearchCriteria) [][]byte {
	t.Helper()
	client := d.login(t, user)
	defer client.Close()
	if _, err := client.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		t.Fatal("mailtest: ", err)
	}
	found, err := client.UIDSearch(matching, nil).Wait()
	if err != nil {
		t.Fatal("mailtest: ", err)
	}
	if len(found.AllUIDs()) == 0 {
		return nil
	}
	whole := &imap.FetchItemBodySection{Peek: true}
	fetched, err := client.Fetch(imap.UIDSetNum(found.AllUIDs()...), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{whole}}).Collect()
	if err != nil {
		t.Fatal("mailtest: ", err)
	}
	messages := make([][]byte, len(fetched))
	for i, message := range fetched {
		messages[i] = message.FindBodySection(whole)
	}
	return messages
}

func (d *Dovecot) login(t testing.TB, user string) *imapclient.Client {
	t.Helper()
	client, err := imapclient.DialInsecure(net.JoinHostPort(d.Host, strconv.Itoa(d.Port)), nil)
	if err != nil {
		t.Fatal("mailtest: ", err)
	}
	if err := client.Login(user, Password).Wait(); err != nil {
		t.Fatalf("mailtest: logging in as %s: %v\n%s", user, err, d.Log())
	}
	return client
}
