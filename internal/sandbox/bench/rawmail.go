package bench

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	gomail "github.com/wneessen/go-mail"
	"golang.org/x/sync/errgroup"

	"nurture/templates"
)

// letter is a mail of the product's, rendered: what go-mail alone sends again and again.
type letter struct {
	subject, text, html string
}

// letters renders each template once. That is no part of what is measured, as it is in the engine.
func (g *ground) letters() ([]letter, error) {
	lead := people("raw", 1, 1, g.Now())[0].Lead
	settings := g.config.Settings
	all := make([]letter, len(mails))
	for i, name := range mails {
		mail, err := g.config.Templates.RenderEmail(name, templates.Data{
			"lead": {"first_name": lead.FirstName, "last_name": lead.LastName, "name": lead.FirstName + " " + lead.LastName, "email": lead.Email},
			"account": {
				"name": lead.Account.Name, "domain": lead.Account.Domain, "industry": lead.Account.Industry, "employees": lead.Account.Employees,
			},
			"sender": {"name": "Mara Lindqvist", "first_name": "Mara", "last_name": "Lindqvist", "email": sender(0), "title": "Course advisor"},
			"company": {
				"name": settings.Company.Name, "postal_address": settings.Company.PostalAddress, "website": settings.Company.Website,
			},
			"links": {
				"unsubscribe": settings.PublicURL + "/u/" + token, "preferences": settings.PublicURL + "/p/" + token,
				"self_qualify": settings.PublicURL + "/q/" + token,
			},
		})
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", name, err)
		}
		all[i] = letter{mail.Subject, mail.Text, mail.HTML}
	}
	return all, nil
}

// token is as long as those in the engine's addresses.
const token = "aaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// compose builds the n-th message with the headers that the engine's have, its thread's too.
func (l letter) compose(n int) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP))
	from := sender(n % 10)
	local, domain, _ := strings.Cut(from, "@")
	for _, err := range []error{
		msg.FromFormat("Mara Lindqvist", from),
		msg.EnvelopeFrom(local + "+" + token + "@" + domain),
		msg.AddToFormat("Anna Abbott", fmt.Sprintf("anna.abbott.%d@raw-site-%06d.example.com", n, n/colleagues)),
		msg.ReplyToFormat("Mara Lindqvist", local+"+"+token+"@"+domain),
	} {
		if err != nil {
			return nil, err
		}
	}
	msg.Subject(l.subject)
	msg.SetDate()
	msg.SetMessageIDWithValue(fmt.Sprintf("raw-%d.nurture@%s", n, domain))
	if n%len(mails) > 0 {
		before := fmt.Sprintf("<raw-%d.nurture@%s>", n-1, domain)
		msg.SetGenHeader(gomail.HeaderInReplyTo, before)
		msg.SetGenHeader(gomail.HeaderReferences, before)
	}
	msg.SetGenHeader(gomail.HeaderListUnsubscribe, "<https://nurture.example.com/u/"+token+">, <mailto:"+local+"+"+token+"@"+domain+"?subject=unsubscribe>")
	msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	msg.SetBodyString(gomail.TypeTextPlain, l.text)
	msg.AddAlternativeString(gomail.TypeTextHTML, l.html)
	return msg, nil
}

// rawMail measures go-mail by itself, set to be fast: messages a second over so many connections, each built when it is sent. first
// numbers the messages of this round.
func (g *ground) rawMail(ctx context.Context, letters []letter, port, first, n, connections int) (float64, error) {
	g.say("go-mail alone: %d messages on %d connections", n, connections)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var next atomic.Int64
	var group errgroup.Group
	ready := make(chan struct{})
	var dialled errgroup.Group
	for range connections {
		connected := make(chan error, 1)
		dialled.Go(func() error { return <-connected })
		group.Go(func() error {
			client, err := gomail.NewClient("127.0.0.1", gomail.WithPort(port), gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithHELO("nurture.example.com"),
				gomail.WithoutNoop(), gomail.WithoutRset())
			if err != nil {
				connected <- err
				return err
			}
			conn, err := client.DialToSMTPClientWithContext(ctx)
			connected <- err
			if err != nil {
				return err
			}
			defer client.CloseWithSMTPClient(conn) // its answer says nothing
			for <-ready; ctx.Err() == nil; {
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				msg, err := letters[i%len(letters)].compose(first + i)
				if err != nil {
					return err
				}
				if err := client.SendWithSMTPClient(conn, msg); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
	}
	err := dialled.Wait()
	if err != nil {
		cancel()
	}
	began := g.Now()
	close(ready)
	if sent := group.Wait(); err == nil {
		err = sent
	}
	if err != nil {
		return 0, fmt.Errorf("go-mail alone: %w", err)
	}
	return perSecond(n, g.Now().Sub(began)), nil
}
