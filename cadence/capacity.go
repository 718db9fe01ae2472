package cadence

import "time"

// Unlimited is an Allowance without a limit. Caps are far below it.
const Unlimited = 1 << 30

// Allowance is how much may be planned for a sender, or to a domain: on a day of the operator's, and within any 60 minutes.
type Allowance struct{ Day, Hour int }

// Used is how much of an Allowance is spent: today, and within the last 60 minutes.
type Used struct {
	Day  int `db:"day"`
	Hour int `db:"hour"`
}

// Left is how many touches an allowance still has room for, and, when that is none, why: ReasonCapacity when the day is spent, ReasonPace
// when only the hour is.
func (a Allowance) Left(u Used) (n int, why Reason) {
	day, hour := max(a.Day-u.Day, 0), max(a.Hour-u.Hour, 0)
	switch {
	case day == 0:
		return 0, ReasonCapacity
	case hour == 0:
		return 0, ReasonPace
	}
	return min(day, hour), ""
}

// Times is the allowance of n such senders.
func (a Allowance) Times(n int) Allowance { return Allowance{Day: a.Day * n, Hour: a.Hour * n} }

// WarmUp lets a new mailbox send little at first, and more with every day of sending: mail systems distrust whoever begins with much. The
// zero WarmUp is none.
type WarmUp struct {
	From  time.Time // the first day of sending, at midnight UTC
	Start int       // mails on that day
	Add   int       // mails more on each further day of sending
}

// Cap is how many mails may leave on a day, given at midnight UTC, of a mailbox that may send full a day once it is warm. sends are the
// weekdays of sending, by time.Weekday: only they count. Before From it is 0.
func (w WarmUp) Cap(full int, day time.Time, sends [7]bool) int {
	if w == (WarmUp{}) {
		return full
	}
	days := int(day.Sub(w.From).Hours() / 24)
	if days < 0 {
		return 0
	}
	sent := 0 // days of sending before this one
	perWeek := 0
	for weekday, on := range sends {
		if !on {
			continue
		}
		perWeek++
		if since := (weekday - int(w.From.Weekday()) + 7) % 7; since < days%7 {
			sent++
		}
	}
	sent += days / 7 * perWeek
	return min(full, w.Start+sent*w.Add)
}
