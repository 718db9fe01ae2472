package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"nurture/config"
	"nurture/internal/startertest"
)

// TestCheckLinks asks a server of this machine: each address once, HEAD first, and each place of a bad one is named.
func TestCheckLinks(t *testing.T) {
	t.Parallel()
	requests := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r.Method + " " + r.URL.Path
		switch {
		case r.URL.Path == "/gone":
			w.WriteHeader(http.StatusNotFound)
		case r.URL.Path == "/get-only" && r.Method == http.MethodHead:
			w.WriteHeader(http.StatusMethodNotAllowed)
		case r.URL.Path == "/busy":
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	defer server.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	files := startertest.Files(t, nil)
	for name := range files {
		if strings.HasPrefix(name, "templates/email/") {
			files[name] = &fstest.MapFile{Data: []byte("---\nsubject: Hi\n---\n[a](" + server.URL + "/good)\n")}
		}
	}
	files["templates/email/intro.md"] = &fstest.MapFile{Data: []byte(fmt.Sprintf(
		"---\nsubject: Hi\n---\n[a](%[1]s/good) [b](%[1]s/gone)\n\n[c](%[1]s/get-only) [d](%[1]s/busy) [e](%[2]s/x)\n\n[f](%[1]s/{{ .lead.source }})\n", server.URL, closed.URL))}
	files["templates/email/intro-question.md"] = &fstest.MapFile{Data: []byte("---\nsubject: Hi\n---\n[again](" + server.URL + "/gone)\n")}
	cfg, err := config.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range checkLinks(t.Context(), cfg, time.Minute) {
		message, _, _ := strings.Cut(strings.ReplaceAll(strings.ReplaceAll(f.Message, server.URL, ""), closed.URL, ""), " on ")
		got = append(got, fmt.Sprintf("%s %s:%d %.40s", f.Rule, strings.TrimPrefix(f.File, "templates/email/"), f.Line, message))
	}
	want := []string{
		"unreachable-link intro.md:4 /gone cannot be read: 404 Not Found", "unreachable-link intro.md:6 /x cannot be read: dial tcp 127.0.0.1:",
		"unreachable-link intro-question.md:4 /gone cannot be read: 404 Not Found",
	}
	if len(got) != 3 || got[0] != want[0] || !strings.HasPrefix(got[1], want[1]) || got[2] != want[2] {
		t.Errorf("found %q, want %q", got, want)
	}
	close(requests)
	asked := map[string]int{}
	for r := range requests {
		asked[r]++
	}
	if asked["HEAD /good"] != 1 || asked["GET /good"] != 0 || asked["HEAD /gone"] != 1 || asked["GET /get-only"] != 1 || asked["GET /busy"] != 0 {
		t.Errorf("asked for %v", asked)
	}
}
