package store

import (
	"errors"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// noticeVanished bounds how long the system sends again what nobody acknowledges (tcp(7), TCP_USER_TIMEOUT); keep-alives are only sent where nothing is
// under way. Without it, as where the system refuses, the system's own bound holds.
func noticeVanished(network, _ string, c syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	var refused error
	err := c.Control(func(fd uintptr) {
		refused = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(vanishedAfter.Milliseconds()))
	})
	if errors.Is(refused, unix.ENOPROTOOPT) {
		refused = nil
	}
	return errors.Join(err, refused)
}
