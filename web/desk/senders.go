package desk

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"nurture/cadence"
	"nurture/jobs"
)

// mailboxes is what the page about senders asks of the engine.
type mailboxes interface {
	// SenderStates tells how every mailbox, number and SDR stands today; jobs.ErrNotReady before the first apply.
	SenderStates(ctx context.Context) ([]jobs.SenderState, error)
	// PauseSender reports whether the mailbox was sending until then; jobs.ErrNoSender when there is none.
	PauseSender(ctx context.Context, mailbox, reason, by string) (bool, error)
	// ResumeSender reports whether the mailbox was paused until then; jobs.ErrNoSender when there is none.
	ResumeSender(ctx context.Context, mailbox string) (bool, error)
}

// sendersPage is how everybody who sends or calls stands today.
type sendersPage struct {
	Tabs     []tab
	Groups   []senderGroup
	NotReady bool
	May      bool // pause and resume
}

type senderGroup struct {
	Channel, Heading, Unit string
	Email                  bool
	Rows                   []senderRow
}

type senderRow struct {
	jobs.SenderState
	Limited        bool // there is a daily limit
	Hourly         bool // there is one an hour
	Spent          bool // nothing more may leave for now
	Oldest, Paused moment
	PausedWhy      string
	StuckSince     moment // of the real clock; Stuck is nil while it sends
	StuckSeen      moment // the last try
}

// senderHeadings are the channels in the order of the page.
var senderHeadings = []senderGroup{
	{Channel: string(cadence.ChannelEmail), Heading: "Mailboxes", Unit: "mail", Email: true},
	{Channel: string(cadence.ChannelVoicemail), Heading: "Voicemail", Unit: "drop"},
	{Channel: string(cadence.ChannelCall), Heading: "SDRs", Unit: "call"},
}

// showSenders shows used and allowed, what waits, and which mailboxes are paused.
func (d *Desk) showSenders(v *visit) error {
	p := sendersPage{Tabs: v.opsTabs(), May: mayPost("/desk/ops/senders/pause", v.role())}
	states, err := d.engine.SenderStates(v.r.Context())
	if errors.Is(err, jobs.ErrNotReady) {
		p.NotReady = true
		return v.render(http.StatusOK, "senders.html", "Senders", p)
	}
	if err != nil {
		return err
	}
	for _, group := range senderHeadings {
		for _, s := range states {
			if string(s.Channel) == group.Channel {
				row := senderRow{
					SenderState: s, Limited: s.Allowance.Day < cadence.Unlimited && !s.Gone, Hourly: s.Allowance.Hour < cadence.Unlimited && !s.Gone,
					Spent: s.Why != "", Oldest: v.momentOf(s.OldestDue), Paused: v.momentOf(s.PausedAt), PausedWhy: s.Paused,
				}
				if s.Stuck != nil {
					row.StuckSince, row.StuckSeen = v.real(s.Stuck.Since), v.real(s.Stuck.SeenAt)
				}
				group.Rows = append(group.Rows, row)
			}
		}
		if len(group.Rows) > 0 {
			p.Groups = append(p.Groups, group)
		}
	}
	return v.render(http.StatusOK, "senders.html", "Senders", p)
}

// pauseSender keeps a mailbox from sending, with a reason for those who look next.
func (d *Desk) pauseSender(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	mailbox := v.field("mailbox")
	v.about = mailbox
	paused, err := d.engine.PauseSender(v.r.Context(), mailbox, strings.TrimSpace(v.field("reason")), v.user.Email)
	switch {
	case err != nil:
		return err
	case !paused:
		return v.redirect("/desk/ops/senders", mailbox+" was paused already.")
	}
	return v.redirect("/desk/ops/senders", mailbox+" sends no more email. Its leads wait.")
}

// resumeSender lets a mailbox send again.
func (d *Desk) resumeSender(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	mailbox := v.field("mailbox")
	v.about = mailbox
	resumed, err := d.engine.ResumeSender(v.r.Context(), mailbox)
	switch {
	case err != nil:
		return err
	case !resumed:
		return v.redirect("/desk/ops/senders", mailbox+" was sending already.")
	}
	return v.redirect("/desk/ops/senders", mailbox+" sends again, within its limits.")
}
