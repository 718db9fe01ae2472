package cadence

import (
	"slices"
	"sync"
	"time"
)

// Room is how many enrolments of a channel and sender may be taken up now. Channel "" is work that takes no capacity: waits, branches and
// the end of pauses; its Sender is "". Mails to a domain that has a throttle have a room of their own, by Domain, in which N is shared with
// the sender's other rooms and DomainN with the other senders' rooms of that domain.
type Room struct {
	Channel, Sender, Domain string
	N, DomainN              int // DomainN counts only where there is a Domain
}

// Spender is what an allowance is for: a channel and sender, or a throttled Domain.
type Spender struct {
	Channel string `db:"channel"`
	Sender  string `db:"sender"`
	Domain  string `db:"domain"`
}

// Spenders are whose allowance a room takes: its sender's, and its domain's; none for work that takes no capacity.
func (r Room) Spenders() []Spender {
	var spenders []Spender
	if r.Channel != "" {
		spenders = append(spenders, Spender{Channel: r.Channel, Sender: r.Sender})
	}
	if r.Domain != "" {
		spenders = append(spenders, Spender{Domain: r.Domain})
	}
	return spenders
}

// Allowances are what every sender, SDR and throttled domain may take on one day of the operator's.
type Allowances struct {
	Midnight, Tomorrow time.Time // between which the day lies
	Order              []Spender // in the order of the configuration
	Of                 map[Spender]Allowance
}

// HourBefore is since when a touch counts toward an hour's allowance at now: within any 60 minutes, of which the first instant is not one.
func HourBefore(now time.Time) time.Time { return now.Add(time.Microsecond - time.Hour) }

// How long a spent allowance is taken for spent without counting again: a touch that is skipped gives its room back, and an hour's
// room comes back bit by bit.
const (
	dayRecheck  = 10 * time.Minute
	hourRecheck = time.Minute
)

// ClosedRooms remembers whose allowance is spent, so that a backlog that cannot be served costs no work. It only ever keeps rooms shut that
// would have been open: what is open is counted. It may be used by several goroutines; the zero ClosedRooms has all open.
type ClosedRooms struct {
	mu      sync.Mutex
	version int64 // of the configuration that the allowances are from
	spent   map[Spender]shut
}

// shut is a span in which an allowance counts as spent.
type shut struct{ from, until time.Time }

// Open lists the rooms that may have something left at now, of the allowances of a version of the configuration: all but those of senders that
// may send nothing, or whose allowance, or their domain's, is known to be spent. The first is for work that takes no capacity.
func (c *ClosedRooms) Open(a Allowances, version int64, now time.Time) []Room {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.version != version || c.spent == nil {
		c.version, c.spent = version, map[Spender]shut{}
	}
	open := func(s Spender) bool {
		n, _ := a.Of[s].Left(Used{})
		span, ok := c.spent[s]
		return n > 0 && !(ok && !now.Before(span.from) && now.Before(span.until)) // a clock that was set back opens it
	}
	return slices.DeleteFunc(a.Rooms(), func(r Room) bool {
		return slices.ContainsFunc(r.Spenders(), func(s Spender) bool { return !open(s) })
	})
}

// Rooms lists all rooms that there are, whatever is left in them. The first is for work that takes no capacity.
func (a Allowances) Rooms() []Room {
	rooms := []Room{{}}
	for _, s := range a.Order {
		if s.Domain != "" {
			continue
		}
		rooms = append(rooms, Room{Channel: s.Channel, Sender: s.Sender})
		if s.Channel != string(ChannelEmail) {
			continue
		}
		for _, d := range a.Order {
			if d.Domain != "" {
				rooms = append(rooms, Room{Channel: s.Channel, Sender: s.Sender, Domain: d.Domain})
			}
		}
	}
	return rooms
}

// Left is Allowance.Left for a spender's, and remembers one that is spent.
func (c *ClosedRooms) Left(a Allowances, s Spender, used Used, now time.Time) int {
	n, why := a.Of[s].Left(used)
	recheck := dayRecheck
	switch why { //nolint:exhaustive // an allowance is spent for the day or for the hour
	case ReasonCapacity:
	case ReasonPace:
		recheck = hourRecheck
	default:
		return n
	}
	until := now.Add(recheck)
	if a.Tomorrow.Before(until) {
		until = a.Tomorrow
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.spent == nil {
		c.spent = map[Spender]shut{}
	}
	c.spent[s] = shut{now, until}
	return n
}

// Sizes of what is taken up at once: large enough for one round trip to be worth it, small enough that no transaction holds many rows for long.
const (
	roomBite = 500  // of one room
	mostBite = 5000 // in all: each room may take its share of them
)

// FitRooms fills in what each room can take at once, by what is left of the allowances, and leaves out those that can take nothing.
func FitRooms(rooms []Room, left map[Spender]int) []Room {
	share := max(mostBite/max(len(rooms), 1), 1)
	var fit []Room
	for _, room := range rooms {
		room.N = min(roomBite, share)
		for _, s := range room.Spenders() {
			room.N = min(room.N, left[s])
			if s.Domain != "" {
				room.DomainN = left[s]
			}
		}
		if room.N > 0 {
			fit = append(fit, room)
		}
	}
	return fit
}

// Ways are whose capacity the touches of a lead take, for good.
type Ways struct {
	Mailbox string // of its mails and voicemails
	Owner   string // the SDR who does what a person does
	Domain  string // of its mail address, when that has a throttle; "" else
}

// Room is the room that a touch on a channel takes, without its sizes.
func (w Ways) Room(channel Channel) Room {
	switch channel {
	case ChannelCall:
		return Room{Channel: string(channel), Sender: w.Owner}
	case ChannelEmail:
		return Room{Channel: string(channel), Sender: w.Mailbox, Domain: w.Domain}
	case ChannelVoicemail:
		return Room{Channel: string(channel), Sender: w.Mailbox}
	}
	return Room{Channel: string(channel)}
}

// Awaited is the room that an enrolment takes when it falls due: a touch by email or voicemail takes the lead's mailbox's, a task the lead's
// SDR's. What takes none, and what is not due at all, is the zero Room.
func (w Ways) Awaited(plan Plan, e Enrollment) Room {
	if e.Due == nil || e.Step < 0 || e.Step >= len(plan.Steps) {
		return Room{}
	}
	channel := plan.Steps[e.Step].Kind.Channel()
	if channel == "" || e.State == Paused {
		channel = nextChannel(plan, e)
	}
	return w.Room(channel)
}

// nextChannel is the channel of the touch that a wait, a branch or the end of a pause leads to at once; "" when it leads to none. Decide
// itself says so, asked for the moment at which it falls due.
func nextChannel(plan Plan, e Enrollment) Channel {
	then, actions := Decide(plan, e, FellDue{}, e.Due.At)
	for _, action := range actions {
		if touch, ok := action.(PlanTouch); ok {
			return touch.Channel
		}
	}
	if then.Due != nil && (then.Due.Reason == ReasonOutsideWindow || then.Due.Reason == ReasonFrequency) && then.Step < len(plan.Steps) {
		return plan.Steps[then.Step].Kind.Channel()
	}
	return ""
}

// Other is the room of the touch that actions plan, when it is not the one that the enrolment waited in. What it waits for can have become
// another thing since that was foreseen: by a fact that a branch looks at, a step left out, another mailbox, another limit of a domain.
func (w Ways) Other(waited Room, actions []Action) (room Room, other bool) {
	for _, action := range actions {
		if touch, ok := action.(PlanTouch); ok {
			room = w.Room(touch.Channel)
			return room, room.Channel != waited.Channel || room.Sender != waited.Sender || room.Domain != waited.Domain
		}
	}
	return room, false
}
