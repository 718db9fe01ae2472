package store

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ErrReadOnly is returned, wrapped, when the server takes no changes: it is a standby, or told to be read-only.
var ErrReadOnly = errors.New("the database takes no changes: it is a standby, or told to be read-only")

// TakesChanges asks the server whether it takes changes; ErrReadOnly says that it does not.
func TakesChanges(ctx context.Context, db DB) error {
	var readOnly bool
	if err := db.QueryRow(ctx, `SELECT current_setting('transaction_read_only')::bool`).Scan(&readOnly); err != nil {
		return fmt.Errorf("ask the database server: %w", err)
	}
	if readOnly {
		return ErrReadOnly
	}
	return nil
}

// Outage is how the text of an error shows that the database itself is the trouble, and not what was asked of it.
type Outage int

// What the text of an error says of the database.
const (
	NoOutage     Outage = iota // nothing: the error is about something else
	PartOfOne                  // a connection ended: a single one of them may, and all do when the server goes
	OutageItself               // the server is not reached, lets nobody in, or takes nothing
)

var stateInText = regexp.MustCompile(`\(SQLSTATE ([0-9A-Z]{5})\)`)

// vanishedInText is a connection that the system gave up; see vanishedAfter.
var vanishedInText = regexp.MustCompile(`(?:read|write) tcp \S+: (?:read|write): (?:no route to host|connection timed out|network is unreachable)`)

// Codes of Postgres's that say that it cannot be used, whatever is asked of it; two letters stand for a class of them.
var outageStates = []string{
	"08",    // connection exception
	"25006", // read only
	"28",    // the login is refused
	"3D000", // there is no such database
	"53",    // no disk, memory or connection is left
	"57P02", // another process of the server crashed
	"57P03", // it starts up, or shuts down
	"57P04", // the database was dropped
	"58",    // the system below it fails
}

// OutageIn reads the text of an error, since River and who wraps errors give no more than that, and gives what of it names the outage: a code of
// Postgres's, or "" where nothing answered. Texts of other servers' troubles are none, though they may be about connections as well.
func OutageIn(text string) (outage Outage, code string) {
	for _, found := range stateInText.FindAllStringSubmatch(text, -1) {
		code = found[1]
		if slices.ContainsFunc(outageStates, func(state string) bool { return strings.HasPrefix(code, state) }) {
			return OutageItself, code
		}
		if code == "57P01" { // somebody, or the server that shuts down, ended the connection
			outage = PartOfOne
		}
	}
	switch {
	case strings.Contains(text, ErrReadOnly.Error()):
		return OutageItself, "25006"
	case strings.Contains(text, "failed to connect to `"), // as pgconn says it
		strings.Contains(text, "timed out after ") && strings.Contains(text, "context deadline exceeded"): // as River says that nothing answers
		return OutageItself, ""
	case outage != NoOutage:
		return outage, "57P01"
	case strings.Contains(text, "unexpected EOF"), strings.Contains(text, "conn closed"), strings.Contains(text, "connection reset by peer"),
		strings.Contains(text, "broken pipe"), vanishedInText.MatchString(text), strings.Contains(text, "timeout: context deadline exceeded"): // as pgconn says it
		return PartOfOne, ""
	}
	return NoOutage, ""
}

// Away says that what went wrong is that the database is not reached or cannot be used, as far as the error's text shows it. The same may go well a little later.
func Away(err error) bool {
	if err == nil {
		return false
	}
	outage, _ := OutageIn(err.Error())
	return outage != NoOutage
}
