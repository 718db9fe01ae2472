package leadfile

import (
	"net/mail"
	"strings"
	"testing"
	"time"

	"nurture/cadence/calendar"
)

func TestParseEmail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want, reason string }{
		{"jane@example.com", "jane@example.com", ""},
		{"  Jane.Doe+x@Example.COM ; ", "jane.doe+x@example.com", ""},
		{"mailto:jane@example.com", "jane@example.com", ""},
		{"Jane Doe <Jane@example.com>", "jane@example.com", ""},
		{"o'neil_{x}@mail.example.co.uk", "o'neil_{x}@mail.example.co.uk", ""},
		{"jane@Müller.example", "jane@müller.example", ""},
		{"josé@example.com", "josé@example.com", ""},
		{"jane@xn--mller-kva.example", "jane@xn--mller-kva.example", ""},
		{"jane", "", "no @"},
		{"@example.com", "", "before the @"},
		{"jane@", "", "behind the @"},
		{"jane@example", "", "no dot"},
		{"jane@example..com", "", "empty part"},
		{"jane@example.com.", "", "empty part"},
		{"jane@-example.com", "", "hyphen"},
		{"jane@exam_ple.com", "", "“_”"},
		{"jane@10.0.0.1", "", "ends with a number"},
		{".jane@example.com", "", "a dot"},
		{"jane.@example.com", "", "a dot"},
		{"ja..ne@example.com", "", "a dot"},
		{"ja ne@example.com", "", "space"},
		{"jane”@example.com", "", "“”” may not stand before"},
		{"\"jane\"@example.com", "", "may not stand before"},
		{"a@example.com, b@example.com", "", "more than one"},
		{strings.Repeat("a", 65) + "@example.com", "", "too long"},
		{"a@" + strings.Repeat("a", 64) + ".com", "", "part of the domain is too long"},
		{"a@" + strings.Repeat("a.", 126) + "com", "", "too long"},
		{"a@" + strings.Repeat("ä.", 84) + "com", "", "too long"},
	} {
		got, reason := parseEmail(c.text)
		if got != c.want || !strings.Contains(reason, c.reason) || (reason == "") != (c.reason == "") {
			t.Errorf("%q: %q, %q; want %q, %q", c.text, got, reason, c.want, c.reason)
		}
		if got != "" {
			if a, err := mail.ParseAddress(got); err != nil || a.Address != got {
				t.Errorf("%q is accepted, and net/mail says %v, %v", c.text, a, err)
			}
		}
	}
	if reason := badDomain(strings.Repeat("a.", 130) + "com"); !strings.Contains(reason, "domain is too long") {
		t.Errorf("long domain: %q", reason)
	}
}

func TestParsePhone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, country, want, reason string }{
		{"+1 202 555 0123", "", "+12025550123", ""},
		{"(202) 555-0123", "US", "+12025550123", ""},
		{"202.555.0123 ext. 77", "US", "+12025550123", ""},
		{"0151 / 123 456 78", "DE", "+4915112345678", ""},
		{"+49 (0)151 12345678", "US", "+4915112345678", ""},
		{"0049 151 12345678", "DE", "+4915112345678", ""},
		{"919812345678", "IN", "+919812345678", ""},
		{"919812345678.0", "IN", "+919812345678", ""},
		{"1-800-FLOWERS", "US", "+18003569377", ""},
		{"202 555 0123", "", "", "no country code"},
		{"call me", "US", "", "no phone number"},
		{"+999 1234567", "", "", "no phone number"},
		{"12345", "US", "", "no such number exists in US"},
		{"+1 202 555", "US", "", "no such number"},
		{"9.19812E+11", "IN", "", "rounded"},
	} {
		number, reason, _ := parsePhone(c.text, c.country)
		got := number.e164
		if got != c.want || !strings.Contains(reason, c.reason) || (reason == "") != (c.reason == "") || (number.code == 0) != (got == "") {
			t.Errorf("%q in %q: %q, %q; want %q, %q", c.text, c.country, got, reason, c.want, c.reason)
		}
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, row, want string }{
		{"nothing known", ",,,", ""},
		{"phone", "+12125550123,,,", "America/New_York"},
		{"phone under its old zone name", "+919812345678,,,", "Asia/Kolkata"},
		{"phone in an area of two zones", "+18502345678,,,", "America/Chicago America/New_York"},
		{"phone and state agree", "+12125550123,US,New York,", "America/New_York"},
		{"phone and state differ", "+12125550123,US,CA,", "America/Los_Angeles America/New_York"},
		{"phone narrows the country", "+12125550123,US,,", "America/New_York"},
		{"phone of another country", "+4915112345678,US,NY,", "Europe/Berlin"},
		{"toll-free number, state known", "+18002345678,US,CA,", "America/Los_Angeles"},
		{"toll-free number alone", "+18002345678,,,", ""},
		{"country", ",Deutschland,,", "Europe/Berlin"},
		{"state", ",US,Texas,", "America/Chicago America/Denver"},
		{"explicit", "+12125550123,US,NY,Europe/Paris", "Europe/Paris"},
		{"explicit nonsense", "+12125550123,US,NY,Moon/Base", "America/New_York"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			lead, _ := one(t, "email,phone,country,state,zone\na@example.com,"+c.row+"\n", Options{})
			if got := strings.Join(lead.Zones, " "); got != c.want {
				t.Errorf("zones %q, want %q", got, c.want)
			}
		})
	}
}

// The tables name zones that exist.
func TestZoneTables(t *testing.T) {
	t.Parallel()
	for old, today := range legacyZones {
		if !calendar.ValidZone(today) {
			t.Errorf("%s → %s does not exist", old, today)
		}
	}
	for area, zones := range splitAreas {
		if len(area) != 3 || len(zones) != 2 {
			t.Errorf("area %s: %v", area, zones)
		}
		for _, zone := range zones {
			if !calendar.ValidZone(zone) {
				t.Errorf("area %s: %s does not exist", area, zone)
			}
		}
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text   string
		order  DateOrder
		want   string
		reason string
	}{
		{"2026-02-03", "", "2026-02-03T00:00:00Z", ""},
		{"2026-02-03T04:05:06+02:00", "", "2026-02-03T02:05:06Z", ""},
		{"2026-02-03 04:05:06.1234567", "", "2026-02-03T04:05:06.123456Z", ""},
		{"03.02.2026 14:30", "", "2026-02-03T14:30:00Z", ""},
		{"3 Feb 2026", "", "2026-02-03T00:00:00Z", ""},
		{"February 3, 2026", "", "2026-02-03T00:00:00Z", ""},
		{"25/12/2026", "", "2026-12-25T00:00:00Z", ""},
		{"12/25/2026", "", "2026-12-25T00:00:00Z", ""},
		{"4/4/2026", "", "2026-04-04T00:00:00Z", ""},
		{"3/4/2026", DatesDayFirst, "2026-04-03T00:00:00Z", ""},
		{"3/4/2026", DatesMonthFirst, "2026-03-04T00:00:00Z", ""},
		{"3-4-2026 3:05 pm", DatesMonthFirst, "2026-03-04T15:05:00Z", ""},
		{"3/4/2026 15:05:06", DatesDayFirst, "2026-04-03T15:05:06Z", ""},
		{"3/4/2026", "", "", "day/month or month/day"},
		{"31/31/2026", "", "", "not understood"},
		{"45231", "", "", "day number"},
		{"0001-01-01", "", "", "year"},
		{"soon", "", "", "not understood"},
	} {
		got, reason, _ := parseDate(c.text, c.order)
		if !strings.Contains(reason, c.reason) || (reason == "") != (c.reason == "") || c.want != "" && got.Format(time.RFC3339Nano) != c.want {
			t.Errorf("%q %s: %v, %q; want %s, %q", c.text, c.order, got, reason, c.want, c.reason)
		}
	}
}

func TestParseCount(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"12": 12, "1,000": 1000, "1.000": 1000, "1 250 000": 1_250_000, "51-200": 51, "51 - 200 employees": 51, "10k": 10_000, "1000+": 1000, "> 500": 500,
		"12.5": 12, "0": 0, "many": -1, "99999999999999999999": -1, "900000k": -1,
		"-3": -1, " -3": -1, "1E+03": 1000, "1.5e2": 150, "1,2E+03": 1200, "1e30": -1, "1e400": -1,
	} {
		n, ok := parseCount(text)
		if ok != (want >= 0) || ok && n != want {
			t.Errorf("%q: %d, %v; want %d", text, n, ok, want)
		}
	}
}

func TestParseLanguage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"de": "de", "de_CH": "de-CH", "EN-us": "en-US", "Deutsch": "de", "English": "en", "und": "", "Klingonese!": ""} {
		if got, ok := parseLanguage(text); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", text, got, ok, want)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text      string
		multiline bool
		want      string
	}{
		{" plain text ", false, "plain text"},
		{"two  spaces", false, "two spaces"},
		{"no\u00a0break\u2003space\ttab", false, "no break space tab"},
		{"zero\u200bwidth\ufeff", false, "zerowidth"},
		{"e\u0301", false, "é"},
		{"a\nb\r\nc", false, "a b c"},
		{"a\n  b\r\n\nc", true, "a\nb\nc"},
		{"bell\a", false, "bell"},
		{"bad\xff", false, "bad\ufffd"},
		{"'+49 151", false, "+49 151"},
		{"'=1+1", false, "=1+1"},
		{"'quoted'", false, "'quoted'"},
		{"'", false, "'"},
		{"👩\u200d💻", false, "👩\u200d💻"},
		{"🏳\ufe0f\u200d🌈", false, "🏳\ufe0f\u200d🌈"},
		{"👩🏽\u200d💻", false, "👩🏽\u200d💻"},
		{"می\u200cخواهم", false, "می\u200cخواهم"},
		{"\u200cمی\u200c \u200cخواهم\u200c", false, "می خواهم"},
		{"می\u200c\u200c\u200dخواهم", false, "می\u200cخواهم"},
		{"क्\u200dष", false, "क्\u200dष"},
		{"An\u200cna Jo\u200dnes", false, "Anna Jones"},
		{"王\u200d小", false, "王小"},
		{"exe\u202efdp\u2066", false, "exefdp"},
		{"می\u200c\u202eخواهم", false, "می\u200cخواهم"},
	} {
		if got := clean(c.text, c.multiline); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func TestSplitName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"Jane Doe": {"Jane", "Doe"}, "Doe, Jane": {"Jane", "Doe"}, "Doe, Dr. Jane": {"Jane", "Doe"}, "Dr. Jane van der Berg": {"Jane", "van der Berg"},
		"Prof. Dr. Jane Doe": {"Jane", "Doe"}, "Jane": {"Jane", ""}, "Doe,": {"Doe", ""}, "Ms": {"Ms", ""}, "": {"", ""},
	} {
		if first, last := splitName(name); first != want[0] || last != want[1] {
			t.Errorf("%q: %q, %q; want %q", name, first, last, want)
		}
	}
}

func TestDomain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://www.Example.com/about?x=1": "example.com", "example.co.uk": "example.co.uk", "jane@example.com": "example.com", "example.com:8080": "example.com",
		"WWW.example.com.": "example.com", "none": "", "two words.com": "", "": "", "a@b@c.example": "",
	} {
		if got := domain(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestComputed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{{ col "Name" | lower }}-{{ col "name" | upper }}`:       "jane doe-JANE DOE",
		`{{ replace " " "_" (col "Name") }}`:                      "Jane_Doe",
		`{{ col "Empty" | default (col "Name") | first 4 }}`:      "Jane",
		`{{ col "Name" | default "x" | last 3 | trim }}`:          "Doe",
		`{{ col "Site" | domain }}`:                               "example.com",
		`{{ col "No" | digits }}`:                                 "1234",
		`{{ if eq (col "Empty") "" }}none{{ end }}`:               "",
		`{{ if eq (col "Name") "Jane Doe" }}{{ else }}n{{end}}`:   "",
		`x-{{ col "Empty" }}`:                                     "",
		`x-{{ col "Empty" }}{{ col "No" }}`:                       "x-No. 12-34",
		`constant`:                                                "constant",
		`{{ first 99 "ab" }}{{ last 99 "cd" }}{{ first -1 "x" }}`: "abcd",
	} {
		m := Mapping{Columns: map[string]string{"email": "E"}, Fields: map[string]string{"x": text}}
		if !isTemplate(text) {
			m = Mapping{Columns: map[string]string{"email": "E"}, Computed: map[string]string{"title": text}}
		}
		lead, _ := one(t, "E,Name,Empty,Site,No\na@example.com,Jane Doe,,https://www.example.com/x,No. 12-34\n", Options{Mapping: m})
		if got := lead.Fields["x"] + lead.Title; got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestComputedFails(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{{ col (col "Name") }}`: "the file has no column", `{{ first "x" "y" }}`: "the template fails",
	} {
		m := Mapping{Columns: map[string]string{"email": "E"}, Fields: map[string]string{"x": text}}
		c, _ := read(t, "E,Name\na@example.com,Jane\n", Options{Mapping: m})
		if len(c.rejections) != 1 || c.rejections[0].Column != "fields.x" || !strings.Contains(c.rejections[0].Reason, want) {
			t.Errorf("%s: %+v", text, c.rejections)
		}
	}
}

// TestJoinersTellNobodyApart: two leads are not told apart by what nobody sees.
func TestJoinersTellNobodyApart(t *testing.T) {
	t.Parallel()
	address, reason := parseEmail("می\u200cخواهم@example.com")
	if address != "میخواهم@example.com" || reason != "" {
		t.Errorf("%q, %s", address, reason)
	}
	for _, s := range []string{"", "k-1", "می\u200cخواهم", "a\u200d\u200c"} {
		if got := WithoutJoiners(s); strings.ContainsFunc(got, isJoiner) || WithoutJoiners(got) != got {
			t.Errorf("%q became %q", s, got)
		}
	}
}
