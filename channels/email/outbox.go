package email

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-message/mail"
)

// OutboxMail is one mail of an outbox folder.
type OutboxMail struct {
	Name      string // of the file; what ReadOutbox takes
	TouchID   int64  // 0 when the name does not tell
	Subject   string
	From, To  string // "Ann Lee <ann@example.com>"
	Date      time.Time
	WrittenAt time.Time
	MessageID string // without brackets
	// Text and HTML are the parts; ListOutbox leaves them out. HTML is a whole document: show it in a sandboxed frame.
	Text, HTML string
	Problem    string // why the file cannot be read; then only Name is set
}

// ErrNoMail says that the outbox has no mail of that name.
var ErrNoMail = errors.New("the outbox has no such mail")

// maxOutboxMail bounds what one file may cost.
const maxOutboxMail = 10 << 20

// ReadOutbox reads one mail of an outbox folder. A name that no outbox file can have, such as one with a path in it, is
// ErrNoMail as well.
func ReadOutbox(dir, name string) (OutboxMail, error) {
	if !strings.HasSuffix(name, outboxExt) || strings.HasPrefix(name, ".") || filepath.Base(name) != name {
		return OutboxMail{}, ErrNoMail
	}
	f, err := os.Open(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return OutboxMail{}, ErrNoMail
	}
	if err != nil {
		return OutboxMail{}, fmt.Errorf("outbox: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return OutboxMail{}, fmt.Errorf("outbox: %w", err)
	}
	m := OutboxMail{Name: name, WrittenAt: info.ModTime()}
	digits := strings.TrimSuffix(strings.TrimPrefix(name, "touch-"), outboxExt)
	m.TouchID, _ = strconv.ParseInt(digits, 10, 64)
	if err := m.parse(io.LimitReader(f, maxOutboxMail)); err != nil {
		return OutboxMail{}, fmt.Errorf("outbox: %s: %w", name, err)
	}
	return m, nil
}

func (m *OutboxMail) parse(r io.Reader) error {
	reader, err := mail.CreateReader(r)
	if err != nil {
		return err
	}
	defer func() { _ = reader.Close() }()
	h := reader.Header
	m.Subject, _ = h.Subject()
	m.Date, _ = h.Date()
	m.MessageID, _ = h.MessageID()
	m.From, m.To = addresses(h, "From"), addresses(h, "To")
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		inline, ok := part.Header.(*mail.InlineHeader)
		if !ok {
			continue
		}
		body, err := io.ReadAll(part.Body)
		if err != nil {
			return err
		}
		switch kind, _, _ := inline.ContentType(); kind {
		case "text/plain":
			m.Text = strings.ReplaceAll(string(body), "\r\n", "\n")
		case "text/html":
			m.HTML = string(body)
		}
	}
}

func addresses(h mail.Header, field string) string {
	list, err := h.AddressList(field)
	if err != nil {
		return h.Get(field)
	}
	var shown []string
	for _, a := range list {
		if a.Name == "" {
			shown = append(shown, a.Address)
		} else {
			shown = append(shown, a.Name+" <"+a.Address+">")
		}
	}
	return strings.Join(shown, ", ")
}
