package phone

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// minuteMicros is what a started minute costs, in millionths of a dollar: Twilio's list price for a call within the US.
const minuteMicros = 14_000

// resource is a call as the API shows it, https://www.twilio.com/docs/voice/api/call-resource. Server.mu is held.
func (s *Server) resource(c *call) map[string]any {
	uri := "/" + apiVersion + "/Accounts/" + s.config.AccountSID + "/Calls/" + c.log.SID
	r := map[string]any{
		"sid": c.log.SID, "account_sid": s.config.AccountSID, "api_version": apiVersion, "direction": "outbound-api",
		"to": c.log.To, "to_formatted": c.log.To, "from": c.log.From, "from_formatted": c.log.From,
		"status": c.log.Status, "answered_by": nil, "duration": nil, "price": nil, "price_unit": "USD", "queue_time": "0",
		"start_time": nil, "end_time": nil, "date_created": stamp(c.log.At), "date_updated": stamp(c.log.At),
		"uri": uri + ".json", "subresource_uris": map[string]any{"events": uri + "/Events.json"},
	}
	if c.state != queued {
		r["start_time"] = stamp(c.log.At)
	}
	if c.log.AnsweredBy != "" {
		r["answered_by"] = c.log.AnsweredBy
	}
	if c.state == over {
		minutes := (c.answer.DurationSeconds + 59) / 60
		r["end_time"], r["date_updated"] = stamp(c.log.EndedAt), stamp(c.log.EndedAt)
		r["duration"] = strconv.Itoa(c.answer.DurationSeconds)
		r["price"] = fmt.Sprintf("-%.5f", float64(minutes*minuteMicros)/1e6)
	}
	return r
}

func stamp(at time.Time) string { return at.UTC().Format(time.RFC1123Z) }

func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	sid, _ := strings.CutSuffix(r.PathValue("call"), ".json")
	s.mu.Lock()
	c, ok := s.bySID[sid]
	if !ok {
		s.mu.Unlock()
		notFound(w, r.URL.Path)
		return
	}
	resource := s.resource(c)
	s.mu.Unlock()
	answer(w, http.StatusOK, resource)
}

// list answers with one page of the calls that pass the filters, newest first. A call that has not begun has no start time, so it
// passes no filter by start time.
func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	window, err := readWindow(query)
	if err != nil {
		refuse(w, Refusal{Code: 20001, Message: err.Error()})
		return
	}
	size := bounded(query.Get("PageSize"), 50, 1, 1000)
	page := bounded(query.Get("Page"), 0, 0, 1<<20)

	s.mu.Lock()
	found := s.filter(query, window)
	start := min(page*size, len(found))
	end := min(start+size, len(found))
	calls := make([]map[string]any, 0, end-start)
	for _, c := range found[start:end] {
		calls = append(calls, s.resource(c))
	}
	s.mu.Unlock()

	body := map[string]any{
		"calls": calls, "page": page, "page_size": size, "start": start, "end": max(end-1, 0),
		"uri": r.URL.RequestURI(), "first_page_uri": pageURI(r.URL, 0), "next_page_uri": nil, "previous_page_uri": nil,
	}
	if end < len(found) {
		body["next_page_uri"] = pageURI(r.URL, page+1)
	}
	if page > 0 {
		body["previous_page_uri"] = pageURI(r.URL, page-1)
	}
	answer(w, http.StatusOK, body)
}

func pageURI(of *url.URL, page int) string {
	query := of.Query()
	query.Set("Page", strconv.Itoa(page))
	return of.Path + "?" + query.Encode()
}

func bounded(raw string, otherwise, least, most int) int {
	n, err := strconv.Atoi(raw)
	if err != nil {
		return otherwise
	}
	return min(max(n, least), most)
}

// window is a filter by start time; zero ends are open.
type window struct{ from, to time.Time }

// readWindow reads StartTime>=, StartTime<= and StartTime. The comparison is part of the parameter's name: "StartTime>" set to
// a value makes "StartTime>=value". A bare date means its whole day, UTC.
func readWindow(query url.Values) (window, error) {
	var w window
	for key, values := range query {
		switch key {
		case "StartTime", "StartTime>", "StartTime<":
		default:
			continue
		}
		at, day, err := instantOrDay(values[0])
		if err != nil {
			return w, fmt.Errorf("%s=%s is neither a date nor a time", key, values[0])
		}
		last := at
		if day {
			last = at.AddDate(0, 0, 1).Add(-time.Second)
		}
		if key != "StartTime<" {
			w.from = at
		}
		if key != "StartTime>" {
			w.to = last
		}
	}
	return w, nil
}

func instantOrDay(raw string) (at time.Time, day bool, err error) {
	if at, err = time.Parse(time.DateOnly, raw); err == nil {
		return at, true, nil
	}
	at, err = time.Parse(time.RFC3339, raw)
	return at, false, err
}

func (w window) passes(c *call) bool {
	if w.from.IsZero() && w.to.IsZero() {
		return true
	}
	at := c.log.At.Truncate(time.Second) // the API keeps whole seconds
	return c.state != queued && !at.Before(w.from) && (w.to.IsZero() || !at.After(w.to))
}

// filter is the calls that pass, newest first. Server.mu is held.
func (s *Server) filter(query url.Values, w window) []*call {
	calls := s.calls
	if to := query.Get("To"); to != "" {
		calls = s.byTo[to]
	}
	from, status := query.Get("From"), query.Get("Status")
	var found []*call
	for _, c := range calls {
		if (from == "" || c.log.From == from) && (status == "" || c.log.Status == status) && w.passes(c) {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b *call) int {
		return cmp.Or(b.log.At.Compare(a.log.At), strings.Compare(b.log.SID, a.log.SID))
	})
	return found
}
