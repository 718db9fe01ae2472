package leadfile

import (
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const fullMapping = `# a comment
columns:
  email: Email Address
  lead.first_name: First Name
  account.name: Company
  consent.voicemail: Voicemail OK
computed:
  key: "x-{{ col \"Lead Number\" }}"
values:
  country: { "Select": "", unknown: "" }
  converted: {"1": "yes", "0": no}
  "*": {n/a: ""}
facts:
  need: What matters
  size: '{{ col "Seats" | digits }}'
fields:
  tags: Tags
outcome:
  converted: Converted
defaults: { source: x-education, consent.email: yes, account.employees: 007 , fields.batch: b1}
words: { yes: [jawohl, 2], no: [nix] }
dates: dmy
`

func TestParseMapping(t *testing.T) {
	t.Parallel()
	want := Mapping{
		Columns:  map[string]string{"email": "Email Address", "first_name": "First Name", "account.name": "Company", "consent.voicemail": "Voicemail OK"},
		Computed: map[string]string{"key": `x-{{ col "Lead Number" }}`},
		Values: map[string]map[string]string{
			"country": {"Select": "", "unknown": ""}, "outcome.converted": {"1": "yes", "0": "no"}, "*": {"n/a": ""},
		},
		Facts:    map[string]string{"need": "What matters", "size": `{{ col "Seats" | digits }}`},
		Fields:   map[string]string{"tags": "Tags"},
		Outcome:  map[string]string{"converted": "Converted"},
		Defaults: map[string]string{"source": "x-education", "consent.email": "yes", "account.employees": "007", "fields.batch": "b1"},
		Words:    Words{Yes: []string{"jawohl", "2"}, No: []string{"nix"}},
		Dates:    DatesDayFirst,
	}
	if diff := cmp.Diff(want, mapping(t, fullMapping), cmpopts.IgnoreUnexported(Mapping{})); diff != "" {
		t.Fatal(diff)
	}
	if !(Mapping{Dates: DatesDayFirst}).Guesses() || want.Guesses() {
		t.Fatal("Guesses is wrong")
	}
}

func TestMappingMistakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, yaml, want string }{
		{"empty", "", "m.yaml: the mapping is empty"},
		{"comment only", "# nothing\n", "the mapping is empty"},
		{"syntax", "columns: {email: [", "m.yaml:1:"},
		{"no map", "- email\n", "m.yaml:1:1: the mapping must be a list"},
		{"section no map", "columns: email\n", "m.yaml:1:10: columns must be"},
		{"unknown section", "colums:\n  email: E\n", "m.yaml:1:1: section \"colums\" is not known (did you mean columns?)\n\tcolums:\n\t^"},
		{"unknown section, far", "zebra: {}\n", "known are columns, computed"},
		{"unknown field", "columns:\n  emial: E\n", "m.yaml:2:3: lead field \"emial\" is not known (did you mean email?)\n\t  emial: E\n\t  ^"},
		{"unknown field, far", "columns:\n  zebra: E\n", "and your own as fields.NAME"},
		{"unknown default", "defaults:\n  zebra: E\n", "m.yaml:2:3"},
		{"bad name", "fields:\n  Two Words: E\n", "m.yaml:2:3: \"Two Words\" is no valid name"},
		{"bad default name", "defaults:\n  facts.Two: E\n", "m.yaml:2:3: \"Two\" is no valid name"},
		{"list for text", "columns:\n  email: [a, b]\n", "m.yaml:2:10: columns.email must be one text"},
		{"empty text", "columns:\n  email: \"\"\n", "columns.email is empty"},
		{"empty value", "columns:\n  email:\n", "columns.email is empty"},
		{"twice", "columns:\n  email: a\n  email: b\n", "m.yaml:3:3"},
		{"twice with prefix", "columns: {email: a}\ncomputed:\n  lead.email: b\n", "m.yaml:3:15: email is in columns already"},
		{"template syntax", "computed:\n  key: '{{ col \"x }}'\n", "m.yaml:2:8: the template is wrong:"},
		{"template function", "computed:\n  key: '{{ shout \"x\" }}'\n", "function \"shout\" not defined"},
		{"template range", "computed:\n  key: '{{ range 9 }}x{{ end }}'\n", "range is not available"},
		{"template define", "computed:\n  key: '{{ define \"a\" }}x{{ end }}'\n", "define and block are not available"},
		{"template call", "fields:\n  key: '{{ if true }}{{ with 1 }}{{ template \"value\" }}{{ end }}{{ else }}-{{ end }}'\n", "template is not available"},
		{"dates", "dates: ymd\n", "m.yaml:1:8: dates must be dmy or mdy"},
		{"words no list", "words: {yes: ja}\n", "words.yes must be a list"},
		{"words unknown", "words: {maybe: [x]}\n", "words.maybe is not known"},
		{"words nested", "words: {yes: [[x]]}\n", "a plain word is expected"},
		{"words contradict", "words: {yes: [x], no: [X]}\n", "means both yes and no"},
		{"values no map", "values:\n  country: x\n", "values.country must be"},
		{"values nested", "values:\n  country: {a: [b]}\n", "the value meant must be one text"},
		{"values of nothing", "columns: {email: E}\nvalues:\n  contry: {a: b}\n", "m.yaml:3:3: values.contry belongs to nothing that is mapped (did you mean country?)"},
		{"values ambiguous", "facts: {a: x}\nfields: {a: x}\nvalues:\n  a: {b: c}\n", "values.a is ambiguous (write facts.a or fields.a)"},
		{"values twice", "facts: {a: x}\nvalues:\n  facts.a: {b: c}\n  a: {b: d}\n", "values.a is given twice, as facts.a too"},
		{"two documents", "columns: {email: a}\n---\ncolumns: {email: b}\n", "second document"},
		{"key no text", "columns:\n  [a]: b\n", "m.yaml:2:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := ParseMapping("m.yaml", []byte(c.yaml))
			var bad *MappingError
			if !errors.As(err, &bad) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error\n%v\nwant one with\n%s", err, c.want)
			}
			if !m.Guesses() {
				t.Fatalf("a wrong mapping maps %+v", m)
			}
		})
	}
}

func TestMappingMistakesComeAtOnce(t *testing.T) {
	t.Parallel()
	_, err := ParseMapping("m.yaml", []byte("columns:\n  emial: E\n  phnoe: P\ndates: never\n"))
	var bad *MappingError
	if !errors.As(err, &bad) || len(bad.Problems) != 3 || bad.Problems[0].Line != 2 || bad.Problems[2].Line != 4 {
		t.Fatalf("%v", err)
	}
}

func TestCaretBelowTabs(t *testing.T) {
	t.Parallel()
	p := Problem{File: "f", Line: 1, Column: 3, Text: "\tä: b", Reason: "r"}
	if got, want := p.String(), "f:1:3: r\n\t\tä: b\n\t\t ^"; got != want {
		t.Fatalf("%q, want %q", got, want)
	}
}

func TestMissingColumns(t *testing.T) {
	t.Parallel()
	m := mapping(t, "columns:\n  email: E-Mail\n  city: Stadt\ncomputed:\n  key: 'x{{ col \"Numer\" | lower }}'\nfields:\n  tags: Tag\n")
	_, _, err := tryRead(strings.NewReader("E-Mail,Number,Tags\na@example.com,1,x\n"), Options{Mapping: m})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`m.yaml:3:9: the file has no column "Stadt" (it has E-Mail, Number, Tags)`,
		`m.yaml:5:8: the file has no column "Numer" (did you mean "Number"?)`,
		`m.yaml:7:9: the file has no column "Tag" (did you mean "Tags"?)`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %s:\n%v", want, err)
		}
	}
	_, _, err = tryRead(strings.NewReader("Name,Shoe Size\nx,1\n"), Options{})
	if err == nil || !strings.Contains(err.Error(), "neither email nor phone is mapped") {
		t.Errorf("nothing to guess: %v", err)
	}
	_, _, err = tryRead(strings.NewReader("ann@example.com,Ann\nbob@example.com,Bob\n"), Options{})
	if err == nil || !strings.Contains(err.Error(), "the first line is a lead already, and should name the columns: ann@example.com, Ann (put a line above it") {
		t.Errorf("no header: %v", err)
	}
	_, _, err = tryRead(strings.NewReader(strings.Repeat("Shoe Size,", 99)+"x\n"), Options{})
	if err == nil || !strings.Contains(err.Error(), "Shoe Size (30) and 70 more; name one") {
		t.Errorf("many columns: %v", err)
	}
	_, _, err = tryRead(strings.NewReader("email\n"), Options{Assign: []string{"phone=Tel"}})
	if err == nil || !strings.Contains(err.Error(), `phone: the file has no column "Tel"`) {
		t.Errorf("assigned column: %v", err)
	}
	m = Mapping{Computed: map[string]string{"email": "{{ nonsense }}"}}
	if _, _, err = tryRead(strings.NewReader("email\n"), Options{Mapping: m}); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("template of a mapping from elsewhere: %v", err)
	}
}

func TestAssign(t *testing.T) {
	t.Parallel()
	original := mapping(t, "columns: {email: A}\ncomputed: {key: 'x'}\n")
	m := original
	for _, a := range []string{"email = B", "key=C", "fields.tags=Tags", "facts.need=Need", "outcome.converted=Conv", "lead.city=City=x"} {
		if err := m.Assign(a); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
	want := Mapping{
		Columns: map[string]string{"email": "B", "key": "C", "city": "City=x"}, Computed: map[string]string{},
		Fields: map[string]string{"tags": "Tags"}, Facts: map[string]string{"need": "Need"}, Outcome: map[string]string{"converted": "Conv"},
	}
	if diff := cmp.Diff(want, m, cmpopts.IgnoreUnexported(Mapping{})); diff != "" {
		t.Error(diff)
	}
	if original.Columns["email"] != "A" || original.Computed["key"] != "x" {
		t.Error("Assign changes the mapping that m was copied from")
	}
	for _, bad := range []string{"", "email", "=x", "email=", "emial=x", "fields.Two Words=x"} {
		if err := m.Assign(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if _, _, err := tryRead(strings.NewReader("email\n"), Options{Assign: []string{"x"}}); err == nil {
		t.Error("Read takes a bad assignment")
	}
}

func TestGuess(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		header    []string
		want      map[string]string
		unmatched []string
	}{
		{
			[]string{"E-Mail Address", "First Name", "LAST_NAME", "Company", "Mobile Phone", "Phone", "State/Province", "Shoe size"},
			map[string]string{
				"email": "E-Mail Address", "first_name": "First Name", "last_name": "LAST_NAME", "account.name": "Company", "phone": "Phone",
				"region": "State/Province",
			},
			[]string{"Mobile Phone", "Shoe size"},
		},
		{
			[]string{"Vorname", "Nachname", "E-Mail-Adresse", "Firma", "Telefon", "Land", "Bundesland", "Sprache"},
			map[string]string{
				"first_name": "Vorname", "last_name": "Nachname", "email": "E-Mail-Adresse", "account.name": "Firma", "phone": "Telefon", "country": "Land",
				"region": "Bundesland", "language": "Sprache",
			},
			nil,
		},
		{
			[]string{"Id", "Email", "Do Not Email", "DNC", "HasOptedOutOfEmail", "Email Opt-In", "Voicemail OK", "Time Zone", "Website", "Create Date"},
			map[string]string{
				"key": "Id", "email": "Email", "opted_out.email": "Do Not Email", "opted_out.call": "DNC", "consent.email": "Email Opt-In",
				"consent.voicemail": "Voicemail OK", "zone": "Time Zone", "account.domain": "Website", "created_at": "Create Date",
			},
			[]string{"HasOptedOutOfEmail"},
		},
		{[]string{"zebra"}, map[string]string{}, []string{"zebra"}},
	} {
		m, unmatched := Guess(c.header)
		if !maps.Equal(m.Columns, c.want) || !slices.Equal(unmatched, c.unmatched) {
			t.Errorf("%v:\n got %v, unmatched %v\nwant %v, unmatched %v", c.header, m.Columns, unmatched, c.want, c.unmatched)
		}
	}
}

// Every synonym finds its field when it stands alone, so none is shadowed by another field's.
func TestSynonymsAreUnique(t *testing.T) {
	t.Parallel()
	for f := range fieldCount {
		for _, synonym := range append(definitions[f].synonyms, definitions[f].name) {
			if m, _ := Guess([]string{synonym}); len(m.Columns) != 1 || m.Columns[f.String()] != synonym {
				t.Errorf("%q is guessed as %v, want %s", synonym, m.Columns, f)
			}
		}
	}
}

// The example mapping fits a file with that export's header. The leads here are invented; they have its defects.
func TestExampleMapping(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../examples/mappings/x-education.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseMapping("x-education.yaml", src)
	if err != nil {
		t.Fatal(err)
	}
	const file = `Lead Number,Lead Origin,Lead Source,Do Not Email,Do Not Call,Converted,TotalVisits,Total Time Spent on Website,Last Activity,Country,` +
		`Specialization,What is your current occupation,What matters most to you in choosing a course,Tags,Lead Quality,Lead Profile,City,` +
		`A free copy of Mastering The Interview,Last Notable Activity
900001,API,google,No,No,1,2,30,Page Visited,India,Select,Student,Prospects,,,Select,Pune,Yes,Modified
"900002,API,Chat,Yes,Yes,0,2,30,Page Visited,,""Fishing, Farming And Forests"",Student,Prospects,Busy,,Select,Select,No,Modified"
900003,API,,No,No,0,2,30,Page Visited,Atlantis,Select,Student,Prospects,,,Select,Other Cities,No,Modified
900001,API,google,Yes,No,1,2,30,Page Visited,India,Select,Student,Prospects,,,Select,Pune,Yes,Modified
`
	c, sum := read(t, file, Options{Mapping: m})
	if sum.Accepted != 3 || sum.Repaired != 1 || c.reasons() != "5: duplicate of line 2\n" || sum.Warnings != 1 {
		t.Fatalf("%+v, rejected %s, warnings %s", sum, c.reasons(), c.warnings())
	}
	if bad := c.rejections[0]; bad.Key != "x-edu-900001" || !bad.OptedOut.Email || bad.OptedOut.Call {
		t.Errorf("the duplicate's opt-out is lost: %+v", bad)
	}
	first := Lead{
		Key: "x-edu-900001", Email: "lead-900001@example.com", Phone: "+917000000001", Role: "Student", City: "Pune", Country: "IN",
		Zones: []string{"Asia/Kolkata"}, Source: "Google", Origin: OriginInquiry,
		Consent: Consent{Email: Permission{State: PermissionGranted}, Voicemail: Permission{State: PermissionGranted}},
		Facts:   map[string]string{"need": "Prospects"},
		Fields:  map[string]string{"lead_origin": "API", "occupation": "Student", "visits": "2", "seconds_on_site": "30"},
		Outcome: map[string]string{
			"converted": "yes", "do_not_email": "No", "do_not_call": "No", "last_activity": "Page Visited", "last_notable_activity": "Modified",
		},
	}
	if diff := cmp.Diff(first, c.rows[0].Lead); diff != "" {
		t.Error(diff)
	}
	second, third := c.rows[1].Lead, c.rows[2].Lead
	if second.Facts["interest"] != "Fishing, Farming And Forests" || !second.OptedOut.Email || !second.OptedOut.Call || second.City != "" ||
		second.Consent.Voicemail.State != PermissionUnset {
		t.Errorf("second lead %+v", second)
	}
	if third.Phone != "" || third.Source != "X Education" || third.Zones != nil {
		t.Errorf("third lead %+v", third)
	}
}

// The documentation names every field and function, and its mapping is a valid one.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../docs/import.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(src)
	for _, name := range append(FieldNames(), `col "Name"`, "lower", "upper", "trim", `replace "from" "to"`, `default "other"`, "domain", "digits", "first 5", "last 5") {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("docs/import.md does not name `%s`", name)
		}
	}
	_, rest, _ := strings.Cut(text, "```yaml\n")
	example, _, _ := strings.Cut(rest, "```")
	if m := mapping(t, example); m.Columns["email"] != "Email Address" || m.Dates != DatesDayFirst || m.Defaults["source"] != "trade fair" {
		t.Errorf("the documented mapping reads as %+v", m)
	}
}

// A company has fields of one's own as a person has: by a mapping, by --map, with translations and defaults.
func TestOwnFieldsOfTheAccount(t *testing.T) {
	t.Parallel()
	const file = "Email,Company,ARR,Segment,Mgr\nann@acme.example,Acme,10M,ent,Kim\nbob@home.example,,5M,smb,\n"
	m := mapping(t, `columns: { email: Email, account.name: Company }
account_fields:
  revenue: ARR
  segment: Segment
  label: '{{ col "Company" | upper }}'
values:
  account.fields.segment: { ent: enterprise }
  revenue: { 10M: "10000000" }
defaults: { account.fields.region: emea }
`)
	c, _ := read(t, file, Options{Mapping: m, Assign: []string{"account.fields.manager=Mgr", "fields.manager=Mgr"}})
	if len(c.rows) != 2 {
		t.Fatalf("rejected: %s", c.reasons())
	}
	ann, bob := c.rows[0].Lead, c.rows[1].Lead
	want := map[string]string{"revenue": "10000000", "label": "ACME", "segment": "enterprise", "region": "emea", "manager": "Kim"}
	if diff := cmp.Diff(want, ann.Account.Fields); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"manager": "Kim"}, ann.Fields); diff != "" {
		t.Error(diff)
	}
	if bob.Account.Fields != nil || !strings.Contains(c.warnings(), "the line names no company") {
		t.Errorf("of nobody's company: %v, warnings %q", bob.Account.Fields, c.warnings())
	}
	if err := new(Mapping).Assign("account.fields.ARR=ARR"); err == nil {
		t.Error("capital letters are taken in a name")
	}
}
