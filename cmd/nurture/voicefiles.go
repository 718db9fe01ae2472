package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"nurture/channels"
	"nurture/channels/voicemail"
)

// voiceFiles is the voicemail channel that is used while no Twilio account is configured: what would be said goes to files, and nobody
// is called.
type voiceFiles struct{ dir string }

var _ channels.Channel = voiceFiles{}

// Send writes each message. A touch that is written twice overwrites itself.
func (f voiceFiles) Send(ctx context.Context, messages []channels.Message) []channels.Receipt {
	receipts := make([]channels.Receipt, len(messages))
	for i, m := range messages {
		receipts[i] = channels.Receipt{TouchID: m.TouchID, Outcome: channels.Temporary}
		if err := ctx.Err(); err != nil {
			receipts[i].Detail = "not begun: " + err.Error()
			continue
		}
		name := voiceFileName(m.TouchID)
		if err := f.write(name, m); err != nil {
			receipts[i].Detail = "writing to the outbox folder: " + err.Error()
			continue
		}
		receipts[i].Outcome, receipts[i].Detail = channels.Sent, "written to "+name
	}
	return receipts
}

func voiceFileName(touchID int64) string { return fmt.Sprintf("touch-%019d.voicemail.txt", touchID) }

func (f voiceFiles) write(name string, m channels.Message) error {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	text := fmt.Sprintf("From: %s <%s>\nTo: %s <%s>\nTouch: %d\n", oneLine(m.From.Name), m.From.Address, oneLine(m.To.Name), m.To.Address, m.TouchID)
	if m.Voice.RecordingURL != "" {
		text += "Recording: " + m.Voice.RecordingURL + "\n"
	}
	text += "\n" + strings.TrimSpace(m.Text) + "\n"
	whole := filepath.Join(f.dir, "."+name)
	if err := os.WriteFile(whole, []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(whole, filepath.Join(f.dir, name))
}

// Reconcile looks whether the file is there.
func (f voiceFiles) Reconcile(_ context.Context, probes []voicemail.Probe) []channels.Receipt {
	receipts := make([]channels.Receipt, len(probes))
	for i, p := range probes {
		receipts[i] = channels.Receipt{TouchID: p.TouchID, Outcome: channels.Temporary, Detail: "no file was written"}
		if _, err := os.Stat(filepath.Join(f.dir, voiceFileName(p.TouchID))); err == nil {
			receipts[i].Outcome, receipts[i].Detail = channels.Sent, "written to "+voiceFileName(p.TouchID)
		}
	}
	return receipts
}
