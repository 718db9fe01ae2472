package jobs

import (
	"context"

	"nurture/cadence/uld"
	"nurture/store"
)

// DefinitionChange is what another definition makes of the leads that are neither over nor with sales.
type DefinitionChange struct {
	Leads int    `json:"leads"` // that were weighed
	Was   Counts `json:"was"`   // by the live definition
	New   Counts `json:"new"`   // by the new one
	Flips []Flip `json:"flips"` // leads on which the two differ, in the order of ids
}

// Counts counts verdicts.
type Counts struct {
	Promote int `json:"promote"`
	Keep    int `json:"keep"`
	Close   int `json:"close"`
}

func (c *Counts) add(o uld.Outcome) {
	switch o {
	case uld.Promote:
		c.Promote++
	case uld.Close:
		c.Close++
	case uld.Nurture:
		c.Keep++
	}
}

// Flip is a lead on which two definitions differ.
type Flip struct {
	LeadID  int64       `json:"id"`
	Lead    string      `json:"lead"` // its address, else its key
	Was     uld.Outcome `json:"was"`
	New     uld.Outcome `json:"new"`
	WasWhy  string      `json:"was_why"`
	Because string      `json:"because"`
}

// weigh holds every lead against both definitions; nil when they are the same.
func (p *changePlan) weigh(ctx context.Context) (*DefinitionChange, error) {
	if p.live.config.DefinitionHash == p.target.DefinitionHash {
		return nil, nil
	}
	d := &DefinitionChange{Flips: []Flip{}}
	for after := int64(0); ; {
		ids, err := store.Weighable(ctx, p.tx, after, 0, reviseBite)
		if err != nil || len(ids) == 0 {
			return d, err
		}
		after = ids[len(ids)-1]
		leads, err := store.Leads(ctx, p.tx, ids)
		if err != nil {
			return nil, err
		}
		facts, err := store.Facts(ctx, p.tx, ids)
		if err != nil {
			return nil, err
		}
		for i := range leads {
			p.weighOne(d, &leads[i], facts[leads[i].ID])
		}
	}
}

func (p *changePlan) weighOne(d *DefinitionChange, lead *store.Lead, facts []uldFact) {
	self := lead.Origin == "self_qualified"
	was := uld.Evaluate(p.live.config.Definition, facts, self, p.now)
	next := uld.Evaluate(p.target.Definition, facts, self, p.now)
	d.Leads++
	d.Was.add(was.Outcome)
	d.New.add(next.Outcome)
	if was.Outcome == next.Outcome {
		return
	}
	name := lead.Email
	if name == "" {
		name = lead.Key
	}
	d.Flips = append(d.Flips, Flip{LeadID: lead.ID, Lead: name, Was: was.Outcome, New: next.Outcome, WasWhy: was.Because, Because: next.Because})
}
