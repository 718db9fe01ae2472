package jobs

import (
	"context"
	"fmt"

	"nurture/config"
	"nurture/store"
)

// ConfigAt gives a version of the configuration as it was applied, by its number. store.ErrNotFound, wrapped, when there is none.
func (e *Engine) ConfigAt(ctx context.Context, version int64) (*config.Config, error) {
	files, err := store.ConfigFiles(ctx, e.pool, version)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("configuration version %d: %w", version, store.ErrNotFound)
	}
	return e.definitions.load(ctx, e.pool, version)
}

// LiveVersion is the number of the configuration in force. ErrNotReady when there is none.
func (e *Engine) LiveVersion(ctx context.Context) (int64, error) {
	current, err := e.liveNow(ctx, e.pool)
	if err != nil {
		return 0, err
	}
	return current.version.ID, nil
}
