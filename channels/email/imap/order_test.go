package imap

import (
	"bytes"
	"regexp"
	"slices"
	"testing"
)

// byLine makes a change of whole lines into one of what comes over the wire in pieces.
func byLine(change func(line []byte) []byte) func([]byte) []byte {
	var rest []byte
	return func(b []byte) []byte {
		rest = append(rest, b...)
		var out []byte
		for {
			end := bytes.IndexByte(rest, '\n')
			if end < 0 {
				return out
			}
			out = append(out, change(rest[:end+1:end+1])...)
			rest = rest[end+1:]
		}
	}
}

// uidLast moves the UID of a message that comes with its content behind the content, which is how some servers write it: the order is
// theirs to choose (RFC 9051, section 7.5.2).
func uidLast() func([]byte) []byte {
	first := regexp.MustCompile(`\(UID (\d+) (BODY\[\])`)
	var uid []byte
	return byLine(func(line []byte) []byte {
		if m := first.FindSubmatch(line); m != nil {
			uid = bytes.Clone(m[1])
			return first.ReplaceAll(line, []byte("($2"))
		}
		if uid != nil && bytes.Equal(line, []byte(")\r\n")) {
			line = append(append([]byte(" UID "), uid...), line...)
			uid = nil
		}
		return line
	})
}

func TestUIDBehindTheContent(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	r.appendTo("INBOX", mails(5)...)
	r.wire.faults(func(int) fault { return fault{fromServer: uidLast()} })
	var s sink
	w := newWatcher(t, r.config(), s.deliver, quick(t))
	run(t, w)
	await(t, "all marked", func() bool { return r.marked() == 5 })
	r.appendTo("INBOX", mail(6))
	await(t, "the next one marked", func() bool { return r.marked() == 6 })
	if got := slices.Sorted(slices.Values(s.uids())); !slices.Equal(got, []uint32{1, 2, 3, 4, 5, 6}) { // one that was left out of an answer comes later, alone
		t.Errorf("delivered %v", got)
	}
	for _, it := range s.got() {
		if string(it.Raw) != mail(int(it.UID)) {
			t.Errorf("message %d came as %q", it.UID, it.Raw)
		}
	}
	if st := w.Status(); st.LastError != "" || r.wire.connections() != 1 {
		t.Errorf("%d connections, last error %q", r.wire.connections(), st.LastError)
	}
}
