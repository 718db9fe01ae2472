package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/config"
	"nurture/store"
)

// Version is what the history tells of an applied configuration.
type Version struct {
	Number       int64            `json:"version"`
	AppliedAt    time.Time        `json:"applied_at"`
	AppliedBy    string           `json:"applied_by"`
	Live         bool             `json:"live"`
	RolledBackTo *int64           `json:"rolled_back_to,omitempty"` // the version that it brought back
	Summary      Summary          `json:"summary"`
	Inside       []VersionInside  `json:"inside"`                 // leads inside the cadence versions that came with it
	Reevaluation *ReevaluationNow `json:"reevaluation,omitempty"` // of all leads against its definition; nil when it brought none
}

// Summary is what a version changed, noted when it was applied. Versions from before there were summaries have an empty one.
type Summary struct {
	First       bool                `json:"first,omitempty"` // nothing was live before
	Changes     []config.Difference `json:"changes,omitempty"`
	Unread      bool                `json:"unread,omitempty"` // the version before could not be read: what changed is not known
	Leads       []LeadsInside       `json:"leads,omitempty"`
	Restored    int                 `json:"restored,omitempty"`     // leads that a rollback put back
	NotRestored []NotRestored       `json:"not_restored,omitempty"` // and that it could not
}

// VersionInside is how many leads are inside a cadence version.
type VersionInside struct {
	Cadence string `json:"cadence"`
	Number  int    `json:"number"`
	Live    bool   `json:"live"`
	Leads   int    `json:"leads"`
}

// ReevaluationNow is how far the weighing of all leads against a definition has come.
type ReevaluationNow struct {
	Version   int64      `json:"version"`
	State     string     `json:"state"` // running, done, or superseded by a newer definition
	Done      int        `json:"done"`
	Total     int        `json:"total"`
	Promoted  int        `json:"promote"`
	Kept      int        `json:"keep"`
	Closed    int        `json:"close"`
	Changed   int        `json:"changed"` // whose verdict is another than the one on record
	StartedAt time.Time  `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at"`
}

// mostNamed is how many leads a summary names.
const mostNamed = 100

// summarise notes what a version changes, for its history. Texts are named without their lines: the files are kept. What it changes of a version that
// cannot be read, nobody can tell.
func (e *Engine) summarise(ctx context.Context, tx pgx.Tx, cfg *config.Config, order activation, applied Applied) error {
	s := Summary{First: order.was == nil, Leads: applied.Leads}
	if order.was != nil {
		if old, err := e.definitions.load(ctx, tx, order.was.ID); err == nil {
			s.Changes = config.Diff(old, cfg)
		} else {
			s.Unread = true
		}
		for i := range s.Changes {
			s.Changes[i].Lines = nil
		}
	}
	if order.done != nil {
		s.Restored, s.NotRestored = order.done.Restored, order.done.NotRestored[:min(len(order.done.NotRestored), mostNamed)]
	}
	return store.NoteVersion(ctx, tx, applied.Version, order.back, s)
}

// History lists the applied versions, the newest first.
func (e *Engine) History(ctx context.Context, limit int) ([]Version, error) {
	rows, err := store.AppliedVersions(ctx, e.pool, limit)
	if err != nil {
		return nil, err
	}
	inside, err := store.InsideVersions(ctx, e.pool)
	if err != nil {
		return nil, err
	}
	weighed, err := e.Reevaluations(ctx, limit)
	if err != nil {
		return nil, err
	}
	versions := make([]Version, len(rows))
	for i, r := range rows {
		v := Version{Number: r.ID, AppliedAt: r.AppliedAt, AppliedBy: r.AppliedBy, Live: i == 0, RolledBackTo: r.RolledBackTo, Inside: []VersionInside{}}
		if err := json.Unmarshal(r.Summary, &v.Summary); err != nil {
			return nil, fmt.Errorf("summary of version %d: %w", r.ID, err)
		}
		for _, in := range inside {
			if in.ConfigVersionID == r.ID {
				v.Inside = append(v.Inside, VersionInside{in.Cadence, in.Number, in.Live, in.Leads})
			}
		}
		for j := range weighed {
			if weighed[j].Version == r.ID {
				v.Reevaluation = &weighed[j]
			}
		}
		versions[i] = v
	}
	return versions, nil
}

// Reevaluations tells how far the weighing of all leads against new definitions has come, the newest first.
func (e *Engine) Reevaluations(ctx context.Context, limit int) ([]ReevaluationNow, error) {
	rows, err := store.Reevaluations(ctx, e.pool, limit)
	all := make([]ReevaluationNow, len(rows))
	for i, r := range rows {
		all[i] = ReevaluationNow{
			Version: r.ConfigVersionID, State: r.State, Done: r.Done, Total: r.Total, Promoted: r.Promoted, Kept: r.Kept, Closed: r.Closed,
			Changed: r.Changed, StartedAt: r.StartedAt, EndedAt: r.EndedAt,
		}
	}
	return all, err
}
