package desk

import (
	"testing"

	"github.com/chromedp/chromedp"

	"nurture/internal/access"
	"nurture/store"
)

// Who presses a button twice sends its form once, and sees the answer: a password that was made is shown once only.
func TestAButtonThatIsPressedTwice(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	s := d.screens(t, 1)[0]
	s.enter("admin@example.com", "/desk/access")
	s.do(chromedp.Evaluate[chromedp.Void](`{
		const form = document.querySelector('form[action="/desk/access/users"]');
		window.sent = 0;
		addEventListener("submit", (event) => {
			window.sent += event.defaultPrevented ? 0 : 1;
			event.preventDefault();
		});
		form.elements.email.value = "new@example.com";
		const button = form.querySelector("button");
		button.click();
		button.click();
	}`))
	if sent := s.is(`window.sent`); sent != "1" {
		t.Errorf("the form is sent %s times", sent)
	}
}

// A form that is sent twice, by a double click or from a page that came back, is answered as if it had been sent once: nobody was faster but oneself.
func TestAFormThatIsSentTwice(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	task, lead := d.callOf()
	ours := d.handedOff(d.lead(person("Ann")), nil)
	other := d.handedOff(d.lead(person("Bob")), nil)
	must(t, store.InsertReferrals(t.Context(), d.pool, []store.Referral{
		{LeadID: lead, Name: "Bo", Email: "bo@buyer.example", ProposedAt: morning}, {LeadID: lead, Name: "Cy", Email: "cy@buyer.example", ProposedAt: morning},
	}))
	for _, tc := range []struct {
		role   access.Role
		path   string
		fields []string
		leads  string
	}{
		{access.SDR, taskPath(task, "/log"), []string{"disposition", "no_answer", "notes", "x"}, "/desk/queue?tab=due&who=mine"},
		{access.Sales, handoffPath(ours) + "/accept", nil, handoffPath(ours)},
		{access.Sales, handoffPath(ours) + "/outcome", []string{"outcome", "won", "amount", "12000", "currency", "EUR"}, handoffPath(ours)},
		{access.Sales, handoffPath(other) + "/reject", []string{"reason", "too small"}, "/desk/handoffs"},
		{access.SDR, "/desk/inbox/referrals/1/accept", nil, "/desk/inbox/referrals"},
		{access.SDR, "/desk/inbox/referrals/2/decline", []string{"reason", "the assistant"}, "/desk/inbox/referrals"},
	} {
		b := d.as(tc.role)
		for range 2 {
			a := b.post(tc.path, tc.fields...)
			if a.status != 303 || a.header.Get("Location") != tc.leads {
				t.Errorf("%s: status %d to %q", tc.path, a.status, a.header.Get("Location"))
			}
		}
	}
	told, err := store.OutcomesOf(t.Context(), d.pool, ours)
	must(t, err)
	if len(told) != 1 {
		t.Errorf("what became of it is said %d times", len(told))
	}
	d.as(access.Sales).post(handoffPath(other)+"/reject", "reason", "and too late").mustHold(t, 409, "and too late")
	d.as(access.SDR).post("/desk/inbox/referrals/2/decline", "reason", "and too late").mustHold(t, 409, "Somebody was faster")
	d.as(access.Manager).post(handoffPath(ours)+"/accept").mustHold(t, 409, "Nothing was changed")
	d.as(access.Manager).post(taskPath(task, "/log"), "disposition", "no_answer", "notes", "x").mustHold(t, 409, "This was not logged.")
}
