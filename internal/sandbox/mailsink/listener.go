package mailsink

import (
	"crypto/tls"
	"fmt"
	"net"
	"sync"
)

// listener keeps track of the connections it accepted: go-smtp's own shutdown waits for clients to leave, and pooled ones do not.
type listener struct {
	net.Listener

	mu      sync.Mutex
	count   int64
	most    int // connections that were open at once
	conns   map[*conn]struct{}
	closing bool
	empty   chan struct{} // closed when closing and the last connection has ended
}

type conn struct {
	net.Conn
	owner  *listener
	number int64 // counts connections from 1
	once   sync.Once
	busy   bool // a mail is arriving; guarded by owner.mu
}

func newListener(inner net.Listener) *listener {
	return &listener{Listener: inner, conns: make(map[*conn]struct{}), empty: make(chan struct{})}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	inner, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		_ = inner.Close()
		return nil, net.ErrClosed
	}
	l.count++
	c := &conn{Conn: inner, owner: l, number: l.count}
	l.conns[c] = struct{}{}
	l.most = max(l.most, len(l.conns))
	return c, nil
}

// Close implements net.Conn. Closing twice is no error: the dialogue and the sink may both end it.
func (c *conn) Close() error {
	var err error
	c.once.Do(func() {
		err = c.Conn.Close()
		c.owner.forget(c)
	})
	return err
}

// open is how many connections are open, and how many were at once.
func (l *listener) open() (now, most int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.conns), l.most
}

// setBusy marks that a mail is arriving, or has been answered: then a closing sink ends the connection.
func (c *conn) setBusy(busy bool) {
	c.owner.mu.Lock()
	c.busy = busy
	end := !busy && c.owner.closing
	c.owner.mu.Unlock()
	if end {
		_ = c.Close()
	}
}

func (l *listener) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
	if l.closing && len(l.conns) == 0 {
		close(l.empty)
	}
}

// closeIdle marks the listener as closing and ends the connections on which no mail is arriving.
func (l *listener) closeIdle() {
	l.mu.Lock()
	l.closing = true
	var idle []*conn
	for c := range l.conns {
		if !c.busy {
			idle = append(idle, c)
		}
	}
	if len(l.conns) == 0 {
		close(l.empty)
	}
	l.mu.Unlock()
	for _, c := range idle {
		_ = c.Close()
	}
}

// closeAll ends the connections that are left, and returns how many.
func (l *listener) closeAll() int {
	l.mu.Lock()
	var left []*conn
	for c := range l.conns {
		left = append(left, c)
	}
	l.mu.Unlock()
	for _, c := range left {
		_ = c.Close()
	}
	return len(left)
}

// wait returns once no connection is left. The listener must be closing.
func (l *listener) wait() { <-l.empty }

// trackedConn finds the connection below TLS.
func trackedConn(c net.Conn) (*conn, error) {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	tracked, ok := c.(*conn)
	if !ok {
		return nil, fmt.Errorf("mailsink: connection of type %T was not accepted here", c)
	}
	return tracked, nil
}
