package jobs

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels/voicemail"
	"nurture/internal/token"
	"nurture/store"
)

// VoiceScript gives what a call should hear, as TwiML: the provider asks with the token of the touch and a form that says who
// answered. Whoever must not be called any more hears nothing, or an apology if a person answers. token.ErrInvalid when the token is not ours.
func (e *Engine) VoiceScript(ctx context.Context, tok string, form url.Values) ([]byte, error) {
	touchID, err := e.tokens.Open(token.Voice, tok)
	if err != nil {
		return nil, err
	}
	outgoing, err := store.LoadOutgoing(ctx, e.pool, []int64{touchID})
	if err != nil {
		return nil, err
	}
	if err := e.complete(ctx, e.pool, outgoing); err != nil {
		return nil, err
	}
	if len(outgoing) == 0 || outgoing[0].TouchChannel != cadence.ChannelVoicemail {
		return nil, fmt.Errorf("voicemail touch %d: %w", touchID, store.ErrNotFound)
	}
	barred, err := store.FindSuppressions(ctx, e.pool, []string{outgoing[0].Address})
	if err != nil {
		return nil, err
	}
	if len(barred) > 0 || turned(&outgoing[0]) { // while the call waited for a line
		return voicemail.Answer(form.Get("AnsweredBy"), voicemail.Script{}), nil
	}
	m, err := e.renderOne(&outgoing[0])
	if err != nil {
		return nil, err
	}
	by := form.Get("AnsweredBy")
	script := voicemail.Script{
		Text: m.Text, RecordingURL: m.Voice.RecordingURL, OnHuman: m.Voice.OnHuman, Language: m.Voice.Language, CallerID: m.From.Address,
	}
	if script.Leaves(by) {
		if err := store.MarkMessageGiven(ctx, e.pool, touchID); err != nil {
			return nil, err
		}
	}
	return voicemail.Answer(by, script), nil
}

// turned says that what has become known of a lead since it was rung lets it hear nothing, as a claim would refuse to ring it now: that the number is not its own, that
// it takes its consent back, that it wrote and its cadence is paused, that it ended, save by the end of its cadence, of which this may be the last step, or that sales
// has it.
func turned(o *store.Outgoing) bool {
	return o.State == string(cadence.Paused) || o.Phone != o.Address || o.PhoneInvalid || o.ConsentVoicemail == nil || o.EndReason != "" && o.EndReason != string(cadence.EndExhausted) || withSales(o.Lead)
}

// ErrBadCallback is returned, wrapped, for a callback that no later try makes readable.
var ErrBadCallback = errors.New("the callback cannot be read")

// VoiceCallback takes in a status callback about a voicemail touch. Callbacks may come in any order, late, more than once, or before
// the answer to the call's creation: the first word that the provider took the touch records it as sent, and only the final status
// becomes a response, once a call (D5). A message counts as left only if its words were handed out, too: see VoiceScript. token.ErrInvalid when the token is not ours, ErrBadCallback when the form is no callback's.
func (e *Engine) VoiceCallback(ctx context.Context, tok string, form url.Values) error {
	touchID, err := e.tokens.Open(token.Voice, tok)
	if err != nil {
		return err
	}
	c, err := voicemail.ParseCallback(form)
	if err != nil {
		return fmt.Errorf("touch %d: %w: %w", touchID, ErrBadCallback, err)
	}
	kind, final := c.Response()
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		refs, err := store.TouchRefs(ctx, tx, []int64{touchID})
		if err != nil {
			return err
		}
		if len(refs) == 0 {
			return fmt.Errorf("touch %d: %w", touchID, store.ErrNotFound)
		}
		// One that was put aside after a try was given up for never made: its call proves that it was.
		if s := refs[0].State; s == store.TouchClaimed || s == store.TouchUnknown || s != store.TouchSent && refs[0].Tries > 0 {
			sent := store.TouchResult{TouchID: touchID, State: store.TouchSent, ProviderID: c.CallSID, NotBefore: now}
			if err := e.recordIn(ctx, tx, now, []store.TouchResult{sent}); err != nil {
				return err
			}
		}
		if !final {
			return nil
		}
		if kind == cadence.VoicemailLeft && !refs[0].MessageGiven {
			kind = cadence.CallFailed
		}
		_, err = e.respondIn(ctx, tx, now, []ResponseInput{{
			LeadID: refs[0].LeadID, TouchID: touchID, Kind: kind, Source: "twilio", ExternalID: c.CallSID, At: now,
		}})
		return err
	})
}

// Unsubscribe takes in a lead's wish to be left alone, by the token in a link. It may repeat. token.ErrInvalid when the token is not ours, ErrLeft when the lead
// was erased and nothing is left to do, store.ErrNotFound when nobody knows any more whose link it is: see openLink.
func (e *Engine) Unsubscribe(ctx context.Context, tok string) error {
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		touch, err := e.openLink(ctx, tx, token.Unsubscribe, tok)
		if err != nil {
			return err
		}
		in := ResponseInput{LeadID: touch.LeadID, TouchID: touch.TouchID, Kind: cadence.Unsubscribe, Source: "link", ExternalID: fmt.Sprint(touch.TouchID), At: now}
		ids, err := e.respondIn(ctx, tx, now, []ResponseInput{in})
		if err != nil || ids[0] != 0 {
			return err
		}
		lead, err := store.LeadByID(ctx, tx, in.LeadID)
		if err != nil || unreachable(lead) {
			return err
		}
		// Somebody took the suppression back since, or the lead has another address: its word counts anew.
		in.ExternalID = fmt.Sprintf("%d %d", touch.TouchID, now.UnixMicro())
		_, err = e.respondIn(ctx, tx, now, []ResponseInput{in})
		return err
	})
}

// OperatorName is the name of the company, for public pages; "" before a configuration is live.
func (e *Engine) OperatorName(ctx context.Context) string {
	current, err := e.liveNow(ctx, e.pool)
	if err != nil {
		return ""
	}
	return current.config.Settings.Company.Name
}

// VoiceToken is the reference that a call carries in its addresses.
func (e *Engine) VoiceToken(touchID int64) string { return e.tokens.Make(token.Voice, touchID) }
