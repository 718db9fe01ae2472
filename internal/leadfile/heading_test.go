package leadfile

import (
	"strings"
	"testing"
)

func TestHeaderBelowNotesAndTitles(t *testing.T) {
	t.Parallel()
	const linkedIn = "Notes:\n\"When exporting your connection data, you may notice that some of the email addresses are missing.\nhttps://www.example.com/help\"\n\n" +
		"First Name,Last Name,URL,Email Address,Company,Position,Connected On\n" +
		"Ada,Lovelace,https://www.example.com/in/ada,ada@engine.example,Analytical Engines,Countess,01 Mar 2026\n"
	tests := []struct{ name, file string }{
		{"LinkedIn", linkedIn},
		{"a title as wide as the table", "Trade fair 2026,,,\n\nFirst Name,E-Mail,Company,Phone\nAda,ada@engine.example,Analytical Engines,\n"},
		{"a title alone, before semicolons", "Trade fair 2026\n\nVorname;E-Mail;Firma\nAda;ada@engine.example;Analytical Engines\nGrace;grace@navy.example;Navy, US\n"},
		{"groups of columns", "Person,,Company\nFirst Name,Email,Company\nAda,ada@engine.example,Analytical Engines\n"},
	}
	for _, tt := range tests {
		c, sum := read(t, tt.file, Options{})
		if len(c.rows) == 0 || c.rows[0].Lead.Email != "ada@engine.example" || c.rows[0].Lead.FirstName != "Ada" || c.rows[0].Lead.Account.Name != "Analytical Engines" {
			t.Errorf("%s: %+v, rejected %s", tt.name, c.rows, c.reasons())
		}
		if sum.Rejected != 0 || !strings.Contains(c.warnings(), "what stands above is left out") {
			t.Errorf("%s: %+v, %s", tt.name, sum, c.warnings())
		}
	}
	c, _ := read(t, linkedIn, Options{Mapping: mapping(t, "columns: { email: Email Address, title: Position }")})
	if len(c.rows) != 1 || c.rows[0].Lead.Title != "Countess" {
		t.Errorf("with a mapping: %+v", c.rows)
	}
}

func TestNoHeaderIsMadeUp(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"a,b\nEmail,x\n": "neither email nor phone is mapped", // one name may be a value
		"Kontakt,Weg\nada@engine.example,Email\n":                             "neither email nor phone is mapped",
		"ada@engine.example,Ada\nEmail,First Name\n":                          "a lead already",
		strings.Repeat("a note\n", 30) + "Email,Phone\nada@engine.example,\n": "the file has the columns a note",
	} {
		if _, _, err := tryRead(strings.NewReader(file), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v", file, err)
		}
	}
	// A file of one column may have a delimiter in a value.
	c, sum := read(t, "Email\na@x.example\nb@x.example;\nc@x.example\n", Options{})
	if sum.Delimiter != "comma" || c.rows[0].Lead.Email != "a@x.example" {
		t.Errorf("%+v %s", sum, c.reasons())
	}
}

func TestErrorsOfSpreadsheetsAreNoValues(t *testing.T) {
	t.Parallel()
	lead, c := one(t, "ID,Email,First Name,Company,Phone,Tier\n#N/A,a@x.example,#REF!,#BEZUG!,#DIV/0!,#NAME?\n", Options{Assign: []string{"fields.tier=Tier"}})
	if lead.Key != "a@x.example" || lead.FirstName != "" || lead.Account.Name != "" || lead.Phone != "" || len(lead.Fields) != 0 || strings.Count(c.warnings(), "could not work out the value") != 5 {
		t.Errorf("%+v\n%s", lead, c.warnings())
	}
	lead, _ = one(t, "Email,Company,First Name\na@x.example,#1 Plumbing!,#Hash\n", Options{})
	if lead.Account.Name != "#1 Plumbing!" || lead.FirstName != "#Hash" {
		t.Errorf("%+v", lead)
	}
}

func TestFieldsOfTheCompanyAreRead(t *testing.T) {
	t.Parallel()
	_, sum := read(t, "Email,Company,Revenue,Other\na@x.example,X,5,6\n", Options{Mapping: mapping(t, "columns: {email: Email, account.name: Company}\naccount_fields: {revenue: Revenue}")})
	if len(sum.Unmatched) != 1 || sum.Unmatched[0] != "Other" {
		t.Errorf("unmatched %q", sum.Unmatched)
	}
}
