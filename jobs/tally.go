package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/internal/provenance"
	"nurture/store"
)

const (
	// tallyEvery is how old the counts of the pages may become.
	tallyEvery = 5 * time.Minute
	// tallyRest is how many times as long as it took a count is let rest: in a big database it takes at most a fiftieth of the time.
	tallyRest = 50
	// tallyDays is for how many days what was sent is counted by the day.
	tallyDays = 14
	tallyLock = "tally"
)

// Tally counts where leads are and what became of touches, for the pages, which count nothing themselves. It is false, and does nothing, while the last
// count is fresh, another process counts, or the last one took so long that it is to rest. A response counts for the touch that it answers, else for
// the lead's last touch before it; a promotion for that of the response behind its verdict.
func (e *Engine) Tally(ctx context.Context) (bool, error) {
	if !e.tally.due(e.now(), tallyEvery) {
		return false, nil
	}
	counted := false
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		counted = false
		got, err := store.TryLocks(ctx, tx, []string{tallyLock})
		if err != nil || len(got) == 0 {
			return err
		}
		last, err := store.LastTallied(ctx, tx)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		rest := max(tallyEvery, time.Duration(last.Took)*time.Millisecond*tallyRest)
		if err == nil && now.Before(last.At.Add(rest)) && !now.Before(last.At) {
			e.tally.done(last.At)
			return nil
		}
		began := e.realNow()
		tallies, err := e.countTallies(ctx, tx, now)
		if err != nil {
			return err
		}
		counted = true
		return store.SaveTallies(ctx, tx, tallies, store.Tallied{At: now, Took: e.realNow().Sub(began).Milliseconds()})
	})
	if err == nil && counted {
		e.tally.done(e.now())
	}
	return counted && err == nil, err
}

func (e *Engine) countTallies(ctx context.Context, tx pgx.Tx, now time.Time) (t store.Tallies, err error) {
	zone := time.UTC
	if current, err := e.liveNow(ctx, tx); err == nil {
		if z, err := calendar.Location(current.config.Settings.Zone); err == nil {
			zone = z
		}
	} else if !errors.Is(err, ErrNotReady) {
		return t, err
	}
	today := now.In(zone)
	q := store.TallyQuery{Since: time.Date(today.Year(), today.Month(), today.Day()-tallyDays+1, 0, 0, 0, 0, zone), Zone: zone.String()}
	for _, kind := range []cadence.ResponseKind{cadence.HardBounce, cadence.SoftBounce, cadence.PolicyBounce} {
		q.Bounces = append(q.Bounces, string(kind))
	}
	for kind := range cadence.DefaultRules() {
		if kind.Human() {
			q.Human = append(q.Human, string(kind))
		}
	}
	for _, kind := range []cadence.ResponseKind{cadence.Connected, cadence.MeetingSet, cadence.CallBackLater} {
		q.Spoken = append(q.Spoken, string(kind))
	}
	if t.Steps, t.Days, err = store.CountTouchTallies(ctx, tx, q); err != nil {
		return t, err
	}
	if t.Places, err = e.countPlaces(ctx, tx); err != nil {
		return t, err
	}
	if t.Stages, err = store.CountStages(ctx, tx); err != nil {
		return t, err
	}
	if t.Barred, err = store.SuppressionGroups(ctx, tx); err != nil {
		return t, err
	}
	t.Known, err = store.CountCoverage(ctx, tx, now.Add(-provenance.StaleAfter))
	return t, err
}

// countPlaces counts leads by the name of the step at which they are: its number means another step in another version.
func (e *Engine) countPlaces(ctx context.Context, tx pgx.Tx) ([]store.PlaceTally, error) {
	counts, err := store.CountPlaces(ctx, tx)
	if err != nil {
		return nil, err
	}
	versions := make([]store.Enrollment, len(counts))
	for i, c := range counts {
		versions[i].CadenceVersionID = c.CadenceVersionID
	}
	if err := e.definitions.pin(ctx, tx, versions); err != nil {
		return nil, err
	}
	at := map[store.PlaceTally]int{} // without the count
	var places []store.PlaceTally
	for _, c := range counts {
		pinned := e.definitions.of(c.CadenceVersionID)
		place := store.PlaceTally{Cadence: pinned.key, State: c.State, Reason: c.Reason}
		if steps := pinned.config.Plans[pinned.key].Steps; c.Step >= 0 && c.Step < len(steps) {
			place.Step = steps[c.Step].Key
		}
		if i, ok := at[place]; ok {
			places[i].Leads += c.Leads
			continue
		}
		at[place] = len(places)
		place.Leads = c.Leads
		places = append(places, place)
	}
	return places, nil
}
