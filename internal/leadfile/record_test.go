package leadfile

import (
	"strings"
	"testing"
)

func TestDelimiters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, want, company string }{
		{"comma", "email,company\na@example.com,Acme\n", "comma", "Acme"},
		{"semicolon", "email;company\na@example.com;Acme, Inc\n", "semicolon", "Acme, Inc"},
		{"tab", "email\tcompany\na@example.com\tAcme, Inc; Ltd\n", "tab", "Acme, Inc; Ltd"},
		{"pipe", "email|company\na@example.com|Acme\n", "pipe", "Acme"},
		{"one column", "email\na@example.com\n", "comma", ""},
		{"decimal commas", "email;score;company\na@example.com;1,5;Acme\nb@;2,5;x\n", "semicolon", "Acme"},
		{"names with commas", "last, first;email;company\nDoe, Jane;a@example.com;Acme\n", "semicolon", "Acme"},
		{"quoted delimiters", "email,company\na@example.com,\"A;B;C\"\nb@,\"D;E\"\n", "comma", "A;B;C"},
		{"header in quotes as a whole", "\"email,company\"\n\"a@example.com,Acme\"\n", "comma", "Acme"},
		{"header only", "email;first name;company", "semicolon", ""},
		{"excel's hint", "sep=|\nemail|company\na@example.com|A,B\n", "pipe", "A,B"},
		{"excel's odd hint", "sep=^\r\nemail^company\r\na@example.com^Acme\r\n", `"^"`, "Acme"},
		{"preferred over a rarer one", "email,note|x\na@example.com,Acme\n", "comma", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, sum := read(t, c.file, Options{})
			if sum.Delimiter != c.want {
				t.Fatalf("delimiter %s, want %s", sum.Delimiter, c.want)
			}
			for _, row := range got.rows {
				if row.Lead.Account.Name != c.company {
					t.Errorf("company %q, want %q", row.Lead.Account.Name, c.company)
				}
			}
			if sum.Read > 0 && got.emails() != "a@example.com" {
				t.Errorf("emails %q", got.emails())
			}
		})
	}
}

func TestForcedDelimiter(t *testing.T) {
	t.Parallel()
	lead, _ := one(t, "sep=;\nemail,company;x\na@example.com,A;B\n", Options{Delimiter: ','})
	if lead.Account.Name != "" || lead.Email != "a@example.com" {
		t.Fatalf("%+v", lead)
	}
	lead, _ = one(t, "email:company\na@example.com:A,B\n", Options{Delimiter: ':'})
	if lead.Account.Name != "A,B" {
		t.Fatalf("%+v", lead)
	}
	for _, bad := range []rune{'"', ' ', '\n', '\r', 'é', -1} {
		if _, _, err := tryRead(strings.NewReader("email\n"), Options{Delimiter: bad}); err == nil {
			t.Errorf("delimiter %q is taken", bad)
		}
	}
}

// A sample that ends in the middle of a record must not spoil the detection.
func TestDelimiterOfALongFile(t *testing.T) {
	t.Parallel()
	file := "email;company\n" + strings.Repeat("x;\""+strings.Repeat("y,", 40_000)+"\"\n", 2)
	if _, sum := read(t, file, Options{}); sum.Delimiter != "semicolon" || sum.Read != 2 {
		t.Fatalf("%+v", sum)
	}
}

// A record as wide as its header, or not: what becomes of each known defect. The header is email,company,city.
func TestDefects(t *testing.T) {
	t.Parallel()
	const header = "email,company,city"
	for _, c := range []struct {
		name     string
		body     string
		company  string // of the only lead; "-" for none
		repaired string
		rejected string
		blank    int
	}{
		{name: "sound", body: "a@example.com,Acme,Rome\n", company: "Acme"},
		{name: "no line end", body: "a@example.com,Acme,Rome", company: "Acme"},
		{name: "CRLF", body: "a@example.com,Acme,Rome\r\n", company: "Acme"},
		{name: "CRCRLF", body: "a@example.com,Acme,Rome\r\r\n", company: "Acme"},
		{name: "quotes", body: `a@example.com,"Acme, ""The"" Co",Rome`, company: `Acme, "The" Co`},
		{name: "spaces around quotes", body: `a@example.com, "Acme, Inc" ,Rome`, company: "Acme, Inc"},
		{name: "line end in quotes", body: "a@example.com,\"Acme\nInc\",Rome\n", company: "Acme Inc"},
		{name: "CRLF in quotes", body: "a@example.com,\"Acme\r\nInc\",Rome\r\n", company: "Acme Inc"},
		{name: "blank lines", body: "\n\na@example.com,Acme,Rome\n,,\n\"\",,\n  \n", company: "Acme", blank: 5},
		{name: "empty cells at the end", body: "a@example.com,Acme,Rome,,,\n", company: "Acme"},
		{name: "NUL", body: "a@exam\x00ple.com,Ac\x00me,Rome\n", company: "Acme", repaired: repairNUL},
		{name: "NUL beside a quote", body: "a@example.com,\"Acme\x00\",Rome\n", company: "Acme", repaired: repairNUL},
		{name: "whole line in quotes", body: `"a@example.com,""Acme, Inc"",Rome"`, company: "Acme, Inc", repaired: repairWrapped},
		{name: "whole line in quotes, quoted start", body: `"""a@example.com"",Acme,Rome"`, company: "Acme", repaired: repairWrapped},
		{name: "whole line in quotes, with a delimiter behind", body: `"a@example.com,Acme,Rome",`, company: "Acme", repaired: repairWrapped},
		{name: "whole line in quotes over two lines", body: "\"a@example.com,\"\"Acme\nInc\"\",Rome\"\n", company: "Acme Inc", repaired: repairWrapped},
		{name: "whole line in quotes with NUL", body: "\"a@example.com,Acme\x00,Rome\"", company: "Acme", repaired: repairWrapped + "; " + repairNUL},
		{name: "whole line in quotes, inner ones single", body: `"a@example.com,"Acme, Inc",Rome"`, company: "Acme, Inc", repaired: repairHalf},
		{name: "stray quotes in quotes", body: `a@example.com,"The "Acme" Co, Ltd",Rome`, company: `The "Acme" Co, Ltd`, repaired: repairStray},
		{name: "quote that begins a cell only", body: `a@example.com,"Acme" Inc,Rome`, company: `"Acme" Inc`, repaired: repairLiteral},
		{name: "quote that begins a cell only, another quoted", body: `a@example.com,"Acme" Inc,"Rome"`, company: `"Acme" Inc`, repaired: repairLiteral},
		{name: "unclosed quote at the end", body: `a@example.com,"Acme,Rome`, company: `"Acme`, repaired: repairLiteral},
		{name: "unclosed quote with NUL", body: "a@example.com,\"Ac\x00me,Rome", company: `"Acme`, repaired: repairLiteral + "; " + repairNUL},
		{name: "unclosed quote, wrong width", body: "a@example.com,\"Acme\n", company: "-", rejected: "2: a quote is opened and never closed\n"},
		{name: "inch sign", body: `a@example.com,Acme 12" pipes,Rome`, company: `Acme 12" pipes`},
		{name: "too wide", body: "a@example.com,Acme, Inc,Rome\n", company: "-", rejected: "2: the line has 4 cells, the header has 3\n"},
		{name: "too wide in quotes", body: "\"a@example.com,Acme, Inc,Rome\"\n", company: "-", rejected: "2: the line has 1 cells, the header has 3, and "},
		{name: "not a record", body: "Total: 17 rows\n", company: "-", rejected: "2: the line has 1 cells, the header has 3, and "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, sum := read(t, header+"\n"+c.body, Options{})
			if sum.Blank != c.blank {
				t.Errorf("%d blank lines, want %d", sum.Blank, c.blank)
			}
			if c.company == "-" {
				if len(got.rows) != 0 || !strings.HasPrefix(got.reasons(), c.rejected) {
					t.Fatalf("rows %+v, rejected %q, want %q", got.rows, got.reasons(), c.rejected)
				}
				return
			}
			if len(got.rows) != 1 || got.rows[0].Lead.Account.Name != c.company || got.rows[0].Repaired != c.repaired {
				t.Fatalf("rows %+v, rejected %q; want company %q, repaired %q", got.rows, got.reasons(), c.company, c.repaired)
			}
			if lead := got.rows[0].Lead; lead.Email != "a@example.com" || lead.City != "Rome" {
				t.Fatalf("lead %+v", lead)
			}
		})
	}
}

// A missing quote costs its own line and no other one.
func TestUnclosedQuoteEndsWithItsLine(t *testing.T) {
	t.Parallel()
	file := "email,company,city\na@example.com,\"Acme\nb@example.com,B,Rome\nc@example.com,\"C, Inc\",Rome\nd@example.com,D,Rome\n"
	c, _ := read(t, file, Options{})
	if c.emails() != "b@example.com c@example.com d@example.com" || c.reasons() != "2: a quote is opened and never closed\n" {
		t.Fatalf("emails %s, rejected %s", c.emails(), c.reasons())
	}
	if c.rows[2].Line != 5 {
		t.Errorf("line %d, want 5", c.rows[2].Line)
	}
}

// Without any further quote the search for the end is bounded by lines and by bytes.
func TestUnclosedQuoteIsBounded(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString("email,company,city\nx,\"y\n")
	for range 2 * linesLimit {
		file.WriteString("not an address,B,Rome\n")
	}
	file.WriteString("a@example.com,A,Rome\n")
	c, sum := read(t, file.String(), Options{})
	if sum.Read != 2*linesLimit+2 || c.emails() != "a@example.com" || c.rows[0].Line != 2*linesLimit+3 {
		t.Fatalf("%+v, emails %s", sum, c.emails())
	}

	long := strings.Repeat("z", recordLimit/4)
	file.Reset()
	file.WriteString("email,company,city\nx,\"y\n")
	for range 8 {
		file.WriteString(long + ",B,Rome\n")
	}
	file.WriteString("a@example.com,A,Rome\n")
	if c, sum = read(t, file.String(), Options{}); sum.Read != 10 || c.emails() != "a@example.com" {
		t.Fatalf("%+v, emails %s", sum, c.emails())
	}
}

func TestOverlongLine(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", recordLimit*3/2)
	for name, file := range map[string]string{
		"in the middle":  "email,company,city\n" + long + "\na@example.com,A,Rome\n",
		"behind a quote": "email,company,city\nx,\"y\n" + long + "\na@example.com,A,Rome\n",
	} {
		c, _ := read(t, file, Options{})
		last := c.rejections[len(c.rejections)-1]
		if c.emails() != "a@example.com" || last.Reason != "the line is longer than 1048576 bytes" || last.Raw != strings.Repeat("é", rawLimit)+"…" {
			t.Errorf("%s: emails %s, rejected %s, raw %.20q", name, c.emails(), c.reasons(), last.Raw)
		}
	}
	if c, _ := read(t, "email\n"+long, Options{}); len(c.rejections) != 1 {
		t.Errorf("at the end: %s", c.reasons())
	}
	if _, _, err := tryRead(strings.NewReader(long), Options{}); err == nil || !strings.Contains(err.Error(), "the header") {
		t.Errorf("as header: %v", err)
	}
}

func TestCarriageReturnsOnly(t *testing.T) {
	t.Parallel()
	c, sum := read(t, "email,company\ra@example.com,\"Acme\nInc\"\rb@example.com,\"B\rC\"\r\rc@example.com,D", Options{})
	if c.emails() != "a@example.com b@example.com c@example.com" || sum.Blank != 1 {
		t.Fatalf("emails %s, %+v, rejected %s", c.emails(), sum, c.reasons())
	}
	if c.rows[1].Lead.Account.Name != "B C" || c.rows[2].Line != 6 {
		t.Fatalf("rows %+v", c.rows)
	}
}

func TestShortLines(t *testing.T) {
	t.Parallel()
	c, sum := read(t, "email,company,city\na@example.com,Acme\nb@example.com\n", Options{})
	if c.emails() != "a@example.com b@example.com" || sum.Warnings != 2 ||
		c.warnings() != "2 : the line has 2 cells, the header has 3\n3 : the line has 1 cells, the header has 3\n" {
		t.Fatalf("emails %s, warnings %s", c.emails(), c.warnings())
	}
	// What is cut off might have said no.
	c, _ = read(t, "email,do not email,city\na@example.com,no\nb@example.com\n", Options{})
	if c.emails() != "a@example.com" || c.reasons() != "3: the line has 1 cells, the header has 3\n" || !strings.Contains(c.rejections[0].Hint, "opt-out") {
		t.Fatalf("emails %s, rejected %+v", c.emails(), c.rejections)
	}
	m := mapping(t, "columns: {email: email}\ncomputed:\n  opted_out.call: '{{ col \"flag\" }}'\n")
	if c, _ = read(t, "email,flag\na@example.com\n", Options{Mapping: m}); len(c.rejections) != 1 {
		t.Fatalf("a computed opt-out is cut off: %+v", c.rows)
	}
}

func TestRepeatedAndEmptyHeaders(t *testing.T) {
	t.Parallel()
	m := mapping(t, "columns: {email: Email (2), city: column 3, title: 'E-Mail'}\n")
	lead, c := one(t, "Email,Email,,E-Mail,Email\nx,a@example.com,Rome,Boss,y\n", Options{Mapping: m})
	if lead.Email != "a@example.com" || lead.City != "Rome" || lead.Title != "Boss" {
		t.Fatalf("%+v", lead)
	}
	if c.warnings() != "0 Email: several columns have this name\n" {
		t.Fatalf("notes %q", c.warnings())
	}
	_, _, err := tryRead(strings.NewReader("E-Mail,E Mail,Phone\n"), Options{Mapping: mapping(t, "columns: {email: email}")})
	if err == nil || !strings.Contains(err.Error(), "several columns may be meant") {
		t.Fatalf("ambiguous column: %v", err)
	}
}
