package desk

import (
	"testing"

	"nurture/internal/leadfile"
	"nurture/jobs"
	"nurture/store"
)

// Who logs a task that somebody else has logged meanwhile is told so, by name, and what was typed stays.
func TestALogThatComesTooLateIsTold(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	task, _ := d.callOf()
	s := d.screens(t, 1)[0]
	s.enter("sdr@example.com", callPath(task, "mine"))
	s.sees("You have it")
	s.press("n")
	s.press("she asked for a quote")
	s.press("\x1b1")
	d.exec(`UPDATE tasks SET claimed_by = 'manager@example.com' WHERE id = $1`, task)
	must(t, d.engine.CompleteTask(t.Context(), jobs.TaskOutcome{TaskID: task, By: "manager@example.com", Disposition: "no_answer"}))
	s.ctrlEnter()
	s.sees("This was not logged.")
	s.until(`document.querySelector("[data-notes]").value === "she asked for a quote" && document.activeElement?.matches("[data-first-problem]")`)
}

// Escape closes the times to snooze to, and the focus goes back to what opened them.
func TestEscapeClosesTheSnooze(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	task, _ := d.callOf()
	s := d.screens(t, 1)[0]
	s.enter("sdr@example.com", callPath(task, "mine"))
	s.sees("You have it")
	const menu = `document.querySelector("details.menu")`
	for range 2 { // from a button, and from the field for another time
		s.press("s")
		s.until(menu + `.open && ` + menu + `.contains(document.activeElement)`)
		s.press("\x1b")
		s.until(`!` + menu + `.open && document.activeElement === ` + menu + `.querySelector("summary")`)
	}
	s.press("s")
	s.do(focus(menu + `.querySelector("[name=own]")`))
	s.press("\x1b")
	s.until(`!` + menu + `.open && document.activeElement === ` + menu + `.querySelector("summary")`)
	s.press("s")
	s.press("s") // closes it as well
	s.until(`!` + menu + `.open && document.activeElement === ` + menu + `.querySelector("summary")`)
}

// When the session has ended, the call screen leads to the login, and back with all that was typed.
func TestTheCallScreenLeadsToTheLogin(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	task, _ := d.callOf()
	d.task(store.Task{LeadID: d.lead(leadfile.Lead{Email: "bob@buyer.example", FirstName: "Bob", Phone: "+493012340002"}), Owner: "sdr@example.com"})
	s := d.screens(t, 1)[0]
	s.enter("sdr@example.com", callPath(task, "mine"))
	s.sees("You have it")
	d.endSessions()
	s.press("n")
	s.press("she asked for a quote")
	s.sees("Your session has ended")
	s.press("\x1b1")
	s.ctrlEnter()
	s.until(`document.querySelector("[data-news] a")?.innerText === "Log in"`)
	s.do(focus(`document.querySelector("[data-news] a")`))
	s.press("\r")
	s.until(`location.pathname === "/desk/login" && document.activeElement?.name === "email" && ` + ready)
	s.press("sdr@example.com\t" + password + "\r")
	s.until(`location.pathname.startsWith("/desk/tasks/") && ` + ready + ` && document.querySelector("[data-notes]").value === "she asked for a quote" && document.querySelector("[value=no_answer]").checked`)
	s.ctrlEnter()
	s.sees("Logged: no answer.")
	s.sees("Bob")
}
