package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"nurture/internal/sandbox/chaos"
)

const chaosHelp = `Tries to break the program's promises. On a scratch database, against a mail server and a phone provider that exist only in this process,
real worker processes are killed at random instants and told to stop, the database is restarted, stopped at once and killed, the workers' clock
jumps, and the providers misbehave in every way that is known of them, while leads come in, answer and opt out.

When the time is over the faults end, the workers finish what is left, and the ledger is compared with what the mail server and the phone
provider accepted. The exit code is 1 when a promise was broken; standard error then names the touches, and the folder with the workers' logs.
docs/chaos.md explains every figure.`

// chaosOptions are the flags of chaos.
type chaosOptions struct {
	minutes float64
	kills   int
	seed    int64
	workers int
	sigterm int
	flight  int
	tick    time.Duration
	listLag time.Duration
}

func newChaosCmd(a *app) *cobra.Command {
	var o chaosOptions
	cmd := &cobra.Command{
		Use: "chaos", Short: "Kill workers, database and providers at random, and compare the ledger with what left", Long: chaosHelp, Hidden: true,
		Example: "  nurture chaos --minutes 30 --seed 7 --json\n  nurture chaos --kills 20 --sigterm 100", Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.minutes < 0 || o.kills < 0 || o.minutes == 0 && o.kills == 0 || o.workers < 1 || o.sigterm < 0 || o.sigterm > 100 {
				return usagef(cmd, "--minutes or --kills must be above 0, --workers 1 or more, and --sigterm from 0 to 100")
			}
			return runChaos(cmd.Context(), a, o)
		},
	}
	f := cmd.Flags()
	f.Float64Var(&o.minutes, "minutes", 0, "how long things go wrong; afterwards the workers finish what is left")
	f.Int64Var(&o.seed, "seed", 1, "of all that happens by chance; the timing stays real")
	f.IntVar(&o.workers, "workers", 3, "how many worker processes run at once")
	f.IntVar(&o.sigterm, "sigterm", 15, "how many in a hundred workers are told to stop rather than killed")
	f.IntVar(&o.kills, "kills", 0, "end after that many workers were killed or stopped; without --minutes everything happens four times as often")
	f.IntVar(&o.flight, "in-flight", 0, "how many touches are to be under way, for tests")
	f.DurationVar(&o.tick, "tick", 0, "how often workers plan, for tests")
	f.DurationVar(&o.listLag, "list-lag", 0, "how long workers wait before they ask the phone provider about a lost call, for tests")
	for _, name := range []string{"in-flight", "tick", "list-lag"} {
		_ = f.MarkHidden(name) // the flags exist: they were added above
	}
	return cmd
}

func runChaos(ctx context.Context, a *app, o chaosOptions) error {
	binary, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the own program to start workers: %w", err)
	}
	began := a.realNow()
	result, err := chaos.Run(ctx, chaos.Options{
		Binary: binary, For: time.Duration(o.minutes * float64(time.Minute)), Kills: o.kills, Stops: o.sigterm, Workers: o.workers, Tick: o.tick, InFlight: o.flight, ListLag: o.listLag,
		Seed: o.seed, Now: a.realNow,
		Say: func(format string, args ...any) {
			fmt.Fprintf(a.stderr, "%6.1fs  %s\n", a.realNow().Sub(began).Seconds(), fmt.Sprintf(format, args...))
		},
	})
	if err != nil {
		return err
	}
	if a.json {
		err = json.NewEncoder(a.stdout).Encode(result)
	} else {
		result.Tell(a.stdout)
	}
	if err != nil || !result.Broken() {
		return err
	}
	result.Blame(a.stderr)
	return failf("a promise was broken")
}
