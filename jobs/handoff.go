package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
	"nurture/channels"
	"nurture/config"
	"nurture/internal/dossier"
	"nurture/store"
)

// repsLock names the lock of whoever shares leads among the reps.
const repsLock = "reps"

// offerHandoffs records handoffs in the transaction that stopped their cadences: blocked while required items are missing, else
// offered to a rep with a complete dossier, whose delivery is enqueued.
func (e *Engine) offerHandoffs(ctx context.Context, tx pgx.Tx, now time.Time, orders []handoffOrder, verdicts map[int64]int64) error {
	if len(orders) == 0 {
		return nil
	}
	current, err := e.liveNow(ctx, tx)
	if err != nil {
		return err
	}
	// What other workers give to the reps at this moment counts too, or all of them choose the same one.
	if err := store.WaitForLock(ctx, tx, repsLock); err != nil {
		return err
	}
	load, err := store.OpenHandoffsByRep(ctx, tx)
	if err != nil {
		return err
	}
	for _, o := range orders {
		if err := e.offer(ctx, tx, now, current, o, verdicts[o.leadID], load); err != nil {
			return fmt.Errorf("hand off lead %d: %w", o.leadID, err)
		}
	}
	return nil
}

func (e *Engine) offer(ctx context.Context, tx pgx.Tx, now time.Time, current *live, o handoffOrder, verdictID int64, load map[string]int) error {
	h := store.Handoff{
		LeadID: o.leadID, State: store.HandoffBlocked, Missing: o.missing, CreatedAt: now, ULDHash: current.config.DefinitionHash,
	}
	if o.cadenceVersionID != 0 { // it qualified before any cadence took it
		h.CadenceVersionID = &o.cadenceVersionID
	}
	if verdictID != 0 {
		h.VerdictID = &verdictID
	}
	d, err := e.Dossier(ctx, tx, o.leadID, now)
	if err != nil {
		return err
	}
	if len(o.missing) == 0 {
		rep := chooseRep(current.config, d.Input.Lead, d.Input.Facts, load, now)
		load[rep.Email]++
		respondBy := within(current.config.Settings, now)
		h.State, h.Rep, h.OfferedAt, h.RespondBy = store.HandoffOffered, rep.Email, &now, &respondBy
		d.Rep = rep.Name
	}
	if h.Dossier, err = json.Marshal(d); err != nil {
		return err
	}
	id, err := store.SaveHandoff(ctx, tx, h)
	if err != nil || h.State != store.HandoffOffered {
		return err
	}
	return e.insertJobs(ctx, tx, deliveries(id))
}

// within is by when sales should answer: the time runs where the operator is, on its working days, from the opening of its office on. What is offered
// on a Saturday would else be late when the office opens.
func within(s config.Settings, now time.Time) time.Time {
	place := calendar.Place{Zones: []string{s.Zone}, Country: s.Country}
	from, ok := s.Handoff.Window.Next(place, now)
	if !ok {
		from = now
	}
	at, err := s.Handoff.AcceptWithin.From(s.Handoff.Window, place, from).At()
	if err != nil || !at.After(now) {
		return now.Add(48 * time.Hour)
	}
	return at
}

// chooseRep gives the rep whose territory takes the lead, who has room, and who has the fewest open handoffs; equals are told apart by
// the lead's key, so that the choice is stable. When nobody has room the least loaded of the territory gets it anyway, and when no territory
// takes it anybody: a lead that is ready never waits for a rule.
func chooseRep(cfg *config.Config, lead store.Lead, facts []uldFact, load map[string]int, now time.Time) config.Rep {
	settings := cfg.Settings
	fields := fieldsWithFacts(lead.Core(settings.Zone), cfg.Definition, facts, now)
	lookup := func(field string) (predicate.Value, bool) { v, ok := fields[field]; return v, ok }
	var inTerritory []config.Rep
	for _, r := range settings.Team.Reps {
		if r.Territory.Eval(lookup) == predicate.True {
			inTerritory = append(inTerritory, r)
		}
	}
	if len(inTerritory) == 0 {
		inTerritory = settings.Team.Reps
	}
	var withRoom []config.Rep
	for _, r := range inTerritory {
		if r.Cap <= 0 || load[r.Email] < r.Cap {
			withRoom = append(withRoom, r)
		}
	}
	if len(withRoom) == 0 {
		withRoom = inTerritory
	}
	if len(withRoom) == 0 { // no reps at all: the manager
		return config.Rep{Person: settings.Team.Manager}
	}
	h := fnv.New32a()
	h.Write([]byte(lead.Key))
	start := int(h.Sum32() % uint32(len(withRoom)))
	best := withRoom[start]
	for i := range withRoom {
		if r := withRoom[(start+i)%len(withRoom)]; load[r.Email] < load[best.Email] {
			best = r
		}
	}
	return best
}

// Dossier gathers what is known of a lead, for sales: a handoff stores it as it was when it was offered.
func (e *Engine) Dossier(ctx context.Context, db store.DB, leadID int64, now time.Time) (dossier.Dossier, error) {
	current, err := e.liveNow(ctx, db)
	if err != nil {
		return dossier.Dossier{}, err
	}
	in := dossier.Input{Definition: current.config.Definition, Now: now, Zone: current.config.Settings.Zone}
	if in.Lead, err = store.LeadByID(ctx, db, leadID); err != nil {
		return dossier.Dossier{}, err
	}
	facts, err := store.Facts(ctx, db, []int64{leadID})
	if err != nil {
		return dossier.Dossier{}, err
	}
	in.Facts = facts[leadID]
	if in.Touches, err = store.LeadTouches(ctx, db, leadID); err != nil {
		return dossier.Dossier{}, err
	}
	if in.Responses, err = store.LeadResponses(ctx, db, leadID); err != nil {
		return dossier.Dossier{}, err
	}
	if in.Stages, err = store.LeadStages(ctx, db, leadID); err != nil {
		return dossier.Dossier{}, err
	}
	if in.Colleagues, err = store.Colleagues(ctx, db, leadID); err != nil {
		return dossier.Dossier{}, err
	}
	verdicts, err := store.LeadVerdicts(ctx, db, leadID)
	if err != nil {
		return dossier.Dossier{}, err
	}
	if n := len(verdicts); n > 0 {
		in.Verdict = verdicts[n-1].Verdict
	}
	return dossier.Build(in), nil
}

// handoffWorker brings dossiers to reps.
type handoffWorker struct {
	river.WorkerDefaults[DeliverHandoff]
	engine *Engine
}

// Work mails the dossier to the rep, and to the manager when nobody answered in time. It is sent again when the process dies between the mail
// and the mark, or the answer is lost: people can do with two copies, which carry the same Message-ID, better than with none.
func (w *handoffWorker) Work(ctx context.Context, job *river.Job[DeliverHandoff]) error {
	e := w.engine
	h, err := store.GetHandoff(ctx, e.pool, job.Args.HandoffID)
	if errors.Is(err, store.ErrNotFound) { // the lead was erased
		return nil
	}
	if err != nil || !h.State.Waits() {
		return err
	}
	current, err := e.liveNow(ctx, e.pool)
	if err != nil {
		return err
	}
	settings := current.config.Settings
	var repErr error // keeps the manager from nothing: a rep whose mailbox is gone is a reason to tell
	if h.DeliveredAt == nil {
		repErr = e.mailHandoff(ctx, h, settings, false, store.MarkDelivered)
	}
	if h.State != store.HandoffEscalated || h.ToldAt != nil {
		return repErr
	}
	e.log.WarnContext(ctx, "a handoff was not answered in time", "handoff", h.ID, "rep", h.Rep, "by", h.RespondBy)
	if settings.Team.Manager.Email == "" || settings.Team.Manager.Email == h.Rep {
		_, err := store.MarkTold(ctx, e.pool, h, e.now()) // there is nobody else to tell
		return errors.Join(repErr, err)
	}
	return errors.Join(repErr, e.mailHandoff(ctx, h, settings, true, store.MarkTold))
}

// mailHandoff sends the dossier to the rep, or to the manager, and marks that it has left.
func (e *Engine) mailHandoff(ctx context.Context, h store.Handoff, settings config.Settings, toManager bool,
	mark func(context.Context, store.DB, store.Handoff, time.Time) (bool, error),
) error {
	message, err := handoffMail(h, settings, cmp.Or(e.publicURL, settings.PublicURL), toManager, e.now())
	if err != nil {
		return err
	}
	receipts := e.channels[cadence.ChannelEmail].Send(ctx, []channels.Message{message})
	if r := receipts[0]; r.Outcome != channels.Sent {
		return fmt.Errorf("mail the dossier of handoff %d to %s: %s: %s", h.ID, message.To.Address, r.Outcome, r.Detail)
	}
	if _, err := mark(ctx, e.pool, h, e.now()); err != nil {
		return err
	}
	return e.journal.Settle(message.TouchID)
}

// handoffMail is the mail that brings a dossier, with the way to the desk below base.
func handoffMail(h store.Handoff, settings config.Settings, base string, toManager bool, now time.Time) (channels.Message, error) {
	var d dossier.Dossier
	if err := json.Unmarshal(h.Dossier, &d); err != nil {
		return channels.Message{}, fmt.Errorf("dossier of handoff %d: %w", h.ID, err)
	}
	// An offer to another rep is another mail.
	to, subject, name := channels.Party{Name: d.Rep, Address: h.Rep}, "Ready to talk: "+d.Title(), fmt.Sprintf("handoff-%d-%d", h.ID, h.OfferedAt.Unix())
	ask := dossier.Ask{Words: "Please accept this lead, or reject it with a reason:", Link: fmt.Sprintf("%s/desk/handoffs/%d", base, h.ID)}
	if h.RespondBy != nil {
		ask.Words = fmt.Sprintf("Please accept this lead by %s, or reject it with a reason:", d.When(*h.RespondBy))
	}
	commands := fmt.Sprintf("\n\nAccept: nurture handoffs accept %d\nReject: nurture handoffs reject %d --reason \"...\"\n", h.ID, h.ID)
	if toManager {
		to = channels.Party{Name: settings.Team.Manager.Name, Address: settings.Team.Manager.Email}
		subject, name = "Not answered in time: "+d.Title(), name+"-manager"
		ask.Words = fmt.Sprintf("%s (%s) was to answer by now and has not. Answer in their place, or give it to somebody else:", d.Rep, h.Rep)
		commands += fmt.Sprintf("Give to somebody else: nurture handoffs reassign %d --to REP\n", h.ID)
	}
	text, html, err := d.Letter(ask)
	if err != nil {
		return channels.Message{}, err
	}
	from := settings.Senders[0]
	return channels.Message{
		TouchID: -h.ID, // it is no touch, and must not pass for one in journals and outbox
		From:    channels.Party{Name: settings.Company.Name, Address: from.Email}, To: to,
		Subject: subject, Text: text + commands, HTML: html,
		Mail: channels.Mail{
			MessageID: fmt.Sprintf("%s.nurture@%s", name, domainOf(from.Email)), Date: now,
			ReplyTo: from.Email, EnvelopeFrom: from.Email, Automatic: true,
		},
	}, nil
}

// ErrDecided is returned, wrapped, for a handoff that is not open to an answer.
var ErrDecided = errors.New("not open")

// AcceptHandoff records that sales takes the lead on.
func (e *Engine) AcceptHandoff(ctx context.Context, id int64, by string) error {
	return e.onHandoff(ctx, id, func(tx pgx.Tx, now time.Time, h store.Handoff) error {
		if !h.State.Waits() {
			return fmt.Errorf("handoff %d is %s: %w", id, h.State, ErrDecided)
		}
		reason := "accepted by " + by
		if err := store.DecideHandoff(ctx, tx, id, store.HandoffAccepted, reason, by, now); err != nil {
			return err
		}
		return store.MoveStages(ctx, tx, []store.StageMove{{LeadID: h.LeadID, Stage: cadence.StageAccepted, Reason: reason}}, now)
	})
}

// RejectHandoff records that sales does not, and why; the lead goes back to nurture with the reason. One that was accepted can be given back.
func (e *Engine) RejectHandoff(ctx context.Context, id int64, by, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return errors.New("a rejection needs a reason: it goes back to marketing with the lead")
	}
	return e.onHandoff(ctx, id, func(tx pgx.Tx, now time.Time, h store.Handoff) error {
		if !h.State.Waits() && h.State != store.HandoffAccepted {
			return fmt.Errorf("handoff %d is %s: %w", id, h.State, ErrDecided)
		}
		if err := store.DecideHandoff(ctx, tx, id, store.HandoffRejected, reason, by, now); err != nil {
			return err
		}
		return e.recycle(ctx, tx, now, h, by, reason)
	})
}

// recycle gives a lead back to nurture, with the reason. The caller has seen that sales has it: given back, taken up again and given back anew, it goes
// back each time.
func (e *Engine) recycle(ctx context.Context, tx pgx.Tx, now time.Time, h store.Handoff, by, reason string) error {
	in := ResponseInput{LeadID: h.LeadID, Kind: cadence.HandoffRejected, Source: "handoff", ExternalID: fmt.Sprint(h.ID), Said: reason, By: by}
	ids, err := e.respondIn(ctx, tx, now, []ResponseInput{in})
	if err != nil || ids[0] != 0 {
		return err
	}
	in.ExternalID = fmt.Sprintf("%d %d", h.ID, now.UnixMicro())
	_, err = e.respondIn(ctx, tx, now, []ResponseInput{in})
	return err
}

// onHandoff does something to a handoff that it holds, and whose enrolment it holds, in a transaction. store.ErrNotFound when there is none.
func (e *Engine) onHandoff(ctx context.Context, id int64, do func(tx pgx.Tx, now time.Time, h store.Handoff) error) error {
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		before, err := store.GetHandoff(ctx, tx, id)
		if err != nil {
			return err
		}
		// Lock order: the enrolment before the handoff.
		if _, err := lockLatest(ctx, tx, []int64{before.LeadID}); err != nil {
			return err
		}
		h, err := store.LockHandoff(ctx, tx, id)
		if err != nil {
			return err
		}
		return do(tx, now, h)
	})
}
