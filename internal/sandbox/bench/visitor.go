package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"nurture/internal/access"
	"nurture/jobs"
	"nurture/store"
	"nurture/web/desk"
)

// pagesPassword is everybody's who looks.
const pagesPassword = "not a secret: loopback only"

// visitor is people at a desk whose handling is timed.
type visitor struct {
	g       *ground
	probe   *Probe
	pages   *desk.Desk
	server  *http.Server
	release func()
	base    string
	clients map[access.Role]*http.Client // "" is not logged in
	took    atomic.Int64                 // nanoseconds of the last request
}

func (g *ground) visitor(ctx context.Context) (*visitor, error) {
	v := &visitor{g: g, probe: NewProbe(g.Now), clients: map[access.Role]*http.Client{"": {}}}
	pool, err := store.OpenTraced(ctx, g.url, 8, v.probe)
	if err != nil {
		return nil, err
	}
	v.release = pool.Close
	engine, err := jobs.New(ctx, jobs.Options{Pool: pool, Now: g.Now})
	if err != nil {
		return nil, errors.Join(err, v.close())
	}
	v.pages = desk.New(desk.Options{Pool: pool, Engine: engine, Now: g.Now, RealNow: g.Now, Log: slog.New(slog.NewTextHandler(g.Tell, nil))})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, v.close())
	}
	v.base = "http://" + listener.Addr().String()
	v.server = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := g.Now()
		v.pages.ServeHTTP(w, r)
		v.took.Store(int64(g.Now().Sub(began)))
	})}
	go func() { _ = v.server.Serve(listener) }()
	accounts := access.NewAccounts(pool, g.Now)
	for role, email := range map[access.Role]string{access.Admin: "bench@example.com", access.SDR: g.config.Settings.Team.SDRs[0].Email, access.Sales: g.config.Settings.Team.Reps[0].Email} {
		err := accounts.Add(ctx, access.NewUser{Email: email, Role: role, Password: pagesPassword}, access.Actor{Who: "cli:bench"})
		if err != nil && !errors.Is(err, store.ErrExists) {
			return nil, errors.Join(err, v.close())
		}
		if v.clients[role], err = v.login(email); err != nil {
			return nil, errors.Join(err, v.close())
		}
	}
	return v, nil
}

// close ends everything that visitor began, as far as it came.
func (v *visitor) close() error {
	var err error
	if v.server != nil {
		err = v.server.Close()
	}
	if v.pages != nil {
		v.pages.Close()
	}
	v.release()
	return err
}

// login makes a browser in which somebody is logged in.
func (v *visitor) login(email string) (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Jar: jar}
	answer, err := client.PostForm(v.base+"/desk/login", url.Values{"email": {email}, "password": {pagesPassword}, "next": {"/desk/account"}})
	if err != nil {
		return nil, err
	}
	if answer.Request.URL.Path != "/desk/account" {
		err = fmt.Errorf("the login of %s ends at %s with %s", email, answer.Request.URL, answer.Status)
	}
	return client, errors.Join(err, answer.Body.Close())
}

// measure looks at a page so often, after a few times that do not count.
func (v *visitor) measure(ctx context.Context, l look, rounds int) (Page, error) {
	const warmUp = 3
	p := Page{Route: l.route, What: l.what, Path: l.path, As: string(l.as)}
	for range warmUp {
		if _, err := v.visit(ctx, l); err != nil {
			return p, err
		}
	}
	took := make([]time.Duration, rounds)
	v.probe.reset()
	ours, postgres := cpuTime(), familyCPU(v.g.postgres.PID())
	for i := range took {
		var err error
		if p.Bytes, err = v.visit(ctx, l); err != nil {
			return p, err
		}
		took[i] = time.Duration(v.took.Load())
	}
	per := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(rounds) }
	p.CPU, p.DBCPU = per(cpuTime()-ours), per(familyCPU(v.g.postgres.PID())-postgres)
	stats := v.probe.stats()
	if p.Statements = float64(stats.Statements) / float64(rounds); len(stats.Top) > 0 {
		p.Slowest, p.SlowestMS = stats.Top[0].SQL, per(stats.Top[0].Took)
	}
	slices.Sort(took)
	at := func(share float64) float64 { return took[min(int(share*float64(rounds)), rounds-1)].Seconds() * 1000 }
	p.Median, p.P95 = at(0.5), at(0.95)
	return p, nil
}

// visit looks at a page once, and returns its bytes.
func (v *visitor) visit(ctx context.Context, l look) (int, error) {
	method := http.MethodGet
	if l.form != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, v.base+l.path, strings.NewReader(l.form.Encode()))
	if err != nil {
		return 0, err
	}
	if l.form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := v.clients[l.as].Do(r)
	if err != nil {
		return 0, err
	}
	body, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return 0, err
	}
	if answer.StatusCode != l.answers() {
		return 0, fmt.Errorf("%s answers %s", l.path, answer.Status)
	}
	return len(body), nil
}
