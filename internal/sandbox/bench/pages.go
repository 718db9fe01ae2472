package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"nurture/internal/access"
	"nurture/store"
	"nurture/web/desk"
)

// Pages is what `nurture bench pages` measured.
type Pages struct {
	Machine
	Leads  int            `json:"leads"`
	Tasks  int            `json:"tasks"`  // that are due, everybody's
	Empty  Page           `json:"empty"`  // a page with session and layout, and nothing in it
	Pages  []Page         `json:"pages"`  // in the order of the routes
	Left   []Left         `json:"left"`   // routes that were not measured
	Assets map[string]int `json:"assets"` // bytes; loaded once and kept
}

// Page is one page of the desk, as one user sees it.
type Page struct {
	Route      string  `json:"route"` // as the desk's table has it
	What       string  `json:"what"`  // which of the pages behind the route; "" when there is but one
	Path       string  `json:"path"`
	As         string  `json:"as"` // the role of who looks; "" for nobody
	Median     float64 `json:"ms"` // of the server's time
	P95        float64 `json:"p95_ms"`
	Ratio      float64 `json:"ratio"`           // of P95 to the empty page's
	CPU        float64 `json:"cpu_ms"`          // of this process, which is browser and server at once, a visit
	DBCPU      float64 `json:"postgres_cpu_ms"` // of Postgres with all its processes, a visit; 0 elsewhere than on Linux
	Statements float64 `json:"statements"`      // sent to Postgres, a visit
	Slowest    string  `json:"slowest"`         // the statement that took longest altogether
	SlowestMS  float64 `json:"slowest_ms"`      // what it took a visit, as the desk saw it
	Bytes      int     `json:"bytes"`           // of HTML, uncompressed
}

// Left is a route that is not measured, with the reason.
type Left struct {
	Route string `json:"route"`
	Why   string `json:"why"`
}

// PagesOptions say what is measured.
type PagesOptions struct {
	Options
	Leads, Rounds int
	Reuse         bool // the database is there, from an earlier run with as many leads
}

// MeasurePages measures what the server takes for each page of the desk in a world of so many leads.
func MeasurePages(ctx context.Context, o PagesOptions) (result *Pages, err error) {
	g, err := openWorld(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	sample, err := store.SampleWorld(ctx, g.pool)
	if err != nil {
		return nil, err
	}
	v, err := g.visitor(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.close()) }()
	due, err := store.CountWork(ctx, g.pool, store.WorkQuery{Now: g.Now().UTC(), DayStart: g.Now().UTC()})
	if err != nil {
		return nil, err
	}
	result = &Pages{Machine: g.machine(), Leads: o.Leads, Tasks: due[store.TabDue], Assets: desk.AssetSizes()}
	if result.Empty, err = v.measure(ctx, look{route: "GET /desk/", path: "/desk/nothing-here", as: access.Admin, status: http.StatusNotFound}, o.Rounds); err != nil {
		return nil, err
	}
	result.Empty.Ratio = 1
	at := looks(sample)
	for _, route := range desk.Routes() {
		if why := unmeasured(route); why != "" {
			result.Left = append(result.Left, Left{route, why})
			continue
		}
		if len(at[route]) == 0 {
			return nil, fmt.Errorf("nothing is known of the route %s: say in looks.go what to measure, or why not", route)
		}
		for _, l := range at[route] {
			if l.route = route; strings.HasSuffix(l.path, "/0") || strings.Contains(l.path, "/0?") {
				result.Left = append(result.Left, Left{route, l.what + ": there is none in so small a world"})
				continue
			}
			g.say("measuring %s %s", l.path, l.what)
			p, err := v.measure(ctx, l, o.Rounds)
			if err != nil {
				return nil, err
			}
			p.Ratio = ratio(p.P95, result.Empty.P95)
			result.Pages = append(result.Pages, p)
		}
	}
	return result, nil
}
