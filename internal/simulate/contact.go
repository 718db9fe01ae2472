package simulate

import (
	"slices"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
)

// contact is a touch that was made, or a call to a number. A task's is dated anew when somebody has done it.
type contact struct {
	at   time.Time
	task uint32 // 0 for what no task is about
}

// mail is one that was sent, for telling a row of soft bounces.
type mail struct {
	at      time.Time
	number  int // among the lead's mails
	bounced bool
}

// keptMails is how many of a lead's latest mails are remembered: more than are sent in the week after which one has arrived.
const keptMails = 8

// bounceBy is when a mail that has not bounced counts as arrived, as in the engine.
const bounceBy = 7 * 24 * time.Hour

func (p *person) sentMail(at time.Time) {
	if len(p.arrived) == keptMails {
		p.arrived = slices.Delete(p.arrived, 0, 1)
	}
	p.arrived = append(p.arrived, mail{at: at, number: p.mails})
}

// bounces notes that a mail came back.
func (p *person) bounces(number int) {
	for i := range p.arrived {
		if p.arrived[i].number == number {
			p.arrived[i].bounced = true
		}
	}
}

// softInARow counts the soft bounces since the lead last showed life, or a mail to it arrived.
func (p *person) softInARow(now time.Time) int {
	var quiet time.Time
	for _, m := range p.arrived {
		if !m.bounced && m.at.Before(now.Add(-bounceBy)) && m.at.After(quiet) {
			quiet = m.at
		}
	}
	n := 0
	for _, at := range p.softs {
		if at.After(quiet) {
			n++
		}
	}
	return n
}

// recently lists when the lead was touched after since.
func (p *person) recently(since time.Time) []time.Time {
	var made []time.Time
	for _, c := range p.recent {
		if c.at.After(since) {
			made = append(made, c.at)
		}
	}
	return made
}

// touched notes a contact, where somebody counts them.
func (r *run) touched(p *person, c contact) {
	if !r.capped {
		return
	}
	p.recent = slices.DeleteFunc(p.recent, func(old contact) bool { return !old.at.After(r.now.Add(-r.longest)) })
	p.recent = append(p.recent, c)
}

// number is the first of the leads that have a lead's number.
func (p *person) number() int32 {
	if len(p.samePhone) > 0 {
		return p.samePhone[0]
	}
	return p.index
}

// mostCalls is how many calls a lead's number may get in cadence.CallSpan; 0 is no cap.
func (r *run) mostCalls(p *person) int {
	if !r.capCall || p.Lead.Phone == "" {
		return 0
	}
	return r.law.MaxCalls(calendar.Place{Country: p.Lead.Country, Region: p.Lead.Region})
}

// callRoom is when the number of a lead may be called again.
func (r *run) callRoom(p *person) time.Time {
	most := r.mostCalls(p)
	if most == 0 {
		return r.now
	}
	var made []time.Time
	for _, c := range r.calls[p.number()] {
		if c.at.After(r.now.Add(-cadence.CallSpan)) {
			made = append(made, c.at)
		}
	}
	return cadence.CallRoom(made, most, r.now)
}

// called notes a call, where somebody counts them.
func (r *run) called(p *person, c contact) {
	if !r.capCall || p.Lead.Phone == "" {
		return
	}
	number := p.number()
	calls := slices.DeleteFunc(r.calls[number], func(old contact) bool { return !old.at.After(r.now.Add(-cadence.CallSpan)) })
	r.calls[number] = append(calls, c)
}

// redate dates the contacts of a task anew, or, with the zero time, forgets them.
func (r *run) redate(p *person, task uint32, at time.Time) {
	change := func(contacts []contact) []contact {
		if at.IsZero() {
			return slices.DeleteFunc(contacts, func(c contact) bool { return c.task == task })
		}
		for k := range contacts {
			if contacts[k].task == task {
				contacts[k].at = at
			}
		}
		return contacts
	}
	p.recent = change(p.recent)
	if number := p.number(); r.calls[number] != nil {
		r.calls[number] = change(r.calls[number])
	}
}
