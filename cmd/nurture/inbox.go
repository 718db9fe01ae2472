package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"nurture/cadence"
	"nurture/channels/email/inbound"
	"nurture/store"
)

func newInboxCmd(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "inbox", Short: "Mail that came back and waits for a person",
		Long: `Mail that came back and could not be matched with a lead, or could not be read, waits here, whole, until a person says whose it is or
sets it aside. Nothing is dropped.`,
	}, newInboxListCmd(a), newInboxShowCmd(a), newInboxAssignCmd(a), newInboxAsideCmd(a))
}

// inboxJSON is a mail as `inbox list --json` prints it.
type inboxJSON struct {
	ID         int64     `json:"id"`
	ReceivedAt time.Time `json:"received_at"`
	From       string    `json:"from"`
	Subject    string    `json:"subject"`
	Kind       string    `json:"kind"`
	Why        string    `json:"why"`  // what decided the kind
	Note       string    `json:"note"` // why it waits
}

func newInboxListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the mails that wait, the oldest first", Example: "  nurture inbox list", Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error { return runInboxList(cmd.Context(), a) },
	}
}

func runInboxList(ctx context.Context, a *app) error {
	return a.with(ctx, func(s *session) error {
		mails, err := store.UnmatchedMails(ctx, s.pool, 0, 0)
		if err != nil {
			return err
		}
		out := make([]inboxJSON, len(mails))
		rows := [][]string{{"ID", "RECEIVED", "FROM", "SUBJECT", "KIND", "WHY IT WAITS"}}
		for i, m := range mails {
			out[i] = inboxJSON{m.ID, m.ReceivedAt, m.Sender, m.Subject, m.Kind, m.Why, m.Note}
			rows = append(rows, []string{id(m.ID), at(&m.ReceivedAt, s.zone), dash(short(m.Sender, 50)), short(m.Subject, 50), m.Kind, short(m.Note, 70)})
		}
		switch {
		case a.json:
			return a.printJSON(out)
		case len(out) == 0:
			a.printf("none: every mail that came back is taken care of\n")
		default:
			a.table(rows)
		}
		return nil
	})
}

func newInboxShowCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show a mail: what it is taken for and its text", Example: "  nurture inbox show 12", Args: args(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			mailID, err := number(cmd, args[0], "a mail")
			if err != nil {
				return err
			}
			return runInboxShow(cmd.Context(), a, mailID)
		},
	}
}

func runInboxShow(ctx context.Context, a *app, mailID int64) error {
	return a.with(ctx, func(s *session) error {
		m, err := store.GetInbound(ctx, s.pool, mailID)
		if err != nil {
			return err
		}
		text := ""
		if m.Raw != nil {
			text = inbound.Parse(m.Raw).VisibleText()
		}
		if a.json {
			return a.printJSON(struct {
				inboxJSON
				State string `json:"state"`
				Text  string `json:"text"` // without quote and signature; "" once the mail is settled
			}{inboxJSON{m.ID, m.ReceivedAt, m.Sender, m.Subject, m.Kind, m.Why, m.Note}, string(m.State), text})
		}
		a.fields([2]string{"mail", id(m.ID)}, [2]string{"received", at(&m.ReceivedAt, s.zone)}, [2]string{"from", dash(m.Sender)},
			[2]string{"subject", dash(m.Subject)}, [2]string{"taken for", m.Kind}, [2]string{"because", m.Why}, [2]string{"state", string(m.State)},
			[2]string{"note", dash(m.Note)})
		a.printf("\n%s\n", text)
		return nil
	})
}

type assignOptions struct {
	*app
	id       int64
	lead, as string
	by       string
}

func newInboxAssignCmd(a *app) *cobra.Command {
	o := &assignOptions{app: a}
	cmd := &cobra.Command{
		Use: "assign ID --lead LEAD", Short: "Say whose mail it is",
		Long: `Say whose mail it is. It is then taken as what it looks like, a human reply say, or as --kind when you know better, just as if it had been
matched by itself.`,
		Example: "  nurture inbox assign 12 --lead jane@example.com\n  nurture inbox assign 13 --lead jane@example.com --kind not_interested",
		Args:    args(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.id, err = number(cmd, args[0], "a mail"); err != nil {
				return err
			}
			if err := need(cmd, "lead"); err != nil {
				return err
			}
			if err := oneOf(cmd, "--kind", o.as, responseKinds); err != nil {
				return err
			}
			return runInboxAssign(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.lead, "lead", "", "key, email address or id of the lead")
	cmd.Flags().StringVar(&o.as, "kind", "", "what the mail is, as in nurture respond; by itself when not given")
	cmd.Flags().StringVar(&o.by, "by", "", "who says so; you when not given")
	return cmd
}

func runInboxAssign(ctx context.Context, o *assignOptions) error {
	return o.with(ctx, func(s *session) error {
		lead, err := store.FindLead(ctx, s.pool, o.lead)
		if err != nil {
			return err
		}
		kind, err := s.engine.AssignMail(ctx, o.id, lead.ID, cadence.ResponseKind(o.as), o.person(o.by))
		if err != nil {
			return err
		}
		if o.json {
			return o.printJSON(map[string]any{"id": o.id, "lead": lead.Key, "kind": kind})
		}
		if kind == "" {
			o.printf("mail %d is noted with %s; it changes nothing\n", o.id, lead.Key)
			return nil
		}
		o.printf("mail %d is taken as %s of %s\n", o.id, kind, lead.Key)
		return o.printNext(ctx, s, lead.ID)
	})
}

func newInboxAsideCmd(a *app) *cobra.Command {
	var by string
	cmd := &cobra.Command{
		Use: "aside ID", Short: "Take a mail off the list that is nobody's", Example: "  nurture inbox aside 14", Args: args(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			mailID, err := number(cmd, args[0], "a mail")
			if err != nil {
				return err
			}
			return a.with(cmd.Context(), func(s *session) error {
				if err := s.engine.SetMailAside(cmd.Context(), mailID, a.person(by)); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(map[string]any{"id": mailID, "state": store.InboundSetAside})
				}
				a.printf("mail %d is set aside\n", mailID)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&by, "by", "", "who says so; you when not given")
	return cmd
}
