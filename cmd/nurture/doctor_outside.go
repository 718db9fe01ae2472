package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"slices"

	"nurture/cadence"
	"nurture/channels/email"
	"nurture/channels/email/imap"
	"nurture/channels/voicemail"
	"nurture/config"
	"nurture/internal/doctor"
)

// outside are the checks of what is beyond this machine and the database. cfg is nil when there is no configuration at all; then only
// what the environment says is looked at.
func (o *doctorOptions) outside(cfg *config.Config) []doctor.Check {
	env, err := o.environment()
	var checks []doctor.Check
	if err != nil {
		checks = append(checks, broken("environment", err, "set the variables as the message says"))
	}
	for _, odd := range oddVariables(o.environ()) {
		if !odd.misspelt { // else it is an error
			checks = append(checks, said(doctor.Warn, "environment", odd.name+" means nothing here", "unset it; the nearest that does is "+odd.nearest))
		}
	}
	var settings config.Settings
	if cfg != nil {
		settings = cfg.Settings
	}
	checks = append(checks, o.mailChecks(env, settings)...)
	checks = append(checks, o.inboxChecks(env, settings)...)
	checks = append(checks, o.voiceChecks(env, cfg, settings)...)
	checks = append(checks, o.loginChecks(env, settings)...)
	if address := env.public(settings); address != "" {
		client := o.webClient()
		checks = append(checks, doctor.Check{What: "public url", Look: func(ctx context.Context) []doctor.Finding {
			return doctor.PublicURL(ctx, address, client, o.realNow())
		}})
	}
	return checks
}

// broken is a check of what cannot even be tried.
func broken(what string, err error, fix string) doctor.Check {
	message, way := explain(err)
	if way == "" {
		way = fix
	}
	return doctor.Told(doctor.Finding{Level: doctor.Fail, What: what, Detail: message, Fix: way})
}

func said(level doctor.Level, what, detail, fix string) doctor.Check {
	return doctor.Told(doctor.Finding{Level: level, What: what, Detail: detail, Fix: fix})
}

// resolver asks the DNS server of --dns, else the machine's.
func (o *doctorOptions) resolver() *net.Resolver {
	if o.dns == "" {
		return net.DefaultResolver
	}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, network, o.dns)
	}}
}

// webClient is for one request. A redirect is an answer like another: one-click requests do not follow them either.
func (o *doctorOptions) webClient() *http.Client {
	dialer := &net.Dialer{Resolver: o.resolver()}
	return &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, DisableKeepAlives: true, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// signingKey is the key for the check; its file could be read a moment ago.
func (e environment) signingKey(y config.DKIM, d email.DKIM) doctor.SigningKey {
	key := doctor.SigningKey{Domain: d.Domain, Name: d.Name(), Record: d.Record, Sign: d.Sign, File: y.KeyFile}
	if info, err := os.Stat(e.keyPath(y)); err == nil {
		key.Mode = info.Mode()
	}
	return key
}

func (o *doctorOptions) inboxChecks(env environment, settings config.Settings) []doctor.Check {
	configs, err := env.inboxes(settings)
	var checks []doctor.Check
	if err != nil {
		checks = append(checks, broken("imap", err, "check inboxes in "+config.SettingsFile))
	} else if len(configs) == 0 {
		checks = append(checks, said(doctor.OK, "imap", "no mailbox is configured: answers are recorded by command, or pushed over HTTP", ""))
	}
	var users []string
	for _, c := range configs {
		users = append(users, c.Username)
		refuse := func(_ context.Context, items []imap.Item) []error {
			return slices.Repeat([]error{errors.New("looking only")}, len(items))
		}
		watcher, err := imap.New(c, refuse, imap.Options{Now: o.now})
		if err != nil {
			checks = append(checks, broken("imap "+c.Username, err, "check inboxes in "+config.SettingsFile))
			continue
		}
		checks = append(checks, doctor.Check{What: "imap " + c.Username, Look: func(ctx context.Context) []doctor.Finding {
			return doctor.IMAP(ctx, c.Username, imapVariable(c.Username), func(ctx context.Context) (doctor.Mailbox, error) {
				facts, err := watcher.Inspect(ctx)
				return doctor.Mailbox(facts), err
			})
		}})
	}
	if arrivals := arrivalsOf(settings); len(users) > 0 && len(arrivals) > 0 {
		checks = append(checks, doctor.Check{What: "answers", Look: func(context.Context) []doctor.Finding { return doctor.Arrivals(users, arrivals) }})
	}
	return checks
}

// arrivalsOf are the addresses to which the senders' mail has answers come, but for the tokens.
func arrivalsOf(settings config.Settings) []doctor.Arrival {
	var arrivals []doctor.Arrival
	for _, sender := range settings.Senders {
		arrivals = append(arrivals,
			doctor.Arrival{What: "replies", Address: settings.RepliesTo(sender)},
			doctor.Arrival{What: "bounces", Address: settings.BouncesTo(sender)},
			doctor.Arrival{What: "requests to be left alone", Address: settings.LeavingTo(sender)},
		)
	}
	return arrivals
}

func (o *doctorOptions) voiceChecks(env environment, cfg *config.Config, settings config.Settings) []doctor.Check {
	account, err := env.twilio(settings)
	switch {
	case err != nil:
		return []doctor.Check{broken("twilio", err, "check twilio in "+config.SettingsFile)}
	case account == nil && cfg != nil && dropsVoicemail(cfg):
		return []doctor.Check{said(doctor.Warn, "twilio", "a cadence drops voicemail, and no account is configured: voicemail is written to files in "+o.in("outbox"),
			"write twilio in "+config.SettingsFile)}
	case account == nil:
		return []doctor.Check{said(doctor.OK, "twilio", "no account is configured, and no cadence needs one", "")}
	}
	phone, err := voicemail.New(voicemail.Config{
		AccountSID: account.sid, AuthToken: account.token, BaseURL: account.baseURL, PublicURL: account.publicURL, Timeout: o.timeout,
		Token: func(int64) string { return "" }, // no call is made
	})
	if err != nil {
		return []doctor.Check{broken("twilio", err, "check twilio in "+config.SettingsFile)}
	}
	return []doctor.Check{
		{What: "twilio", Look: func(ctx context.Context) []doctor.Finding {
			defer phone.Close()
			return doctor.Voice(ctx, account.sid, func(ctx context.Context) (doctor.VoiceAccount, error) {
				found, err := phone.Account(ctx)
				return doctor.VoiceAccount(found), err
			})
		}},
		doctor.Told(doctor.Numbers(settings.Senders)...),
	}
}

func dropsVoicemail(cfg *config.Config) bool {
	for _, plan := range cfg.Plans {
		for _, step := range plan.Steps {
			if step.Kind.Channel() == cadence.ChannelVoicemail {
				return true
			}
		}
	}
	return false
}
