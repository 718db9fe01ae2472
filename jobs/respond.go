package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"nurture/cadence"
	"nurture/cadence/uld"
	"nurture/store"
)

// ResponseInput is something that a lead did back, as it arrives from outside.
type ResponseInput struct {
	LeadID  int64
	TouchID int64 // the touch that it answers; 0 when it is not known
	Kind    cadence.ResponseKind
	// Source and ExternalID identify the event: the same pair a second time changes nothing (D10).
	Source, ExternalID string
	Said               string
	Date               *time.Time // return date or stated date
	By                 string
	At                 time.Time // when it happened; zero is now
	Answers            []uld.Fact
	// Confirms says that a person heard the answers: they become human-confirmed. Else they are the lead's own word.
	Confirms bool
	// Named says that it names somebody else to talk to.
	Named bool
	// People are those whom it names: each is proposed as a lead, for a person to decide.
	People []NamedPerson

	inARow int // soft bounces: how many, this one included
	// hearsay is a bounce that anybody who got our mail could have written: it says nothing of the mailbox by itself.
	hearsay bool
}

// Respond takes responses in: each is stored, its answers become facts, the cadence reacts at once, and an evaluation against the
// definition is enqueued, all in one transaction (A8, D3, K5). It returns the response ids in order, 0 for one that was known.
// store.ErrNotFound when a lead is not there any more.
func (e *Engine) Respond(ctx context.Context, inputs []ResponseInput) ([]int64, error) {
	var ids []int64
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		var err error
		ids, err = e.respondIn(ctx, tx, now, inputs)
		return err
	})
	return ids, err
}

// respondIn is Respond in a transaction that may hold more.
func (e *Engine) respondIn(ctx context.Context, tx pgx.Tx, now time.Time, inputs []ResponseInput) ([]int64, error) {
	leadIDs := make([]int64, len(inputs))
	for i, in := range inputs {
		leadIDs[i] = in.LeadID
	}
	// Lock first: what a worker has claimed under the lock is settled, what it has not it will find stopped; and the steps of touches
	// have the numbers of the version that the enrolment is on.
	enrollments, err := lockLatest(ctx, tx, leadIDs)
	if err != nil {
		return nil, err
	}
	touches, err := e.locate(ctx, tx, inputs)
	if err != nil {
		return nil, err
	}
	if err := e.believeProofs(ctx, tx, now, touches); err != nil {
		return nil, err
	}
	rows := responseRows(inputs, touches, enrollments, now)
	ids, err := store.InsertResponses(ctx, tx, rows)
	if refersToNothing(err) {
		return nil, fmt.Errorf("a lead that responded was erased meanwhile: %w: %w", store.ErrNotFound, err)
	}
	if err != nil {
		return nil, err
	}
	var fresh []int64
	var news []ResponseInput
	var facts []store.LeadFact
	var touched []int64
	var results []string
	for i, in := range inputs {
		if ids[i] == 0 {
			continue
		}
		fresh, news = append(fresh, ids[i]), append(news, in)
		facts = append(facts, answersOf(in, ids[i], rows[i].At)...)
		if t, ok := touches[in.TouchID]; ok && in.Kind != cadence.Click { // what somebody said is not hidden by what somebody opened
			touched, results = append(touched, t.TouchID), append(results, string(in.Kind))
		}
	}
	if len(fresh) == 0 {
		return ids, nil
	}
	if _, err := store.InsertFacts(ctx, tx, facts); err != nil {
		return nil, err
	}
	if err := e.propose(ctx, tx, now, news, fresh); err != nil {
		return nil, err
	}
	if err := store.SetTouchResults(ctx, tx, touched, results); err != nil {
		return nil, err
	}
	if err := countSoftBounces(ctx, tx, now, news); err != nil {
		return nil, err
	}
	if err := e.watchSenders(ctx, tx, now, news, touches); err != nil {
		return nil, err
	}
	current, err := aboutCurrentAddresses(ctx, tx, news, touches)
	if err != nil {
		return nil, err
	}
	if err := e.react(ctx, tx, now, current, touches); err != nil {
		return nil, err
	}
	if err := barWhereMailWent(ctx, tx, now, news, touches); err != nil {
		return nil, err
	}
	return ids, e.insertJobs(ctx, tx, []river.InsertManyParams{
		{Args: Evaluate{ResponseIDs: fresh}, InsertOpts: &river.InsertOpts{Queue: queueEvaluate}},
	})
}

// aboutCurrentAddresses leaves out the bounces of addresses that their leads no longer have: they say nothing of the new ones.
func aboutCurrentAddresses(ctx context.Context, tx pgx.Tx, news []ResponseInput, touches map[int64]store.TouchRef) ([]ResponseInput, error) {
	var leadIDs []int64
	for _, in := range news {
		if in.Kind.IsBounce() {
			leadIDs = append(leadIDs, in.LeadID)
		}
	}
	if len(leadIDs) == 0 {
		return news, nil
	}
	leads, err := store.Leads(ctx, tx, leadIDs)
	if err != nil {
		return nil, err
	}
	addresses := make(map[int64]string, len(leads))
	for _, l := range leads {
		addresses[l.ID] = l.Email
	}
	return slices.DeleteFunc(slices.Clone(news), func(in ResponseInput) bool {
		t, known := touches[in.TouchID]
		return in.Kind.IsBounce() && known && t.Channel == cadence.ChannelEmail && t.Address != "" && !strings.EqualFold(t.Address, addresses[in.LeadID])
	}), nil
}

// barWhereMailWent forbids, beside the addresses that a lead has when it asks out, the one that the mail it answers went to.
func barWhereMailWent(ctx context.Context, tx pgx.Tx, now time.Time, news []ResponseInput, touches map[int64]store.TouchRef) error {
	var rows []store.Suppression
	for _, in := range news {
		t, known := touches[in.TouchID]
		if known && t.Address != "" && (in.Kind == cadence.Unsubscribe || in.Kind == cadence.Complaint) {
			rows = append(rows, store.Suppression{Address: t.Address, Scope: cadence.SuppressAll, Reason: string(cadence.ReasonOptedOut)})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return store.InsertSuppressions(ctx, tx, rows, now)
}

// react tells the cadences. Several responses of one lead act one behind the other, as if each had come by itself: the first may move the
// lead to another cadence, which the second then finds it in.
func (e *Engine) react(ctx context.Context, tx pgx.Tx, now time.Time, inputs []ResponseInput, touches map[int64]store.TouchRef) error {
	for len(inputs) > 0 {
		var wave, later []ResponseInput
		var leadIDs []int64
		seen := map[int64]bool{}
		for _, in := range inputs {
			if seen[in.LeadID] {
				later = append(later, in)
				continue
			}
			seen[in.LeadID] = true
			wave, leadIDs = append(wave, in), append(leadIDs, in.LeadID)
		}
		// Looked up again: a lead that had no enrolment may have got one until its response was stored, where intake held the lead.
		enrollments, err := lockLatest(ctx, tx, leadIDs)
		if err != nil {
			return err
		}
		ts := make([]transition, len(wave))
		for i, in := range wave {
			id := enrollments[in.LeadID]
			ts[i] = transition{leadID: in.LeadID, enrollmentID: id, event: respondedEvent(in, id, touches)}
		}
		if err := e.apply(ctx, tx, now, ts, nil); err != nil {
			return err
		}
		inputs = later
	}
	return nil
}

// responseRows are responses as they are stored.
func responseRows(inputs []ResponseInput, touches map[int64]store.TouchRef, enrollments map[int64]int64, now time.Time) []store.Response {
	rows := make([]store.Response, len(inputs))
	for i, in := range inputs {
		rows[i] = store.Response{
			LeadID: in.LeadID, Kind: in.Kind, Source: in.Source, ExternalID: in.ExternalID, Said: in.Said, Date: in.Date, By: in.By, At: in.At,
		}
		if in.At.IsZero() {
			rows[i].At = now
		}
		if t, ok := touches[in.TouchID]; ok {
			rows[i].TouchID, rows[i].EnrollmentID = &t.TouchID, &t.EnrollmentID
		} else if id, ok := enrollments[in.LeadID]; ok {
			rows[i].EnrollmentID = &id
		}
	}
	return rows
}

// lockLatest locks the newest enrolment of each lead that has one and returns them: lead id → enrolment id. While one is being locked its
// lead may move on to another; then that one is locked too. A lead only ever leaves an enrolment under its lock, and none that is in no cadence is
// enrolled meanwhile, so what is returned stays the newest until the transaction ends.
func lockLatest(ctx context.Context, tx pgx.Tx, leadIDs []int64) (map[int64]int64, error) {
	locked := map[int64]bool{}
	latest, err := lockOthers(ctx, tx, leadIDs, locked)
	if err != nil {
		return nil, err
	}
	idle, err := store.KeepIdle(ctx, tx, leadIDs)
	if err != nil || idle == 0 {
		return latest, err
	}
	return lockOthers(ctx, tx, leadIDs, locked) // and whoever enrolled one of them while it was waited for is seen now
}

// lockNewest is lockLatest for who is about to lock the leads themselves: one that is in no cadence may be enrolled until then.
func lockNewest(ctx context.Context, tx pgx.Tx, leadIDs []int64) (map[int64]int64, error) {
	if len(leadIDs) == 0 {
		return nil, nil
	}
	return lockOthers(ctx, tx, leadIDs, map[int64]bool{})
}

// lockOthers locks the newest enrolments of leads until all of them are locked, beside those that are, and returns the newest.
func lockOthers(ctx context.Context, tx pgx.Tx, leadIDs []int64, locked map[int64]bool) (map[int64]int64, error) {
	for {
		latest, err := store.LatestEnrollments(ctx, tx, leadIDs)
		if err != nil {
			return nil, err
		}
		var open []int64
		for _, id := range latest {
			if !locked[id] {
				open = append(open, id)
				locked[id] = true
			}
		}
		if len(open) == 0 {
			return latest, nil
		}
		if err := store.LockOnly(ctx, tx, open); err != nil {
			return nil, err
		}
	}
}

// knownKinds are all kinds of responses: each has a rule.
var knownKinds = cadence.DefaultRules()

// locate finds the touches that responses answer. An answer that names a touch of another lead
// fails: somebody mixed up ids.
func (e *Engine) locate(ctx context.Context, tx pgx.Tx, inputs []ResponseInput) (map[int64]store.TouchRef, error) {
	var touchIDs []int64
	for _, in := range inputs {
		if _, known := knownKinds[in.Kind]; !known {
			return nil, fmt.Errorf("%q is no kind of response", in.Kind)
		}
		if in.TouchID != 0 {
			touchIDs = append(touchIDs, in.TouchID)
		}
	}
	refs, err := store.TouchRefs(ctx, tx, touchIDs)
	if err != nil {
		return nil, err
	}
	touches := make(map[int64]store.TouchRef, len(refs))
	for _, r := range refs {
		touches[r.TouchID] = r
	}
	for _, in := range inputs {
		if t, ok := touches[in.TouchID]; ok && t.LeadID != in.LeadID {
			return nil, fmt.Errorf("touch %d belongs to lead %d, not to lead %d", in.TouchID, t.LeadID, in.LeadID)
		}
	}
	return touches, nil
}

// respondedEvent tells the core which step a response answers; −1 when it answers none of this enrolment.
func respondedEvent(in ResponseInput, enrollmentID int64, touches map[int64]store.TouchRef) cadence.Responded {
	event := cadence.Responded{Kind: in.Kind, Step: -1, Date: in.Date, InARow: in.inARow, Named: in.Named}
	if t, ok := touches[in.TouchID]; ok && t.EnrollmentID == enrollmentID {
		event.Step, event.Run = t.Step, t.Run
	}
	return event
}

func answersOf(in ResponseInput, responseID int64, at time.Time) []store.LeadFact {
	class := uld.SelfAsserted
	if in.Confirms {
		class = uld.HumanConfirmed
	}
	facts := make([]store.LeadFact, len(in.Answers))
	for i, f := range in.Answers {
		f.Class, f.ResponseID, f.By, f.At = class, responseID, in.By, at
		facts[i] = store.LeadFact{LeadID: in.LeadID, Fact: f}
	}
	return facts
}
