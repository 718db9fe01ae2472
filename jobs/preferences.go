package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/internal/token"
	"nurture/store"
)

// Choice is something that a lead can ask for on its preference page.
type Choice string

// The choices.
const (
	LessOften   Choice = "less_often" // the long-term cadence from now on
	PauseMonth  Choice = "pause_1"
	PauseThree  Choice = "pause_3"
	PauseSix    Choice = "pause_6"
	NeverCall   Choice = "never_call"   // suppresses the phone
	StopContact Choice = "stop_contact" // as Unsubscribe
)

// pauseMonths are the choices that ask for a pause.
var pauseMonths = map[Choice]int{PauseMonth: 1, PauseThree: 3, PauseSix: 6}

// lessOftenGap is how long a lead that asked for less is left alone at least where there is no long-term cadence to move it to.
const lessOftenGap = 90 // days

// quietDays is from how many days on the preference page speaks of a rest: the steps of active cadences are closer together.
const quietDays = 14

// ErrUnknownChoice is returned, wrapped, for a choice that is none.
var ErrUnknownChoice = errors.New("there is no such choice")

// Standing is how things are between us and a lead, as its preference page shows it.
type Standing struct {
	Stopped    bool       // nothing is sent any more, on no channel
	MailOff    bool       // the address is suppressed
	CallsOff   bool       // the phone is suppressed, or none is known
	LessOften  bool       // in a long-term cadence
	Idle       bool       // in none, and none is about to take it: it ended, is with sales, or rests until a person resumes it
	QuietUntil *time.Time // nothing before then, in the lead's zone; nil when something may come within weeks
	Topics     []TopicStanding
	Unchanged  bool // of Prefer: what was chosen was so before
}

// Preferences tells how things stand, to whom holds a token of token.Preferences, and changes nothing. Errors are as in Unsubscribe.
func (e *Engine) Preferences(ctx context.Context, tok string) (Standing, error) {
	touch, err := e.openLink(ctx, e.pool, token.Preferences, tok)
	if err != nil {
		return Standing{}, err
	}
	return e.standing(ctx, e.pool, e.now(), touch.LeadID)
}

// Prefer does what a lead chose, all in one transaction and before anything else can be sent (D6). nonce tells one form from the next:
// the same choice on the same form a second time changes nothing. It returns how things stand then. ErrUnknownChoice when one is none;
// other errors are as in Unsubscribe. topics may be nil: then nothing is said of them.
func (e *Engine) Prefer(ctx context.Context, tok, nonce string, choices []Choice, topics *TopicChoice) (Standing, error) {
	var standing Standing
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		touch, err := e.openLink(ctx, tx, token.Preferences, tok)
		if err != nil {
			return err
		}
		if slices.Contains(choices, StopContact) {
			choices, topics = []Choice{StopContact}, nil
		}
		inputs := make([]ResponseInput, len(choices))
		for i, c := range choices {
			in, err := c.response(now)
			if err != nil {
				return err
			}
			in.LeadID, in.TouchID, in.Source, in.By, in.At = touch.LeadID, touch.TouchID, "preferences", theLead, now
			in.ExternalID = onceOnly(touch.TouchID, nonce, string(c))
			inputs[i] = in
		}
		off, chosen, err := e.chosenTopics(ctx, tx, touch, nonce, topics)
		if err != nil {
			return err
		}
		if chosen != nil {
			chosen.At = now
			inputs = append(inputs, *chosen)
		}
		ids, err := e.respondIn(ctx, tx, now, inputs)
		if err != nil {
			return err
		}
		for i, c := range choices {
			if ids[i] == 0 {
				continue
			}
			if err := e.keepWord(ctx, tx, now, touch.LeadID, c); err != nil {
				return err
			}
		}
		if chosen != nil && ids[len(ids)-1] != 0 {
			if err := store.SetTopicsOff(ctx, tx, touch.LeadID, off, now); err != nil {
				return err
			}
		}
		standing, err = e.standing(ctx, tx, now, touch.LeadID)
		standing.Unchanged = len(inputs) == 0
		return err
	})
	return standing, err
}

// response is a choice as the cadences know it. A pause, and less often, is "not now", said by the lead itself and with its date.
func (c Choice) response(now time.Time) (ResponseInput, error) {
	switch c {
	case LessOften:
		tomorrow := wholeDay(now).AddDate(0, 0, 1)
		return ResponseInput{Kind: cadence.NotNow, Date: &tomorrow, Said: "Chose on the preference page: less often"}, nil
	case PauseMonth, PauseThree, PauseSix:
		until := c.until(now)
		return ResponseInput{Kind: cadence.NotNow, Date: &until, Said: "Chose on the preference page: nothing before " + until.Format("2 January 2006")}, nil
	case NeverCall:
		return ResponseInput{Kind: cadence.DoNotCall, Said: "Chose on the preference page: never call"}, nil
	case StopContact:
		return ResponseInput{Kind: cadence.Unsubscribe, Said: "Chose on the preference page: stop everything"}, nil
	}
	return ResponseInput{}, fmt.Errorf("%q: %w", string(c), ErrUnknownChoice)
}

// until is the day on which a pause ends; for LessOften, when a lead may hear from us at the earliest without a long-term cadence.
func (c Choice) until(now time.Time) time.Time {
	if c == LessOften {
		return wholeDay(now).AddDate(0, 0, lessOftenGap)
	}
	return wholeDay(now).AddDate(0, pauseMonths[c], 0)
}

// wholeDay is the day of an instant as dates of responses name it.
func wholeDay(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour) }

// keepWord sees to it that a lead gets the rest that it asked for, whatever the rules of its cadence make of "not now": a cadence may let it
// go on, or wait for another date. Where audience rules were about to look at the lead, they wait.
func (e *Engine) keepWord(ctx context.Context, tx pgx.Tx, now time.Time, leadID int64, c Choice) error {
	if c != LessOften && pauseMonths[c] == 0 {
		return nil
	}
	until := c.until(now)
	row, err := store.LatestEnrollment(ctx, tx, leadID)
	if errors.Is(err, store.ErrNotFound) || err == nil && row.State == string(cadence.Finished) {
		return store.PostponeIntake(ctx, tx, leadID, until)
	}
	if err != nil {
		return err
	}
	if c == LessOften {
		slow, err := e.longTerm(ctx, tx, row)
		if err != nil || slow {
			return err
		}
		to, err := e.slower(ctx, tx, row.CadenceKey)
		if err != nil {
			return err
		}
		if to != "" {
			return e.apply(ctx, tx, now, []transition{{leadID: leadID, enrollmentID: row.ID, event: cadence.MovedByPerson{To: to}}}, nil)
		}
	}
	if restsUntil(row, until) {
		return nil
	}
	return e.apply(ctx, tx, now, []transition{{leadID: leadID, enrollmentID: row.ID, event: cadence.PausedByPerson{Until: &until}}}, nil)
}

// slower is the long-term cadence that leads of a cadence come to in the end, as things are configured now; "" when they come to none.
func (e *Engine) slower(ctx context.Context, db store.DB, key string) (string, error) {
	current, err := e.liveNow(ctx, db)
	if err != nil {
		return "", err
	}
	for range current.config.Plans { // no more hands than there are cadences
		plan, ok := current.config.Plans[key]
		switch {
		case ok && plan.Term == cadence.LongTerm:
			return key, nil
		case !ok || plan.Then.Move == nil || plan.Then.Close:
			return "", nil
		}
		key = plan.Then.Move.To
	}
	return "", nil
}

// restsUntil says whether nothing happens in an enrolment before a day, wherever on earth that day begins.
func restsUntil(row store.Enrollment, day time.Time) bool {
	switch {
	case row.DueAt != nil:
		return !row.DueAt.Before(day.Add(-14 * time.Hour)) // Kiritimati's day begins 14 hours before that of UTC
	default:
		return row.State == string(cadence.Paused) // until somebody ends it
	}
}

// longTerm says whether an enrolment is in a long-term cadence.
func (e *Engine) longTerm(ctx context.Context, db store.DB, row store.Enrollment) (bool, error) {
	if err := e.definitions.pin(ctx, db, []store.Enrollment{row}); err != nil {
		return false, err
	}
	pinned := e.definitions.of(row.CadenceVersionID)
	return pinned.config.Plans[pinned.key].Term == cadence.LongTerm, nil
}

// standing reads how things stand with a lead.
func (e *Engine) standing(ctx context.Context, db store.DB, now time.Time, leadID int64) (Standing, error) {
	lead, err := store.LeadByID(ctx, db, leadID)
	if err != nil {
		return Standing{}, err
	}
	s := Standing{
		Topics:  e.topicStanding(ctx, db, lead),
		MailOff: lead.EmailSuppressed || lead.Email == "", CallsOff: lead.PhoneSuppressed || lead.PhoneInvalid || lead.Phone == "",
	}
	s.Stopped = s.MailOff && s.CallsOff || lead.EndReason == string(cadence.EndOptedOut)
	quiet := func(until *time.Time) *time.Time {
		if until == nil || !until.After(now.AddDate(0, 0, quietDays)) {
			return nil
		}
		there := until.In(leadZone([]store.Lead{lead}, e.operatorZone()))
		return &there
	}
	row, err := store.LatestEnrollment(ctx, db, leadID)
	if errors.Is(err, store.ErrNotFound) || err == nil && row.State == string(cadence.Finished) {
		s.Idle, s.QuietUntil = lead.IntakeAt == nil, quiet(lead.IntakeAt)
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.QuietUntil, s.Idle = quiet(row.DueAt), row.State == string(cadence.Paused) && row.DueAt == nil
	if s.LessOften, err = e.longTerm(ctx, db, row); err != nil {
		return s, err
	}
	return s, nil
}
