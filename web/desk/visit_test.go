package desk

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"nurture/internal/access"
	"nurture/internal/pgtest"
)

func TestIDs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"12": 12, "0": 0, "-1": 0, "x": 0, "": 0, "99999999999999999999": 0, "1 or 1=1": 0} {
		r := httptest.NewRequest(http.MethodGet, "/desk/", nil)
		r.SetPathValue("id", text)
		if got, err := (&visit{r: r}).id(); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{"192.0.2.7:4000": "192.0.2.7", "[::ffff:192.0.2.7]:4000": "192.0.2.7", "[2001:db8::1]:4000": "2001:db8::1", "": ""} {
		r := httptest.NewRequest(http.MethodGet, "/desk/", nil)
		r.RemoteAddr = from
		if got := (&visit{r: r}).address(); got != want {
			t.Errorf("%s: %q", from, got)
		}
	}
}

func TestMoments(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	v := &visit{zone: berlin, now: morning}
	for _, tc := range []struct {
		at              time.Duration
		short, relative string
	}{
		{0, "10:00", "now"},
		{5 * time.Minute, "10:05", "in 5 min"},
		{-3 * time.Hour, "07:00", "3 h ago"},
		{14 * time.Hour, "tomorrow 00:00", "in 14 h"},
		{-11 * time.Hour, "yesterday 23:00", "11 h ago"},
		{4 * 24 * time.Hour, "Fri 10:00", "in 4 days"},
		{40 * 24 * time.Hour, "11 Apr", "in 40 days"},
		{-100 * 24 * time.Hour, "22 Nov 2025", "100 days ago"},
	} {
		m := v.moment(morning.Add(tc.at))
		if m.Short() != tc.short || m.Relative() != tc.relative {
			t.Errorf("%s: %q, %q; want %q, %q", tc.at, m.Short(), m.Relative(), tc.short, tc.relative)
		}
	}
	if m := v.momentOf(nil); !m.None {
		t.Error("no instant is one")
	}
}

// TestDatabaseAway: who is logged in is told so on a page, on whatever page they are; a request never dies of it.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.Admin)
	b.get("/desk/ops").mustHold(t, http.StatusOK)
	pgtest.Drop(t, d.pool)
	for _, path := range []string{"/desk/", "/desk/ops", "/desk/leads", "/desk/login"} {
		b.get(path).mustHold(t, http.StatusServiceUnavailable, "<h1", "does not answer")
	}
	d.browser().get("/desk/login").mustHold(t, http.StatusServiceUnavailable, "<h1")
	b.post("/desk/logout").mustHold(t, http.StatusServiceUnavailable, "<h1")
}
