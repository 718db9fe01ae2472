package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/cadence/uld"
	"nurture/internal/token"
	"nurture/store"
)

// theLead is who records what a lead says on its own pages.
const theLead = "the lead"

// ErrLeft is returned, wrapped, for the link of somebody to whom nothing is sent any more, on no channel.
var ErrLeft = errors.New("nothing is sent there any more")

// openLink gives the touch that a token of a public link names. token.ErrInvalid when the token is not good for p, ErrLeft when the lead was erased since: its
// addresses are barred. store.ErrNotFound when the touch is one of the days that a restored backup does not know: it was made here, and nobody knows for whom.
func (e *Engine) openLink(ctx context.Context, db store.DB, p token.Purpose, tok string) (store.TouchRef, error) {
	touchID, err := e.tokens.Open(p, tok)
	if err != nil {
		return store.TouchRef{}, err
	}
	refs, err := store.TouchRefs(ctx, db, []int64{touchID})
	if err != nil {
		return store.TouchRef{}, err
	}
	if len(refs) > 0 {
		return refs[0], nil
	}
	known, err := store.TouchWasHere(ctx, db, touchID, idsAhead)
	switch {
	case err != nil:
		return store.TouchRef{}, err
	case known:
		return store.TouchRef{}, fmt.Errorf("touch %d is erased: %w", touchID, ErrLeft)
	}
	return store.TouchRef{}, fmt.Errorf("touch %d: %w", touchID, store.ErrNotFound)
}

// CheckLink says whether the token of a public link is good for p, and changes nothing. ErrLeft when leaving would change nothing, for the lead has left or was
// erased: whoever holds a link learns not which; other errors are as in Unsubscribe. It returns the token of the same lead's preference page.
func (e *Engine) CheckLink(ctx context.Context, p token.Purpose, tok string) (preferences string, err error) {
	touch, err := e.openLink(ctx, e.pool, p, tok)
	if err != nil {
		return "", err
	}
	lead, err := store.LeadByID(ctx, e.pool, touch.LeadID)
	if err != nil {
		return "", err
	}
	if lead.EndReason == string(cadence.EndOptedOut) && unreachable(lead) {
		return "", fmt.Errorf("lead %d has left: %w", lead.ID, ErrLeft)
	}
	return e.tokens.Make(token.Preferences, touch.TouchID), nil
}

// unreachable says whether every address of a lead is barred.
func unreachable(lead store.Lead) bool {
	return (lead.Email == "" || lead.EmailSuppressed) && (lead.Phone == "" || lead.PhoneSuppressed)
}

// onceOnly is the external id of what a lead sends from one of its pages: the same form sent again is the same event, what it says anew
// is not.
func onceOnly(touchID int64, nonce string, said ...string) string {
	h := sha256.New()
	for _, s := range append([]string{nonce}, said...) {
		fmt.Fprintf(h, "%d %s\n", len(s), s)
	}
	return fmt.Sprintf("%d-%s", touchID, hex.EncodeToString(h.Sum(nil))[:32])
}

// MaxAnswer is how long an answer on the form may be, in characters.
const MaxAnswer = 2000

// ErrUnanswered is returned when a form came back without any answer.
var ErrUnanswered = errors.New("no question is answered")

// AnswerProblems says what is wrong with answers on the form, by the key of the criterion, in words for the lead.
type AnswerProblems map[string]string

// Error lists the criteria.
func (p AnswerProblems) Error() string {
	keys := make([]string, 0, len(p))
	for key := range p {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return "answers cannot be read: " + strings.Join(keys, ", ")
}

// Questions gives the criteria of the definition in force, for the form that a token of token.SelfQualify opens. Errors are as in
// Unsubscribe.
func (e *Engine) Questions(ctx context.Context, tok string) ([]uld.Criterion, error) {
	if _, err := e.openLink(ctx, e.pool, token.SelfQualify, tok); err != nil {
		return nil, err
	}
	current, err := e.liveNow(ctx, e.pool)
	if err != nil {
		return nil, err
	}
	return current.config.Definition.Criteria, nil
}

// SelfQualify takes in what a lead says of itself on the form, by the key of the criterion: as self-asserted facts, which never promote
// where the definition asks for a person (A5, A6). A blank answer is none. nonce tells one form from the next: the same answers on the
// same form a second time change nothing. AnswerProblems lists all that cannot be read, and nothing is stored then; ErrUnanswered when
// there is nothing to store; other errors are as in Unsubscribe.
func (e *Engine) SelfQualify(ctx context.Context, tok, nonce string, answers map[string]string) error {
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		touch, err := e.openLink(ctx, tx, token.SelfQualify, tok)
		if err != nil {
			return err
		}
		current, err := e.liveNow(ctx, tx)
		if err != nil {
			return err
		}
		leads, err := store.Leads(ctx, tx, []int64{touch.LeadID})
		if err != nil {
			return err
		}
		facts, said, err := readAnswers(current.config.Definition, answers, now.In(leadZone(leads, e.operatorZone())))
		if err != nil {
			return err
		}
		_, err = e.respondIn(ctx, tx, now, []ResponseInput{{
			LeadID: touch.LeadID, TouchID: touch.TouchID, Kind: cadence.FormFilled, Source: "form", ExternalID: onceOnly(touch.TouchID, nonce, said...),
			By: theLead, At: now, Answers: facts,
		}})
		return err
	})
}

// readAnswers reads what was typed at an instant, whose location is the lead's. said tells one set of answers from another.
func readAnswers(d uld.Definition, answers map[string]string, at time.Time) (facts []uld.Fact, said []string, err error) {
	problems := AnswerProblems{}
	for _, c := range d.Criteria {
		typed := plainAnswer(answers[c.Key])
		if typed == "" {
			continue
		}
		if n := utf8.RuneCountInString(typed); n > MaxAnswer {
			problems[c.Key] = fmt.Sprintf("this has %d characters, please keep it within %d", n, MaxAnswer)
			continue
		}
		value, err := c.ParseAnswer(typed, at)
		if err != nil {
			problems[c.Key] = strings.TrimPrefix(err.Error(), c.Key+": ")
			continue
		}
		facts, said = append(facts, uld.Fact{Criterion: c.Key, Value: value}), append(said, c.Key, value.String())
	}
	switch {
	case len(problems) > 0:
		return nil, nil, problems
	case len(facts) == 0:
		return nil, nil, ErrUnanswered
	}
	return facts, said, nil
}

// plainAnswer is what was typed without what nobody types: broken UTF-8, NUL and other control characters.
func plainAnswer(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, s))
}

// leadZone is where the calendar of a lead is: its own zone, else the operator's.
func leadZone(leads []store.Lead, operatorZone string) *time.Location {
	zones := []string{operatorZone}
	if len(leads) > 0 && len(leads[0].Zones) > 0 {
		zones = append(leads[0].Zones[:1:1], operatorZone)
	}
	for _, zone := range zones {
		if loc, err := time.LoadLocation(zone); err == nil {
			return loc
		}
	}
	return time.UTC
}

// LinkLanguage is the BCP 47 language of the lead to whom the token of a public link belongs; "" when the token is not good for p, or the
// language is not known.
func (e *Engine) LinkLanguage(ctx context.Context, p token.Purpose, tok string) string {
	touch, err := e.openLink(ctx, e.pool, p, tok)
	if err != nil {
		return ""
	}
	lead, err := store.LeadByID(ctx, e.pool, touch.LeadID)
	if err != nil {
		return ""
	}
	return lead.Language
}
