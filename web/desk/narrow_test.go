package desk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"nurture/internal/access"
	"nurture/store"
)

// overlaps names the cells of tables whose label, which a narrow page shows beside or above the value, lies on the value; "" when none does.
const overlaps = `[...document.querySelectorAll(".table tbody td[data-label]")].filter((cell) => {
	const label = getComputedStyle(cell, "::before"), style = getComputedStyle(cell);
	if (style.display === "none" || ["none", "normal", ""].includes(label.content) || label.content === '""' || label.display === "none" || label.position !== "absolute") return false;
	return parseFloat(label.left) + parseFloat(label.width) > parseFloat(style.paddingLeft);
}).map((cell) => cell.dataset.label + ": " + cell.innerText).join("\n")`

// TestNarrowPages: on a phone and on a tablet no page is wider than the screen, and no label of a table lies on its value.
func TestNarrowPages(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	d.unknown(person("Zoe"))
	paths := d.everyPage(t)
	lead, err := store.FindLead(t.Context(), d.pool, "ann@buyer.example")
	must(t, err)
	paths = append(paths, fmt.Sprintf("/desk/handoffs/%d", d.handedOff(lead.ID, nil)))
	s := d.screens(t, 1)[0]
	s.enter("admin@example.com", "/desk/ops")
	s.mustFit(paths, 390, 768)
}

// mustFit fails for each page that is wider than the screen, or whose labels lie on values.
func (s *screen) mustFit(paths []string, widths ...int64) {
	s.t.Helper()
	t := s.t
	for _, width := range widths {
		_, err := chromedp.Call(s.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: true})
		must(t, err)
		for _, path := range paths {
			s.open(path)
			s.until(`document.readyState === "complete"`)
			if wide := s.is(`document.documentElement.scrollWidth`); wide != fmt.Sprint(width) {
				t.Errorf("%s is %s pixels wide on %d", path, wide, width)
			}
			if found := s.is(overlaps); found != "" {
				t.Errorf("%s on %d pixels: labels lie on values:\n%s", path, width, found)
			}
		}
	}
}

// TestLongWords: nor is a page wider than the screen, or a part of it, for a word without end that a lead, a mail or a colleague wrote.
func TestLongWords(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	d.unknown(person("Zoe"))
	paths := d.everyPage(t)
	lead, err := store.FindLead(t.Context(), d.pool, "ann@buyer.example")
	must(t, err)
	word := strings.Repeat("W", 180)
	for _, sql := range []string{
		`UPDATE accounts SET name = $1, industry = $1`,
		`UPDATE leads SET first_name = $1, last_name = $1, title = $1, role = $1, city = $1, source = $1, owner = $1, account_id = (SELECT min(id) FROM accounts)`,
		`UPDATE referrals SET name = $1`,
		`UPDATE inbound_mails SET subject = $1, sender = $1 || '@x.example', note = $1, why = $1`,
		`UPDATE field_proposals SET value = $1`,
		`UPDATE tasks SET title = $1, why = $1, script = $1`,
		`UPDATE users SET name = left($1, 100) WHERE role <> 'admin'`,
	} {
		d.exec(sql, word)
	}
	d.exec(`INSERT INTO responses (lead_id, kind, source, external_id, said, at) VALUES ($1, 'reply', 'test', 'long', $2, $3)`, lead.ID, word, morning)
	_, err = d.engine.Tally(t.Context())
	must(t, err)
	handoff := d.handedOff(lead.ID, nil)
	rep := d.as(access.Sales)
	rep.post(handoffPath(handoff) + "/accept")
	rep.post(handoffPath(handoff)+"/outcome", "outcome", "lost", "why", word)
	paths = append(paths, handoffPath(handoff), "/desk/queue?who=all", "/desk/handoffs?tab=closed&who=all", "/desk/inbox/1?q=www")
	s := d.screens(t, 1)[0]
	s.enter("admin@example.com", "/desk/ops")
	s.mustFit(paths, 320, 1280)
}

// TestTheSnoozeMenuFits: on a phone the menu opens below the buttons and within the page, though it hangs on the last of them.
func TestTheSnoozeMenuFits(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	task := d.task(store.Task{LeadID: d.lead(ann), Title: "Call", Owner: "sdr@example.com"})
	_, err := d.engine.HoldTask(t.Context(), task, "sdr@example.com")
	must(t, err)
	s := d.screens(t, 1)[0]
	s.enter("sdr@example.com", taskPath(task, ""))
	_, err = chromedp.Call(s.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 390, Height: 900, DeviceScaleFactor: 1, Mobile: true})
	must(t, err)
	s.open(taskPath(task, ""))
	s.sees("Put it back")
	wide := s.is(`(() => { document.querySelector("details.menu").open = true;
		const menu = document.querySelector(".menubody").getBoundingClientRect();
		return menu.width > 200 && menu.left >= 0 && menu.right <= 390 && document.documentElement.scrollWidth === 390 ? "" : menu.left + "–" + menu.right; })()`)
	if wide != "" {
		t.Errorf("it stands at %s of 390 pixels", wide)
	}
}
