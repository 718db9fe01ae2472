package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"nurture/config"
	"nurture/internal/dossier"
	"nurture/store"
)

const escalateBite = 200

// escalate tells the manager of handoffs that were not answered in time (E4). They stay with their rep, who may still answer, as the manager may.
func (e *Engine) escalate(ctx context.Context) (int, error) {
	total := 0
	for {
		n := 0
		err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
			ids, err := store.EscalateHandoffs(ctx, tx, escalateBite, now)
			n = len(ids)
			if err != nil {
				return err
			}
			return e.insertJobs(ctx, tx, deliveries(ids...))
		})
		total += n
		if err != nil || n < escalateBite {
			return total, err
		}
	}
}

// deliveries are the jobs that bring handoffs to those who are to answer them.
func deliveries(ids ...int64) []river.InsertManyParams {
	jobs := make([]river.InsertManyParams, len(ids))
	for i, id := range ids {
		jobs[i] = river.InsertManyParams{Args: DeliverHandoff{HandoffID: id}, InsertOpts: &river.InsertOpts{Queue: queueHandoff}}
	}
	return jobs
}

// ErrNoRep is returned, wrapped, for somebody whom the live configuration does not name as a rep or as the manager.
var ErrNoRep = errors.New("no rep")

// ReassignHandoff offers a handoff that waits for an answer to another rep, with the whole time to answer, and sends the dossier there. The manager
// may take it too. ErrNoRep when the live configuration does not know the rep, ErrDecided when the handoff does not wait.
func (e *Engine) ReassignHandoff(ctx context.Context, id int64, to string) error {
	return e.onHandoff(ctx, id, func(tx pgx.Tx, now time.Time, h store.Handoff) error {
		if !h.State.Waits() {
			return fmt.Errorf("handoff %d is %s: %w", id, h.State, ErrDecided)
		}
		current, err := e.liveNow(ctx, tx)
		if err != nil {
			return err
		}
		settings := current.config.Settings
		name, err := repNamed(settings.Team, to)
		if err != nil {
			return err
		}
		var d dossier.Dossier
		if err := json.Unmarshal(h.Dossier, &d); err != nil {
			return fmt.Errorf("dossier of handoff %d: %w", id, err)
		}
		d.Rep = name
		raw, err := json.Marshal(d)
		if err != nil {
			return err
		}
		if err := store.ReassignHandoff(ctx, tx, id, to, raw, within(settings, now), now); err != nil {
			return err
		}
		return e.insertJobs(ctx, tx, deliveries(id))
	})
}

// repNamed gives the name of a rep, or of the manager, by address.
func repNamed(team config.Team, address string) (string, error) {
	people := []config.Person{team.Manager}
	for _, r := range team.Reps {
		people = append(people, r.Person)
	}
	var known []string
	for _, p := range people {
		if p.Email == address && address != "" {
			return p.Name, nil
		}
		if p.Email != "" {
			known = append(known, p.Email)
		}
	}
	return "", fmt.Errorf("%q is %w: there are %s", address, ErrNoRep, joinOr(known))
}
