package mailtest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// delivery is what Dovecot does for a mail transfer agent: it takes mail in over LMTP, files it, runs the users' Sieve scripts on it, and
// checks passwords of those who hand mail in.
type delivery struct {
	lmtp, auth int               // ports
	relay      int               // port of the server that takes what Sieve scripts send
	scripts    map[string]string // Sieve, by user
}

// writeScripts puts the users' scripts where the configuration looks for them.
func (v *delivery) writeScripts(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "sieve"), 0o700); err != nil {
		return err
	}
	for user, script := range v.scripts {
		if err := os.WriteFile(filepath.Join(dir, "sieve", user+".sieve"), []byte(script), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// deliverySettings are shared by all versions.
const deliverySettings = `
submission_host = 127.0.0.1:@relay@
recipient_delimiter = +
service lmtp {
  user = @user@
  inet_listener lmtp {
    port = @lmtp@
  }
}
service auth {
  inet_listener sasl {
    port = @auth@
  }
}
`

const delivery23 = `
protocols = imap lmtp
auth_mechanisms = plain login
postmaster_address = postmaster@localhost
protocol lmtp {
  mail_plugins = sieve
}
plugin {
  sieve = @dir@/sieve/%u.sieve
}
`

const delivery24 = `
protocols {
  lmtp = yes
}
auth_mechanisms {
  plain = yes
  login = yes
}
protocol lmtp {
  mail_plugins {
    sieve = yes
  }
}
sieve_script personal {
  path = @dir@/sieve/%{user}.sieve
}
`

// settings are the configuration's, in the syntax of 2.4 or of what was before.
func (v *delivery) settings(before24 bool) string {
	if v == nil {
		return ""
	}
	text := delivery24 + deliverySettings
	if before24 {
		text = delivery23 + deliverySettings
	}
	return strings.NewReplacer("@relay@", strconv.Itoa(v.relay), "@lmtp@", strconv.Itoa(v.lmtp), "@auth@", strconv.Itoa(v.auth)).Replace(text)
}
