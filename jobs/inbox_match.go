package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/channels/email/inbound"
	"nurture/config"
	"nurture/internal/dnsname"
	"nurture/internal/token"
	"nurture/store"
)

// mailMatch is whose mail it is; the zero lead is nobody's.
type mailMatch struct {
	leadID  int64
	touch   *store.TouchRef // nil when only the lead is known
	purpose token.Purpose   // of the token that it was sent to; 0 for none
	ours    bool            // one of our own people wrote it
	since   time.Time       // when the lead came, where it is known by its sender alone
	because string
}

// matchMails finds whose each mail is: by a token in an address, then by the Message-ID that it answers or returns, then by its sender. Never
// by its body. What would silence a lead for good (a bounce, a complaint) is not believed on the sender's word alone: anybody can write that.
func (e *Engine) matchMails(ctx context.Context, tx pgx.Tx, reads []mailReading) ([]mailMatch, error) {
	found, err := e.matchTouches(ctx, tx, reads)
	if err != nil {
		return nil, err
	}
	if err := e.findOurs(ctx, tx, reads, found); err != nil {
		return nil, err
	}
	var senders []string
	for i, read := range reads {
		if found[i].leadID == 0 && written(read.Kind) {
			senders = append(senders, dnsname.Spellings(read.refs.Sender)...)
		}
	}
	leads, err := store.LeadsByEmail(ctx, tx, senders)
	if err != nil {
		return nil, err
	}
	for i, read := range reads {
		if found[i].leadID == 0 {
			var owners []int64
			for _, sender := range dnsname.Spellings(read.refs.Sender) {
				owners = append(owners, leads[sender]...)
			}
			found[i] = matchSender(read, owners)
		}
	}
	return found, knownSince(ctx, tx, found)
}

// knownSince notes when the leads came whose mail it is by the sender's address alone: a mailbox that is read for the first time is full of
// mail from before, which answers nothing of ours.
func knownSince(ctx context.Context, tx pgx.Tx, found []mailMatch) error {
	var leadIDs []int64
	for _, f := range found {
		if f.leadID != 0 && f.touch == nil {
			leadIDs = append(leadIDs, f.leadID)
		}
	}
	if len(leadIDs) == 0 {
		return nil
	}
	leads, err := store.Leads(ctx, tx, leadIDs)
	if err != nil {
		return err
	}
	for i, f := range found {
		if at := slices.IndexFunc(leads, func(l store.Lead) bool { return l.ID == f.leadID }); f.touch == nil && at >= 0 {
			found[i].since = leads[at].CreatedAt
		}
	}
	return nil
}

// matchSender says whose mail it is that no token and no Message-ID tells of; leads have its sender's address.
func matchSender(read mailReading, leads []int64) mailMatch {
	switch {
	case !written(read.Kind):
		return mailMatch{because: "it names no mail of ours by token or Message-ID"}
	case len(leads) == 1:
		return mailMatch{leadID: leads[0], because: "the sender's address"}
	case len(leads) > 1 && read.Kind == inbound.KindUnsubscribe: // all are left alone: see stopsToo
		return mailMatch{leadID: leads[0], because: fmt.Sprintf("the sender's address, which %d leads have", len(leads))}
	case len(leads) > 1:
		return mailMatch{because: fmt.Sprintf("%d leads have the sender's address %s", len(leads), read.refs.Sender)}
	}
	return mailMatch{because: "no lead is known by a token, a Message-ID or the sender's address"}
}

// tokenPurposes are what a token in an address may be for.
var tokenPurposes = []token.Purpose{token.Reply, token.Bounce, token.Unsubscribe}

// tagTouches gives the touches that the tokens in the addresses of a mail name, in order, be they there or not.
func (e *Engine) tagTouches(refs inbound.References) (touches []int64, purposes []token.Purpose) {
	for _, tag := range append(slices.Clone(refs.Tags), refs.OriginalTags...) {
		for _, purpose := range tokenPurposes {
			if id, err := e.tokens.Open(purpose, tag); err == nil {
				touches, purposes = append(touches, id), append(purposes, purpose)
			}
		}
	}
	return touches, purposes
}

// matchTouches finds the touch that each mail answers or returns; the zero mailMatch where there is none.
func (e *Engine) matchTouches(ctx context.Context, tx pgx.Tx, reads []mailReading) ([]mailMatch, error) {
	var touchIDs []int64
	var messageIDs []string
	for _, read := range reads {
		ids, _ := e.tagTouches(read.refs)
		touchIDs = append(touchIDs, ids...)
		messageIDs = append(append(messageIDs, read.refs.MessageIDs...), read.refs.OriginalMessageIDs...)
	}
	touches := map[int64]store.TouchRef{}
	if len(touchIDs) > 0 {
		refs, err := store.TouchRefs(ctx, tx, touchIDs)
		if err != nil {
			return nil, err
		}
		for _, t := range refs {
			touches[t.TouchID] = t
		}
	}
	named, ours := ourMessages(messageIDs)
	sent, err := store.TouchesSentAs(ctx, tx, named, ours)
	if err != nil {
		return nil, err
	}
	found := make([]mailMatch, len(reads))
	for i, read := range reads {
		found[i] = e.matchTouch(read.refs, touches, sent)
	}
	return found, nil
}

func (e *Engine) matchTouch(refs inbound.References, touches map[int64]store.TouchRef, sent map[string]store.TouchRef) mailMatch {
	ids, purposes := e.tagTouches(refs)
	for i, id := range ids {
		if t, ok := touches[id]; ok {
			return mailMatch{leadID: t.LeadID, touch: &t, purpose: purposes[i], because: "the token in the address"}
		}
	}
	for _, id := range append(slices.Clone(refs.MessageIDs), refs.OriginalMessageIDs...) {
		if t, ok := sent[id]; ok {
			return mailMatch{leadID: t.LeadID, touch: &t, because: "the Message-ID that it refers to"}
		}
	}
	return mailMatch{}
}

// findOurs notes of each mail of a lead's thread whether one of our own people wrote it: a copy of what was sent, or an SDR who answers the
// lead. It must not pass for the lead's answer.
func (e *Engine) findOurs(ctx context.Context, tx pgx.Tx, reads []mailReading, found []mailMatch) error {
	var leadIDs []int64
	for i, read := range reads {
		if found[i].leadID != 0 && written(read.Kind) && read.sender != "" {
			leadIDs = append(leadIDs, found[i].leadID)
		}
	}
	if len(leadIDs) == 0 {
		return nil
	}
	current, err := e.liveNow(ctx, tx)
	if errors.Is(err, ErrNotReady) {
		return nil
	}
	if err != nil {
		return err
	}
	leads, err := store.Leads(ctx, tx, leadIDs)
	if err != nil {
		return err
	}
	addresses := make(map[int64]string, len(leads))
	for _, l := range leads {
		addresses[l.ID] = l.Email
	}
	own := ownAddresses(current.config.Settings)
	for i, read := range reads {
		if found[i].leadID == 0 || !written(read.Kind) || read.sender == "" {
			continue
		}
		theirs, known := addresses[found[i].leadID]
		found[i].ours = known && !dnsname.Same(theirs, read.sender) &&
			slices.ContainsFunc(own, func(one string) bool { return dnsname.Same(one, read.sender) })
	}
	return nil
}

// written says whether somebody, or a machine in somebody's name, wrote a mail: it is no report of a mail system.
func written(kind inbound.Kind) bool {
	switch kind {
	case inbound.KindReply, inbound.KindUnsubscribe, inbound.KindAutoReply, inbound.KindOther:
		return true
	case inbound.KindBounce, inbound.KindDelayed, inbound.KindComplaint, inbound.KindDelivered:
	}
	return false
}

// ownAddresses are those of the people who work here and of the mailboxes that write.
func ownAddresses(s config.Settings) []string {
	own := []string{s.Team.Manager.Email, s.Mail.Replies, s.Mail.Bounces, s.Mail.Unsubscribe}
	for _, sender := range s.Senders {
		own = append(own, sender.Email, sender.ReplyTo)
	}
	for _, sdr := range s.Team.SDRs {
		own = append(own, sdr.Email)
	}
	for _, rep := range s.Team.Reps {
		own = append(own, rep.Email)
	}
	return own
}
