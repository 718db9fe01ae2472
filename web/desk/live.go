package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"nurture/store"
)

const (
	// watchEvery is how often the database is asked for news, once for all pages that are open; never while none is.
	watchEvery = 2 * time.Second
	// watchersMost bounds the pages that wait for news in one process; a browser tries again by itself.
	watchersMost = 2000
	// watchPulse is how often a line goes to a browser without news, so that nothing between takes the connection for dead.
	watchPulse = 20 * time.Second
)

// watcher is a page that waits for news of a task and its lead.
type watcher struct {
	task int64
	user string // whose own deeds are no news
	seen int64  // the latest response that the page shows
	news chan []event
	last *store.Glance // nil before the first look
	told map[int64]bool
}

// event is a line of news.
type event struct {
	Name string // response, task or verdict
	Text string
}

// live looks for news on behalf of all open pages together.
type live struct {
	desk    *Desk
	every   time.Duration
	ctx     context.Context // ends with the process
	stop    context.CancelFunc
	mu      sync.Mutex
	waiting map[*watcher]bool
	running bool
}

func newLive(d *Desk) *live {
	l := &live{desk: d, every: watchEvery, waiting: map[*watcher]bool{}}
	l.ctx, l.stop = context.WithCancel(context.Background())
	return l
}

// Close ends the pages that wait for news, so that the server can stop. Call it when the server begins to shut down.
func (d *Desk) Close() { d.live.stop() }

func (l *live) add(w *watcher) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) >= watchersMost || l.ctx.Err() != nil {
		return false
	}
	l.waiting[w] = true
	if !l.running {
		l.running = true
		go l.run()
	}
	return true
}

func (l *live) remove(w *watcher) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiting, w)
}

// run looks until nobody waits any more.
func (l *live) run() {
	ticker := time.NewTicker(l.every)
	defer ticker.Stop()
	for {
		l.mu.Lock()
		if len(l.waiting) == 0 || l.ctx.Err() != nil {
			l.running = false
			l.mu.Unlock()
			return
		}
		watchers := make([]*watcher, 0, len(l.waiting))
		for w := range l.waiting {
			watchers = append(watchers, w)
		}
		l.mu.Unlock()
		if err := l.look(watchers); err != nil && !errors.Is(err, context.Canceled) {
			l.desk.log.Warn("no news for the pages that are open", "error", err)
		}
		select {
		case <-ticker.C:
		case <-l.ctx.Done():
		}
	}
}

// look asks once for all.
func (l *live) look(watchers []*watcher) error {
	ctx, cancel := context.WithTimeout(l.ctx, 10*time.Second)
	defer cancel()
	tasks := make([]int64, len(watchers))
	for i, w := range watchers {
		tasks[i] = w.task
	}
	glances, err := store.Glances(ctx, l.desk.pool, tasks, l.desk.now())
	if err != nil {
		return err
	}
	byTask := map[int64]store.Glance{}
	leads := make([]int64, len(glances))
	for i, g := range glances {
		byTask[g.TaskID], leads[i] = g, g.LeadID
	}
	responses, err := store.ResponsesOf(ctx, l.desk.pool, leads)
	if err != nil {
		return err
	}
	for _, w := range watchers {
		g, ok := byTask[w.task]
		if !ok {
			continue
		}
		if news := w.compare(g, responses[g.LeadID]); len(news) > 0 {
			select {
			case w.news <- news:
			default: // the browser does not read; it will show all of it when it is opened anew
			}
		}
	}
	return nil
}

// compare finds what is new to a page.
func (w *watcher) compare(g store.Glance, responses []store.Response) []event {
	var news []event
	for _, r := range responses {
		if r.ID <= w.seen || w.told[r.ID] || r.By == w.user {
			continue
		}
		w.told[r.ID] = true
		text := "The lead answered: " + words(r.Kind)
		if r.Said != "" {
			text += ": “" + shorten(r.Said, 160) + "”"
		}
		news = append(news, event{"response", text})
	}
	if w.last != nil {
		switch {
		case g.State != w.last.State && g.State != string(store.TaskOpen) && g.State != string(store.TaskClaimed):
			news = append(news, event{"task", "This task is over: " + words(g.State) + "."})
		case g.ClaimedBy != w.last.ClaimedBy && g.ClaimedBy != "" && g.ClaimedBy != w.user:
			news = append(news, event{"task", g.ClaimedBy + " has taken this task."})
		}
		if g.Verdict > w.last.Verdict {
			news = append(news, event{"verdict", "The lead was weighed again."})
		}
	}
	w.last = &g
	return news
}

// mayHear says whether who opened a page may still read it: meanwhile the session may have ended, and the user may be kept out or do other work.
func (d *Desk) mayHear(v *visit) bool {
	ctx, cancel := context.WithTimeout(d.live.ctx, 10*time.Second) // not the request's, which holds the session as it was
	defer cancel()
	now := &visit{w: v.w, r: v.r.Clone(ctx), desk: d}
	return d.enter(now) == nil && d.admit(now, route{roles: callers}) == nil
}

// showNews sends news of a task and its lead to a page for as long as it is open, as server-sent events.
func (d *Desk) showNews(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if _, err := store.GetTask(v.r.Context(), d.pool, id); err != nil {
		return err
	}
	seen, _ := strconv.ParseInt(v.r.URL.Query().Get("seen"), 10, 64)
	w := &watcher{task: id, user: v.user.Email, seen: seen, news: make(chan []event, 8), told: map[int64]bool{}}
	if !d.live.add(w) {
		return problem{http.StatusServiceUnavailable, "Too many pages are open", "News comes again when some are closed."}
	}
	defer d.live.remove(w)
	control := http.NewResponseController(v.w)
	if err := errors.Join(control.SetReadDeadline(time.Time{}), control.SetWriteDeadline(time.Time{})); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	v.status = http.StatusOK
	v.w.Header().Set("Content-Type", "text/event-stream")
	v.w.WriteHeader(v.status)
	_, _ = fmt.Fprint(v.w, "retry: 3000\n\n")
	pulse := time.NewTicker(watchPulse)
	defer pulse.Stop()
	for {
		if err := control.Flush(); err != nil {
			return nil //nolint:nilerr // the browser is gone
		}
		select {
		case <-v.r.Context().Done():
			return nil
		case <-d.live.ctx.Done():
			return nil
		case <-pulse.C:
			_, _ = fmt.Fprint(v.w, ": still here\n\n")
		case news := <-w.news:
			if !d.mayHear(v) {
				return nil
			}
			for _, e := range news {
				data, err := json.Marshal(map[string]string{"text": e.Text})
				if err != nil {
					return err
				}
				_, _ = fmt.Fprintf(v.w, "event: %s\ndata: %s\n\n", e.Name, data)
			}
		}
	}
}
