package leadfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// The encodings as Summary and Options name them. Latin-1 is read as Windows-1252: they differ only in the control
// characters 80–9F, which no lead file means (as in the WHATWG Encoding Standard).
const (
	EncodingUTF8    = "utf-8"
	EncodingUTF16LE = "utf-16le"
	EncodingUTF16BE = "utf-16be"
	EncodingLatin1  = "iso-8859-1"
	EncodingCP1252  = "windows-1252"
)

// sampleSize is how many bytes are looked at to find encoding and delimiter.
const sampleSize = 64 << 10

// ErrEmpty is returned for a file without a header line.
var ErrEmpty = errors.New("the file is empty: a first line with column names is expected")

// magics are beginnings of files that people take for CSV.
var magics = []struct{ prefix, is, hint string }{
	{"PK\x03\x04", "an XLSX workbook or another ZIP archive", "save the sheet as CSV"},
	{"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV"},
	{"\x1f\x8b", "compressed with gzip", "unpack it first"},
	{"%PDF", "a PDF", "export the list as CSV"},
}

// encoded is a source whose text is ASCII-compatible: UTF-16 is converted, 8-bit encodings are left to each record, so
// that one wrongly encoded record does not spoil a file.
type encoded struct {
	text     *bufio.Reader
	name     string
	eightBit bool // text is in Windows-1252
}

// decode finds the encoding of r; force names it instead when not "".
func decode(r io.Reader, force string) (encoded, error) {
	in := bufio.NewReaderSize(r, sampleSize)
	sample, err := in.Peek(sampleSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return encoded{}, fmt.Errorf("read the beginning of the file: %w", err)
	}
	for _, m := range magics {
		if bytes.HasPrefix(sample, []byte(m.prefix)) {
			return encoded{}, fmt.Errorf("the file is no text: it is %s; %s", m.is, m.hint)
		}
	}
	name := strings.ToLower(force)
	if name == "" {
		name = sniff(sample, len(sample) == sampleSize)
	}
	switch name {
	case EncodingUTF8:
		if bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")) {
			_, err = in.Discard(3)
		} else {
			err = nil
		}
		return encoded{text: in, name: name}, err
	case EncodingUTF16LE, EncodingUTF16BE:
		order := unicode.LittleEndian
		if name == EncodingUTF16BE {
			order = unicode.BigEndian
		}
		utf8Text := transform.NewReader(in, unicode.UTF16(order, unicode.UseBOM).NewDecoder())
		return encoded{text: bufio.NewReaderSize(utf8Text, sampleSize), name: name}, nil
	case EncodingLatin1, EncodingCP1252:
		return encoded{text: in, name: name, eightBit: true}, nil
	}
	return encoded{}, fmt.Errorf("encoding %q is not known; known are %s", force, strings.Join([]string{
		EncodingUTF8, EncodingUTF16LE, EncodingUTF16BE, EncodingLatin1, EncodingCP1252,
	}, ", "))
}

// sniff names the encoding of a sample; cut tells that the file goes on behind it.
func sniff(sample []byte, cut bool) string {
	switch {
	case bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")):
		return EncodingUTF8
	case bytes.HasPrefix(sample, []byte("\xff\xfe")):
		return EncodingUTF16LE
	case bytes.HasPrefix(sample, []byte("\xfe\xff")):
		return EncodingUTF16BE
	}
	// In UTF-16 the delimiters, line ends and all ASCII have a zero byte, always on the same side.
	var zeros [2]int
	for i, b := range sample {
		if b == 0 {
			zeros[i&1]++
		}
	}
	pairs := len(sample) / 2
	switch {
	case zeros[1]*5 > pairs && zeros[0]*50 <= pairs:
		return EncodingUTF16LE
	case zeros[0]*5 > pairs && zeros[1]*50 <= pairs:
		return EncodingUTF16BE
	}
	if cut {
		sample = sample[:len(sample)-partialRune(sample)]
	}
	return sniffBytes(sample)
}

// sniffBytes tells UTF-8 from 8-bit encodings. Where sound multi-byte sequences prevail it is UTF-8, since other encodings
// hardly ever make one by chance; the broken records among them are repaired one by one.
func sniffBytes(sample []byte) string {
	broken, sound, c1 := 0, 0, false
	for i := 0; i < len(sample); {
		if sample[i] < utf8.RuneSelf {
			i++
			continue
		}
		c1 = c1 || sample[i] < 0xa0
		r, size := utf8.DecodeRune(sample[i:])
		if r == utf8.RuneError && size == 1 {
			broken++
		} else {
			sound++
		}
		i += size
	}
	switch {
	case broken <= sound:
		return EncodingUTF8
	case c1:
		return EncodingCP1252
	}
	return EncodingLatin1
}

// partialRune is how many bytes at the end of b begin a character that b does not complete.
func partialRune(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if tail := b[len(b)-n:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return n
			}
			return 0
		}
	}
	return 0
}

// appendCP1252 appends Windows-1252 text to dst as UTF-8. The five bytes without a character become U+FFFD.
func appendCP1252(dst, text []byte) []byte {
	for _, b := range text {
		if b < utf8.RuneSelf {
			dst = append(dst, b)
		} else {
			dst = utf8.AppendRune(dst, charmap.Windows1252.DecodeByte(b))
		}
	}
	return dst
}
