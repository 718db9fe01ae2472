package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels/email/inbound"
	"nurture/internal/dnsname"
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
	in := ResponseInput{LeadID: found.leadID, Source: "mail", Said: c.VisibleText, By: read.sender, People: namedIn(c)}
	if found.touch != nil {
		in.TouchID = found.touch.TouchID
	}
	means := true
	switch c.Kind {
	case inbound.KindComplaint:
		in.Kind, in.Said = cadence.Complaint, c.Why
	case inbound.KindBounce:
		in.Kind, in.Said, means = bounceKind(c, found)
		in.hearsay = !read.nullSender || !reportsOn(c, found)
	case inbound.KindUnsubscribe:
		in.Kind = cadence.Unsubscribe
	case inbound.KindReply:
		in.Kind = cadence.Reply
	case inbound.KindAutoReply:
		switch c.Subkind {
		case inbound.AutoOutOfOffice:
			in.Kind, in.Date = cadence.OutOfOffice, dayOf(c.ReturnDate)
		case inbound.AutoLeftCompany:
			in.Kind, in.Named = cadence.LeftCompany, len(c.Contacts)+len(c.People) > 0
		default:
			means = false
		}
	case inbound.KindDelayed, inbound.KindDelivered, inbound.KindOther:
		means = false
	}
	if found.purpose == token.Unsubscribe && written(c.Kind) { // whoever writes there wants out, whatever the words and whichever program wrote it
		in.Kind, in.Date, in.Named, in.People, means = cadence.Unsubscribe, nil, false, nil, true
	}
	in.ExternalID = mailEventID(in, read)
	return in, means
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

// mailNews is what a mail that is stored tells its lead's cadence.
type mailNews struct {
	mailID         int64
	in             ResponseInput
	classification inbound.Classification
	subject        string
	remarks        []string // see remarksOn
	stop           []string // see stopsToo
}

// stopsToo are the addresses beside the lead's own that nothing may be sent to any more: that from which somebody asked, whoever has it, and
// that to which the mail went, if the lead has another one since.
func stopsToo(in ResponseInput, read mailReading, found mailMatch) []string {
	var addresses []string
	if in.Kind == cadence.Unsubscribe && hasSender(read) && (read.forged == "" || found.touch == nil) {
		addresses = append(addresses, dnsname.Spellings(read.sender)...)
	}
	if (in.Kind == cadence.Unsubscribe || in.Kind == cadence.Complaint) && found.touch != nil && found.touch.Address != "" {
		addresses = append(addresses, found.touch.Address)
	}
	return addresses
}

// remarksOn are what the reader of a task should know of a mail beside its words: that it was not read whole, and that it came from another address
// than the one that our mail went to, be it a colleague's who was handed it or one more of the lead's own.
func remarksOn(note string, read mailReading, found mailMatch) []string {
	var remarks []string
	if note != "" { // the words may be in what was not read
		remarks = append(remarks, "Look at the mail itself: "+note)
	}
	if found.touch != nil && found.touch.Address != "" && hasSender(read) && !sameMailbox(read.sender, found.touch.Address) {
		remarks = append(remarks, "Written from "+read.sender+"; our mail went to "+found.touch.Address)
	}
	return remarks
}

// tellOfMails takes mails in as responses, and notes with each what it became. Of several mails of one lead each acts as if it had come by
// itself.
func (e *Engine) tellOfMails(ctx context.Context, tx pgx.Tx, now time.Time, news []mailNews) error {
	if len(news) == 0 {
		return nil
	}
	leadIDs := make([]int64, len(news))
	var out []int64
	var stops []store.Suppression
	for i, n := range news {
		leadIDs[i] = n.in.LeadID
		if n.in.Kind == cadence.Unsubscribe || n.in.Kind == cadence.Complaint {
			out = append(out, n.in.LeadID)
		}
		for _, address := range n.stop {
			stops = append(stops, store.Suppression{Address: address, Scope: cadence.SuppressAll, Reason: string(cadence.ReasonOptedOut)})
		}
	}
	others, err := alsoStopped(ctx, tx, stops, out)
	if err != nil {
		return err
	}
	leadIDs = append(leadIDs, distinctLeads(others)...)
	// All at once, in the one order, and only after the last mail is stored: so no transaction waits for a mail that another stores while that
	// one waits for an enrolment.
	if _, err := lockLatest(ctx, tx, leadIDs); err != nil {
		return err
	}
	var mails, responses []int64
	for len(news) > 0 {
		var wave, later []mailNews
		seen := map[int64]bool{}
		for _, n := range news {
			if seen[n.in.LeadID] {
				later = append(later, n)
				continue
			}
			seen[n.in.LeadID] = true
			wave = append(wave, n)
		}
		ids, err := e.respondToMails(ctx, tx, now, wave)
		if err != nil {
			return err
		}
		for i, id := range ids {
			if id != 0 {
				mails, responses = append(mails, wave[i].mailID), append(responses, id)
			}
		}
		news = later
	}
	if err := store.SetInboundResponses(ctx, tx, mails, responses); err != nil {
		return err
	}
	return e.stopOthers(ctx, tx, now, stops, others)
}

// stopOthers bars addresses, and tells the cadences of the leads that have them, which are locked.
func (e *Engine) stopOthers(ctx context.Context, tx pgx.Tx, now time.Time, stops []store.Suppression, others []store.LeadAt) error {
	latest, err := lockLatest(ctx, tx, distinctLeads(others)) // again: a colleague's mail may have moved one on
	if err != nil {
		return err
	}
	if err := store.InsertSuppressions(ctx, tx, stops, now); err != nil {
		return err
	}
	return e.leaveAlone(ctx, tx, now, others, stops, latest)
}

// alsoStopped are the leads that have an address to which nothing may be sent any more, save those whose own mail says so.
func alsoStopped(ctx context.Context, tx pgx.Tx, stops []store.Suppression, out []int64) ([]store.LeadAt, error) {
	if len(stops) == 0 {
		return nil, nil
	}
	addresses := make([]string, len(stops))
	for i, s := range stops {
		addresses[i] = s.Address
	}
	leads, err := store.LeadsAt(ctx, tx, addresses)
	return slices.DeleteFunc(leads, func(l store.LeadAt) bool { return slices.Contains(out, l.LeadID) }), err
}

// respondToMails takes in a mail each of some leads as a response, and writes what was said into the task that it opens. It returns the
// response ids in order, 0 for one that was known.
func (e *Engine) respondToMails(ctx context.Context, tx pgx.Tx, now time.Time, news []mailNews) ([]int64, error) {
	inputs := make([]ResponseInput, len(news))
	for i, n := range news {
		inputs[i] = n.in
	}
	ids, err := e.respondIn(ctx, tx, now, inputs)
	if err != nil {
		return nil, err
	}
	var texts []store.TaskText
	for i, n := range news {
		kind := cadence.TaskTriage
		if n.in.Kind != cadence.Reply {
			kind = cadence.TaskReferral
		}
		if ids[i] != 0 && (n.in.Kind == cadence.Reply || n.in.Named) {
			texts = append(texts, store.TaskText{LeadID: n.in.LeadID, Kind: kind, Text: taskText(n)})
		}
	}
	return ids, store.DescribeTasks(ctx, tx, texts, now)
}

// taskText is what an SDR reads in the task about a mail: the words, and what they probably mean. The suggestion decides nothing.
func taskText(n mailNews) string {
	c := n.classification
	text := strings.TrimSpace(c.VisibleText)
	if text == "" {
		text = "(the mail has no text)"
		if n.subject != "" {
			text = "(the mail has no text; its subject is: " + n.subject + ")"
		}
	}
	for _, remark := range n.remarks {
		text += "\n\n" + remark
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
