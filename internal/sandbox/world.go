package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/cadence"
	"nurture/channels/voicemail"
	"nurture/config"
	"nurture/internal/leadfile"
	"nurture/internal/sandbox/clock"
	"nurture/internal/sandbox/mailsink"
	"nurture/internal/sandbox/phone"
	"nurture/store"
	"nurture/web"
)

// The stand-in's account. Nothing here is secret: it exists on loopback for the length of a run.
const (
	accountSID = "AC00000000000000000000000000000000"
	authToken  = "sandbox"
)

// world is everything that a run needs, and what its people remember.
type world struct {
	Options
	chance
	standIns
	clock    *clock.Virtual
	pool     *pgxpool.Pool
	config   *config.Config
	public   *http.Server
	url      string
	personas map[int64]*persona // by lead id
	byPhone  map[string]*persona
	rows     []leadfile.Row
	late     []leadfile.Row   // those of rows that have not come in yet, the first one first
	leadAt   map[string]int64 // lead id by address

	mailMu sync.Mutex
	inbox  []mailsink.Mail // mails that nobody has read yet

	desk     int // how many times the configured desk is staffed
	pending  []pendingReaction
	counts   map[string]int64
	replied  map[int64]int64 // which of a lead's mails its last reply answers
	stops    map[int64]stop
	called   int // call touches that SDRs have made
	badCalls int // tasks to call somebody who had said stop
	worked   map[dayQuota]int
	// lastWorked is the day on which a lead last was somebody's task.
	lastWorked map[int64]string
}

// end is the instant after the last of some days.
func end(days int) time.Time { return Start.Add(time.Duration(days) * 24 * time.Hour) }

// atWork reports whether SDRs and sales still do something themselves.
func (w *world) atWork() bool { return w.clock.Now().Before(end(w.Days - w.LeftOpen)) }

// leadsPerDesk is how many leads the people of a configuration are taken to look after; for more of them the desk is staffed several
// times over, or most leads would only wait.
const leadsPerDesk = 400

// stop is when a lead said that it wants no more mail, and no more calls; zero for never.
type stop struct{ mail, calls time.Time }

// stopNow notes that a lead wants no more from this moment on.
func (w *world) stopNow(leadID int64, kind cadence.ResponseKind) {
	s, now := w.stops[leadID], w.clock.Now()
	s.calls = now
	if kind != cadence.DoNotCall {
		s.mail = now
	}
	w.stops[leadID] = s
}

// after says whether t is later than a stop.
func after(t, stop time.Time) bool { return !stop.IsZero() && t.After(stop) }

func newWorld(ctx context.Context, o Options) (*world, error) {
	w := &world{
		Options: o, chance: chance{o.Seed}, clock: clock.New(Start), pool: o.Pool, config: o.Config,
		personas: map[int64]*persona{}, byPhone: map[string]*persona{}, leadAt: map[string]int64{}, counts: map[string]int64{},
		desk:    1 + max(o.Leads, len(o.Rows))/leadsPerDesk,
		replied: map[int64]int64{}, stops: map[int64]stop{}, worked: map[dayQuota]int{}, lastWorked: map[int64]string{},
	}
	if err := w.open(ctx); err != nil {
		return nil, errors.Join(err, w.close(ctx))
	}
	if err := w.settle(ctx); err != nil {
		return nil, errors.Join(err, w.close(ctx))
	}
	return w, nil
}

// open starts the stand-ins, the engine between them, and what the outside reaches.
func (w *world) open(ctx context.Context) (err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the phone provider: %w", err)
	}
	w.url = "http://" + listener.Addr().String()
	err = w.standIns.open(ctx, standInOptions{
		pool: w.pool, now: w.clock.Now, realNow: w.RealNow, log: w.Log, journalDir: w.JournalDir, desk: w.desk, url: w.url,
		answer: w.answerPhone, manual: true, receive: w.receive,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	w.public = &http.Server{
		Handler:           web.New(web.Options{Engine: w.engine, Signature: voicemail.NewValidator(w.url, authToken), Log: w.Log}),
		ReadHeaderTimeout: 10 * time.Second,
	}
	go func() { _ = w.public.Serve(listener) }()
	return nil
}

// settle makes the configuration live, takes the leads in, and starts the workers.
func (w *world) settle(ctx context.Context) error {
	for _, role := range []string{"marketing", "sales"} {
		if _, err := w.engine.Sign(ctx, w.config.DefinitionHash, role, "the sandbox's "+role); err != nil {
			return err
		}
	}
	if _, err := w.engine.Apply(ctx, w.config, "sandbox"); err != nil {
		return err
	}
	w.rows = w.Rows
	if w.rows == nil {
		w.rows = people(w.chance, w.Leads, Start)
		w.late = w.rows[len(w.rows)-w.Late:]
		for i := range w.late {
			w.late[i].Lead.CreatedAt = w.comes(i)
		}
	}
	if err := w.welcome(ctx, w.rows[:len(w.rows)-len(w.late)]); err != nil {
		return err
	}
	return w.engine.Start(context.WithoutCancel(ctx))
}

// lateDays is how long before the end the first of the late ones comes, if the run is twice as long.
const lateDays = 28

// comes is when number i of the late ones does, before the end: they are spread evenly over the last days.
func (w *world) comes(i int) time.Time {
	span := min(lateDays*24*time.Hour, time.Duration(w.Days)*12*time.Hour)
	return end(w.Days).Add(-span + span*time.Duration(i)/time.Duration(w.Late)).Truncate(step)
}

// arrive takes those in who come now.
func (w *world) arrive(ctx context.Context) (int, error) {
	n := 0
	for n < len(w.late) && !w.late[n].Lead.CreatedAt.After(w.clock.Now()) {
		n++
	}
	if n == 0 {
		return 0, nil
	}
	here := w.late[:n]
	w.late = w.late[n:]
	return n, w.welcome(ctx, here)
}

// welcome takes leads in, each with a character.
func (w *world) welcome(ctx context.Context, rows []leadfile.Row) error {
	for start := 0; start < len(rows); start += leadfile.BatchSize {
		if _, err := w.engine.Import(ctx, rows[start:min(start+leadfile.BatchSize, len(rows))]); err != nil {
			return fmt.Errorf("import: %w", err)
		}
	}
	ids, err := store.LeadIDs(ctx, w.pool)
	if err != nil {
		return err
	}
	now := w.clock.Now()
	left := int(end(w.Days).Sub(now).Hours() / 24)
	for _, r := range rows {
		id := ids[r.Lead.Key]
		p := newPersona(w.chance, r.Lead, now, left)
		w.personas[id] = p
		w.leadAt[r.Lead.Email], w.leadAt[r.Lead.Phone] = id, id
		w.byPhone[r.Lead.Phone] = p
		var s stop
		if r.Lead.OptedOut.Email {
			s.mail = now.Add(-time.Second)
		}
		if r.Lead.OptedOut.Call {
			s.calls = now.Add(-time.Second)
		}
		w.stops[id] = s
	}
	return nil
}

// closing is how long what runs may take to finish.
const closing = 20 * time.Second

// close stops what runs, the engine first.
func (w *world) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	err := w.standIns.close(ctx)
	if w.public != nil {
		err = errors.Join(err, w.public.Close())
	}
	return err
}

// receive takes a mail into the inbox; it is read when the workers are idle.
func (w *world) receive(m mailsink.Mail) {
	w.mailMu.Lock()
	defer w.mailMu.Unlock()
	w.inbox = append(w.inbox, m)
}

// answerPhone is the phone provider's question how somebody takes a call.
func (w *world) answerPhone(to, _ string, n int) phone.Answer {
	if p := w.byPhone[to]; p != nil {
		return p.onVoicemail(n)
	}
	return phone.Answer{Status: phone.Failed, SIPResponseCode: 404}
}

// count numbers what happens to a lead: 1 for the first of its kind.
func (w *world) count(leadID int64, what string) int64 {
	key := strconv.FormatInt(leadID, 10) + what
	w.counts[key]++
	return w.counts[key]
}
