package mailtest

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"testing"
)

// Fill puts messages into the INBOX of a user who has never logged in, the first under the lowest UID, as delivery to a maildir does and
// far faster than Append. A message is not kept: the sequence may use one buffer.
func (d *Dovecot) Fill(t testing.TB, user string, messages iter.Seq[[]byte]) {
	t.Helper()
	box := filepath.Join(d.dir, "mail", user, "Maildir")
	for _, name := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(box, name), 0o700); err != nil {
			t.Fatal("mailtest: ", err)
		}
	}
	n := 0
	for raw := range messages {
		// Dovecot numbers by the time of delivery, with which the name begins (https://cr.yp.to/proto/maildir.html).
		name := fmt.Sprintf("%d.M%06dP1.test", 1772445600+n, n)
		if err := os.WriteFile(filepath.Join(box, "new", name), raw, 0o600); err != nil {
			t.Fatal("mailtest: ", err)
		}
		n++
	}
	if err := d.owner.own(filepath.Join(d.dir, "mail")); err != nil {
		t.Fatal("mailtest: ", err)
	}
}
