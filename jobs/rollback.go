package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/config"
	"nurture/store"
)

// RolledBack says what a rollback did.
type RolledBack struct {
	Applied
	To       int64 `json:"to"`       // the version whose configuration is live again, as a new version
	Restored int   `json:"restored"` // leads that stand where they stood before they were moved, with the same next touch
	// NotRestored are leads that were moved since that version and could not be put back.
	NotRestored []NotRestored `json:"not_restored"`
}

// NotRestored is a lead that a rollback could not put back where it stood.
type NotRestored struct {
	LeadID  int64  `json:"id"`
	Lead    string `json:"lead"` // its key
	Cadence string `json:"cadence"`
	Why     string `json:"why"`
}

// Rollback makes the configuration of an older version live again, as a new version. Each lead that was moved since, and that nothing has
// happened to since it was moved, is put back where it stood; one that has gone on goes on from where it stands. The leads that came in
// since follow the on_change of the configuration that is brought back. ErrNotReady, store.ErrNotFound.
func (e *Engine) Rollback(ctx context.Context, version int64, by string) (RolledBack, error) {
	var done RolledBack
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		if err := store.LockConfig(ctx, tx); err != nil {
			return err
		}
		old, err := store.FindVersion(ctx, tx, version)
		if err != nil {
			return fmt.Errorf("version %d: %w", version, err)
		}
		cfg, err := e.definitions.load(ctx, tx, version)
		if err != nil {
			return fmt.Errorf("version %d cannot be brought back: %w", version, err)
		}
		current, err := store.LiveConfig(ctx, tx)
		if err != nil {
			return err
		}
		if current.Hash == old.Hash {
			done = RolledBack{Applied: Applied{Version: current.ID}, To: version, NotRestored: []NotRestored{}}
			return nil
		}
		done, err = e.rollback(ctx, tx, now, cfg, activation{by: by, was: &current, back: &version})
		return err
	})
	return done, err
}

func (e *Engine) rollback(ctx context.Context, tx pgx.Tx, now time.Time, cfg *config.Config, order activation) (RolledBack, error) {
	done := RolledBack{To: *order.back, NotRestored: []NotRestored{}}
	missing, err := missingSignatures(ctx, tx, cfg.DefinitionHash)
	if err != nil {
		return done, err
	}
	if len(missing) > 0 {
		return done, unsigned(missing)
	}
	restore := func(id int64, changed []string) (counts []LeadsInside, err error) {
		r := &restorer{after: *order.back, done: &done, counts: newTally(changed)}
		if r.mover, err = e.newMover(ctx, tx, now, cfg, id); err != nil {
			return nil, err
		}
		err = r.work(ctx, tx, changed)
		return r.counts.list(), err
	}
	order.done = &done
	done.Applied, err = e.makeLive(ctx, tx, now, cfg, order, restore)
	return done, err
}

// restorer puts enrolments back where they stood.
type restorer struct {
	*mover
	after  int64 // moves of later versions are taken back
	done   *RolledBack
	counts tally
}

func (r *restorer) work(ctx context.Context, tx pgx.Tx, changed []string) error {
	ids, err := store.LockInside(ctx, tx, changed)
	if err != nil {
		return err
	}
	err = inBites(ids, func(ids []int64) error {
		rows, err := r.load(ctx, tx, ids)
		if err != nil {
			return err
		}
		moves, err := store.MovesAfter(ctx, tx, r.after, ids)
		if err != nil {
			return err
		}
		if err := r.pinOlder(ctx, tx, moves); err != nil {
			return err
		}
		return r.bite(ctx, tx, rows, moves)
	})
	if err != nil {
		return err
	}
	ended, err := store.EndedAfter(ctx, tx, r.after)
	for _, m := range ended {
		r.done.NotRestored = append(r.done.NotRestored, NotRestored{
			LeadID: m.LeadID, Lead: m.LeadKey, Cadence: m.Cadence, Why: "the cadence has ended for it since: " + cadence.Reason(m.Reason).Sentence(),
		})
	}
	return err
}

// pinOlder makes sure that the versions that enrolments were on before are at hand.
func (r *restorer) pinOlder(ctx context.Context, tx pgx.Tx, moves map[int64][]store.EnrollmentMove) error {
	var older []store.Enrollment
	for _, m := range moves {
		older = append(older, store.Enrollment{CadenceVersionID: m[0].Was.VersionID})
	}
	return r.engine.definitions.pin(ctx, tx, older)
}

// bite puts those back that can be, and lets the others go on: who was moved, with the version that is brought back, who was not, as that
// version's on_change says.
func (r *restorer) bite(ctx context.Context, tx pgx.Tx, rows []store.Enrollment, moves map[int64][]store.EnrollmentMove) error {
	var moved, others []store.Enrollment
	for i := range rows {
		if len(moves[rows[i].ID]) > 0 {
			moved = append(moved, rows[i])
		} else {
			others = append(others, rows[i])
		}
	}
	all, err := r.carry(ctx, tx, others, "")
	if err != nil {
		return err
	}
	back, err := r.carry(ctx, tx, moved, cadence.MoveAll)
	if err != nil {
		return err
	}
	for i := range all {
		r.counts[all[i].row.CadenceKey].add(&all[i])
		r.take(&all[i])
	}
	for i := range back {
		r.takeBack(&back[i], moves[back[i].row.ID])
	}
	return r.save(ctx, tx)
}

// takeBack puts a moved enrolment back, or says why it cannot be.
func (r *restorer) takeBack(c *carried, moves []store.EnrollmentMove) {
	way := r.wayBack(c, moves[0].Was)
	was, why := r.standing(c, moves, way)
	if why == "" {
		c.revision = way
		r.restore(c, was)
		r.done.Restored++
		r.counts[c.row.CadenceKey].add(c)
		return
	}
	r.done.NotRestored = append(r.done.NotRestored, NotRestored{LeadID: c.row.LeadID(), Lead: c.row.Key, Cadence: c.row.CadenceKey, Why: why})
	r.counts[c.row.CadenceKey].add(c)
	r.take(c)
}

// wayBack is how the version that an enrolment is on became, backwards, the one that it was on before: the one that is brought back, or an older one on
// which it was to finish even then. The numbers that its touches get are those of that version's steps.
func (r *restorer) wayBack(c *carried, was store.Standing) cadence.Revision {
	pinned := r.engine.definitions.of(was.VersionID)
	if pinned.config.PlanHash[pinned.key] == r.target.PlanHash[pinned.key] {
		return c.revision
	}
	return cadence.Revise(c.revision.Old, pinned.config.Plans[pinned.key], nil).At(c.revision.Old.CallHours)
}

// standing is where an enrolment stood before the moves; why says what has happened since instead.
func (r *restorer) standing(c *carried, moves []store.EnrollmentMove, way cadence.Revision) (was store.Standing, why string) {
	was = moves[0].Was
	for i := 1; i < len(moves); i++ {
		if !moves[i].Was.Same(moves[i-1].Became) {
			return was, fmt.Sprintf("it went on between versions %d and %d", moves[i-1].ConfigVersionID, moves[i].ConfigVersionID)
		}
	}
	last := moves[len(moves)-1].Became
	if !c.row.Standing().Same(last) {
		return was, "it has gone on since: " + gone(c.row, last)
	}
	busy := c.hand == cadence.HandLeaving || c.hand == cadence.HandTaken || was.InFlight && c.was.InFlight
	if busy && (c.row.Step >= len(way.To) || way.To[c.row.Step] != was.Step) {
		return was, "a touch that the older version does not have is just being made"
	}
	return was, ""
}

// gone says what has happened to an enrolment since it was moved.
func gone(row *store.Enrollment, last store.Standing) string {
	switch {
	case row.LastResponse != last.Last:
		return "it answered (" + row.LastResponse + ")"
	case row.State != last.State:
		return "it is " + row.State + " now"
	case row.InFlight && !last.InFlight:
		return "its next touch is under way"
	case row.Step != last.Step || row.Run != last.Run:
		return "it was touched"
	}
	return "its appointment is another one"
}

// restore puts an enrolment where it stood, on the way that c has. A touch that was planned then and was called off by the move is planned again.
func (r *restorer) restore(c *carried, was store.Standing) {
	row := *c.row
	was.Onto(&row)
	versionID := was.VersionID
	pinned := r.engine.definitions.of(was.VersionID)
	if pinned.config.PlanHash[pinned.key] == r.target.PlanHash[pinned.key] {
		versionID = r.versions[pinned.key]
	}
	became := row.Core(r.target.Settings.Zone)
	if was.InFlight && !c.was.InFlight {
		became.InFlight = false
		became.Due = &cadence.Due{Intent: calendar.IntentOf(r.now, "UTC"), At: r.now, Reason: cadence.ReasonRevised}
	}
	c.became, c.stay = became, ""
	c.next = r.nextTouch(c.revision.New, became)
	r.put(c, became, versionID, was.Budget)
}
