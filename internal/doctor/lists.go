package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/config"
	"nurture/store"
)

// Lists is what the check of the do-not-call lists needs.
type Lists struct {
	DB   store.DB
	Rule config.DoNotCall
	Now  time.Time
}

// Findings judges how old the lists are that the configuration names.
func (l Lists) Findings(ctx context.Context) []Finding {
	known, err := store.SuppressionLists(ctx, l.DB, 0)
	if err != nil {
		return []Finding{fail("do-not-call lists", err.Error(), "see whether this user may read the tables")}
	}
	var findings []Finding
	for _, name := range l.Rule.Lists {
		findings = append(findings, l.judge(name, known))
	}
	return findings
}

// judge looks at one list. An edition for email only does not speak for calls.
func (l Lists) judge(name string, known []store.SuppressionList) Finding {
	what := "do-not-call list " + name
	fix := fmt.Sprintf("nurture suppressions import FILE --scope phone --reason %q", name)
	var latest *store.SuppressionList
	for i := range known { // the oldest first
		if known[i].Name == name && known[i].Scope != cadence.SuppressEmail {
			latest = &known[i]
		}
	}
	if latest == nil {
		return warn(what, "it was never imported", fix)
	}
	days := int(l.Now.Sub(latest.ImportedAt) / (24 * time.Hour))
	shown := fmt.Sprintf("imported %s ago with %s", counted(days, "day"), counted(latest.Addresses, "address"))
	if l.Now.Sub(latest.ImportedAt) > l.Rule.MaxAge {
		return warn(what, fmt.Sprintf("%s; it may be %s old", shown, counted(int(l.Rule.MaxAge/(24*time.Hour)), "day")), fix)
	}
	return good(what, "%s", shown)
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, strings.Replace(noun, "address", "addresse", 1))
}
