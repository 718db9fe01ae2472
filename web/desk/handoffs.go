package desk

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"nurture/internal/access"
	"nurture/internal/figure"
	"nurture/store"
)

// How much the list of handoffs shows and counts.
const (
	shownHandoffs   = 50
	shownReason     = 240 // characters
	countedHandoffs = 999
)

// handoffsPage is the list of handoffs.
type handoffsPage struct {
	Tabs      []handoffTab
	Tab       store.HandoffTab
	Answers   bool   // the user answers handoffs
	Everybody bool   // all reps' handoffs are shown
	Mine, All string // addresses of this tab of the one and of the other; "" where there is no choice
	Rows      []handoffRow
	Pages     pager
	More      int // waiting ones that are not shown
	Loads     []repLoad
}

type handoffTab struct {
	Label, Path, Count string
	Current            bool
}

// handoffRow is a handoff of the list.
type handoffRow struct {
	store.HandoffItem
	Path     string
	LeadName string
	Clock    slaClock
	When     moment // when what the tab is about happened
	Mine     bool
	Amount   string
	Lacks    string
	Why      string // the beginning of why it was rejected
}

// repLoad is what a rep has on the desk, and may have.
type repLoad struct {
	store.RepLoad
	Name string
	Cap  int // 0: no limit
	Full bool
}

// slaClock is how much time there is to answer.
type slaClock struct {
	Words      string // such as "5 h left"; "" when nothing waits
	By         moment
	Soon, Late bool // less than a quarter of the time is left; none is
}

// clock reads the clock of a handoff that waits; of any other it is the zero one.
func (v *visit) clock(state store.HandoffState, offered, by *time.Time) slaClock {
	if !state.Waits() || by == nil {
		return slaClock{By: moment{None: true}}
	}
	c := slaClock{By: v.moment(*by)}
	left := by.Sub(v.now)
	switch span := spanOf(left.Abs()); {
	case left <= 0 && span == "":
		c.Words, c.Late = "overdue", true
	case left <= 0:
		c.Words, c.Late = "overdue by "+span, true
	case span == "":
		c.Words = "less than a minute left"
	default:
		c.Words = span + " left"
	}
	c.Soon = !c.Late && offered != nil && left < by.Sub(*offered)/4
	return c
}

// sellers answer handoffs: a rep its own, who leads the reps everybody's.
func (v *visit) sells() bool { return slices.Contains(sellers, v.role()) }

// leadsReps says whether the user answers in the reps' place and gives handoffs to others.
func (v *visit) leadsReps() bool { return slices.Contains(leaders, v.role()) }

// answers says whether the user may answer a handoff.
func (v *visit) answers(h store.Handoff) bool {
	return v.leadsReps() || v.sells() && h.Rep == v.user.Email
}

// showHandoffs shows one tab of the handoffs.
func (d *Desk) showHandoffs(v *visit) error {
	asked := v.r.URL.Query()
	p := handoffsPage{Tab: store.HandoffTab(asked.Get("tab")), Answers: v.sells()}
	if !slices.Contains(store.HandoffTabs(), p.Tab) || p.Tab == store.HandoffsMine && !p.Answers {
		p.Tab = store.HandoffsWaiting
		if v.role() == access.Sales {
			p.Tab = store.HandoffsMine
		}
	}
	p.Everybody = asked.Get("who") == "all" || asked.Get("who") != "mine" && v.role() != access.Sales
	q := store.HandoffQuery{Answers: v.user.Email, Leads: v.leadsReps(), Limit: shownHandoffs + 1}
	if !p.Tab.Urgent() {
		q.Before = whole(asked, "before")
	}
	if !p.Everybody {
		q.Rep = v.user.Email
	}
	if err := d.countHandoffs(v, &p, q); err != nil {
		return err
	}
	items, err := store.ListHandoffs(v.r.Context(), d.pool, p.Tab, q)
	if err != nil {
		return err
	}
	items, p.Pages = keyed(items, shownHandoffs, q.Before, func(item store.HandoffItem) int64 { return item.ID }, func(before int64) string {
		return handoffsPath(p.Tab, p.Everybody, before)
	})
	if p.Tab.Urgent() { // what waits is ordered by its clock, and moves up
		p.Pages = pager{}
	}
	if v.beyond(p.Pages, len(items)) {
		return v.redirect(p.Pages.First, "")
	}
	for _, item := range items {
		p.Rows = append(p.Rows, v.handoffRow(item, p.Tab))
	}
	if v.leadsReps() {
		if p.Loads, err = d.repLoads(v); err != nil {
			return err
		}
	}
	return v.render(http.StatusOK, "handoffs.html", "Handoffs", p)
}

// countHandoffs fills in the tabs.
func (d *Desk) countHandoffs(v *visit, p *handoffsPage, q store.HandoffQuery) error {
	counts, err := store.CountHandoffs(v.r.Context(), d.pool, q, countedHandoffs)
	if err != nil {
		return err
	}
	labels := map[store.HandoffTab]string{store.HandoffsMine: "For you to answer", store.HandoffsWaiting: "All waiting"}
	for _, tab := range store.HandoffTabs() {
		if tab == store.HandoffsMine && !p.Answers {
			continue
		}
		label, count := labels[tab], strconv.Itoa(counts[tab])
		if label == "" {
			label = sentence(string(tab))
		}
		if counts[tab] > countedHandoffs {
			count = fmt.Sprintf("%d+", countedHandoffs)
		}
		p.Tabs = append(p.Tabs, handoffTab{label, handoffsPath(tab, p.Everybody, 0), count, tab == p.Tab})
	}
	if p.Answers && !p.Tab.Urgent() && p.Tab != store.HandoffsBlocked {
		p.Mine, p.All = handoffsPath(p.Tab, false, 0), handoffsPath(p.Tab, true, 0)
	}
	if p.Tab.Urgent() {
		p.More = max(counts[p.Tab]-shownHandoffs, 0)
	}
	return nil
}

func handoffsPath(tab store.HandoffTab, everybody bool, before int64) string {
	who := "mine"
	if everybody {
		who = "all"
	}
	return listPath("/desk/handoffs", "tab", string(tab), "who", who, "before", unlessZero(before))
}

func handoffPath(id int64) string { return fmt.Sprintf("/desk/handoffs/%d", id) }

func (v *visit) handoffRow(item store.HandoffItem, tab store.HandoffTab) handoffRow {
	row := handoffRow{
		HandoffItem: item, Path: handoffPath(item.ID), LeadName: item.LeadName(), Clock: v.clock(item.State, item.OfferedAt, item.RespondBy),
		Why: clip(item.Reason, shownReason), Mine: item.Rep == v.user.Email, Amount: money(item.AmountCents, item.Currency), Lacks: words(strings.Join(item.Missing, ", ")),
	}
	at := item.DecidedAt
	switch {
	case tab == store.HandoffsBlocked:
		at = &item.CreatedAt
	case tab == store.HandoffsClosed && item.OutcomeAt != nil:
		at = item.OutcomeAt
	}
	row.When = v.momentOf(at)
	return row
}

// repLoads is what each rep of the live configuration has on the desk, and whoever else has something.
func (d *Desk) repLoads(v *visit) ([]repLoad, error) {
	counted, err := store.RepLoads(v.r.Context(), d.pool)
	if err != nil {
		return nil, err
	}
	live, err := d.settings(v.r.Context())
	if err != nil {
		return nil, err
	}
	var loads []repLoad
	if live != nil {
		for _, r := range live.Settings.Team.Reps {
			loads = append(loads, repLoad{RepLoad: store.RepLoad{Rep: r.Email}, Name: r.Name, Cap: r.Cap})
		}
	}
	for _, c := range counted {
		i := slices.IndexFunc(loads, func(l repLoad) bool { return l.Rep == c.Rep })
		if i < 0 {
			loads = append(loads, repLoad{Name: c.Rep})
			i = len(loads) - 1
		}
		loads[i].RepLoad = c
		loads[i].Full = loads[i].Cap > 0 && c.Waiting >= loads[i].Cap
	}
	return loads, nil
}

// money is an amount as people read it, "" for none: 1200050 in EUR is 12 000.50 EUR.
func money(cents int64, currency string) string {
	if cents == 0 {
		return ""
	}
	whole := figure.Grouped(strconv.FormatInt(cents/100, 10), "\u202f")
	if cents%100 != 0 {
		whole += fmt.Sprintf(".%02d", cents%100)
	}
	return whole + "\u00a0" + currency
}
