package sandbox

import (
	"strings"
	"time"

	"nurture/cadence"
	"nurture/internal/leadfile"
	"nurture/internal/sandbox/phone"
)

// persona is how one lead behaves. It knows the truth that nurture has to find out: whether the lead will buy, and when it is ready to
// decide.
type persona struct {
	chance
	key      string
	buyer    bool          // would buy, once ready
	ready    time.Duration // after the start: from then on a decision is near
	misfit   bool          // does not fit the definition at all
	dead     bool          // the mailbox is gone
	phoneOff bool          // never picks up
	leaves   float64       // chance to unsubscribe on a mail
	away     time.Duration // begin of a holiday after the start
	awayFor  time.Duration
	start    time.Time
}

// newPersona makes up a lead's character from its key, and from what the file tells of its past, where it does.
func newPersona(c chance, lead leadfile.Lead, start time.Time, days int) *persona {
	span := time.Duration(days) * 24 * time.Hour
	p := &persona{
		chance: c, key: lead.Key, start: start, leaves: 0.012,
		away: c.between(0, span, lead.Key, "holiday"), awayFor: c.between(4*24*time.Hour, 15*24*time.Hour, lead.Key, "holiday length"),
	}
	p.buyer = c.roll(lead.Key, "buyer") < 0.32
	// Squared: many inquire because something is going on already, the others spread over years.
	readiness := c.roll(lead.Key, "ready")
	p.ready = time.Duration(readiness * readiness * 1.4 * float64(span))
	p.dead = c.roll(lead.Key, "dead mailbox") < 0.015
	if outcome := lead.Outcome; outcome != nil {
		p.fromPast(outcome, span)
	}
	if !p.buyer {
		p.misfit = c.roll(lead.Key, "misfit") < 0.18
	}
	return p
}

// fromPast lets a lead behave as it did: one that bought is ready within the time, one that did not seldom seems to be.
func (p *persona) fromPast(outcome map[string]string, span time.Duration) {
	if converted, ok := outcome["converted"]; ok {
		p.buyer = truthy(converted) || p.roll(p.key, "seems to buy") < 0.06
		p.ready = p.between(0, span*9/10, p.key, "ready")
	}
	switch strings.ToLower(outcome["last_activity"]) {
	case "unsubscribed":
		p.leaves = 0.4
	case "email bounced":
		p.dead = true
	case "unreachable":
		p.phoneOff = true
	}
}

func truthy(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "1", "yes", "y", "true", "won":
		return true
	}
	return false
}

// nearTerm says whether a decision is near at now.
func (p *persona) nearTerm(now time.Time) bool { return p.buyer && now.Sub(p.start) >= p.ready }

// onHoliday gives the end of a holiday that now lies in.
func (p *persona) onHoliday(now time.Time) (time.Time, bool) {
	since := now.Sub(p.start) - p.away
	return p.start.Add(p.away + p.awayFor), since >= 0 && since < p.awayFor
}

// reaction is what a persona does about a mail, some time later; nil is nothing.
type reaction struct {
	after time.Duration
	kind  cadence.ResponseKind
	date  *time.Time
	said  string
}

// onMail is how the persona takes its mail number about.
func (p *persona) onMail(about int64, now time.Time) *reaction {
	day := func(t time.Time) *time.Time {
		d := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
		return &d
	}
	if p.dead {
		return &reaction{after: time.Minute, kind: cadence.HardBounce, said: "550 5.1.1 no such user"}
	}
	if back, away := p.onHoliday(now); away {
		r := &reaction{after: time.Minute, kind: cadence.OutOfOffice, said: "I am out of the office until " + back.Format("2 January") + "."}
		if p.roll(p.key, about, "names the day") < 0.7 {
			r.date = day(back)
		}
		return r
	}
	roll := p.roll(p.key, about, "mail")
	answers := 0.05
	if p.nearTerm(now) {
		answers = 0.30
	}
	switch {
	case roll < p.leaves:
		return &reaction{after: p.between(time.Minute, 8*time.Hour, p.key, about, "leave"), kind: cadence.Unsubscribe}
	case roll < p.leaves+answers:
		return &reaction{
			after: p.between(10*time.Minute, 30*time.Hour, p.key, about, "answer"), kind: cadence.Reply, said: p.words(now, about),
		}
	case roll < p.leaves+answers+0.12:
		return &reaction{after: p.between(time.Minute, 20*time.Hour, p.key, about, "click"), kind: cadence.Click}
	}
	return nil
}

// words is what a reply says.
func (p *persona) words(now time.Time, about int64) string {
	switch p.meaning(now, about) { //nolint:exhaustive // what meaning gives
	case cadence.Interested:
		return "This comes at the right moment. Can somebody call me?"
	case cadence.NotNow:
		return "Not this quarter. Please come back to me later in the year."
	case cadence.Referral:
		return "Better talk to my colleague in operations."
	case cadence.Question:
		return "Does this work for a site of our size?"
	}
	return "Thanks, but we are set."
}

// meaning is what the reply to mail number about means, as an SDR who reads it finds out.
func (p *persona) meaning(now time.Time, about int64) cadence.ResponseKind {
	roll := p.roll(p.key, about, "meaning")
	if p.nearTerm(now) {
		return pick(roll, option[cadence.ResponseKind]{8, cadence.Interested}, option[cadence.ResponseKind]{2, cadence.Question})
	}
	if p.buyer {
		return pick(roll, option[cadence.ResponseKind]{6, cadence.NotNow}, option[cadence.ResponseKind]{3, cadence.Question},
			option[cadence.ResponseKind]{1, cadence.Interested})
	}
	return pick(roll, option[cadence.ResponseKind]{4, cadence.NotInterested}, option[cadence.ResponseKind]{4, cadence.NotNow},
		option[cadence.ResponseKind]{2, cadence.Question}, option[cadence.ResponseKind]{1, cadence.Referral})
}

// later is the date that a lead names when it says "not now": about when it will be ready, if ever.
func (p *persona) later(now time.Time, about int64) *time.Time {
	t := now.Add(p.between(60*24*time.Hour, 150*24*time.Hour, p.key, about, "later"))
	if ready := p.start.Add(p.ready); p.buyer && ready.After(now.Add(14*24*time.Hour)) {
		t = ready
	}
	d := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return &d
}

// onVoicemail is how the persona's phone takes the n-th voicemail call.
func (p *persona) onVoicemail(n int) phone.Answer {
	if p.phoneOff {
		return phone.Answer{Status: phone.NoAnswer, RingSeconds: 30}
	}
	machine := phone.Machine
	return pick(p.roll(p.key, n, "voicemail"),
		option[phone.Answer]{68, machine},
		option[phone.Answer]{8, phone.Answer{AnsweredBy: phone.MachineEndSilence, RingSeconds: 22, DurationSeconds: 40}},
		option[phone.Answer]{8, phone.Answer{AnsweredBy: phone.Human, RingSeconds: 9, DurationSeconds: 12}},
		option[phone.Answer]{8, phone.Answer{Status: phone.NoAnswer, RingSeconds: 30}},
		option[phone.Answer]{4, phone.Answer{Status: phone.Busy}},
		option[phone.Answer]{2, phone.Answer{AnsweredBy: phone.UnknownParty, RingSeconds: 12, DurationSeconds: 6}},
		option[phone.Answer]{1, phone.Answer{AnsweredBy: phone.Fax, RingSeconds: 5, DurationSeconds: 4}},
		option[phone.Answer]{1, phone.Answer{Status: phone.Failed, SIPResponseCode: 404}},
	)
}

// onCall is how a call by an SDR goes.
func (p *persona) onCall(task int64, now time.Time, expected bool) cadence.ResponseKind {
	type o = option[cadence.ResponseKind]
	reach := 0.36
	if expected { // the lead asked for this call
		reach = 0.75
	}
	if p.phoneOff {
		reach = 0
	}
	if p.roll(p.key, task, "picks up") >= reach {
		return pick(p.roll(p.key, task, "nobody"), o{50, cadence.NoAnswer}, o{8, cadence.Busy}, o{20, cadence.LeftVoicemail},
			o{8, cadence.LeftLiveMessage}, o{14, cadence.Gatekeeper})
	}
	roll := p.roll(p.key, task, "talk")
	switch {
	case p.nearTerm(now):
		return pick(roll, o{6, cadence.MeetingSet}, o{4, cadence.Connected})
	case p.buyer:
		return pick(roll, o{6, cadence.Connected}, o{3, cadence.NotNow}, o{1, cadence.CallBackLater})
	case p.misfit:
		return pick(roll, o{5, cadence.Connected}, o{3, cadence.NotInterested}, o{1, cadence.DoNotCall})
	}
	return pick(roll, o{32, cadence.NotInterested}, o{30, cadence.NotNow}, o{24, cadence.Connected}, o{4, cadence.Referral},
		o{4, cadence.WrongNumber}, o{3, cadence.NoLongerWithCompany}, o{3, cadence.DoNotCall})
}
