package sandbox

import (
	"context"
	"time"

	"nurture/store"
)

// sell lets sales answer the handoffs that were offered some hours ago. A rep takes a lead that would buy, and turns most others down.
func (w *world) sell(ctx context.Context) (int, error) {
	if !w.atWork() {
		return 0, nil
	}
	offered, err := store.Handoffs(ctx, w.pool, store.HandoffOffered, "", 0)
	if err != nil {
		return 0, err
	}
	now, answered := w.clock.Now(), 0
	for i := len(offered) - 1; i >= 0; i-- { // the oldest first
		h := offered[i]
		p := w.personas[h.LeadID]
		if h.OfferedAt == nil || now.Sub(*h.OfferedAt) < w.chance.between(3*time.Hour, 36*time.Hour, p.key, "sales") {
			continue
		}
		accepts := w.chance.roll(p.key, "accepts") < 0.96
		if !p.buyer {
			accepts = w.chance.roll(p.key, "accepts") < 0.25
		}
		if accepts {
			err = w.engine.AcceptHandoff(ctx, h.ID, h.Rep)
		} else {
			err = w.engine.RejectHandoff(ctx, h.ID, h.Rep, one(w.chance, []string{
				"no project after all", "budget was moved to next year", "only gathering information",
			}, p.key, "why not"))
		}
		if err != nil {
			return answered, err
		}
		answered++
	}
	return answered, nil
}
