package leadfile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestContact reads what somebody wrote of somebody else.
func TestContact(t *testing.T) {
	t.Parallel()
	berlin := []string{"Europe/Berlin"}
	for _, c := range []struct {
		name, email, phone, country string
		want                        Lead
		err                         string
	}{
		{"Bob Smith", "Bob@Prospects.Example", "", "", Lead{Key: "bob@prospects.example", Email: "bob@prospects.example", FirstName: "Bob", LastName: "Smith"}, ""},
		{"Frau Dr. Anna-Lena Müller", "", "030 901820", "DE", Lead{Key: "+4930901820", Phone: "+4930901820", FirstName: "Anna-Lena", LastName: "Müller", Zones: berlin}, ""},
		{"", "a@b.example", "no number", "DE", Lead{Key: "a@b.example", Email: "a@b.example"}, ""},
		{"<script>", "a@b.example", "", "", Lead{Key: "a@b.example", Email: "a@b.example"}, ""},
		{"{{.Secret}}", "a@b.example", "", "", Lead{Key: "a@b.example", Email: "a@b.example"}, ""},
		{strings.Repeat("Bob ", 60), "a@b.example", "", "", Lead{Key: "a@b.example", Email: "a@b.example"}, ""},
		{"Bob", "nowhere", "12", "DE", Lead{}, "the address has no @: nowhere; no such number exists in DE: 12"},
		{"Bob", "", "", "", Lead{}, "neither an email address nor a phone number is given"},
		{"Bob\r\nBcc: x@y.example", "a@b.example\r\nBcc: x@y.example", "", "", Lead{}, "there is more than one address in the cell: a@b.example Bcc: x@y.example"},
	} {
		got, err := Contact(c.name, c.email, c.phone, c.country)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%q %q %q:\n%s", c.name, c.email, c.phone, d)
		}
		if err != nil && err.Error() != c.err || err == nil && c.err != "" {
			t.Errorf("%q %q: error %v, want %s", c.email, c.phone, err, c.err)
		}
	}
}

// TestSplitContact takes apart what an SDR types.
func TestSplitContact(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][3]string{
		"Bob Smith <bob@x.example>":                    {"Bob Smith", "bob@x.example", ""},
		"Bob Smith<bob@x.example>, +44 (20) 7946-0958": {"Bob Smith", "bob@x.example", "+44 20 7946-0958"},
		"bob@x.example":                                {"", "bob@x.example", ""},
		"Dr. Ana Sousa 030 901820":                     {"Dr. Ana Sousa", "", "030 901820"},
		"a@x.example b@x.example":                      {"", "a@x.example b@x.example", ""},
		"":                                             {},
		"Bob\r\nSmith <bob@x.example>\u202e":           {"Bob Smith", "bob@x.example", ""},
		"nobody":                                       {"nobody", "", ""},
	} {
		name, email, phone := SplitContact(text)
		if got := [3]string{name, email, phone}; got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
