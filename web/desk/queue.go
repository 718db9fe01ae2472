package desk

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/config"
	"nurture/store"
)

// How much a queue reads: due tasks are ranked among the rankedTasks that are read together, the longest due first; a page shows shownTasks of them, and the
// call screen besideTasks. No page begins at or beyond queueBound.
const (
	rankedTasks = 500
	shownTasks  = 50
	besideTasks = 40
	queueBound  = 5000
	visitSpan   = 14 * 24 * time.Hour // within which opened links count
)

// queuePage is an SDR's queue.
type queuePage struct {
	Tabs        []queueTab
	Tab         store.WorkTab
	Who         string // "mine" or "all"
	Everybody   bool   // all people's tasks are shown
	Mine, All   string // addresses of this tab of the one and of the other
	Done, Total int    // today: done, and done or due
	Rows        []queueRow
	Pages       pager
	More        int // rows of the tab that no page has
}

type queueTab struct {
	Label, Path string
	Count       int
	Current     bool
}

// queueRow is a task of the queue.
type queueRow struct {
	store.WorkItem
	Path     string
	Reason   string // why it stands where it stands; "" when it is only due
	Due      moment
	Done     moment
	Expires  moment
	There    string // the lead's local time; "" when the zone is not known
	Taken    string // who else has it; "" for nobody
	Mine     bool   // the user has claimed it
	Overdue  bool
	LeadName string
}

// showQueue shows one tab of the queue: the user's own tasks, or everybody's.
func (d *Desk) showQueue(v *visit) error {
	asked := v.r.URL.Query()
	p := queuePage{Who: "mine", Tab: store.WorkTab(asked.Get("tab")), Everybody: d.seesEverybody(v, asked.Get("who"))}
	if !slices.Contains(store.WorkTabs, p.Tab) {
		p.Tab = store.TabDue
	}
	q := v.workQuery(p.Everybody)
	counts, err := store.CountWork(v.r.Context(), d.pool, q)
	if err != nil {
		return err
	}
	if p.Everybody {
		p.Who = "all"
	}
	who := p.Who
	for _, tab := range store.WorkTabs {
		p.Tabs = append(p.Tabs, queueTab{Label: sentence(string(tab)), Path: queuePath(tab, who), Count: counts[tab], Current: tab == p.Tab})
	}
	p.Mine, p.All = queuePath(p.Tab, "mine"), queuePath(p.Tab, "all")
	p.Done, p.Total = counts[store.TabCompleted], counts[store.TabCompleted]+counts[store.TabDue]
	from := place(asked, queueBound-shownTasks)
	if err := v.queuePart(&p, q, from); err != nil {
		return err
	}
	p.Pages = placed(from, len(p.Rows), counts[p.Tab], shownTasks, queueBound, func(from int64) string {
		return listPath("/desk/queue", "tab", string(p.Tab), "who", who, "from", unlessZero(from))
	})
	if v.beyond(p.Pages, len(p.Rows)) {
		return v.redirect(p.Pages.First, "")
	}
	if p.Pages.Next == "" {
		p.More = max(counts[p.Tab]-from-len(p.Rows), 0)
	}
	return v.render(http.StatusOK, "queue.html", "Queue", p)
}

// queuePart fills in the rows of the page that begins after from others.
func (v *visit) queuePart(p *queuePage, q store.WorkQuery, from int) error {
	if p.Tab == store.TabDue {
		q.Offset = from / rankedTasks * rankedTasks
		ranked, err := v.ranked(q)
		if err != nil {
			return err
		}
		ranked = ranked[min(from-q.Offset, len(ranked)):]
		p.Rows, err = v.queueRows(ranked[:min(shownTasks, len(ranked))], p.Who)
		return err
	}
	q.Limit, q.Offset = shownTasks, from
	items, err := store.Work(v.r.Context(), v.desk.pool, p.Tab, q)
	if err != nil {
		return err
	}
	for _, item := range items {
		p.Rows = append(p.Rows, v.queueRow(item, "", p.Who))
	}
	return nil
}

// seesEverybody says whose tasks are shown: SDRs begin with their own, who leads them with all.
func (d *Desk) seesEverybody(v *visit, who string) bool {
	return who == "all" || who != "mine" && v.user.Role != "sdr"
}

func queuePath(tab store.WorkTab, who string) string {
	return listPath("/desk/queue", "tab", string(tab), "who", who)
}

func (v *visit) workQuery(everybody bool) store.WorkQuery {
	q := store.WorkQuery{Owner: v.user.Email, Now: v.now, DayStart: v.dayStart(), VisitsSince: v.now.Add(-visitSpan), Limit: rankedTasks}
	if everybody {
		q.Owner = ""
	}
	return q
}

// rankedTask is a due task with why it stands where it stands; "" when it is only due.
type rankedTask struct {
	store.DueTask
	rank   int
	reason string
	asleep bool // nobody may be called there at this hour
}

// ranked are the due tasks after q.Offset that are ranked together, the most urgent first.
func (v *visit) ranked(q store.WorkQuery) ([]rankedTask, error) {
	due, err := store.DueTasks(v.r.Context(), v.desk.pool, q)
	if err != nil {
		return nil, err
	}
	live, err := v.desk.settings(v.r.Context())
	if err != nil {
		return nil, err
	}
	ranked := make([]rankedTask, len(due))
	for i, task := range due {
		asleep := live != nil && asleep(task, live.Settings.Compliance, v.now)
		signals := signalsOf(task)
		signals.Asleep = asleep
		ranked[i] = rankedTask{DueTask: task, asleep: asleep}
		ranked[i].rank, ranked[i].reason = cadence.Urgency(signals, v.now)
	}
	slices.SortStableFunc(ranked, func(a, b rankedTask) int { return cmp.Compare(b.rank, a.rank) })
	return ranked, nil
}

// asleep says whether a task is a call that the law forbids where its lead is at this hour. Who named the time is called then all the same, and of a lead that may be
// anywhere a person knows better.
func asleep(task store.DueTask, law config.Compliance, now time.Time) bool {
	if !task.Kind.Rings() || task.Kind == cadence.TaskCallback || len(task.Zones) == 0 {
		return false
	}
	place := calendar.Place{Zones: task.Zones, Country: task.Country, Region: task.Region}
	return !law.CallHours(place).Allows(place, now)
}

// taken names who else has a task that is held by somebody; "" for nobody.
func (v *visit) taken(state store.TaskState, by string) string {
	if state != store.TaskClaimed || by == v.user.Email {
		return ""
	}
	return by
}

// queueRows loads due tasks in their order. who is which queue is worked, "mine" or "all".
func (v *visit) queueRows(tasks []rankedTask, who string) ([]queueRow, error) {
	ids, reasons := make([]int64, len(tasks)), map[int64]string{}
	for i, task := range tasks {
		ids[i], reasons[task.ID] = task.ID, task.reason
	}
	items, err := store.WorkOf(v.r.Context(), v.desk.pool, ids, v.now)
	if err != nil {
		return nil, err
	}
	rows := make([]queueRow, len(items))
	for i, item := range items {
		rows[i] = v.queueRow(item, reasons[item.ID], who)
	}
	return rows, nil
}

// queueRow shows a task.
func (v *visit) queueRow(item store.WorkItem, reason, who string) queueRow {
	return queueRow{
		WorkItem: item, Reason: reason, Taken: v.taken(item.State, item.ClaimedBy), Path: callPath(item.ID, who), LeadName: item.LeadName(), Due: v.moment(item.DueAt),
		Done: v.momentOf(item.DoneAt), Expires: v.momentOf(item.ExpiresAt), There: v.clockIn(item.Zones), Mine: item.ClaimedBy == v.user.Email, Overdue: item.DueAt.Before(v.dayStart()),
	}
}

// signalsOf is what orders a task.
func signalsOf(task store.DueTask) cadence.TaskSignals {
	s := cadence.TaskSignals{Kind: task.Kind, DueAt: task.DueAt, Visits: task.Visits, NearTerm: task.Readiness == "near_term"}
	if task.ExpiresAt != nil {
		s.ExpiresAt = *task.ExpiresAt
	}
	if task.RepliedAt != nil {
		s.RepliedAt = *task.RepliedAt
	}
	return s
}

// clockIn is what the clock says in the first of a lead's zones; "" when none is known.
func (v *visit) clockIn(zones []string) string {
	if len(zones) == 0 {
		return ""
	}
	zone, err := calendar.Location(zones[0])
	if err != nil {
		return ""
	}
	return v.now.In(zone).Format("Mon 15:04")
}
