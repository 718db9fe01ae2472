package desk

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/store"
)

// How much a queue reads: due tasks are ranked among the longest due rankedTasks, a page shows shownTasks of them, and the call screen besideTasks.
const (
	rankedTasks = 500
	shownTasks  = 100
	besideTasks = 40
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
	More        int // rows that are not shown
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
	items, err := store.Work(v.r.Context(), d.pool, p.Tab, q)
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
	p.Rows = v.queueRows(v.ranked(items, p.Tab), shownTasks, who)
	p.More = max(counts[p.Tab]-len(p.Rows), 0)
	return v.render(http.StatusOK, "queue.html", "Queue", p)
}

// seesEverybody says whose tasks are shown: SDRs begin with their own, who leads them with all.
func (d *Desk) seesEverybody(v *visit, who string) bool {
	return who == "all" || who != "mine" && v.user.Role != "sdr"
}

func queuePath(tab store.WorkTab, who string) string {
	return "/desk/queue?" + url.Values{"tab": {string(tab)}, "who": {who}}.Encode()
}

func (v *visit) workQuery(everybody bool) store.WorkQuery {
	q := store.WorkQuery{Owner: v.user.Email, Now: v.now, DayStart: v.dayStart(), VisitsSince: v.now.Add(-visitSpan), Limit: rankedTasks}
	if everybody {
		q.Owner = ""
	}
	return q
}

// rankedItem is a task with why it stands where it stands; "" when it is only due.
type rankedItem struct {
	store.WorkItem
	rank   int
	reason string
}

// ranked orders due tasks by urgency, and leaves those of other tabs as they are.
func (v *visit) ranked(items []store.WorkItem, tab store.WorkTab) []rankedItem {
	ranked := make([]rankedItem, len(items))
	for i, item := range items {
		ranked[i].WorkItem = item
		if tab == store.TabDue {
			ranked[i].rank, ranked[i].reason = cadence.Urgency(signalsOf(item), v.now)
		}
	}
	slices.SortStableFunc(ranked, func(a, b rankedItem) int { return cmp.Compare(b.rank, a.rank) })
	return ranked
}

// taken names who else has a task; "" for nobody.
func (v *visit) taken(item store.WorkItem) string {
	if item.State != store.TaskClaimed || item.ClaimedBy == v.user.Email {
		return ""
	}
	return item.ClaimedBy
}

// queueRows shows the first of tasks, at most so many. who is which queue is worked, "mine" or "all".
func (v *visit) queueRows(items []rankedItem, most int, who string) []queueRow {
	rows := make([]queueRow, min(len(items), most))
	for i := range rows {
		item := items[i].WorkItem
		rows[i] = queueRow{
			WorkItem: item, Reason: items[i].reason, Taken: v.taken(item), Path: callPath(item.ID, who), LeadName: item.LeadName(), Due: v.moment(item.DueAt), Done: v.momentOf(item.DoneAt), Expires: v.momentOf(item.ExpiresAt),
			There: v.clockIn(item.Zones), Mine: item.ClaimedBy == v.user.Email, Overdue: item.DueAt.Before(v.dayStart()),
		}
	}
	return rows
}

// signalsOf is what orders a task.
func signalsOf(item store.WorkItem) cadence.TaskSignals {
	s := cadence.TaskSignals{Kind: item.Kind, DueAt: item.DueAt, Visits: item.Visits, NearTerm: item.Readiness == "near_term"}
	if item.ExpiresAt != nil {
		s.ExpiresAt = *item.ExpiresAt
	}
	if item.RepliedAt != nil {
		s.RepliedAt = *item.RepliedAt
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
