package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/config"
	"nurture/store"
)

// How long the planner takes a spent allowance for spent without counting again: a touch that is skipped gives its room back, and an hour's
// room comes back bit by bit.
const (
	dayRecheck  = 10 * time.Minute
	hourRecheck = time.Minute
)

// planAhead is how many touches of a channel and sender are planned ahead of what is claimed, at most: more than any way out carries from one
// tick to the next, few enough that what is planned is soon sent. Before a long backlog the rest stays due: it can still be overtaken by what is
// more urgent, and holds neither rows nor jobs. Touches that wait for another try do not count: a server's refusals must not keep other
// servers' mail back.
const planAhead = 2000

// ahead is how many more touches may be planned when so many are ready to be claimed. It opens only when there is room for a good part, so
// that the planner does not follow each claim with a bite of its own.
func (e *Engine) ahead(ready int) int {
	if free := e.planAhead - ready; free >= max(e.planAhead/4, 1) {
		return free
	}
	return 0
}

// closedRooms remembers whose allowance is spent, so that a backlog that cannot be served costs no database work. It only ever keeps rooms
// shut that would have been open: what is open is counted in the ledger, under a lock that all processes share.
type closedRooms struct {
	mu      sync.Mutex
	version int64 // of the configuration that the allowances are from
	spent   map[store.Spender]shut
}

// shut is a span in which an allowance counts as spent.
type shut struct{ from, until time.Time }

// forget opens all rooms when the configuration is another one.
func (c *closedRooms) forget(version int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.version != version || c.spent == nil {
		c.version, c.spent = version, map[store.Spender]shut{}
	}
}

// has says whether an allowance is known to be spent at now. A clock that was set back opens it.
func (c *closedRooms) has(s store.Spender, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	span, ok := c.spent[s]
	return ok && !now.Before(span.from) && now.Before(span.until)
}

func (c *closedRooms) shut(s store.Spender, span shut) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spent[s] = span
}

// allowances are what every sender, SDR and throttled domain may take on the day of now; the day is the operator's. order is that of the
// configuration.
type allowances struct {
	midnight, tomorrow time.Time
	order              []store.Spender
	of                 map[store.Spender]cadence.Allowance
}

// allowancesAt gives the allowances of a configuration, for a desk so many times the size.
func allowancesAt(settings config.Settings, desk int, now time.Time) (allowances, error) {
	loc, err := time.LoadLocation(settings.Zone)
	if err != nil {
		return allowances{}, fmt.Errorf("the operator's zone: %w", err)
	}
	y, m, d := now.In(loc).Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	a := allowances{
		midnight: time.Date(y, m, d, 0, 0, 0, 0, loc).UTC(), tomorrow: time.Date(y, m, d+1, 0, 0, 0, 0, loc).UTC(),
		of: map[store.Spender]cadence.Allowance{},
	}
	add := func(s store.Spender, allowance cadence.Allowance) {
		a.order = append(a.order, s)
		a.of[s] = allowance.Times(desk)
	}
	for _, s := range settings.Senders {
		mails := s.Allowance()
		mails.Day = s.WarmUp.Cap(mails.Day, day, settings.Defaults.Window.Days())
		add(store.Spender{Channel: string(cadence.ChannelEmail), Sender: s.Email}, mails)
		add(store.Spender{Channel: string(cadence.ChannelVoicemail), Sender: s.Email}, s.Allowance())
	}
	for _, s := range settings.Team.SDRs {
		add(store.Spender{Channel: string(cadence.ChannelCall), Sender: s.Email}, cadence.Allowance{Day: s.DailyCalls, Hour: cadence.Unlimited})
	}
	for _, domain := range settings.Mail.ThrottledDomains() {
		add(store.Spender{Domain: domain}, settings.Mail.PerDomain[domain])
	}
	return a, nil
}

// openRooms are the rooms that may have something left at now: all but those of senders that may send nothing, or whose allowance, or their
// domain's, is known to be spent. The first is for work that takes no capacity.
func (e *Engine) openRooms(current *live, now time.Time) ([]store.Room, error) {
	a, err := allowancesAt(current.config.Settings, e.desk, now)
	if err != nil {
		return nil, err
	}
	e.closed.forget(current.version.ID)
	open := func(s store.Spender) bool {
		n, _ := a.of[s].Left(cadence.Used{})
		return n > 0 && !e.closed.has(s, now)
	}
	rooms := []store.Room{{}}
	var domains []string
	for _, s := range a.order {
		if s.Domain != "" && open(s) {
			domains = append(domains, s.Domain)
		}
	}
	for _, s := range a.order {
		if s.Domain != "" || !open(s) {
			continue
		}
		rooms = append(rooms, store.Room{Channel: s.Channel, Sender: s.Sender})
		if s.Channel != string(cadence.ChannelEmail) {
			continue
		}
		for _, domain := range domains {
			rooms = append(rooms, store.Room{Channel: s.Channel, Sender: s.Sender, Domain: domain})
		}
	}
	return rooms, nil
}

// spendersOf are whose allowance a room takes: its sender's, and its domain's.
func spendersOf(r store.Room) []store.Spender {
	var spenders []store.Spender
	if r.Channel != "" {
		spenders = append(spenders, store.Spender{Channel: r.Channel, Sender: r.Sender})
	}
	if r.Domain != "" {
		spenders = append(spenders, store.Spender{Domain: r.Domain})
	}
	return spenders
}

// measure fills in what each room can still take, and leaves out those that can take nothing, whose mailbox is paused, for which enough is
// planned ahead, or that another process is planning for just now, so that both do not take the same room. Until the transaction ends nobody
// else measures them.
func (e *Engine) measure(ctx context.Context, tx pgx.Tx, current *live, rooms []store.Room, now time.Time) ([]store.Room, error) {
	a, err := allowancesAt(current.config.Settings, e.desk, now)
	if err != nil {
		return nil, err
	}
	var spenders []store.Spender
	for _, room := range rooms {
		for _, s := range spendersOf(room) {
			if !slices.Contains(spenders, s) {
				spenders = append(spenders, s)
			}
		}
	}
	left, err := e.measureSpenders(ctx, tx, a, spenders, now)
	if err != nil {
		return nil, err
	}
	paused, err := store.PausedSenders(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read which mailboxes are paused: %w", err)
	}
	share := max(planMost/max(len(rooms), 1), 1)
	var measured []store.Room
	for _, room := range rooms {
		if _, held := paused[room.Sender]; held && room.Channel == string(cadence.ChannelEmail) {
			continue
		}
		room.N = min(planBite, share)
		for _, s := range spendersOf(room) {
			room.N = min(room.N, left[s])
			if s.Domain != "" {
				room.DomainN = left[s]
			}
		}
		if room.N > 0 {
			measured = append(measured, room)
		}
	}
	return measured, nil
}

// measureSpenders says what may be taken of allowances now; nothing of one that another process holds. One that is spent is remembered as
// closed.
func (e *Engine) measureSpenders(ctx context.Context, tx pgx.Tx, a allowances, spenders []store.Spender, now time.Time) (map[store.Spender]int, error) {
	left := map[store.Spender]int{}
	if len(spenders) == 0 {
		return left, nil
	}
	names := make([]string, len(spenders))
	for i, s := range spenders {
		names[i] = spenderName(s)
	}
	ours, err := store.TryLocks(ctx, tx, names)
	if err != nil {
		return nil, fmt.Errorf("lock senders: %w", err)
	}
	used, err := store.UsedSince(ctx, tx, spenders, a.midnight, now.Add(-time.Hour), now) // after the locks, so that it sees what others took before
	if err != nil {
		return nil, err
	}
	for _, s := range spenders {
		if !slices.Contains(ours, spenderName(s)) {
			continue
		}
		n, why := a.of[s].Left(used[s].Used)
		left[s] = min(n, e.ahead(used[s].Ready))
		switch why { //nolint:exhaustive // an allowance is spent for the day or for the hour
		case cadence.ReasonCapacity:
			e.closed.shut(s, shut{now, earlier(a.tomorrow, now.Add(dayRecheck))})
		case cadence.ReasonPace:
			e.closed.shut(s, shut{now, earlier(a.tomorrow, now.Add(hourRecheck))})
		}
	}
	return left, nil
}

func spenderName(s store.Spender) string {
	if s.Domain != "" {
		return "domain " + s.Domain
	}
	return s.Channel + " " + s.Sender
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// throttledDomain is the domain of a mail address when it has a throttle; "" else.
func throttledDomain(settings config.Settings, channel cadence.Channel, address string) string {
	if channel != cadence.ChannelEmail {
		return ""
	}
	domain := strings.ToLower(domainOf(address))
	if _, throttled := settings.Mail.PerDomain[domain]; throttled {
		return domain
	}
	return ""
}

// roomOf is the room that a touch of an enrolment takes.
func roomOf(row *store.Enrollment, settings config.Settings, channel cadence.Channel) store.Room {
	return store.Room{Channel: string(channel), Sender: senderOf(row, channel), Domain: throttledDomain(settings, channel, row.Email)}
}

// otherRoom is the room of the touch that actions plan, when it is not the one that the enrolment waited in. What it waits for can have become
// another thing since that was foreseen: by a fact that a branch looks at, a step left out, another mailbox, another limit of a domain.
func otherRoom(row *store.Enrollment, settings config.Settings, actions []cadence.Action) (room store.Room, other bool) {
	for _, action := range actions {
		if touch, ok := action.(cadence.PlanTouch); ok {
			room = roomOf(row, settings, touch.Channel)
			return room, room != store.Room{Channel: row.Channel, Sender: row.Sender, Domain: row.Domain}
		}
	}
	return room, false
}
