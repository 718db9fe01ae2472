package leadfile

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func encode(t testing.TB, e encoding.Encoding, text string) string {
	t.Helper()
	out, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	const text = "email,first name,company\njane@example.com,Zoë,Müller & Söhne\njoe@example.com,José,Ünlü GmbH\n"
	utf16 := func(order unicode.Endianness, bom unicode.BOMPolicy) string {
		return encode(t, unicode.UTF16(order, bom), text)
	}
	for _, c := range []struct{ name, file, want string }{
		{"utf-8", text, EncodingUTF8},
		{"utf-8 with BOM", "\ufeff" + text, EncodingUTF8},
		{"utf-16 little endian with BOM", utf16(unicode.LittleEndian, unicode.UseBOM), EncodingUTF16LE},
		{"utf-16 big endian with BOM", utf16(unicode.BigEndian, unicode.UseBOM), EncodingUTF16BE},
		{"utf-16 little endian", utf16(unicode.LittleEndian, unicode.IgnoreBOM), EncodingUTF16LE},
		{"utf-16 big endian", utf16(unicode.BigEndian, unicode.IgnoreBOM), EncodingUTF16BE},
		{"latin-1", encode(t, charmap.ISO8859_1, text), EncodingLatin1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, sum := read(t, c.file, Options{})
			if sum.Encoding != c.want || sum.Accepted != 2 || sum.Repaired != 0 {
				t.Fatalf("summary %+v, want encoding %s and 2 accepted", sum, c.want)
			}
			first, second := got.rows[0].Lead, got.rows[1].Lead
			if first.FirstName != "Zoë" || first.Account.Name != "Müller & Söhne" || second.FirstName != "José" || second.Account.Name != "Ünlü GmbH" {
				t.Fatalf("read %+v and %+v", first, second)
			}
		})
	}
}

func TestWindows1252(t *testing.T) {
	t.Parallel()
	file := encode(t, charmap.Windows1252, "email;company\njane@example.com;“Café” – €5\n")
	lead, _ := one(t, file, Options{})
	if lead.Account.Name != "“Café” – €5" {
		t.Fatalf("read %q", lead.Account.Name)
	}
	if _, sum := read(t, file, Options{}); sum.Encoding != EncodingCP1252 {
		t.Fatalf("encoding %s", sum.Encoding)
	}
	c, _ := read(t, "email\n\xe9 broken\n", Options{Encoding: "Windows-1252"})
	if c.rejections[0].Raw != "é broken" {
		t.Fatalf("raw %q", c.rejections[0].Raw)
	}
}

// A file is UTF-8 as far as the sample goes; one old record behind it must neither fail nor be misread.
func TestOneRecordInAnotherEncoding(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString("email,company\n")
	for range 5000 {
		file.WriteString("not an address,Señor\n")
	}
	file.WriteString("jane@example.com,Caf\xe9\nNo\xebl,x\n")
	c, sum := read(t, file.String(), Options{})
	if sum.Encoding != EncodingUTF8 || sum.Repaired != 1 || len(c.rows) != 1 {
		t.Fatalf("summary %+v", sum)
	}
	if row := c.rows[0]; row.Lead.Account.Name != "Café" || row.Repaired != repairEncoding {
		t.Fatalf("row %+v", row)
	}
	if last := c.rejections[5000]; last.Raw != "Noël,x" {
		t.Fatalf("raw %q", last.Raw)
	}
}

// The sample may end inside of a character.
func TestSampleCutsACharacter(t *testing.T) {
	t.Parallel()
	for shift := range 4 {
		file := "email,company\n" + strings.Repeat("x", shift) + strings.Repeat("é,€\n", sampleSize/7) + "a@b.example,ü\n"
		if _, sum := read(t, file, Options{}); sum.Encoding != EncodingUTF8 || sum.Repaired != 0 {
			t.Fatalf("shift %d: %+v", shift, sum)
		}
	}
}

func TestNoText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, encoding, want string
	}{
		"empty":            {"", "", "empty"},
		"BOM only":         {"\xef\xbb\xbf", "", "empty"},
		"blank lines only": {"\n\n , ,\n", "", "empty"},
		"xlsx":             {"PK\x03\x04....", "", "XLSX"},
		"xls":              {"\xd0\xcf\x11\xe0", "", "old Excel"},
		"gzip":             {"\x1f\x8b\x08", "", "unpack"},
		"pdf":              {"%PDF-1.7", "", "PDF"},
		"encoding":         {"email\n", "klingon", "known are utf-8"},
		"header quote":     {"\"email,name\nx,y\n", "", "never closed"},
	} {
		_, sum, err := tryRead(strings.NewReader(c.file), Options{Encoding: c.encoding})
		if err == nil || !strings.Contains(err.Error(), c.want) || sum.Read != 0 {
			t.Errorf("%s: error %v, want one with %q; summary %+v", name, err, c.want, sum)
		}
	}
	if _, _, err := tryRead(strings.NewReader(""), Options{}); !errors.Is(err, ErrEmpty) {
		t.Errorf("empty file: %v, want ErrEmpty", err)
	}
}

func TestHeaderOnly(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"email,name", "email,name\n", "email,name\r\n\r\n", "\nemail,name\n"} {
		if c, sum := read(t, file, Options{}); sum.Read != 0 || len(c.rows) != 0 {
			t.Errorf("%q: %+v", file, sum)
		}
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	head := "email\n" + strings.Repeat("a@example.com\n", 3)
	for name, r := range map[string]io.Reader{
		"at once":        iotest.ErrReader(broken),
		"in the sample":  io.MultiReader(strings.NewReader(head), iotest.ErrReader(broken)),
		"in the middle":  io.MultiReader(strings.NewReader("email\n"+strings.Repeat("a@example.com\n", 60_000)), iotest.ErrReader(broken)),
		"utf-16":         io.MultiReader(strings.NewReader("\xff\xfee\x00"), iotest.ErrReader(broken)),
		"in a long line": io.MultiReader(strings.NewReader("email\n"+strings.Repeat("x", recordLimit*2)), iotest.ErrReader(broken)),
		"in a quote":     io.MultiReader(strings.NewReader("email\n\""+strings.Repeat("x", sampleSize)), iotest.ErrReader(broken)),
	} {
		c, sum, err := tryRead(r, Options{})
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
		if err := c.adds(sum); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := tryRead(stuck{}, Options{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that reads nothing: %v", err)
	}
}

// stuck is a reader that never reads and never ends.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestSlowReader(t *testing.T) {
	t.Parallel()
	file := "email,name\r\n\"a@example.com\",\"Jane\r\nDoe\"\r\nb@example.com,Joe\r\n"
	c, sum, err := tryRead(iotest.OneByteReader(strings.NewReader(file)), Options{})
	if err != nil || sum.Accepted != 2 || c.rows[0].Lead.LastName != "Doe" {
		t.Fatalf("%+v %+v %v", sum, c.rows, err)
	}
}
