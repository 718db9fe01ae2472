package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels/email/inbound"
	"nurture/internal/leadfile"
	"nurture/internal/provenance"
	"nurture/store"
)

// sourceReferral is the source of leads whom another lead named.
const sourceReferral = "referral"

// NamedPerson is somebody whom a lead named to talk to instead, as it was written. Email or Phone is given.
type NamedPerson struct{ Name, Email, Phone string }

// namedIn are the people whom a mail names.
func namedIn(c inbound.Classification) []NamedPerson {
	var people []NamedPerson
	for _, p := range c.People {
		people = append(people, NamedPerson{p.Name, p.Email, p.Phone})
	}
	return people
}

// propose notes whom responses name, for a person to decide about. Who cannot be reached, and what are our own or the lead's own addresses,
// is left out.
func (e *Engine) propose(ctx context.Context, tx pgx.Tx, now time.Time, news []ResponseInput, responseIDs []int64) error {
	var leadIDs []int64
	for _, in := range news {
		if len(in.People) > 0 {
			leadIDs = append(leadIDs, in.LeadID)
		}
	}
	if len(leadIDs) == 0 {
		return nil
	}
	leads, err := store.LeadsByID(ctx, tx, leadIDs)
	if err != nil {
		return err
	}
	own, err := e.ourAddresses(ctx, tx)
	if err != nil {
		return err
	}
	var rows []store.Referral
	for i, in := range news {
		for _, p := range in.People {
			lead := leads[in.LeadID]
			contact, err := reachable(p, lead, own)
			if err != nil {
				continue // what a mail says of somebody may be anything
			}
			rows = append(rows, store.Referral{
				LeadID: in.LeadID, ResponseID: &responseIDs[i], Name: strings.TrimSpace(contact.FirstName + " " + contact.LastName),
				Email: contact.Email, Phone: contact.Phone, ProposedAt: now,
			})
		}
	}
	return store.InsertReferrals(ctx, tx, rows)
}

// ourAddresses are those at which we are reached; none before a configuration is live.
func (e *Engine) ourAddresses(ctx context.Context, tx pgx.Tx) ([]string, error) {
	current, err := e.liveNow(ctx, tx)
	if errors.Is(err, ErrNotReady) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	own := ownAddresses(current.config.Settings)
	for _, s := range current.config.Settings.Senders {
		own = append(own, s.Phone)
	}
	return own, nil
}

// reachable is a named person as a lead of ours would be; the error says why it cannot be one.
func reachable(p NamedPerson, by store.Lead, own []string) (leadfile.Lead, error) {
	contact, err := leadfile.Contact(p.Name, p.Email, p.Phone, by.Country)
	if err != nil {
		return contact, err
	}
	for _, address := range []*string{&contact.Email, &contact.Phone} {
		switch {
		case *address == "":
		case *address == by.Email || *address == by.Phone:
			return contact, fmt.Errorf("%s is the lead's own", *address)
		case slices.ContainsFunc(own, func(o string) bool { return strings.EqualFold(o, withoutTag(*address)) }):
			return contact, fmt.Errorf("%s is our own", *address)
		}
	}
	return contact, nil
}

// withoutTag drops the "+tag" of an address.
func withoutTag(address string) string {
	local, domain, ok := strings.Cut(address, "@")
	if !ok {
		return address
	}
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}

// ErrReferralDecided is returned, wrapped, for a referral that was accepted or declined before.
var ErrReferralDecided = errors.New("decided already")

// ErrNoLead is returned, wrapped, for a referral that cannot be accepted; the error says why.
var ErrNoLead = errors.New("cannot become a lead")

// AcceptedReferral says what became of an accepted referral.
type AcceptedReferral struct {
	LeadID int64
	Known  bool // it was a lead before: it is linked, and nothing else of it changes
	Barred bool // Known: it has ended or its addresses are suppressed, so that nobody will contact it
}

// AcceptReferral makes a lead of somebody whom a lead named, at the same account and without any consent, and lets intake see to it; somebody
// who is a lead already is linked. The task about it is done with it. ErrReferralDecided when it was decided before, store.ErrNotFound when
// there is none, ErrNoLead when somebody's addresses are all suppressed or none.
func (e *Engine) AcceptReferral(ctx context.Context, id int64, by string) (AcceptedReferral, error) {
	var done AcceptedReferral
	err := e.decideReferral(ctx, id, func(tx pgx.Tx, now time.Time, r *store.Referral, named store.Lead) error {
		var err error
		if done, err = e.leadOfReferral(ctx, tx, now, *r, named); err != nil {
			return err
		}
		r.State, r.By, r.NewLeadID = store.ReferralAccepted, by, &done.LeadID
		return store.LinkReferred(ctx, tx, done.LeadID, r.LeadID)
	})
	return done, err
}

// DeclineReferral notes that somebody whom a lead named is not to become a lead, and why. Errors are as in AcceptReferral.
func (e *Engine) DeclineReferral(ctx context.Context, id int64, by, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return errors.New("to decline a referral needs a reason: whoever looks at the lead next will ask")
	}
	return e.decideReferral(ctx, id, func(_ pgx.Tx, _ time.Time, r *store.Referral, _ store.Lead) error {
		r.State, r.By, r.Reason = store.ReferralDeclined, by, reason
		return nil
	})
}

// decideReferral locks a referral that is open, after the enrolment of the lead that made it, lets decide fill in the decision, stores it,
// and completes the task about it when it was the last one.
func (e *Engine) decideReferral(ctx context.Context, id int64, decide func(pgx.Tx, time.Time, *store.Referral, store.Lead) error) error {
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		before, err := store.GetReferral(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := lockLatest(ctx, tx, []int64{before.LeadID}); err != nil {
			return err
		}
		r, err := store.LockReferral(ctx, tx, id)
		if err != nil {
			return err
		}
		if r.State != store.ReferralProposed {
			return fmt.Errorf("referral %d is %w: %s by %s", id, ErrReferralDecided, r.State, r.By)
		}
		leads, err := store.LeadsByID(ctx, tx, []int64{r.LeadID})
		if err != nil {
			return err
		}
		if err := decide(tx, now, &r, leads[r.LeadID]); err != nil {
			return err
		}
		if err := store.DecideReferral(ctx, tx, r, now); err != nil {
			return err
		}
		return e.finishReferralTask(ctx, tx, now, r)
	})
}

// finishReferralTask completes the task about whom a lead named once all of them are decided.
func (e *Engine) finishReferralTask(ctx context.Context, tx pgx.Tx, now time.Time, r store.Referral) error {
	all, err := store.LeadReferrals(ctx, tx, r.LeadID)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.State == store.ReferralProposed {
			return nil
		}
	}
	task, err := store.LockOpenTask(ctx, tx, r.LeadID, string(cadence.TaskReferral))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	note := fmt.Sprintf("referral %d %s", r.ID, r.State)
	if r.Reason != "" {
		note += ": " + r.Reason
	}
	if err := store.FinishTasks(ctx, tx, []store.DoneTask{{ID: task.ID, By: r.By, Disposition: string(cadence.Done), Notes: note}}, now); err != nil {
		return err
	}
	_, err = e.respondIn(ctx, tx, now, []ResponseInput{{
		LeadID: r.LeadID, Kind: cadence.Done, Source: "task", ExternalID: fmt.Sprint(task.ID), Said: note, By: r.By, At: now, Confirms: true,
	}})
	return err
}

// leadOfReferral finds the lead that a referral names, or stores it.
func (e *Engine) leadOfReferral(ctx context.Context, tx pgx.Tx, now time.Time, r store.Referral, by store.Lead) (AcceptedReferral, error) {
	known, err := knownLead(ctx, tx, r)
	switch {
	case err == nil:
		if err := store.ReconsiderLeads(ctx, tx, []int64{known.ID}, now); err != nil {
			return AcceptedReferral{}, err
		}
		return AcceptedReferral{LeadID: known.ID, Known: true, Barred: known.EndReason != "" || unreachableNow(known)}, nil
	case !errors.Is(err, store.ErrNotFound):
		return AcceptedReferral{}, err
	}
	contact, err := leadfile.Contact(r.Name, r.Email, r.Phone, by.Country)
	if err != nil {
		return AcceptedReferral{}, fmt.Errorf("referral %d %w: %w", r.ID, ErrNoLead, err)
	}
	contact.Source, contact.Language, contact.Owner = sourceReferral, by.Language, by.Owner
	mailboxes, owners := []string{by.Mailbox}, []string{}
	current, err := e.liveOrNone(ctx, tx)
	if err != nil {
		return AcceptedReferral{}, err
	}
	if current != nil {
		owners = ownersOf(current.config)
		if all := mailboxesOf(current.config); !slices.Contains(all, by.Mailbox) {
			mailboxes = all
		}
	}
	stamp, err := e.stamp(ctx, tx, provenance.Referral, fmt.Sprintf("lead %d", by.ID), r.ProposedAt, now)
	if err != nil {
		return AcceptedReferral{}, err
	}
	fresh := newLead(contact, mailboxes, owners, now)
	fresh.Stamp = stamp.ID
	ids, _, err := store.UpsertLeads(ctx, tx, []store.NewLead{fresh}, now)
	if err != nil {
		return AcceptedReferral{}, err
	}
	leads, err := store.Leads(ctx, tx, ids)
	if err != nil {
		return AcceptedReferral{}, err
	}
	if len(leads) == 1 && unreachableNow(leads[0]) {
		return AcceptedReferral{}, fmt.Errorf("referral %d %w: %s must not be contacted; decline it with that reason", r.ID, ErrNoLead, contact.Key)
	}
	return AcceptedReferral{LeadID: ids[0]}, nil
}

// knownLead is the lead that a referral names, if there is one: by its address, else by its number.
func knownLead(ctx context.Context, tx pgx.Tx, r store.Referral) (store.Lead, error) {
	if r.Email != "" {
		return store.FindLead(ctx, tx, r.Email)
	}
	leads, err := store.LeadsByPhone(ctx, tx, r.Phone)
	if err == nil && len(leads) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Lead{}, err
	}
	return leads[0], nil
}

// unreachableNow says that every address of a lead is barred.
func unreachableNow(l store.Lead) bool {
	return (l.Email == "" || l.EmailSuppressed) && (l.Phone == "" || l.PhoneSuppressed || l.PhoneInvalid)
}
