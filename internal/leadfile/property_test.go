package leadfile

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

// What encoding/csv writes, with any delimiter, line end and encoding, is read back as it was.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	encodings := map[string]encoding.Encoding{
		EncodingUTF8:    unicode.UTF8,
		"utf-8-bom":     unicode.UTF8BOM,
		EncodingUTF16LE: unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		EncodingUTF16BE: unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
		EncodingCP1252:  charmap.Windows1252,
	}
	cell := rapid.StringMatching(`[a-zA-Z0-9éüßñ€ ,;|"'\t\n.]{0,12}`)
	m := Mapping{Columns: map[string]string{"email": "Email"}, Fields: map[string]string{"a": "Alpha", "b": "Beta", "c": "Gamma"}}
	rapid.Check(t, func(t *rapid.T) {
		var file bytes.Buffer
		w := csv.NewWriter(&file)
		w.Comma = rapid.SampledFrom([]rune{',', ';', '\t', '|'}).Draw(t, "delimiter")
		w.UseCRLF = rapid.Bool().Draw(t, "crlf")
		rows := [][]string{{"Email", "Alpha", "Beta", "Gamma"}}
		for i := range rapid.IntRange(1, 20).Draw(t, "rows") {
			rows = append(rows, []string{
				fmt.Sprintf("p%d@example.com", i), cell.Draw(t, "a"), cell.Draw(t, "b"), cell.Draw(t, "c"),
			})
		}
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		name := rapid.SampledFrom([]string{EncodingUTF8, "utf-8-bom", EncodingUTF16LE, EncodingUTF16BE, EncodingCP1252}).Draw(t, "encoding")
		text, err := encodings[name].NewEncoder().String(file.String())
		if err != nil {
			t.Fatal(err)
		}
		opt := Options{Mapping: m}
		if rapid.Bool().Draw(t, "told the delimiter") {
			opt.Delimiter = w.Comma
		}
		// Some texts are both: "ß€" in Windows-1252 is byte for byte a digit of N'Ko in UTF-8. Where a file has such a pair
		// ("ßß€" is one broken and one sound character) nobody can know which it is, so it must be told.
		if name == EncodingCP1252 && hasMultiByte(text) {
			opt.Encoding = name
		}
		c, sum, err := tryRead(strings.NewReader(text), opt)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.adds(sum); err != nil {
			t.Fatal(err)
		}
		if len(c.rows) != len(rows)-1 || sum.Repaired != 0 || sum.Warnings != 0 {
			t.Fatalf("%d rows of %d: %+v\n%s", len(c.rows), len(rows)-1, sum, c.reasons())
		}
		for i, want := range rows[1:] {
			lead := c.rows[i].Lead
			got := []string{lead.Email, lead.Fields["a"], lead.Fields["b"], lead.Fields["c"]}
			for j := range want {
				if got[j] != clean(want[j], j > 0) {
					t.Fatalf("row %d: %q, want %q", i, got, want)
				}
			}
		}
	})
}

// hasMultiByte tells whether some bytes of text, whatever its encoding, are a sound character of more than one byte in UTF-8.
func hasMultiByte(text string) bool {
	for _, r := range text {
		if r >= utf8.RuneSelf && r != utf8.RuneError {
			return true
		}
	}
	return false
}

// A file whose lines are wrapped in quotes at random loses nothing and changes nothing.
func TestWrappedLines(t *testing.T) {
	t.Parallel()
	cell := rapid.StringMatching(`[a-z ,"]{0,8}`)
	m := Mapping{Columns: map[string]string{"email": "Email"}, Fields: map[string]string{"a": "A", "b": "B"}}
	rapid.Check(t, func(t *rapid.T) {
		var file strings.Builder
		file.WriteString("Email,A,B\n")
		var want [][2]string
		wrapped := 0
		for i := range rapid.IntRange(1, 20).Draw(t, "rows") {
			a, b := cell.Draw(t, "a"), cell.Draw(t, "b")
			want = append(want, [2]string{clean(a, true), clean(b, true)})
			var line bytes.Buffer
			w := csv.NewWriter(&line)
			if err := w.Write([]string{fmt.Sprintf("p%d@example.com", i), a, b}); err != nil {
				t.Fatal(err)
			}
			w.Flush()
			text := strings.TrimSuffix(line.String(), "\n")
			if rapid.Bool().Draw(t, "wrapped") {
				text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
				wrapped++
			}
			file.WriteString(text + "\n")
		}
		c, sum, err := tryRead(strings.NewReader(file.String()), Options{Mapping: m})
		if err != nil || sum.Accepted != len(want) || sum.Repaired != wrapped {
			t.Fatalf("%+v, %v, %d wrapped of %d\n%s%s", sum, err, wrapped, len(want), c.reasons(), file.String())
		}
		for i, row := range c.rows {
			if got := [2]string{row.Lead.Fields["a"], row.Lead.Fields["b"]}; got != want[i] {
				t.Fatalf("row %d: %q, want %q", i, got, want[i])
			}
		}
	})
}

// Duplicates are those lines, and only those, whose address has stood before.
func TestDuplicatesProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "A", "B", "d"}), 1, 30).Draw(t, "names")
		var file strings.Builder
		file.WriteString("email\n")
		firstLine := make(map[string]int)
		var want strings.Builder
		for i, name := range names {
			fmt.Fprintf(&file, "%s@example.com\n", name)
			key := strings.ToLower(name)
			if line, seen := firstLine[key]; seen {
				fmt.Fprintf(&want, "%d: duplicate of line %d\n", i+2, line)
			} else {
				firstLine[key] = i + 2
			}
		}
		c, sum, err := tryRead(strings.NewReader(file.String()), Options{})
		if err != nil || sum.Accepted != len(firstLine) || c.reasons() != want.String() {
			t.Fatalf("%+v, %v\n%s\nwant\n%s", sum, err, c.reasons(), want.String())
		}
	})
}

// An accepted address is one that Go's own parser reads as the same address.
func TestAcceptedAddressesAreAddresses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zA-Z0-9.!#+_é" <>(),:-]{0,8}@[a-zA-Z0-9.é_ -]{0,10}\.[a-z0-9]{1,4}`).Draw(t, "text")
		address, reason := parseEmail(text)
		if (address == "") == (reason == "") {
			t.Fatalf("%q: %q and %q", text, address, reason)
		}
		if address == "" {
			return
		}
		again, reason := parseEmail(address)
		if again != address || reason != "" {
			t.Fatalf("%q is normalised to %q and then to %q (%s)", text, address, again, reason)
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"", "email\n", "email,name\na@example.com,Jane\n", "\"email,name\"\n\"a@example.com,\"\"Doe, Jane\"\"\"\n",
		"email;phone\r\na@example.com;+12025550123\r\n\"x\r\n", "\xff\xfee\x00\n\x00", "email,name\na@example.com,\"J\n\"K\"\n\x00,\"\n",
		"sep=;\nemail;x\n\xe9;\n", "email\ra\r\"b\rc\"", "email,email,,\n,,,,\n", "email,do not email\na@example.com\n", "email,\n\"\"\",\"\"\n",
	} {
		f.Add([]byte(seed), byte(0))
		f.Add([]byte(seed), byte(','))
	}
	f.Fuzz(func(t *testing.T, file []byte, delimiter byte) {
		c, sum, err := tryRead(bytes.NewReader(file), Options{Delimiter: rune(delimiter), DefaultCountry: "US"})
		if bad := c.adds(sum); bad != nil {
			t.Fatal(bad)
		}
		if err != nil && (sum.Read > 0 || err.Error() == "") {
			t.Fatalf("gave up in the middle: %v, %+v", err, sum)
		}
		for _, row := range c.rows {
			checkRow(t, row)
		}
		lines := bytes.Count(file, []byte{'\n'}) + bytes.Count(file, []byte{'\r'}) + 1
		if sum.Read+sum.Blank > lines {
			t.Fatalf("%d records and %d blank lines in %d lines", sum.Read, sum.Blank, lines)
		}
	})
}

// checkRow checks what holds for every lead.
func checkRow(t *testing.T, row Row) {
	t.Helper()
	lead := row.Lead
	if lead.Key == "" || lead.Email == "" && lead.Phone == "" {
		t.Fatalf("a lead without key or address: %+v", row)
	}
	for _, text := range []string{lead.Key, lead.Email, lead.Phone, lead.FirstName, lead.LastName, lead.City, lead.Account.Name} {
		if strings.ContainsAny(text, "\n\r\x00") || text != strings.ToValidUTF8(text, "") || text != strings.TrimSpace(text) {
			t.Fatalf("a text that is not clean: %q", text)
		}
	}
}

func FuzzParseMapping(f *testing.F) {
	f.Add([]byte(fullMapping))
	f.Add([]byte("columns: {email: a}\n---\n"))
	f.Add([]byte("a: &x [*x]\n? b\n: c\n"))
	if example, err := os.ReadFile("../../examples/mappings/x-education.yaml"); err == nil {
		f.Add(example)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := ParseMapping("m.yaml", src)
		if err != nil && (err.Error() == "" || !m.Guesses()) {
			t.Fatalf("error %q with mapping %+v", err, m)
		}
	})
}
