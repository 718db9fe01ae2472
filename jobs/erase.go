package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// EraseLead forgets a lead and everything about it, at the lead's wish. Its addresses stay suppressed by their hashes, those that it had before too, so that
// nobody writes or calls again. What other people said of it, and what the audit log keeps by its number, names nobody any more. store.ErrNotFound when there
// is none.
func (e *Engine) EraseLead(ctx context.Context, leadID int64) error {
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		lead, err := store.LeadByID(ctx, tx, leadID)
		if err != nil {
			return err
		}
		known, former, err := addressesOf(ctx, tx, lead)
		if err != nil {
			return err
		}
		others, err := store.WhoKnows(ctx, tx, leadID, known)
		if err != nil {
			return fmt.Errorf("find who knows lead %d: %w", leadID, err)
		}
		if _, err := lockLatest(ctx, tx, append(others, leadID)); err != nil {
			return err
		}
		if lead, err = store.LeadByID(ctx, tx, leadID); err != nil { // as whoever held the locks has left it
			return err
		}
		var rows []store.Suppression
		for _, address := range append([]string{lead.Email, lead.Phone}, former...) {
			if address != "" {
				rows = append(rows, store.Suppression{Address: address, Scope: cadence.SuppressAll, Reason: "erased"})
			}
		}
		if err := store.InsertSuppressions(ctx, tx, rows, now); err != nil {
			return fmt.Errorf("suppress: %w", err)
		}
		return store.EraseLead(ctx, tx, store.Erasure{Lead: lead, Addresses: known, Others: others})
	})
}

// addressesOf are where a lead, and nobody else, is and was reached, and those of them that it has had.
func addressesOf(ctx context.Context, tx pgx.Tx, lead store.Lead) (known, former []string, err error) {
	if former, err = store.FormerAddresses(ctx, tx, lead.ID); err != nil {
		return nil, nil, err
	}
	own, err := store.OnlyOf(ctx, tx, lead.ID, []string{lead.Email, lead.Phone})
	return append(own, former...), former, err
}
