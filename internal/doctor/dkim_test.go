package doctor

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

// signingKey is a key as the mail channel hands it over, made with the library alone.
func signingKey(t *testing.T, signer crypto.Signer, bits int) SigningKey {
	t.Helper()
	kind, der := "rsa", []byte(nil)
	if public, ok := signer.Public().(ed25519.PublicKey); ok {
		kind, der = "ed25519", public
	} else {
		var err error
		if der, err = x509.MarshalPKIXPublicKey(signer.Public()); err != nil {
			t.Fatal(err)
		}
	}
	return SigningKey{
		Domain: "example.com", Name: "s1._domainkey.example.com", File: "dkim.pem", Mode: 0o600,
		Record: func() (string, int, error) {
			return "v=DKIM1; k=" + kind + "; p=" + base64.StdEncoding.EncodeToString(der), bits, nil
		},
		Sign: func(message []byte) ([]byte, error) {
			var b bytes.Buffer
			err := dkim.Sign(&b, bytes.NewReader(message), &dkim.SignOptions{Domain: "example.com", Selector: "s1", Signer: signer})
			return b.Bytes(), err
		},
	}
}

func TestDKIM(t *testing.T) {
	t.Parallel()
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	_, curve, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key := signingKey(t, long, 2048)
	record, _, _ := key.Record()
	shortKey, curveKey := signingKey(t, short, 1024), signingKey(t, curve, 0)
	shortRecord, _, _ := shortKey.Record()
	curveRecord, _, _ := curveKey.Record()
	open, unreadable, mute := key, key, key
	open.Mode = 0o644
	unreadable.Record = func() (string, int, error) { return "", 0, errors.New("dkim: the key is not PEM") }
	mute.Sign = func([]byte) ([]byte, error) { return nil, errors.New("cannot sign") }
	tests := []struct {
		name        string
		key         SigningKey
		records     []string
		level       Level // of the last finding
		detail, fix string
		before      string // detail of a warning that comes first
	}{
		{"right", key, []string{record}, OK, "verifies against DNS", "", ""},
		{"ed25519", curveKey, []string{curveRecord}, OK, "verifies against DNS", "", ""},
		{"no record", key, nil, Fail, "no record", `publish: s1._domainkey.example.com. IN TXT ( "v=DKIM1; k=rsa; p=`, ""},
		{"short record on one line", curveKey, nil, Fail, "no record", `IN TXT "v=DKIM1; k=ed25519; p=`, ""},
		{"another key", key, []string{shortRecord}, Fail, "does not verify", "publish: ", ""},
		{"another algorithm", key, []string{curveRecord}, Fail, "does not verify", "publish: ", ""},
		{"revoked", key, []string{"v=DKIM1; p="}, Fail, "revoked", "publish: ", ""},
		{"garbage", key, []string{"hello"}, Fail, "does not verify", "publish: ", ""},
		{"two records", key, []string{record, shortRecord}, Fail, "2 records", "keep one", ""},
		{"silent", key, []string{"!"}, Warn, "cannot tell", "--dns", ""},
		{"test mode", key, []string{record + "; t=s:y"}, Warn, "t=y", "take t=y out", ""},
		{"short key", shortKey, []string{shortRecord}, OK, "verifies", "", "1024 bits is short"},
		{"open file", open, []string{record}, OK, "verifies", "", "others on this machine"},
		{"no key", unreadable, []string{record}, Fail, "dkim.pem: dkim: the key is not PEM", "openssl genrsa", ""},
		{"cannot sign", mute, []string{record}, Fail, "cannot sign", "publish", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			z := zone{txt: map[string][]string{}}
			if test.records != nil {
				z.txt[test.key.Name] = test.records
			}
			findings := DKIM(t.Context(), z, test.key, "mara@example.com", noon)
			want(t, findings[len(findings)-1], test.level, "dkim s1._domainkey.example.com", test.detail, test.fix)
			if test.before == "" {
				only(t, findings)
			} else {
				want(t, findings[0], Warn, "dkim s1._domainkey.example.com", test.before, "")
			}
		})
	}
}

func TestQuotedRecordsAreWholeWhenJoined(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 255, 256, 600} {
		text := strings.Repeat("x", n-1) + "y"
		got := quoted(text)
		joined := strings.NewReplacer(`"`, "", " ", "", "(", "", ")", "").Replace(got)
		if joined != text || n > 255 != strings.HasPrefix(got, "( ") {
			t.Errorf("%d bytes became %s", n, got)
		}
		for part := range strings.SplitSeq(strings.Trim(got, "() "), " ") {
			if len(part) > 257 {
				t.Errorf("a string of %d bytes with its quotes", len(part))
			}
		}
	}
}
