package email

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
)

// Name is where the public key is published: a TXT record of this name (RFC 6376, section 3.6.2.1).
func (d DKIM) Name() string { return d.Selector + "._domainkey." + d.Domain }

// Record is the text of that TXT record (RFC 6376, section 3.6.1; RFC 8463, section 4), and bits the length of an RSA key, 0 for
// ed25519. The error says what is wrong with the key.
func (d DKIM) Record() (text string, bits int, err error) {
	key, err := parseKey(d.KeyPEM)
	if err != nil {
		return "", 0, err
	}
	switch public := key.Public().(type) {
	case ed25519.PublicKey:
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public), 0, nil
	case *rsa.PublicKey:
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			return "", 0, fmt.Errorf("dkim: the public key: %w", err)
		}
		return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der), public.N.BitLen(), nil
	}
	return "", 0, errors.New("dkim: the key is neither RSA nor ed25519")
}

// Sign adds the signature to a message as Send does: for trying out whether receivers can verify it.
func (d DKIM) Sign(message []byte) ([]byte, error) {
	s, err := newSigner(d)
	if err != nil {
		return nil, err
	}
	return s.sign(message)
}
