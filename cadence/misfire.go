package cadence

import (
	"hash/fnv"
	"slices"
	"time"

	"nurture/cadence/calendar"
)

// Misfire says what becomes of a touch whose time came while nothing was planned: the program or its database was down, or the mailbox
// was paused. To wait for capacity is no misfire, however long, nor to wait for a window. The zero Misfire sends late.
type Misfire struct {
	Grace calendar.Delay // as late as this it is sent all the same
	Then  MisfireAction  // beyond
	Over  calendar.Delay // MisfireSpread: the span over which touches are dated anew; in days or business days
}

// MisfireAction is the choice of a Misfire.
type MisfireAction string

// The misfire actions: send it late, leave it out and go on with the next step, or give each lead another day.
const (
	MisfireSendLate MisfireAction = "send_late"
	MisfireSkip     MisfireAction = "skip"
	MisfireSpread   MisfireAction = "spread"
)

// String gives the policy as it is written, such as "spread over 5 business days after 2 days".
func (m Misfire) String() string {
	text := string(m.Then)
	if m.Then == MisfireSpread {
		text += " over " + m.Over.String()
	}
	return text + " after " + m.Grace.String()
}

// misfired reports whether the touch of a step is late beyond grace: down is how much of its lateness nothing was planned in.
func (d *decision) misfired(step Step) bool {
	policy := d.plan.Misfire
	if d.down <= 0 || policy.Then != MisfireSkip && policy.Then != MisfireSpread {
		return false
	}
	due := d.now.Add(-d.down)
	intent, at := d.after(step, policy.Grace, due)
	return !intent.IsZero() && d.now.After(at)
}

// respread gives the step in hand another day: the lead's own, the same whenever it is asked for, so that the leads of one outage are
// dealt evenly over the span. The first of its days is today.
func (d *decision) respread(step Step) {
	over := d.plan.Misfire.Over
	n := max(over.Days, over.BusinessDays, 1)
	h := fnv.New32a()
	_, _ = h.Write([]byte("misfire\x00" + d.plan.Key + "\x00" + d.e.Lead.Key))
	day := int(h.Sum32() % uint32(n))
	delay := calendar.Delay{Days: day}
	if over.BusinessDays > 0 {
		delay = calendar.Delay{BusinessDays: day}
	}
	d.e.Due = d.due(step, delay, d.now, ReasonMisfired)
}

// Outage is a span in which nothing was planned.
type Outage struct {
	Mailbox string // "" is for every sender
	From    time.Time
	Until   time.Time
}

// Down is how long, between due and now, nothing was planned for a mailbox; mailbox "" is what no mailbox sends. Outages that overlap
// count once.
func Down(outages []Outage, mailbox string, due, now time.Time) time.Duration {
	var mine []Outage
	for _, o := range outages {
		if o.Mailbox == "" || o.Mailbox == mailbox {
			mine = append(mine, o)
		}
	}
	slices.SortFunc(mine, func(a, b Outage) int { return a.From.Compare(b.From) })
	down, counted := time.Duration(0), due
	for _, o := range mine {
		from, until := o.From, o.Until
		if from.Before(counted) {
			from = counted
		}
		if until.After(now) {
			until = now
		}
		if until.After(from) {
			down += until.Sub(from)
			counted = until
		}
	}
	return down
}
