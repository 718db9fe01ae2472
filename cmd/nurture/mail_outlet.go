package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"nurture/channels"
	"nurture/channels/email"
	"nurture/config"
)

// mailOutlet sends mail by the SMTP account of its sender where one is configured, else into files. Senders that name the same account
// share its connections.
type mailOutlet struct {
	*outlets
	mu       sync.Mutex
	accounts map[email.Config]*email.SMTP
	swept    *config.Config // the configuration by which accounts were closed last
	files    *email.Files
	closing  sync.WaitGroup
}

var _ channels.Lanes = (*mailOutlet)(nil)

// Send hands each message to the channel that is configured now for its sender. An account that is slow, or wrong, holds up no other.
func (m *mailOutlet) Send(ctx context.Context, messages []channels.Message) []channels.Receipt {
	parts := map[string][]int{} // messages by sender
	for i, message := range messages {
		parts[message.From.Address] = append(parts[message.From.Address], i)
	}
	if len(parts) == 1 {
		return m.sendFrom(ctx, messages[0].From.Address, messages)
	}
	receipts := make([]channels.Receipt, len(messages))
	var group sync.WaitGroup
	for from, indexes := range parts {
		group.Go(func() {
			part := make([]channels.Message, len(indexes))
			for j, i := range indexes {
				part[j] = messages[i]
			}
			for j, receipt := range m.sendFrom(ctx, from, part) {
				receipts[indexes[j]] = receipt
			}
		})
	}
	group.Wait()
	return receipts
}

// sendFrom sends messages of one sender.
func (m *mailOutlet) sendFrom(ctx context.Context, from string, messages []channels.Message) []channels.Receipt {
	channel, err := m.channel(ctx, from)
	if err != nil {
		return retryLater(messages, err)
	}
	return channel.Send(ctx, messages)
}

// Lane is that of the channel that is configured now for a sender.
func (m *mailOutlet) Lane(ctx context.Context, from string) (key string, width int) {
	channel, err := m.channel(ctx, from)
	if err != nil {
		return "none of " + from, 1
	}
	if lanes, ok := channel.(channels.Lanes); ok {
		return lanes.Lane(ctx, from)
	}
	return "files", 1
}

// channel is what sends the mail of a sender now.
func (m *mailOutlet) channel(ctx context.Context, from string) (channels.Channel, error) {
	cfg, err := m.live(ctx)
	if err != nil {
		return nil, err
	}
	wanted, err := m.env.account(cfg.Settings, from)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.swept != cfg {
		m.sweep(cfg)
	}
	if wanted == nil {
		if m.files == nil {
			m.files = email.NewFiles(m.dir, m.now)
			m.log.Info("no mail server is configured: mail is written to files, and counts as sent", "folder", m.dir)
		}
		return m.files, nil
	}
	if smtp := m.accounts[*wanted]; smtp != nil {
		return smtp, nil
	}
	smtp, err := email.New(*wanted, m.journal)
	if err != nil {
		return nil, err
	}
	m.log.Info("mail goes out by SMTP", "server", *wanted, "sender", from)
	if m.accounts == nil {
		m.accounts = map[email.Config]*email.SMTP{}
	}
	m.accounts[*wanted] = smtp
	m.sweep(cfg) // what it replaces, such as the same account with an older key
	return smtp, nil
}

// sweep closes the accounts that no sender uses any more. What is under way there is not disturbed.
func (m *mailOutlet) sweep(cfg *config.Config) {
	m.swept = cfg
	used := map[email.Config]bool{}
	for _, sender := range cfg.Settings.Senders {
		if account, err := m.env.account(cfg.Settings, sender.Email); err == nil && account != nil {
			used[*account] = true
		}
	}
	for account := range m.accounts {
		if !used[account] {
			m.closeAccount(account)
		}
	}
}

// closeAccount lets go of an account. To part with its server takes seconds where that is away; nobody waits for it but close.
func (m *mailOutlet) closeAccount(account email.Config) {
	smtp := m.accounts[account]
	delete(m.accounts, account)
	m.closing.Go(func() {
		if err := smtp.Close(); err != nil {
			m.log.Warn("closing mail connections failed", "error", err)
		}
	})
}

// check finds wrong accounts of all senders. One that several use is named once.
func (m *mailOutlet) check(ctx context.Context) error {
	settings, err := m.settings(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, sender := range settings.Senders {
		_, err := m.channel(ctx, sender.Email)
		if err != nil && !slices.ContainsFunc(errs, func(e error) bool { return e.Error() == err.Error() }) {
			errs = append(errs, err)
		}
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// writesFiles says whether mail of a sender is written to files, or nothing is configured yet.
func (m *mailOutlet) writesFiles(ctx context.Context) bool {
	settings, err := m.settings(ctx)
	if err != nil {
		return true
	}
	return slices.ContainsFunc(settings.Senders, func(s config.Sender) bool {
		account, err := m.env.account(settings, s.Email)
		return err == nil && account == nil
	})
}

// close closes all accounts.
func (m *mailOutlet) close() {
	m.mu.Lock()
	for _, account := range slices.Collect(maps.Keys(m.accounts)) {
		m.closeAccount(account)
	}
	m.mu.Unlock()
	m.closing.Wait()
}
