package inbound_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nurture/channels/email/inbound"
)

// mail finds a mail of the corpus.
func mail(t *testing.T, archive, name string) inbound.Message {
	t.Helper()
	for _, s := range corpus(t)["testdata/mails/"+archive+".txtar"] {
		if s.name == name {
			return inbound.Parse(s.raw)
		}
	}
	t.Fatalf("%s has no mail %q", archive, name)
	return inbound.Message{}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		archive, name string
		want          inbound.References
	}{
		{"bounces-postfix", "user-unknown", inbound.References{
			Recipients: []string{"bounces+b1z-aaaaaaaaaaaaaaaa@ourco.test"}, Tags: []string{"b1z-aaaaaaaaaaaaaaaa"},
			OriginalMessageIDs: []string{"touch-71@ourco.test"}, OriginalTo: []string{"jane@prospects.test"},
			OriginalTags: []string{"b1z-aaaaaaaaaaaaaaaa", "r1z-bbbbbbbbbbbbbbbb"}, Sender: "mailer-daemon@mx.ourco.test",
		}},
		{"bounces-postfix", "headers-only-returned", inbound.References{
			Recipients: []string{"bounces@ourco.test"}, OriginalMessageIDs: []string{"touch-90@ourco.test"},
			OriginalTo: []string{"greg@firm.test"}, Sender: "mailer-daemon@mx.ourco.test",
		}},
		{"bounces-others", "qmail-unknown", inbound.References{
			Recipients: []string{"bounces+b1@ourco.test"}, Tags: []string{"b1"}, OriginalMessageIDs: []string{"touch-74@ourco.test"},
			OriginalTo: []string{"jane@prospect.test"}, OriginalTags: []string{"b1"}, Sender: "mailer-daemon@mail.prospect.test",
		}},
		{"bounces-others", "exim-unrouteable", inbound.References{
			Recipients: []string{"bounces+b1@ourco.test"}, Tags: []string{"b1"}, OriginalMessageIDs: []string{"touch-73@ourco.test"},
			OriginalTo: []string{"jane@prospect.test"}, OriginalTags: []string{"b1"}, Sender: "mailer-daemon@host.prospect.test",
		}},
		{"clients", "gmail-plain", inbound.References{
			Recipients: []string{"replies+r1z-bbbbbbbbbbbbbbbb@ourco.test"}, Tags: []string{"r1z-bbbbbbbbbbbbbbbb"},
			MessageIDs: []string{"touch-71@ourco.test", "touch-70@ourco.test"}, Sender: "jane@prospects.test",
		}},
		{"traps", "human-attaches-dsn", inbound.References{ // a person returns nothing
			Recipients: []string{"replies+r1z-bbbbbbbbbbbbbbbb@ourco.test"}, Tags: []string{"r1z-bbbbbbbbbbbbbbbb"}, Sender: "jane@prospects.test",
		}},
	} {
		if diff := cmp.Diff(c.want, mail(t, c.archive, c.name).References()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
}

func TestReferencesOfOddHeaders(t *testing.T) {
	t.Parallel()
	m := inbound.Parse([]byte("From: \"x@fake.test\" <Real@Prospects.test>\n" +
		"To: \"Doe, Jane\" <A+Tag@ourco.test>, b@ourco.test; group: c@ourco.test;\n" +
		"Delivered-To: d+other@ourco.test\nX-Original-To: <@relay.test:e@ourco.test>\nEnvelope-To: =?utf-8?q?f=40ourco=2Etest?=\n" +
		"In-Reply-To: Your message of Tue <one@ourco.test> and two@ourco.test\nReferences: <zero@ourco.test>\n <one@ourco.test>\nReferences: bare@ourco.test\n" +
		"\nIn-Reply-To: <body@ourco.test> to+body@ourco.test"))
	want := inbound.References{
		Recipients: []string{"a+tag@ourco.test", "b@ourco.test", "c@ourco.test", "d+other@ourco.test", "e@ourco.test", "f@ourco.test"},
		Tags:       []string{"tag", "other"}, MessageIDs: []string{"one@ourco.test", "zero@ourco.test", "bare@ourco.test"},
		Sender: "real@prospects.test",
	}
	if diff := cmp.Diff(want, m.References()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestParseKeepsRaw(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "\x00", "no header at all", "From: x\r\n\r\nbody"} {
		if m := inbound.Parse([]byte(s)); string(m.Raw) != s {
			t.Errorf("Raw of %q is %q", s, m.Raw)
		}
	}
	if m := inbound.Parse([]byte(" \n")); m.Problem != "the mail is empty" {
		t.Errorf("problem of an empty mail: %q", m.Problem)
	}
	if m := inbound.Parse([]byte("\n\nwords")); m.Problem != "the mail has no header" || m.VisibleText() != "words" {
		t.Errorf("problem %q, text %q", m.Problem, m.VisibleText())
	}
	var zero inbound.Message
	if c := inbound.Classify(zero, now); c.Kind != inbound.KindReply || zero.Sender() != "" || zero.VisibleText() != "" {
		t.Errorf("the zero message: %+v", c)
	}
	if m := inbound.Parse([]byte("From: a@b.test\rSubject: old Mac\r\rTell me more.\r")); m.Subject() != "old Mac" || m.VisibleText() != "Tell me more." {
		t.Errorf("carriage returns: %q, %q", m.Subject(), m.VisibleText())
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 1, 7, 9, 12, 0, 0, time.UTC)
	for _, s := range []string{
		"Wed, 07 Jan 2026 10:12:00 +0100", "Wed,  7 Jan 2026 10:12:00 +0100 (CET)", "7 Jan 2026 09:12:00 GMT", "2026-01-07T09:12:00Z", "2026-01-07 09:12:00 +0000",
		"Wed Jan  7 09:12:00 2026",
	} {
		if got := inbound.Parse([]byte("Date: " + s + "\n\n")).Date(); !got.Equal(want) {
			t.Errorf("%q is %v", s, got)
		}
	}
	for _, s := range []string{"", "yesterday", "Mon, 1 Jan 0001 00:00:00 +0000", strings.Repeat("9", 300)} {
		if got := inbound.Parse([]byte("Date: " + s + "\n\n")).Date(); !got.IsZero() {
			t.Errorf("%q is %v", s, got)
		}
	}
}

// TestSize reads mails of 25 MB in which everything is large. The heap hardly grows: attachments are never decoded and each text is
// cut. What counts is how far the heap had to grow, not what was allocated in all: under the race detector regular expressions forget
// their scratch space between calls.
func TestSize(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(5)) // so that garbage does not pass for need
	const size = 25 << 20
	line := strings.Repeat("QUJD", 19) + "\r\n"
	big := strings.Repeat(line, size/len(line))
	for name, raw := range map[string]string{
		"attachment":  "From: a@b.test\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nTell me more.\r\n--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n" + big + "--x--\r\n",
		"text":        "From: a@b.test\r\n\r\nTell me more.\r\n\r\n" + big,
		"base64":      "From: a@b.test\r\nContent-Transfer-Encoding: base64\r\n\r\n" + big,
		"html":        "From: a@b.test\r\nContent-Type: text/html\r\n\r\n" + strings.Repeat("<div>", size/5),
		"header":      "From: a@b.test\r\nSubject: " + strings.Repeat("x", size),
		"fields":      strings.Repeat("X-Spam: yes\r\n", size/13),
		"one line":    "From: a@b.test\r\n\r\n" + strings.Repeat("a@", size/2),
		"parts":       "Content-Type: multipart/mixed; boundary=x\r\n\r\n" + strings.Repeat("--x\r\n\r\n.\r\n", size/10),
		"no boundary": "Content-Type: multipart/mixed; boundary=x\r\n\r\n" + strings.Repeat("--xy\r\n", size/6),
		"report":      "Return-Path: <>\r\nFrom: MAILER-DAEMON\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n" + strings.Repeat("Final-Recipient: rfc822; a@b.test\r\nStatus: 5.1.1\r\n\r\n", size/53),
	} {
		data := []byte(raw)
		var c inbound.Classification
		if grown := heapGrowth(func() { c = inbound.Classify(inbound.Parse(data), now) }) >> 20; grown > 60 {
			t.Errorf("%s: the heap grew by %d MB", name, grown)
		}
		if len(c.VisibleText) > 64<<10 || len(c.Recipients) > 500 {
			t.Errorf("%s: %d bytes of text, %d recipients", name, len(c.VisibleText), len(c.Recipients))
		}
	}
}

// heapGrowth is by how many bytes the objects on the heap outgrew those before while do ran, as far as looking all the time can tell.
func heapGrowth(do func()) int64 {
	heap := func() int64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return int64(sample[0].Value.Uint64())
	}
	runtime.GC()
	before := heap()
	most, done, looked := before, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(looked)
		for {
			most = max(most, heap())
			select {
			case <-done:
				return
			default:
				runtime.Gosched()
			}
		}
	}()
	do()
	close(done)
	<-looked
	return most - before
}

func TestDepth(t *testing.T) {
	t.Parallel()
	var nested bytes.Buffer
	for i := range 500 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	nested.WriteString("\nunsubscribe\n")
	forwards := strings.Repeat("Content-Type: message/rfc822\n\n", 500) + "From: a@b.test\n\nunsubscribe"
	for _, raw := range []string{nested.String(), forwards, "From: a@b.test\nContent-Type: text/html\n\n" + strings.Repeat("<b><div>", 5000) + "Tell me more."} {
		if c := inbound.Classify(inbound.Parse([]byte(raw)), now); c.Kind != inbound.KindReply {
			t.Errorf("kind %s, why %s", c.Kind, c.Why)
		}
	}
}

// TestOpaqueSignature takes the text out of an S/MIME SignedData.
func TestOpaqueSignature(t *testing.T) {
	t.Parallel()
	type content struct {
		Type    asn1.ObjectIdentifier
		Content []byte `asn1:"explicit,tag:0"`
	}
	type signed struct {
		Version int
		Digests []int `asn1:"set"`
		Inner   content
		Signers []int `asn1:"set"`
	}
	type info struct {
		Type    asn1.ObjectIdentifier
		Content signed `asn1:"explicit,tag:0"`
	}
	pkcs7 := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7}
	der, err := asn1.Marshal(info{append(pkcs7[:6:6], 2), signed{1, nil, content{append(pkcs7[:6:6], 1), []byte("Content-Type: text/plain\r\n\r\nTell me more.\r\n")}, nil}})
	if err != nil {
		t.Fatal(err)
	}
	head := "From: jane@prospects.test\nContent-Type: application/pkcs7-mime; smime-type=signed-data\nContent-Transfer-Encoding: base64\n\n"
	if got := inbound.Parse([]byte(head + base64.StdEncoding.EncodeToString(der))).VisibleText(); got != "Tell me more." {
		t.Errorf("text %q", got)
	}
	for _, damaged := range [][]byte{der[:len(der)/2], {0x30, 0x80}, []byte("nothing")} {
		if got := inbound.Parse([]byte(head + base64.StdEncoding.EncodeToString(damaged))).VisibleText(); got != "" {
			t.Errorf("text of a damaged one: %q", got)
		}
	}
}

// BenchmarkClassify is the mean over the corpus: a table that is searched naively shows here.
func BenchmarkClassify(b *testing.B) {
	var raws [][]byte
	for _, list := range corpus(b) {
		for _, s := range list {
			raws = append(raws, s.raw)
		}
	}
	for i := 0; b.Loop(); i++ {
		inbound.Classify(inbound.Parse(raws[i%len(raws)]), now)
	}
}

// TestAddressesBesideNames: whose mail it is must not hang on what somebody wrote for a name.
func TestAddressesBesideNames(t *testing.T) {
	t.Parallel()
	for field, want := range map[string][]string{
		`=?utf-8?q?Bob_=3Cceo=40ourco.test=3E?= <bob@x.test>`:                 {"bob@x.test"},
		`=?utf-8?B?PGNlb0BvdXJjby50ZXN0Pg==?= <bob@x.test>`:                   {"bob@x.test"},
		`"Jane <jane@lead.test>" <list@x.test>`:                               {"list@x.test"},
		`"Doe, Jane (jane@lead.test)" <list@x.test>, "<b@x.test>" <c@x.test>`: {"list@x.test", "c@x.test"},
		`jane@x.test (Jane <fake@x.test>)`:                                    {"jane@x.test"},
		`=?utf-8?q?=22?= <jane@x.test>, bob@x.test`:                           {"jane@x.test", "bob@x.test"},
		`=?utf-8?q?Doe=2C_Jane?= <jane@x.test>`:                               {"jane@x.test"},
		`=?utf-8?q?jane@fake.test?= <jane@x.test>`:                            {"jane@x.test"},
		`=?utf-8?B?SmFuZSA8amFuZUB4LnRlc3Q+?=`:                                {"jane@x.test"},
		`"jane@x.test"`:                                                       {"jane@x.test"},
		`"Jane <jane@x.test>`:                                                 {"jane@x.test"},
		`"Jane \"J\" Doe" <jane@x.test>`:                                      {"jane@x.test"},
		"J\xfcrgen <j@x.test>":                                                {"j@x.test"},
		`<@relay.test:jane@x.test>`:                                           {"jane@x.test"},
		`Group: a@x.test, b@x.test;`:                                          {"a@x.test", "b@x.test"},
		`undisclosed-recipients:;`:                                            nil,
	} {
		m := inbound.Parse([]byte("From: " + field + "\nTo: " + field + "\n\nhi\n"))
		if got := m.References().Recipients; !slices.Equal(got, want) {
			t.Errorf("To: %s gives %q, want %q", field, got, want)
		}
		if len(want) > 0 && m.Sender() != want[0] {
			t.Errorf("From: %s gives %q", field, m.Sender())
		}
	}
}
