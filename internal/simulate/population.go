package simulate

import (
	"slices"
	"time"

	"nurture/cadence"
	"nurture/cadence/uld"
	"nurture/config"
	"nurture/store"
)

// Population is everybody that a run begins with. It is only read: many runs may begin with one.
type Population struct {
	People   []Person  // in the order of their ids
	Versions []Version // that leads inside are on, beyond those of the configuration
}

// Person is a lead as it stands when a run begins.
type Person struct {
	Lead    store.Lead
	Account string // by what colleagues know each other; "" is nobody's
	Facts   []uld.Fact
	// Inside is the latest enrolment, finished or not; nil when there never was one.
	Inside *Inside
	// IntakeAt is since when, or from when on, the lead waits for a cadence; nil: it does not.
	IntakeAt  *time.Time
	RefusedAt time.Time // when the lead or sales last said no; zero for never
	// Named is from when on the lead wants to hear of us again; nil when it named no such day.
	Named   *time.Time
	Tasks   []Task    // open ones
	Offered time.Time // since when a handoff waits for sales; zero: none does
}

// Inside is an enrolment with the plan that it is on.
type Inside struct {
	store.Enrollment
	Version int // index into Population.Versions; −1 is the configuration's own plan of the key
}

// Version is a plan that leads are still on.
type Version struct {
	ID   int64
	Plan cadence.Plan
}

// Task is one that is open.
type Task struct {
	Kind    cadence.TaskKind
	Due     time.Time
	Expires *time.Time
	OfTouch bool // a step of the enrolment filed it
}

// NewPopulation is a population of leads that nothing has happened to yet; they wait for a cadence from start on. facts may be nil.
func NewPopulation(leads []store.NewLead, facts [][]uld.Fact, start time.Time) *Population {
	pop := &Population{People: make([]Person, len(leads))}
	for i := range leads {
		l := leads[i].Lead
		l.ID = int64(i + 1)
		l.Stage = string(cadence.StageInquiry)
		p := Person{Lead: l, Account: leads[i].AccountKey}
		if facts != nil {
			p.Facts = facts[i]
		}
		switch {
		case leads[i].OptedOut:
			p.Lead.EndReason = string(cadence.EndOptedOut)
		case leads[i].NoAddress:
			p.Lead.EndReason = string(cadence.EndUnreachable)
		default:
			p.IntakeAt = &start
		}
		pop.People[i] = p
	}
	return pop
}

// pinned is the population under another configuration: who is in a cadence that is another one there finishes on the plan that it is on, as
// when a configuration is applied.
func (p *Population) pinned(from, to *config.Config) *Population {
	at := map[string]int{}
	copied := &Population{People: slices.Clone(p.People), Versions: slices.Clone(p.Versions)}
	for i := range copied.People {
		inside := copied.People[i].Inside
		if inside == nil || inside.Version >= 0 || from.PlanHash[inside.CadenceKey] == to.PlanHash[inside.CadenceKey] {
			continue
		}
		if _, known := at[inside.CadenceKey]; !known {
			at[inside.CadenceKey] = len(copied.Versions)
			copied.Versions = append(copied.Versions, Version{ID: inside.CadenceVersionID, Plan: from.Plans[inside.CadenceKey]})
		}
		pinned := *inside
		pinned.Version = at[inside.CadenceKey]
		copied.People[i].Inside = &pinned
	}
	return copied
}

// version is a plan with what a run wants to know of it again and again.
type version struct {
	key      string
	plan     cadence.Plan
	byPlace  map[string]*cadence.Plan // with the call hours of a country and region
	shares   []*Shares                // by step
	branches bool
	live     int // index among the live plans; −1 for one that nobody enters any more
}

func newVersion(plan cadence.Plan, people *People, live int) *version {
	v := &version{key: plan.Key, plan: plan, byPlace: map[string]*cadence.Plan{}, live: live}
	for _, step := range plan.Steps {
		v.shares = append(v.shares, people.Step(plan.Key, step))
		v.branches = v.branches || step.Kind == cadence.StepBranch
	}
	return v
}

// at is the plan with the legal call hours of a lead's place.
func (v *version) at(lead *cadence.Lead, law config.Compliance) *cadence.Plan {
	key := lead.Place.Country + "-" + lead.Place.Region
	plan := v.byPlace[key]
	if plan == nil {
		copied := v.plan
		copied.CallHours = law.CallHours(lead.Place)
		plan = &copied
		v.byPlace[key] = plan
	}
	return plan
}

// groupsOf maps leads that share something to each other: value → indices, for values that at least two leads have.
func groupsOf(people []person, of func(*person) string) map[string][]int32 {
	first := make(map[string]int32, len(people))
	groups := map[string][]int32{}
	for i := range people {
		value := of(&people[i])
		if value == "" {
			continue
		}
		one, seen := first[value]
		switch {
		case !seen:
			first[value] = int32(i)
		case groups[value] == nil:
			groups[value] = []int32{one, int32(i)}
		default:
			groups[value] = append(groups[value], int32(i))
		}
	}
	for _, members := range groups {
		slices.Sort(members)
	}
	return groups
}
