package imap

import (
	"io"
	"net"
	"sync"
	"testing"
)

// wire forwards connections to a server and does what plan says to each.
type wire struct {
	t      *testing.T
	port   int
	target string

	mu    sync.Mutex
	n     int
	plan  func(n int) fault // n counts connections from 1
	conns map[net.Conn]struct{}
	ended bool
	wg    sync.WaitGroup
}

// fault is what happens to one connection; the zero value is none. Byte counts are of what the server says.
type fault struct {
	cutAfter   int64 // > 0: closed after so many bytes
	stallAfter int64 // > 0: silent from then on
	fromServer func([]byte) []byte
	fromClient func([]byte) []byte
	lastWords  string // said before the cut
}

func newWire(t *testing.T, target string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{t: t, port: listener.Addr().(*net.TCPAddr).Port, target: target, conns: map[net.Conn]struct{}{}}
	w.wg.Add(1)
	go func() {
		defer w.wg.Done()
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			w.connect(conn)
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		w.mu.Lock()
		w.ended = true
		w.mu.Unlock()
		w.dropAll("")
		w.wg.Wait()
	})
	return w
}

// faults sets the plan for connections to come.
func (w *wire) faults(plan func(n int) fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.plan = plan
}

// connections is how many there have been.
func (w *wire) connections() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.n
}

// dropAll says something to every client and closes the connections.
func (w *wire) dropAll(words string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		_, _ = io.WriteString(c, words)
		_ = c.Close()
	}
}

func (w *wire) connect(client net.Conn) {
	server, err := net.Dial("tcp", w.target)
	if err != nil {
		_ = client.Close()
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
	var f fault
	if w.plan != nil {
		f = w.plan(w.n)
	}
	if w.ended {
		_ = client.Close()
		_ = server.Close()
		return
	}
	w.conns[client] = struct{}{}
	w.wg.Add(2)
	end := func() {
		_ = client.Close()
		_ = server.Close()
	}
	go func() {
		defer w.wg.Done()
		defer end()
		forward(server, client, fault{fromServer: f.fromClient})
	}()
	go func() {
		defer w.wg.Done()
		defer func() {
			end()
			w.mu.Lock()
			defer w.mu.Unlock()
			delete(w.conns, client)
		}()
		forward(client, server, f)
	}()
}

// forward copies until an end or a fault.
func forward(to io.Writer, from io.Reader, f fault) {
	buffer := make([]byte, 32<<10)
	var passed int64
	for {
		n, err := from.Read(buffer)
		chunk := buffer[:n]
		if f.fromServer != nil {
			chunk = f.fromServer(chunk)
		}
		if f.stallAfter > 0 && passed+int64(len(chunk)) >= f.stallAfter {
			chunk = chunk[:max(0, f.stallAfter-passed)]
		}
		if f.cutAfter > 0 && passed+int64(len(chunk)) >= f.cutAfter {
			_, _ = to.Write(chunk[:f.cutAfter-passed])
			_, _ = io.WriteString(to, f.lastWords)
			return
		}
		passed += int64(len(chunk))
		if _, werr := to.Write(chunk); werr != nil || err != nil {
			return
		}
	}
}
