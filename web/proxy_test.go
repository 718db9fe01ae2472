package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// TestClientBehindProxies: the first address from the end that is no trusted proxy's; what somebody else wrote does not count.
func TestClientBehindProxies(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48")}
	for name, tc := range map[string]struct {
		from      string
		forwarded bool
		head      []string // "Header: value"
		want      string
	}{
		"no proxy":                              {"192.0.2.7:4000", false, nil, "192.0.2.7"},
		"somebody says he is one":               {"192.0.2.7:4000", false, []string{"X-Forwarded-For: 203.0.113.9"}, "192.0.2.7"},
		"on this machine":                       {"127.0.0.1:4000", false, []string{"X-Forwarded-For: 203.0.113.9"}, "203.0.113.9"},
		"on this machine, by IPv6":              {"[::1]:4000", false, []string{"X-Forwarded-For: 203.0.113.9"}, "203.0.113.9"},
		"trusted":                               {"10.1.2.3:4000", false, []string{"X-Forwarded-For: 203.0.113.9"}, "203.0.113.9"},
		"trusted, over a socket of both kinds":  {"[::ffff:10.1.2.3]:4000", false, []string{"X-Forwarded-For: 203.0.113.9"}, "203.0.113.9"},
		"the client wrote one too":              {"10.1.2.3:4000", false, []string{"X-Forwarded-For: 198.51.100.1, 203.0.113.9"}, "203.0.113.9"},
		"the client wrote a line of its own":    {"127.0.0.1:4000", false, []string{"X-Forwarded-For: 198.51.100.1", "X-Forwarded-For: 203.0.113.9"}, "203.0.113.9"},
		"two proxies":                           {"10.1.2.3:4000", false, []string{"X-Forwarded-For: 198.51.100.1, 203.0.113.9,10.9.9.9"}, "203.0.113.9"},
		"the client claims to be a proxy":       {"10.1.2.3:4000", false, []string{"X-Forwarded-For: 10.5.5.5, 203.0.113.9"}, "203.0.113.9"},
		"a client inside":                       {"10.1.2.3:4000", false, []string{"X-Forwarded-For: 10.5.5.5"}, "10.5.5.5"},
		"with a port":                           {"10.1.2.3:4000", false, []string{"X-Forwarded-For: 203.0.113.9:5050"}, "203.0.113.9"},
		"IPv6 with a port":                      {"10.1.2.3:4000", false, []string{"X-Forwarded-For: [2001:db8:9::1]:5050"}, "2001:db8:9::1"},
		"junk":                                  {"10.1.2.3:4000", false, []string{"X-Forwarded-For: 203.0.113.9, unknown"}, "10.1.2.3"},
		"empty":                                 {"10.1.2.3:4000", false, []string{"X-Forwarded-For: "}, "10.1.2.3"},
		"the other header says nothing":         {"10.1.2.3:4000", false, []string{"Forwarded: for=198.51.100.1", "X-Forwarded-For: 203.0.113.9"}, "203.0.113.9"},
		"nor does this one":                     {"10.1.2.3:4000", true, []string{"Forwarded: for=203.0.113.9", "X-Forwarded-For: 198.51.100.1"}, "203.0.113.9"},
		"Forwarded":                             {"[2001:db8:1::5]:4000", true, []string{`Forwarded: for=198.51.100.1;proto=http, proto=https;For="[2001:db8:9::1]:47011";by=10.1.1.1`}, "2001:db8:9::1"},
		"Forwarded, hidden":                     {"10.1.2.3:4000", true, []string{"Forwarded: for=203.0.113.9, for=_secret"}, "10.1.2.3"},
		"Forwarded, nobody named":               {"10.1.2.3:4000", true, []string{"Forwarded: for=203.0.113.9, proto=https"}, "10.1.2.3"},
		"Forwarded, a comma between quotes":     {"10.1.2.3:4000", true, []string{`Forwarded: for="203.0.113.9,for=198.51.100.1"`}, "198.51.100.1"},
		"no address at all, as of a test's own": {"pipe", false, []string{"X-Forwarded-For: 203.0.113.9"}, "pipe"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got string
			handler := Proxies{Trusted: trusted, Forwarded: tc.forwarded}.naming(slog.New(slog.DiscardHandler), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got = r.RemoteAddr
			}))
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = tc.from
			for _, line := range tc.head {
				name, value, _ := strings.Cut(line, ": ")
				r.Header.Add(name, value)
			}
			handler.ServeHTTP(httptest.NewRecorder(), r)
			if from, err := netip.ParseAddrPort(got); err == nil {
				got = from.Addr().String()
			}
			if got != tc.want {
				t.Errorf("from %s, want %s", got, tc.want)
			}
			if r.RemoteAddr != tc.from {
				t.Error("the server's own request was changed")
			}
		})
	}
}

// TestUntrustedProxyIsTold: once, and not for who is no proxy of ours.
func TestUntrustedProxyIsTold(t *testing.T) {
	t.Parallel()
	for from, told := range map[string]int{"172.18.0.5:4000": 1, "192.0.2.7:4000": 0, "10.1.2.3:4000": 0, "127.0.0.1:4000": 0} {
		var log bytes.Buffer
		handler := Proxies{Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}.naming(slog.New(slog.NewTextHandler(&log, nil)), http.NotFoundHandler())
		for range 3 {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = from
			r.Header.Set("X-Forwarded-For", "203.0.113.9")
			handler.ServeHTTP(httptest.NewRecorder(), r)
		}
		if n := strings.Count(log.String(), "NURTURE_TRUSTED_PROXIES"); n != told {
			t.Errorf("%s: told %d times:\n%s", from, n, log.String())
		}
	}
}
