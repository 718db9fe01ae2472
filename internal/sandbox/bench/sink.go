package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// SinkCount is what a sink has taken so far.
type SinkCount struct {
	Port    int   `json:"port"`
	Mails   int   `json:"mails"`
	Bytes   int64 `json:"bytes"`
	Twice   int   `json:"twice"` // mails whose Message-ID had come before
	CPUUsec int64 `json:"cpu_usec"`
}

// sink is an SMTP server that takes every mail and keeps none. It does less than package mailsink, so that it takes as little as can be of
// the machine that it shares with what is measured, and offers what Postfix does.
type sink struct {
	listener net.Listener
	mu       sync.Mutex
	seen     map[string]struct{} // Message-IDs
	count    SinkCount
}

// ServeSink runs a mail server until in ends. It says first where it listens, and then for every line what it has taken.
func ServeSink(in io.Reader, out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for mail: %w", err)
	}
	defer listener.Close() // the process ends with it
	s := &sink{listener: listener, seen: map[string]struct{}{}}
	s.count.Port = listener.Addr().(*net.TCPAddr).Port
	go s.accept()
	if err := json.NewEncoder(out).Encode(s.count); err != nil {
		return err
	}
	return Answer(in, out, func(string) (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.count.CPUUsec = cpuTime().Microseconds()
		return s.count, nil
	})
}

func (s *sink) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close() // whoever talks to it has gone
			_ = s.talk(conn)
		}()
	}
}

// session is the dialogue on one connection (RFC 5321, section 4).
type session struct {
	sink *sink
	in   *bufio.Reader
	out  *bufio.Writer
}

func (s *sink) talk(conn net.Conn) error {
	t := session{sink: s, in: bufio.NewReaderSize(conn, 64<<10), out: bufio.NewWriter(conn)}
	reply := "220 sink.invalid ESMTP\r\n"
	for {
		if _, err := t.out.WriteString(reply); err != nil {
			return err
		}
		if t.in.Buffered() == 0 { // RFC 2920, section 3.2: answers to commands that came together may go together
			if err := t.out.Flush(); err != nil {
				return err
			}
		}
		line, err := t.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if reply, err = t.answer(line); err != nil {
			return errors.Join(err, t.out.Flush())
		}
	}
}

var errQuit = errors.New("quit")

func (t *session) answer(line []byte) (string, error) {
	switch verb := string(bytes.ToUpper(line[:min(4, len(line))])); verb {
	case "EHLO":
		return "250-sink.invalid\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n", nil
	case "HELO":
		return "250 sink.invalid\r\n", nil
	case "DATA":
		if _, err := t.out.WriteString("354 End data with <CR><LF>.<CR><LF>\r\n"); err != nil {
			return "", err
		}
		if err := t.out.Flush(); err != nil {
			return "", err
		}
		return t.data()
	case "MAIL":
		return "250 2.1.0 Ok\r\n", nil
	case "RCPT":
		return "250 2.1.5 Ok\r\n", nil
	case "RSET", "NOOP":
		return "250 2.0.0 Ok\r\n", nil
	case "QUIT":
		_, _ = t.out.WriteString("221 2.0.0 Bye\r\n")
		return "", errQuit
	}
	return "502 5.5.2 Error: command not recognized\r\n", nil
}

var messageID = []byte("message-id:")

// data reads a mail to its final dot.
func (t *session) data() (string, error) {
	var id string
	var size int64
	for begin := true; ; {
		line, err := t.in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) { // longer than any line may be; what it says does not matter
			size += int64(len(line))
			begin = false
			continue
		}
		if err != nil {
			return "", err
		}
		if begin && len(line) == 3 && line[0] == '.' {
			return t.sink.take(id, size), nil
		}
		if begin && id == "" && len(line) > len(messageID) && bytes.EqualFold(line[:len(messageID)], messageID) {
			id = string(bytes.TrimSpace(line[len(messageID):]))
		}
		size += int64(len(line))
		begin = true
	}
}

func (s *sink) take(id string, size int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count.Mails++
	s.count.Bytes += size
	if _, known := s.seen[id]; known {
		s.count.Twice++
	}
	s.seen[id] = struct{}{}
	return fmt.Sprintf("250 2.0.0 Ok: queued as %X\r\n", s.count.Mails)
}
