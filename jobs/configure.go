package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/config"
	"nurture/store"
)

// Applied says what an apply did.
type Applied struct {
	Version  int64         `json:"version"`  // of the configuration; the live one when nothing changed
	Changed  bool          `json:"changed"`  // false: the folder is what is live already
	Cadences []string      `json:"cadences"` // those that got a new version
	Leads    []LeadsInside `json:"leads"`    // what became of the leads inside those
	// Reevaluating is how many leads are weighed against the new definition in the background; 0 when the definition is the same.
	Reevaluating int `json:"reevaluating"`
}

// LeadsInside is what becomes of the leads inside a cadence that has a new version.
type LeadsInside struct {
	Cadence string               `json:"cadence"`
	Inside  int                  `json:"inside"`
	Move    int                  `json:"move"`       // go on with the new version
	Finish  int                  `json:"finish"`     // finish on the version that they are on
	Why     map[cadence.Stay]int `json:"why_finish"` // of those
	Redated int                  `json:"redated"`    // whose next touch is another one, or at another time
}

// add counts one enrolment.
func (l *LeadsInside) add(c *carried) {
	l.Inside++
	if c.moves() {
		l.Move++
	} else {
		l.Finish++
		l.Why[c.stay]++
	}
	if c.redated() {
		l.Redated++
	}
}

// tally counts what becomes of leads, by cadence.
type tally map[string]*LeadsInside

func newTally(keys []string) tally {
	t := tally{}
	for _, key := range keys {
		t[key] = &LeadsInside{Cadence: key, Why: map[cadence.Stay]int{}}
	}
	return t
}

func (t tally) list() []LeadsInside {
	all := make([]LeadsInside, 0, len(t))
	for _, key := range slices.Sorted(maps.Keys(t)) {
		all = append(all, *t[key])
	}
	return all
}

// ErrStale is returned, wrapped with who did what and when, when another version was applied than the one that a change was made for.
var ErrStale = errors.New("the live configuration has changed since")

// Apply makes a configuration live, whole or not at all. Leads inside a cadence that changes finish on the version that they began with,
// or move, as its on_change says. ErrNotReady when the definition lacks a signature.
func (e *Engine) Apply(ctx context.Context, cfg *config.Config, by string) (Applied, error) {
	return e.activate(ctx, cfg, activation{by: by, base: anyBase})
}

// ApplyOnto is Apply where the version base, 0 for none, is still the live one; else ErrStale. So two who apply at once do not overwrite
// each other's: one wins, and the other is told.
func (e *Engine) ApplyOnto(ctx context.Context, cfg *config.Config, by string, base int64) (Applied, error) {
	return e.activate(ctx, cfg, activation{by: by, base: base})
}

// anyBase is the base of what is applied whatever is live.
const anyBase = -1

// activation is an order to make a configuration live.
type activation struct {
	by   string
	base int64
	was  *store.ConfigVersion // live until now; nil: none
	back *int64               // the version that it brings back; nil for an apply
	done *RolledBack          // what the rollback has done; nil for an apply
}

func (e *Engine) activate(ctx context.Context, cfg *config.Config, order activation) (Applied, error) {
	var applied Applied
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		if err := store.LockConfig(ctx, tx); err != nil {
			return err
		}
		current, err := e.unchanged(ctx, tx, order.base)
		if err != nil {
			return err
		}
		missing, err := missingSignatures(ctx, tx, cfg.DefinitionHash)
		if err != nil {
			return err
		}
		if len(missing) > 0 {
			return unsigned(missing)
		}
		if current != nil && current.Hash == hashOf(cfg.Files) {
			applied = Applied{Version: current.ID}
			return nil
		}
		order.was = current
		applied, err = e.makeLive(ctx, tx, now, cfg, order, func(id int64, changed []string) ([]LeadsInside, error) {
			return e.moveLeads(ctx, tx, now, cfg, id, changed)
		})
		return err
	})
	return applied, err
}

// makeLive stores a configuration as the newest version, and lets move see to the leads inside the cadences that have a new one.
func (e *Engine) makeLive(ctx context.Context, tx pgx.Tx, now time.Time, cfg *config.Config, order activation,
	move func(id int64, changed []string) ([]LeadsInside, error),
) (Applied, error) {
	if err := store.WaitForLock(ctx, tx, intakeLock); err != nil {
		return Applied{}, err
	}
	if err := e.freeToLeave(ctx, tx, order.was); err != nil {
		return Applied{}, err
	}
	id, changed, err := insertConfig(ctx, tx, now, cfg, order.by)
	if err != nil {
		return Applied{}, err
	}
	if err := e.putOff(ctx, tx, now, cfg, changed); err != nil {
		return Applied{}, err
	}
	applied := Applied{Version: id, Changed: true, Cadences: changed}
	if applied.Leads, err = move(id, changed); err != nil {
		return Applied{}, err
	}
	if applied.Reevaluating, err = e.beginReevaluation(ctx, tx, now, id, cfg, order.was); err != nil {
		return Applied{}, err
	}
	if err := e.summarise(ctx, tx, cfg, order, applied); err != nil {
		return Applied{}, fmt.Errorf("note what the version changes: %w", err)
	}
	return applied, e.resettle(ctx, tx, now, cfg)
}

// putOff lets what is planned for senders and SDRs who are no longer named, and that nobody has claimed, fall due again: it is planned for others as their
// own capacity allows. The enrolments inside the cadences that have a new version are locked on the way.
func (e *Engine) putOff(ctx context.Context, tx pgx.Tx, now time.Time, cfg *config.Config, changed []string) error {
	ids, err := store.LockPlannedForOthers(ctx, tx, mailboxesOf(cfg), ownersOf(cfg), changed)
	if err != nil {
		return err
	}
	return inBites(ids, func(ids []int64) error {
		results := make([]store.TouchResult, len(ids))
		for i, id := range ids {
			results[i] = store.TouchResult{TouchID: id, State: store.TouchSkipped, Reason: cadence.ReasonCapacity, NotBefore: now}
		}
		return e.recordRefused(ctx, tx, now, results, nil)
	})
}

// freeToLeave refuses to replace a live version that this program cannot read while leads are inside its cadences: nobody could tell which of their touches
// lie behind them, and without its plans nothing more would be planned for anybody. Without such leads it may go.
func (e *Engine) freeToLeave(ctx context.Context, tx pgx.Tx, was *store.ConfigVersion) error {
	if was == nil {
		return nil
	}
	_, unread := e.definitions.load(ctx, tx, was.ID)
	if unread == nil {
		return nil
	}
	inside, err := store.InsideVersions(ctx, tx)
	if err != nil {
		return err
	}
	leads := 0
	for _, in := range inside {
		if in.ConfigVersionID == was.ID {
			leads += in.Leads
		}
	}
	if leads > 0 {
		return fmt.Errorf("%d leads are inside cadences of version %d, which %s applied and this program cannot read; go on with the program that applied it, "+
			"or roll back by that: %w", leads, was.ID, was.AppliedBy, unread)
	}
	e.log.WarnContext(ctx, "a live version that cannot be read is replaced", "version", was.ID, "error", unread)
	return nil
}

// resettle gives the leads of senders and SDRs who are no longer named to others, and makes intake look again at the leads that no
// audience took.
func (e *Engine) resettle(ctx context.Context, tx pgx.Tx, now time.Time, cfg *config.Config) error {
	mailboxes, owners := mailboxesOf(cfg), ownersOf(cfg)
	if err := store.Resettle(ctx, tx, mailboxes, owners); err != nil {
		return fmt.Errorf("give the leads of former senders and SDRs to others: %w", err)
	}
	if err := store.FreeDomains(ctx, tx, cfg.Settings.Mail.ThrottledDomains()); err != nil {
		return err
	}
	return store.ReconsiderUnmatched(ctx, tx, now)
}

func mailboxesOf(cfg *config.Config) []string {
	names := make([]string, len(cfg.Settings.Senders))
	for i, s := range cfg.Settings.Senders {
		names[i] = s.Email
	}
	return names
}

func ownersOf(cfg *config.Config) []string {
	names := make([]string, len(cfg.Settings.Team.SDRs))
	for i, s := range cfg.Settings.Team.SDRs {
		names[i] = s.Email
	}
	return names
}

// unchanged gives the live version, nil before the first, when it is the base that a change was made for; else ErrStale.
func (e *Engine) unchanged(ctx context.Context, tx pgx.Tx, base int64) (*store.ConfigVersion, error) {
	current, err := store.LiveConfig(ctx, tx)
	if errors.Is(err, store.ErrNotFound) {
		current, err = store.ConfigVersion{}, nil
	}
	if err != nil {
		return nil, err
	}
	if base != anyBase && current.ID != base {
		return nil, fmt.Errorf("%w: this was made for %s, and version %d was applied by %s on %s", ErrStale,
			versionWords(base), current.ID, current.AppliedBy, e.moment(current.AppliedAt))
	}
	if current.ID == 0 {
		return nil, nil
	}
	return &current, nil
}

func versionWords(id int64) string {
	if id == 0 {
		return "a database without any version"
	}
	return fmt.Sprintf("version %d", id)
}

// moment says an instant in the operator's zone.
func (e *Engine) moment(at time.Time) string {
	if loc, err := time.LoadLocation(e.operatorZone()); err == nil {
		at = at.In(loc)
	}
	return at.Format("Mon 2 Jan 2006 15:04:05 MST")
}

// insertConfig stores a configuration as the newest version and makes its cadences live. It returns the keys of those that got a new
// version.
func insertConfig(ctx context.Context, tx pgx.Tx, now time.Time, cfg *config.Config, by string) (int64, []string, error) {
	files := make([]store.ConfigFile, len(cfg.Files))
	for i, f := range cfg.Files {
		files[i] = store.ConfigFile{Path: f.Path, Content: f.Content}
	}
	id, err := store.InsertConfig(ctx, tx, store.ConfigVersion{Hash: hashOf(cfg.Files), ULDHash: cfg.DefinitionHash, AppliedAt: now, AppliedBy: by}, files)
	if err != nil {
		return 0, nil, err
	}
	changed, err := store.SetLiveCadences(ctx, tx, id, cfg.PlanHash)
	return id, changed, err
}

// hashOf identifies a configuration by all its bytes.
func hashOf(files []config.File) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%d %s\n%d\n", len(f.Path), f.Path, len(f.Content))
		h.Write(f.Content)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Sign records that a role agrees to the definition with this hash (A2). It returns the roles that are still missing.
func (e *Engine) Sign(ctx context.Context, uldHash, role, name string) (missing []string, err error) {
	if name == "" {
		return nil, errors.New("a signature needs the name of a person: --name")
	}
	valid := false
	for _, r := range signatureRoles {
		valid = valid || r == role
	}
	if !valid {
		return nil, fmt.Errorf("role %q cannot sign; the roles are %s", role, joinOr(signatureRoles))
	}
	err = e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		if err := store.Sign(ctx, tx, uldHash, store.Signature{Role: role, Name: name, SignedAt: now}); err != nil {
			return err
		}
		missing, err = missingSignatures(ctx, tx, uldHash)
		return err
	})
	return missing, err
}

// LastLive gives the configuration that was in force when this process last claimed or planned, so for what was just claimed the one
// of its claim, without asking the database. It asks where nothing was claimed or planned yet: then ErrNotReady when there is none.
func (e *Engine) LastLive(ctx context.Context) (*config.Config, error) {
	e.liveMu.Lock()
	last := e.live
	e.liveMu.Unlock()
	if last != nil {
		return last.config, nil
	}
	return e.Live(ctx)
}

// Live gives the configuration in force. ErrNotReady when there is none.
func (e *Engine) Live(ctx context.Context) (*config.Config, error) {
	current, err := e.liveNow(ctx, e.pool)
	if err != nil {
		return nil, err
	}
	return current.config, nil
}
