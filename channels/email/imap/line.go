package imap

import (
	"fmt"
	"net"
	"sync"
	"time"
)

// line is the connection below TLS and IMAP. It breaks itself off when the server is silent for too long while it owes an
// answer, and says afterwards why it broke. go-imap's own limits do not fit: they count from the beginning of a response,
// so that a large message on a slow connection is lost, and they run while it is us who is slow.
type line struct {
	net.Conn
	limit time.Duration

	mu     sync.Mutex
	owed   int // answers awaited
	timer  *time.Timer
	reason error // why we closed it; nil while it is open or when the server closed it
}

func newLine(conn net.Conn, limit time.Duration) *line {
	l := &line{Conn: conn, limit: limit}
	l.timer = time.AfterFunc(limit, func() {
		l.cut(fmt.Errorf("the server was silent for %s in the middle of an answer", limit))
	})
	l.timer.Stop()
	return l
}

// await says that the server owes something from now on. The function it returns must be called when that has come.
func (l *line) await() (arrived func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owed++
	l.timer.Reset(l.limit)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.owed--; l.owed == 0 {
			l.timer.Stop()
		}
	}
}

func (l *line) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	l.mu.Lock()
	defer l.mu.Unlock()
	if n > 0 && l.owed > 0 {
		l.timer.Reset(l.limit)
	}
	return n, err
}

// SetReadDeadline does nothing: see line.
func (l *line) SetReadDeadline(time.Time) error { return nil }

// SetDeadline sets the write deadline alone: see line.
func (l *line) SetDeadline(t time.Time) error { return l.SetWriteDeadline(t) }

// cut closes the connection and keeps the first reason.
func (l *line) cut(reason error) {
	l.mu.Lock()
	if l.reason == nil {
		l.reason = reason
	}
	l.timer.Stop()
	l.mu.Unlock()
	_ = l.Conn.Close()
}

// why is our reason for closing the line, and err if we had none.
func (l *line) why(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.reason != nil {
		return l.reason
	}
	return err
}
