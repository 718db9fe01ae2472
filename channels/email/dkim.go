package email

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

// signedHeaders is h=. The list headers must be in it (RFC 8058, section 4). Those that occur at most once and that a reader
// sees are listed once more than they occur, so that nobody can add a second one (RFC 6376, section 8.15).
var signedHeaders = []string{
	"From", "From", "To", "To", "Subject", "Subject", "Date", "Date", "Message-ID", "Message-ID", "Reply-To", "Reply-To",
	"In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Type", "Content-Transfer-Encoding",
	"List-Unsubscribe", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Unsubscribe-Post",
}

// signer signs messages; nil leaves them as they are.
type signer struct{ options dkim.SignOptions }

func newSigner(c DKIM) (*signer, error) {
	if c == (DKIM{}) {
		return nil, nil
	}
	if c.Domain == "" || c.Selector == "" || strings.ContainsAny(c.Domain+c.Selector, " ;=\r\n\t") {
		return nil, fmt.Errorf("dkim: domain %q and selector %q must both be DNS names", c.Domain, c.Selector)
	}
	key, err := parseKey(c.KeyPEM)
	if err != nil {
		return nil, err
	}
	return &signer{dkim.SignOptions{
		Domain: c.Domain, Selector: c.Selector, Signer: key, Hash: crypto.SHA256, HeaderKeys: signedHeaders,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	}}, nil
}

func parseKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("dkim: the key is not PEM: it begins with -----BEGIN PRIVATE KEY-----")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return checkedRSA(key)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("dkim: the key is neither PKCS #1 nor PKCS #8: it is a %q", block.Type)
	}
	switch key := parsed.(type) {
	case *rsa.PrivateKey:
		return checkedRSA(key)
	case ed25519.PrivateKey:
		return key, nil
	}
	return nil, fmt.Errorf("dkim: a %T cannot sign: use RSA or ed25519 (RFC 8463)", parsed)
}

// checkedRSA refuses keys that verifiers must ignore (RFC 8301, section 3.2).
func checkedRSA(key *rsa.PrivateKey) (crypto.Signer, error) {
	if key.N.BitLen() < 1024 {
		return nil, fmt.Errorf("dkim: an RSA key of %d bits is ignored by receivers: make one of 2048", key.N.BitLen())
	}
	return key, nil
}

func (s *signer) sign(message []byte) ([]byte, error) {
	if s == nil {
		return message, nil
	}
	options := s.options
	var b bytes.Buffer
	b.Grow(len(message) + 1024)
	if err := dkim.Sign(&b, bytes.NewReader(message), &options); err != nil {
		return nil, fmt.Errorf("signing the message: %w", err)
	}
	return b.Bytes(), nil
}
