package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"nurture/channels/email/inbound"
)

// maxMail is more than any mail server takes.
const maxMail = 64 << 20

type classifyOptions struct {
	*app
	files []string // "-" is standard input
}

func newClassifyCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "classify [FILE…|-]", Short: "Say what mails are: bounce, out of office, unsubscribe, reply …",
		Long: `Read mails as mail servers store them (RFC 5322, one a file) and print one JSON object a mail, one a line. Nothing is recorded and no
database is needed: it shows what the engine would make of a mail, and which header or line decided.

kind is bounce, delayed, auto_reply, complaint, unsubscribe, reply, delivered or other. recipients has the addresses of a report, each with its own
severity: hard, soft or policy. return_date is the first day on which the person can be expected back, or wants to hear again.
suggested_meaning is for a person to confirm. A mail that cannot be read is "other", "unreadable", and no failure.`,
		Example: "  nurture classify < mail.eml\n  nurture classify inbox/*.eml | jq -r 'select(.kind == \"bounce\") | .recipients[].address'",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"-"}
			}
			return runClassify(&classifyOptions{app: a, files: args})
		},
	}
}

func runClassify(o *classifyOptions) error {
	for _, file := range o.files {
		raw, err := o.mail(file)
		if err != nil {
			return err
		}
		if err := o.printJSONLine(inbound.Classify(inbound.Parse(raw), o.now())); err != nil {
			return err
		}
	}
	return nil
}

func (o *classifyOptions) mail(file string) ([]byte, error) {
	src := o.stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, hint(failf("cannot read the mail: %w", err), "name a file with one mail, or - for standard input")
		}
		defer f.Close() //nolint:errcheck // only read
		src = f
	}
	raw, err := io.ReadAll(io.LimitReader(src, maxMail+1))
	switch {
	case err != nil:
		return nil, hint(failf("cannot read the mail: %w", err), "name a file with one mail, or - for standard input")
	case len(raw) > maxMail:
		return nil, failf("%s is no mail: it has more than %d MB", file, maxMail>>20)
	}
	return raw, nil
}
