package mailsink

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// errCut answers a command on a connection that is closed already: nobody reads it.
var errCut = errors.New("connection cut")

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// session is one connection's dialogue. Its methods run on the connection's goroutine.
type session struct {
	sink *Sink
	smtp *smtp.Conn
	conn *conn

	authenticated bool
	mails         int
	from          string
	to            []string
	verdict       Verdict // on the whole mail
}

func (s *Sink) session(c *smtp.Conn) (smtp.Session, error) {
	tracked, err := trackedConn(c.Conn())
	if err != nil {
		return nil, err
	}
	own := &session{sink: s, smtp: c, conn: tracked}
	if s.options.Users != nil {
		return &authSession{session: own}, nil
	}
	own.authenticated = true
	return own, nil
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.authenticated {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"} // RFC 4954 section 6
	}
	s.mails++
	s.from = from
	return nil
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	var verdict Verdict
	if s.sink.options.Fault != nil {
		verdict = s.sink.options.Fault(Envelope{Connection: s.conn.number, Mail: s.mails, From: s.from, To: to})
	}
	if verdict.kind != accept && verdict.stage == AtRcpt {
		if err := s.apply(verdict); err != nil {
			return err
		}
	} else if s.verdict.kind == accept {
		s.verdict = verdict
	}
	s.to = append(s.to, to)
	return nil
}

// apply refuses or stalls; it returns nil when the dialogue goes on as if nothing had been.
func (s *session) apply(verdict Verdict) error {
	switch verdict.kind {
	case refuse:
		if verdict.reply.Code == 421 {
			return s.hangUp(verdict.reply)
		}
		reply := verdict.reply
		return &reply
	case stallMail:
		if !s.sink.stall() {
			return s.cut()
		}
	}
	return nil
}

// hangUp answers 421 and closes. The answer is written here since go-smtp would leave the connection open after it; its own
// then goes nowhere.
func (s *session) hangUp(reply smtp.SMTPError) error {
	enhanced := reply.EnhancedCode
	if enhanced == smtp.EnhancedCodeNotSet {
		enhanced = smtp.EnhancedCode{4, 3, 2} // RFC 3463: system not accepting network messages
	}
	_, _ = fmt.Fprintf(s.smtp.Conn(), "421 %d.%d.%d %s\r\n", enhanced[0], enhanced[1], enhanced[2], reply.Message)
	return s.cut()
}

func (s *session) cut() error {
	_ = s.smtp.Conn().Close()
	return errCut
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	if s.verdict.kind == dropBefore {
		return s.cut()
	}
	s.conn.setBusy(true)
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	if _, err := buffer.ReadFrom(r); err != nil {
		return err // cut off, or too long (552): not accepted
	}
	if err := s.apply(s.verdict); err != nil {
		return err
	}
	s.sink.takeTime()
	s.sink.receive(s, buffer.Bytes())
	if s.verdict.kind == dropAfter {
		return s.cut()
	}
	return nil
}

// Reset implements smtp.Session. go-smtp calls it after the answer to each mail.
func (s *session) Reset() {
	s.from, s.to, s.verdict = "", nil, Verdict{}
	s.conn.setBusy(false)
}

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// authSession is a session that must authenticate first.
type authSession struct{ *session }

// AuthMechanisms implements smtp.AuthSession.
func (s *authSession) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth implements smtp.AuthSession.
func (s *authSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		want, known := s.sink.options.Users[username]
		if !known || subtle.ConstantTimeCompare([]byte(want), []byte(password)) != 1 {
			return smtp.ErrAuthFailed
		}
		s.authenticated = true
		return nil
	}), nil
}
