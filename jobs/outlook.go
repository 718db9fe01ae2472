package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
	"nurture/config"
	"nurture/store"
)

// Outlook says what is next for a lead, when, and the exact reason why not sooner, with everything that decides it (B10).
type Outlook struct {
	Next         string
	At           *time.Time     // nil when only an event brings it about, or nothing comes any more
	Reason       string         // why not sooner, by name
	Sentence     string         // the same as a sentence
	Skip         string         // why the step in hand will be left out when its time comes, if all stays as it is, by name; else ""
	Run          *Run           // the latest enrolment; nil when there was none
	SenderPaused string         // why the mailbox that the next mail would leave from sends nothing; "" when it does
	SenderStuck  *store.Trouble // why nothing leaves from where the next touch would, though it is not paused; nil while it does, as far as is known
	Capacity     string         // whose allowance is spent, and how much it is, when that is what a due step waits for; else ""
	Touches      []store.WaitingTouch
	Suppressions []store.StandingSuppression
	Tasks        []store.Task    // open ones
	Handoffs     []store.Handoff // open ones
	Audiences    []AudienceView  // of a lead that no cadence has
	Facts        []uld.Fact      // all that the lead answered, the oldest first
	Turn         *uld.Verdict    // what the lead will be weighed as, and when, if nothing is heard of it until then; nil when time alone changes nothing
}

// Run is an enrolment as people look at it.
type Run struct {
	ID                  int64
	Cadence             string
	Version             int
	State, Reason       string
	Cycle, Spent        int // attempts spent of Budget
	Budget              int
	Window, CallHours   string
	WindowOpen, CallsOn bool // now
}

// AudienceView says whether a live cadence would take a lead.
type AudienceView struct {
	Cadence string
	Matches bool
	Manual  bool // it never enrols by itself
	Why     string
}

// Outlook gathers what is next for a lead.
func (e *Engine) Outlook(ctx context.Context, lead *store.Lead) (Outlook, error) {
	var o Outlook
	current, err := e.liveNow(ctx, e.pool)
	if errors.Is(err, ErrNotReady) {
		current, err = nil, nil
	}
	if err != nil {
		return o, err
	}
	if err := e.gatherOpen(ctx, lead, &o); err != nil {
		return o, err
	}
	facts, err := store.Facts(ctx, e.pool, []int64{lead.ID})
	if err != nil {
		return o, err
	}
	o.Facts = facts[lead.ID]
	if o.Turn, err = e.turnAhead(ctx, current, lead, o.Facts); err != nil {
		return o, err
	}
	rows, err := store.LeadEnrollments(ctx, e.pool, lead.ID)
	if err != nil {
		return o, err
	}
	if len(rows) > 0 {
		if err := e.lookAtRun(ctx, rows[0], current, &o); err != nil {
			return o, err
		}
		if o.Run.State != string(cadence.Finished) {
			return o, nil
		}
	}
	o.outside(lead, current != nil)
	if current != nil && lead.EndReason == "" && len(o.Handoffs) == 0 {
		o.Audiences = audiences(current.config, lead, o.Facts, e.now())
	}
	return o, nil
}

// lookAtRun explains the latest enrolment, by the plan that it began with.
func (e *Engine) lookAtRun(ctx context.Context, row store.Enrollment, current *live, o *Outlook) error {
	rows := []store.Enrollment{row}
	if err := e.definitions.pin(ctx, e.pool, rows); err != nil {
		return err
	}
	versions, err := store.CadenceVersions(ctx, e.pool, []int64{row.CadenceVersionID})
	if err != nil {
		return err
	}
	if len(versions) == 0 {
		return fmt.Errorf("cadence version %d: %w", row.CadenceVersionID, store.ErrNotFound)
	}
	now, pinned := e.now(), e.definitions.of(row.CadenceVersionID)
	row.Answers = pinned.config.Definition.Answers(o.Facts, now)
	core := row.Core(pinned.settings.Zone)
	plan := pinned.plan(core.Lead)
	x := cadence.Why(plan, core, now)
	o.Next, o.At, o.Reason, o.Sentence, o.Skip = x.Next, x.At, string(x.Reason), x.Sentence, string(x.Skip)
	o.Run = &Run{
		ID: row.ID, Cadence: plan.Key, Version: versions[0].Number, State: row.State, Reason: row.Reason, Cycle: row.Cycle, Spent: row.Attempts, Budget: row.Budget,
		Window: plan.Window.String(), WindowOpen: plan.Window.Allows(core.Lead.Place, now),
		CallHours: plan.CallHours.String(), CallsOn: plan.CallHours.Allows(core.Lead.Place, now),
	}
	if core.State == cadence.Paused && core.Due == nil {
		o.tellReview()
	}
	room := roomIn(&row)
	if core.InFlight && core.Step >= 0 && core.Step < len(plan.Steps) {
		step := plan.Steps[core.Step]
		room = waysOf(&row, pinned.settings).Room(step.Kind.Channel())
		o.tellLapse(step, row.ID)
	}
	if x.Reason == cadence.ReasonCapacity && current != nil {
		reason, words, err := e.Waiting(ctx, row)
		if err != nil {
			return err
		}
		if reason != "" {
			o.Reason, o.Sentence, o.Capacity = string(reason), reason.Sentence(), words
		}
	}
	return e.lookAtSender(ctx, room, current, o)
}

// lookAtSender tells why nothing leaves from where a lead's next touch would.
func (e *Engine) lookAtSender(ctx context.Context, room store.Room, current *live, o *Outlook) error {
	if o.Run.State == string(cadence.Finished) || room.Sender == "" || current == nil {
		return nil
	}
	if room.Channel == string(cadence.ChannelEmail) {
		paused, err := store.PausedSenders(ctx, e.pool)
		if err != nil {
			return err
		}
		if why, held := paused[room.Sender]; held {
			o.SenderPaused = room.Sender + ": " + why
			return nil
		}
	}
	troubles, err := Troubles(ctx, e.pool, current.config.Settings, e.realNow())
	o.SenderStuck = troubleOf(troubles, room.Channel, room.Sender)
	return err
}

// tellLapse says until when a person has time for the step in hand, which an enrolment waits for.
func (o *Outlook) tellLapse(step cadence.Step, enrollmentID int64) {
	for _, t := range o.Tasks {
		if t.TouchID == nil || t.ExpiresAt == nil || t.EnrollmentID == nil || *t.EnrollmentID != enrollmentID {
			continue
		}
		at := *t.ExpiresAt
		if t.State == store.TaskClaimed && t.ClaimedUntil != nil && t.ClaimedUntil.After(at) {
			at = *t.ClaimedUntil
		}
		then := "goes on"
		if step.Overdue == cadence.OverdueFinish {
			then = "ends"
		}
		o.At = &at
		o.Sentence += fmt.Sprintf(" Unless somebody does task %d before, it lapses then, and the cadence %s.", t.ID, then)
	}
}

// tellReview says who is asked, and when, to look after a lead that rests until somebody resumes it.
func (o *Outlook) tellReview() {
	for _, t := range o.Tasks {
		if t.Kind == cadence.TaskReview {
			o.Sentence += fmt.Sprintf(" Task %d asks %s to look after it on %s.", t.ID, t.Owner, t.DueAt.Format("2 January 2006"))
		}
	}
}

func (e *Engine) gatherOpen(ctx context.Context, lead *store.Lead, o *Outlook) error {
	var err error
	if o.Touches, err = store.WaitingTouches(ctx, e.pool, lead.ID); err != nil {
		return err
	}
	addresses := []string{lead.Email, "", lead.Phone}
	if _, domain, ok := strings.Cut(lead.Email, "@"); ok {
		addresses[1] = "@" + domain
	}
	if o.Suppressions, err = store.FindSuppressions(ctx, e.pool, addresses); err != nil {
		return err
	}
	tasks, err := store.LeadTasks(ctx, e.pool, lead.ID)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if t.State == store.TaskOpen || t.State == store.TaskClaimed {
			o.Tasks = append(o.Tasks, t)
		}
	}
	handoffs, err := store.LeadHandoffs(ctx, e.pool, lead.ID)
	for _, h := range handoffs {
		if h.State == store.HandoffBlocked || h.State.Waits() || h.State == store.HandoffAccepted {
			o.Handoffs = append(o.Handoffs, h)
		}
	}
	return err
}

// audiences explains for each live cadence whether its audience rule takes a lead.
func audiences(cfg *config.Config, lead *store.Lead, facts []uld.Fact, now time.Time) []AudienceView {
	fields := fieldsWithFacts(lead.Core(cfg.Settings.Zone), cfg.Definition, facts, now)
	look := func(field string) (predicate.Value, bool) { v, ok := fields[field]; return v, ok }
	var views []AudienceView
	for _, key := range slices.Sorted(maps.Keys(cfg.Plans)) {
		plan := cfg.Plans[key]
		view := AudienceView{Cadence: key, Manual: plan.IntakePerDay < 0, Matches: true, Why: "it takes every lead"}
		if !plan.Audience.IsZero() {
			view.Matches, view.Why = plan.Audience.Eval(look) == predicate.True, plan.Audience.Explain(look)
		}
		views = append(views, view)
	}
	return views
}

// outside says what is next for a lead that no cadence has.
func (o *Outlook) outside(lead *store.Lead, applied bool) {
	o.At = nil
	switch {
	case lead.EndReason != "":
		o.Next, o.Reason, o.Sentence = "nothing: nurturing has ended", lead.EndReason, endSentence(lead.EndReason)
	case len(o.Handoffs) > 0:
		h := o.Handoffs[len(o.Handoffs)-1]
		o.Next, o.Reason = fmt.Sprintf("handoff %d is %s", h.ID, h.State), string(cadence.ReasonPromoted)
		o.Sentence = cadence.ReasonPromoted.Sentence()
	case len(o.Tasks) > 0:
		t := o.Tasks[0]
		o.Next, o.At, o.Reason = fmt.Sprintf("task %d: %s", t.ID, t.Title), &t.DueAt, string(cadence.ReasonAwaitingTask)
		o.Sentence = cadence.ReasonAwaitingTask.Sentence()
	case lead.IntakeAt != nil && !applied:
		o.Next = "audience rules look at it"
		o.Sentence = "It waits until a signed definition is live: nurture uld sign, then nurture apply."
	case lead.IntakeAt != nil:
		o.Next, o.At = "audience rules look at it", lead.IntakeAt
		o.Sentence = "They do so while nurture serve or nurture work runs."
		if lead.IntakeNote != "" {
			o.Sentence = capital(lead.IntakeNote) + "."
		}
	case lead.IntakeNote != "":
		o.Next, o.Sentence = "nothing until the cadences change", capital(lead.IntakeNote)+". It is looked at again when the cadences change or its data does; a person can put it into one."
	default:
		o.Next, o.Reason = "nothing", ""
		o.Sentence = "Nothing is under way and nothing is due: this is a leak. nurture enroll puts the lead into a cadence."
	}
}

// endSentence says why a lead ended; most ends are reasons as well.
func endSentence(end string) string {
	if s := cadence.Reason(end).Sentence(); !strings.HasPrefix(s, "The reason on record") {
		return s
	}
	return capital(strings.ReplaceAll(end, "_", " ")) + "."
}

func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}
