package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"nurture/channels"
	"nurture/channels/journal"
	"nurture/channels/voicemail"
	"nurture/config"
	"nurture/internal/token"
	"nurture/jobs"
)

// outlets are the ways out of a worker. They follow the live configuration: a mail server that is applied while the worker runs is used
// from the next touch on, and nothing falls back to files by mistake.
type outlets struct {
	env     environment
	journal *journal.Journal
	dir     string // the outbox folder
	now     func() time.Time
	log     *slog.Logger
	engine  *jobs.Engine // set once, before anything is sent
	// live gives the configuration in force; the engine's.
	live func(context.Context) (*config.Config, error)
}

// settings are those in force.
func (o *outlets) settings(ctx context.Context) (config.Settings, error) {
	cfg, err := o.live(ctx)
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

// voiceOutlet drops voicemail by Twilio where that is configured, else into files.
type voiceOutlet struct {
	*outlets
	mu      sync.Mutex
	account twilioAccount // of twilio
	twilio  *voicemail.Channel
	told    bool
}

var (
	_ channels.Lanes  = (*voiceOutlet)(nil)
	_ jobs.Reconciler = (*voiceOutlet)(nil)
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

// Lane is that of the channel that is configured now.
func (v *voiceOutlet) Lane(ctx context.Context, from string) (key string, width int) {
	channel, err := v.channel(ctx)
	if lanes, ok := channel.(channels.Lanes); ok && err == nil {
		return lanes.Lane(ctx, from)
	}
	return "files", 1
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
		Token:   func(touchID int64) string { return v.engine.Tokens().Make(token.Voice, touchID) },
		Journal: v.journal,
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
