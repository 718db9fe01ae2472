package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// ErrNotWaiting is returned, wrapped, for a mail that no longer waits for a person.
var ErrNotWaiting = errors.New("not waiting")

// AssignMail gives an unmatched mail to a lead, by a person's word: it is then taken as what it is, or as kind when that is given. It returns
// as what it was taken; "" when it tells a cadence nothing.
func (e *Engine) AssignMail(ctx context.Context, mailID, leadID int64, kind cadence.ResponseKind, by string) (cadence.ResponseKind, error) {
	var as cadence.ResponseKind
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		as = ""
		row, err := lockWaiting(ctx, tx, mailID)
		if err != nil {
			return err
		}
		read := e.readMail(row.Raw)
		found := mailMatch{leadID: leadID}
		if row.TouchID != nil && row.LeadID != nil && *row.LeadID == leadID {
			touches, err := store.TouchRefs(ctx, tx, []int64{*row.TouchID})
			if err != nil {
				return err
			}
			if len(touches) == 1 {
				found.touch = &touches[0]
			}
		}
		in, means := mailResponse(read, found)
		if kind != "" && kind != in.Kind {
			in.Kind, in.Date, in.Named, means = kind, dayOf(read.ReturnDate), false, true
			in.ExternalID = mailEventID(in, read)
		}
		note := joinNotes("assigned by "+by, row.Note)
		if !means {
			return store.ResolveInbound(ctx, tx, mailID, store.InboundTaken, &leadID, nil, note)
		}
		as, in.At = in.Kind, row.ReceivedAt
		news := mailNews{
			mailID: mailID, in: in, classification: read.Classification, subject: read.subject, remarks: remarksOn("", read, found), stop: stopsToo(in, read, found),
		}
		if err := e.tellOfMails(ctx, tx, now, []mailNews{news}); err != nil {
			return err
		}
		return store.ResolveInbound(ctx, tx, mailID, store.InboundTaken, &leadID, nil, note)
	})
	return as, err
}

// ReadMail loads a mail and what its sender wrote, as plain text without quote and signature; text is "" once the mail is settled and its bytes
// are gone. store.ErrNotFound when there is none.
func (e *Engine) ReadMail(ctx context.Context, mailID int64) (mail store.InboundMail, text string, err error) {
	mail, err = store.GetInbound(ctx, e.pool, mailID)
	if err == nil && mail.Raw != nil {
		text = e.readMail(mail.Raw).VisibleText
	}
	return mail, text, err
}

// SetMailAside takes an unmatched mail off the list, by a person's word.
func (e *Engine) SetMailAside(ctx context.Context, mailID int64, by string) error {
	return e.inTx(ctx, func(tx pgx.Tx, _ time.Time) error {
		row, err := lockWaiting(ctx, tx, mailID)
		if err != nil {
			return err
		}
		return store.ResolveInbound(ctx, tx, mailID, store.InboundSetAside, nil, nil, joinNotes("set aside by "+by, row.Note))
	})
}

func lockWaiting(ctx context.Context, tx pgx.Tx, mailID int64) (store.InboundMail, error) {
	row, err := store.LockInbound(ctx, tx, mailID)
	if err == nil && row.State != store.InboundUnmatched {
		err = fmt.Errorf("mail %d is %w for a person: %s", mailID, ErrNotWaiting, row.Note)
	}
	return row, err
}
