package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/config"
	"nurture/store"
)

// moveLeads moves the leads inside cadences that have a new version, as their on_change says. What touches they have in hand goes with
// them: their enrolments are locked first, so that no claim and no record comes between.
func (e *Engine) moveLeads(ctx context.Context, tx pgx.Tx, now time.Time, cfg *config.Config, versionID int64, changed []string) ([]LeadsInside, error) {
	counts := newTally(changed)
	ids, err := store.LockInside(ctx, tx, changed)
	if err != nil || len(ids) == 0 {
		return counts.list(), err
	}
	m, err := e.newMover(ctx, tx, now, cfg, versionID)
	if err != nil {
		return nil, err
	}
	err = inBites(ids, func(ids []int64) error {
		rows, err := m.load(ctx, tx, ids)
		if err != nil {
			return err
		}
		all, err := m.carry(ctx, tx, rows, "")
		if err != nil {
			return err
		}
		for i := range all {
			counts[all[i].row.CadenceKey].add(&all[i])
			m.take(&all[i])
		}
		return m.save(ctx, tx)
	})
	return counts.list(), err
}

// mover gathers enrolments that move, so that each kind of change is one statement.
type mover struct {
	*revision
	configVersion int64
	versions      map[string]int64 // cadence key → id of its live version

	cancels  []store.CancelOrder
	numbers  []store.Renumbering
	saved    []store.SavedEnrollment
	revised  []store.Revised
	memories []store.EnrollmentMove
	patient  []int64 // whose task in hand stays open however long nobody does it
}

func (e *Engine) newMover(ctx context.Context, tx pgx.Tx, now time.Time, cfg *config.Config, configVersion int64) (*mover, error) {
	m := &mover{revision: e.revise(cfg, now), configVersion: configVersion, versions: map[string]int64{}}
	live, err := store.LiveCadences(ctx, tx)
	for _, v := range live {
		m.versions[v.Key] = v.ID
	}
	return m, err
}

// take takes up an enrolment, if it moves.
func (m *mover) take(c *carried) {
	if !c.moves() {
		return
	}
	for _, action := range c.actions {
		if cancel, ok := action.(cadence.CancelOpen); ok && cancel.Only != nil {
			m.cancels = append(m.cancels, store.CancelOrder{
				EnrollmentID: c.row.ID, Step: cancel.Only.Step, Run: cancel.Only.Run, Reason: string(cancel.Reason),
			})
		}
	}
	budget := c.row.Budget
	if c.revision.Old.Budget != c.revision.New.Budget {
		budget = c.revision.New.Budget
	}
	m.put(c, c.became, m.versions[c.row.CadenceKey], budget)
}

// put notes that an enrolment stands elsewhere from now on, on a version with the steps of c's new plan.
func (m *mover) put(c *carried, became cadence.Enrollment, versionID int64, budget int) {
	for from, to := range c.revision.To { // also of what is ahead: a touch of it may have been skipped before a step was put in front
		if from != to {
			m.numbers = append(m.numbers, store.Renumbering{EnrollmentID: c.row.ID, From: from, To: to})
		}
	}
	m.numbers = append(m.numbers, store.Renumbering{EnrollmentID: c.row.ID, From: len(c.revision.To), To: -1, AndBeyond: true})
	if step := became.Step; became.InFlight && step < len(c.revision.New.Steps) && c.revision.New.Steps[step].Patient() {
		m.patient = append(m.patient, c.row.ID)
	}
	saved := savedEnrollment(c.row, c.revision.New, m.target.Settings, became)
	m.saved = append(m.saved, saved)
	one := store.Revised{EnrollmentID: c.row.ID, VersionID: versionID}
	if budget != c.row.Budget {
		one.Budget = budget
	}
	m.revised = append(m.revised, one)
	m.memories = append(m.memories, store.EnrollmentMove{
		ConfigVersionID: m.configVersion, EnrollmentID: c.row.ID, Was: c.row.Standing(), Became: standingOf(became, versionID, budget),
	})
}

// standingOf is where a decided enrolment stands, as a move remembers it.
func standingOf(e cadence.Enrollment, versionID int64, budget int) store.Standing {
	s := store.Standing{
		VersionID: versionID, State: string(e.State), Reason: string(e.Reason), Step: e.Step, Run: e.Run, LastRun: e.LastRun, InFlight: e.InFlight,
		HeldUntil: e.Held, Last: string(e.Last), Budget: budget,
	}
	if e.Due != nil {
		local, at := e.Due.Intent.Local, e.Due.At
		s.DueLocal, s.DueZone, s.DueAt, s.DueReason = &local, e.Due.Intent.Zone, &at, string(e.Due.Reason)
	}
	return s
}

// save writes what was gathered. What is called off is named by the steps of the old version, so it goes first.
func (m *mover) save(ctx context.Context, tx pgx.Tx) error {
	if err := store.CancelOpen(ctx, tx, m.cancels, m.now); err != nil {
		return fmt.Errorf("call off what the new version does not have: %w", err)
	}
	if err := store.Renumber(ctx, tx, m.numbers); err != nil {
		return err
	}
	if err := store.SaveEnrollments(ctx, tx, m.saved, m.now); err != nil {
		return err
	}
	if err := store.SaveVersions(ctx, tx, m.revised); err != nil {
		return err
	}
	if err := store.KeepTasksOpen(ctx, tx, m.patient); err != nil {
		return err
	}
	if err := store.InsertMoves(ctx, tx, m.memories); err != nil {
		return err
	}
	m.cancels, m.numbers, m.saved, m.revised, m.memories, m.patient = m.cancels[:0], m.numbers[:0], m.saved[:0], m.revised[:0], m.memories[:0], m.patient[:0]
	return nil
}
