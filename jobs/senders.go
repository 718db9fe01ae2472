package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// bounceBy is when a mail that has not bounced counts as arrived: mail systems give up after five days at most (RFC 5321, section 4.5.4.1).
const bounceBy = 7 * 24 * time.Hour

// countSoftBounces notes in each soft bounce how many the lead's mail has met in a row, this one included. The responses are stored already.
func countSoftBounces(ctx context.Context, tx pgx.Tx, now time.Time, news []ResponseInput) error {
	var leadIDs []int64
	for _, in := range news {
		if in.Kind == cadence.SoftBounce {
			leadIDs = append(leadIDs, in.LeadID)
		}
	}
	if len(leadIDs) == 0 {
		return nil
	}
	slices.Sort(leadIDs)
	counts, err := store.SoftBouncesInARow(ctx, tx, slices.Compact(leadIDs), cadence.KindsThatShowLife(), now.Add(-bounceBy))
	if err != nil {
		return err
	}
	for i := range news {
		if news[i].Kind == cadence.SoftBounce {
			news[i].inARow = counts[news[i].LeadID]
		}
	}
	return nil
}

// watchSenders looks at what responses say of the mailboxes that the mails came from: policy bounces pause one (H5), in the
// transaction that stores them, so that no claim that comes later sends from it. A complaint only raises an alarm: it is the lead that it stops.
func (e *Engine) watchSenders(ctx context.Context, tx pgx.Tx, now time.Time, news []ResponseInput, touches map[int64]store.TouchRef) error {
	var refused []ResponseInput
	var mailboxes []string
	for _, in := range news {
		t, known := touches[in.TouchID]
		switch {
		case in.Kind == cadence.Complaint:
			e.log.ErrorContext(ctx, "alarm: a lead reported our mail as spam", "lead", in.LeadID, "touch", in.TouchID, "mailbox", t.Sender, "said", in.Said)
		case in.Kind == cadence.PolicyBounce && known && t.Channel == cadence.ChannelEmail:
			refused, mailboxes = append(refused, in), append(mailboxes, t.Sender)
		}
	}
	if len(refused) == 0 {
		return nil
	}
	if err := store.LockSenders(ctx, tx, mailboxes); err != nil {
		return err
	}
	leads, err := store.PolicyBounces(ctx, tx, now.Add(-cadence.PolicyBounceSpan))
	if err != nil {
		return err
	}
	for _, in := range refused {
		mailbox := touches[in.TouchID].Sender
		why := cadence.JudgeSender(leads[mailbox], in.Said, in.hearsay)
		if why == "" || leads[mailbox] == 0 { // old news that is only read now speaks of what was mended since
			continue
		}
		paused, err := store.PauseSender(ctx, tx, mailbox, why, now)
		if err != nil {
			return err
		}
		if paused {
			e.log.ErrorContext(ctx, "alarm: a mailbox is paused; mend what is wrong, then: nurture senders resume "+mailbox, "mailbox", mailbox, "why", why)
		}
	}
	return nil
}

// ErrNoSender is returned, wrapped, for a mailbox that the live configuration does not send from.
var ErrNoSender = errors.New("no sender")

// PauseSender keeps a mailbox from sending email, by a person's word, and reports whether it was sending until then.
func (e *Engine) PauseSender(ctx context.Context, mailbox, reason, by string) (bool, error) {
	var paused bool
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		if err := e.knowsSender(ctx, tx, mailbox); err != nil {
			return err
		}
		if reason != "" {
			reason = ": " + reason
		}
		var err error
		paused, err = store.PauseSender(ctx, tx, mailbox, "by "+by+reason, now)
		return err
	})
	return paused, err
}

// ResumeSender lets a mailbox send again, and reports whether it was paused until then. Policy bounces from before do not count any more.
func (e *Engine) ResumeSender(ctx context.Context, mailbox string) (bool, error) {
	var resumed bool
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		var err error
		if resumed, err = store.ResumeSender(ctx, tx, mailbox, now); err != nil || resumed {
			return err
		}
		return e.knowsSender(ctx, tx, mailbox)
	})
	return resumed, err
}

// knowsSender fails for a mailbox that nothing is sent from.
func (e *Engine) knowsSender(ctx context.Context, tx pgx.Tx, mailbox string) error {
	current, err := e.liveNow(ctx, tx)
	if err != nil {
		return err
	}
	for _, s := range current.config.Settings.Senders {
		if s.Email == mailbox {
			return nil
		}
	}
	return fmt.Errorf("%q is %w of the live configuration", mailbox, ErrNoSender)
}
