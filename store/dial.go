package store

import (
	"net"
	"time"
)

// vanishedAfter is how long a server may leave what it was sent without any sign that it arrived, or be silent to whoever waits for an answer without a sign
// of life of its machine, before the connection counts as lost. One whose machine or network is gone says nothing, and Linux by itself would wait for a quarter
// of an hour. A statement that takes long is none of it: the machine answers for the server.
const vanishedAfter = 30 * time.Second

// dialer makes connections on which a server that has vanished is noticed.
func dialer() *net.Dialer {
	return &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: vanishedAfter / 2, Interval: vanishedAfter / 6, Count: 3},
		Control:         noticeVanished,
	}
}
