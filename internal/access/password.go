package access

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Cost of a hash: OWASP's first choice for argon2id, 19 MiB and 2 passes, about 30 ms of a core.
const (
	hashMemory  = 19 * 1024 // KiB
	hashPasses  = 2
	hashThreads = 1
	hashLength  = 32
	saltLength  = 16
)

// Bounds of a password. There are no rules on characters: NIST SP 800-63B advises against them, and asks for length.
const (
	MinPassword = 12  // characters
	MaxPassword = 256 // bytes, so that nobody makes us hash books
)

// ErrWeakPassword is returned, wrapped, for a password that is too short, too long, or the user's own address.
var ErrWeakPassword = errors.New("choose another password")

// CheckPassword says what is wrong with a new password for the account of email.
func CheckPassword(password, email string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		return fmt.Errorf("%w: it has %d characters and must have at least %d", ErrWeakPassword, n, MinPassword)
	case len(password) > MaxPassword:
		return fmt.Errorf("%w: it must be no longer than %d bytes", ErrWeakPassword, MaxPassword)
	case strings.EqualFold(password, email):
		return fmt.Errorf("%w: it must not be the address", ErrWeakPassword)
	}
	return nil
}

// HashPassword makes a PHC string, $argon2id$v=19$m=…,t=…,p=…$salt$hash, as the argon2 command line tool does.
func HashPassword(password string) string {
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // never fails, as crypto/rand documents
	sum := argon2.IDKey([]byte(password), salt, hashPasses, hashMemory, hashThreads, hashLength)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

// samePassword says whether hash is that of password. An empty or damaged hash is nobody's, and takes as long: the time of an answer must not tell who
// has an account.
func samePassword(hash, password string) bool {
	salt, sum, memory, passes, threads, err := parseHash(hash)
	if err != nil {
		_ = HashPassword(password)
		return false
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, threads, uint32(len(sum)))
	return subtle.ConstantTimeCompare(got, sum) == 1
}

func parseHash(hash string) (salt, sum []byte, memory, passes uint32, threads uint8, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return nil, nil, 0, 0, 0, errors.New("no argon2id hash")
	}
	if _, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &threads); err != nil {
		return nil, nil, 0, 0, 0, err
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return nil, nil, 0, 0, 0, err
	}
	if sum, err = base64.RawStdEncoding.DecodeString(parts[5]); err == nil && (len(sum) == 0 || passes == 0 || threads == 0) {
		err = errors.New("an empty hash")
	}
	return salt, sum, memory, passes, threads, err
}
