package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"nurture/channels"
	"nurture/channels/email"
	"nurture/channels/voicemail"
	"nurture/config"
	"nurture/internal/token"
	"nurture/jobs"
)

// outlets are the ways out of a worker. They follow the live configuration: a mail server that is applied while the worker runs is used
// from the next touch on, and nothing falls back to files by mistake.
type outlets struct {
	env     environment
	journal *email.Journal
	dir     string // the outbox folder
	now     func() time.Time
	log     *slog.Logger
	engine  *jobs.Engine // set once, before anything is sent
}

// settings are those in force.
func (o *outlets) settings(ctx context.Context) (config.Settings, error) {
	cfg, err := o.engine.LastLive(ctx)
	if err != nil {
		return config.Settings{}, err
	}
	return cfg.Settings, nil
}

// retryLater is the receipt of messages that no channel could be had for.
func retryLater(messages []channels.Message, err error) []channels.Receipt {
	receipts := make([]channels.Receipt, len(messages))
	for i, m := range messages {
		receipts[i] = channels.Receipt{TouchID: m.TouchID, Outcome: channels.Temporary, Unreached: true, Detail: err.Error()}
	}
	return receipts
}

// mailOutlet sends mail by SMTP where that is configured, else into files.
type mailOutlet struct {
	*outlets
	mu     sync.Mutex
	config email.Config // of smtp
	smtp   *email.SMTP  // nil until SMTP is configured
	files  *email.Files
}

var _ channels.Lanes = (*mailOutlet)(nil)

// Send hands messages to the channel that is configured now.
func (m *mailOutlet) Send(ctx context.Context, messages []channels.Message) []channels.Receipt {
	channel, err := m.channel(ctx)
	if err != nil {
		return retryLater(messages, err)
	}
	return channel.Send(ctx, messages)
}

// Lane is that of the channel that is configured now.
func (m *mailOutlet) Lane(ctx context.Context, from string) (key string, width int) {
	channel, err := m.channel(ctx)
	if err != nil {
		return "", 1
	}
	if lanes, ok := channel.(channels.Lanes); ok {
		return lanes.Lane(ctx, from)
	}
	return "files", 1
}

func (m *mailOutlet) channel(ctx context.Context) (channels.Channel, error) {
	settings, err := m.settings(ctx)
	if err != nil {
		return nil, err
	}
	wanted, err := m.env.smtp(settings)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case wanted == nil:
		if m.files == nil {
			m.files = email.NewFiles(m.dir, m.now)
			m.log.Info("no mail server is configured: mail is written to files", "folder", m.dir)
		}
		return m.files, nil
	case m.smtp != nil && m.config == *wanted:
		return m.smtp, nil
	}
	smtp, err := email.New(*wanted, m.journal)
	if err != nil {
		return nil, err
	}
	m.log.Info("mail goes out by SMTP", "server", *wanted)
	m.closeLocked()
	m.smtp, m.config = smtp, *wanted
	return smtp, nil
}

// writesFiles says whether no mail server is configured, or nothing yet.
func (m *mailOutlet) writesFiles(ctx context.Context) bool {
	settings, err := m.settings(ctx)
	if err != nil {
		return true
	}
	account, err := m.env.smtp(settings)
	return err == nil && account == nil
}

func (m *mailOutlet) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closeLocked()
}

func (m *mailOutlet) closeLocked() {
	if m.smtp == nil {
		return
	}
	if err := m.smtp.Close(); err != nil {
		m.log.Warn("closing mail connections failed", "error", err)
	}
	m.smtp = nil
}

// voiceOutlet drops voicemail by Twilio where that is configured, else into files.
type voiceOutlet struct {
	*outlets
	mu      sync.Mutex
	account twilioAccount // of twilio
	twilio  *voicemail.Channel
	told    bool
}

var (
	_ channels.Channel = (*voiceOutlet)(nil)
	_ jobs.Reconciler  = (*voiceOutlet)(nil)
)

// dropper is what both voicemail channels can do.
type dropper interface {
	channels.Channel
	jobs.Reconciler
}

// Send hands messages to the channel that is configured now.
func (v *voiceOutlet) Send(ctx context.Context, messages []channels.Message) []channels.Receipt {
	channel, err := v.channel(ctx)
	if err != nil {
		return retryLater(messages, err)
	}
	return channel.Send(ctx, messages)
}

// Reconcile asks the channel that is configured now.
func (v *voiceOutlet) Reconcile(ctx context.Context, probes []voicemail.Probe) []channels.Receipt {
	channel, err := v.channel(ctx)
	if err == nil {
		return channel.Reconcile(ctx, probes)
	}
	receipts := make([]channels.Receipt, len(probes))
	for i, p := range probes {
		receipts[i] = channels.Receipt{TouchID: p.TouchID, Outcome: channels.Unknown, Detail: err.Error()}
	}
	return receipts
}

func (v *voiceOutlet) channel(ctx context.Context) (dropper, error) {
	settings, err := v.settings(ctx)
	if err != nil {
		return nil, err
	}
	wanted, err := v.env.twilio(settings)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if wanted == nil {
		if !v.told {
			v.told = true
			v.log.Info("no Twilio account is configured: voicemail is written to files", "folder", v.dir)
		}
		return voiceFiles{v.dir}, nil
	}
	if v.twilio != nil && v.account == *wanted {
		return v.twilio, nil
	}
	twilio, err := voicemail.New(voicemail.Config{
		AccountSID: wanted.sid, AuthToken: wanted.token, BaseURL: wanted.baseURL, PublicURL: wanted.publicURL,
		Token: func(touchID int64) string { return v.engine.Tokens().Make(token.Voice, touchID) },
	})
	if err != nil {
		return nil, err
	}
	v.log.Info("voicemail goes out by Twilio", "account", wanted.sid)
	if v.twilio != nil {
		v.twilio.Close()
	}
	v.twilio, v.account = twilio, *wanted
	return twilio, nil
}

func (v *voiceOutlet) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.twilio != nil {
		v.twilio.Close()
	}
}
