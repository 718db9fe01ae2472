package imap

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// How much of a message beyond Config.MaxSize is handed over.
const (
	headerKept = 256 << 10 // at most, of the header
	bodyKept   = 64 << 10  // of the body
)

// Item is one message.
type Item struct {
	Mailbox     string // user@host/folder, the same for all messages of a Watcher
	UIDValidity uint32
	UID         uint32
	// ExternalID is "imap:" Mailbox "/" UIDValidity "/" UID: the same however often the message comes, and never another
	// message's.
	ExternalID   string
	InternalDate time.Time         // when the server received it; zero when it does not say
	Size         int64             // bytes of the whole message, also of one too large
	Raw          []byte            // as on the server; only Deliver's to keep
	TooLarge     bool              // Raw is the header and the first 64 KB of the body
	MessageID    string            // the Message-ID header without its brackets; "" without one. Its sender chose it: no proof of anything
	Digest       [sha256.Size]byte // SHA-256 of Raw
}

func (w *Watcher) item(validity uint32, l listed, raw []byte, whole bool) Item {
	it := Item{
		Mailbox: w.name, UIDValidity: validity, UID: uint32(l.uid), InternalDate: l.date,
		ExternalID: fmt.Sprintf("imap:%s/%d/%d", w.name, validity, l.uid),
		Size:       int64(len(raw)), Raw: raw,
	}
	if !whole || it.Size > w.config.MaxSize {
		it.TooLarge = true
		it.Size = max(l.size, it.Size)
		it.Raw = beginning(raw)
	}
	it.MessageID = messageID(it.Raw)
	it.Digest = sha256.Sum256(it.Raw)
	return it
}

// listed is what a mailbox's list tells of a message.
type listed struct {
	uid  imap.UID
	size int64 // 0 unknown
	date time.Time
}

// beginning cuts a message too large down to its header and some of its body. The copy lets go of the rest.
func beginning(raw []byte) []byte {
	head := raw[:min(len(raw), headerKept)]
	end := headerEnd(head)
	return bytes.Clone(raw[:min(len(raw), end+bodyKept)])
}

// headerEnd is where the body begins: after the first empty line, with or without CR. All is header without one.
func headerEnd(raw []byte) int {
	for at := 0; at < len(raw); {
		n := bytes.IndexByte(raw[at:], '\n')
		if n < 0 {
			break
		}
		line := raw[at : at+n]
		at += n + 1
		if len(bytes.TrimSuffix(line, []byte("\r"))) == 0 {
			return at
		}
	}
	return len(raw)
}

// messageID finds the Message-ID without parsing the message, which may be beyond any parser. The first one counts, unfolded
// (RFC 5322, sections 2.2.3 and 3.6.4).
func messageID(raw []byte) string {
	const name = "message-id"
	head := raw[:min(len(raw), headerKept)]
	head = head[:headerEnd(head)]
	for len(head) > 0 {
		line, rest, _ := bytes.Cut(head, []byte("\n"))
		head = rest
		field, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || !strings.EqualFold(strings.TrimRight(string(field), " \t"), name) {
			continue
		}
		id := string(value)
		for len(head) > 0 && (head[0] == ' ' || head[0] == '\t') {
			line, head, _ = bytes.Cut(head, []byte("\n"))
			id += string(line)
		}
		id = strings.TrimSpace(id)
		if open := strings.IndexByte(id, '<'); open >= 0 {
			id, _, _ = strings.Cut(id[open+1:], ">")
		}
		return strings.ToValidUTF8(strings.Join(strings.Fields(id), ""), "\uFFFD")
	}
	return ""
}
