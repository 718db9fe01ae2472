package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/channels/email/inbound"
	"nurture/config"
	"nurture/internal/token"
	"nurture/store"
)

// ArrivedMail is a mail as a mailbox or a provider hands it over.
type ArrivedMail struct {
	// Source and ExternalID identify it: the same pair a second time changes nothing (D10), nor does the same mail from another source.
	Source, ExternalID string
	Raw                []byte
	ReceivedAt         time.Time // zero is now
	Note               string    // what the reader should know, such as that it was too large to be taken whole
}

// TakenMail says what became of a mail.
type TakenMail struct {
	ID      int64              `json:"id"`      // 0 when it was known already
	State   store.InboundState `json:"state"`   // taken, or unmatched: it waits for a person
	Kind    inbound.Kind       `json:"kind"`    //
	LeadID  int64              `json:"lead_id"` // 0 when nobody was found
	Because string             `json:"because"` // how it was matched, or why not
}

// TakeMail reads a mail, finds whose it is, and lets the cadence react, in one transaction: whoever hands it over may forget it when
// TakeMail has returned without an error, and must hand it over again when not (K5). A mail that cannot be read, matched or stored as what
// it is waits for a person, whole (D9).
func (e *Engine) TakeMail(ctx context.Context, mail ArrivedMail) (TakenMail, error) {
	read := e.readMail(mail.Raw)
	var taken TakenMail
	take := func(match func(pgx.Tx) (mailMatch, error)) error {
		return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
			found, err := match(tx)
			if err != nil {
				return err
			}
			taken, err = e.storeMail(ctx, tx, now, mail, read, found)
			return err
		})
	}
	err := take(func(tx pgx.Tx) (mailMatch, error) { return e.matchMail(ctx, tx, read) })
	if spoilt(err) {
		e.log.ErrorContext(ctx, "a mail cannot be taken as what it is and waits for a person", "source", mail.Source, "id", mail.ExternalID, "error", err)
		because := "it could not be taken in: " + firstLine(err.Error())
		err = take(func(pgx.Tx) (mailMatch, error) { return mailMatch{because: because}, nil })
	}
	return taken, err
}

// mailReading is what a mail's bytes say. All its text is fit for the database.
type mailReading struct {
	inbound.Classification
	refs                       inbound.References
	sender, subject, messageID string
	digest                     [sha256.Size]byte
}

// readMail never fails: of what it cannot read it says so, and the mail waits for a person.
func (e *Engine) readMail(raw []byte) (r mailReading) {
	defer func() {
		if p := recover(); p != nil {
			e.log.Error("reading a mail panicked; it waits for a person", "panic", p)
			r = mailReading{Classification: inbound.Classification{
				Kind: inbound.KindOther, Subkind: unreadable, Recipients: []inbound.Recipient{}, Why: "the program failed on it, which is a defect",
			}}
		}
		r.digest = sha256.Sum256(raw)
	}()
	m := inbound.Parse(raw)
	r = mailReading{
		Classification: e.classify(m, e.now()), refs: m.References(), sender: store.Clean(m.Sender()), subject: store.Clean(m.Subject()),
		messageID: store.Clean(strings.Trim(m.Header.Get("Message-ID"), "<> ")),
	}
	r.refs.Sender = store.Clean(r.refs.Sender)
	for _, text := range []*string{&r.Subkind, &r.Why, &r.VisibleText, &r.ReturnDate, &r.SuggestedMeaning} {
		*text = store.Clean(*text)
	}
	for i, to := range r.Recipients {
		r.Recipients[i] = inbound.Recipient{
			Address: store.Clean(to.Address), Severity: to.Severity, Status: store.Clean(to.Status), Reason: store.Clean(to.Reason),
		}
	}
	for _, list := range [][]string{r.Contacts, r.refs.MessageIDs, r.refs.OriginalMessageIDs} {
		for i := range list {
			list[i] = store.Clean(list[i])
		}
	}
	return r
}

// mailMatch is whose mail it is; the zero lead is nobody's.
type mailMatch struct {
	leadID  int64
	touch   *store.TouchRef // nil when only the lead is known
	purpose token.Purpose   // of the token that it was sent to; 0 for none
	ours    bool            // one of our own people wrote it
	because string
}

// matchMail finds whose mail it is: by a token in an address, then by the Message-ID that it answers or returns, then by its sender. Never by
// its body. What would silence a lead for good (a bounce, a complaint) is not believed on the sender's word alone: anybody can write that.
func (e *Engine) matchMail(ctx context.Context, tx pgx.Tx, read mailReading) (mailMatch, error) {
	found, err := e.matchTouch(ctx, tx, read.refs)
	if err != nil {
		return mailMatch{}, err
	}
	if found.leadID != 0 {
		found.ours, err = e.fromOurs(ctx, tx, read, found.leadID)
		return found, err
	}
	switch read.Kind {
	case inbound.KindBounce, inbound.KindComplaint, inbound.KindDelayed, inbound.KindDelivered:
		return mailMatch{because: "it names no mail of ours by token or Message-ID"}, nil
	case inbound.KindAutoReply, inbound.KindUnsubscribe, inbound.KindReply, inbound.KindOther:
	}
	leads, err := store.LeadsByEmail(ctx, tx, read.refs.Sender)
	switch {
	case err != nil:
		return mailMatch{}, err
	case len(leads) == 1:
		return mailMatch{leadID: leads[0].ID, because: "the sender's address"}, nil
	case len(leads) > 1:
		return mailMatch{because: fmt.Sprintf("%d leads have the sender's address %s", len(leads), read.refs.Sender)}, nil
	}
	return mailMatch{because: "no lead is known by a token, a Message-ID or the sender's address"}, nil
}

// matchTouch finds the touch that a mail answers or returns.
func (e *Engine) matchTouch(ctx context.Context, tx pgx.Tx, refs inbound.References) (mailMatch, error) {
	for _, tag := range append(slices.Clone(refs.Tags), refs.OriginalTags...) {
		for _, purpose := range []token.Purpose{token.Reply, token.Bounce, token.Unsubscribe} {
			touchID, err := e.tokens.Open(purpose, tag)
			if err != nil {
				continue
			}
			touches, err := store.TouchRefs(ctx, tx, []int64{touchID})
			if err != nil {
				return mailMatch{}, err
			}
			if len(touches) > 0 {
				return mailMatch{leadID: touches[0].LeadID, touch: &touches[0], purpose: purpose, because: "the token in the address"}, nil
			}
		}
	}
	ids, messageIDs := ourMessages(refs.MessageIDs, refs.OriginalMessageIDs)
	touches, err := store.TouchesSentAs(ctx, tx, ids, messageIDs)
	if err != nil || len(touches) == 0 {
		return mailMatch{}, err
	}
	return mailMatch{leadID: touches[0].LeadID, touch: &touches[0], because: "the Message-ID that it refers to"}, nil
}

// fromOurs says whether one of our own people wrote a mail of a lead's thread: a copy of what was sent, or an SDR who answers the lead. It must
// not pass for the lead's answer.
func (e *Engine) fromOurs(ctx context.Context, tx pgx.Tx, read mailReading, leadID int64) (bool, error) {
	if !written(read.Kind) || read.sender == "" {
		return false, nil
	}
	current, err := e.liveNow(ctx, tx)
	if errors.Is(err, ErrNotReady) {
		return false, nil
	}
	if err != nil || !slices.ContainsFunc(ownAddresses(current.config.Settings), func(own string) bool { return strings.EqualFold(own, read.sender) }) {
		return false, err
	}
	leads, err := store.Leads(ctx, tx, []int64{leadID})
	if err != nil {
		return false, err
	}
	return len(leads) == 1 && !strings.EqualFold(leads[0].Email, read.sender), nil
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

// storeMail keeps the mail and lets the lead's cadence react.
func (e *Engine) storeMail(ctx context.Context, tx pgx.Tx, now time.Time, mail ArrivedMail, read mailReading, found mailMatch) (TakenMail, error) {
	classified, err := json.Marshal(read.Classification)
	if err != nil {
		return TakenMail{}, err
	}
	row := store.InboundMail{
		Source: mail.Source, ExternalID: mail.ExternalID, Digest: read.digest[:], Sender: read.sender, Subject: read.subject, Kind: string(read.Kind),
		Why: read.Why, Classification: classified, State: store.InboundTaken, Note: joinNotes(found.because, mail.Note), ReceivedAt: mail.ReceivedAt,
	}
	if row.ReceivedAt.IsZero() || row.ReceivedAt.After(now) {
		row.ReceivedAt = now
	}
	in, means := mailResponse(read, found)
	switch {
	case found.ours:
		row.Note, means = joinNotes("one of our own people wrote it", row.Note), false
	case found.leadID == 0, !means && needsPerson(read.Classification):
		row.State, row.Raw = store.InboundUnmatched, append([]byte{}, mail.Raw...) // never NULL, not even for an empty mail
	}
	if found.leadID != 0 {
		row.LeadID = &found.leadID
	}
	if found.touch != nil {
		row.TouchID = &found.touch.TouchID
	}
	taken := TakenMail{State: row.State, Kind: read.Kind, LeadID: found.leadID, Because: row.Note}
	if taken.ID, err = store.InsertInbound(ctx, tx, row); err != nil || taken.ID == 0 || row.State == store.InboundUnmatched || !means {
		return taken, err
	}
	in.At = row.ReceivedAt
	responseID, err := e.respondToMail(ctx, tx, now, in, read.Classification)
	if err != nil || responseID == 0 {
		return taken, err
	}
	return taken, store.ResolveInbound(ctx, tx, taken.ID, store.InboundTaken, nil, &responseID, row.Note)
}

func joinNotes(notes ...string) string {
	return strings.Join(slices.DeleteFunc(notes, func(s string) bool { return s == "" }), "; ")
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
