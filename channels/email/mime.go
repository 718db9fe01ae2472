package email

import (
	"mime"
	"net/mail"
	"strings"
)

// letter writes one message in MIME, in one pass into one buffer. go-mail builds each part in buffers and maps of its own, which took more CPU
// than sending the message did (docs/performance.md); a test holds this one to go-mail's bytes.
type letter struct{ data []byte }

// Widths of lines: RFC 2047, section 2, for header fields; RFC 2045, section 6.7 (5), for quoted-printable.
const (
	maxHeaderLine  = 76
	maxEncodedLine = 76
)

// field writes a header field, folded between words. What is not ASCII becomes encoded words.
func (l *letter) field(name, value string) {
	l.fold(name, mime.QEncoding.Encode("UTF-8", value))
}

// address writes a header field with one address. An encoded word stands for the name alone: an address that is not ASCII is written as it is
// (RFC 6532, section 3.2), in a mail that goes by SMTPUTF8.
func (l *letter) address(field, name, address string) {
	l.fold(field, (&mail.Address{Name: name, Address: address}).String())
}

func (l *letter) fold(name, value string) {
	l.data = append(append(l.data, name...), ": "...)
	room := maxHeaderLine - len(name) - 4
	for first := true; ; first = false {
		word, rest, more := strings.Cut(value, " ")
		if !first {
			room--
		}
		switch {
		case room-len(word) <= 1:
			if first {
				l.data = l.data[:len(l.data)-1] // no line ends in a space
			}
			l.data = append(l.data, "\r\n "...)
			room = maxHeaderLine - 3
		case !first:
			l.data = append(l.data, ' ')
		}
		l.data = append(l.data, word...)
		room -= len(word)
		if !more {
			break
		}
		value = rest
	}
	l.data = append(l.data, "\r\n"...)
}

// text ends the header of a message that is plain text alone, and writes it.
func (l *letter) text(text string) {
	l.data = append(l.data, "Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n"...)
	l.quotedPrintable(text)
}

// alternatives ends the header of a message that is there as text and as HTML, and writes both.
func (l *letter) alternatives(boundary, text, html string) {
	l.data = append(append(append(l.data, "Content-Type: multipart/alternative;\r\n boundary="...), boundary...), "\r\n\r\n"...)
	l.part("--", boundary, "text/plain", text)
	l.part("\r\n--", boundary, "text/html", html)
	l.data = append(append(append(l.data, "\r\n--"...), boundary...), "--\r\n"...)
}

func (l *letter) part(before, boundary, kind, content string) {
	l.data = append(append(append(l.data, before...), boundary...), "\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: "...)
	l.data = append(append(l.data, kind...), "; charset=UTF-8\r\n\r\n"...)
	l.quotedPrintable(content)
}

// literal are the octets that quoted-printable leaves as they are: RFC 2045, section 6.7 (2) and (3).
var literal = func() (is [256]bool) {
	for c := '!'; c <= '~'; c++ {
		is[c] = c != '='
	}
	is[' '], is['\t'] = true, true
	return is
}()

// encodedRoom is what a line of quoted-printable holds before the "=" of a soft line break.
const encodedRoom = maxEncodedLine - 1

// quotedPrintable writes text encoded by RFC 2045, section 6.7. Each kind of line end becomes CRLF.
func (l *letter) quotedPrintable(text string) {
	data, column := l.data, 0
	for i := 0; i < len(text); {
		run := i
		for run < len(text) && literal[text[run]] {
			run++
		}
		for i < run {
			if column == encodedRoom {
				data, column = append(data, "=\r\n"...), 0
			}
			n := min(encodedRoom-column, run-i)
			data = append(data, text[i:i+n]...)
			column, i = column+n, i+n
		}
		if i == len(text) {
			break
		}
		switch c := text[i]; c {
		case '\n', '\r':
			data = append(encodeTrailing(data, column), "\r\n"...)
			column = 0
			if c == '\r' && i+1 < len(text) && text[i+1] == '\n' {
				i++
			}
		default:
			data, column = encodeOctet(data, column, c)
		}
		i++
	}
	l.data = encodeTrailing(data, column)
}

// encodeOctet writes one octet behind column octets of a line: RFC 2045, section 6.7 (1) and (5).
func encodeOctet(data []byte, column int, c byte) ([]byte, int) {
	const hex = "0123456789ABCDEF"
	if encodedRoom-column < 3 {
		data, column = append(data, "=\r\n"...), 0
	}
	return append(data, '=', hex[c>>4], hex[c&15]), column + 3
}

// encodeTrailing encodes the white space that a line of column octets ends in: RFC 2045, section 6.7 (3).
func encodeTrailing(data []byte, column int) []byte {
	if column == 0 {
		return data
	}
	if last := data[len(data)-1]; last == ' ' || last == '\t' {
		data, _ = encodeOctet(data[:len(data)-1], column-1, last)
	}
	return data
}
