package inbound

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// mailOf is a mail of Pat Gone's to us.
func mailOf(subject, extra, body string) Message {
	raw := "From: Pat Gone <pat.gone@customer.example>\r\nTo: Mara <mara+r17@ourco.example>\r\nCc: mara@ourco.example\r\nSubject: " + subject +
		"\r\nDate: Mon, 2 Mar 2026 09:00:00 +0000\r\nIn-Reply-To: <1@ourco.example>\r\n" + extra +
		"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + strings.ReplaceAll(body, "\n", "\r\n") + "\r\n"
	return Parse([]byte(raw))
}

const byMachine = "Auto-Submitted: auto-replied\r\n"

// TestPeopleWhoAreNamed reads whom a text proposes, in seven languages and several forms, and never takes the sender or us for one.
func TestPeopleWhoAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, subject, header, body string
		want                        []Person
	}{
		{
			"en, bare address", "Re: Hello", "", "Please write to bob@prospects.example instead, my colleague handles this. Please contact my colleague.",
			[]Person{{Email: "bob@prospects.example"}},
		},
		{
			"en, name and angle brackets", "Re: Hello", "", "Please contact my colleague Bob Smith <bob.smith@prospects.example>, he runs this.",
			[]Person{{Name: "Bob Smith", Email: "bob.smith@prospects.example"}},
		},
		{
			"en, name at, with a number", "Re: Hello", "", "The right person to talk to is Bob J. Smith at bsmith@prospects.example or +44 20 7946 0958.",
			[]Person{{Name: "Bob J. Smith", Email: "bsmith@prospects.example", Phone: "+44 20 7946 0958"}},
		},
		{
			"en, out of office", "Automatic reply: Hello", byMachine, "I am out of the office until 12 March 2026. In urgent cases contact Kim New (kim.new@customer.example, +1 212 555 0142).",
			[]Person{{Name: "Kim New", Email: "kim.new@customer.example", Phone: "+1 212 555 0142"}},
		},
		{
			"en, left, name elsewhere in the text", "Automatic reply", byMachine, "Pat Gone no longer works here. Kim New has taken over. Write to kim.new@customer.example.",
			[]Person{{Name: "Kim New", Email: "kim.new@customer.example"}},
		},
		{
			"en, only a number", "Re: Hello", "", "You should talk to my colleague. Please contact my colleague Bob Smith on +44 20 7946 0958.",
			[]Person{{Name: "Bob Smith", Phone: "+44 20 7946 0958"}},
		},
		{
			"en, two of them", "Re: Hello", "", "Please contact my colleague Bob Smith (bob@prospects.example) or Ana Sousa (ana@prospects.example).",
			[]Person{{Name: "Bob Smith", Email: "bob@prospects.example"}, {Name: "Ana Sousa", Email: "ana@prospects.example"}},
		},
		{"en, name behind", "Re: Hello", "", "Please contact bs17@prospects.example (Bob Smith).", []Person{{Name: "Bob Smith", Email: "bs17@prospects.example"}}},
		{
			"de", "Re: Hallo", "", "Bitte wenden Sie sich an meine Kollegin Frau Dr. Anna-Lena Müller unter anna.mueller@kunde.example, Tel. 030 901820.",
			[]Person{{Name: "Anna-Lena Müller", Email: "anna.mueller@kunde.example", Phone: "030 901820"}},
		},
		{
			"de, absence", "Abwesenheitsnotiz", byMachine, "Ich bin bis 12.03.2026 nicht im Büro. In dringenden Fällen hilft Ihnen Jan von der Heide (heide@kunde.example) weiter.",
			[]Person{{Name: "Jan von der Heide", Email: "heide@kunde.example"}},
		},
		{"fr", "Re: Bonjour", "", "Veuillez contacter ma collègue Zoé d'Arc à l'adresse zoe.darc@client.example.", []Person{{Name: "Zoé d'Arc", Email: "zoe.darc@client.example"}}},
		{
			"es", "Re: Hola", "", "Póngase en contacto con mi compañero José García López en jgarcia@cliente.example.",
			[]Person{{Name: "José García López", Email: "jgarcia@cliente.example"}},
		},
		{
			"it", "Re: Salve", "", "Contatti il mio collega Ing. Luca De Santis all'indirizzo luca.desantis@cliente.example.",
			[]Person{{Name: "Luca De Santis", Email: "luca.desantis@cliente.example"}},
		},
		{
			"nl", "Re: Hallo", "", "Neem contact op met mijn collega Joris van den Berg via joris@klant.example of 020 123 4567.",
			[]Person{{Name: "Joris van den Berg", Email: "joris@klant.example", Phone: "020 123 4567"}},
		},
		{
			"pt", "Re: Olá", "", "Por favor, entre em contato com minha colega Inês Araújo pelo e-mail ines@cliente.example.",
			[]Person{{Name: "Inês Araújo", Email: "ines@cliente.example"}},
		},
		{"never the sender or us", "Re: Hello", "", "Please contact my colleague. I write from pat.gone@customer.example and pat.gone@private.example, you from mara@ourco.example and noreply@ourco.example.", nil},
		{"nobody in what is quoted", "Re: Hello", "", "Please contact my colleague.\n\nOn Mon, 2 Mar 2026, Mara wrote:\n> Ask Bob Smith <bob@prospects.example>", nil},
		{"a date is no number", "Re: Hello", "", "Please contact my colleague Bob Smith 01.02.2026", nil},
		{
			"the sender's own name is not somebody else's", "Re: Hello", "", "Please contact my colleague. Pat Gone: assistant@customer.example",
			[]Person{{Email: "assistant@customer.example"}},
		},
		{"a plain reply names nobody", "Re: Hello", "", "Sounds great, when are you free? bob@prospects.example", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := Classify(mailOf(c.subject, c.header, c.body), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
			if d := cmp.Diff(c.want, got.People); d != "" {
				t.Errorf("%s, %s:\n%s", got.Kind, got.SuggestedMeaning+got.Subkind, d)
			}
		})
	}
}

// TestHostileNames: whatever stands before an address, a name stays short and is made of letters.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	for _, before := range []string{
		strings.Repeat("Aaaaaaaaaaaaaaaaaaaaaaaaaaaaa ", 400), strings.Repeat("Ä", 5000) + " ", "<script>Alert</script> ", "Bob\u202eSmith\u0000 ", "{{Exec}} ${Env} %s ",
		strings.Repeat("(", 3000), "\"Bob; DROP TABLE leads\" ", "İİİİ Bob ",
	} {
		c := Classify(mailOf("Re: Hello", "", "Please contact my colleague "+before+"<bob@prospects.example>"), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
		for _, p := range c.People {
			if len(p.Name) > maxPersonName || strings.ContainsAny(p.Name, "<>{}$%;\"()\x00\u202e") {
				t.Errorf("name %q after %.20q", p.Name, before)
			}
		}
		if len(c.People) != 1 {
			t.Errorf("%d people after %.20q", len(c.People), before)
		}
	}
}
