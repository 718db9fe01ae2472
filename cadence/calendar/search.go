package calendar

import "time"

const (
	// reach is how far ahead Next looks.
	reach = 400 * 24 * time.Hour
	// longestOpening caps what Ends answers: a window that stays open longer is as good as open without end, and whoever
	// waits for it to close should look again after a week.
	longestOpening = 7 * 24 * time.Hour
)

// Allows reports whether t lies in the window in all zones of the place.
func (w Window) Allows(p Place, t time.Time) bool {
	if w.unrestricted() {
		return true
	}
	for _, zone := range p.Zones {
		loc, err := location(zone)
		if err != nil {
			return false
		}
		day, second := split(t.Unix() + offset(loc, t.Unix()))
		if from, to := w.opening(&p, day); second < from || second >= to {
			return false
		}
	}
	return len(p.Zones) > 0
}

// Next gives the first microsecond not before t that lies in the window in all zones of the place. It is false when there
// is none within 400 days: the window is never open, the zones have no common hours, or a zone is not known.
func (w Window) Next(p Place, t time.Time) (time.Time, bool) {
	if short := t.Truncate(time.Microsecond); short.Equal(t) {
		t = short.UTC()
	} else {
		t = short.Add(time.Microsecond).UTC()
	}
	if w.unrestricted() {
		return t, true
	}
	if len(p.Zones) == 0 || w.Zero() {
		return time.Time{}, false
	}
	// An instant that one zone allows may be closed in another: go round until all agree on where they are.
	start := t.Unix()
	at, limit := start, start+int64(reach/time.Second)
	for agreed := 0; agreed < len(p.Zones); {
		for _, zone := range p.Zones {
			loc, err := location(zone)
			if err != nil {
				return time.Time{}, false
			}
			next, ok := w.nextIn(loc, &p, at, limit)
			if !ok {
				return time.Time{}, false
			}
			if next > at {
				at, agreed = next, 0
			}
			if agreed++; agreed == len(p.Zones) {
				break
			}
		}
	}
	if at == start {
		return t, true
	}
	return time.Unix(at, 0).UTC(), true
}

// nextIn gives the first second from u to limit that lies in the window in one zone. It walks local days and, within
// them, stretches of one offset, so that it follows every clock change exactly, even a day that a zone left out.
func (w *Window) nextIn(loc *time.Location, p *Place, u, limit int64) (int64, bool) {
	for u <= limit {
		day, second := split(u + offset(loc, u))
		from, to := w.opening(p, day)
		next := u + secondsPerDay - second
		switch {
		case second < from:
			next = u + from - second
		case second < to:
			return u, true
		}
		_, end := steady(loc, u)
		u = min(next, end)
	}
	return 0, false
}

// Ends gives the first instant after t at which some zone of the place no longer allows, but at most 7 days after t, which
// is also what a window without any restriction answers. It is the zero time when t itself is not allowed.
func (w Window) Ends(p Place, t time.Time) time.Time {
	if !w.Allows(p, t) {
		return time.Time{}
	}
	limit := t.Add(longestOpening).Truncate(time.Microsecond).UTC()
	if w.unrestricted() {
		return limit
	}
	start, last := t.Unix(), limit.Unix()
	end := last
	for _, zone := range p.Zones {
		loc, _ := location(zone) // known, or Allows had said no
		end = w.endIn(loc, &p, start, end)
	}
	if end >= last {
		return limit
	}
	return time.Unix(end, 0).UTC()
}

// endIn gives the first second from u on that does not lie in the window in one zone, or limit.
func (w *Window) endIn(loc *time.Location, p *Place, u, limit int64) int64 {
	for u < limit {
		day, second := split(u + offset(loc, u))
		from, to := w.opening(p, day)
		if second < from || second >= to {
			return u
		}
		_, end := steady(loc, u)
		u = min(u+to-second, end)
	}
	return limit
}
