package jobs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/config"
	"nurture/store"
)

// effects gathers the actions of many decisions so that each kind is carried out in one statement.
type effects struct {
	saved       []store.SavedEnrollment
	cancels     []store.CancelOrder
	touches     []store.NewTouch
	tasks       []leadTask
	suppress    []store.Suppression
	callsOff    []int64 // leads that must not be called
	lettersOff  []int64 // leads that must not be written to
	badPhones   []int64
	stages      []store.StageMove
	ends        []store.LeadEnd
	handoffs    []handoffOrder
	enrollments []enrollOrder
	colleagues  []int64 // leads whose colleagues hear of it
	verdicts    map[int64]int64
}

type leadTask struct {
	row  *store.Enrollment
	open cadence.OpenTask
}

type handoffOrder struct {
	leadID           int64
	cadenceVersionID int64
	missing          []string
}

type enrollOrder struct {
	leadID int64
	from   cadence.Term
	cycle  int
	enroll cadence.EnrollIn
}

// add takes up the actions of one decision.
func (fx *effects) add(row *store.Enrollment, plan cadence.Plan, settings config.Settings, actions []cadence.Action) {
	leadID := row.LeadID()
	for _, action := range actions {
		switch a := action.(type) {
		case cadence.PlanTouch:
			touch := newTouch(row, plan, a.Step, a.Run, a.Channel, a.Variant, store.TouchPlanned, "", a.WindowEnds)
			touch.Domain = waysOf(row, settings).Room(a.Channel).Domain
			fx.touches = append(fx.touches, touch)
		case cadence.SkipTouch:
			fx.touches = append(fx.touches, newTouch(row, plan, a.Step, a.Run, a.Channel, cadence.Variant{}, store.TouchSkipped, a.Reason, time.Time{}))
		case cadence.CancelOpen:
			fx.cancel(row.ID, a)
		case cadence.OpenTask:
			fx.tasks = append(fx.tasks, leadTask{row, a})
		case cadence.Suppress:
			fx.suppressLead(row, a)
		case cadence.InvalidatePhone:
			fx.badPhones = append(fx.badPhones, leadID)
			fx.callsOff = append(fx.callsOff, leadID)
		case cadence.MoveStage:
			fx.stages = append(fx.stages, store.StageMove{LeadID: leadID, Stage: a.To, Reason: string(a.Reason)})
		case cadence.HandOff:
			fx.handoffs = append(fx.handoffs, handoffOrder{leadID, row.CadenceVersionID, a.Missing})
		case cadence.EnrollIn:
			fx.enrollments = append(fx.enrollments, enrollOrder{leadID, plan.Term, row.Cycle, a})
		case cadence.EndLead:
			fx.ends = append(fx.ends, store.LeadEnd{LeadID: leadID, End: a.End})
		case cadence.TellColleagues:
			fx.colleagues = append(fx.colleagues, leadID)
		}
	}
}

// cancel drops what the same batch planned for the enrolment before, too.
func (fx *effects) cancel(enrollmentID int64, a cadence.CancelOpen) {
	order := store.CancelOrder{EnrollmentID: enrollmentID, Reason: string(a.Reason), Kind: string(a.Kind), Step: -1}
	if a.Only != nil {
		order.Step, order.Run = a.Only.Step, a.Only.Run
	}
	fx.cancels = append(fx.cancels, order)
	if a.Kind != "" {
		fx.tasks = slices.DeleteFunc(fx.tasks, func(t leadTask) bool { return t.row.ID == enrollmentID && t.open.Kind == a.Kind })
		return
	}
	fx.touches = slices.DeleteFunc(fx.touches, func(t store.NewTouch) bool {
		return t.EnrollmentID == enrollmentID && t.State == store.TouchPlanned && (a.Only == nil || t.Step == a.Only.Step && t.Run == a.Only.Run)
	})
}

// suppressLead forbids the lead's own addresses. SuppressAll bars both: who leaves is left alone on every channel.
func (fx *effects) suppressLead(row *store.Enrollment, a cadence.Suppress) {
	if row.Email != "" && a.Scope != cadence.SuppressPhone {
		fx.suppress = append(fx.suppress, store.Suppression{Address: row.Email, Scope: a.Scope, Reason: string(a.Reason)})
	}
	if row.Phone != "" && a.Scope != cadence.SuppressEmail {
		fx.suppress = append(fx.suppress, store.Suppression{Address: row.Phone, Scope: a.Scope, Reason: string(a.Reason)})
	}
	if a.Scope != cadence.SuppressEmail {
		fx.callsOff = append(fx.callsOff, row.LeadID())
	}
	if a.Scope != cadence.SuppressPhone {
		fx.lettersOff = append(fx.lettersOff, row.LeadID())
	}
}

func newTouch(row *store.Enrollment, plan cadence.Plan, step, run int, channel cadence.Channel, variant cadence.Variant,
	state store.TouchState, reason cadence.Reason, windowEnds time.Time,
) store.NewTouch {
	address := row.Phone
	if channel == cadence.ChannelEmail || plan.Steps[step].Kind == cadence.StepManualEmail {
		address = row.Email
	}
	return store.NewTouch{
		EnrollmentID: row.ID, LeadID: row.LeadID(), Cycle: row.Cycle, Budget: row.Budget, Attempts: row.Attempts, Step: step, Run: run,
		StepKey: plan.Steps[step].Key, Channel: channel, Variant: variant, Sender: cadence.Ways{Mailbox: row.Mailbox, Owner: row.Owner}.Room(channel).Sender, Address: address,
		State: state, Reason: reason, WindowEnds: windowEnds,
	}
}

// taken are the leads whom a cadence or sales gets.
func (fx *effects) taken() []int64 {
	var ids []int64
	for _, o := range fx.handoffs {
		ids = append(ids, o.leadID)
	}
	for _, o := range fx.enrollments {
		ids = append(ids, o.leadID)
	}
	return ids
}

// perform carries effects out and returns the events that follow from them.
func (e *Engine) perform(ctx context.Context, tx pgx.Tx, now time.Time, fx *effects) ([]transition, error) {
	if err := e.performCancels(ctx, tx, now, fx); err != nil {
		return nil, err
	}
	if err := store.SaveEnrollments(ctx, tx, fx.saved, now); err != nil {
		return nil, err
	}
	alarms, err := store.InsertTouches(ctx, tx, fx.touches, now)
	if err != nil {
		return nil, err
	}
	if err := e.insertJobs(ctx, tx, batchJobs(alarms)); err != nil {
		return nil, err
	}
	if err := store.InsertSuppressions(ctx, tx, fx.suppress, now); err != nil {
		return nil, fmt.Errorf("suppress: %w", err)
	}
	if len(fx.badPhones) > 0 {
		if err := store.InvalidatePhones(ctx, tx, fx.badPhones); err != nil {
			return nil, fmt.Errorf("invalidate phones: %w", err)
		}
		if err := store.EndWindows(ctx, tx, fx.badPhones, now); err != nil {
			return nil, err
		}
	}
	if err := store.MoveStages(ctx, tx, fx.stages, now); err != nil {
		return nil, fmt.Errorf("move stages: %w", err)
	}
	if err := e.performEnds(ctx, tx, now, fx); err != nil {
		return nil, err
	}
	if err := e.openTasks(ctx, tx, now, fx.tasks); err != nil {
		return nil, err
	}
	if err := e.offerHandoffs(ctx, tx, now, fx.handoffs, fx.verdicts); err != nil {
		return nil, err
	}
	follow, err := e.enroll(ctx, tx, now, fx.enrollments)
	if err != nil {
		return nil, err
	}
	told, err := e.tellColleagues(ctx, tx, fx.colleagues)
	return append(follow, told...), err
}

func (e *Engine) performCancels(ctx context.Context, tx pgx.Tx, now time.Time, fx *effects) error {
	if err := store.CancelOpen(ctx, tx, fx.cancels, now); err != nil {
		return fmt.Errorf("cancel what is open: %w", err)
	}
	if err := store.CancelCalls(ctx, tx, fx.callsOff, now); err != nil {
		return fmt.Errorf("cancel calls: %w", err)
	}
	if err := store.CancelLetters(ctx, tx, fx.lettersOff, now); err != nil {
		return fmt.Errorf("cancel letters: %w", err)
	}
	return store.CloseUntilTaken(ctx, tx, fx.taken(), now)
}

func (e *Engine) performEnds(ctx context.Context, tx pgx.Tx, now time.Time, fx *effects) error {
	if err := store.EndLeads(ctx, tx, fx.ends, now); err != nil {
		return fmt.Errorf("end leads: %w", err)
	}
	var ended []int64
	for _, end := range fx.ends {
		ended = append(ended, end.LeadID)
	}
	if len(ended) == 0 {
		return nil
	}
	if err := store.WithdrawHandoffs(ctx, tx, ended, "the lead ended", now); err != nil {
		return fmt.Errorf("withdraw handoffs: %w", err)
	}
	return nil
}

// openTasks asks the leads' SDRs to do something.
func (e *Engine) openTasks(ctx context.Context, tx pgx.Tx, now time.Time, open []leadTask) error {
	tasks := make([]store.Task, len(open))
	named, err := namers(ctx, tx, open)
	if err != nil {
		return err
	}
	var ripe []*store.Task
	for i, o := range open {
		var enrollmentID *int64
		if o.row.ID != 0 {
			enrollmentID = &o.row.ID
		}
		tasks[i] = store.Task{
			LeadID: o.row.LeadID(), EnrollmentID: enrollmentID, Kind: o.open.Kind, Owner: o.row.Owner, Ask: o.open.Ask,
			Title: taskTitle(o.open.Kind, o.row.FullName(), o.open.Ask), Why: o.open.Reason.Sentence(), OpenedAt: now, DueAt: o.open.DueBy,
		}
		if o.open.Dated {
			tasks[i].NotBefore = &tasks[i].DueAt
		}
		if o.open.UntilTaken {
			tasks[i].UntilTaken, tasks[i].EnrollmentID = true, nil // a cadence that is over has nothing to do with it
			tasks[i].Title, tasks[i].Why = untakenTask(&tasks[i], o.row.ReferredBy, named)
		}
		if o.open.Kind == cadence.TaskReview {
			tasks[i].Why = "The cadence rests until somebody resumes it. " + tasks[i].Why
		}
		if o.open.Reason == cadence.ReasonTime {
			ripe = append(ripe, &tasks[i])
		}
	}
	if len(ripe) > 0 {
		current, err := e.liveNow(ctx, tx)
		if err != nil {
			return err
		}
		if err := e.spreadRipe(ctx, tx, now, current.config.Settings, ripe); err != nil {
			return err
		}
	}
	return store.InsertLeadTasks(ctx, tx, tasks)
}

// namers are the leads that named those whom tasks of open ask somebody to get in touch with until a cadence takes them, by id.
func namers(ctx context.Context, tx pgx.Tx, open []leadTask) (map[int64]store.Lead, error) {
	var ids []int64
	for _, o := range open {
		if by := o.row.ReferredBy; o.open.UntilTaken && by != nil {
			ids = append(ids, *by)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return store.LeadsByID(ctx, tx, ids)
}

// untakenTask says what somebody is to do about a lead that no audience takes, and why.
func untakenTask(t *store.Task, by *int64, namers map[int64]store.Lead) (title, why string) {
	title, why = t.Title, t.Why
	if by != nil {
		if namer, known := namers[*by]; known {
			title, why = title+", whom "+namer.FullName()+" named", namer.FullName()+" named this person. "+why
		}
	}
	return title, why + " If the lead agrees, put it into a cadence on its page; if not, the outcome ends it."
}

// taskTitle says what somebody is to do about a lead; ask is what to find out.
func taskTitle(kind cadence.TaskKind, name string, ask []string) string {
	switch kind {
	case cadence.TaskTriage:
		return "Read what " + name + " wrote and say what it means"
	case cadence.TaskVerify:
		return "Call " + name + " and confirm the answers"
	case cadence.TaskDossier:
		if len(ask) == 0 { // it was taken back from sales, and nothing is missing
			return "Call " + name + " before sales gets the lead"
		}
		return "Call " + name + " and complete the dossier"
	case cadence.TaskReferral:
		return "Follow up the person that " + name + " named"
	case cadence.TaskCallback:
		return "Call " + name + " back as asked"
	case cadence.TaskManualEmail:
		return "Write to " + name
	case cadence.TaskReview:
		return "Look after " + name + ", whose cadence rests until somebody resumes it"
	case cadence.TaskCall:
	}
	return "Call " + name
}

// enroll begins the cadences that leads move to. A move between an active and a long-term cadence, and a long-term cadence begun
// again, begin a new cycle with a fresh budget (B4).
func (e *Engine) enroll(ctx context.Context, tx pgx.Tx, now time.Time, orders []enrollOrder) ([]transition, error) {
	if len(orders) == 0 {
		return nil, nil
	}
	current, err := e.liveNow(ctx, tx)
	if err != nil {
		return nil, err
	}
	rows := make([]store.NewEnrollment, 0, len(orders))
	events := make([]cadence.Event, 0, len(orders))
	for _, o := range orders {
		version, ok := current.cadences[o.enroll.Cadence]
		if !ok {
			// The cadence was retired after this enrolment had pinned its own, or there never was one: intake finds the lead another.
			again := o.enroll.NotBefore
			if again == nil {
				again = &now
			}
			if err := store.SaveIntake(ctx, tx, []store.IntakeResult{{LeadID: o.leadID, Again: again}}); err != nil {
				return nil, err
			}
			continue
		}
		plan := current.config.Plans[o.enroll.Cadence]
		rows = append(rows, store.NewEnrollment{
			LeadID: o.leadID, CadenceVersionID: version.ID, Budget: plan.Budget,
			NewCycle: cadence.BeginsCycle(o.from, plan.Term),
		})
		events = append(events, cadence.Enrolled{NotBefore: o.enroll.NotBefore})
	}
	ids, err := store.InsertEnrollments(ctx, tx, rows, now)
	if err != nil {
		return nil, err
	}
	follow := make([]transition, len(ids))
	for i, id := range ids {
		follow[i] = transition{enrollmentID: id, event: events[i]}
	}
	return follow, nil
}

func (e *Engine) tellColleagues(ctx context.Context, tx pgx.Tx, leadIDs []int64) ([]transition, error) {
	if len(leadIDs) == 0 {
		return nil, nil
	}
	ids, err := store.RunningColleagues(ctx, tx, leadIDs)
	if err != nil {
		return nil, fmt.Errorf("find colleagues: %w", err)
	}
	told := make([]transition, len(ids))
	for i, id := range ids {
		told[i] = transition{enrollmentID: id, event: cadence.ColleagueResponded{}}
	}
	return told, nil
}
