package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/config"
	"nurture/store"
)

// Applied says what an apply did.
type Applied struct {
	Version  int64    `json:"version"`  // of the configuration; the live one when nothing changed
	Changed  bool     `json:"changed"`  // false: the folder is what is live already
	Cadences []string `json:"cadences"` // those that got a new version
}

// Apply makes a configuration live, whole or not at all. Leads already inside a cadence finish on the version that they began
// with. ErrNotReady when the definition lacks a signature.
func (e *Engine) Apply(ctx context.Context, cfg *config.Config, by string) (Applied, error) {
	var applied Applied
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		if err := store.LockConfig(ctx, tx); err != nil {
			return err
		}
		missing, err := missingSignatures(ctx, tx, cfg.DefinitionHash)
		if err != nil {
			return err
		}
		if len(missing) > 0 {
			return unsigned(missing)
		}
		hash := hashOf(cfg.Files)
		current, err := store.LiveConfig(ctx, tx)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err == nil && current.Hash == hash {
			applied = Applied{Version: current.ID}
			return nil
		}
		files := make([]store.ConfigFile, len(cfg.Files))
		for i, f := range cfg.Files {
			files[i] = store.ConfigFile{Path: f.Path, Content: f.Content}
		}
		id, err := store.InsertConfig(ctx, tx, store.ConfigVersion{Hash: hash, ULDHash: cfg.DefinitionHash, AppliedAt: now, AppliedBy: by}, files)
		if err != nil {
			return err
		}
		changed, err := store.SetLiveCadences(ctx, tx, id, cfg.PlanHash)
		if err != nil {
			return err
		}
		applied = Applied{Version: id, Changed: true, Cadences: changed}
		return e.resettle(ctx, tx, now, cfg)
	})
	return applied, err
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
