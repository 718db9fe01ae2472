package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/config"
	"nurture/store"
)

// Change is what making a configuration live would do, at the instant At. Nothing is changed by looking.
type Change struct {
	At       time.Time     `json:"at"`
	Base     int64         `json:"base"`     // the live version; 0 before the first
	BaseHash string        `json:"-"`        // of its files
	Hash     string        `json:"hash"`     // of the files to be applied
	Changed  bool          `json:"changed"`  // false: they are what is live
	Unsigned []string      `json:"unsigned"` // roles that have not signed the definition: until they have it cannot be applied
	Leads    []LeadsInside `json:"leads"`    // inside the cadences that get a new version or go
	// People are the leads that move, and those whose next touch changes, in the order of enrolments.
	People     []LeadChange      `json:"people"`
	Forecast   Forecast          `json:"forecast"`
	Definition *DefinitionChange `json:"definition,omitempty"` // nil when the definition is the same

	Live *config.Config `json:"-"` // nil before the first
}

// LeadChange is what becomes of one lead.
type LeadChange struct {
	EnrollmentID int64        `json:"enrollment"`
	LeadID       int64        `json:"id"`
	Lead         string       `json:"lead"` // its address, else its key
	Cadence      string       `json:"cadence"`
	Moves        bool         `json:"moves"`
	Why          cadence.Stay `json:"why_finish,omitempty"`
	Redated      bool         `json:"redated"`    // its next touch is another one, or at another time
	WasStep      string       `json:"was_step"`   // the step in hand, "" when all are done
	Step         string       `json:"step"`       // by the new version
	WasDue       *time.Time   `json:"was_due"`    // when the program looks at the lead again; nil while a touch is under way
	Due          *time.Time   `json:"due"`        //
	WasNext      *NextTouch   `json:"was_next"`   // nil: none comes by itself
	Next         *NextTouch   `json:"next"`       //
	CalledOff    bool         `json:"called_off"` // a touch that was planned, or a task, is gone
}

// NextTouch is the next touch of a lead while nobody responds and its sender has room.
type NextTouch struct {
	At      time.Time       `json:"at"`
	Cadence string          `json:"cadence"`
	Step    string          `json:"step"`
	Channel cadence.Channel `json:"channel"`
	InHand  bool            `json:"in_hand,omitempty"` // it is under way already
}

// PlanChange works out what making a configuration live would do to those inside, to the days to come, and to the leads' verdicts. It
// reads one state of the database.
func (e *Engine) PlanChange(ctx context.Context, cfg *config.Config, days int) (*Change, error) {
	var change *Change
	err := pgx.BeginTxFunc(ctx, e.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		p := &changePlan{revision: e.revise(cfg, e.now()), tx: tx, change: &Change{Hash: hashOf(cfg.Files), People: []LeadChange{}, Leads: []LeadsInside{}}}
		p.change.At = p.now
		change = p.change
		return p.work(ctx, days)
	})
	return change, err
}

// changePlan is one run of PlanChange.
type changePlan struct {
	*revision
	tx      pgx.Tx
	change  *Change
	live    *live
	counts  tally
	outlook *outlook
}

func (p *changePlan) work(ctx context.Context, days int) error {
	missing, err := missingSignatures(ctx, p.tx, p.target.DefinitionHash)
	if err != nil {
		return err
	}
	p.change.Unsigned = append([]string{}, missing...)
	p.live, err = p.engine.liveNow(ctx, p.tx)
	switch {
	case errors.Is(err, ErrNotReady):
		p.change.Changed = true
		return nil
	case err != nil:
		return err
	}
	p.change.Base, p.change.BaseHash, p.change.Live = p.live.version.ID, p.live.version.Hash, p.live.config
	if p.change.Changed = p.live.version.Hash != p.change.Hash; !p.change.Changed {
		return nil
	}
	if p.outlook, err = newOutlook(p.revision, p.live.config, days); err != nil {
		return err
	}
	if err := p.inside(ctx); err != nil {
		return err
	}
	p.change.Leads = p.counts.list()
	p.change.Forecast = p.outlook.forecast()
	p.change.Definition, err = p.weigh(ctx)
	return err
}

// revisedKeys are the cadences that get a new version, and those that go.
func (p *changePlan) revisedKeys() (revised []string, gone map[string]bool) {
	gone = map[string]bool{}
	for key, v := range p.live.cadences {
		hash, ok := p.target.PlanHash[key]
		if !ok {
			gone[key] = true
		}
		if hash != v.Hash {
			revised = append(revised, key)
		}
	}
	return revised, gone
}

// inside holds everybody inside a cadence against the configuration.
func (p *changePlan) inside(ctx context.Context) error {
	revised, gone := p.revisedKeys()
	p.counts = newTally(revised)
	ids, err := store.InsideEveryCadence(ctx, p.tx)
	if err != nil {
		return err
	}
	return inBites(ids, func(ids []int64) error {
		rows, err := p.load(ctx, p.tx, ids)
		if err != nil {
			return err
		}
		all, err := p.carry(ctx, p.tx, rows, "")
		if err != nil {
			return err
		}
		for i := range all {
			c := &all[i]
			count := p.counts[c.row.CadenceKey]
			if count == nil || gone[c.row.CadenceKey] { // the cadence stays as it is, or goes: nobody is moved
				c.remain()
			}
			if count != nil {
				count.add(c)
				p.note(c)
			}
			p.outlook.add(c)
		}
		return nil
	})
}

// remain lets an enrolment be as it is.
func (c *carried) remain() {
	c.became, c.actions, c.stay, c.next = c.was, nil, cadence.StayPolicy, c.wasNext
}

// note keeps what is worth telling of a lead.
func (p *changePlan) note(c *carried) {
	if !c.moves() && !c.redated() {
		return
	}
	lead := c.row.Email
	if lead == "" {
		lead = c.row.Key
	}
	one := LeadChange{
		EnrollmentID: c.row.ID, LeadID: c.row.LeadID(), Lead: lead, Cadence: c.row.CadenceKey, Moves: c.moves(), Why: c.stay, Redated: c.redated(),
		WasStep: stepKey(c.revision.Old, c.was), WasNext: nextTouch(c.wasNext), Next: nextTouch(c.next), CalledOff: len(c.actions) > 0,
		WasDue: dueAt(c.was), Due: dueAt(c.became),
	}
	if one.Step = one.WasStep; c.moves() {
		one.Step = stepKey(c.revision.New, c.became)
	}
	p.change.People = append(p.change.People, one)
}

func dueAt(e cadence.Enrollment) *time.Time {
	if e.Due == nil {
		return nil
	}
	at := e.Due.At
	return &at
}

func stepKey(p cadence.Plan, e cadence.Enrollment) string {
	if e.Step < 0 || e.Step >= len(p.Steps) {
		return ""
	}
	return p.Steps[e.Step].Key
}

func nextTouch(a *cadence.Ahead) *NextTouch {
	if a == nil {
		return nil
	}
	return &NextTouch{At: a.At, Cadence: a.Cadence, Step: a.Step, Channel: a.Channel, InHand: a.InHand}
}
