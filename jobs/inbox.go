package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels/email/inbound"
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

// TakeMail is TakeMails of one.
func (e *Engine) TakeMail(ctx context.Context, mail ArrivedMail) (TakenMail, error) {
	taken, errs := e.TakeMails(ctx, []ArrivedMail{mail})
	return taken[0], errs[0]
}

// TakeMails reads mails, finds whose they are, and lets the cadences react, in one transaction: whoever hands a mail over may forget it when
// TakeMails has returned no error for it, and must hand it over again when it has (K5). A mail that cannot be read, matched or stored as what
// it is waits for a person, whole (D9), and does not hold up the others. Both results are in the order of the mails.
func (e *Engine) TakeMails(ctx context.Context, mails []ArrivedMail) ([]TakenMail, []error) {
	errs := make([]error, len(mails))
	if len(mails) == 0 {
		return nil, errs
	}
	reads := make([]mailReading, len(mails))
	for i, mail := range mails {
		reads[i] = e.readMail(mail.Raw)
	}
	taken, err := e.takeRead(ctx, mails, reads, e.matchMails)
	if err == nil {
		return taken, errs
	}
	taken = make([]TakenMail, len(mails))
	for i := range mails {
		if errs[i] = err; spoilt(err) { // by one of them: each alone
			taken[i], errs[i] = e.takeAlone(ctx, mails[i], reads[i])
		}
	}
	return taken, errs
}

// takeAlone takes in a mail that may be what a batch failed for.
func (e *Engine) takeAlone(ctx context.Context, mail ArrivedMail, read mailReading) (TakenMail, error) {
	mails, reads := []ArrivedMail{mail}, []mailReading{read}
	taken, err := e.takeRead(ctx, mails, reads, e.matchMails)
	if spoilt(err) {
		e.log.ErrorContext(ctx, "a mail cannot be taken as what it is and waits for a person", "source", mail.Source, "id", mail.ExternalID, "error", err)
		unmatched := []mailMatch{{because: "it could not be taken in: " + firstLine(err.Error())}}
		taken, err = e.takeRead(ctx, mails, reads, func(context.Context, pgx.Tx, []mailReading) ([]mailMatch, error) { return unmatched, nil })
	}
	if err != nil {
		return TakenMail{}, err
	}
	return taken[0], nil
}

func (e *Engine) takeRead(ctx context.Context, mails []ArrivedMail, reads []mailReading,
	match func(context.Context, pgx.Tx, []mailReading) ([]mailMatch, error),
) (taken []TakenMail, err error) {
	err = e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		found, err := match(ctx, tx, reads)
		if err != nil {
			return err
		}
		taken, err = e.storeMails(ctx, tx, now, mails, reads, found)
		return err
	})
	return taken, err
}

// mailReading is what a mail's bytes say. All its text is fit for the database.
type mailReading struct {
	inbound.Classification
	refs                       inbound.References
	sender, subject, messageID string
	digest                     [sha256.Size]byte
	nullSender                 bool   // see inbound.Message.NullSender
	forged                     string // see inbound.Message.Forged
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
		messageID: store.Clean(strings.Trim(m.Header.Get("Message-ID"), "<> ")), nullSender: m.NullSender(),
		forged: m.Forged(),
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

// storeMails keeps mails and lets their leads' cadences react.
func (e *Engine) storeMails(ctx context.Context, tx pgx.Tx, now time.Time, mails []ArrivedMail, reads []mailReading, found []mailMatch) ([]TakenMail, error) {
	rows, taken := make([]store.InboundMail, len(mails)), make([]TakenMail, len(mails))
	tells := make([]*ResponseInput, len(mails))
	for i := range mails {
		var err error
		if rows[i], tells[i], err = mailRow(now, mails[i], reads[i], found[i]); err != nil {
			return nil, err
		}
		taken[i] = TakenMail{State: rows[i].State, Kind: reads[i].Kind, LeadID: found[i].leadID, Because: rows[i].Note}
	}
	ids, err := store.InsertInbounds(ctx, tx, rows)
	if err != nil {
		return nil, err
	}
	var news []mailNews
	var strangers []store.Suppression
	for i, id := range ids {
		if id != 0 && strangerAsksOut(reads[i], found[i]) {
			strangers = append(strangers, store.Suppression{Address: reads[i].sender, Scope: cadence.SuppressAll, Reason: string(cadence.ReasonOptedOut)})
		}
		if taken[i].ID = id; id != 0 && tells[i] != nil {
			news = append(news, mailNews{
				mailID: id, in: *tells[i], classification: reads[i].Classification, subject: reads[i].subject,
				remarks: remarksOn(mails[i].Note, reads[i], found[i]), stop: stopsToo(*tells[i], reads[i], found[i]),
			})
		}
	}
	if err := e.tellOfMails(ctx, tx, now, news); err != nil || len(strangers) == 0 {
		return taken, err
	}
	return taken, store.InsertSuppressions(ctx, tx, strangers, now)
}

// strangerAsksOut reports a request to be left alone from an address that no lead has: it is heeded should a lead get it, whoever the
// mail is assigned to. Nobody is to bar others by writing their address into From. A lead whose mail it answers, or that has the address, is left
// alone all the same: for leads the doubt counts as a wish.
func strangerAsksOut(read mailReading, found mailMatch) bool {
	return found.leadID == 0 && read.Kind == inbound.KindUnsubscribe && hasSender(read) && read.forged == ""
}

func hasSender(read mailReading) bool { return strings.Index(read.sender, "@") > 0 }

// clocksApart is how far a mail server's clock and zone may be from ours.
const clocksApart = 24 * time.Hour

// mailRow is a mail as it is kept, and what it tells its lead's cadence; nil for nothing.
func mailRow(now time.Time, mail ArrivedMail, read mailReading, found mailMatch) (store.InboundMail, *ResponseInput, error) {
	classified, err := json.Marshal(read.Classification)
	if err != nil {
		return store.InboundMail{}, nil, err
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
	case row.ReceivedAt.Add(clocksApart).Before(found.since) && in.Kind != cadence.Unsubscribe:
		row.Note, means = joinNotes("it came before the lead did", row.Note), false
	case found.leadID == 0, !means && needsPerson(read.Classification):
		switch {
		case strangerAsksOut(read, found):
			row.Note = joinNotes(row.Note, "its sender is barred")
		case found.leadID == 0 && read.Kind == inbound.KindUnsubscribe && read.forged != "":
			row.Note = joinNotes(row.Note, "its sender is not barred, for the mail server calls the address forged ("+read.forged+")")
		}
		row.State, row.Raw = store.InboundUnmatched, append([]byte{}, mail.Raw...) // never NULL, not even for an empty mail
	}
	if found.leadID != 0 {
		row.LeadID = &found.leadID
	}
	if found.touch != nil {
		row.TouchID = &found.touch.TouchID
	}
	if !means || row.State == store.InboundUnmatched {
		return row, nil, nil
	}
	in.At = row.ReceivedAt
	return row, &in, nil
}

func joinNotes(notes ...string) string {
	return strings.Join(slices.DeleteFunc(notes, func(s string) bool { return s == "" }), "; ")
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
