package sandbox

import (
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"nurture/cadence"
	"nurture/config"
	"nurture/internal/startertest"
)

// otherWays is the starter with the files of testdata/other-ways.txtar.
func otherWays(t *testing.T) *config.Config {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/other-ways.txtar")
	must(t, err)
	changes := map[string]string{}
	for _, f := range archive.Files {
		changes[f.Name] = string(f.Data)
	}
	all := startertest.Files(t, changes)
	for path := range all {
		if strings.HasPrefix(path, "tests/") { // they are about the cadences that were replaced
			delete(all, path)
		}
	}
	cfg, err := config.Load(all)
	must(t, err)
	return cfg
}

// TestSimulationEqualsEngineInOtherWays is TestSimulationEqualsEngine for what a marketer may write beside.
func TestSimulationEqualsEngineInOtherWays(t *testing.T) {
	t.Parallel()
	const leads, days = 200, 45
	cfg := otherWays(t)
	rows := crowd(11, leads)
	for i := range rows {
		l := &rows[i].Lead
		if i%3 == 0 {
			l.Facts = map[string]string{"months_to_decision": strconv.Itoa(2 + i%9)}
		}
		if i%4 == 1 {
			l.Source = "trade show"
		}
		if i%7 == 0 {
			l.Fields = map[string]string{"tier": "c"}
		}
	}
	result, _, _ := sameTouches(t, cfg, rows, 11, days)
	for name, n := range map[string]int{
		"subjects that ran out": result.Skipped[cadence.ReasonNothingNew], "voicemails without consent": result.Skipped[cadence.ReasonNoConsent],
		"gatekeepers": result.Responses[cadence.Gatekeeper], "busy lines": result.Responses[cadence.Busy],
		"callbacks": result.Responses[cadence.CallBackLater], "referrals": result.Responses[cadence.Referral],
		"colleagues who stop": result.Finished[cadence.ReasonColleagueStopped], "closed cadences": result.Ends[cadence.EndExhausted],
	} {
		if n == 0 {
			t.Errorf("there were no %s: nothing is shown of them", name)
		}
	}
}
