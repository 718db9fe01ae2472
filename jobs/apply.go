package jobs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/config"
	"nurture/store"
)

// transition is one event for one enrolment. A lead that was never enrolled has none: enrollmentID is 0, and leadID, which need not be
// set otherwise, says who it is.
type transition struct {
	leadID       int64
	enrollmentID int64
	event        cadence.Event
	known        *store.Enrollment // as it was loaded a moment ago, before it was locked; nil: it is loaded
}

// maxRounds bounds how far one event may spread: to the next cadence, to colleagues, and to the cadences that those move to.
const maxRounds = 6

// apply is the only way in which enrolments change: it locks them, asks cadence.Decide about each event in order, and saves what
// it said. Events that follow (a move to another cadence, word to colleagues) are applied in further rounds of the same
// transaction. verdicts names the verdict behind an Evaluated event by lead id; nil when there is none.
func (e *Engine) apply(ctx context.Context, tx pgx.Tx, now time.Time, ts []transition, verdicts map[int64]int64) error {
	if err := lock(ctx, tx, ts); err != nil {
		return err
	}
	return e.applyLocked(ctx, tx, now, ts, verdicts)
}

// applyLocked is apply where the caller's transaction has locked the enrolments of the transitions.
func (e *Engine) applyLocked(ctx context.Context, tx pgx.Tx, now time.Time, ts []transition, verdicts map[int64]int64) error {
	for round := 0; len(ts) > 0; round++ {
		if round == maxRounds {
			return fmt.Errorf("events spread over more than %d rounds; cadences that move leads to each other at once are the likely cause", maxRounds)
		}
		if round > 0 {
			if err := lock(ctx, tx, ts); err != nil {
				return err
			}
		}
		effects, err := e.decide(ctx, tx, now, ts)
		if err != nil {
			return err
		}
		effects.verdicts = verdicts
		if ts, err = e.perform(ctx, tx, now, effects); err != nil {
			return err
		}
	}
	return nil
}

// lock locks the enrolments of transitions.
func lock(ctx context.Context, tx pgx.Tx, ts []transition) error {
	var ids []int64
	for _, t := range ts {
		if t.enrollmentID != 0 {
			ids = append(ids, t.enrollmentID)
		}
	}
	return store.LockOnly(ctx, tx, ids)
}

// decide loads the enrolments of the transitions, which are locked, and runs the core.
func (e *Engine) decide(ctx context.Context, tx pgx.Tx, now time.Time, ts []transition) (*effects, error) {
	byID, byLead := map[int64][]cadence.Event{}, map[int64][]cadence.Event{}
	known := map[int64]*store.Enrollment{}
	var ids, leadIDs []int64
	for _, t := range ts {
		if t.enrollmentID == 0 {
			leadIDs = append(leadIDs, t.leadID)
			byLead[t.leadID] = append(byLead[t.leadID], t.event)
			continue
		}
		if byID[t.enrollmentID] == nil {
			if t.known != nil {
				known[t.enrollmentID] = t.known
			} else {
				ids = append(ids, t.enrollmentID)
			}
		}
		byID[t.enrollmentID] = append(byID[t.enrollmentID], t.event)
	}
	rows, err := e.loadLocked(ctx, tx, ids, known)
	if err != nil {
		return nil, err
	}
	if err := e.addFacts(ctx, tx, now, rows); err != nil {
		return nil, err
	}
	recent, err := e.recentTouches(ctx, tx, now, rows)
	if err != nil {
		return nil, err
	}
	had, err := e.templatesHad(ctx, tx, rows)
	if err != nil {
		return nil, err
	}
	fx := &effects{}
	for i := range rows {
		row := &rows[i]
		pinned := e.definitions.of(row.CadenceVersionID)
		core := coreOf(row, pinned)
		core.Lead.Recent, core.Lead.Had = recent[core.Lead.ID], had[core.Lead.ID]
		plan := pinned.plan(core.Lead)
		var moved *store.Room
		for _, ev := range byID[row.ID] {
			then, actions := cadence.Decide(plan, core, ev, now)
			if _, due := ev.(cadence.FellDue); due {
				if room, other := waysOf(row, pinned.settings).Other(roomIn(row), actions); other {
					moved = &room // it stays due, in that room, and what was decided is decided there
					continue
				}
			}
			core = then
			fx.add(row, plan, pinned.settings, actions)
		}
		saved := savedEnrollment(row, plan, pinned.settings, core)
		if moved != nil && core.Due != nil {
			saved.Channel, saved.Sender, saved.Domain = moved.Channel, moved.Sender, moved.Domain
		}
		fx.saved = append(fx.saved, saved)
	}
	return fx, e.decideUnenrolled(ctx, tx, now, fx, leadIDs, byLead)
}

// loadLocked loads enrolments that are locked, and brings those that are known up to date, in the order of ids. Those whose plan looks closer
// are loaded with all that it may look at.
func (e *Engine) loadLocked(ctx context.Context, tx pgx.Tx, ids []int64, known map[int64]*store.Enrollment) ([]store.Enrollment, error) {
	plain, err := store.LoadPlainEnrollments(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	fresh, err := store.RefreshEnrollments(ctx, tx, known)
	if err != nil {
		return nil, err
	}
	rows := append(plain, fresh...)
	if err := e.definitions.pin(ctx, tx, rows); err != nil {
		return nil, err
	}
	var closer []int64
	rows = slices.DeleteFunc(rows, func(row store.Enrollment) bool {
		looks := e.looksCloser(&row)
		if looks {
			closer = append(closer, row.ID)
		}
		return looks
	})
	full, err := store.LoadEnrollments(ctx, tx, closer)
	if err != nil {
		return nil, err
	}
	rows = append(rows, full...)
	slices.SortFunc(rows, func(a, b store.Enrollment) int { return cmp.Compare(a.ID, b.ID) })
	return rows, nil
}

// looksCloser is that of an enrolment's plan.
func (e *Engine) looksCloser(row *store.Enrollment) bool {
	pinned := e.definitions.of(row.CadenceVersionID)
	return looksCloser(pinned.config.Plans[pinned.key])
}

// looksCloser says whether a plan looks at more of a lead than where it is and how it is reached.
func looksCloser(p cadence.Plan) bool { return hasBranches(p) || p.ChoosesBySubject() }

// coreOf is an enrolment as its plan looks at it.
func coreOf(row *store.Enrollment, pinned pinnedCadence) cadence.Enrollment {
	if looksCloser(pinned.config.Plans[pinned.key]) {
		return row.Core(pinned.settings.Zone)
	}
	return row.CorePlain(pinned.settings.Zone)
}

// decideUnenrolled runs the core for leads that were never enrolled, as if an enrolment of theirs were over: what protects them acts, what
// they wrote is read, and who is ready goes to sales. Where a cadence would follow, intake looks at them.
func (e *Engine) decideUnenrolled(ctx context.Context, tx pgx.Tx, now time.Time, fx *effects, leadIDs []int64, events map[int64][]cadence.Event) error {
	if len(leadIDs) == 0 {
		return nil
	}
	leads, err := store.Leads(ctx, tx, leadIDs)
	if err != nil {
		return err
	}
	plan := cadence.Plan{Term: cadence.Active, Window: config.WorkingHours(), Then: cadence.Ending{Move: &cadence.Move{}}}
	for _, lead := range leads {
		row := &store.Enrollment{State: string(cadence.Finished), Lead: lead}
		core := row.Core(e.operatorZone())
		for _, ev := range events[lead.ID] {
			var actions []cadence.Action
			core, actions = cadence.Decide(plan, core, ev, now)
			fx.add(row, plan, config.Settings{}, actions) // no touch is among them
		}
	}
	return nil
}

// addFacts puts what is known about leads among the fields that branches look at, where a plan has branches.
func (e *Engine) addFacts(ctx context.Context, tx pgx.Tx, now time.Time, rows []store.Enrollment) error {
	leadIDs := e.leadsWith(rows, hasBranches)
	if len(leadIDs) == 0 {
		return nil
	}
	facts, err := store.Facts(ctx, tx, leadIDs)
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].Answers = e.definitions.of(rows[i].CadenceVersionID).config.Definition.Answers(facts[rows[i].LeadID()], now)
	}
	return nil
}

// recentTouches gives when the leads of plans that cap their frequency were touched of late: lead id → instants. Nothing is asked where no plan does.
func (e *Engine) recentTouches(ctx context.Context, tx pgx.Tx, now time.Time, rows []store.Enrollment) (map[int64][]time.Time, error) {
	var leadIDs []int64
	var span time.Duration
	for i := range rows {
		pinned := e.definitions.of(rows[i].CadenceVersionID)
		if f := pinned.config.Plans[pinned.key].Frequency; f.Capped() {
			leadIDs, span = append(leadIDs, rows[i].LeadID()), max(span, f.Per)
		}
	}
	if len(leadIDs) == 0 {
		return nil, nil
	}
	return store.RecentTouches(ctx, tx, leadIDs, now.Add(-span))
}

// templatesHad gives the templates that the leads were sent whose plans choose by subject: lead id → templates. Nothing is asked where no
// plan does.
func (e *Engine) templatesHad(ctx context.Context, tx pgx.Tx, rows []store.Enrollment) (map[int64][]string, error) {
	leadIDs := e.leadsWith(rows, cadence.Plan.ChoosesBySubject)
	if len(leadIDs) == 0 {
		return nil, nil
	}
	return store.TemplatesHad(ctx, tx, leadIDs)
}

// leadsWith lists the leads of those enrolments whose plan such holds for.
func (e *Engine) leadsWith(rows []store.Enrollment, such func(cadence.Plan) bool) []int64 {
	var leadIDs []int64
	for i := range rows {
		pinned := e.definitions.of(rows[i].CadenceVersionID)
		if such(pinned.config.Plans[pinned.key]) {
			leadIDs = append(leadIDs, rows[i].LeadID())
		}
	}
	return leadIDs
}

func hasBranches(p cadence.Plan) bool {
	return slices.ContainsFunc(p.Steps, func(s cadence.Step) bool { return s.Kind == cadence.StepBranch })
}

// savedEnrollment names the capacity that the enrolment will take when it falls due.
func savedEnrollment(row *store.Enrollment, plan cadence.Plan, settings config.Settings, core cadence.Enrollment) store.SavedEnrollment {
	room := waysOf(row, settings).Awaited(plan, core)
	return store.SavedEnrollment{
		Enrollment: core, Priority: cadence.PriorityOf(plan, core), Channel: room.Channel, Sender: room.Sender, Domain: room.Domain,
	}
}
