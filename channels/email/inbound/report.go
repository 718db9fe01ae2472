package inbound

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// maxRecipients bounds a report.
const maxRecipients = 500

// The actions of RFC 3464, section 2.3.3.
const (
	actionFailed    = "failed"
	actionDelayed   = "delayed"
	actionDelivered = "delivered"
	actionRelayed   = "relayed"
	actionExpanded  = "expanded"
)

// outcome is what a delivery report says of one recipient.
type outcome struct {
	address    string
	action     string
	status     string
	diagnostic string
}

// junkField is where Microsoft's junk mail reporting program, which sends no report of RFC 5965, puts the reader's address into the mail that it encloses.
const junkField = "X-HmXmrOriginalRecipient"

// junked is the header of a mail of ours that a reader at Microsoft's called junk; nil for anything else.
func (m Message) junked() Header {
	if p := m.content().find("message/rfc822"); p != nil && len(p.children) > 0 && m.Sender() == "staff@hotmail.com" && p.children[0].header.Has(junkField) {
		return p.children[0].header
	}
	return nil
}

// complaint reads an abuse report (RFC 5965, and Microsoft's own). ok is false for anything else.
func (m Message) complaint() (c Classification, ok bool) {
	if original := m.junked(); original != nil {
		c = Classification{Kind: KindComplaint, Subkind: "abuse", Why: "junk mail report of Microsoft's program, field " + junkField}
		for _, a := range fieldAddresses(original, junkField) {
			c.Recipients = append(c.Recipients, Recipient{Address: a, Reason: "complaint: abuse"})
		}
		return c, true
	}
	root := m.content()
	p := root.find("message/feedback-report")
	declared := root.kind == "multipart/report" && strings.EqualFold(root.params["report-type"], "feedback-report")
	if p == nil && !declared || p != nil && root.kind != "multipart/report" && !m.fromDaemon() && !m.nullReturnPath() {
		return c, false
	}
	var fields Header
	if p != nil {
		for _, block := range fieldBlocks(p.decoded(maxTextBytes)) { // some put empty lines between the fields
			fields = append(fields, block...)
		}
	}
	kind := strings.ToLower(strings.TrimSpace(fields.Get("Feedback-Type")))
	c = Classification{Kind: KindComplaint, Subkind: kind, Why: "feedback report (RFC 5965), Feedback-Type: " + dash(kind)}
	switch kind {
	case "":
		c.Subkind = "abuse"
	case "auth-failure", "dmarc", "not-spam": // RFC 6591; RFC 6430: the recipient says that it is no spam
		c.Kind, c.Subkind = KindOther, strings.ReplaceAll(kind, "-", "_")
		return c, true
	}
	found := fieldAddresses(fields, "Original-Rcpt-To", "Removal-Recipient")
	if len(found) == 0 {
		found = fieldAddresses(m.returned(), "To", "X-Original-To")
	}
	for _, a := range found {
		c.Recipients = append(c.Recipients, Recipient{Address: a, Reason: "complaint: " + c.Subkind})
	}
	return c, true
}

func dash(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// receipt reads a disposition notification (RFC 8098): a mail program says that the mail was shown or thrown away. Neither is an
// answer.
func (m Message) receipt() (c Classification, ok bool) {
	root := m.content()
	p := root.find("message/disposition-notification", "message/global-disposition-notification")
	declared := root.kind == "multipart/report" && strings.EqualFold(root.params["report-type"], "disposition-notification")
	if !declared && (p == nil || root.kind != "multipart/report") {
		return c, false
	}
	disposition := ""
	if p != nil {
		h, _ := readHeader(p.decoded(maxTextBytes))
		disposition = h.Get("Disposition")
	}
	c = Classification{Kind: KindOther, Subkind: "read_receipt", Why: "disposition notification (RFC 8098), Disposition: " + dash(shorten(disposition, 80))}
	if strings.Contains(strings.ToLower(disposition), "deleted") {
		c.Subkind = "deleted_unread"
	}
	return c, true
}

// delivery reads a delivery status notification (RFC 3464, RFC 6533). ok is false for anything else, also for a mail to which a
// person attached such a report.
func (m Message) delivery() (c Classification, ok bool) {
	root := m.content()
	p := root.find("message/delivery-status", "message/global-delivery-status")
	if p == nil || root.kind != "multipart/report" && root != p && !m.fromDaemon() && !m.nullReturnPath() {
		return c, false
	}
	outcomes := readOutcomes(p.decoded(maxTextBytes))
	if len(outcomes) == 0 {
		return c, false
	}
	return m.conclude(outcomes, "delivery status notification (RFC 3464)"), true
}

// conclude makes one classification of what became of the recipients: failed outweighs delayed, and that what arrived.
func (m Message) conclude(outcomes []outcome, source string) Classification {
	c := Classification{Kind: KindDelivered}
	var worst Recipient
	subkind := ""
	for _, o := range m.complete(outcomes) {
		r := Recipient{Address: o.address, Status: o.status, Reason: shorten(o.diagnostic, 300)}
		switch o.action {
		case actionFailed:
			var cause string
			cause, r.Status = judge(o.status, o.diagnostic)
			r.Severity = severityOf[cause]
			if r.Reason == "" {
				r.Reason = strings.ReplaceAll(cause, "_", " ")
			}
			if c.Kind != KindBounce || weight(r.Severity) > weight(worst.Severity) {
				worst, subkind = r, cause
			}
			c.Kind = KindBounce
		case actionDelayed:
			if c.Kind != KindBounce && c.Kind != KindDelayed {
				c.Kind, worst, subkind = KindDelayed, r, actionDelayed
			}
		default:
			if c.Kind == KindDelivered && subkind == "" {
				worst, subkind = r, o.action
			}
		}
		if o.action != actionFailed && r.Reason == "" {
			r.Reason = o.action
		}
		c.Recipients = append(c.Recipients, r)
	}
	c.Subkind = subkind
	c.Why = source + ": " + dash(worst.Address) + " " + unless(c.Kind == KindBounce, "failed, "+worst.Severity, subkind)
	if worst.Status != "" {
		c.Why += ", status " + worst.Status
	}
	return c
}

func weight(severity string) int { return slices.Index([]string{Soft, Policy, Hard}, severity) }

// complete fills what a report leaves out: the address from X-Failed-Recipients or the original, the reason from the notice that
// people read.
func (m Message) complete(outcomes []outcome) []outcome {
	if len(outcomes) != 1 {
		return outcomes
	}
	o := &outcomes[0]
	if o.address == "" {
		found := fieldAddresses(m.Header, "X-Failed-Recipients")
		if len(found) == 0 {
			found = fieldAddresses(m.returned(), "To")
		}
		if len(found) > 0 {
			o.address = found[0]
		}
	}
	if o.diagnostic == "" && o.action == actionFailed {
		notice, _, _ := cutOriginal(m.notice())
		o.diagnostic = reasonIn(notice, o.address)
	}
	return outcomes
}

// readOutcomes reads the fields of a delivery-status part: a block about the message, then one a recipient. Where the empty line
// between recipients is missing, a second address begins the next.
func readOutcomes(b []byte) []outcome {
	var list []outcome
	for _, block := range fieldBlocks(b) {
		for _, fields := range splitRecipients(block) {
			if o, ok := readOutcome(fields); ok && len(list) < maxRecipients {
				list = append(list, o)
			}
		}
	}
	return list
}

// fieldBlocks reads groups of fields that empty lines part. A line that is no field is skipped.
func fieldBlocks(b []byte) []Header {
	var blocks []Header
	for len(blocks) <= maxRecipients {
		b = bytes.TrimLeft(b, "\r\n \t")
		if len(b) == 0 {
			break
		}
		h, rest := readHeader(b)
		if len(h) > 0 {
			blocks = append(blocks, h)
		}
		if len(rest) == len(b) {
			_, rest = cutLine(b)
		}
		b = rest
	}
	return blocks
}

func splitRecipients(h Header) []Header {
	var blocks []Header
	var current Header
	for _, f := range h {
		final := strings.EqualFold(f.Name, "Final-Recipient")
		original := strings.EqualFold(f.Name, "Original-Recipient")
		if final && current.Has("Final-Recipient") || original && (current.Has("Original-Recipient") || current.Has("Action")) && current.Has("Final-Recipient") {
			blocks = append(blocks, current)
			current = nil
		}
		current = append(current, f)
	}
	return append(blocks, current)
}

// readOutcome reads one block. The address that was written to is the original one, where the report gives it: a forwarding
// makes the final one somebody else's.
func readOutcome(h Header) (outcome, bool) {
	if !h.Has("Final-Recipient") && !h.Has("Original-Recipient") && !h.Has("Action") {
		return outcome{}, false
	}
	o := outcome{address: typedAddress(h.Get("Original-Recipient"))}
	if o.address == "" {
		o.address = typedAddress(h.Get("Final-Recipient"))
	}
	if m := statusPattern.FindStringSubmatch(h.Get("Status")); m != nil {
		o.status = m[1]
	}
	diagnostic := decodeText(h.Get("Diagnostic-Code"))
	if kind, text, ok := strings.Cut(diagnostic, ";"); ok && !strings.ContainsAny(strings.TrimSpace(kind), " :") {
		diagnostic = strings.TrimSpace(text)
	}
	o.diagnostic = diagnostic
	action := strings.ToLower(strings.TrimLeft(h.Get("Action"), " "))
	for _, known := range []string{actionFailed, actionDelayed, actionDelivered, actionRelayed, actionExpanded} {
		if strings.HasPrefix(action, known) {
			o.action = known
		}
	}
	if o.action == "" { // without a valid one the status tells; a 4 that nobody calls final is a delay
		o.action = map[string]string{"2": actionDelivered, "4": actionDelayed}[o.status[:min(1, len(o.status))]]
		if o.action == "" {
			o.action = actionFailed
		}
	}
	return o, true
}

// escapedPattern is a character in a utf-8 address (RFC 6533, section 3).
var escapedPattern = regexp.MustCompile(`\\x\{([0-9A-Fa-f]{2,6})\}`)

// typedAddress reads "rfc822; jane@example.com"; "" when it is no mail address.
func typedAddress(value string) string {
	if kind, rest, ok := strings.Cut(value, ";"); ok && !strings.Contains(kind, "@") {
		value = rest
	}
	value = escapedPattern.ReplaceAllStringFunc(value, func(s string) string {
		r := rune(0)
		for _, c := range strings.ToLower(s[3 : len(s)-1]) {
			r = r<<4 | rune(strings.IndexRune("0123456789abcdef", c))
		}
		return string(r)
	})
	if found := addresses(value); len(found) > 0 {
		return found[0]
	}
	return ""
}
