package jobs

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// OutcomeReport is what sales says became of a lead that it had accepted.
type OutcomeReport struct {
	HandoffID   int64
	Outcome     store.Outcome
	AmountCents int64  // hundredths of Currency; 0 is not known
	Currency    string // ISO 4217, needed with an amount
	Reason      string // needed for a loss, and for taking back what was said before
	By          string
	Nurture     bool // a loss only: the lead goes back to nurture, as a rejected one does; else it ends
}

// ErrOutcome is returned, wrapped, for an outcome that cannot be.
var ErrOutcome = errors.New("no such outcome")

var currencyPattern = regexp.MustCompile(`^[A-Z]{3}$`)

// OutcomeMistake is what is wrong with one field of a report. It is an ErrOutcome.
type OutcomeMistake struct {
	Field string // outcome, amount, currency, reason or nurture
	Text  string
}

// Error implements error.
func (m OutcomeMistake) Error() string { return m.Text }

// Is makes every mistake an ErrOutcome.
func (m OutcomeMistake) Is(target error) bool { return target == ErrOutcome }

// Check says what is wrong with a report by itself, an OutcomeMistake, and trims it.
func (o *OutcomeReport) Check() error {
	o.Reason = strings.TrimSpace(o.Reason)
	lost := o.Outcome == store.OutcomeLost || o.Outcome == store.OutcomeBoughtElsewhere
	switch {
	case !slices.Contains(store.Outcomes(), o.Outcome):
		return OutcomeMistake{"outcome", fmt.Sprintf("%q is no such outcome: there are opportunity, won, lost and bought_elsewhere", o.Outcome)}
	case o.AmountCents < 0:
		return OutcomeMistake{"amount", "an amount is not below zero"}
	case o.AmountCents > 0 && !currencyPattern.MatchString(o.Currency):
		return OutcomeMistake{"currency", fmt.Sprintf("the currency %q cannot be read: name it by its three letters, such as EUR", o.Currency)}
	case lost && o.Reason == "":
		return OutcomeMistake{"reason", "a loss needs a reason: it is what the next version of the definition learns from"}
	case o.Nurture && !lost:
		return OutcomeMistake{"nurture", fmt.Sprintf("only a lost lead goes back to nurture, and the outcome is %s", o.Outcome)}
	}
	if o.AmountCents == 0 {
		o.Currency = ""
	}
	return nil
}

// stageOf is the lead's stage that an outcome leads to.
func stageOf(o store.Outcome) cadence.Stage {
	switch o {
	case store.OutcomeWon:
		return cadence.StageWon
	case store.OutcomeLost, store.OutcomeBoughtElsewhere:
		return cadence.StageLost
	case store.OutcomeOpportunity:
	}
	return cadence.StageOpportunity
}

// handoffStateOf is the state of a handoff whose lead has come to a stage behind accepted.
func handoffStateOf(s cadence.Stage) store.HandoffState {
	return map[cadence.Stage]store.HandoffState{
		cadence.StageOpportunity: store.HandoffAccepted, cadence.StageWon: store.HandoffWon, cadence.StageLost: store.HandoffLost,
	}[s]
}

// ReportOutcome records what became of a handoff: the lead moves through the stages to it, and ends when it is won or lost. What was said
// before can be corrected with a reason; the same said once more by the same person changes nothing, and of a handoff that a later one has overtaken it is only
// noted. ErrDecided when sales never accepted the handoff, ErrOutcome when the report makes no sense,
// store.ErrNotFound when there is no such handoff.
func (e *Engine) ReportOutcome(ctx context.Context, o OutcomeReport) error {
	if err := o.Check(); err != nil {
		return err
	}
	return e.onHandoff(ctx, o.HandoffID, func(tx pgx.Tx, now time.Time, h store.Handoff) error {
		if !h.State.Taken() {
			return fmt.Errorf("handoff %d is %s, and only one that sales accepted has an outcome: %w", h.ID, h.State, ErrDecided)
		}
		lead, err := store.LeadByID(ctx, tx, h.LeadID)
		if err != nil {
			return err
		}
		settled, err := overtaken(ctx, tx, h, o.Outcome)
		if err != nil {
			return err
		}
		if !settled && o.Nurture && lead.EndReason != "" {
			return OutcomeMistake{"nurture", fmt.Sprintf("lead %s has ended (%s) and does not go back to nurture", lead.Key, lead.EndReason)}
		}
		said := store.HandoffOutcome{
			HandoffID: h.ID, Outcome: o.Outcome, AmountCents: o.AmountCents, Currency: o.Currency, Reason: o.Reason, By: o.By, At: now,
		}
		told, err := store.OutcomesOf(ctx, tx, h.ID)
		if err != nil {
			return err
		}
		if n := len(told); n > 0 && told[n-1].Same(said) && (!o.Nurture || !withSales(lead)) {
			return nil // the form was sent twice
		}
		to := stageOf(o.Outcome)
		if settled || o.Nurture && !withSales(lead) { // or it was said before, and the lead is back in nurture
			return store.InsertOutcome(ctx, tx, said, handoffStateOf(to))
		}
		moves, err := stageWay(lead, to, o)
		if err != nil {
			return err
		}
		if err := store.MoveStages(ctx, tx, moves, now); err != nil {
			return err
		}
		if err := store.InsertOutcome(ctx, tx, said, handoffStateOf(to)); err != nil {
			return err
		}
		if o.Nurture {
			return e.recycle(ctx, tx, now, h, o.By, o.Reason)
		}
		if err := e.stopForSales(ctx, tx, now, h.LeadID); err != nil {
			return err
		}
		end := endOfStage[to]
		if end != "" {
			if err := store.WithdrawHandoffs(ctx, tx, []int64{h.LeadID}, "the lead ended", now); err != nil {
				return fmt.Errorf("withdraw handoffs: %w", err)
			}
		}
		if lead.EndReason == "" || lead.EndReason == string(cadence.EndWon) || lead.EndReason == string(cadence.EndLost) {
			return store.EndLeads(ctx, tx, []store.LeadEnd{{LeadID: h.LeadID, End: end}}, now)
		}
		return nil // it opted out meanwhile, say, and stays so
	})
}

// overtaken says that a handoff is history: sales has taken the lead on by a later one, or is asked to, and what became of this one is noted and moves nobody.
// A win that comes to light ends what is only asked.
func overtaken(ctx context.Context, tx pgx.Tx, h store.Handoff, outcome store.Outcome) (bool, error) {
	all, err := store.LeadHandoffs(ctx, tx, h.LeadID)
	return slices.ContainsFunc(all, func(later store.Handoff) bool {
		return later.ID > h.ID && (later.State.Taken() || later.State.Waits() && outcome != store.OutcomeWon)
	}), err
}

// withSales says whether a lead is in the hands of sales now.
func withSales(lead store.Lead) bool {
	return slices.Contains([]cadence.Stage{cadence.StageHandedOff, cadence.StageAccepted, cadence.StageOpportunity}, cadence.Stage(lead.Stage))
}

// stopForSales ends the cadence of a lead that had been lost and nurtured, and that sales has again or has won after all: nothing of it leaves any more.
func (e *Engine) stopForSales(ctx context.Context, tx pgx.Tx, now time.Time, leadID int64) error {
	row, err := runningOf(ctx, tx, leadID)
	if errors.Is(err, ErrNotEnrolled) {
		return nil
	}
	if err != nil {
		return err
	}
	// An end keeps the next cadence from following; what the lead itself ends with, if it does, the caller says.
	stop := transition{leadID: leadID, enrollmentID: row.ID, event: cadence.StoppedByPerson{End: cadence.EndExhausted}}
	return e.applyLocked(ctx, tx, now, []transition{stop}, nil)
}

// stageWay is the way of a lead's stage to an outcome: up through each stage, or aside with a reason. A lead that goes back to nurture stops short
// of lost: the cadence that takes it looks for one that sales still has.
func stageWay(lead store.Lead, to cadence.Stage, o OutcomeReport) ([]store.StageMove, error) {
	from := cadence.Stage(lead.Stage)
	if o.Nurture {
		to = cadence.StageOpportunity
	}
	reason := string(o.Outcome) + ", by " + o.By
	if o.Reason != "" {
		reason += ": " + o.Reason
	}
	way := cadence.StagesTo(from, to)
	if way == nil && from != to {
		if err := cadence.CheckStageMove(from, to, false, o.Reason); err != nil {
			return nil, OutcomeMistake{"reason", fmt.Sprintf("lead %s: %v", lead.Key, err)}
		}
		way = []cadence.Stage{to}
	}
	moves := make([]store.StageMove, len(way))
	for i, s := range way {
		moves[i] = store.StageMove{LeadID: lead.ID, Stage: s, Reason: reason}
	}
	return moves, nil
}

var amountPattern = regexp.MustCompile(`^(\d{1,12})(?:\.(\d{1,2}))?$`)

// ParseAmount reads an amount as people type it, such as 12000 or 12000.50, into hundredths; "" is 0. Separators of thousands are refused rather
// than guessed: 1.200 is one thing in Berlin and another in Boston.
func ParseAmount(text string) (cents int64, err error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, nil
	}
	parts := amountPattern.FindStringSubmatch(text)
	if parts == nil {
		return 0, OutcomeMistake{"amount", fmt.Sprintf("the amount %q cannot be read: type it like 12000 or 12000.50, without separators of thousands", text)}
	}
	return strconv.ParseInt(parts[1]+(parts[2] + "00")[:2], 10, 64)
}
