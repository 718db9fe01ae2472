package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Check is something that must hold before requests are worth sending here.
type Check struct {
	Name  string // such as "database"; it is shown to anybody
	Holds func(ctx context.Context) error
}

// ready tells load balancers whether to send requests here, and names what does not hold. Why it does not goes to the log only.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
	defer cancel()
	var b strings.Builder
	status := http.StatusOK
	for _, c := range s.Ready {
		word := "ok"
		if err := c.Holds(ctx); err != nil {
			s.Log.WarnContext(ctx, "not ready", "check", c.Name, "error", err)
			word, status = "failed", http.StatusServiceUnavailable
		}
		fmt.Fprintf(&b, "%s %s\n", c.Name, word)
	}
	if len(s.Ready) == 0 {
		b.WriteString("ok\n")
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(b.String()))
}

// api passes on to what answers programs.
func (s *server) api(w http.ResponseWriter, r *http.Request) {
	if s.API == nil { // what asks there reads JSON
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"error":"no API is served here"}`+"\n")
		return
	}
	s.API.ServeHTTP(w, r)
}
