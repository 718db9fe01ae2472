package phone_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nurture/internal/sandbox/phone"
)

func TestCreateIsValidated(t *testing.T) {
	t.Parallel()
	o := newOwner(t, "")
	s := newPhone(t, phone.Config{})
	tests := []struct {
		name, parameter, value string
		code                   float64
	}{
		{"no To", "To", "", 21201},
		{"bad To", "To", "12025550123", 21211},
		{"invalid To", "To", "+15005550001", 21217},
		{"unreachable To", "To", "+15005550002", 21214},
		{"no permission", "To", "+15005550003", 21215},
		{"blocked To", "To", "+15005550004", 21216},
		{"no From", "From", "", 21213},
		{"bad From", "From", "me", 21212},
		{"foreign From", "From", "+15005550007", 21210},
		{"relative Url", "Url", "/voice", 21205},
		{"relative StatusCallback", "StatusCallback", "/status", 21609},
		{"unknown event", "StatusCallbackEvent", "hummed", 21626},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			form := callForm(o)
			form.Set(test.parameter, test.value)
			status, body := do(t, s, http.MethodPost, callsPath, form)
			if status != http.StatusBadRequest || body["code"] != test.code || body["status"] != 400.0 || body["message"] == "" || body["more_info"] == "" {
				t.Errorf("got %d %v, want 400 and code %v", status, body, test.code)
			}
		})
	}
	t.Cleanup(func() {
		if calls := s.Calls(); len(calls) != 0 {
			t.Errorf("refused requests made calls: %+v", calls)
		}
	})
}

func TestOnlyTheAccountIsServed(t *testing.T) {
	t.Parallel()
	s := newPhone(t, phone.Config{})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+callsPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(account, "wrong")
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		t.Errorf("wrong token: %d", response.StatusCode)
	}
	if status, body := do(t, s, http.MethodGet, "/2010-04-01/Accounts/ACother/Calls.json", nil); status != http.StatusNotFound || body["code"] != 20404.0 {
		t.Errorf("another account: %d %v", status, body)
	}
	if status, _ := do(t, s, http.MethodGet, "/2010-04-01/Accounts/"+account+"/Calls/CA1.json", nil); status != http.StatusNotFound {
		t.Errorf("no such call: %d", status)
	}
}

func TestListFiltersAndPages(t *testing.T) {
	t.Parallel()
	o := newOwner(t, "<Response/>")
	now := start
	s := newPhone(t, phone.Config{Manual: true, Now: func() time.Time { return now }})
	for i := range 4 { // one a day; the last stays queued
		now = start.AddDate(0, 0, i)
		if i == 3 {
			s.Run(t.Context())
		}
		do(t, s, http.MethodPost, callsPath, callForm(o))
	}
	other := callForm(o)
	other.Set("To", "+12025550177")
	do(t, s, http.MethodPost, callsPath, other)

	day := func(n int) string { return start.AddDate(0, 0, n).Format(time.RFC1123Z) }
	tests := []struct {
		name  string
		query url.Values
		want  []string // dates of creation
	}{
		{"to", url.Values{"To": {lead}}, []string{day(3), day(2), day(1), day(0)}},
		{"from nobody", url.Values{"To": {lead}, "From": {"+12025550000"}}, nil},
		{"since an instant, the queued one has no start", url.Values{"To": {lead}, "StartTime>": {start.AddDate(0, 0, 1).Format(time.RFC3339)}}, []string{day(2), day(1)}},
		{"since a second later", url.Values{"To": {lead}, "StartTime>": {start.AddDate(0, 0, 1).Add(time.Second).Format(time.RFC3339)}}, []string{day(2)}},
		{"until a day", url.Values{"To": {lead}, "StartTime<": {"2026-03-03"}}, []string{day(1), day(0)}},
		{"on a day", url.Values{"To": {lead}, "StartTime": {"2026-03-03"}}, []string{day(1)}},
		{"queued", url.Values{"To": {lead}, "Status": {"queued"}}, []string{day(3)}},
		{"second page", url.Values{"To": {lead}, "PageSize": {"3"}, "Page": {"1"}}, []string{day(0)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, body := do(t, s, http.MethodGet, callsPath+"?"+test.query.Encode(), nil)
			if status != http.StatusOK {
				t.Fatalf("%d %v", status, body)
			}
			var got []string
			for _, call := range body["calls"].([]any) {
				got = append(got, call.(map[string]any)["date_created"].(string))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
	_, body := do(t, s, http.MethodGet, callsPath+"?PageSize=2", nil)
	if next, _ := body["next_page_uri"].(string); next != callsPath+"?Page=1&PageSize=2" {
		t.Errorf("next_page_uri = %q", next)
	}
	if status, body := do(t, s, http.MethodGet, callsPath+"?StartTime=yesterday", nil); status != http.StatusBadRequest {
		t.Errorf("a date that is none: %d %v", status, body)
	}
}

func TestAccountResource(t *testing.T) {
	t.Parallel()
	s := newPhone(t, phone.Config{})
	status, body := do(t, s, http.MethodGet, "/2010-04-01/Accounts/"+account+".json", nil)
	if status != http.StatusOK || body["sid"] != account || body["status"] != "active" || body["type"] != "Full" {
		t.Errorf("got %d %v", status, body)
	}
	for _, path := range []string{"/2010-04-01/Accounts/" + account, "/2010-04-01/Accounts/AC2.json"} {
		if status, _ := do(t, s, http.MethodGet, path, nil); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
}
