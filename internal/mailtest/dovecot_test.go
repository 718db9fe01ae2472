package mailtest

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"strconv"
	"testing"

	"github.com/emersion/go-imap/v2/imapclient"
)

func TestDovecotTakesMailAndTLS(t *testing.T) {
	t.Parallel()
	d := StartDovecot(t)
	d.Append(t, "anna@ourco.test", "INBOX", []byte("Subject: hello\r\n\r\nbody\r\n"))

	pem, err := os.ReadFile(d.CACert)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client, err := imapclient.DialTLS(net.JoinHostPort(d.Host, strconv.Itoa(d.TLS)),
		&imapclient.Options{TLSConfig: &tls.Config{RootCAs: roots}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Login("anna@ourco.test", Password).Wait(); err != nil {
		t.Fatalf("%v\n%s", err, d.Log())
	}
	box, err := client.Select("INBOX", nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	if box.NumMessages != 1 {
		t.Errorf("%d messages, want 1", box.NumMessages)
	}
}

func TestEndsWithTheTest(t *testing.T) {
	t.Parallel()
	var d *Dovecot
	t.Run("server", func(t *testing.T) { d = StartDovecot(t) })
	if err := d.greet(); err == nil {
		t.Error("the server still answers after the test that started it")
	}
	if _, err := os.Stat(d.dir); !os.IsNotExist(err) {
		t.Errorf("its folder is left behind: %v", err)
	}
}
