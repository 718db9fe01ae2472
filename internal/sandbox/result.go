package sandbox

import (
	"context"
	"strings"

	"nurture/cadence"
	"nurture/internal/sandbox/mailsink"
	"nurture/jobs"
	"nurture/store"
)

// Result is what came of a run. The JSON keys are a contract: docs/cli.md lists them.
type Result struct {
	Leads              int            `json:"leads"`
	Days               int            `json:"days"`
	Touches            ByChannel      `json:"touches"`
	Sent               int            `json:"sent"`
	Skipped            int            `json:"skipped"`
	Failed             int            `json:"failed"`
	Unknown            int            `json:"unknown"`
	Responses          map[string]int `json:"responses"`
	Verdicts           Verdicts       `json:"verdicts"`
	Promotions         int            `json:"promotions"` // leads that were ever offered to sales
	Handoffs           Handoffs       `json:"handoffs"`
	LongTerm           int            `json:"long_term"` // leads in a long-term cadence at the end
	Leaks              int            `json:"leaks"`
	MaxTouchesPerCycle int            `json:"max_touches_per_cycle"`
	TouchesAfterStop   int            `json:"touches_after_stop"` // counted by the stand-ins, not by the ledger
	SentTwice          int            `json:"sent_twice"`         // likewise
	Lost               int            `json:"lost"`               // the ledger says sent, the stand-ins never saw it
	Precision          *Precision     `json:"precision,omitempty"`
	WallSeconds        float64        `json:"wall_seconds"`

	Summary  store.Summary `json:"-"`
	Staff    int           `json:"-"` // how many times the configured desk was staffed, as in jobs.Options.Desk
	Examples []Example     `json:"-"`

	mails []mailsink.Mail // the newest, whole
}

// ByChannel counts touches that left.
type ByChannel struct {
	Email     int `json:"email"`
	Voicemail int `json:"voicemail"`
	Call      int `json:"call"`
}

// Verdicts counts evaluations by outcome.
type Verdicts struct {
	Promote int `json:"promote"`
	Nurture int `json:"nurture"`
	Close   int `json:"close"`
}

// Handoffs counts promotions by whether their dossier was complete.
type Handoffs struct {
	Complete int `json:"complete"`
	Blocked  int `json:"blocked"` // still waiting for an item at the end
	Accepted int `json:"accepted"`
	Rejected int `json:"rejected"`
}

// Precision compares promotions with what the file says the leads did.
type Precision struct {
	Promoted  int     `json:"promoted"`
	Converted int     `json:"converted"` // of the promoted
	Share     float64 `json:"share"`     // 0 when nobody was promoted
	BaseRate  float64 `json:"base_rate"` // of all leads of the file
}

// result counts, from the ledger and independently from the stand-ins.
func (w *world) result(ctx context.Context) (*Result, error) {
	s, err := store.Summarize(ctx, w.pool)
	if err != nil {
		return nil, err
	}
	leaks, err := store.Leaks(ctx, w.pool, 0)
	if err != nil {
		return nil, err
	}
	r := &Result{
		Leads: s.Leads, Days: w.Days, Staff: w.desk, Touches: ByChannel{s.Sent["email"], s.Sent["voicemail"], s.Sent["call"]},
		Sent: s.States["sent"], Skipped: s.States["skipped"], Failed: s.States["failed"], Unknown: s.States["unknown"],
		Responses: s.Responses, Verdicts: Verdicts{s.Verdicts["promote"], s.Verdicts["nurture"], s.Verdicts["close"]},
		Leaks: len(leaks), MaxTouchesPerCycle: s.MaxTouchesPerCycle, Summary: s,
		Handoffs: Handoffs{Blocked: s.Handoffs["blocked"], Accepted: s.Handoffs["accepted"], Rejected: s.Handoffs["rejected"]},
	}
	for _, state := range []string{"offered", "accepted", "rejected"} {
		r.Handoffs.Complete += s.Handoffs[state]
	}
	for key, plan := range w.config.Plans {
		if plan.Term == cadence.LongTerm {
			r.LongTerm += s.Running[key]
		}
	}
	promoted, err := store.PromotedLeads(ctx, w.pool)
	if err != nil {
		return nil, err
	}
	r.Promotions = len(promoted)
	r.Precision = w.precision(promoted)
	if r.Examples, err = w.examples(ctx); err != nil {
		return nil, err
	}
	return r, w.audit(ctx, r)
}

// precision is nil when the file does not say what the leads did.
func (w *world) precision(promoted []store.Reach) *Precision {
	truth := map[string]bool{}
	converted := 0
	for _, row := range w.rows {
		if said, ok := row.Lead.Outcome["converted"]; ok {
			truth[row.Lead.Key] = truthy(said)
			if truthy(said) {
				converted++
			}
		}
	}
	if len(truth) == 0 {
		return nil
	}
	p := &Precision{Promoted: len(promoted), BaseRate: float64(converted) / float64(len(truth))}
	for _, lead := range promoted {
		if truth[lead.Key] {
			p.Converted++
		}
	}
	if p.Promoted > 0 {
		p.Share = float64(p.Converted) / float64(p.Promoted)
	}
	return p
}

// audit counts what the stand-ins saw: they know nothing of the ledger, and so can contradict it.
func (w *world) audit(ctx context.Context, r *Result) error {
	for _, n := range w.sink.Duplicates() {
		r.SentTwice += n - 1
	}
	mails, err := store.SentTouches(ctx, w.pool, "email")
	if err != nil {
		return err
	}
	for _, m := range w.sink.Received() {
		if m.Body != nil {
			r.mails = append(r.mails, m)
		}
		if id, ok := jobs.TouchOf(m.MessageID); ok {
			delete(mails, id)
		}
		for _, to := range m.To {
			if after(m.At, w.stops[w.leadAt[strings.ToLower(to)]].mail) {
				r.TouchesAfterStop++
			}
		}
	}
	drops, err := store.SentTouches(ctx, w.pool, "voicemail")
	if err != nil {
		return err
	}
	asked := map[string]bool{} // calls that a touch of the ledger knows
	for _, sid := range drops {
		asked[sid] = true
	}
	made := 0
	for _, c := range w.phone.Calls() {
		if asked[c.SID] {
			made++
		} else {
			r.SentTwice++
		}
		if after(c.At, w.stops[w.leadAt[c.To]].calls) {
			r.TouchesAfterStop++
		}
	}
	r.Lost += len(mails) + len(drops) - made
	r.TouchesAfterStop += w.badCalls
	return nil
}
