package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels/email/inbound"
	"nurture/internal/token"
	"nurture/store"
)

// unreadable is the subkind of a mail that inbound.Classify could make nothing of.
const unreadable = "unreadable"

// needsPerson says that a mail which tells a cadence nothing still asks something of a person: it cannot be read, its sender wants a sign
// that a person wrote to it, or the lead has another address now.
func needsPerson(c inbound.Classification) bool {
	switch c.Subkind {
	case unreadable, inbound.AutoChallenge, inbound.AutoAddressChanged:
		return true
	}
	return false
}

// mailResponse is what a mail means for its lead's cadence; false when it means nothing, such as a delay that is not final.
func mailResponse(read mailReading, found mailMatch) (ResponseInput, bool) {
	c := read.Classification
	in := ResponseInput{LeadID: found.leadID, Source: "mail", Said: c.VisibleText, By: read.sender}
	if found.touch != nil {
		in.TouchID = found.touch.TouchID
	}
	means := true
	switch c.Kind {
	case inbound.KindComplaint:
		in.Kind, in.Said = cadence.Complaint, c.Why
	case inbound.KindBounce:
		in.Kind, in.Said = bounceKind(c, found)
	case inbound.KindUnsubscribe:
		in.Kind = cadence.Unsubscribe
	case inbound.KindReply:
		in.Kind = cadence.Reply
	case inbound.KindAutoReply:
		switch c.Subkind {
		case inbound.AutoOutOfOffice:
			in.Kind, in.Date = cadence.OutOfOffice, dayOf(c.ReturnDate)
		case inbound.AutoLeftCompany:
			in.Kind, in.Named = cadence.LeftCompany, len(c.Contacts) > 0
		default:
			means = false
		}
	case inbound.KindDelayed, inbound.KindDelivered, inbound.KindOther:
		means = false
	}
	if found.purpose == token.Unsubscribe && written(c.Kind) { // whoever writes there wants out, whatever the words and whichever program wrote it
		in.Kind, in.Date, in.Named, means = cadence.Unsubscribe, nil, false, true
	}
	in.ExternalID = mailEventID(in, read)
	return in, means
}

// bounceKind is how bad a bounce is for the address that the touch went to; a report on several recipients may fail only some.
func bounceKind(c inbound.Classification, found mailMatch) (cadence.ResponseKind, string) {
	severity, reason := "", c.Why
	for _, r := range c.Recipients {
		ours := found.touch != nil && strings.EqualFold(r.Address, found.touch.Address)
		if severity == "" || ours {
			severity, reason = r.Severity, strings.TrimSpace(r.Status+" "+r.Reason)
		}
		if ours {
			break
		}
	}
	switch severity {
	case inbound.Hard:
		return cadence.HardBounce, reason
	case inbound.Policy:
		return cadence.PolicyBounce, reason
	}
	return cadence.SoftBounce, reason
}

// dayOf reads a YYYY-MM-DD as the lead's whole day; nil for "".
func dayOf(date string) *time.Time {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return nil
	}
	return &t
}

// mailEventID is by what a mail's response is known: the same mail over two mailboxes is one response. The lead is part of it, so that
// nobody can keep another lead's mail out by using its Message-ID first. A Message-ID may be of any length, and an index entry not.
func mailEventID(in ResponseInput, read mailReading) string {
	id := read.messageID
	if id == "" {
		id = hex.EncodeToString(read.digest[:])
	}
	if len(id) > 300 {
		sum := sha256.Sum256([]byte(id))
		id = hex.EncodeToString(sum[:])
	}
	return fmt.Sprintf("%d %s %s", in.LeadID, in.Kind, id)
}

// respondToMail takes a mail in as a response, and writes what was said into the task that it opens.
func (e *Engine) respondToMail(ctx context.Context, tx pgx.Tx, now time.Time, in ResponseInput, c inbound.Classification) (int64, error) {
	ids, err := e.respondIn(ctx, tx, now, []ResponseInput{in})
	if err != nil || ids[0] == 0 {
		return 0, err
	}
	switch {
	case in.Kind == cadence.Reply:
		err = store.DescribeTask(ctx, tx, in.LeadID, cadence.TaskTriage, taskText(c), now)
	case in.Named:
		err = store.DescribeTask(ctx, tx, in.LeadID, cadence.TaskReferral, taskText(c), now)
	}
	return ids[0], err
}

// taskText is what an SDR reads in the task about a mail: the words, and what they probably mean. The suggestion decides nothing.
func taskText(c inbound.Classification) string {
	text := strings.TrimSpace(c.VisibleText)
	if text == "" {
		text = "(the mail has no text)"
	}
	if c.SuggestedMeaning != "" {
		text += "\n\nThis probably means: " + strings.ReplaceAll(c.SuggestedMeaning, "_", " ")
		if c.ReturnDate != "" {
			text += ", " + c.ReturnDate
		}
	}
	if len(c.Contacts) > 0 {
		text += "\n\nNamed: " + strings.Join(c.Contacts, ", ")
	}
	return text
}
