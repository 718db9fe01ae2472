package voicemail

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"nurture/channels"
)

// pageSize is Twilio's default for a list of calls. More than two in the window already mean that nothing can be decided, so
// one page is enough.
const pageSize = 50

// clockSkew is how far Twilio's clock may differ from ours. Too much of it finds calls that are not the touch's, which a person then
// sees; too little would prove a call absent that was made, and call somebody twice.
const clockSkew = 2 * time.Minute

// wrongClock is how far our clock may have been wrong when the touch was claimed: a call to the lead within so long of it that no other touch
// accounts for keeps the touch from being proven absent.
const wrongClock = 24 * time.Hour

// Probe asks what became of a touch whose answer was lost.
type Probe struct {
	TouchID int64
	To      string // E.164, as sent
	From    string // E.164, as sent
	// Since is when the touch was claimed: its call cannot be older. Two minutes are allowed for clocks that differ, and whole
	// seconds compared, as Twilio keeps no finer.
	Since time.Time
	// Until is when no request of the touch can have been open any more; calls made later, by those two minutes, belong to
	// others. Zero: no limit.
	Until time.Time
	// Known holds CallSids of other touches, such as came by callback: they are not this one's.
	Known []string
}

// Reconcile asks Twilio's call list for each probe and returns one receipt each, in order: Sent with the CallSid when exactly
// one call fits, Temporary when none does (it is proven absent and may be tried again), Unknown when several do, when one does but for
// its time, which may be the fault of our clock, or when Twilio could not be asked.
//
// A list lags behind creation by an unknown little: ask only after a wait (some minutes after Since), else "none" proves nothing.
func (c *Channel) Reconcile(ctx context.Context, probes []Probe) []channels.Receipt {
	receipts := make([]channels.Receipt, len(probes))
	c.spread(ctx, len(probes), func(i int) {
		receipts[i] = c.reconcile(ctx, probes[i])
		receipts[i].TouchID = probes[i].TouchID
	}, func(i int) {
		receipts[i] = channels.Receipt{
			TouchID: probes[i].TouchID, Outcome: channels.Unknown,
			Detail: "not asked: " + context.Cause(ctx).Error(),
		}
	})
	return receipts
}

func (c *Channel) reconcile(ctx context.Context, probe Probe) channels.Receipt {
	since := probe.earliest().Add(-wrongClock)
	found, doubtful, receipt, ok := c.list(ctx, probe, func(p *openapi.ListCallParams) { p.SetStartTimeAfter(since) })
	if ok && len(found) == 0 {
		// A call still waiting in Twilio's queue has no start time, so a filter by start time may pass it over.
		var queued []openapi.ApiV2010Call
		found, queued, receipt, ok = c.list(ctx, probe, func(p *openapi.ListCallParams) { p.SetStatus("queued") })
		doubtful = append(doubtful, queued...)
	}
	switch {
	case !ok:
		return receipt
	case len(found) == 1:
		return channels.Receipt{
			Outcome: channels.Sent, ProviderID: *found[0].Sid,
			Detail: describe(&found[0]) + ", found in the call list", CostMicros: cost(&found[0]),
		}
	case len(found) > 1:
		return channels.Receipt{Outcome: channels.Unknown, Detail: fmt.Sprintf("twilio lists %d calls that may be this touch", len(found))}
	case len(doubtful) > 0:
		return channels.Receipt{Outcome: channels.Unknown, Detail: fmt.Sprintf(
			"twilio lists the call %s, which no touch accounts for, though not at the time of the claim: was the clock wrong?", *doubtful[0].Sid)}
	default:
		return channels.Receipt{Outcome: channels.Temporary, Detail: "twilio lists no such call: it was never made"}
	}
}

// list returns the calls that may be the probe's, and those that may be if a clock was wrong. When it cannot, ok is false and the receipt
// says why.
func (c *Channel) list(ctx context.Context, probe Probe, narrow func(*openapi.ListCallParams)) (
	found, doubtful []openapi.ApiV2010Call, receipt channels.Receipt, ok bool,
) {
	params := &openapi.ListCallParams{}
	params.SetTo(probe.To).SetFrom(probe.From).SetPageSize(pageSize)
	narrow(params)
	api, x := c.api(ctx)
	page, err := api.PageCall(params, "", "")
	if err != nil {
		rule, detail := judge(x, err)
		return nil, nil, channels.Receipt{
			Outcome: channels.Unknown, StopSender: rule.stopSender,
			RetryAfter: x.retryAfter, Detail: "the call list could not be read: " + detail,
		}, false
	}
	for _, call := range page.Calls {
		switch {
		case !probe.fits(&call):
		case probe.near(&call, 0):
			found = append(found, call)
		case probe.near(&call, wrongClock):
			doubtful = append(doubtful, call)
		}
	}
	return found, doubtful, channels.Receipt{}, true
}

// fits reports whether the call may be the probe's but for its time. The filters are checked again here: a call of somebody else taken for
// ours would make a touch seem sent that was not.
func (p Probe) fits(call *openapi.ApiV2010Call) bool {
	if call.Sid == nil || slices.Contains(p.Known, *call.Sid) {
		return false
	}
	if (call.To != nil && *call.To != p.To) || (call.From != nil && *call.From != p.From) {
		return false
	}
	return call.Direction == nil || *call.Direction == "outbound-api" // else a leg made by Dial, or a call that the lead made
}

// near reports whether the call was made within the window, widened at both ends. A time that cannot be read counts as within.
func (p Probe) near(call *openapi.ApiV2010Call, widened time.Duration) bool {
	at, ok := made(call)
	if !ok {
		return true
	}
	return !at.Before(p.earliest().Add(-widened)) && (p.Until.IsZero() || !at.After(p.Until.Add(clockSkew+widened)))
}

func (p Probe) earliest() time.Time { return p.Since.UTC().Truncate(time.Second).Add(-clockSkew) }

// made is when the call was created, else when it started.
func made(call *openapi.ApiV2010Call) (time.Time, bool) {
	for _, stamp := range []*string{call.DateCreated, call.StartTime} {
		if stamp == nil {
			continue
		}
		if at, err := time.Parse(time.RFC1123Z, *stamp); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// cost reads the price, a negative decimal such as "-0.01300", as millionths of the account's currency; 0 while unknown.
func cost(call *openapi.ApiV2010Call) int64 {
	if call.Price == nil {
		return 0
	}
	price, err := strconv.ParseFloat(*call.Price, 64)
	if err != nil || math.IsNaN(price) || math.Abs(price) > 1e6 {
		return 0
	}
	return int64(math.Round(-price * 1e6))
}

// Call is a call as Twilio's API tells it.
type Call struct {
	Callback
	CostMicros int64 // millionths of the account's currency; 0 while unknown: Twilio prices a call some time after its end
	Err        error // the call could not be read; all else is then zero
}

// Fetch asks for each call by its SID, for the cost, and for the end of calls whose callbacks never came. The answers are in order.
func (c *Channel) Fetch(ctx context.Context, callSIDs []string) []Call {
	calls := make([]Call, len(callSIDs))
	c.spread(ctx, len(callSIDs), func(i int) {
		calls[i] = c.fetch(ctx, callSIDs[i])
	}, func(i int) {
		calls[i].Err = fmt.Errorf("voicemail: call %s not asked for: %w", callSIDs[i], context.Cause(ctx))
	})
	return calls
}

func (c *Channel) fetch(ctx context.Context, sid string) Call {
	api, x := c.api(ctx)
	call, err := api.FetchCall(sid, nil)
	if err == nil && (call.Sid == nil || call.Status == nil) {
		err = errors.New("the answer lacks SID or status")
	}
	if err != nil {
		_, detail := judge(x, err)
		return Call{Err: fmt.Errorf("voicemail: call %s could not be read: %s", sid, detail)}
	}
	read := Call{CostMicros: cost(call), Callback: Callback{CallSID: *call.Sid, Status: *call.Status, Sequence: NoSequence}}
	if call.AccountSid != nil {
		read.AccountSID = *call.AccountSid
	}
	if call.AnsweredBy != nil {
		read.AnsweredBy = *call.AnsweredBy
	}
	if call.Duration != nil {
		read.DurationSeconds, _ = strconv.Atoi(*call.Duration) // empty while the call goes on
	}
	if call.EndTime != nil {
		read.At, _ = time.Parse(time.RFC1123Z, *call.EndTime) // likewise
	}
	return read
}
