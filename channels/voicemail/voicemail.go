// Package voicemail drops voicemails through Twilio's voice API: it creates calls with answering machine detection, answers
// Twilio's questions in TwiML, reads its callbacks, and asks it what became of calls whose answer was lost.
//
// Creating a call is not idempotent at Twilio, so the package is strict about one thing: only what provably never became a
// call is Temporary or Permanent; every doubt is Unknown, and Reconcile settles it.
package voicemail

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/twilio/twilio-go/client"
	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"nurture/channels"
	"nurture/channels/journal"
)

// What New uses where Config holds zero.
const (
	DefaultTimeout       = 10 * time.Second
	DefaultMaxConcurrent = 4
)

// Paths below Config.PublicURL that Twilio is told to ask; the touch's token follows.
const (
	VoicePath  = "/twilio/voice/"  // answered with Answer
	StatusPath = "/twilio/status/" // read with ParseCallback
)

// detectionSeconds is how long Twilio listens for the greeting's end before it reports "unknown"; 30 is Twilio's default, set
// so that a changed default changes nothing here.
const detectionSeconds = 30

// Config is what the channel needs to know.
type Config struct {
	AccountSID string
	AuthToken  string
	// BaseURL is another scheme and host to talk to, such as http://127.0.0.1:9000; "" is Twilio. A path is refused.
	BaseURL string
	// PublicURL is where Twilio reaches us: scheme, host and perhaps a path prefix, without a query.
	PublicURL string
	// Token gives the opaque string that stands for a touch in the URLs handed to Twilio. Through it a callback finds its
	// touch even when the answer that carried the CallSid was lost.
	Token func(touchID int64) string
	// Timeout bounds one request; 0 is DefaultTimeout. Keep it below the worker's own: twilio-go takes no context, and a
	// request that ends by its time-out is Unknown.
	Timeout time.Duration
	// MaxConcurrent bounds the requests in flight over all calls of Send, Reconcile and Fetch; 0 is DefaultMaxConcurrent.
	MaxConcurrent int
	// Journal gets a mark before each request that may become a call, and one behind its answer; nil keeps none: for trial calls that no
	// ledger knows.
	Journal *journal.Journal
	// Transport carries the requests; nil is a private one that honours the usual proxy variables. It must not repeat a POST by itself; net/http's does not.
	Transport http.RoundTripper
}

// Channel sends voicemail drops. It is safe for concurrent use. Make it with New.
type Channel struct {
	config    Config
	base      *url.URL // nil: Twilio
	transport http.RoundTripper
	slots     chan struct{}
}

var _ channels.Lanes = (*Channel)(nil)

// New checks the configuration, every error at once, and returns the channel. It opens no connection.
func New(config Config) (*Channel, error) {
	var problems []error
	if config.AccountSID == "" || config.AuthToken == "" {
		problems = append(problems, errors.New("voicemail: account SID and auth token are both needed: copy them from the Twilio console"))
	}
	if config.Token == nil {
		problems = append(problems, errors.New("voicemail: Config.Token is nil: callbacks could not find their touch"))
	}
	if _, err := absolute("public URL", config.PublicURL); err != nil {
		problems = append(problems, err)
	}
	channel := &Channel{config: config, transport: config.Transport}
	if config.BaseURL != "" {
		base, err := absolute("base URL", config.BaseURL)
		if err == nil && strings.Trim(base.Path, "/") != "" {
			err = fmt.Errorf("voicemail: base URL %q: only scheme and host can be replaced, drop the path", config.BaseURL)
		}
		if err != nil {
			problems = append(problems, err)
		}
		channel.base = base
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	if channel.config.Timeout <= 0 {
		channel.config.Timeout = DefaultTimeout
	}
	if channel.config.MaxConcurrent <= 0 {
		channel.config.MaxConcurrent = DefaultMaxConcurrent
	}
	channel.config.PublicURL = strings.TrimRight(config.PublicURL, "/")
	channel.slots = make(chan struct{}, channel.config.MaxConcurrent)
	if channel.transport == nil {
		channel.transport = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: channel.config.MaxConcurrent,
			IdleConnTimeout:     time.Minute,
		}
	}
	return channel, nil
}

func absolute(name, raw string) (*url.URL, error) {
	parsed, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("voicemail: %s: %w", name, err)
	}
	if (parsed.Scheme != "https" && parsed.Scheme != "http") || parsed.Host == "" || parsed.RawQuery != "" || parsed.Fragment != "" {
		return nil, fmt.Errorf("voicemail: %s %q must look like https://host[:port]", name, raw)
	}
	return parsed, nil
}

// Close drops idle connections. A Channel may be used again afterwards.
func (c *Channel) Close() {
	if idle, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		idle.CloseIdleConnections()
	}
}

// Lane implements channels.Lanes: all senders share the account, and MaxConcurrent of its requests are under way at once.
func (c *Channel) Lane(context.Context, string) (key string, width int) {
	return c.config.AccountSID, c.config.MaxConcurrent
}

// Send creates one call per message and answers with one receipt each, in order. Sent means that Twilio has the call, not
// that anybody heard it: that comes by callback. Once a sender is refused, its messages not yet begun are not tried.
func (c *Channel) Send(ctx context.Context, messages []channels.Message) []channels.Receipt {
	receipts := make([]channels.Receipt, len(messages))
	var refused refusals
	c.spread(ctx, len(messages), func(i int) {
		m := messages[i]
		if receipt, stopped := refused.find(m.From.Address); stopped {
			receipts[i] = receipt
		} else {
			receipts[i] = c.marked(ctx, m)
			refused.note(m.From.Address, receipts[i])
		}
		receipts[i].TouchID = m.TouchID
	}, func(i int) {
		receipts[i] = channels.Receipt{
			TouchID: messages[i].TouchID, Outcome: channels.Temporary, Unreached: true,
			Detail: "not tried: " + context.Cause(ctx).Error(),
		}
	})
	return receipts
}

// spread runs the n pieces of work, at most MaxConcurrent of the whole channel at once, and waits for them. A piece that finds
// no slot before ctx ends is missed.
func (c *Channel) spread(ctx context.Context, n int, run, missed func(i int)) {
	var group sync.WaitGroup
	defer group.Wait()
	for i := range n {
		if ctx.Err() != nil {
			missed(i)
			continue
		}
		select {
		case <-ctx.Done():
			missed(i)
		case c.slots <- struct{}{}:
			group.Go(func() {
				defer func() { <-c.slots }()
				run(i)
			})
		}
	}
}

// marked creates a call between the marks of the journal. Where the first cannot be written, such as on a full disk, no call is made.
func (c *Channel) marked(ctx context.Context, m channels.Message) channels.Receipt {
	if err := c.config.Journal.MarkLeaving(m.TouchID); err != nil {
		return channels.Receipt{Outcome: channels.Temporary, Unreached: true, Detail: err.Error()}
	}
	receipt := c.create(ctx, m)
	receipt.TouchID = m.TouchID
	_ = c.config.Journal.MarkAnswer(receipt)
	return receipt
}

// create asks for a call. A panic leaves the fate of this one open, and costs no other: here it would end the process.
func (c *Channel) create(ctx context.Context, m channels.Message) (receipt channels.Receipt) {
	defer func() {
		if p := recover(); p != nil {
			receipt = channels.Receipt{Outcome: channels.Unknown, Detail: fmt.Sprintf("the channel failed: %v", p)}
		}
	}()
	if m.To.Address == "" {
		return channels.Receipt{Outcome: channels.Permanent, Detail: "no number to call"}
	}
	token := c.config.Token(m.TouchID)
	if token == "" {
		// Without it neither the script nor the outcome would find the touch: a call nobody could account for.
		return channels.Receipt{Outcome: channels.Permanent, Detail: "no token for the touch: its callbacks would be lost"}
	}
	token = url.PathEscape(token)
	params := &openapi.CreateCallParams{}
	params.SetTo(m.To.Address).SetFrom(m.From.Address).
		SetUrl(c.config.PublicURL + VoicePath + token).
		SetStatusCallback(c.config.PublicURL + StatusPath + token).
		SetStatusCallbackEvent([]string{"initiated", "ringing", "answered", "completed"}).
		SetMachineDetection("DetectMessageEnd").
		SetMachineDetectionTimeout(detectionSeconds)
	api, x := c.api(ctx)
	call, err := api.CreateCall(params)
	return classify(x, call, err)
}

// api returns a client for one request, and the record of what happens to that request on the wire. A client per request is a
// few small allocations; connections are shared through the transport. The request handler is made by hand because the
// library's constructor reads the environment.
func (c *Channel) api(ctx context.Context) (*openapi.ApiService, *exchange) {
	x := &exchange{ctx: ctx, timeout: c.config.Timeout, base: c.base, transport: c.transport}
	twilio := &client.Client{
		Credentials: client.NewCredentials(c.config.AccountSID, c.config.AuthToken),
		HTTPClient: &http.Client{
			Transport: x,
			// A followed 307 would repeat the POST: a redirect is an answer like another.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	twilio.SetAccountSid(c.config.AccountSID)
	return openapi.NewApiService(&client.RequestHandler{Client: twilio}), x
}

// refusals remembers, during one Send, which senders Twilio refused.
type refusals struct {
	mu   sync.Mutex
	seen map[string]channels.Receipt
}

func (r *refusals) note(sender string, receipt channels.Receipt) {
	if !receipt.StopSender {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = make(map[string]channels.Receipt)
	}
	r.seen[sender] = receipt
}

func (r *refusals) find(sender string) (channels.Receipt, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	receipt, ok := r.seen[sender]
	if ok {
		receipt.Detail = "not tried, the sender was just refused: " + receipt.Detail
	}
	return receipt, ok
}
