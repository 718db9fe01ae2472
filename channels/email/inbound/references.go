package inbound

import (
	"regexp"
	"slices"
	"strings"
)

// References are what a mail can be matched by, strongest first. Only headers are read, those of the mail and those of the
// original that a report returns; nothing comes from what somebody wrote in a body. All addresses are in lower case.
type References struct {
	// Recipients are the addresses that the mail was sent to: To, Cc, and what servers noted of the envelope.
	Recipients []string
	// Tags are the parts behind "+" in Recipients, in lower case. A token is one of them; who made it must be checked.
	Tags []string
	// MessageIDs are those of In-Reply-To and then References, nearest first, without brackets.
	MessageIDs []string
	// OriginalMessageIDs, OriginalTo and OriginalTags come from the headers of the original in a returned part: its Message-ID, its
	// recipients, and the tags of its sender's addresses (Return-Path, Reply-To, From).
	OriginalMessageIDs []string
	OriginalTo         []string
	OriginalTags       []string
	// Sender is the address of the From header, "" when there is none.
	Sender string
}

// recipientFields are To and Cc, and where servers keep the envelope's recipient.
var recipientFields = []string{
	"To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "X-Rcpt-To", "X-Forwarded-To", "Apparently-To",
	"X-Resolved-To", "Resent-To",
}

// maxIDs is how many Message-IDs are kept: the nearest ones.
const maxIDs = 50

var idPattern = regexp.MustCompile(`<\s*([^<>\s]+@[^<>\s]+)\s*>`)

// References gives what the mail can be matched by.
func (m Message) References() References {
	r := References{Recipients: fieldAddresses(m.Header, recipientFields...), Sender: m.Sender()}
	r.Tags = tags(r.Recipients)
	r.MessageIDs = messageIDs(m.Header)
	if original := m.returned(); original != nil {
		r.OriginalMessageIDs = unbracketed(original.Get("Message-ID"))
		r.OriginalTo = fieldAddresses(original, "To", "X-Original-To", "Delivered-To", "Cc")
		r.OriginalTags = tags(fieldAddresses(original, "Return-Path", "Reply-To", "From", "Sender", "X-Original-From"))
	}
	return r
}

func fieldAddresses(h Header, names ...string) []string {
	var found []string
	for _, name := range names {
		for _, value := range h.All(name) {
			found = append(found, addresses(value)...)
		}
		if len(found) > maxAddresses {
			break
		}
	}
	return unique(found)
}

// tags are what stands behind the first "+" of each local part.
func tags(list []string) []string {
	var found []string
	for _, a := range list {
		local, _, _ := strings.Cut(a, "@")
		if _, tag, ok := strings.Cut(local, "+"); ok && tag != "" {
			found = append(found, tag)
		}
	}
	return unique(found)
}

// messageIDs reads In-Reply-To, then References from its end: its last entry is the parent (RFC 5322, section 3.6.4).
func messageIDs(h Header) []string {
	var ids []string
	for _, value := range h.All("In-Reply-To") {
		ids = append(ids, unbracketed(value)...)
	}
	for _, value := range h.All("References") {
		chain := unbracketed(value)
		slices.Reverse(chain)
		ids = append(ids, chain...)
	}
	var kept []string
	for _, id := range ids {
		if !slices.Contains(kept, id) && len(kept) < maxIDs {
			kept = append(kept, id)
		}
	}
	return kept
}

// unbracketed takes the ids of a field; where there are no brackets, each word with an "@".
func unbracketed(value string) []string {
	var ids []string
	for _, m := range idPattern.FindAllStringSubmatch(value, -1) {
		ids = append(ids, m[1])
	}
	if ids == nil && !strings.ContainsAny(value, "<>") {
		for _, word := range strings.Fields(value) {
			if strings.Contains(word, "@") {
				ids = append(ids, word)
			}
		}
	}
	return ids
}

// returned is the header of the original that a report brings back (RFC 6522, section 3), nil when there is none. Only a
// machine's report counts: a person who forwards a mail returns nothing.
func (m Message) returned() Header {
	if original := m.junked(); original != nil {
		return original
	}
	root := m.content()
	if root.kind != "multipart/report" && !m.fromDaemon() {
		return nil
	}
	if p := root.find("message/rfc822", "message/global"); p != nil && len(p.children) > 0 {
		return p.children[0].header
	}
	if p := root.find("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"); p != nil {
		h, _ := readHeader(p.decoded(maxTextBytes))
		return h
	}
	if _, original, ok := cutOriginal(m.notice()); ok && m.fromDaemon() {
		h, _ := readHeader([]byte(strings.TrimLeft(original, "\n ")))
		return h
	}
	return nil
}
