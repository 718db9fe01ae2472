package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"nurture/store"
)

// Import is what `nurture bench import` measured. Rates are a second of the wall clock, the start of the processes included.
type Import struct {
	Machine
	Rows       int     `json:"rows"`
	RowsPerSec float64 `json:"rows_per_s"`     // read, normalised and stored by nurture leads import
	Stored     int     `json:"stored"`         // leads in the database afterwards
	RSS        float64 `json:"rss_mb"`         // the most of the import's process, MiB
	LeadsPer   float64 `json:"enrolled_per_s"` // leads that the audience rule put into the cadence, by the planner's tick
	Enrolled   int     `json:"enrolled"`
	// CPU for a row, µs: what a busy machine changes least. Postgres is all its processes, 0 elsewhere than on Linux.
	ImportCPU         float64 `json:"import_cpu_us_per_row"`
	ImportPostgresCPU float64 `json:"import_postgres_cpu_us_per_row"`
	EnrolCPU          float64 `json:"enrol_cpu_us_per_lead"`
	EnrolPostgresCPU  float64 `json:"enrol_postgres_cpu_us_per_lead"`
}

// MeasureImport imports a made-up CSV file with the real command, then lets the audience rule enrol everybody.
func MeasureImport(ctx context.Context, o Options, rows int) (result *Import, err error) {
	g, err := newGround(ctx, o, plan{senders: 10, steps: 1})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	file := filepath.Join(g.Dir, "leads.csv")
	if err := writeLeads(file, rows); err != nil {
		return nil, err
	}
	r := &Import{Machine: g.machine(), Rows: rows}
	g.say("importing %d rows", rows)
	postgres := familyCPU(g.postgres.PID())
	took, err := g.importFile(ctx, file, r)
	if err != nil {
		return nil, err
	}
	r.ImportPostgresCPU = micros(familyCPU(g.postgres.PID())-postgres, rows)
	r.RowsPerSec = perSecond(rows, took)
	if r.Stored, err = store.CountLeads(ctx, g.pool); err != nil {
		return nil, err
	}
	// Nothing may be planned meanwhile: it is not what is measured.
	if err := g.hold(ctx); err != nil {
		return nil, err
	}
	g.say("enrolling %d leads", r.Stored)
	began, own := g.Now(), cpuTime()
	postgres = familyCPU(g.postgres.PID())
	if _, err := g.engine.Tick(ctx); err != nil {
		return nil, err
	}
	took = g.Now().Sub(began)
	r.EnrolCPU, r.EnrolPostgresCPU = micros(cpuTime()-own, r.Stored), micros(familyCPU(g.postgres.PID())-postgres, r.Stored)
	if r.Enrolled, err = store.CountRunning(ctx, g.pool); err != nil {
		return nil, err
	}
	r.LeadsPer = perSecond(r.Enrolled, took)
	return r, nil
}

// micros is what one of n took; 0 when there is none.
func micros(took time.Duration, n int) float64 {
	return ratio(float64(took.Microseconds()), float64(n))
}

// importFile runs the import in a process of its own.
func (g *ground) importFile(ctx context.Context, file string, r *Import) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, g.Program, "bench", "importer", file, "--database", g.url, "--config", g.configDir(), "--data", filepath.Join(g.Dir, "data"))
	cmd.Env = plainEnvironment()
	log, err := os.Create(filepath.Join(g.Dir, "import.log"))
	if err != nil {
		return 0, err
	}
	defer log.Close() // the process has its own handle
	cmd.Stdout, cmd.Stderr = log, log
	memory := filepath.Join(g.Dir, "import.rss")
	cmd.Args = append(cmd.Args, "--rss", memory)
	began := g.Now()
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(log.Name())
		return 0, fmt.Errorf("nurture leads import: %w\n%s", err, said)
	}
	took := g.Now().Sub(began)
	r.ImportCPU = micros(cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime(), r.Rows)
	if runtime.GOOS != "linux" {
		return took, nil
	}
	text, err := os.ReadFile(memory)
	if err != nil {
		return 0, err
	}
	var bytes int64
	if _, err := fmt.Sscan(string(text), &bytes); err != nil {
		return 0, fmt.Errorf("the import's memory %q: %w", text, err)
	}
	r.RSS = float64(bytes) / (1 << 20)
	return took, nil
}

// WritePeakRSS writes how much memory this process has held at most, in bytes, into a file.
func WritePeakRSS(file string) error {
	return os.WriteFile(file, fmt.Appendln(nil, peakRSS()), 0o644)
}

// writeLeads writes a file as a marketer would export it: names, an address in capitals here and there, phones in several national ways of
// writing, companies, countries by name.
func writeLeads(name string, rows int) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := bufio.NewWriterSize(file, 1<<20)
	fmt.Fprintln(w, "First Name,Last Name,Email,Phone,Job Title,Company,Industry,City,State,Country,Lead Source,Email Consent")
	places := []struct{ city, state, country, phone string }{
		{"Berlin", "", "Germany", "030 %03d %04d"},
		{"London", "", "United Kingdom", "+44 20 7%03d %04d"},
		{"Austin", "TX", "United States", "(512) 2%02d-%04d"},
		{"Sacramento", "CA", "United States", "916-3%02d-%04d"},
	}
	for i := range rows {
		p := places[i%len(places)]
		domain := fmt.Sprintf("site-%06d.example.com", i/colleagues)
		given, family := firstNames[i%len(firstNames)], lastNames[i%len(lastNames)]
		fmt.Fprintf(w, "%s,%s,%s.%s.%d@%s,%s,Plant Manager,%s Chemicals %d,Chemicals,%s,%s,%s,trade show,yes\n", given, family, given, family, i, domain,
			fmt.Sprintf(p.phone, i/10_000%100, i%10_000), family, i/colleagues, p.city, p.state, p.country)
	}
	return w.Flush()
}
