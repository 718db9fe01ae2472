package desk

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"nurture/internal/access"
	"nurture/internal/oneline"
	"nurture/store"
)

// turned is what a lead may call itself: it begins to write from right to left, hides a part of itself, and rings a bell.
const turned = "\u202e\u2066אבג\u200b\u0007"

// TestTextOfLeadsTouchesNothingBesideIt: whatever leads write stands for itself on every page. What would turn the rest of a line around is gone, and a name
// in a script that is written from right to left stands in an element of its own, which is isolated, so that the words and numbers after it keep their order.
func TestTextOfLeadsTouchesNothingBesideIt(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	d.unknown(person("Zoe"))
	paths := d.everyPage(t)
	lead, err := store.FindLead(t.Context(), d.pool, "ann@buyer.example")
	must(t, err)
	d.exec(`UPDATE accounts SET name = $1, industry = $1`, turned)
	d.exec(`UPDATE leads SET first_name = $1, last_name = '', title = $1, role = $1, city = $1, source = $1, account_id = (SELECT min(id) FROM accounts)`, turned)
	d.exec(`UPDATE referrals SET name = $1`, turned)
	d.exec(`UPDATE inbound_mails SET subject = $1, sender = $1, note = $1`, turned)
	d.exec(`UPDATE field_proposals SET value = $1`, turned)
	d.exec(`INSERT INTO responses (lead_id, kind, source, external_id, said, at) VALUES ($1, 'reply', 'test', 'turned', $2, $3)`, lead.ID, turned, morning)
	_, err = d.engine.Tally(t.Context())
	must(t, err)
	paths = append(paths, fmt.Sprintf("/desk/handoffs/%d", d.handedOff(lead.ID, nil)), "/desk/queue?who=all", "/desk/handoffs?who=all", "/desk/inbox/1?q=zoe")
	b := d.as(access.Admin)
	seen := 0
	for _, path := range paths {
		a := b.get(path)
		if a.status != 200 {
			t.Errorf("%s: status %d", path, a.status)
		}
		if i := strings.IndexFunc(a.body, func(r rune) bool { return r != '\n' && r != '\t' && oneline.Hidden(r) }); i >= 0 {
			t.Errorf("%s: %q is left", path, a.body[max(0, i-60):min(len(a.body), i+20)])
		}
		page, err := html.Parse(strings.NewReader(a.body))
		must(t, err)
		for node := range page.Descendants() {
			if node.Type != html.TextNode || !strings.ContainsFunc(node.Data, func(r rune) bool { return unicode.Is(unicode.Hebrew, r) }) {
				continue
			}
			seen++
			if in := node.Parent; in.Data != "title" && in.Data != "option" && textOf(in) != "אבג" {
				t.Errorf("%s: <%s> holds %q beside it: put what the lead wrote into <bdi>", path, in.Data, textOf(in))
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d texts of leads were seen", seen)
	}
}

func textOf(n *html.Node) string {
	var text strings.Builder
	for node := range n.Descendants() {
		if node.Type == html.TextNode {
			text.WriteString(node.Data)
		}
	}
	return strings.TrimSpace(text.String())
}
