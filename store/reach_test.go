package store_test

import (
	"testing"

	"nurture/store"
)

func TestOutageIn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want store.Outage
		code string
	}{
		{"FATAL: the database system is starting up (SQLSTATE 57P03)", store.OutageItself, "57P03"},
		{"beat the pulse: ERROR: cannot execute INSERT in a read-only transaction (SQLSTATE 25006)\nalarm again: ERROR: x (SQLSTATE 23505)", store.OutageItself, "25006"},
		{"FATAL: Passwort-Authentifizierung fehlgeschlagen (SQLSTATE 28P01)", store.OutageItself, "28P01"},
		{"FATAL: sorry, too many clients already (SQLSTATE 53300)", store.OutageItself, "53300"},
		{"ERROR: could not extend file: No space left on device (SQLSTATE 53100)", store.OutageItself, "53100"},
		{store.ErrReadOnly.Error(), store.OutageItself, "25006"},
		{"StandardPilot.JobGetAvailable timed out after 10s: context deadline exceeded", store.OutageItself, ""},
		{"FATAL: terminating connection due to administrator command (SQLSTATE 57P01)", store.PartOfOne, "57P01"},
		{"look what is due: unexpected EOF", store.PartOfOne, ""},
		{"ERROR: duplicate key value (SQLSTATE 23505)", store.NoOutage, ""},
		{"ERROR: canceling statement due to statement timeout (SQLSTATE 57014)", store.NoOutage, ""},
		{"dial tcp 10.0.0.1:993: connect: connection refused", store.NoOutage, ""},
		{"", store.NoOutage, ""},
	} {
		if got, code := store.OutageIn(test.text); got != test.want || code != test.code {
			t.Errorf("%q: %v %q, not %v %q", test.text, got, code, test.want, test.code)
		}
	}
}
