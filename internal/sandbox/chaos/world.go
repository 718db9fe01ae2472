package chaos

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/channels/voicemail"
	"nurture/config"
	"nurture/examples"
	"nurture/internal/sandbox/clock"
	"nurture/internal/sandbox/mailsink"
	"nurture/internal/sandbox/phone"
	"nurture/jobs"
	"nurture/store"
	"nurture/web"
)

// The stand-ins' accounts. Nothing here is secret: they exist on loopback for the length of a run.
const (
	accountSID   = "AC00000000000000000000000000000000"
	authToken    = "chaos"
	inboundToken = "chaos-inbound"
)

//go:embed company
var company embed.FS

// world is all that survives: the stand-ins, the web part with the engine behind it, and what they remember.
type world struct {
	Options
	dir      string
	log      *slog.Logger
	server   *server
	pool     *pgxpool.Pool
	config   *config.Config
	engine   *jobs.Engine
	sink     *mailsink.Sink
	phone    *phone.Server
	public   *http.Server
	url      string
	clock    func() time.Time // the workers' and the engine's
	children []*child
	disk     bool // the workers' data folder is a small disk of its own
	counts   *counts
	clear    atomic.Bool // the storm is over: no faults, no answers

	background sync.WaitGroup
	answering  atomic.Int64 // leads that are about to answer

	shiftMu sync.Mutex
	shift   time.Duration

	mailDice, phoneDice, leadDice *dice

	peopleMu sync.Mutex
	imported int
	stops    map[int64]Stop
	withheld map[string]bool // addresses; see Evidence

	fatesMu sync.Mutex
	killed  map[int]time.Time // when, by process id
	stopped map[int]bool      // told to stop by SIGTERM
	resumed resumption
}

// dice are random numbers of a fixed seed for several goroutines.
type dice struct {
	mu     sync.Mutex
	random *rand.Rand
}

func newDice(seed int64, stream uint64) *dice {
	return &dice{random: rand.New(rand.NewPCG(uint64(seed), stream))} //nolint:gosec // repeatable on purpose
}

func (d *dice) roll() float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.random.Float64()
}

// between is a random duration.
func (d *dice) between(from, to time.Duration) time.Duration {
	return from + time.Duration(d.roll()*float64(to-from))
}

// open starts everything but the workers.
func (w *world) open(ctx context.Context) (err error) {
	w.mailDice, w.phoneDice, w.leadDice = newDice(w.Seed, 1), newDice(w.Seed, 2), newDice(w.Seed, 3)
	w.stops, w.withheld = map[int64]Stop{}, map[string]bool{}
	w.killed, w.stopped, w.resumed.jobs = map[int]time.Time{}, map[int]bool{}, map[string]time.Duration{}
	if err = clock.SetShift(w.shiftFile(), 0); err != nil {
		return err
	}
	w.clock = clock.Shifted(w.Now, w.shiftFile())
	if w.config, err = w.loadConfig(); err != nil {
		return err
	}
	if w.server, err = startServer(ctx, filepath.Join(w.dir, "postgres")); err != nil {
		return err
	}
	if w.pool, err = store.Open(ctx, w.server.url, 8); err != nil {
		return err
	}
	if _, err = jobs.Migrate(ctx, w.pool); err != nil {
		return err
	}
	if err = w.openProviders(); err != nil {
		return err
	}
	if err = w.openEngine(ctx); err != nil {
		return err
	}
	if err = w.mountDisk(); err != nil {
		return err
	}
	for n := range w.Workers {
		w.children = append(w.children, &child{slot: n + 1})
	}
	return os.MkdirAll(w.in("logs"), 0o755)
}

func (w *world) in(name ...string) string {
	return filepath.Join(append([]string{w.dir}, name...)...)
}

func (w *world) shiftFile() string { return w.in("clock-shift") }

// jump moves the clock of the workers and the engine to so far from the real one.
func (w *world) jump(shift time.Duration) error {
	w.shiftMu.Lock()
	defer w.shiftMu.Unlock()
	w.shift = shift
	return clock.SetShift(w.shiftFile(), shift)
}

func (w *world) shifted() time.Duration {
	w.shiftMu.Lock()
	defer w.shiftMu.Unlock()
	return w.shift
}

// loadConfig writes the starter configuration with the company's own files in their places, for whoever looks at the folder later.
func (w *world) loadConfig() (*config.Config, error) {
	dir := w.in("config")
	own, err := fs.Sub(company, "company")
	if err != nil {
		return nil, err
	}
	if err := os.CopyFS(dir, examples.Starter()); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(filepath.Join(dir, "cadences")); err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(dir, config.SettingsFile)); err != nil {
		return nil, err
	}
	if err := os.CopyFS(dir, own); err != nil {
		return nil, err
	}
	return config.Load(os.DirFS(dir))
}

func (w *world) openProviders() (err error) {
	if w.sink, err = mailsink.New(w.Now, mailsink.Options{Headers: []string{"List-Unsubscribe"}, Fault: w.mailFault}); err != nil {
		return err
	}
	w.sink.Subscribe(w.gotMail)
	w.phone, err = phone.New(phone.Config{AccountSID: accountSID, AuthToken: authToken, Now: w.Now, Fault: w.phoneFault})
	return err
}

func (w *world) openEngine(ctx context.Context) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for leads and the phone provider: %w", err)
	}
	w.url = "http://" + listener.Addr().String()
	if w.engine, err = jobs.New(ctx, jobs.Options{Pool: w.pool, Now: w.clock, RealNow: w.Now, Log: w.log, PublicURL: w.url}); err != nil {
		return errors.Join(err, listener.Close())
	}
	w.public = &http.Server{
		Handler: web.New(web.Options{
			Engine: w.engine, Signature: voicemail.NewValidator(w.url, authToken), TakeMail: w.takeMail, InboundToken: inboundToken, Log: w.log,
		}),
		ReadHeaderTimeout: 10 * time.Second,
	}
	go func() { _ = w.public.Serve(listener) }()
	for _, role := range []string{"marketing", "sales"} {
		if _, err := w.engine.Sign(ctx, w.config.DefinitionHash, role, "the "+role+" of chaos"); err != nil {
			return err
		}
	}
	_, err = w.engine.Apply(ctx, w.config, "chaos")
	return err
}

// takeMail takes in a pushed mail as serve does: its bytes are its name.
func (w *world) takeMail(ctx context.Context, raw []byte) error {
	digest := sha256.Sum256(raw)
	_, err := w.engine.TakeMail(ctx, jobs.ArrivedMail{Source: "http", ExternalID: hex.EncodeToString(digest[:]), Raw: raw})
	return err
}

// close ends what runs. The workers have ended with the context of keepAlive.
func (w *world) close() error {
	var errs []error
	if w.phone != nil {
		errs = append(errs, w.phone.Close())
	}
	if w.public != nil {
		errs = append(errs, w.public.Close())
	}
	if w.sink != nil {
		w.sink.Release()
		errs = append(errs, w.sink.Close())
	}
	if w.pool != nil {
		w.pool.Close()
	}
	if w.server != nil {
		errs = append(errs, w.server.close())
	}
	errs = append(errs, w.unmountDisk())
	return errors.Join(errs...)
}
