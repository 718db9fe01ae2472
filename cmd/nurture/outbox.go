package main

import (
	"errors"

	"nurture/channels/email"
	"nurture/store"
	"nurture/web"
)

// outboxFolder shows an outbox folder to the pages.
type outboxFolder string

// Mails implements web.Outbox.
func (dir outboxFolder) Mails(limit int) ([]web.Mail, error) {
	found, _, err := email.ListOutbox(string(dir), limit)
	mails := make([]web.Mail, len(found))
	for i, m := range found {
		mails[i] = outboxMail(m)
	}
	return mails, err
}

// Mail implements web.Outbox.
func (dir outboxFolder) Mail(name string) (web.Mail, error) {
	m, err := email.ReadOutbox(string(dir), name)
	if errors.Is(err, email.ErrNoMail) {
		return web.Mail{}, store.ErrNotFound
	}
	return outboxMail(m), err
}

func outboxMail(m email.OutboxMail) web.Mail {
	subject := m.Subject
	if m.Problem != "" {
		subject = m.Name + ": " + m.Problem
	}
	return web.Mail{Name: m.Name, From: m.From, To: m.To, Subject: subject, Date: m.Date, Text: m.Text, HTML: m.HTML}
}
