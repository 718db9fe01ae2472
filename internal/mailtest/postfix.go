package mailtest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// postfix is one instance of the mail transfer agent, in a folder of its own; nothing of the system's instance is read or changed.
type postfix struct {
	name     string            // its host name
	settings string            // of main.cf, beside mainSettings
	ports    []int             // the first is asked for its greeting
	services string            // of master.cf, beside masterServices
	tables   map[string]string // content by file name, in the folder @etc@
	output   string            // path of the file that its log is copied to
}

// mainSettings are those of every instance. No name is ever looked up in DNS. Times are short, so that a test sees a mail expire.
const mainSettings = `
compatibility_level = 3.6
queue_directory = @dir@/spool
data_directory = @dir@/data
maillog_file = @dir@/log
maillog_file_prefixes = @dir@
myhostname = @name@
myorigin = @name@
mydestination =
smtpd_banner = $myhostname ESMTP @greeting@
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
disable_dns_lookups = yes
smtp_host_lookup = native
smtpd_peername_lookup = no
append_dot_mydomain = no
alias_maps =
alias_database =
local_recipient_maps =
recipient_delimiter = +
notify_classes =
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 2s
delay_warning_time = 4s
maximal_queue_lifetime = 15s
bounce_queue_lifetime = 15s
smtpd_client_connection_count_limit = 0
`

const masterServices = `
postlog   unix-dgram n - n - 1 postlogd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
showq     unix n - n - - showq
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
lmtp      unix - - n - - lmtp
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
`

// postfixScript runs an instance as root until its input ends, then removes its folder, whose files are root's and Postfix's by then. It
// makes the queue itself and says so by the file quick-start (postfix(1)), since Postfix's own check of every file takes seconds. The log is
// a file, since postlogd(8) takes no /dev/stdout in a user namespace, where root does not own it. The instance is told to stop until it
// does: one that is just starting does not hear it. Ctrl-C reaches the script too and must not end it before Postfix. The watcher is ended
// first where the server ended by itself.
const postfixScript = `
exec 3<&0
trap 'rm -rf "$2"' EXIT
trap : INT TERM
chown -R 0:0 "$2" && chmod -R go-w "$2" && cd "$2/spool" &&
mkdir active bounce corrupt defer deferred flush hold incoming maildrop pid private public saved trace &&
chmod 700 active bounce corrupt defer deferred flush hold incoming private saved trace && chmod 730 maildrop && chmod 710 public &&
chown postfix ../data active bounce corrupt defer deferred flush hold incoming maildrop private public saved trace &&
chgrp postdrop maildrop public && touch quick-start ../log && chown postfix ../log && chmod 644 ../log || exit 1
cd /
tail -n +1 -f "$2/log" 3<&- & log=$!
"$1" -c "$2/etc" start-fg </dev/null 3<&- & server=$!
( trap '' INT TERM
cat <&3 >/dev/null
while kill -0 $server; do kill $(cat "$2/spool/pid/master.pid"); sleep 0.1; done ) 2>/dev/null & watcher=$!
exec 3<&-
wait $server; status=$?
while kill -0 $server 2>/dev/null; do wait $server; status=$?; done
kill -9 $watcher $log 2>/dev/null
exit $status`

func findPostfix() (string, error) {
	if path, err := exec.LookPath("postfix"); err == nil {
		return path, nil
	}
	for _, path := range []string{"/usr/sbin/postfix", "/usr/local/sbin/postfix"} {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", errors.New("this test needs the mail server Postfix; install it with: make setup")
}

// start writes the configuration and waits until the server answers. It ends when stop is called.
func (p *postfix) start(t testing.TB) (stop func(), err error) {
	program, err := findPostfix()
	if err != nil {
		return nil, err
	}
	root, err := asRoot()
	if err != nil {
		return nil, err
	}
	// Not t.TempDir: Postfix's own user must be able to enter it.
	dir, err := os.MkdirTemp("", "postfix")
	if err != nil {
		return nil, err
	}
	p.output = filepath.Join(t.TempDir(), "log")
	if err := p.write(dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	command := append(slices.Clone(root), "/bin/sh", "-c", postfixScript, "sh", program, dir)
	running, err := launch(exec.Command(command[0], command[1:]...), p.output)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := running.await(func() error { return greeted(p.ports[0], filepath.Base(dir)) }); err != nil {
		running.stop()
		return nil, fmt.Errorf("the mail server %s does not start: %w\n%s", p.name, err, p.log())
	}
	return running.stop, nil
}

// write makes the instance's folder: the configuration and empty places for the rest.
func (p *postfix) write(dir string) error {
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	for _, sub := range []string{"etc", "spool", "data"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	fill := strings.NewReplacer("@dir@", dir, "@etc@", filepath.Join(dir, "etc"), "@name@", p.name, "@greeting@", filepath.Base(dir))
	files := maps.Clone(p.tables)
	files["main.cf"], files["master.cf"] = fill.Replace(mainSettings+p.settings), masterServices+p.services
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, "etc", name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (p *postfix) log() string {
	text, _ := os.ReadFile(p.output)
	return string(text)
}
