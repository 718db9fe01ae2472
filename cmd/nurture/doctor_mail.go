package main

import (
	"context"
	"slices"

	"nurture/channels/email"
	"nurture/config"
	"nurture/internal/doctor"
)

// mailAccount is an account that mail leaves by, as a check-up looks at it.
type mailAccount struct {
	doctor.MailAccount
	written *config.SMTP // in the configuration; nil when only variables name it
	config  *email.Config
	err     error // why config cannot be had
}

// mailAccounts lists the accounts of all senders, each once: first the common one, then those that senders have for themselves, named by
// the first sender. It is empty while mail is written to files.
func (e environment) mailAccounts(s config.Settings) []mailAccount {
	common := mailAccount{written: s.SMTP}
	common.config, common.err = e.smtp(s)
	var all []mailAccount
	if common.config != nil || common.err != nil {
		all = append(all, common)
	}
	if e.smtpHost != "" {
		return all
	}
	for _, sender := range s.Senders {
		if sender.SMTP == nil {
			continue
		}
		own := mailAccount{MailAccount: doctor.MailAccount{Name: sender.Email, Variable: smtpVariable(sender.SMTP.Username)}, written: sender.SMTP}
		own.config, own.err = e.account(s, sender.Email)
		if own.err == nil && slices.ContainsFunc(all, func(a mailAccount) bool { return a.config != nil && *a.config == *own.config }) {
			continue
		}
		all = append(all, own)
	}
	return all
}

// mailChecks are for outgoing mail: the servers, and what DNS says of the senders. While no server is configured, nobody asks DNS.
func (o *doctorOptions) mailChecks(env environment, settings config.Settings) []doctor.Check {
	accounts := env.mailAccounts(settings)
	if len(accounts) == 0 {
		return []doctor.Check{said(doctor.Warn, "smtp", "no mail server is configured: mail is written to files in "+o.in("outbox"),
			"write smtp in "+config.SettingsFile+", or set NURTURE_SMTP_HOST")}
	}
	var checks []doctor.Check
	usable := false
	for i := range accounts {
		a := &accounts[i]
		what := "smtp"
		if a.Name != "" {
			what += " " + a.Name
		}
		var server *email.SMTP
		if a.err == nil {
			a.Host = a.config.Host
			server, a.err = email.New(*a.config, nil)
		}
		if a.err != nil {
			checks = append(checks, broken(what, a.err, "check smtp in "+config.SettingsFile))
			continue
		}
		usable = true
		checks = append(checks, doctor.Check{What: what, Look: func(ctx context.Context) []doctor.Finding {
			return doctor.SMTP(ctx, a.MailAccount, func(ctx context.Context) (doctor.MailServer, error) {
				facts, err := server.Inspect(ctx)
				return doctor.MailServer(facts), err
			}, o.realNow())
		}})
	}
	if !usable {
		return checks
	}
	return append(checks, o.identityChecks(env, settings, accounts)...)
}

// identityChecks are for what DNS says of our mail.
func (o *doctorOptions) identityChecks(env environment, settings config.Settings, accounts []mailAccount) []doctor.Check {
	dns := o.resolver()
	var checks []doctor.Check
	domains := doctor.Domains(settings)
	asked := map[string]bool{}
	for _, d := range domains {
		if !asked["spf "+d.Envelope] {
			checks = append(checks, doctor.Check{What: "spf " + d.Envelope, Look: func(ctx context.Context) []doctor.Finding {
				return doctor.SPF(ctx, dns, d.Envelope)
			}})
		}
		asked["spf "+d.Envelope] = true
		signer := ""
		if account, err := env.account(settings, d.Sender); err == nil && account != nil {
			signer = account.DKIM.Domain
		}
		checks = append(checks, doctor.Check{What: "dmarc " + d.From, Look: func(ctx context.Context) []doctor.Finding {
			return doctor.DMARC(ctx, dns, d, signer)
		}})
	}
	for _, a := range accounts {
		if a.err != nil {
			continue
		}
		if len(domains) > 0 {
			checks = append(checks, o.signingCheck(env, settings, a, dns, asked)...)
		}
		if !asked["reverse "+a.Host] {
			checks = append(checks, doctor.Check{What: "reverse dns", Look: func(ctx context.Context) []doctor.Finding {
				return doctor.ReverseDNS(ctx, dns, a.Host)
			}})
		}
		asked["reverse "+a.Host] = true
	}
	return checks
}

// signingCheck is for the key of an account; nil when it was asked for with another account.
func (o *doctorOptions) signingCheck(env environment, settings config.Settings, a mailAccount, dns doctor.Resolver, asked map[string]bool) []doctor.Check {
	if a.config.DKIM.Domain == "" {
		what := "dkim"
		if a.Name != "" {
			what += " " + a.Name
		}
		return []doctor.Check{said(doctor.Warn, what, "mail is not signed here; whether the mail server signs cannot be told without sending",
			"configure smtp.dkim, or send yourself a mail and look for dkim=pass in its Authentication-Results")}
	}
	key := env.signingKey(*a.written.DKIM, a.config.DKIM)
	if asked["dkim "+key.Name] {
		return nil
	}
	asked["dkim "+key.Name] = true
	sender := a.Name
	if sender == "" {
		sender = settings.Senders[0].Email
	}
	return []doctor.Check{{What: "dkim " + key.Name, Look: func(ctx context.Context) []doctor.Finding {
		return doctor.DKIM(ctx, dns, key, sender, o.realNow())
	}}}
}
