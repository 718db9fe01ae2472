package simulate

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"nurture/cadence"
	"nurture/config"
)

// Span is how days are put together.
type Span string

// The spans. Weeks begin on Monday.
const (
	ByDay   Span = "day"
	ByWeek  Span = "week"
	ByMonth Span = "month"
)

// Band is a figure over the runs of several seeds: the mean, and the middle 95 % of the runs (the 2.5th and 97.5th percentile, interpolated).
// With one run all three are alike.
type Band struct {
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Series is one figure, period by period.
type Series struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	// Level says that the figure is how things stood at the end of a period; else it counts what happened in it.
	Level   bool   `json:"level"`
	Periods []Band `json:"periods"`
	Total   Band   `json:"total"` // of what is counted; for a level the highest
}

// Period is a stretch of days; Days of them were lived through.
type Period struct {
	From time.Time `json:"-"`
	Name string    `json:"period"`
	Days int       `json:"days"`
	// Workdays are the days of it on which something may be sent by the usual window, of which there is at least one.
	Workdays int `json:"workdays"`
	// What could be done in it; −1 is no limit.
	EmailRoom     int `json:"email_room"`
	VoicemailRoom int `json:"voicemail_room"`
	CallRoom      int `json:"call_room"`
}

// Count is a named figure over the runs.
type Count struct {
	Name string `json:"name"`
	Band
}

// Summary is what a study found. The JSON keys are a contract: docs/simulate.md lists them.
type Summary struct {
	Leads     int       `json:"leads"`
	Inside    int       `json:"inside"` // of them in a cadence when it began
	Start     time.Time `json:"start"`
	Days      int       `json:"days"`
	Seeds     int       `json:"seeds"`
	FirstSeed int64     `json:"first_seed"`
	Span      Span      `json:"by"`
	Periods   []Period  `json:"periods"`
	Series    []Series  `json:"series"`
	Peaks     []Peak    `json:"peaks"`
	Weeks     []Week    `json:"promoted_by_week"`
	Budget    []Band    `json:"cycles_by_touches"` // index is how many touches of its budget a cycle used
	Standing  []Count   `json:"at_the_end"`
	Ends      []Count   `json:"ended_because"`
	Finished  []Count   `json:"cadences_finished_because"`
	Skipped   []Count   `json:"left_out_because"`
	Responses []Count   `json:"responses"`
	Unmatched int       `json:"unmatched"` // leads that no audience takes
}

// Week is how many leads are promoted to sales in a week that begins on Monday, whatever the periods are.
type Week struct {
	Name string `json:"week"`
	Band
}

// Peak is the fullest day of a channel.
type Peak struct {
	Channel cadence.Channel `json:"channel"`
	Band
	Room     int     `json:"room"`      // of a usual day of sending at the end of the time; −1 is no limit
	FullDays float64 `json:"full_days"` // days on which the room was used up, on average over the seeds
}

// metric is a figure of a day.
type metric struct {
	key, label string
	level      bool
	of         func(*Day) int
}

// figures are those of each run: by period, and in all.
func (m metric) figures(results []*Result, of []int, periods int) (runs [][]float64, totals []float64) {
	runs, totals = make([][]float64, len(results)), make([]float64, len(results))
	for i, r := range results {
		runs[i] = make([]float64, periods)
		for d := range r.Days {
			n := float64(m.of(&r.Days[d]))
			if m.level {
				runs[i][of[d]] = n
				totals[i] = max(totals[i], n)
				continue
			}
			runs[i][of[d]] += n
			totals[i] += n
		}
	}
	return runs, totals
}

// series puts the figures of all runs together.
func (m metric) series(runs [][]float64, totals []float64) Series {
	s := Series{Key: m.key, Label: m.label, Level: m.level, Periods: make([]Band, len(runs[0])), Total: bandOf(totals, func(n float64) float64 { return n })}
	for k := range s.Periods {
		s.Periods[k] = bandOf(runs, func(run []float64) float64 { return run[k] })
	}
	return s
}

var promoted = metric{"promoted", "promoted to sales", false, func(d *Day) int { return d.Promoted }}

var metrics = []metric{
	{"emails", "emails", false, func(d *Day) int { return d.Emails }},
	{"voicemails", "voicemails", false, func(d *Day) int { return d.Voicemails }},
	{"calls", "calls filed", false, func(d *Day) int { return d.Calls }},
	{"tasks_done", "tasks done by SDRs", false, func(d *Day) int { return d.Worked }},
	{"calls_made", "calls made", false, func(d *Day) int { return d.Rung }},
	{"tasks_expired", "tasks expired", false, func(d *Day) int { return d.Expired }},
	promoted,
	{"accepted", "accepted by sales", false, func(d *Day) int { return d.Accepted }},
	{"rejected", "rejected by sales", false, func(d *Day) int { return d.Rejected }},
	{"incomplete", "handoffs that lacked something", false, func(d *Day) int { return d.Blocked }},
	{"enrolled", "enrolments begun", false, func(d *Day) int { return d.Enrolled }},
	{"moved", "moves to another cadence", false, func(d *Day) int { return d.Moved }},
	{"ended", "leads ended", false, func(d *Day) int { return d.Ended }},
	{"left_out", "touches left out", false, func(d *Day) int { return d.Skipped }},
	{"waiting", "due, waiting for capacity", true, func(d *Day) int { return d.Waiting }},
	{"open_tasks", "open tasks", true, func(d *Day) int { return d.OpenTasks }},
	{"in_line", "waiting for a cadence", true, func(d *Day) int { return d.InLine }},
}

// Study runs several seeds, from first on, and puts them together. With one seed all goroutines work on it; with several, each on its own.
func Study(o Options, history History, first int64, seeds int, by Span) (*Summary, error) {
	results, err := runAll(o, history, first, seeds)
	if err != nil {
		return nil, err
	}
	return summaryOf(o, results, first, by), nil
}

// Comparison is what a change would do: the same people, with the same seeds, under two configurations.
type Comparison struct {
	Base    *Summary `json:"base"`
	Changed *Summary `json:"changed"`
	// Difference is changed minus base, of each seed with its own: what chance does to both alike is not in it.
	Difference []Series `json:"difference"`
}

// Compare studies the options as they are, and with another configuration, under which those who are inside finish on the plans that they are
// on.
func Compare(o Options, changed *config.Config, history History, first int64, seeds int, by Span) (*Comparison, error) {
	before, err := runAll(o, history, first, seeds)
	if err != nil {
		return nil, err
	}
	next := o
	next.Config, next.Population = changed, o.Population.pinned(o.Config, changed)
	after, err := runAll(next, history, first, seeds)
	if err != nil {
		return nil, err
	}
	c := &Comparison{Base: summaryOf(o, before, first, by), Changed: summaryOf(next, after, first, by)}
	of := (&Summary{}).periods(before[0].Days, [7]bool{}, by)
	for _, m := range metrics {
		runs, totals := m.figures(before, of, len(c.Base.Periods))
		then, thenTotals := m.figures(after, of, len(c.Base.Periods))
		for i := range runs {
			for k := range runs[i] {
				runs[i][k] = then[i][k] - runs[i][k]
			}
			totals[i] = thenTotals[i] - totals[i]
		}
		c.Difference = append(c.Difference, m.series(runs, totals))
	}
	return c, nil
}

func summaryOf(o Options, results []*Result, first int64, by Span) *Summary {
	s := summarize(results, o.Config.Settings.Defaults.Window.Days(), by)
	s.Start, s.Days, s.FirstSeed = o.Start, o.Days, first
	if zone, err := time.LoadLocation(o.Config.Settings.Zone); err == nil {
		s.Start = o.Start.In(zone)
	}
	return s
}

func runAll(o Options, history History, first int64, seeds int) ([]*Result, error) {
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	results, errs := make([]*Result, seeds), make([]error, seeds)
	if seeds > 1 {
		o.Workers = 1
	}
	var group sync.WaitGroup
	turn := make(chan struct{}, max(min(workers, seeds), 1))
	for i := range seeds {
		turn <- struct{}{}
		group.Go(func() {
			defer func() { <-turn }()
			one := o
			one.People = NewPeople(o.Config, history, first+int64(i))
			results[i], errs[i] = Run(one)
		})
	}
	group.Wait()
	return results, errors.Join(errs...)
}

func summarize(results []*Result, sends [7]bool, by Span) *Summary {
	s := &Summary{Leads: results[0].Leads, Inside: results[0].Inside, Seeds: len(results), Span: by, Unmatched: results[0].Unmatched}
	of := s.periods(results[0].Days, sends, by)
	for _, m := range metrics {
		runs, totals := m.figures(results, of, len(s.Periods))
		s.Series = append(s.Series, m.series(runs, totals))
	}
	s.Peaks = peaks(results)
	s.weeks(results)
	most := 0
	for _, r := range results {
		most = max(most, len(r.Budget))
	}
	for used := range most {
		s.Budget = append(s.Budget, bandOf(results, func(r *Result) float64 {
			if used < len(r.Budget) {
				return float64(r.Budget[used])
			}
			return 0
		}))
	}
	s.standing(results)
	return s
}

func (s *Summary) weeks(results []*Result) {
	var weekly Summary
	of := weekly.periods(results[0].Days, [7]bool{}, ByWeek)
	runs, _ := promoted.figures(results, of, len(weekly.Periods))
	for i, p := range weekly.Periods {
		s.Weeks = append(s.Weeks, Week{p.Name, bandOf(runs, func(run []float64) float64 { return run[i] })})
	}
}

func (s *Summary) standing(results []*Result) {
	for _, c := range []struct {
		name string
		of   func(*Result) int
	}{
		{"in an active cadence", func(r *Result) int { return r.Active }},
		{"in a long-term cadence", func(r *Result) int { return r.LongTerm }},
		{"paused", func(r *Result) int { return r.Paused }},
		{"with sales", func(r *Result) int { return r.WithSales }},
		{"ended", func(r *Result) int { return r.Ended }},
		{"in no cadence", func(r *Result) int { return r.InLine }},
	} {
		s.Standing = append(s.Standing, Count{c.name, bandOf(results, func(r *Result) float64 { return float64(c.of(r)) })})
	}
	s.Ends = counts(results, func(r *Result) map[cadence.EndReason]int { return r.Ends })
	s.Finished = counts(results, func(r *Result) map[cadence.Reason]int { return r.Finished })
	s.Skipped = counts(results, func(r *Result) map[cadence.Reason]int { return r.Skipped })
	s.Responses = counts(results, func(r *Result) map[cadence.ResponseKind]int { return r.Responses })
}

// counts puts counted names together, the most frequent first.
func counts[K ~string](results []*Result, of func(*Result) map[K]int) []Count {
	names := map[K]bool{}
	for _, r := range results {
		for name := range of(r) {
			names[name] = true
		}
	}
	all := make([]Count, 0, len(names))
	for name := range names {
		all = append(all, Count{string(name), bandOf(results, func(r *Result) float64 { return float64(of(r)[name]) })})
	}
	slices.SortFunc(all, func(a, b Count) int {
		switch {
		case a.Mean > b.Mean:
			return -1
		case a.Mean < b.Mean:
			return 1
		case a.Name < b.Name:
			return -1
		}
		return 1
	})
	return all
}

// periods cuts the days into periods and returns the period of each.
func (s *Summary) periods(days []Day, sends [7]bool, by Span) []int {
	of := make([]int, len(days))
	for i, d := range days {
		from, name := periodOf(d.Date, by)
		if n := len(s.Periods); n == 0 || s.Periods[n-1].Name != name {
			s.Periods = append(s.Periods, Period{From: from, Name: name})
		}
		of[i] = len(s.Periods) - 1
		p := &s.Periods[of[i]]
		p.Days++
		if sends[d.Date.Weekday()] {
			p.Workdays++
			add(&p.EmailRoom, d.EmailRoom)
			add(&p.VoicemailRoom, d.VoicemailRoom)
			add(&p.CallRoom, d.CallRoom)
		}
	}
	return of
}

// add sums rooms, of which −1 is no limit.
func add(sum *int, room int) {
	if *sum < 0 || room < 0 {
		*sum = -1
		return
	}
	*sum += room
}

func periodOf(date time.Time, by Span) (time.Time, string) {
	switch by {
	case ByMonth:
		return time.Date(date.Year(), date.Month(), 1, 0, 0, 0, 0, time.UTC), date.Format("2006-01")
	case ByWeek:
		monday := date.AddDate(0, 0, -(int(date.Weekday())+6)%7)
		year, week := date.ISOWeek()
		return monday, fmt.Sprintf("%d-W%02d", year, week)
	case ByDay:
	}
	return date, date.Format(time.DateOnly)
}

// peaks finds the fullest days.
func peaks(results []*Result) []Peak {
	var all []Peak
	for _, c := range []struct {
		channel  cadence.Channel
		n, rooms func(*Day) int
	}{
		{cadence.ChannelEmail, func(d *Day) int { return d.Emails }, func(d *Day) int { return d.EmailRoom }},
		{cadence.ChannelVoicemail, func(d *Day) int { return d.Voicemails }, func(d *Day) int { return d.VoicemailRoom }},
		{cadence.ChannelCall, func(d *Day) int { return d.Calls }, func(d *Day) int { return d.CallRoom }},
	} {
		peak := Peak{Channel: c.channel, Room: c.rooms(results[0].today())}
		full := 0
		peak.Band = bandOf(results, func(r *Result) float64 {
			most := 0
			for i := range r.Days {
				n, room := c.n(&r.Days[i]), c.rooms(&r.Days[i])
				most = max(most, n)
				if room > 0 && n >= room {
					full++
				}
			}
			return float64(most)
		})
		peak.FullDays = float64(full) / float64(len(results))
		all = append(all, peak)
	}
	return all
}

// bandOf is a figure over runs.
func bandOf[R any](runs []R, of func(R) float64) Band {
	values := make([]float64, len(runs))
	sum := 0.0
	for i, r := range runs {
		values[i] = of(r)
		sum += values[i]
	}
	slices.Sort(values)
	return Band{Mean: sum / float64(len(runs)), Low: quantile(values, 0.025), High: quantile(values, 0.975)}
}

// quantile interpolates between the sorted values (type 7 of Hyndman and Fan, as most programs do).
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	below := int(math.Floor(at))
	if below+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[below] + (at-float64(below))*(sorted[below+1]-sorted[below])
}

// Of finds a series by its key; nil when there is none.
func (s *Summary) Of(key string) *Series {
	for i := range s.Series {
		if s.Series[i].Key == key {
			return &s.Series[i]
		}
	}
	return nil
}
