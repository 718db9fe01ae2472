package email

import (
	"fmt"
	"slices"
	"strings"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"nurture/internal/tlsclient"
)

// login chooses among the mechanisms that the server offers, and notes that the dialogue has come to the login. go-mail's
// own PLAIN and LOGIN refuse to go without TLS anywhere but on this machine.
type login struct {
	config Config
	at     *stage
	chosen smtp.Auth
}

// loginOptions gives the go-mail options for the configured login.
func (s *SMTP) loginOptions(at *stage) []gomail.Option {
	if s.config.Auth == AuthNone {
		return nil
	}
	return []gomail.Option{gomail.WithSMTPAuthCustom(&login{config: s.config, at: at})}
}

// Start begins the login.
func (l *login) Start(server *smtp.ServerInfo) (string, []byte, error) {
	*l.at = atAuth
	c := l.config
	var wanted []string
	switch c.Auth {
	case AuthPlain:
		wanted = []string{"PLAIN"}
	case AuthLogin:
		wanted = []string{"LOGIN"}
	default:
		wanted = []string{"PLAIN", "LOGIN", "SCRAM-SHA-256", "CRAM-MD5"}
		if !server.TLS && !tlsclient.Loopback(c.Host) {
			wanted = wanted[2:]
		}
	}
	for _, mechanism := range wanted {
		if !slices.ContainsFunc(server.Auth, func(offered string) bool { return strings.EqualFold(offered, mechanism) }) {
			continue
		}
		switch mechanism {
		case "PLAIN":
			l.chosen = smtp.PlainAuth("", c.Username, c.Password, c.Host, tlsclient.Loopback(c.Host))
		case "LOGIN":
			l.chosen = smtp.LoginAuth(c.Username, c.Password, c.Host, tlsclient.Loopback(c.Host))
		case "SCRAM-SHA-256":
			l.chosen = smtp.ScramSHA256Auth(c.Username, c.Password)
		case "CRAM-MD5":
			l.chosen = smtp.CRAMMD5Auth(c.Username, c.Password)
		}
		return l.chosen.Start(server)
	}
	return "", nil, fmt.Errorf("the server offers the logins %q, none of %q: check auth and tls", server.Auth, wanted)
}

// Next goes on with the chosen mechanism.
func (l *login) Next(fromServer []byte, more bool) ([]byte, error) {
	return l.chosen.Next(fromServer, more)
}
