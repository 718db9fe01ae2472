package desk

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"nurture/cadence"
	"nurture/internal/leadfile"
	"nurture/jobs"
	"nurture/store"
)

// screen is a tab of a real browser that nobody else's cookies are in.
type screen struct {
	t    *testing.T
	ctx  context.Context
	base string
}

// patience bounds every wait: far more than a busy machine needs.
const patience = 2 * time.Minute

// screens opens n tabs, each with cookies of its own.
func (d *desktop) screens(t *testing.T, n int) []*screen {
	t.Helper()
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	if os.Geteuid() == 0 { // Chromium refuses to run as root in its sandbox
		options = append(options, chromedp.NoSandbox)
	}
	options = append(options, chromedp.Flag("disable-dev-shm-usage", true), chromedp.WindowSize(1440, 900),
		chromedp.WSURLReadTimeout(patience)) // it gives a browser 20 seconds to start, which is less than a machine under load needs
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	browser, stop := chromedp.NewContext(allocator)
	t.Cleanup(stop)
	if err := chromedp.Do(browser, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal("Chromium does not start; make setup installs it: ", err)
	}
	tabs := make([]*screen, n)
	for i := range tabs {
		ctx, stop := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
		t.Cleanup(stop)
		tabs[i] = &screen{t, ctx, d.server.URL}
	}
	return tabs
}

func (s *screen) do(actions ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	if err := chromedp.Do(s.ctx, actions...); err != nil {
		s.t.Fatal(err)
	}
}

func (s *screen) open(path string) {
	s.t.Helper()
	s.do(chromedp.Navigate(s.base + path))
}

// press types keys, whatever has the focus.
func (s *screen) press(keys string) {
	s.t.Helper()
	s.do(chromedp.KeyEvent(keys, likeAKeyboard))
}

// likeAKeyboard keeps a shortcut's letter from being typed as well, as a browser does for a keyboard.
func likeAKeyboard(p *input.DispatchKeyEventParams) {
	if p.Type == input.DispatchKeyEventTypeKeyDown {
		p.Type = input.DispatchKeyEventTypeRawKeyDown
	}
}

func (s *screen) ctrlEnter() {
	s.t.Helper()
	s.do(chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
}

// is asks the page; a page that is being left gives "".
func (s *screen) is(expression string) string {
	got, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](`String(`+expression+`)`))
	if err != nil {
		return ""
	}
	return got
}

// until waits until an expression of the page is true.
func (s *screen) until(expression string) {
	s.t.Helper()
	deadline := time.After(patience)
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for s.is(expression) != "true" {
		select {
		case <-deadline:
			s.t.Fatalf("still not so: %s\n%s\n%s", expression, s.is("location.href"), s.is("document.body.innerText"))
		case <-poll.C:
		}
	}
}

// sees waits until the page shows a text, in any case of letters.
func (s *screen) sees(text string) {
	s.t.Helper()
	s.until(fmt.Sprintf(`document.body.innerText.toLowerCase().includes(%q)`, strings.ToLower(text)))
}

// enter logs in by keyboard alone.
func (s *screen) enter(email, path string) {
	s.t.Helper()
	s.open(path)
	s.until(`document.activeElement?.name === "email"`)
	s.press(email + "\t")
	s.until(`document.activeElement?.name === "password"`)
	s.press(password + "\r")
	s.until(`location.pathname + location.search === ` + fmt.Sprintf("%q", path) + ` && ` + ready)
}

// ready says that a page's shortcuts work.
const ready = `"ready" in document.documentElement.dataset`

func TestTenTasksByKeyboardAlone(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	tasks := make([]int64, 10)
	for i := range tasks {
		lead := d.lead(leadfile.Lead{Email: fmt.Sprintf("p%d@buyer.example", i), FirstName: "Pat", LastName: fmt.Sprintf("Number%d", i), Phone: fmt.Sprintf("+4930123400%02d", i)})
		tasks[i] = d.task(store.Task{LeadID: lead, Owner: "sdr@example.com", Title: "Call back", DueAt: morning.Add(time.Duration(i-20) * time.Minute)})
	}
	s := d.screens(t, 1)[0]
	s.enter("sdr@example.com", "/desk/queue")
	s.until(`document.querySelectorAll(".row").length === 10`)
	s.press("jj")
	s.until(`document.activeElement?.innerText === "Pat Number1"`)
	s.press("k")
	s.until(`document.activeElement?.innerText === "Pat Number0"`)
	s.ctrlEnter()
	for i := range tasks {
		s.until(fmt.Sprintf(`location.pathname === "/desk/tasks/%d" && document.querySelector("[data-log]") !== null && `+ready, tasks[i]))
		s.sees("You have it")
		s.press("n")
		s.until(`document.activeElement?.name === "notes"`)
		s.press(fmt.Sprintf("1 try, number %d", i)) // a digit that is typed chooses nothing
		s.press("\x1b")
		s.until(`document.activeElement?.name !== "notes"`)
		s.press("1")
		s.until(`document.querySelector("input[name=disposition]:checked")?.value === "no_answer"`)
		s.ctrlEnter()
	}
	s.sees("Nothing else is due.")
	s.sees("10 of 10 tasks done today")
	for i, id := range tasks {
		task, err := store.GetTask(t.Context(), d.pool, id)
		must(t, err)
		if task.State != store.TaskDone || task.Disposition != "no_answer" || task.Notes != fmt.Sprintf("1 try, number %d", i) || task.ClaimedBy != "sdr@example.com" {
			t.Errorf("task %d is %+v", i, task)
		}
	}
}

// After somebody was on the line the desk stays, and says what follows.
func TestTheDeskStaysWhenSomebodyAnswered(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	task, _ := d.callOf()
	d.task(store.Task{LeadID: d.lead(leadfile.Lead{Email: "bob@buyer.example", FirstName: "Bob", Phone: "+493012340002"}), Owner: "sdr@example.com"})
	s := d.screens(t, 1)[0]
	s.enter("sdr@example.com", callPath(task, "mine"))
	s.sees("You have it")
	s.do(chromedp.SendKeys(chromedp.CSS(`[name="answer.people_to_train"]`), "a few"))
	s.press("\x1b7")
	s.until(`document.querySelector("input[name=disposition]:checked")?.value === "connected"`)
	s.ctrlEnter()
	s.sees("is no number") // with what was typed, and the field in focus
	s.until(`document.activeElement?.name === "answer.people_to_train" && document.activeElement.value === "a few"`)
	s.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	s.press("12")
	s.ctrlEnter()
	s.sees("Logged: connected")
	s.until(fmt.Sprintf(`location.pathname === "/desk/tasks/%d" && `+ready, task))
	s.ctrlEnter()
	s.sees("Bob")
	s.sees("You have it")
}

func TestAReplyArrivesWhileTheCallScreenIsOpen(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	task, lead := d.callOf()
	s := d.screens(t, 1)[0]
	s.enter("sdr@example.com", callPath(task, "mine"))
	s.sees("You have it")
	_, err := d.engine.Respond(t.Context(), []jobs.ResponseInput{{LeadID: lead, Kind: cadence.Reply, Source: "mail", ExternalID: "1", Said: "Call me at noon <script>"}})
	must(t, err)
	s.sees("The lead answered: reply: “Call me at noon <script>”")
}

func TestTwoBrowsersRaceForATask(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	task, _ := d.callOf()
	s := d.screens(t, 2)
	s[0].enter("sdr@example.com", "/desk/account")
	s[1].enter("manager@example.com", "/desk/account")
	for _, one := range s {
		one.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`void location.assign(%q)`, callPath(task, "all"))))
	}
	const has, late = `document.body.innerText.includes("You have it")`, `/Somebody was faster|has this task/.test(document.body.innerText)`
	for _, one := range s {
		one.until(ready + ` && (` + has + ` || ` + late + `)`)
	}
	if a, b := s[0].is(has), s[1].is(has); a == b {
		t.Errorf("the first has it: %s, the second: %s", a, b)
	}
	winner := s[0]
	if s[1].is(has) == "true" {
		winner = s[1]
	}
	winner.press("1")
	winner.ctrlEnter()
	winner.sees("Nothing else is due.")
}

// A form that met the end of the session, or a mistake that has a page of its own, loses nothing of what was typed; and one that was taken does not come back.
func TestAFormOutlivesTheSession(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	lead := d.lead(ann)
	s := d.screens(t, 1)[0]
	s.enter("sdr@example.com", leadPath(lead))
	correct := func(value string) {
		t.Helper()
		s.until(ready)
		s.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{
			const form = document.querySelector('form[action$="/fields"]');
			form.elements.field.value = "account.employees";
			form.elements.value.value = %q;
			form.requestSubmit();
		}`, value)))
	}
	here := `location.pathname === ` + fmt.Sprintf("%q", leadPath(lead)) + ` && ` + ready
	const back = `document.querySelector('form[action$="/fields"]').elements`
	d.exec(`DELETE FROM sessions`)
	correct("lots of them")
	s.until(`location.pathname === "/desk/login" && ` + ready)
	s.until(`document.activeElement?.name === "email"`)
	s.press("sdr@example.com\t" + password + "\r")
	s.until(here)
	s.sees("What you typed is here again")
	s.until(back + `.value.value === "lots of them" && ` + back + `.field.value === "account.employees" && document.querySelector('form[action$="/fields"]').closest("details").open`)

	correct("very many")
	s.sees("That cannot be taken") // in its place, with what was typed
	s.until(ready + ` && document.activeElement === ` + back + `.value && document.activeElement.value === "very many" && ` + back + `.field.value === "account.employees"`)

	d.endSessions() // of which the server knew whose it was
	correct("quite a lot")
	s.until(`location.pathname === "/desk/login" && document.activeElement?.name === "email" && ` + ready)
	s.press("sdr@example.com\t" + password + "\r")
	s.until(here + ` && ` + back + `.value.value === "quite a lot"`)
	if told := s.is(`document.querySelectorAll(".notices .toast").length`); told != "1" {
		t.Errorf("that it is here again is said %s times", told)
	}

	correct("250")
	s.sees("Company employees is corrected.")
	s.open(leadPath(lead))
	s.until(here)
	if got := s.is(back + `.value.value`); got != "" {
		t.Errorf("what was taken comes back: %q", got)
	}

	d.exec(`DELETE FROM sessions`)
	correct("251")
	s.until(`location.pathname === "/desk/login" && document.activeElement?.name === "email" && ` + ready)
	s.press("manager@example.com\t" + password + "\r")
	s.until(here)
	if got := s.is(back + `.value.value + sessionStorage.length`); got != "0" {
		t.Errorf("what somebody else typed: %q", got)
	}
}

// What is typed without a connection is there again afterwards.
func TestALostConnectionLosesNothing(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	task, _ := d.callOf()
	s := d.screens(t, 1)[0]
	s.enter("sdr@example.com", callPath(task, "mine"))
	s.sees("You have it")
	s.press("n")
	s.press("kept here")
	s.sees("nothing is logged yet")
	d.down.Store(true)
	s.press(" and there")
	s.sees("Kept in this browser only")
	s.press("\x1b1")
	s.ctrlEnter()
	s.sees("There is no connection.")
	d.down.Store(false)
	s.open(callPath(task, "mine"))
	s.until(ready + ` && document.querySelector("[name=notes]")?.value === "kept here and there" && document.querySelector("[value=no_answer]").checked`)
	s.sees("Saved")
	draft, err := store.LoadDraft(t.Context(), d.pool, task, "sdr@example.com")
	must(t, err)
	if draft.Typed["notes"] != "kept here and there" || draft.Typed["disposition"] != "no_answer" {
		t.Errorf("the server holds %v", draft.Typed)
	}
	s.ctrlEnter()
	s.sees("Nothing else is due.")
	if left := s.is(`localStorage.length`); left != "0" {
		t.Errorf("%s drafts are left in the browser", left)
	}
}

// focus gives an element of the page the focus.
func focus(expression string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](expression + `.focus()`)
}
