package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"nurture/config"
	"nurture/jobs"
)

// planFormat is the form of saved plans.
const planFormat = 1

// savedPlan is a plan as it is saved: what it was made of, and what it said.
type savedPlan struct {
	Format int                `json:"nurture_plan"`
	MadeAt time.Time          `json:"made_at"`
	By     string             `json:"by"`
	Dir    string             `json:"dir"`   // the folder, absolute
	Base   int64              `json:"base"`  // the version that was live; 0 for none
	Files  map[string]string  `json:"files"` // hex SHA-256 of every file, by path
	Leads  []jobs.LeadsInside `json:"leads"`
}

// save writes the plan to a file, whole or not at all.
func (o *planOptions) save(cfg *config.Config, change *jobs.Change) error {
	dir := o.dir
	if dir == "" {
		dir = o.configDir
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	content, err := json.MarshalIndent(savedPlan{
		Format: planFormat, MadeAt: change.At, By: o.person(o.by), Dir: dir, Base: change.Base, Files: sums(cfg), Leads: change.Leads,
	}, "", "  ")
	if err != nil {
		return err
	}
	next := o.out + ".tmp"
	if err := os.WriteFile(next, append(content, '\n'), 0o644); err != nil {
		return fmt.Errorf("save the plan: %w", err)
	}
	return os.Rename(next, o.out)
}

// sums are the hashes of a configuration's files.
func sums(cfg *config.Config) map[string]string {
	all := map[string]string{}
	for _, f := range cfg.Files {
		sum := sha256.Sum256(f.Content)
		all[f.Path] = hex.EncodeToString(sum[:])
	}
	return all
}

// readPlan reads a saved plan.
func readPlan(file string) (savedPlan, error) {
	var p savedPlan
	content, err := os.ReadFile(file)
	if err != nil {
		return p, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil || p.Format != planFormat {
		return p, hint(failf("%s is no saved plan that this program reads", file), "make one: nurture plan --out FILE")
	}
	return p, nil
}

var errPlanStale = errors.New("the plan is stale")

// check compares the files of the folder with those that the plan was made of.
func (p savedPlan) check(cfg *config.Config) error {
	now := sums(cfg)
	all := maps.Clone(p.Files)
	maps.Copy(all, now)
	var changed []string
	for _, file := range slices.Sorted(maps.Keys(all)) {
		switch was, is := p.Files[file], now[file]; {
		case was == is:
		case was == "":
			changed = append(changed, file+" is new")
		case is == "":
			changed = append(changed, file+" is gone")
		default:
			changed = append(changed, file+" has changed")
		}
	}
	if len(changed) > 0 {
		return hint(fmt.Errorf("%w: since it was made, %s", errPlanStale, strings.Join(changed, ", ")), "look again at what would change: nurture plan --out FILE")
	}
	return nil
}
