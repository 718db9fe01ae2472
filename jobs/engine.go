// Package jobs is the durable shell around the core: it locks what a decision is about, asks cadence.Decide, and saves what
// it said together with the River jobs that follow, in one transaction. A River job is an alarm clock and never an order: it wakes
// a worker who reads the ledger and does what is still to be done.
package jobs

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"nurture/cadence"
	"nurture/channels"
	"nurture/channels/email/inbound"
	"nurture/channels/journal"
	"nurture/internal/token"
	"nurture/store"
)

// Engine is the one way in which the state of leads changes. It is safe for concurrent use.
type Engine struct {
	pool        *pgxpool.Pool
	river       *river.Client[pgx.Tx]
	now         func() time.Time
	realNow     func() time.Time
	log         *slog.Logger
	worker      store.Worker
	channels    map[cadence.Channel]channels.Channel
	journal     *journal.Journal
	journalDir  string
	reconciler  Reconciler
	tokens      token.Signer
	definitions *definitions
	publicURL   string
	desk        int
	planAhead   int
	classify    func(inbound.Message, time.Time) inbound.Classification // inbound.Classify

	lanes   lanes
	closing context.Context // ends when the process is told to stop: then nothing is begun any more
	close   context.CancelFunc
	hands   hands
	claims  map[cadence.Channel]*group[int64, []store.Outgoing]
	records group[store.TouchResult, struct{}]

	liveMu sync.Mutex
	live   *live

	recoverMu sync.Mutex
	watched   map[string]*watch  // by worker id
	sighted   map[int64]sighting // by job id

	reconcileMu sync.Mutex
	inquiries   map[int64]inquiry // by touch id
	listLag     time.Duration

	closed cadence.ClosedRooms
	passed passedOver
	leaks  leakWatch

	pulse, retention, forgetting, tally, looking, straying, resting chore
	turning                                                         turning

	unrecordedMu sync.Mutex
	unrecorded   []store.TouchResult // results that the database could not take yet
	lost         lostClaims
	troubles     troubles
}

// Options are what an Engine is built from.
type Options struct {
	Pool *pgxpool.Pool
	// Now is the one clock; every decision and every statement gets its instant from here.
	Now func() time.Time
	// RealNow tells the living from the dead among worker processes, and when the voice provider may be asked; Now unless that is a virtual clock.
	RealNow func() time.Time
	Log     *slog.Logger
	// Worker identifies this process; its ID is "" in a process that only asks and never works, such as `nurture respond`.
	Worker store.Worker
	// Channels carry touches out; nil in a process that never works. ChannelCall is the engine's own.
	Channels map[cadence.Channel]channels.Channel
	// Journal is this process's send journal and JournalDir where all processes of this machine keep theirs: by them the work of a
	// dead process is taken up. Nil and "" in a process that never works.
	Journal    *journal.Journal
	JournalDir string
	// Reconciler asks the voice provider about calls whose answer was lost; nil leaves them to a person.
	Reconciler Reconciler
	// ListLag is after how long on the real clock the Reconciler is believed that it knows no such call; 0 is two minutes.
	ListLag time.Duration
	// PublicURL overrides public_url of the configuration in the links that leave; "" does not.
	PublicURL string
	// Desk multiplies every daily capacity: of mailboxes, SDRs and intake. 0 is 1; the sandbox fits the desk to its leads by it.
	Desk int
	// MaxWorkers is how many jobs of each queue run at once; 0 is 8.
	MaxWorkers int
}

// New builds an engine on a migrated database. Call Start to work jobs; without it the engine only inserts them.
func New(ctx context.Context, o Options) (*Engine, error) {
	proposed := make([]byte, 32)
	if _, err := rand.Read(proposed); err != nil {
		return nil, err
	}
	secret, err := store.Secret(ctx, o.Pool, "tokens", proposed)
	if err != nil {
		return nil, fmt.Errorf("read the token secret: %w", err)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.RealNow == nil {
		o.RealNow = o.Now
	}
	e := &Engine{
		pool: o.Pool, now: func() time.Time { return o.Now().UTC().Truncate(time.Microsecond) }, realNow: o.RealNow, log: o.Log, worker: o.Worker,
		channels: o.Channels, journal: o.Journal, journalDir: o.JournalDir, reconciler: o.Reconciler, tokens: token.NewSigner(secret), definitions: newDefinitions(), publicURL: o.PublicURL, desk: max(o.Desk, 1), planAhead: planAhead, classify: inbound.Classify,
		lanes: lanes{patience: lanePatience, places: sendPlaces(o.MaxWorkers)}, claims: map[cadence.Channel]*group[int64, []store.Outgoing]{}, watched: map[string]*watch{}, listLag: cmp.Or(o.ListLag, reconcileWait),
	}
	e.closing, e.close = context.WithCancel(context.Background())
	for channel := range o.Channels {
		e.claims[channel] = &group[int64, []store.Outgoing]{do: func(ctx context.Context, windows [][]int64) ([][]store.Outgoing, error) {
			return e.claimTogether(ctx, channel, windows)
		}}
	}
	e.records.do = e.recordTogether
	e.river, err = newRiver(e, o)
	if err != nil {
		return nil, err
	}
	return e, nil
}

// Tokens signs and opens the references in addresses and links.
func (e *Engine) Tokens() token.Signer { return e.tokens }

// inTx runs f in a transaction that starts with the present instant. A deadlock or serialisation failure, which another
// process's lock order can cause, is tried again. A panic is an error like any other: it must not end the process.
func (e *Engine) inTx(ctx context.Context, f func(tx pgx.Tx, now time.Time) error) error {
	for try := 0; ; try++ {
		err := attempt(ctx, e.pool, func(tx pgx.Tx) error { return f(tx, e.now()) })
		if try < 3 && retryable(err) {
			continue
		}
		return err
	}
}

// attempt runs f in a transaction, or in a savepoint of one, that leaves nothing behind when it fails or panics.
func attempt(ctx context.Context, db interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}, f func(tx pgx.Tx) error,
) error {
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("this is a defect of the program: %v\n%s", p, debug.Stack())
			}
		}()
		return f(tx)
	})
}

// spoilt says that a statement failed for what it was about, not because the database is away, busy or told to stop: then what was asked
// for in one go may succeed in parts.
func spoilt(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrNotReady) || errors.Is(err, errLaneFull) {
		return false
	}
	if code := sqlState(err); code != "" {
		class := code[:2]
		return class == "22" || class == "23" || class == "54" // data exception, integrity constraint violation, program limit exceeded
	}
	var lost interface{ SafeToRetry() bool } // how pgx says that a connection was lost, or never there
	var network net.Error
	away := errors.As(err, &lost) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
	return !away
}

// retryable says whether Postgres gave up on a transaction for the sake of another one: codes 40001 and 40P01.
func retryable(err error) bool {
	code := sqlState(err)
	return code == "40001" || code == "40P01"
}

// refersToNothing says whether a row was about another one that is not there: code 23503.
func refersToNothing(err error) bool { return sqlState(err) == "23503" }

// sqlState is the code by which Postgres says why a statement failed; "" when it was not Postgres that said so.
func sqlState(err error) string {
	var pg interface{ SQLState() string }
	if !errors.As(err, &pg) {
		return ""
	}
	return pg.SQLState()
}
