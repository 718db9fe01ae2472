package email

import (
	"context"
	"crypto/x509"
	"fmt"
	"strconv"
	"strings"
)

// Facts are what Inspect learns of a mail server.
type Facts struct {
	Address     string            // host and port that answered
	TLS         bool              // the connection is encrypted
	Certificate *x509.Certificate // the server's own; nil without TLS
	LoggedIn    bool              // false: none is configured
	Extensions  []string          // of those that matter to us, the offered ones (RFC 5321, section 4.1.1.1)
	Size        int64             // the largest message in bytes (RFC 1870); 0: the server names none
}

// inspected are the extensions that Facts.Extensions may hold.
var inspected = []string{"PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"}

// Inspect connects, starts TLS and logs in as Send does, and leaves without a message. The error says in which step it
// failed, and wraps what the system, TLS (crypto/x509) or the server (net/textproto.Error) said.
func (s *SMTP) Inspect(ctx context.Context) (Facts, error) {
	c, f := s.dial(ctx)
	if f != nil {
		return Facts{}, fmt.Errorf("smtp %s: %w", s.config.address(), f)
	}
	defer c.close()
	facts := Facts{Address: s.config.address(), LoggedIn: s.config.Auth != AuthNone}
	if state, ok := c.client.TLSConnectionState(); ok {
		facts.TLS = true
		if len(state.PeerCertificates) > 0 {
			facts.Certificate = state.PeerCertificates[0]
		}
	}
	for _, name := range inspected {
		offered, parameter := c.client.Extension(name)
		if !offered {
			continue
		}
		facts.Extensions = append(facts.Extensions, name)
		if name == "SIZE" {
			// A server may offer SIZE without a limit, or with 0 (RFC 1870, section 4).
			facts.Size, _ = strconv.ParseInt(strings.TrimSpace(parameter), 10, 64)
		}
	}
	return facts, nil
}
