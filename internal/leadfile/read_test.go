package leadfile

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEveryField(t *testing.T) {
	t.Parallel()
	const file = `key;email;phone;first_name;last_name;name;title;role;city;country;region;zone;language;source;origin;owner;account.name;` +
		`account.domain;account.industry;account.employees;account.country;consent.email;consent.voicemail;consent.call;opted_out.email;` +
		`opted_out.call;created_at;Note;Need;Converted
17; Jane@Example.COM;0151 12345678;Jane;Doe;ignored;Head of IT;decider;Wien;Österreich;Wien;Europe/Vienna;german;Fair;Self-Qualified;sam;Acme;` +
		`https://www.acme.example/x;Steel;1,200;Austria;ja;2026-01-02;nein;no;2025-05-06;03.02.2026;"two
lines";  more   leads ;1
`
	m := Mapping{
		Fields: map[string]string{"note": "Note"}, Facts: map[string]string{"need": "Need"}, Outcome: map[string]string{"converted": "Converted"},
		Columns: make(map[string]string), Values: map[string]map[string]string{"outcome.converted": {"1": "yes"}},
		Defaults: map[string]string{"fields.batch": "b1", "city": "Graz", "facts.seats": "9"},
	}
	for _, name := range FieldNames() {
		m.Columns[name] = name
	}
	want := Lead{
		Key: "17", Email: "jane@example.com", Phone: "+4315112345678", FirstName: "Jane", LastName: "Doe", Title: "Head of IT", Role: "decider",
		City: "Wien", Country: "AT", Region: "Wien", Zones: []string{"Europe/Vienna"}, Language: "de", Source: "Fair", Origin: OriginSelfQualified, Owner: "sam",
		Account: Account{Name: "Acme", Domain: "acme.example", Industry: "Steel", Employees: 1200, Country: "AT"},
		Consent: Consent{
			Email:     Permission{State: PermissionGranted},
			Voicemail: Permission{State: PermissionGranted, At: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)},
			Call:      Permission{State: PermissionRefused},
		},
		OptedOut:  OptedOut{Call: true},
		CreatedAt: time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC),
		Fields:    map[string]string{"note": "two\nlines", "batch": "b1"},
		Facts:     map[string]string{"need": "more leads", "seats": "9"},
		Outcome:   map[string]string{"converted": "yes"},
	}
	lead, c := one(t, file, Options{Mapping: m})
	if diff := cmp.Diff(want, lead); diff != "" {
		t.Error(diff)
	}
	if c.warnings() != "" {
		t.Errorf("warnings %q", c.warnings())
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	const header = "key,email,phone\n"
	for row, want := range map[string]string{
		"7,a@example.com,+12025550123": "7", ",A@example.com,+12025550123": "a@example.com", ",,+1 202 555 0123": "+12025550123",
	} {
		if lead, _ := one(t, header+row, Options{}); lead.Key != want {
			t.Errorf("%s: key %q, want %q", row, lead.Key, want)
		}
	}
}

func TestRejections(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, row, column, reason string }{
		{"nothing to reach", ",,Jane,Acme", "Mail", "neither email nor phone is given"},
		{"bad email", "jane,,Jane,Acme", "Mail", "the address has no @: jane"},
		{"bad email, good phone", "jane,+12025550123,Jane,Acme", "Mail", "the address has no @: jane"},
		{"bad phone only", ",123,Jane,Acme", "Tel", "no email is given and the phone cannot be used: the number has no country code"},
		{"long name", "a@example.com,," + strings.Repeat("é", textLimit+1) + ",Acme", "First", "the value has 501 characters, at most 500 are taken"},
		{"long note", "a@example.com,,x," + strings.Repeat("x ", extraLimit), "Note", "the value has 19999 characters, at most 10000 are taken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := Mapping{Columns: map[string]string{"email": "Mail", "phone": "Tel", "first_name": "First"}, Fields: map[string]string{"note": "Note"}}
			got, _ := read(t, "Mail,Tel,First,Note\n"+c.row+"\n", Options{Mapping: m})
			if len(got.rejections) != 1 || got.rejections[0].Column != c.column || !strings.HasPrefix(got.rejections[0].Reason, c.reason) {
				t.Fatalf("%+v, want %s: %s", got.rejections, c.column, c.reason)
			}
			if bad := got.rejections[0]; bad.Hint == "" || !strings.HasPrefix(c.row, strings.TrimSuffix(bad.Raw, "…")) {
				t.Fatalf("hint %q, raw %q", bad.Hint, bad.Raw)
			}
		})
	}
	// Without an email column the phone's is named.
	c, _ := read(t, "phone\nx\n", Options{})
	if c.rejections[0].Column != "phone" || !strings.Contains(c.rejections[0].Hint, "default country") {
		t.Errorf("%+v", c.rejections)
	}
	// A value of the longest length is taken.
	lead, _ := one(t, "email,city\na@example.com,"+strings.Repeat("é", textLimit), Options{})
	if len([]rune(lead.City)) != textLimit {
		t.Errorf("%d characters", len([]rune(lead.City)))
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	c, _ := read(t, "email,do not email,do not call\nA@example.com,,\nb@example.com,,\na@EXAMPLE.com,yes,no\nx,,\nx,,\na@example.com,,1\n", Options{})
	if c.emails() != "a@example.com b@example.com" {
		t.Fatalf("emails %s", c.emails())
	}
	want := []Rejection{
		{Line: 4, Raw: "a@EXAMPLE.com,yes,no", Column: "email", Reason: "duplicate of line 2", Hint: "the first line of a lead counts", Key: "a@example.com", OptedOut: OptedOut{Email: true}},
		{Line: 5, Raw: "x,,", Column: "email", Reason: "the address has no @: x", Hint: "correct the address, or empty the cell if the phone is enough"},
		{Line: 6, Raw: "x,,", Column: "email", Reason: "the address has no @: x", Hint: "correct the address, or empty the cell if the phone is enough"},
		{Line: 7, Raw: "a@example.com,,1", Column: "email", Reason: "duplicate of line 2", Hint: "the first line of a lead counts", Key: "a@example.com", OptedOut: OptedOut{Call: true}},
	}
	if diff := cmp.Diff(want, c.rejections); diff != "" {
		t.Error(diff)
	}
	c, _ = read(t, "id,email\n1,a@example.com\n2,a@example.com\n1,b@example.com\n", Options{})
	const again = "3 email: line 2 has the same email under another key\n" +
		"0 email: 1 line has the address of an earlier one under another key; each is a lead of its own, and is written to\n"
	if c.warnings() != again || c.reasons() != "4: duplicate of line 2\n" || c.rejections[0].Column != "id" {
		t.Errorf("warnings %s, rejected %s", c.warnings(), c.reasons())
	}
	c, _ = read(t, "id,Email\n1,a@example.com\n2,A@example.com\n", Options{Assign: []string{"key=Email"}})
	if c.warnings() != "" || c.reasons() != "3: duplicate of line 2\n" || c.rows[0].Lead.Key != "a@example.com" {
		t.Errorf("by address: warnings %s, rejected %s", c.warnings(), c.reasons())
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ header, value, want string }{
		{"phone", "12345", "the number has no country code and its country is not known: 12345"},
		{"phone", "+1 202 555 0123 x5", "the extension is left out: 5"},
		{"phone", "+12025550123; +12125550199", "there are several numbers in the cell: taken is +12025550123"},
		{"phone", "home; work", "the number has no country code and its country is not known: home; work"},
		{"country", "Atlantis", "country not known: Atlantis"},
		{"company country", "Atlantis", "country not known: Atlantis"},
		{"zone", "PST-ish", "time zone not known: PST-ish"},
		{"language", "!?", "language not known: !?"},
		{"origin", "space", "origin not known: space"},
		{"domain", "none", "this is no domain: none"},
		{"employees", "many", "this is no number of employees: many"},
		{"created at", "3/4/2026", "the date may be day/month or month/day: 3/4/2026"},
		{"consent", "maybe", "this is neither yes nor no nor a date: maybe; no consent is recorded"},
		{"voicemail ok", "3/4/2026", "the date may be day/month or month/day: 3/4/2026; no consent is recorded"},
		{"do not email", "ask her", "this is neither yes nor no nor a date: ask her; it is taken as an opt-out"},
	} {
		lead, got := one(t, "email,"+c.header+"\na@example.com,"+c.value+"\n", Options{})
		if want := "2 " + c.header + ": " + c.want + "\n"; got.warnings() != want {
			t.Errorf("%s %s: %q, want %q", c.header, c.value, got.warnings(), want)
		}
		if lead.OptedOut.Email != (c.header == "do not email") || lead.Consent != (Consent{}) {
			t.Errorf("%s %s: %+v", c.header, c.value, lead)
		}
	}
	lead, c := one(t, "email\njosé@example.com\n", Options{})
	if lead.Email != "josé@example.com" || !strings.Contains(c.warnings(), "SMTPUTF8") {
		t.Errorf("%+v %s", lead, c.warnings())
	}
	if lead, _ := one(t, "email,origin,region,country\na@example.com,inquiry,California,us\n", Options{}); lead.Origin != OriginInquiry || lead.Region != "CA" {
		t.Errorf("%+v", lead)
	}
}

func TestDefaultCountry(t *testing.T) {
	t.Parallel()
	const file = "email,phone,country\na@example.com,(202) 555-0123,\n"
	for _, country := range []string{"US", "usa", "United States"} {
		if lead, _ := one(t, file, Options{DefaultCountry: country}); lead.Phone != "+12025550123" || lead.Country != "" {
			t.Errorf("%s: %+v", country, lead)
		}
	}
	if lead, _ := one(t, strings.TrimSuffix(file, "\n")+"Germany\n", Options{DefaultCountry: "US"}); lead.Phone != "+492025550123" {
		t.Errorf("the lead's own country must count: %+v", lead)
	}
	if _, _, err := tryRead(strings.NewReader(file), Options{DefaultCountry: "Atlantis"}); err == nil || !strings.Contains(err.Error(), "Atlantis") {
		t.Errorf("unknown default country: %v", err)
	}
}

func TestPermissionWords(t *testing.T) {
	t.Parallel()
	m := mapping(t, "columns: {email: e, consent.email: c, opted_out.email: o}\nwords: {yes: [jawohl, no], no: [nix]}\nvalues: {consent.email: {Select: ''}}\n")
	for word, want := range map[string]PermissionState{
		"Yes": PermissionGranted, "X": PermissionGranted, "opted in": PermissionGranted, "jawohl!": PermissionGranted, "NO": PermissionGranted,
		"nix": PermissionRefused, "FALSE": PermissionRefused, "Opted-Out": PermissionRefused, "": PermissionUnset, "select": PermissionUnset,
	} {
		lead, c := one(t, "e,c,o\na@example.com,"+word+",nix\n", Options{Mapping: m})
		if lead.Consent.Email.State != want || lead.OptedOut.Email || len(c.notices) > 0 {
			t.Errorf("%q: %+v, warnings %s", word, lead.Consent, c.warnings())
		}
	}
}

func TestGuessWithDefaults(t *testing.T) {
	t.Parallel()
	m := mapping(t, "defaults: {source: fair, consent.email: yes}\nvalues: {country: {Deutschland-West: Germany}}\ndates: dmy\n")
	lead, c := one(t, "email,source,country,created,Shoe\na@example.com,,deutschland-west ,3/4/2026,9\n", Options{Mapping: m, Assign: []string{"fields.shoe=Shoe"}})
	if lead.Source != "fair" || lead.Country != "DE" || lead.CreatedAt.Month() != time.April || lead.Fields["shoe"] != "9" ||
		lead.Consent.Email.State != PermissionGranted || len(c.notices) != 0 {
		t.Fatalf("%+v %s", lead, c.warnings())
	}
}

func TestSummaryNames(t *testing.T) {
	t.Parallel()
	m := mapping(t, "columns: {email: E}\ncomputed: {key: '{{ col \"Id\" }}'}\n")
	_, sum := read(t, "E,Id,Shoe,,Shoe\na@example.com,1,9,,9\n", Options{Mapping: m})
	if diff := cmp.Diff([]string{"E", "Id", "Shoe", "column 4", "Shoe (2)"}, sum.Columns); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Shoe", "Shoe (2)"}, sum.Unmatched); diff != "" {
		t.Error(diff)
	}
	if sum.Mapping.Columns["email"] != "E" {
		t.Errorf("%+v", sum.Mapping)
	}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString("email\n")
	for i := range 2*BatchSize + 7 {
		fmt.Fprintf(&file, "p%d@example.com\n", i)
	}
	var sizes []int
	next := 2
	sum, err := Read(strings.NewReader(file.String()), Options{}, func(batch []Row) error {
		sizes = append(sizes, len(batch))
		for _, row := range batch {
			if row.Line != next {
				t.Fatalf("line %d, want %d", row.Line, next)
			}
			next++
		}
		return nil
	})
	if err != nil || sum.Accepted != 2*BatchSize+7 {
		t.Fatalf("%+v %v", sum, err)
	}
	if diff := cmp.Diff([]int{BatchSize, BatchSize, 7}, sizes); diff != "" {
		t.Fatal(diff)
	}

	dry, err := Read(strings.NewReader(file.String()), Options{}, nil)
	if err != nil || dry.Accepted != sum.Accepted {
		t.Fatalf("dry run: %+v %v", dry, err)
	}

	full := errors.New("database full")
	calls := 0
	sum, err = Read(strings.NewReader(file.String()), Options{}, func([]Row) error { calls++; return full })
	if !errors.Is(err, full) || !strings.Contains(err.Error(), fmt.Sprintf("lines 2 to %d", BatchSize+1)) || calls != 1 || sum.Accepted != BatchSize {
		t.Fatalf("%+v %v after %d calls", sum, err, calls)
	}
}

// The kept rows do not change when later ones are read.
func TestRowsMayBeKept(t *testing.T) {
	t.Parallel()
	c, _ := read(t, "email,city\na@example.com,Rome\nb@example.com,Oslo\n", Options{})
	if c.rows[0].Lead.City != "Rome" || c.rows[1].Lead.City != "Oslo" || c.rows[0].Lead.Email != "a@example.com" {
		t.Fatalf("%+v", c.rows)
	}
}

// failing is a Reporter that fails from the n-th call on.
type failing struct{ left int }

var errFull = errors.New("report full")

func (f *failing) Reject(Rejection) error { return f.Notice(Notice{}) }

func (f *failing) Notice(Notice) error {
	if f.left--; f.left < 0 {
		return errFull
	}
	return nil
}

func TestReporterErrorsStop(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file  string
		calls int
		read  int
	}{
		"note on the header": {"email,x,x\na@example.com,,\n", 0, 0},
		"rejection":          {"email\nx\ny\n", 1, 2},
		"rejected by shape":  {"email,x\na,b,c\n", 0, 1},
		"warning":            {"email,country\na@example.com,Atlantis\nb@example.com,\n", 0, 1},
	} {
		sum, err := Read(strings.NewReader(c.file), Options{Reporter: &failing{c.calls}}, nil)
		if !errors.Is(err, errFull) || sum.Read != c.read {
			t.Errorf("%s: %+v, %v", name, sum, err)
		}
	}
}
