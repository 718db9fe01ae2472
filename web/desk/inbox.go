package desk

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"nurture/cadence"
	"nurture/internal/access"
	"nurture/jobs"
	"nurture/store"
)

// unclaimed is what the pages about mail and people without a lead ask of the engine.
type unclaimed interface {
	// ReadMail loads a mail and what its sender wrote, as plain text.
	ReadMail(ctx context.Context, mailID int64) (mail store.InboundMail, text string, err error)
	// AssignMail gives a mail to a lead, and returns as what it was taken; jobs.ErrNotWaiting when somebody was faster.
	AssignMail(ctx context.Context, mailID, leadID int64, kind cadence.ResponseKind, by string) (cadence.ResponseKind, error)
	// SetMailAside takes a mail off the list.
	SetMailAside(ctx context.Context, mailID int64, by string) error
	// AcceptReferral makes or finds the lead; jobs.ErrReferralDecided, jobs.ErrNoLead.
	AcceptReferral(ctx context.Context, id int64, by string) (jobs.AcceptedReferral, error)
	// DeclineReferral needs a reason; jobs.ErrReferralDecided.
	DeclineReferral(ctx context.Context, id int64, by, reason string) error
}

// matchers may say whose a mail is, and decide about people whom leads named.
var matchers = []access.Role{access.SDR, access.Manager, access.Ops, access.Admin}

// How much the inbox shows.
const (
	shownMails      = 60
	shownCandidates = 12
)

type inboxPage struct {
	Tabs  []tab
	Rows  []mailRow
	Pages pager
}

type mailRow struct {
	store.InboundMail
	Path     string
	Received moment
}

func (v *visit) inboxTabs() []tab {
	return v.tabs([]tab{{Label: "Unmatched mail", Path: "/desk/inbox"}, {Label: "Referrals", Path: "/desk/inbox/referrals"}})
}

// showInbox lists the mails that wait for a person, the oldest first.
func (d *Desk) showInbox(v *visit) error {
	begun := whole(v.r.URL.Query(), "after")
	mails, err := store.UnmatchedMails(v.r.Context(), d.pool, begun, shownMails+1)
	if err != nil {
		return err
	}
	p := inboxPage{Tabs: v.inboxTabs()}
	mails, p.Pages = keyed(mails, shownMails, begun, func(m store.InboundMail) int64 { return m.ID }, func(after int64) string {
		return listPath("/desk/inbox", "after", unlessZero(after))
	})
	if v.beyond(p.Pages, len(mails)) {
		return v.redirect(p.Pages.First, "")
	}
	for _, m := range mails {
		p.Rows = append(p.Rows, mailRow{m, mailPath(m.ID), v.moment(m.ReceivedAt)})
	}
	return v.render(http.StatusOK, "inbox.html", "Inbox", p)
}

func mailPath(id int64) string { return "/desk/inbox/" + strconv.FormatInt(id, 10) }

// mailPage is one mail, and who it may be from.
type mailPage struct {
	store.InboundMail
	Path       string
	Received   moment
	Waits      bool // nobody has settled it
	Text       string
	Search     string // as typed, or guessed from the sender
	Guessed    bool
	Candidates []candidate
	Kinds      []string // what it may be taken as
	Kind       string   // as chosen
	Problem    string   // "" when there is none
}

type candidate struct {
	ID                          int64
	Name, Email, Title, Company string
}

// assignable are the kinds of responses that a mail may be taken as by a person's word.
var assignable = []cadence.ResponseKind{
	cadence.Reply, cadence.Interested, cadence.Question, cadence.NotNow, cadence.NotInterested, cadence.Referral, cadence.WrongPerson,
	cadence.OutOfOffice, cadence.LeftCompany, cadence.Unsubscribe, cadence.Complaint,
}

// showMail shows a mail and the leads that it may be from: those that a search finds, at first by the sender's domain.
func (d *Desk) showMail(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	return d.renderMail(v, id, http.StatusOK, mailPage{Search: store.Clean(v.r.URL.Query().Get("q"))})
}

func (d *Desk) renderMail(v *visit, id int64, status int, p mailPage) error {
	ctx := v.r.Context()
	var err error
	if p.InboundMail, p.Text, err = d.engine.ReadMail(ctx, id); err != nil {
		return err
	}
	p.Path, p.Received, p.Waits = mailPath(id), v.moment(p.ReceivedAt), p.State == store.InboundUnmatched
	if p.Waits {
		if p.Search == "" {
			_, p.Search, _ = strings.Cut(p.Sender, "@")
			p.Guessed = true
		}
		search := p.Search
		if p.Guessed {
			search += "." // the domain is whole: nothing follows
		}
		leads, err := store.LeadCandidates(ctx, d.pool, search, shownCandidates)
		if err != nil {
			return err
		}
		for _, l := range leads {
			p.Candidates = append(p.Candidates, candidate{l.ID, l.FullName(), l.Email, l.Title, l.Account.Name})
		}
		for _, k := range assignable {
			p.Kinds = append(p.Kinds, string(k))
		}
	}
	return v.render(status, "mail.html", "Mail from "+p.Sender, p)
}

// assignMail gives a mail to the lead that was chosen.
func (d *Desk) assignMail(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := v.form(); err != nil {
		return err
	}
	ctx, kind := v.r.Context(), cadence.ResponseKind(v.field("kind"))
	if kind != "" && !slices.Contains(assignable, kind) {
		return problem{http.StatusUnprocessableEntity, "That is no kind of answer", "Go back and choose one of the list."}
	}
	leadID, err := strconv.ParseInt(v.field("lead"), 10, 64)
	if err != nil {
		return d.renderMail(v, id, http.StatusUnprocessableEntity, mailPage{
			Search: v.field("q"), Kind: string(kind), Problem: "Choose whose mail it is, or search for somebody else.",
		})
	}
	leads, err := store.LeadsByID(ctx, d.pool, []int64{leadID})
	if err != nil {
		return err
	}
	lead, known := leads[leadID]
	if !known {
		return store.ErrNotFound
	}
	as, err := d.engine.AssignMail(ctx, id, leadID, kind, v.user.Email)
	if err != nil {
		return err
	}
	notice := fmt.Sprintf("The mail is noted with %s; it changes nothing.", lead.FullName())
	if as != "" {
		notice = fmt.Sprintf("The mail is taken as %s of %s.", words(as), lead.FullName())
	}
	return v.redirect("/desk/inbox", notice)
}

// setMailAside takes a mail off the list that is nobody's.
func (d *Desk) setMailAside(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := d.engine.SetMailAside(v.r.Context(), id, v.user.Email); err != nil {
		return err
	}
	return v.redirect("/desk/inbox", "The mail is set aside.")
}
