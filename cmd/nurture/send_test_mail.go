package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"nurture/cadence"
	"nurture/channels"
	"nurture/config"
	"nurture/internal/leadfile"
	"nurture/jobs"
	"nurture/store"
)

type sendTestOptions struct {
	previewOptions
	to        string
	toTheLead bool
}

func newSendTestCmd(a *app) *cobra.Command {
	o := &sendTestOptions{previewOptions: previewOptions{app: a}}
	cmd := &cobra.Command{
		Use: "send-test CADENCE/STEP --to ADDRESS", Short: "Send a step's email to yourself, as a lead would get it",
		Long: `Render an email step for a lead, as nurture preview does, and send it to --to by the way out that is configured: SMTP, or, while no
mail server is, a file in DATA/outbox. The subject begins with ` + strings.TrimSpace(jobs.TestSubject) + `.

It is no touch: nothing is written down, no budget, cap or statistic counts it, and its links and addresses open nothing, so that nobody
leaves by them. An address of a lead is refused unless --to-the-lead says that this is meant; a suppressed address always is.`,
		Example: `  nurture send-test first-seven/intro --to me@example.com
  nurture send-test first-seven/intro --lead jane@example.com --to me@example.com --variant all
  nurture send-test first-seven --all --to me@example.com`,
		Args: args(1, 1, "CADENCE/STEP"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.target = args[0]
			if err := need(cmd, "to"); err != nil {
				return err
			}
			address, reason, _ := leadfile.ParseAddress(o.to, "", leadfile.AddressKinds{Emails: true})
			switch {
			case reason != "":
				return usagef(cmd, "--to %s: %s", o.to, reason)
			case strings.HasPrefix(address, "@"):
				return usagef(cmd, "--to %s: this is a whole domain", o.to)
			case !strings.Contains(o.target, "/") && !o.all:
				return usagef(cmd, "%s names no step: %s, or --all", o.target, cmd.UseLine())
			case o.live && o.version != "":
				return usagef(cmd, "--live and --version cannot both be given")
			}
			o.to = address
			if err := o.checkLead(cmd); err != nil {
				return err
			}
			return runSendTest(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	o.addLeadFlags(cmd)
	flags.StringVar(&o.to, "to", "", "who gets it")
	flags.BoolVar(&o.toTheLead, "to-the-lead", false, "--to may be the address of a lead")
	flags.BoolVar(&o.all, "all", false, "every email of the cadence")
	flags.StringVar(&o.variant, "variant", "own", "the variant to send, all of them, or own: the one that the lead gets")
	flags.BoolVar(&o.live, "live", false, "what is live instead of the folder's files")
	flags.StringVar(&o.version, "version", "", "this version of the configuration instead of the folder's files")
	flags.StringVar(&o.language, "language", "", "as if the lead's language were this, such as de")
	return cmd
}

// sentTestJSON is what `send-test --json` prints of one mail.
type sentTestJSON struct {
	Cadence   string           `json:"cadence"`
	Step      string           `json:"step"`
	Variant   string           `json:"variant"`
	Lead      string           `json:"lead"`
	To        string           `json:"to"`
	Subject   string           `json:"subject"`
	MessageID string           `json:"message_id"`
	Outcome   channels.Outcome `json:"outcome"`
	Detail    string           `json:"detail"` // the server's words, or the file
}

func runSendTest(ctx context.Context, o *sendTestOptions) error {
	return o.with(ctx, func(s *session) error {
		cfg, err := o.configuration(ctx, s)
		if err != nil {
			return err
		}
		previews, err := o.render(ctx, s, cfg)
		if err != nil {
			return err
		}
		if err := o.permitted(ctx, s, previews); err != nil {
			return err
		}
		messages, steps, err := o.messages(previews)
		if err != nil {
			return err
		}
		receipts, err := o.deliver(ctx, cfg, messages)
		if err != nil {
			return err
		}
		return o.report(previews, steps, messages, receipts)
	})
}

// permitted refuses addresses that must get no mail of this kind.
func (o *sendTestOptions) permitted(ctx context.Context, s *session, p *stepPreviews) error {
	_, domain, _ := strings.Cut(o.to, "@")
	barred, err := store.FindSuppressions(ctx, s.pool, []string{o.to, "@" + domain})
	if err != nil {
		return err
	}
	for _, b := range barred {
		if b.Scope != cadence.SuppressPhone {
			return hint(failf("%s is suppressed: %s", o.to, words(b.Reason)), "nurture suppressions check %s says by what", o.to)
		}
	}
	if o.toTheLead {
		return nil
	}
	const way = "name your own address with --to; --to-the-lead says that the lead is meant"
	if strings.EqualFold(o.to, p.lead.Email) {
		return hint(failf("%s is the lead's own address: it would read a test", o.to), way)
	}
	known, err := store.FindLead(ctx, s.pool, o.to)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err == nil {
		err = hint(failf("%s is the address of lead %d, %s", o.to, known.ID, known.FullName()), way)
	}
	return err
}

// messages makes the mails of the previews that are emails.
func (o *sendTestOptions) messages(p *stepPreviews) (messages []channels.Message, steps []*jobs.StepPreview, err error) {
	now := o.now().UTC()
	for i := range p.steps {
		one := &p.steps[i]
		if one.Step.Kind != cadence.StepEmail {
			continue
		}
		if one.Err != nil {
			return nil, nil, failf("%s cannot be rendered for %s, so nothing was sent:\n%s", stepName(one), p.lead.FullName(), p.whyNot(one))
		}
		messages = append(messages, jobs.TestMail(one, channels.Party{Address: o.to}, now, i))
		steps = append(steps, one)
	}
	if len(messages) == 0 {
		return nil, nil, hint(failf("%s sends no email", o.target), "nurture preview %s shows what it says", o.target)
	}
	return messages, steps, nil
}

// deliver hands mails to the way out of the configuration, without a journal: no ledger knows them.
func (o *sendTestOptions) deliver(ctx context.Context, cfg *config.Config, messages []channels.Message) ([]channels.Receipt, error) {
	env, err := o.environment()
	if err != nil {
		return nil, err
	}
	outlet := &mailOutlet{outlets: &outlets{
		env: env, dir: o.in("outbox"), now: o.now, log: slog.New(slog.DiscardHandler),
		live: func(context.Context) (*config.Config, error) { return cfg, nil },
	}}
	defer outlet.close()
	if err := outlet.check(ctx); err != nil {
		return nil, err
	}
	return outlet.Send(ctx, messages), nil
}

// report says what became of each mail; one that was not taken is an error.
func (o *sendTestOptions) report(p *stepPreviews, steps []*jobs.StepPreview, messages []channels.Message, receipts []channels.Receipt) error {
	rows := make([]sentTestJSON, len(receipts))
	failed := ""
	for i, r := range receipts {
		m := messages[i]
		if file, written := strings.CutPrefix(r.Detail, "written to "); written {
			r.Detail = "written to " + filepath.Join(o.in("outbox"), file)
		}
		rows[i] = sentTestJSON{
			p.cadence, steps[i].Step.Key, steps[i].Variant.Name, p.lead.Key, m.To.Address, m.Subject, m.Mail.MessageID, r.Outcome, r.Detail,
		}
		if r.Outcome != channels.Sent {
			failed = r.Detail
		}
	}
	if o.json {
		if err := o.printJSON(rows); err != nil {
			return err
		}
	} else {
		for i, row := range rows {
			o.printf("%s: %q to %s as %s would get it: %s, %s\n", stepName(steps[i]), row.Subject, row.To, p.lead.FullName(), row.Outcome, oneLine(row.Detail))
		}
	}
	if failed != "" {
		return hint(fmt.Errorf("not every mail was taken: %s", failed), "nurture doctor looks at the way out")
	}
	return nil
}

func stepName(p *jobs.StepPreview) string {
	switch {
	case p.Library:
		return p.Step.Key + ", template " + p.Variant.Template
	case p.Variant.Name != "":
		return p.Step.Key + ", variant " + p.Variant.Name
	}
	return p.Step.Key
}
