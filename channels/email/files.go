package email

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nurture/channels"
)

// Files is the channel that is used while no SMTP server is configured: mail goes to .eml files in a folder, never out.
type Files struct {
	dir string
	now func() time.Time
}

var _ channels.Channel = (*Files)(nil)

// NewFiles makes the channel. The folder is made with the first message. now dates the files, so that an engine on a
// virtual clock leaves an outbox in its own order.
func NewFiles(dir string, now func() time.Time) *Files { return &Files{dir: dir, now: now} }

// Send implements channels.Channel. A touch that is written twice overwrites itself, so doing it again is harmless and
// needs no journal.
func (f *Files) Send(ctx context.Context, messages []channels.Message) []channels.Receipt {
	receipts := make([]channels.Receipt, len(messages))
	for i, m := range messages {
		receipts[i] = f.sendOne(ctx, m)
	}
	return receipts
}

func (f *Files) sendOne(ctx context.Context, m channels.Message) (r channels.Receipt) {
	r = channels.Receipt{TouchID: m.TouchID, Outcome: channels.Temporary}
	defer func() {
		if p := recover(); p != nil {
			r.Outcome, r.Detail = channels.Permanent, fmt.Sprintf("panic: %v", p)
		}
	}()
	if err := ctx.Err(); err != nil {
		r.Detail = "not begun: " + err.Error()
		return r
	}
	env, err := build(m, nil)
	if err != nil {
		r.Outcome, r.Detail = channels.Permanent, err.Error()
		return r
	}
	name := outboxName(m.TouchID)
	if err := f.write(name, env.data); err != nil {
		r.Detail = "writing to the outbox folder: " + err.Error()
		return r
	}
	r.Outcome, r.Detail = channels.Sent, "written to "+name
	return r
}

// outboxName sorts by touch: 19 digits hold any int64.
func outboxName(touch int64) string { return fmt.Sprintf("touch-%019d%s", touch, outboxExt) }

const outboxExt = ".eml"

// write replaces the file in one step. It does not wait for the disk: these mails are looked at, not delivered.
func (f *Files) write(name string, data []byte) error {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(f.dir, ".new-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Chtimes(tmp.Name(), time.Time{}, f.now())
	}
	if err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(f.dir, name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// ListOutbox gives the mails of an outbox folder, the newest touch first, at most limit of them (0 is all), and how many
// there are. A folder that does not exist is empty. A file that cannot be read is listed with its Problem.
func ListOutbox(dir string, limit int) (mails []OutboxMail, total int, err error) {
	items, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fmt.Errorf("outbox: %w", err)
	}
	for i := len(items) - 1; i >= 0; i-- {
		name := items[i].Name()
		if strings.HasPrefix(name, ".") || !strings.HasSuffix(name, outboxExt) || items[i].IsDir() {
			continue
		}
		if total++; limit > 0 && len(mails) >= limit {
			continue
		}
		m, err := ReadOutbox(dir, name)
		if err != nil {
			m = OutboxMail{Name: name, Problem: err.Error()}
		}
		m.Text, m.HTML = "", ""
		mails = append(mails, m)
	}
	return mails, total, nil
}
