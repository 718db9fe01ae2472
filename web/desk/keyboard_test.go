package desk

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"nurture/store"
)

// lost gives all that can be reached by keyboard its focus in turn, and names what is then out of sight, wholly or for the most part, or does not show that it has it.
const lost = `[...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter((field) => {
	if (field.disabled || field.tabIndex < 0 || field.type === "hidden" || !field.checkVisibility({ visibilityProperty: true }) || field.matches(".skip")) return false;
	field.focus();
	const shown = field.closest("label:has(input[type=radio], input[type=checkbox])") ?? field;
	const box = shown.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
	const there = x >= 0 && y >= 0 && x <= innerWidth && y <= innerHeight && document.elementFromPoint(x, y);
	const ringed = (part) => part !== null && getComputedStyle(part).outlineStyle !== "none";
	return document.activeElement !== field || !there || !(shown.contains(there) || there.contains(shown)) ||
		!(ringed(field) || ringed(shown) || ringed(field.closest(".row")));
}).map((field) => field.tagName + " " + (field.innerText || field.getAttribute("aria-label") || field.name)).join("\n")`

// TestTheFocusIsSeen: whatever the keyboard reaches comes into sight, and shows that it has the focus.
func TestTheFocusIsSeen(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	d.unknown(person("Zoe"))
	paths := d.everyPage(t)
	lead, err := store.FindLead(t.Context(), d.pool, "ann@buyer.example")
	must(t, err)
	handoff := d.handedOff(lead.ID, nil)
	d.as("sales").post(handoffPath(handoff) + "/accept")
	paths = append(paths, handoffPath(handoff))
	s := d.screens(t, 1)[0]
	s.enter("admin@example.com", "/desk/ops")
	for _, size := range [][2]int64{{1280, 620}, {390, 620}} {
		_, err := chromedp.Call(s.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: size[0], Height: size[1], DeviceScaleFactor: 1})
		must(t, err)
		for _, path := range paths {
			s.open(path)
			s.until(ready)
			s.do(chromedp.KeyEvent("\t")) // by keyboard, from now on
			if found := s.is(lost); found != "" {
				t.Errorf("%s on %d x %d pixels, out of sight or without a sign of the focus:\n%s", path, size[0], size[1], found)
			}
		}
	}
}
