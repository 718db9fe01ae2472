package desk

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

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
	for _, width := range []int64{390, 768} {
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
