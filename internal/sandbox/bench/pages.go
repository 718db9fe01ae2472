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
	"nurture/store"
	"nurture/web/desk"
)

// Pages is what `nurture bench pages` measured.
type Pages struct {
	Machine
	Leads  int            `json:"leads"`
	Tasks  int            `json:"tasks"`
	Empty  Page           `json:"empty"` // a page with session and layout, and nothing in it
	Pages  []Page         `json:"pages"`
	Assets map[string]int `json:"assets"` // bytes; loaded once and kept
}

// Page is one page of the desk.
type Page struct {
	Path   string  `json:"path"`
	Median float64 `json:"ms"` // of the server's time
	P95    float64 `json:"p95_ms"`
	Ratio  float64 `json:"ratio"` // of P95 to the empty page's
	Bytes  int     `json:"bytes"` // of HTML, uncompressed
}

// openTasks is how many tasks are due when the pages are measured.
const openTasks = 1000

const pagesUser, pagesPassword = "bench@example.com", "not a secret: loopback only"

// MeasurePages measures what the server takes for each page of the desk without parts that vary, and for a lead's, with so many leads.
func MeasurePages(ctx context.Context, o Options, leads, rounds int) (result *Pages, err error) {
	g, err := newGround(ctx, o, plan{senders: 10, steps: 1, intake: "manual"})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	tasks, err := g.populate(ctx, leads)
	if err != nil {
		return nil, err
	}
	v, err := g.visitor(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.server.Close()) }()
	result = &Pages{Machine: g.machine(), Leads: leads, Tasks: len(tasks), Assets: desk.AssetSizes()}
	if result.Empty, err = v.measure(ctx, "/desk/nothing-here", http.StatusNotFound, rounds); err != nil {
		return nil, err
	}
	for _, path := range desk.Readable(access.Admin) {
		path = strings.Replace(path, "/desk/leads/{id}", fmt.Sprintf("/desk/leads/%d", tasks[0].LeadID), 1)
		if strings.Contains(path, "{") {
			continue
		}
		g.say("measuring %s", path)
		p, err := v.measure(ctx, path, http.StatusOK, rounds)
		if err != nil {
			return nil, err
		}
		p.Ratio = ratio(p.P95, result.Empty.P95)
		result.Pages = append(result.Pages, p)
	}
	return result, nil
}

// populate makes the leads, and tasks of some of them.
func (g *ground) populate(ctx context.Context, leads int) ([]store.Task, error) {
	if err := g.idle(ctx, leads); err != nil {
		return nil, err
	}
	some, err := store.ListLeads(ctx, g.pool, store.LeadFilter{Limit: min(leads, openTasks)})
	if err != nil {
		return nil, err
	}
	now := g.Now().UTC()
	tasks := make([]store.Task, len(some))
	for i, l := range some {
		tasks[i] = store.Task{LeadID: l.ID, Kind: "callback", Owner: pagesUser, Title: "Call", Why: "the lead asked for it", DueAt: now.Add(-time.Hour), OpenedAt: now}
	}
	return tasks, store.InsertLeadTasks(ctx, g.pool, tasks)
}

// visitor is somebody logged in at a desk whose handling is timed.
type visitor struct {
	g      *ground
	server *http.Server
	base   string
	client *http.Client
	took   atomic.Int64 // nanoseconds of the last request
}

func (g *ground) visitor(ctx context.Context) (*visitor, error) {
	accounts := access.NewAccounts(g.pool, g.Now)
	if err := accounts.Add(ctx, access.NewUser{Email: pagesUser, Role: access.Admin, Password: pagesPassword}, access.Actor{Who: "cli:bench"}); err != nil {
		return nil, err
	}
	pages := desk.New(desk.Options{Pool: g.pool, Engine: g.engine, Now: g.Now, RealNow: g.Now, Log: slog.New(slog.NewTextHandler(g.Tell, nil))})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	v := &visitor{g: g, base: "http://" + listener.Addr().String(), client: &http.Client{Jar: jar}}
	v.server = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := g.Now()
		pages.ServeHTTP(w, r)
		v.took.Store(int64(g.Now().Sub(began)))
	})}
	go func() { _ = v.server.Serve(listener) }()
	answer, err := v.client.PostForm(v.base+"/desk/login", url.Values{"email": {pagesUser}, "password": {pagesPassword}, "next": {"/desk/account"}})
	if err != nil {
		return nil, errors.Join(err, v.server.Close())
	}
	if answer.Request.URL.Path != "/desk/account" {
		err = fmt.Errorf("the login ends at %s with %s", answer.Request.URL, answer.Status)
	}
	return v, errors.Join(err, answer.Body.Close())
}

// measure reads a page so often, after a few times that do not count.
func (v *visitor) measure(ctx context.Context, path string, status, rounds int) (Page, error) {
	const warmUp = 3
	p := Page{Path: path}
	var took []time.Duration
	for i := range warmUp + rounds {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base+path, nil)
		if err != nil {
			return p, err
		}
		answer, err := v.client.Do(r)
		if err != nil {
			return p, err
		}
		body, err := io.ReadAll(answer.Body)
		if err := errors.Join(err, answer.Body.Close()); err != nil {
			return p, err
		}
		if answer.StatusCode != status {
			return p, fmt.Errorf("%s answers %s", path, answer.Status)
		}
		if p.Bytes = len(body); i >= warmUp {
			took = append(took, time.Duration(v.took.Load()))
		}
	}
	slices.Sort(took)
	milliseconds := func(share float64) float64 {
		return took[min(int(share*float64(len(took))), len(took)-1)].Seconds() * 1000
	}
	p.Median, p.P95 = milliseconds(0.5), milliseconds(0.95)
	return p, nil
}
