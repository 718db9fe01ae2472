package jobs

import (
	"fmt"
	"net/url"

	"nurture/channels"
)

// ringing is a call at the phone provider, with what the provider will tell of it, in the order in which it tells it.
type ringing struct {
	token string
	forms []url.Values
	told  int
}

// dial has the provider ring: who answers, and how it ends, is anybody's guess, and callbacks come in any order.
func (c *company) dial(touchID int64) {
	by := []string{"machine_end_beep", "machine_end_silence", "machine_end_other", "human", "fax", "unknown", "machine_start", ""}[c.random.IntN(8)]
	end := []string{"completed", "completed", "completed", "busy", "no-answer", "failed", "canceled"}[c.random.IntN(7)]
	call := &ringing{token: c.VoiceToken(touchID)}
	for i, status := range []string{"initiated", "ringing", "in-progress", end} {
		call.forms = append(call.forms, url.Values{
			"CallSid": {fmt.Sprintf("CA%d", touchID)}, "CallStatus": {status}, "SequenceNumber": {fmt.Sprint(i)}, "AnsweredBy": {by},
		})
	}
	if c.random.IntN(2) == 0 {
		c.random.Shuffle(len(call.forms), func(i, j int) { call.forms[i], call.forms[j] = call.forms[j], call.forms[i] })
	}
	c.calls = append(c.calls, call)
}

// ring lets the provider ask what to say in some call, or tell how it goes, perhaps of one long ago, and perhaps not for the first time.
func (c *company) ring() error {
	c.mu.Lock()
	if len(c.calls) == 0 {
		c.mu.Unlock()
		return nil
	}
	call := c.calls[len(c.calls)-1-c.random.IntN(min(len(c.calls), 12))]
	form := call.forms[min(call.told, len(call.forms)-1)]
	if call.told++; c.random.IntN(4) == 0 {
		form = call.forms[c.random.IntN(len(call.forms))] // again
	}
	c.mu.Unlock()
	if c.random.IntN(3) > 0 {
		if _, err := c.VoiceScript(c.ctx, call.token, form); err != nil {
			return fmt.Errorf("script: %w", err)
		}
	}
	return c.VoiceCallback(c.ctx, call.token, form)
}

// ringSome is a busy moment at the provider.
func (c *company) ringSome() error {
	for range 1 + c.random.IntN(6) {
		if err := c.ring(); err != nil {
			return err
		}
	}
	return nil
}

// rung notes what the voice channel was handed; a call whose answer was lost may have been made.
func (c *company) rung(m channels.Message, o channels.Outcome) {
	if o == channels.Sent || o == channels.Unknown && c.random.IntN(2) == 0 {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.dial(m.TouchID)
	}
}
