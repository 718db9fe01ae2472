package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"nurture/cadence"
	"nurture/config"
	"nurture/store"
)

// ErrNotReady is returned, wrapped with what is missing, while no signed definition is live (A1).
var ErrNotReady = errors.New("no signed lead definition is live")

// live is the configuration in force, parsed once per version.
type live struct {
	version  store.ConfigVersion
	config   *config.Config
	cadences map[string]store.CadenceVersion // by key
}

// definitions keeps the configurations that enrolments pin, by the id of their config version. Versions never change, so an entry is
// good for ever.
type definitions struct {
	mu     sync.Mutex
	byID   map[int64]*config.Config
	pinned map[int64]pinnedCadence // by cadence version id
	live   *config.Config
}

// pinnedCadence is one cadence version with the configuration that it was written in: its plan, its templates, its definition. The
// settings (people, mailboxes, the law) are those in force for everybody, whatever version a lead is on.
type pinnedCadence struct {
	key      string
	config   *config.Config
	settings config.Settings
}

func newDefinitions() *definitions {
	return &definitions{byID: map[int64]*config.Config{}, pinned: map[int64]pinnedCadence{}}
}

// load gives the parsed configuration of a version.
func (d *definitions) load(ctx context.Context, db store.DB, versionID int64) (*config.Config, error) {
	d.mu.Lock()
	cfg := d.byID[versionID]
	d.mu.Unlock()
	if cfg != nil {
		return cfg, nil
	}
	files, err := store.ConfigFiles(ctx, db, versionID)
	if err != nil {
		return nil, err
	}
	contents := make([]config.File, len(files))
	for i, f := range files {
		contents[i] = config.File{Path: f.Path, Content: f.Content}
	}
	fsys, err := config.FS(contents)
	if err != nil {
		return nil, err
	}
	cfg, err = config.LoadApplied(fsys)
	if err != nil {
		return nil, fmt.Errorf("config version %d as stored: %w", versionID, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.byID[versionID] = cfg
	return cfg, nil
}

// pin makes sure that the given cadence versions are at hand for plan and pinnedConfig.
func (d *definitions) pin(ctx context.Context, db store.DB, rows []store.Enrollment) error {
	var missing []int64
	d.mu.Lock()
	for i := range rows {
		if _, ok := d.pinned[rows[i].CadenceVersionID]; !ok {
			missing = append(missing, rows[i].CadenceVersionID)
		}
	}
	d.mu.Unlock()
	if len(missing) == 0 {
		return nil
	}
	versions, err := store.CadenceVersions(ctx, db, missing)
	if err != nil {
		return err
	}
	for _, v := range versions {
		cfg, err := d.load(ctx, db, v.ConfigVersionID)
		if err != nil {
			return err
		}
		d.mu.Lock()
		d.pinned[v.ID] = pinnedCadence{key: v.Key, config: cfg, settings: cfg.Settings}
		d.mu.Unlock()
	}
	return nil
}

// of gives the cadence version that pin loaded before.
func (d *definitions) of(cadenceVersionID int64) pinnedCadence {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.pinned[cadenceVersionID]
	if d.live != nil {
		p.settings = d.live.Settings
	}
	return p
}

// setLive notes which configuration is in force.
func (d *definitions) setLive(cfg *config.Config) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.live = cfg
}

// inForce are the settings of the configuration in force; false while none has been looked up.
func (d *definitions) inForce() (config.Settings, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.live == nil {
		return config.Settings{}, false
	}
	return d.live.Settings, true
}

// plan is the pinned plan with the legal call hours of the lead's place in it.
func (p pinnedCadence) plan(lead cadence.Lead) cadence.Plan {
	plan := p.config.Plans[p.key]
	plan.CallHours = p.settings.Compliance.CallHours(lead.Place)
	return plan
}

// liveNow loads the configuration in force. ErrNotReady when there is none.
func (e *Engine) liveNow(ctx context.Context, db store.DB) (*live, error) {
	version, err := store.LiveConfig(ctx, db)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("%w: nothing is applied yet; run `nurture uld sign` for both roles, then `nurture apply`", ErrNotReady)
	}
	if err != nil {
		return nil, err
	}
	e.liveMu.Lock()
	cached := e.live
	e.liveMu.Unlock()
	if cached != nil && cached.version.ID == version.ID {
		return cached, nil
	}
	cfg, err := e.definitions.load(ctx, db, version.ID)
	if err != nil {
		return nil, err
	}
	versions, err := store.LiveCadences(ctx, db)
	if err != nil {
		return nil, err
	}
	now := &live{version: version, config: cfg, cadences: map[string]store.CadenceVersion{}}
	for _, v := range versions {
		now.cadences[v.Key] = v
	}
	e.definitions.setLive(cfg)
	e.liveMu.Lock()
	e.live = now
	e.liveMu.Unlock()
	return now, nil
}

// liveOrNone is liveNow for what goes without a configuration where there is none: nil then. One that cannot be read is an error all the same.
func (e *Engine) liveOrNone(ctx context.Context, db store.DB) (*live, error) {
	current, err := e.liveNow(ctx, db)
	if errors.Is(err, ErrNotReady) {
		return nil, nil
	}
	return current, err
}

// operatorZone is where leads are taken to be of whom nothing is known; UTC before a configuration is live.
func (e *Engine) operatorZone() string {
	e.liveMu.Lock()
	defer e.liveMu.Unlock()
	if e.live == nil {
		return "UTC"
	}
	return e.live.config.Settings.Zone
}

// signatureRoles are the roles that must agree on a definition (A2).
var signatureRoles = []string{"marketing", "sales"}

// SignatureRoles lists the roles that must agree on a definition.
func SignatureRoles() []string { return slices.Clone(signatureRoles) }

// missingSignatures names the roles that have not signed the definition with this hash.
func missingSignatures(ctx context.Context, db store.DB, uldHash string) ([]string, error) {
	signed, err := store.Signatures(ctx, db, uldHash)
	if err != nil {
		return nil, err
	}
	has := map[string]bool{}
	for _, s := range signed {
		has[s.Role] = true
	}
	var missing []string
	for _, role := range signatureRoles {
		if !has[role] {
			missing = append(missing, role)
		}
	}
	return missing, nil
}

// unsigned is the error that names the missing roles.
func unsigned(missing []string) error {
	return fmt.Errorf("%w: uld.yaml as it now stands is not signed by %s; run `nurture uld sign --role %s --name NAME` (any edit voids both signatures)",
		ErrNotReady, strings.Join(missing, " and "), missing[0])
}
