// Package simulate lets a population live through months of its cadences in seconds: the same decisions, by the same functions, as the engine
// makes, on a virtual clock, in memory. What people answer is drawn by chance from shares that history and simulate.yaml give.
//
// It holds nothing but values: no database, no clock, no I/O. The same population, configuration and seed give the same result, however many
// goroutines work on it.
package simulate

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
	"nurture/config"
)

// Options say what a run is about.
type Options struct {
	Config     *config.Config
	Population *Population
	People     *People
	Start      time.Time
	Days       int
	Step       time.Duration // how far the clock moves at a time; 0 is Quarter. What falls due within a step happens at its end
	Desk       int           // every daily capacity and intake is so many times what is written; 0 is once
	Workers    int           // goroutines that decide; 0 is one a CPU. It changes nothing but the time that it takes
	// Touched is told of every touch that is made, in order; nil is not.
	Touched func(Made)
}

// Made is a touch: an email or voicemail that left, or a call task that was filed.
type Made struct {
	Lead    string // its key
	Channel cadence.Channel
	Step    string
	At      time.Time
}

// Quarter is the usual step of the clock.
const Quarter = 15 * time.Minute

// person is a lead in a run.
type person struct {
	*Person
	core     cadence.Enrollment // the latest enrolment; State "" before the first
	index    int32              // among the people of the run
	who      Who
	version  *version
	plan     *cadence.Plan // of version, with the call hours of the lead's place
	ways     cadence.Ways
	rooms    [3]*room // by mail, voicemail, call
	in       *room    // where it is due
	priority cadence.Priority
	seq      uint32 // of its place in the queues
	run      int32  // which enrolment the core is, from 1
	cycle    int32
	attempts int // of the cycle
	budget   int // of the cycle
	mask     uint64
	masked   bool // mask says which live plans take the lead
	fields   map[string]predicate.Value
	facts    []uld.Fact
	owned    bool // facts are this run's own, not the population's
	ready    bool // was near a decision when it was last talked to

	readiness                       string
	refusedAt                       time.Time
	named                           *time.Time // from when on it wants to hear of us again
	mails, drops, calls, handoffs   int
	asked                           map[cadence.TaskKind]int
	tasks                           []task
	turn                            int32     // the instant, from 1, at which time alone changes the verdict; 0: it does not in this run
	offered, blocked                bool      // a handoff waits for sales, or for what its dossier lacks
	intakeAt                        time.Time // zero: does not wait
	recent                          []contact
	arrived                         []mail
	softs                           []time.Time
	owner                           *sdr
	worked                          int64 // the day of the SDR on which it last was somebody's task
	slot                            int32 // in the batch being decided
	planned                         int32 // its touch that leaves in this instant: an index from 1
	stamp                           uint64
	colleagues, samePhone, sameMail []int32
}

// run is one run under way.
type run struct {
	Options
	law      config.Compliance
	now      time.Time
	instant  int // now, as steps since the start
	people   []person
	versions []*version // of the population, by index
	live     []*version // by key, sorted
	byKey    map[string]*version
	// bySubject says that a cadence looks at what leads were sent: else nobody keeps it.
	bySubject bool
	blank     uld.Verdict // of a lead of which nothing is known
	rooms     []*room
	spent     []spending // by spender
	spenders  map[cadence.Spender]int
	allowed   cadence.Allowances
	closed    cadence.ClosedRooms
	started   map[string]int // today's intake, by cadence
	capped    bool           // some plan caps the frequency
	longest   time.Duration  // the longest span of such a cap

	dueAt    [][]waiting // by instant
	answerAt [][]answer
	expireAt [][]waiting
	intakeOn [][]int32
	salesAt  [][]int32
	taskAt   [][]waiting // callbacks, which are not to be made before their time
	turnAt   [][]int32   // time alone changes their verdicts
	overdue  []int32     // waits for intake since before now
	inLine   int         // how many wait for intake, now or later

	sdrs    []*sdr
	taskNo  uint32
	stamp   uint64
	batch   []decided
	planned []plannedTouch
	next    []event
	told    []int32
	barred  []barred
	calls   map[int32][]contact // to numbers that have a cap, by the first lead that has the number
	capCall bool
	zone    *time.Location
	out     *Result
	err     error
}

// Run lives through the days of the options.
func Run(o Options) (*Result, error) {
	if o.Days < 1 || len(o.Population.People) == 0 {
		return nil, fmt.Errorf("a simulation needs at least one day and one lead, not %d days and %d leads", o.Days, len(o.Population.People))
	}
	if o.Step <= 0 {
		o.Step = Quarter
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	o.Desk = max(o.Desk, 1)
	o.Start = o.Start.UTC().Truncate(o.Step)
	r, err := newRun(o)
	if err != nil {
		return nil, err
	}
	for r.instant = range r.dueAt {
		r.now = o.Start.Add(time.Duration(r.instant) * o.Step)
		if err := r.newDay(); err != nil {
			return nil, err
		}
		r.arrive()
		for r.moment() > 0 {
		}
		if r.err != nil {
			return nil, fmt.Errorf("at %s: %w", r.now.Format(time.DateTime), r.err)
		}
	}
	r.finish()
	return r.out, nil
}

// moment lets everything happen that is due now, once, and returns how much that was. The order is the sandbox's: the engine, what people do
// about what they got, the desk, sales.
func (r *run) moment() int {
	n := r.intake()
	n += r.expire()
	n += r.turn()
	n += r.plan()
	n += r.send()
	n += r.react()
	n += r.work()
	n += r.sell()
	if r.err != nil {
		return 0
	}
	return n
}

// newDay begins another day of the operator's when it is time.
func (r *run) newDay() error {
	if r.now.Before(r.allowed.Tomorrow) {
		return nil
	}
	if r.out != nil && len(r.out.Days) > 0 {
		r.endOfDay()
	}
	var err error
	if r.allowed, err = r.Config.Settings.AllowancesAt(r.Desk, r.now); err != nil {
		return err
	}
	for i := range r.spent {
		r.spent[i].day = 0
	}
	clear(r.started)
	r.beginDay()
	return nil
}

// arrive moves what waited for this instant to where it is looked at.
func (r *run) arrive() {
	for _, w := range r.dueAt[r.instant] {
		if p := &r.people[w.lead]; p.seq == w.seq {
			p.in.push(p.priority, w)
		}
	}
	for _, w := range r.taskAt[r.instant] {
		if t := r.people[w.lead].openTask(w.seq); t != nil {
			r.people[w.lead].owner.push(w)
		}
	}
	r.overdue = append(r.overdue, r.intakeOn[r.instant]...)
	r.dueAt[r.instant], r.taskAt[r.instant], r.intakeOn[r.instant] = nil, nil, nil
}

// step gives the instant at which something at t is looked at: now for what is past; false when that is after the end.
func (r *run) step(t time.Time) (int, bool) {
	since := t.Sub(r.Start)
	i := int(since / r.Step)
	if since%r.Step > 0 {
		i++
	}
	return max(i, r.instant), i < len(r.dueAt)
}

var errSpread = errors.New("events spread over too many rounds; cadences that move leads to each other at once are the likely cause")

// fail notes the first thing that went wrong.
func (r *run) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// newRun sets the population up.
func newRun(o Options) (*run, error) {
	instants := int(time.Duration(o.Days) * 24 * time.Hour / o.Step)
	r := &run{
		Options: o, law: o.Config.Settings.Compliance, now: o.Start, byKey: map[string]*version{}, spenders: map[cadence.Spender]int{},
		started: map[string]int{}, dueAt: make([][]waiting, instants), answerAt: make([][]answer, instants), expireAt: make([][]waiting, instants),
		intakeOn: make([][]int32, instants), salesAt: make([][]int32, instants), taskAt: make([][]waiting, instants), turnAt: make([][]int32, instants),
		calls: map[int32][]contact{}, capCall: o.Config.Settings.Compliance.CapsCalls(), out: &Result{},
	}
	var err error
	if r.zone, err = time.LoadLocation(o.Config.Settings.Zone); err != nil {
		return nil, fmt.Errorf("the operator's zone: %w", err)
	}
	for _, key := range sortedPlans(o.Config) {
		v := newVersion(o.Config.Plans[key], o.People, len(r.live))
		r.live, r.byKey[key] = append(r.live, v), v
	}
	if len(r.live) > 64 {
		return nil, fmt.Errorf("%d cadences are more than a simulation takes: 64", len(r.live))
	}
	for _, v := range o.Population.Versions {
		r.versions = append(r.versions, newVersion(v.Plan, o.People, -1))
	}
	for _, v := range slices.Concat(r.live, r.versions) {
		if v.plan.Frequency.Capped() {
			r.capped, r.longest = true, max(r.longest, v.plan.Frequency.Per)
		}
	}
	r.blank = uld.Judge(o.Config.Definition, nil, false, o.Start)
	if err := r.furnish(); err != nil {
		return nil, err
	}
	if err := r.newDay(); err != nil {
		return nil, err
	}
	r.populate()
	return r, nil
}

func sortedPlans(cfg *config.Config) []string {
	keys := make([]string, 0, len(cfg.Plans))
	for key := range cfg.Plans {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
