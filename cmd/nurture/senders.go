package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"nurture/cadence"
)

func newSendersCmd(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "senders", Short: "Mailboxes that touches come from: pause and resume them",
		Long: `Mailboxes that touches come from. Mail systems that refuse our mail for policy pause a mailbox by themselves: at once when they say that it, its
domain or its address is blocked or listed, else when mail to three leads was refused within a day. It sends no more email until a person has
found out why and resumes it; its leads wait, and other channels go on.`,
	}, newSendersListCmd(a), newSendersPauseCmd(a), newSendersResumeCmd(a))
}

// senderJSON is a mailbox as `senders list --json` prints it.
type senderJSON struct {
	Mailbox       string     `json:"mailbox"`
	Name          string     `json:"name"`  // "" for one that the live configuration has no more
	State         string     `json:"state"` // sending, paused, refused by its server, or unreached
	PausedAt      *time.Time `json:"paused_at"`
	StuckSince    *time.Time `json:"stuck_since"`    // since when nothing leaves because its server refuses it or is not reached; null while it sends
	TriedAt       *time.Time `json:"tried_at"`       // and when that was tried last
	Reason        string     `json:"reason"`         // why it is paused, or what its server says; "" while it sends
	DailyCap      int        `json:"daily_cap"`      // what may leave today: less than configured while it is warmed up
	UsedToday     int        `json:"used_today"`     // of the cap, on the operator's day
	Due           int        `json:"due"`            // leads that wait for their turn; of many, about a thousand a priority are counted
	OldestDue     *time.Time `json:"oldest_due"`     // when the one that is due longest was due
	PolicyBounces int        `json:"policy_bounces"` // leads whose mail was refused for policy in the last 24 hours, since it was resumed
}

func newSendersListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the mailboxes and whether they send", Example: "  nurture senders list", Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error { return runSendersList(cmd.Context(), a) },
	}
}

func runSendersList(ctx context.Context, a *app) error {
	return a.with(ctx, func(s *session) error {
		out, err := s.senders(ctx)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(out)
		}
		rows := [][]string{{"MAILBOX", "NAME", "STATE", "SINCE", "USED TODAY", "DUE", "OLDEST DUE", "REFUSED TODAY", "WHY"}}
		for _, m := range out {
			rows = append(rows, []string{m.Mailbox, dash(m.Name), m.State, at(cmp.Or(m.PausedAt, m.StuckSince), s.zone), fmt.Sprintf("%d of %d", m.UsedToday, m.DailyCap), fmt.Sprint(m.Due), at(m.OldestDue, s.zone), count(m.PolicyBounces, "lead"), dash(short(m.Reason, 120))})
		}
		a.table(rows)
		for _, m := range out {
			if m.PausedAt != nil {
				a.printf("\nALARM: %s sends no email: %s\nwhen it is mended: nurture senders resume %s\n", m.Mailbox, oneLine(m.Reason), m.Mailbox)
			} else if m.StuckSince != nil {
				a.printf("\nALARM: nothing leaves from %s since %s: %s\nWhat is planned waits, and is tried again (last %s). nurture doctor looks at its account.\n",
					m.Mailbox, at(m.StuckSince, s.zone), oneLine(m.Reason), at(m.TriedAt, s.zone))
			}
		}
		return a.sayUnread(ctx, s)
	})
}

// senders are the mailboxes of the live configuration, and others that are paused.
func (s *session) senders(ctx context.Context) ([]senderJSON, error) {
	states, err := s.engine.SenderStates(ctx)
	if err != nil {
		return nil, err
	}
	var out []senderJSON
	for _, m := range states {
		if m.Channel != cadence.ChannelEmail {
			continue
		}
		row := senderJSON{
			Mailbox: m.Sender, Name: m.Name, State: "sending", PausedAt: m.PausedAt, Reason: m.Paused, DailyCap: m.Allowance.Day, UsedToday: m.Used.Day,
			Due: m.Due, OldestDue: m.OldestDue, PolicyBounces: m.Refused,
		}
		switch {
		case m.PausedAt != nil:
			row.State = "paused"
		case m.Stuck != nil:
			row.State, row.Reason, row.StuckSince, row.TriedAt = "unreached", m.Stuck.Said, &m.Stuck.Since, &m.Stuck.SeenAt
			if m.Stuck.Refused {
				row.State = "refused"
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// sayUnread prints an alarm for each mailbox that answers should be read from and are not.
func (a *app) sayUnread(ctx context.Context, s *session) error {
	unread, err := s.engine.UnreadInboxes(ctx)
	for _, t := range unread {
		a.printf("\nALARM: the mailbox %s is not read since %s: %s\nAnswers there are not heeded meanwhile (last tried %s). nurture doctor looks at it.\n",
			t.About, at(&t.Since, s.zone), oneLine(t.Said), at(&t.SeenAt, s.zone))
	}
	return err
}

func newSendersPauseCmd(a *app) *cobra.Command {
	var reason, by string
	cmd := &cobra.Command{
		Use: "pause MAILBOX", Short: "Send no more email from a mailbox", Args: args(1, 1, "MAILBOX"),
		Long:    `Send no more email from a mailbox. What is being sent this moment still leaves; what was planned waits.`,
		Example: `  nurture senders pause mara@example.com --reason "moving to another mail server"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				paused, err := s.engine.PauseSender(cmd.Context(), args[0], reason, a.person(by))
				return a.sayState(err, args[0], "paused", paused)
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for those who look at the list")
	cmd.Flags().StringVar(&by, "by", "", "who says so; you when not given")
	return cmd
}

func newSendersResumeCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "resume MAILBOX", Short: "Let a mailbox send again", Args: args(1, 1, "MAILBOX"),
		Long:    `Let a mailbox send again: its leads go on where they wait, within its daily_cap. Refusals from before do not count any more.`,
		Example: "  nurture senders resume mara@example.com",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				resumed, err := s.engine.ResumeSender(cmd.Context(), args[0])
				return a.sayState(err, args[0], "sending", resumed)
			})
		},
	}
}

// sayState prints what a mailbox does from now on; changed is false when it did so before.
func (a *app) sayState(err error, mailbox, state string, changed bool) error {
	switch {
	case err != nil:
		return err
	case a.json:
		return a.printJSON(map[string]any{"mailbox": mailbox, "state": state, "changed": changed})
	case changed:
		a.printf("%s is %s\n", mailbox, state)
	default:
		a.printf("%s was %s already\n", mailbox, state)
	}
	return nil
}
