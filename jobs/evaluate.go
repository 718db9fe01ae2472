package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
	"nurture/store"
)

// evaluateWorker weighs leads against the definition after their responses.
type evaluateWorker struct {
	river.WorkerDefaults[Evaluate]
	engine *Engine
}

// Work evaluates the leads of the job's responses, each once on all that is known of it. Run again, it finds the responses evaluated
// and does nothing. A response that makes it fail keeps no other from being evaluated (K3).
func (w *evaluateWorker) Work(ctx context.Context, job *river.Job[Evaluate]) error {
	return inParts(job.Args.ResponseIDs, func(ids []int64) error {
		return w.engine.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
			due, err := store.LockUnevaluated(ctx, tx, ids)
			if err != nil || len(due) == 0 {
				return err
			}
			return w.engine.evaluate(ctx, tx, now, due)
		})
	})
}

// evaluate gives each lead of the responses a verdict and lets its cadence act on it.
func (e *Engine) evaluate(ctx context.Context, tx pgx.Tx, now time.Time, responses []store.Response) error {
	current, err := e.liveNow(ctx, tx)
	if errors.Is(err, ErrNotReady) {
		return fmt.Errorf("evaluate: %w", err) // tried again by River, when there is a definition
	}
	if err != nil {
		return err
	}
	because := map[int64]int64{} // lead → its latest response
	var leadIDs, responseIDs []int64
	for _, r := range responses {
		if because[r.LeadID] == 0 {
			leadIDs = append(leadIDs, r.LeadID)
		}
		because[r.LeadID] = r.ID
		responseIDs = append(responseIDs, r.ID)
	}
	latest, err := lockLatest(ctx, tx, leadIDs)
	if err != nil {
		return err
	}
	w, err := e.weigh(ctx, tx, now, current, leadIDs, latest, uld.ByResponse)
	if err != nil {
		return err
	}
	for i := range w.verdicts {
		w.verdicts[i].ResponseID = because[w.verdicts[i].LeadID]
	}
	verdicts, err := storeVerdicts(ctx, tx, now, current, w.verdicts)
	if err != nil {
		return err
	}
	if err := e.apply(ctx, tx, now, w.events, verdicts); err != nil {
		return err
	}
	if err := e.saveTurns(ctx, tx, w.turns); err != nil {
		return err
	}
	// What was answered may be what an audience asks for.
	if err := store.ReconsiderLeads(ctx, tx, leadIDs, now); err != nil {
		return err
	}
	return store.MarkEvaluated(ctx, tx, responseIDs, now)
}

// storeVerdicts stores verdicts, and the readiness that leads have by them. It returns the ids of the verdicts by lead.
func storeVerdicts(ctx context.Context, tx pgx.Tx, now time.Time, current *live, rows []store.NewVerdict) (map[int64]int64, error) {
	ids, err := store.InsertVerdicts(ctx, tx, current.version.ULDHash, rows)
	if err != nil {
		return nil, err
	}
	if err := store.SetReadiness(ctx, tx, rows, now); err != nil {
		return nil, fmt.Errorf("note readiness: %w", err)
	}
	return ids, nil
}

// weighed is what an evaluation says, a lead each at the same index: the verdict, the event that tells its cadence, and when time alone will change
// the verdict.
type weighed struct {
	verdicts []store.NewVerdict
	events   []transition
	turns    []store.LeadTurn
}

// weigh holds what is known of leads against the definition.
func (e *Engine) weigh(ctx context.Context, tx pgx.Tx, now time.Time, current *live, leadIDs []int64, latest map[int64]int64, by uld.Occasion) (weighed, error) {
	var w weighed
	leads, err := store.Leads(ctx, tx, leadIDs)
	if err != nil {
		return w, err
	}
	facts, err := store.Facts(ctx, tx, leadIDs)
	if err != nil {
		return w, err
	}
	refused, err := store.LastRefusals(ctx, tx, leadIDs, cadence.Refusals())
	if err != nil {
		return w, err
	}
	var named map[int64]*time.Time
	if by == uld.ByTime {
		if named, err = store.NamedDays(ctx, tx, leadIDs, cadence.Refusals(), now); err != nil {
			return w, err
		}
	}
	definition := current.config.Definition
	for i := range leads {
		lead := &leads[i]
		known := facts[lead.ID]
		verdict := uld.Evaluate(definition, known, lead.Origin == "self_qualified", now)
		w.verdicts = append(w.verdicts, store.NewVerdict{LeadID: lead.ID, Verdict: verdict, Reason: by})
		w.events = append(w.events, transition{leadID: lead.ID, enrollmentID: latest[lead.ID], event: cadence.Evaluated{
			Outcome: verdict.Outcome, Verify: verdict.Verify, Missing: uld.MissingForHandoff(definition, known),
			Declined: uld.Declined(known, refused[lead.ID]), ByTime: by == uld.ByTime, Named: named[lead.ID],
		}})
		w.turns = append(w.turns, turnOf(definition, lead, known, now))
	}
	return w, nil
}

// uldFact shortens signatures.
type uldFact = uld.Fact

// fieldsWithFacts are a lead's fields for predicates, with the answers in force.
func fieldsWithFacts(lead cadence.Lead, definition uld.Definition, facts []uldFact, now time.Time) map[string]predicate.Value {
	uld.AddAnswers(lead.Fields, definition.Answers(facts, now))
	return lead.Fields
}

// openQuestions are the criteria and dossier items that no person has confirmed an answer to yet, required ones first.
func openQuestions(d uld.Definition, facts []uldFact) []string {
	held, _ := uld.Current(facts)
	var required, other []string
	ask := func(key string, must bool, enough uld.Class) {
		switch f, ok := held[key]; {
		case ok && f.Class >= enough:
		case must:
			required = append(required, key)
		default:
			other = append(other, key)
		}
	}
	for _, c := range d.Criteria {
		ask(c.Key, c.Required, c.Evidence)
	}
	for _, item := range d.Dossier {
		ask(item.Key, item.Required, uld.SelfAsserted)
	}
	return append(required, other...)
}
