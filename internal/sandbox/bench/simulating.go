package bench

import (
	"runtime"
	"time"

	"nurture/config"
	"nurture/examples"
	"nurture/internal/sandbox"
	"nurture/internal/simulate"
	"nurture/jobs"
)

// Simulation is what `nurture bench simulate` measured.
type Simulation struct {
	CPUs      int     `json:"cpus"`
	OS        string  `json:"os"`
	Go        string  `json:"go"`
	Leads     int     `json:"leads"`
	Days      int     `json:"days"`
	Seconds   float64 `json:"seconds"`     // of the run, without making the leads up
	CPU       float64 `json:"cpu_seconds"` // user and system
	Decisions int     `json:"decisions"`   // events that the core was asked about
	PerSecond float64 `json:"decisions_per_s"`
	PerCPU    float64 `json:"decisions_per_cpu_s"`
	Touches   int     `json:"touches"`
	Desk      int     `json:"desk"` // how many times the starter's capacities
	RSS       float64 `json:"rss_mb"`
}

// leadsPerDesk is how many leads the capacities of the starter are taken to be for.
const leadsPerDesk = 400

// MeasureSimulation simulates made-up leads under the starter configuration, with capacities that suit so many.
func MeasureSimulation(now func() time.Time, leads, days int) (*Simulation, error) {
	cfg, err := config.Load(examples.Starter())
	if err != nil {
		return nil, err
	}
	start := sandbox.Start
	rows, facts := jobs.LeadsOf(sandbox.People(1, leads, start), cfg, start)
	population := simulate.NewPopulation(rows, facts, start)
	runtime.GC()
	r := &Simulation{CPUs: runtime.NumCPU(), OS: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), Leads: leads, Days: days, Desk: 1 + leads/leadsPerDesk}
	began, used := now(), cpuTime()
	result, err := simulate.Run(simulate.Options{
		Config: cfg, Population: population, People: simulate.NewPeople(cfg, simulate.History{}, 1), Start: start, Days: days, Desk: r.Desk,
	})
	if err != nil {
		return nil, err
	}
	took, cpu := now().Sub(began), cpuTime()-used
	for _, d := range result.Days {
		r.Touches += d.Emails + d.Voicemails + d.Calls
	}
	r.Seconds, r.CPU, r.Decisions = took.Seconds(), cpu.Seconds(), result.Decisions
	r.PerSecond, r.PerCPU = perSecond(result.Decisions, took), perSecond(result.Decisions, cpu)
	r.RSS = float64(peakRSS()) / (1 << 20)
	return r, nil
}
