package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// Suppressed says what became of a batch of suppressions.
type Suppressed struct {
	New   int `json:"new"`
	Known int `json:"known"` // they were suppressed in that scope before, or stood in the batch twice
	Leads int `json:"leads"` // how many leads have one of the new addresses
}

// Suppress forbids addresses on a scope from now on: all of a batch or none. What waits for the leads that have them is cancelled: tasks
// that need the address close at once, planned touches are refused at their claim. The scope "all" bars every address of those leads: who
// must be left alone is left alone on every channel. What is known changes nothing.
func (e *Engine) Suppress(ctx context.Context, rows []store.Suppression) (Suppressed, error) {
	var done Suppressed
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		fresh, err := store.UnknownSuppressions(ctx, tx, rows)
		if err != nil {
			return fmt.Errorf("look up suppressions: %w", err)
		}
		addresses := make([]string, len(fresh))
		for i, s := range fresh {
			addresses[i] = s.Address
		}
		leads, err := store.LeadsAt(ctx, tx, addresses)
		if err != nil {
			return fmt.Errorf("find the leads of suppressed addresses: %w", err)
		}
		// Lock order: the enrolments before anything that hangs on them.
		leadIDs := distinctLeads(leads)
		latest, err := lockLatest(ctx, tx, leadIDs)
		if err != nil {
			return err
		}
		n, err := store.AddSuppressions(ctx, tx, fresh, now)
		if err != nil {
			return fmt.Errorf("suppress: %w", err)
		}
		done = Suppressed{New: n, Known: len(rows) - n, Leads: len(leadIDs)}
		return e.leaveAlone(ctx, tx, now, leads, fresh, latest)
	})
	return done, err
}

func distinctLeads(leads []store.LeadAt) []int64 {
	var ids []int64
	for _, l := range leads { // in the order of ids
		if len(ids) == 0 || ids[len(ids)-1] != l.LeadID {
			ids = append(ids, l.LeadID)
		}
	}
	return ids
}

// leaveAlone carries new suppressions through to the leads that have the addresses.
func (e *Engine) leaveAlone(ctx context.Context, tx pgx.Tx, now time.Time, leads []store.LeadAt, fresh []store.Suppression, latest map[int64]int64) error {
	byAddress := map[string][]store.Suppression{}
	for _, s := range fresh {
		byAddress[s.Address] = append(byAddress[s.Address], s)
	}
	var others []store.Suppression
	var callsOff, lettersOff []int64
	var ts []transition
	var ends []store.LeadEnd
	for _, l := range leads {
		for _, s := range byAddress[l.Address] {
			if s.Scope != cadence.SuppressEmail {
				callsOff = append(callsOff, l.LeadID)
			}
			if s.Scope != cadence.SuppressPhone {
				lettersOff = append(lettersOff, l.LeadID)
			}
			if s.Scope == cadence.SuppressAll {
				others = append(others, otherAddresses(l, s)...)
			}
			if enrollmentID, ok := latest[l.LeadID]; ok {
				ts = append(ts, transition{leadID: l.LeadID, enrollmentID: enrollmentID, event: cadence.Suppressed{Scope: s.Scope}})
			} else if s.Scope == cadence.SuppressAll {
				ends = append(ends, store.LeadEnd{LeadID: l.LeadID, End: cadence.EndOptedOut})
			}
		}
	}
	if err := store.InsertSuppressions(ctx, tx, others, now); err != nil {
		return fmt.Errorf("suppress: %w", err)
	}
	if err := store.CancelCalls(ctx, tx, callsOff, now); err != nil {
		return fmt.Errorf("cancel calls: %w", err)
	}
	if err := store.CancelLetters(ctx, tx, lettersOff, now); err != nil {
		return fmt.Errorf("cancel letters: %w", err)
	}
	if err := store.EndLeads(ctx, tx, ends, now); err != nil {
		return fmt.Errorf("end leads: %w", err)
	}
	return e.apply(ctx, tx, now, ts, nil)
}

// otherAddresses are the addresses of a lead beside the one that is suppressed already.
func otherAddresses(l store.LeadAt, s store.Suppression) []store.Suppression {
	var rows []store.Suppression
	for _, address := range []string{l.Email, l.Phone} {
		if address != "" && address != s.Address {
			rows = append(rows, store.Suppression{Address: address, Scope: s.Scope, Reason: s.Reason})
		}
	}
	return rows
}

// NoteSuppressionList records that a whole list was imported.
func (e *Engine) NoteSuppressionList(ctx context.Context, l store.SuppressionList) error {
	l.ImportedAt = e.now()
	if err := store.SaveSuppressionList(ctx, e.pool, l); err != nil {
		return fmt.Errorf("note that the list was imported: %w", err)
	}
	return nil
}

// LiftSuppression takes the suppressions of an address back, of one scope or, with scope "", all, and keeps who said so and why. Leads that
// ended meanwhile stay ended. It returns what was lifted; store.ErrNotFound, wrapped, when nothing was.
func (e *Engine) LiftSuppression(ctx context.Context, address string, scope cadence.SuppressScope, reason, by string) ([]store.StandingSuppression, error) {
	lifted, err := store.RemoveSuppressions(ctx, e.pool, address, scope, reason, by, e.now())
	if err == nil && len(lifted) == 0 {
		err = fmt.Errorf("suppression of %s: %w", address, store.ErrNotFound)
	}
	return lifted, err
}
