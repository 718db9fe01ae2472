package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"nurture/internal/access"
	"nurture/jobs"
	"nurture/store"
)

// problem is an answer other than what was asked for, in words for people.
type problem struct {
	status  int
	heading string
	text    string
}

// Error implements error.
func (p problem) Error() string { return p.heading }

// problems is how errors of the store and the engine are answered; the first that fits counts. Where told is set, the error's own words are
// for people and are added.
var problems = []struct {
	err  error
	told bool
	problem
}{
	{store.ErrNotFound, false, problem{http.StatusNotFound, "There is nothing here", "The address may be mistyped, or what was here is gone."}},
	{jobs.ErrTaken, true, problem{http.StatusConflict, "Somebody was faster", ""}},
	{jobs.ErrCalledEnough, true, problem{http.StatusConflict, "Not now", ""}},
	{jobs.ErrNotEnrolled, true, problem{http.StatusConflict, "Not possible", ""}},
	{jobs.ErrEnrolled, true, problem{http.StatusConflict, "Not possible", ""}},
	{jobs.ErrEnded, true, problem{http.StatusConflict, "Not possible", ""}},
	{jobs.ErrNoCadence, true, problem{http.StatusUnprocessableEntity, "Which cadence?", ""}},
	{jobs.ErrBadTime, true, problem{http.StatusUnprocessableEntity, "Until when?", ""}},
	{jobs.ErrDecided, true, problem{http.StatusConflict, "That is decided already", ""}},
	{jobs.ErrNotTried, true, problem{http.StatusConflict, "Nothing to be done", ""}},
	{jobs.ErrNoQueue, false, problem{http.StatusNotFound, "There is no such queue", "The address may be mistyped."}},
	{jobs.ErrNoSender, true, problem{http.StatusNotFound, "There is no such mailbox", ""}},
	{jobs.ErrNotWaiting, true, problem{http.StatusConflict, "Somebody was faster", ""}},
	{jobs.ErrReferralDecided, true, problem{http.StatusConflict, "Somebody was faster", ""}},
	{jobs.ErrNoLead, true, problem{http.StatusConflict, "That cannot become a lead", ""}},
	{access.ErrOwnAccount, true, problem{http.StatusConflict, "Not your own account", ""}},
	{jobs.ErrNotReady, false, problem{http.StatusServiceUnavailable, "Nothing is applied yet", "Once the lead definition is signed and the configuration applied, this page works: nurture apply."}},
	{context.DeadlineExceeded, false, problem{http.StatusServiceUnavailable, "That took too long", "The database is busy. Please try again in a minute."}},
}

// away is what is said while the database is. What was being done when it went may be done or not.
var away = problem{http.StatusServiceUnavailable, "The database does not answer", "Please try again in a minute. What you just did may not have been taken: look before you do it again."}

// broken is what is said of all other errors; what happened goes to the log only.
var broken = problem{http.StatusInternalServerError, "That did not work", "The fault is ours and has been noted. Nothing was changed. Please try again in a few minutes."}

// fail answers an error.
func (v *visit) fail(err error) {
	if errors.Is(err, errLogin) {
		v.askForLogin()
		return
	}
	var other otherReader
	if errors.As(err, &other) {
		if err = v.refuseStrange(other); err == nil {
			return
		}
	}
	p := explain(err)
	if p.status >= http.StatusInternalServerError {
		v.desk.log.ErrorContext(v.r.Context(), "request failed", "method", v.r.Method, "route", v.r.Pattern, "error", err)
	}
	if v.status != 0 { // the answer has begun
		return
	}
	var wrong wrongField
	if errors.As(err, &wrong) && v.showAgain(wrong) {
		return
	}
	if wantsData(v.r) {
		v.status = p.status
		http.Error(v.w, strings.TrimSpace(p.heading+". "+p.text), p.status)
		return
	}
	if err := v.render(p.status, "problem.html", p.heading, struct{ Heading, Text string }{p.heading, p.text}); err != nil {
		v.desk.log.ErrorContext(v.r.Context(), "the page of an error cannot be made", "error", err)
		v.status = p.status
		http.Error(v.w, p.heading, p.status)
	}
}

// explain finds the words for an error.
func explain(err error) problem {
	var own problem
	if errors.As(err, &own) {
		return own
	}
	var wrong wrongField
	if errors.As(err, &wrong) {
		return problem{http.StatusUnprocessableEntity, "That cannot be taken", wrong.text + " Go back to try again."}
	}
	for _, known := range problems {
		if errors.Is(err, known.err) {
			p := known.problem
			if known.told {
				p.text = sentence(err.Error())
			}
			return p
		}
	}
	if store.Away(err) {
		return away
	}
	return broken
}

// askForLogin leads to the login and back here. A form that was sent is not sent again: it leads back to its page, where what was typed is put back.
func (v *visit) askForLogin() {
	if wantsData(v.r) {
		v.status = http.StatusUnauthorized
		http.Error(v.w, "Your session has ended. Log in again.", v.status)
		return
	}
	back := v.r.URL.RequestURI()
	if v.r.Method != http.MethodGet && v.r.Method != http.MethodHead {
		if err := v.keepTyped(); err != nil {
			v.desk.log.ErrorContext(v.r.Context(), "what was typed is lost", "route", v.r.Pattern, "error", err)
		}
		back, _, _ = v.desk.formPage(v.r.URL.Path)
		if from, err := url.Parse(v.r.Referer()); err == nil && from.Host == v.r.Host {
			back = from.RequestURI()
		}
	}
	v.status = http.StatusSeeOther
	http.Redirect(v.w, v.r, "/desk/login?next="+url.QueryEscape(next(back)), v.status)
}

// wantsData tells the desk's own modules from browsers that load a page.
func wantsData(r *http.Request) bool { return r.Header.Get("X-Desk") != "" }
