package store

import (
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestAServerThatVanishesIsNoticed: the system is told to give up on connections within half a minute, whether something is under way or nothing.
func TestAServerThatVanishesIsNoticed(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := dialer().DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	option := func(level, name int) (value int) {
		t.Helper()
		var unset error
		if err := raw.Control(func(fd uintptr) { value, unset = unix.GetsockoptInt(int(fd), level, name) }); err != nil || unset != nil {
			t.Fatal(err, unset)
		}
		return value
	}
	if unacknowledged := time.Duration(option(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)) * time.Millisecond; unacknowledged != vanishedAfter {
		t.Errorf("what nobody acknowledges is sent for %s", unacknowledged)
	}
	alive := option(unix.SOL_SOCKET, unix.SO_KEEPALIVE)
	idle, interval, count := option(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE), option(unix.IPPROTO_TCP, unix.TCP_KEEPINTVL), option(unix.IPPROTO_TCP, unix.TCP_KEEPCNT)
	if silent := time.Duration(idle+interval*count) * time.Second; alive != 1 || silent != vanishedAfter {
		t.Errorf("keep-alive is %d, and who answers none is given up after %s", alive, silent)
	}
}
