package config

import (
	"cmp"
	"slices"
	"strings"
)

// Account is the SMTP account that takes the mail of a mailbox: its own, else the common one. Nil writes it to files.
func (s Settings) Account(mailbox string) *SMTP {
	if own := s.OwnAccount(mailbox); own != nil {
		return own
	}
	return s.SMTP
}

// OwnAccount is the SMTP account that a sender has for itself; nil when it has none, or is no sender.
func (s Settings) OwnAccount(mailbox string) *SMTP {
	for _, sender := range s.Senders {
		if sender.Email == mailbox {
			return sender.SMTP
		}
	}
	return nil
}

// OwnAccounts says whether any sender has an SMTP account of its own.
func (s Settings) OwnAccounts() bool {
	return slices.ContainsFunc(s.Senders, func(sender Sender) bool { return sender.SMTP != nil })
}

// accounts checks the SMTP accounts of senders against each other while they are read.
type accounts struct {
	common *SMTP
	own    []*SMTP
	bare   []node // the senders that have none
}

// read reads the account of a sender; nil when it has none of its own.
func (a *accounts) read(n, sender node) *SMTP {
	own := readSMTP(n)
	if own == nil {
		a.bare = append(a.bare, sender)
		return nil
	}
	for _, other := range append(a.own, a.common) {
		if other != nil && own.sameAccount(*other) && !own.sameWay(*other) {
			n.fail("write tls, connections and ca_cert alike wherever the account is named",
				"this account at %s is written otherwise for another sender", own.Host)
			break
		}
	}
	a.own = append(a.own, own)
	return own
}

// close reports senders whose mail would be written to files, and count as sent, while that of others leaves.
func (a *accounts) close() {
	if a.common != nil || len(a.own) == 0 {
		return
	}
	for _, sender := range a.bare {
		sender.fail("write smtp: {host: ...} here, or at the top of the file for all senders without",
			"this sender has no mail server, and others have one")
	}
}

// sameAccount says that both log in as the same user of the same server.
func (s SMTP) sameAccount(other SMTP) bool {
	return strings.EqualFold(s.Host, other.Host) && s.Port == other.Port && s.Username == other.Username
}

// sameWay says that connections to both are alike. Keys may differ: they go by the sender's domain.
func (s SMTP) sameWay(other SMTP) bool {
	return s.TLS == other.TLS && s.Connections == other.Connections && s.CACert == other.CACert
}

// RepliesTo is where answers to the mail of a sender come; jobs puts a token into it.
func (s Settings) RepliesTo(sender Sender) string {
	return cmp.Or(s.Mail.Replies, sender.ReplyTo, sender.Email)
}

// BouncesTo is where mail of a sender comes back that cannot be delivered; jobs puts a token into it.
func (s Settings) BouncesTo(sender Sender) string { return cmp.Or(s.Mail.Bounces, sender.Email) }

// LeavingTo is where a sender's leads ask to be left alone; jobs puts a token into it.
func (s Settings) LeavingTo(sender Sender) string { return cmp.Or(s.Mail.Unsubscribe, sender.Email) }
