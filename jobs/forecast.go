package jobs

import (
	"fmt"
	"time"

	"nurture/cadence"
	"nurture/config"
)

// Forecast is how many touches fall due on each day to come, for those inside now, by the live configuration and by the new one. Nobody
// responds in it, every sender has room, each call is made on its day, and no lead comes in: it tells a change apart from none, and is
// no promise.
type Forecast struct {
	Zone string        `json:"zone"` // the operator's: its days
	Days []ForecastDay `json:"days"`
}

// ForecastDay is one day of a Forecast.
type ForecastDay struct {
	Day string `json:"day"` // such as 2026-03-02
	Was Due    `json:"was"`
	New Due    `json:"new"`
}

// Due counts touches that fall due.
type Due struct {
	Emails     int `json:"emails"`
	Voicemails int `json:"voicemails"`
	Calls      int `json:"calls"` // and mails that a person writes: tasks of the SDRs
}

// Sends is what leaves by machine.
func (d Due) Sends() int { return d.Emails + d.Voicemails }

func (d *Due) add(channel cadence.Channel, n int) {
	switch channel {
	case cadence.ChannelEmail:
		d.Emails += n
	case cadence.ChannelVoicemail:
		d.Voicemails += n
	case cadence.ChannelCall:
		d.Calls += n
	}
}

// outlook gathers a forecast.
type outlook struct {
	*revision
	live   *config.Config
	starts []time.Time // of the days; one more than there are
	days   []ForecastDay
	zone   string
	same   map[string]bool // cadences that are the same in both
}

func newOutlook(r *revision, live *config.Config, days int) (*outlook, error) {
	loc, err := time.LoadLocation(live.Settings.Zone)
	if err != nil {
		return nil, fmt.Errorf("the operator's zone: %w", err)
	}
	o := &outlook{revision: r, live: live, zone: live.Settings.Zone, same: map[string]bool{}}
	for key, hash := range live.PlanHash {
		o.same[key] = r.target.PlanHash[key] == hash
	}
	y, m, d := r.now.In(loc).Date()
	for i := range days + 1 {
		start := time.Date(y, m, d+i, 0, 0, 0, 0, loc)
		o.starts = append(o.starts, start)
		if i < days {
			o.days = append(o.days, ForecastDay{Day: start.Format(time.DateOnly)})
		}
	}
	return o, nil
}

// add walks an enrolment through the days, by what is live and by what would be.
func (o *outlook) add(c *carried) {
	was, differs := o.walk(c.revision.Old, c.was, o.live)
	next := was
	if c.moves() {
		next, _ = o.walk(c.revision.New, c.became, o.target)
	} else if differs { // it comes into a cadence that changes
		next, _ = o.walk(c.revision.Old, c.was, o.target)
	}
	for _, a := range was {
		o.days[a.day].Was.add(a.channel, 1)
	}
	for _, a := range next {
		o.days[a.day].New.add(a.channel, 1)
	}
}

type touchDay struct {
	day     int
	channel cadence.Channel
}

// walk gives the touches of an enrolment by day, and whether any of another cadence that is not the same in both is among them.
func (o *outlook) walk(plan cadence.Plan, e cadence.Enrollment, cfg *config.Config) (touches []touchDay, differs bool) {
	day, plans := 0, o.plans(cfg, e.Lead)
	next := func(key string) (cadence.Plan, bool) {
		differs = differs || !o.same[key]
		return plans(key)
	}
	cadence.LookAhead(plan, e, o.now, next, func(a cadence.Ahead) bool {
		for day < len(o.days) && !a.At.Before(o.starts[day+1]) {
			day++
		}
		if day == len(o.days) {
			return false
		}
		touches = append(touches, touchDay{day, a.Channel})
		return true
	})
	return touches, differs
}

func (o *outlook) forecast() Forecast { return Forecast{Zone: o.zone, Days: o.days} }
