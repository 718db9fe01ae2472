// Package token makes the signed references that leave the house in addresses and links: short, in lower case because mail
// systems fold case, and worthless to whoever tries to guess another lead's.
package token

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"hash"
	"strconv"
	"strings"
	"sync"
)

// Purpose says what a token is good for; one made for one purpose is refused for another.
type Purpose byte

// The purposes.
const (
	Unsubscribe Purpose = 'u'
	Reply       Purpose = 'r'
	Bounce      Purpose = 'b'
	Voice       Purpose = 'v'
	Preferences Purpose = 'p' // the page where a lead says how it wants to hear from us
	SelfQualify Purpose = 'q' // the form with the questions of the definition
	Click       Purpose = 'c' // a link in a mail; its token carries the target, see MakeLink
)

// macLength is how many characters of the MAC a token carries: 80 bits.
const macLength = 16

// ErrInvalid is the answer to a token that was not made here, was cut short, or serves another purpose.
var ErrInvalid = errors.New("invalid token")

// encoding is that of RFC 4648, section 6, in lower case.
var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Signer makes and checks tokens with one secret. It is safe for concurrent use.
type Signer struct{ macs *sync.Pool } // of hash.Hash, keyed: to begin one costs more than the few bytes that it signs

// NewSigner makes a Signer; secret should be 32 random bytes.
func NewSigner(secret []byte) Signer {
	secret = bytes.Clone(secret)
	return Signer{&sync.Pool{New: func() any { return hmac.New(sha256.New, secret) }}}
}

// Make gives the token of a touch for a purpose, such as "u1z-kq3v…": letters, digits and a hyphen.
func (s Signer) Make(p Purpose, touchID int64) string {
	body := string(rune(p)) + strconv.FormatInt(touchID, 36)
	return body + "-" + s.mac(body)
}

// Open gives the touch that a token names; ErrInvalid when the token is not good for p.
func (s Signer) Open(p Purpose, token string) (int64, error) {
	body, mac, ok := strings.Cut(strings.ToLower(token), "-")
	if !ok || len(body) < 2 || body[0] != byte(p) || !hmac.Equal([]byte(mac), []byte(s.mac(body))) {
		return 0, ErrInvalid
	}
	id, err := strconv.ParseInt(body[1:], 36, 64)
	if err != nil {
		return 0, ErrInvalid
	}
	return id, nil
}

// MakeLink gives the token of a link in the mail of a touch, such as "c1z.aHR0cHM6….kq3v…". The target is inside of what is signed, so
// that nobody can make our address lead elsewhere. Unlike other tokens it keeps upper and lower case apart: it only ever stands in web
// addresses.
func (s Signer) MakeLink(touchID int64, target string) string {
	body := string(rune(Click)) + strconv.FormatInt(touchID, 36) + "." + base64.RawURLEncoding.EncodeToString([]byte(target))
	return body + "." + s.mac(body)
}

// OpenLink gives the touch and the target that MakeLink was given; ErrInvalid for anything else.
func (s Signer) OpenLink(token string) (touchID int64, target string, err error) {
	last := strings.LastIndexByte(token, '.')
	if last < 0 || !hmac.Equal([]byte(token[last+1:]), []byte(s.mac(token[:last]))) {
		return 0, "", ErrInvalid
	}
	head, encoded, ok := strings.Cut(token[:last], ".")
	if !ok || len(head) < 2 || head[0] != byte(Click) {
		return 0, "", ErrInvalid
	}
	touchID, err = strconv.ParseInt(head[1:], 36, 64)
	if err != nil {
		return 0, "", ErrInvalid
	}
	decoded, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return 0, "", ErrInvalid
	}
	return touchID, string(decoded), nil
}

func (s Signer) mac(body string) string {
	h := s.macs.Get().(hash.Hash)
	defer s.macs.Put(h)
	h.Reset()
	h.Write([]byte(body))
	var sum [sha256.Size]byte
	return encoding.EncodeToString(h.Sum(sum[:0])[:macLength*5/8])
}
