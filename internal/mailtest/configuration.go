package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// configuration is Dovecot's, in the syntax of its version: 2.4 renamed much.
func (d *Dovecot) configuration(version string) string {
	before24 := strings.HasPrefix(version, "2.2.") || strings.HasPrefix(version, "2.3.")
	specific := settings24
	if before24 {
		specific = settings23
	}
	return strings.NewReplacer(
		"@dir@", d.dir, "@name@", filepath.Base(d.dir), "@user@", d.owner.user, "@group@", d.owner.group, "@uid@", fmt.Sprint(d.owner.uid),
		"@gid@", fmt.Sprint(d.owner.gid), "@port@", fmt.Sprint(d.Port), "@tls@", fmt.Sprint(d.TLS), "@password@", Password,
	).Replace(specific + shared + d.delivery.settings(before24))
}

// shared runs every service as one user, which chroot does not allow.
const shared = `
base_dir = @dir@/run
state_dir = @dir@/run
listen = 127.0.0.1
log_path = @dir@/log
login_greeting = @name@
default_internal_user = @user@
default_internal_group = @group@
default_login_user = @user@
first_valid_uid = 1
first_valid_gid = 1
mail_uid = @uid@
mail_gid = @gid@
ssl = yes
namespace inbox {
  inbox = yes
  separator = /
}
auth_failure_delay = 0 secs
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = @port@
  }
  inet_listener imaps {
    port = @tls@
    ssl = yes
  }
}
`

const settings23 = `
protocols = imap
disable_plaintext_auth = no
# No waiting after failed logins: all clients of all tests have one address.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
ssl_cert = <@dir@/cert.pem
ssl_key = <@dir@/key.pem
mail_home = @dir@/mail/%u
mail_location = maildir:~/Maildir
passdb {
  driver = static
  args = password=@password@
}
userdb {
  driver = static
  args = uid=@uid@ gid=@gid@ home=@dir@/mail/%u
}
`

const settings24 = `dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
protocols {
  imap = yes
}
auth_allow_cleartext = yes
ssl_server_cert_file = @dir@/cert.pem
ssl_server_key_file = @dir@/key.pem
mail_home = @dir@/mail/%{user}
mail_driver = maildir
mail_path = ~/Maildir
passdb static {
  password = @password@
}
userdb static {
  fields {
    uid = @uid@
    gid = @gid@
    home = @dir@/mail/%{user}
  }
}
`

// writeCertificates makes ca.pem, and cert.pem and key.pem for 127.0.0.1 and localhost.
func writeCertificates(dir string) error {
	authority, err := template("Test authority")
	if err != nil {
		return err
	}
	authority.IsCA, authority.BasicConstraintsValid, authority.KeyUsage = true, true, x509.KeyUsageCertSign
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	server, err := template("localhost")
	if err != nil {
		return err
	}
	server.DNSNames, server.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1)}
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	serverKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	authorityDER, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	if err != nil {
		return err
	}
	serverDER, err := x509.CreateCertificate(rand.Reader, server, authority, serverKey.Public(), authorityKey)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(serverKey)
	if err != nil {
		return err
	}
	for name, block := range map[string]pem.Block{
		"ca.pem":   {Type: "CERTIFICATE", Bytes: authorityDER},
		"cert.pem": {Type: "CERTIFICATE", Bytes: serverDER},
		"key.pem":  {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&block), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func template(name string) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
	}, nil
}
