package main

import (
	"strings"

	"nurture/channels/email"
	"nurture/config"
)

// account is the mail account that a mailbox sends by; nil writes its mail to files. NURTURE_SMTP_HOST overrides the accounts of all
// senders; the other variables belong to the common one.
func (e environment) account(s config.Settings, mailbox string) (*email.Config, error) {
	own := s.OwnAccount(mailbox)
	if own == nil || e.smtpHost != "" {
		common, err := e.smtp(s)
		if common == nil && err == nil && s.OwnAccounts() { // such as of a sender that the configuration has no more: files would lose its mail
			return nil, hint(failf("%s has no mail server, and others have one", mailbox), "write smtp for all senders in %s", config.SettingsFile)
		}
		return common, err
	}
	c, err := e.written(*own)
	if err != nil {
		return nil, err
	}
	return e.withPassword(c)
}

// written is an account as the configuration has it, without its password.
func (e environment) written(y config.SMTP) (email.Config, error) {
	c := email.Config{
		Host: strings.ToLower(y.Host), // so that one account is one however it is written
		Port: y.Port, TLS: string(y.TLS), Username: y.Username, Connections: y.Connections, CACert: y.CACert,
	}
	if y.DKIM == nil {
		return c, nil
	}
	var err error
	c.DKIM, err = e.dkim(*y.DKIM)
	return c, err
}

func (e environment) withPassword(c email.Config) (*email.Config, error) {
	if c.Username == "" {
		return &c, nil
	}
	if c.Password = e.smtpPassword(c.Username); c.Password == "" {
		return nil, hint(failf("the mail server's user is %s, and there is no password", c.Username),
			"set NURTURE_SMTP_PASSWORD, or %s for this user alone", smtpVariable(c.Username))
	}
	return &c, nil
}

// smtpVariable is where the password of one account is, when each has its own.
func smtpVariable(username string) string {
	return "NURTURE_SMTP_PASSWORD_" + notInVariable.ReplaceAllString(strings.ToUpper(username), "_")
}
