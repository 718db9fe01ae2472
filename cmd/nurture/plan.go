package main

import (
	"context"
	"fmt"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/config"
	"nurture/store"
)

// pinned is an enrolment as the core sees it, with the plan of the cadence version that it began with.
type pinned struct {
	row     store.Enrollment
	plan    cadence.Plan
	core    cadence.Enrollment
	version int
}

// pin loads the plan of an enrolment. The stored version is read again, for the folder may have moved on.
func (s *session) pin(ctx context.Context, row store.Enrollment) (*pinned, error) {
	versions, err := store.CadenceVersions(ctx, s.pool, []int64{row.CadenceVersionID})
	if err != nil {
		return nil, err
	}
	if len(versions) == 0 {
		return nil, fmt.Errorf("cadence version %d: %w", row.CadenceVersionID, store.ErrNotFound)
	}
	stored, err := store.ConfigFiles(ctx, s.pool, versions[0].ConfigVersionID)
	if err != nil {
		return nil, err
	}
	files := make([]config.File, len(stored))
	for i, f := range stored {
		files[i] = config.File{Path: f.Path, Content: f.Content}
	}
	fsys, err := config.FS(files)
	if err != nil {
		return nil, err
	}
	cfg, err := config.Load(fsys)
	if err != nil {
		return nil, fmt.Errorf("config version %d as stored: %w", versions[0].ConfigVersionID, err)
	}
	facts, err := store.Facts(ctx, s.pool, []int64{row.LeadID()})
	if err != nil {
		return nil, err
	}
	row.Facts = facts[row.LeadID()]
	p := &pinned{row: row, plan: cfg.Plans[row.CadenceKey], core: row.Core(cfg.Settings.Zone), version: versions[0].Number}
	p.plan.CallHours = cfg.Settings.Compliance.CallHours(p.core.Lead.Place)
	return p, nil
}

// audiences explains for each live cadence whether its audience rule takes a lead.
func (s *session) audiences(ctx context.Context, lead *store.Lead) ([]audienceJSON, error) {
	facts, err := store.Facts(ctx, s.pool, []int64{lead.ID})
	if err != nil {
		return nil, err
	}
	look := lookup(s, lead, facts[lead.ID])
	var out []audienceJSON
	for _, key := range sortedKeys(s.live.Plans) {
		plan := s.live.Plans[key]
		a := audienceJSON{Cadence: key, Manual: plan.IntakePerDay < 0}
		if !plan.Audience.IsZero() {
			a.Matches = plan.Audience.Eval(look) == predicate.True
			a.Why = plan.Audience.Explain(look)
		} else {
			a.Matches, a.Why = true, "it takes every lead"
		}
		out = append(out, a)
	}
	return out, nil
}

// audienceJSON says whether a cadence would take a lead.
type audienceJSON struct {
	Cadence string `json:"cadence"`
	Matches bool   `json:"matches"`
	Manual  bool   `json:"manual"` // it never enrols by itself
	Why     string `json:"why"`
}
