package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/cadence/uld"
	"nurture/config"
	"nurture/store"
)

// StageRefused is the error of a move that the process does not allow.
type StageRefused struct {
	Lead     string
	From, To cadence.Stage
	Why      string
	WayOut   string   // "" when Why says it
	Exit     []string // the exit criteria of From, as process.yaml has them
}

func (e *StageRefused) Error() string {
	text := fmt.Sprintf("%s: %s", e.Lead, e.Why)
	if len(e.Exit) > 0 {
		text += fmt.Sprintf("; a lead leaves %s when: %s", e.From, strings.Join(e.Exit, "; "))
	}
	return text
}

// MovedStage is a move that was made.
type MovedStage struct {
	From, To cadence.Stage
	Guide    config.StageGuide // of To, as process.yaml has it
}

// MoveStage moves a lead to a stage by a person's order (A10). Moves that skip a stage, claim what has not happened, or go back without a
// reason are refused with a *StageRefused that names the exit criteria of the stage that the lead is in. A lead that goes back is withdrawn
// from sales and looked at by intake; one that is won, lost or disqualified ends, and one that is taken up again does not.
func (e *Engine) MoveStage(ctx context.Context, leadID int64, to cadence.Stage, by, reason string) (MovedStage, error) {
	var moved MovedStage
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		current, err := e.liveNow(ctx, tx)
		if err != nil {
			return err
		}
		lead, latest, err := lockLead(ctx, tx, leadID)
		if err != nil {
			return err
		}
		moved = MovedStage{From: cadence.Stage(lead.Stage), To: to, Guide: current.config.Process.Stages[to]}
		running, err := isRunning(ctx, tx, latest)
		if err != nil {
			return err
		}
		if err := e.checkMove(ctx, tx, now, current, lead, moved, running, reason); err != nil || moved.From == to {
			return err
		}
		if err := noteOnHandoff(ctx, tx, now, leadID, to, by, reason); err != nil {
			return err
		}
		if err := e.carryMove(ctx, tx, now, lead, moved, latest, running, orderedBy(reason, by)); err != nil || to != cadence.StageQualified {
			return err
		}
		return e.seeToQualified(ctx, tx, now, current, leadID, latest, len(cadence.StagesTo(moved.From, to)) > 0)
	})
	return moved, err
}

// seeToQualified has a lead go on that a person moved to qualified. On the way up it goes to sales by the gate that a verdict has: offered, or held back
// until the dossier is complete. One that came back from sales is asked about first: what is known of it is what it was taken back with.
func (e *Engine) seeToQualified(ctx context.Context, tx pgx.Tx, now time.Time, current *live, leadID, latest int64, up bool) error {
	if up {
		w, err := e.weigh(ctx, tx, now, current, []int64{leadID}, map[int64]int64{leadID: latest}, uld.ByPerson)
		if err == nil {
			_, err = e.changeVerdicts(ctx, tx, now, current, w, true)
		}
		return err
	}
	facts, err := store.Facts(ctx, tx, []int64{leadID})
	if err != nil {
		return err
	}
	ask := cadence.TakenBack{Ask: uld.MissingForHandoff(current.config.Definition, facts[leadID])}
	return e.apply(ctx, tx, now, []transition{{leadID: leadID, enrollmentID: latest, event: ask}}, nil)
}

// noteOnHandoff says on the handoff that sales took what the lead's new stage says of it, so that the two never tell different stories.
func noteOnHandoff(ctx context.Context, tx pgx.Tx, now time.Time, leadID int64, to cadence.Stage, by, reason string) error {
	handoffs, err := store.LeadHandoffs(ctx, tx, leadID)
	if err != nil || len(handoffs) == 0 {
		return err
	}
	h := handoffs[len(handoffs)-1]
	if !h.State.Taken() {
		return nil
	}
	outcomes := map[cadence.Stage]store.Outcome{
		cadence.StageOpportunity: store.OutcomeOpportunity, cadence.StageWon: store.OutcomeWon, cadence.StageLost: store.OutcomeLost,
	}
	if outcome, ok := outcomes[to]; ok {
		said := store.HandoffOutcome{HandoffID: h.ID, Outcome: outcome, Reason: reason, By: by, At: now}
		return store.InsertOutcome(ctx, tx, said, handoffStateOf(to))
	}
	if h.State == store.HandoffAccepted && to != cadence.StageAccepted { // given back
		return store.DecideHandoff(ctx, tx, h.ID, store.HandoffRejected, reason, by, now)
	}
	return nil
}

// orderedBy is the reason of a move as the history shows it.
func orderedBy(reason, by string) string {
	if reason = strings.TrimSpace(reason); reason != "" {
		return reason + " (" + by + ")"
	}
	return "moved by " + by
}

// isRunning reports whether an enrolment is not over.
func isRunning(ctx context.Context, tx pgx.Tx, id int64) (bool, error) {
	if id == 0 {
		return false, nil
	}
	rows, err := store.LoadEnrollments(ctx, tx, []int64{id})
	if err != nil || len(rows) == 0 {
		return false, err
	}
	return cadence.State(rows[0].State) != cadence.Finished, nil
}

// checkMove says why a move is refused, as a *StageRefused; nil when it is not.
func (e *Engine) checkMove(ctx context.Context, tx pgx.Tx, now time.Time, current *live, lead store.Lead, m MovedStage, running bool, reason string) error {
	refused := &StageRefused{Lead: lead.FullName(), From: m.From, To: m.To}
	if cadence.EndReason(lead.EndReason) == cadence.EndOptedOut && m.From != m.To {
		refused.Why = "it opted out, and who left stays out"
		return refused
	}
	refused.Exit = current.config.Process.Stages[m.From].ExitCriteria
	err := cadence.CheckStageMove(m.From, m.To, lead.Origin == "self_qualified", reason)
	if err != nil {
		refused.Why = err.Error()
		return refused
	}
	if len(cadence.StagesTo(m.From, m.To)) == 0 { // back, aside, or where it is
		if m.To == cadence.StageNurturing && m.From != m.To && !running {
			refused.Why, refused.Exit = fmt.Sprintf("stage %s → %s: no cadence has begun", m.From, m.To), nil
			refused.WayOut = "move it to recycled, or to inquiry: a cadence takes it up then"
			return refused
		}
		return nil
	}
	facts, err := store.Facts(ctx, tx, []int64{lead.ID})
	if err != nil {
		return err
	}
	handoffs, err := store.LeadHandoffs(ctx, tx, lead.ID)
	if err != nil {
		return err
	}
	refusals, err := store.LastRefusals(ctx, tx, []int64{lead.ID}, cadence.Refusals())
	if err != nil {
		return err
	}
	verdict := uld.Evaluate(current.config.Definition, facts[lead.ID], lead.Origin == "self_qualified", now)
	known := cadence.StageFacts{
		InCadence: running, Outcome: verdict.Outcome, Because: verdict.Because, Declined: uld.Declined(facts[lead.ID], refusals[lead.ID]),
	}
	if n := len(handoffs); n > 0 {
		known.Accepted = handoffs[n-1].State == store.HandoffAccepted
	}
	if refused.Why, refused.WayOut = cadence.LacksForStage(m.To, known); refused.Why != "" {
		refused.Why = fmt.Sprintf("stage %s → %s: %s", m.From, m.To, refused.Why)
		return refused
	}
	return nil
}

// endOfStage says why a lead ends with a stage.
var endOfStage = map[cadence.Stage]cadence.EndReason{
	cadence.StageWon: cadence.EndWon, cadence.StageLost: cadence.EndLost, cadence.StageDisqualified: cadence.EndDisqualified,
}

// carryMove makes a move that is allowed.
func (e *Engine) carryMove(ctx context.Context, tx pgx.Tx, now time.Time, lead store.Lead, m MovedStage, enrollment int64, running bool, reason string) error {
	moves := []store.StageMove{{LeadID: lead.ID, Stage: m.To, Reason: reason}}
	if err := store.MoveStages(ctx, tx, moves, now); err != nil {
		return err
	}
	end, ends := endOfStage[m.To]
	if ends && running {
		// The core ends the enrolment and what it has open; of the stage it finds that it is there already.
		return e.apply(ctx, tx, now, []transition{{leadID: lead.ID, enrollmentID: enrollment, event: cadence.StoppedByPerson{End: end}}}, nil)
	}
	if ends || lead.EndReason != "" {
		if err := store.EndLeads(ctx, tx, []store.LeadEnd{{LeadID: lead.ID, End: end}}, now); err != nil {
			return err
		}
	}
	up := len(cadence.StagesTo(m.From, m.To)) > 0
	if !up || ends {
		if err := store.WithdrawHandoffs(ctx, tx, []int64{lead.ID}, reason, now); err != nil {
			return err
		}
	}
	if !up && !ends {
		if err := e.turnBack(ctx, tx, now, lead); err != nil {
			return err
		}
	}
	if ends || running || up && lead.EndReason == "" {
		return nil
	}
	// Nobody falls out: a cadence's audience takes the lead, somebody has a task about it (seeToQualified), or it shows among the leaks.
	return store.SaveIntake(ctx, tx, []store.IntakeResult{{LeadID: lead.ID, Again: &now}})
}

// errNoStage is for stages that a lead cannot be moved to.
var errNoStage = errors.New("no such stage")

// ParseStage reads a stage as people write it, such as "handed off". The error lists the stages.
func ParseStage(text string) (cadence.Stage, error) {
	name := cadence.Stage(strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(text))))
	var all []string
	for _, stage := range config.Stages() {
		if stage == name {
			return stage, nil
		}
		all = append(all, string(stage))
	}
	return "", fmt.Errorf("%q: %w; the stages are %s", text, errNoStage, strings.Join(all, ", "))
}
