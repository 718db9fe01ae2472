package leadfile

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

var anyAddress = AddressKinds{Emails: true, Phones: true}

// readList reads a list and gives its addresses and what was said of it.
func readList(t *testing.T, file string, opt AddressOptions) (addresses []string, kept *keeper, sum Summary) {
	t.Helper()
	kept = &keeper{}
	opt.Reporter = kept
	sum, err := ReadAddresses(strings.NewReader(file), opt, func(batch []Address) error {
		for _, a := range batch {
			addresses = append(addresses, fmt.Sprintf("%d %s", a.Line, a.Text))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if sum.Accepted+sum.Rejected != sum.Read || sum.Rejected != len(kept.rejected) {
		t.Fatalf("%+v with %d rejections", sum, len(kept.rejected))
	}
	return addresses, kept, sum
}

// keeper keeps a report.
type keeper struct{ rejected, noticed []string }

func (k *keeper) Reject(r Rejection) error {
	k.rejected = append(k.rejected, fmt.Sprintf("%d %s: %s", r.Line, r.Column, r.Reason))
	return nil
}

func (k *keeper) Notice(n Notice) error {
	k.noticed = append(k.noticed, fmt.Sprintf("%d %s: %s", n.Line, n.Column, n.Reason))
	return nil
}

func utf16le(text string) string {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

func TestReadAddresses(t *testing.T) {
	t.Parallel()
	emails, phones := AddressKinds{Emails: true}, AddressKinds{Phones: true}
	for _, c := range []struct {
		name     string
		file     string
		opt      AddressOptions
		want     []string
		rejected []string
		noticed  []string
	}{
		{"lines", "+49 30 901820\n\n(212) 555-0123\n", AddressOptions{Kinds: phones, DefaultCountry: "US"}, []string{"1 +4930901820", "3 +12125550123"}, nil, nil},
		{"a registry's two columns", "212,5550123\n212,555-0124\n", AddressOptions{Kinds: phones}, []string{"1 +12125550123", "2 +12125550124"}, nil, nil},
		{
			"header", "Name;Phone Number;Mobile\nJane;+1 212 555 0123;+1 212 555 0124\nJoe;;\n",
			AddressOptions{Kinds: phones},
			[]string{"2 +12125550123", "2 +12125550124"},
			[]string{"3 Phone Number: no address is given"},
			nil,
		},
		{"domains", "domain\nExample.COM\n@acme.example\n*@third.example\nno_such\n", AddressOptions{Kinds: emails}, []string{"2 @example.com", "3 @acme.example", "4 @third.example"}, []string{"5 domain: the domain has no dot: @no_such"}, nil},
		{"both", "email,phone\nJANE@Example.com,+12125550123\nx@,+12125550124\n", AddressOptions{Kinds: anyAddress}, []string{"2 jane@example.com", "2 +12125550123", "3 +12125550124"}, nil, []string{"3 email: nothing stands behind the @: x@"}},
		{"one kind only", "email,phone\njane@example.com,+12125550123\n", AddressOptions{Kinds: emails}, []string{"2 jane@example.com"}, nil, nil},
		{"wrong kind", "jane@example.com\n+12125550123\n", AddressOptions{Kinds: phones}, []string{"2 +12125550123"}, []string{"1 column 1: this is an email address, and the list is of phone numbers: jane@example.com"}, nil},
		{"wrong kind, the other way", "+12125550123\n", AddressOptions{Kinds: emails}, nil, []string{"1 column 1: this is a phone number, and the list is of email addresses: +12125550123"}, nil},
		{"named column", "a,b\n+12125550123,+12125550199\n", AddressOptions{Kinds: phones, Column: "B"}, []string{"2 +12125550199"}, nil, nil},
		{"a broken first line is no header", "212-55\n+12125550123\n", AddressOptions{Kinds: phones, DefaultCountry: "US"}, []string{"2 +12125550123"}, []string{"1 column 1: no such number exists in US: 212-55"}, nil},
		{"no country", "phone\n2125550123\n", AddressOptions{Kinds: phones}, nil, []string{"2 phone: the number has no country code and its country is not known: 2125550123"}, nil},
		{"several in a cell", "email\n\"a@example.com; b@example.com; c\"\n", AddressOptions{Kinds: emails}, []string{"2 a@example.com", "2 b@example.com"}, nil, []string{"2 email: this is no address:  c"}},
		{"utf-16", utf16le("Telefon\r\n030 901820\r\n"), AddressOptions{Kinds: phones, DefaultCountry: "Germany"}, []string{"2 +4930901820"}, nil, nil},
		{"any name of an only column", "Gesperrt\n030 901820\n", AddressOptions{Kinds: phones, DefaultCountry: "DE"}, []string{"2 +4930901820"}, nil, nil},
		{"repaired", "phone,note\n\"+12125550123,\"\"x\"\"\"\n", AddressOptions{Kinds: phones}, []string{"2 +12125550123"}, nil, []string{"2 : the whole line stood in quotes"}},
		{"too many cells", "phone,note\n+12125550123,a,b\n", AddressOptions{Kinds: phones}, nil, []string{"2 : the line has 3 cells, the header has 2"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, kept, _ := readList(t, c.file, c.opt)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("addresses:\n%s", diff)
			}
			if diff := cmp.Diff(c.rejected, kept.rejected); diff != "" {
				t.Errorf("rejected:\n%s", diff)
			}
			if diff := cmp.Diff(c.noticed, kept.noticed); diff != "" {
				t.Errorf("noticed:\n%s", diff)
			}
		})
	}
}

func TestReadAddressesFails(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"":                      "the file is empty",
		"name,city\nJane,Ulm\n": "the file has the columns name, city",
		"PK\x03\x04":            "an XLSX workbook",
		"\"phone\n+1":           "line 1: a quote is opened and never closed",
	} {
		if _, err := ReadAddresses(strings.NewReader(file), AddressOptions{Kinds: anyAddress}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", file, err, want)
		}
	}
	_, err := ReadAddresses(strings.NewReader("a,b\n1,2\n"), AddressOptions{Kinds: anyAddress, Column: "c"}, nil)
	if err == nil || !strings.Contains(err.Error(), `the file has no column "c"`) {
		t.Error(err)
	}
	_, err = ReadAddresses(strings.NewReader("jane@example.com\n"), AddressOptions{Kinds: anyAddress}, func([]Address) error { return io.ErrClosedPipe })
	if !errors.Is(err, io.ErrClosedPipe) || !strings.Contains(err.Error(), "lines 1 to 1") {
		t.Error(err)
	}
}

// TestReadAddressesInBatches: nothing is lost or handed over twice between batches.
func TestReadAddressesInBatches(t *testing.T) {
	t.Parallel()
	const n = 2*BatchSize + 7
	var file strings.Builder
	for i := range n {
		fmt.Fprintf(&file, "p%d@example.com\n", i)
	}
	seen := map[string]bool{}
	sum, err := ReadAddresses(strings.NewReader(file.String()), AddressOptions{Kinds: anyAddress}, func(batch []Address) error {
		for _, a := range batch {
			seen[a.Text] = true
		}
		return nil
	})
	if err != nil || sum.Accepted != n || len(seen) != n {
		t.Fatalf("%+v, %d addresses, %v", sum, len(seen), err)
	}
}
