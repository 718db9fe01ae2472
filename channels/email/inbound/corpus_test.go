package inbound_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"nurture/channels/email/inbound"
)

var update = os.Getenv("NURTURE_UPDATE_GOLDEN") != ""

// now is when the corpus is classified; it only matters to mails without a date.
var now = time.Date(2026, 1, 7, 9, 0, 0, 0, time.UTC)

// golden is what an archive keeps of a mail's classification.
type golden struct {
	inbound.Classification
	Contacts []string `json:"contacts,omitempty"`
}

// specimen is one mail of the corpus. An archive holds, a mail, the file "NAME.eml = EXPECTATION" and the golden "NAME.json".
// The expectation is written by hand before the golden exists, in short: kind/subkind, then in any order the severity of each recipient ("ok" for
// none), a date, ~meaning, @contact.
type specimen struct {
	name, want string
	raw        []byte
	golden     []byte
}

// corpus reads all archives.
func corpus(t testing.TB) map[string][]specimen {
	t.Helper()
	files, err := filepath.Glob("testdata/mails/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	all := map[string][]specimen{}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var list []specimen
		for _, f := range archive.Files {
			name, want, isMail := strings.Cut(f.Name, ".eml = ")
			switch {
			case isMail:
				list = append(list, specimen{name: name, want: want, raw: unescape(f.Data)})
			case len(list) > 0 && f.Name == list[len(list)-1].name+".json":
				list[len(list)-1].golden = f.Data
			default:
				t.Fatalf("%s: %q belongs to no mail", file, f.Name)
			}
		}
		all[file] = list
	}
	return all
}

// unescape makes the bytes that no text file should hold: \xHH and, at the end of a line, \s for a space.
func unescape(b []byte) []byte {
	var out []byte
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+3 < len(b) && b[i+1] == 'x' && hex(b[i+2]) >= 0 && hex(b[i+3]) >= 0 {
			out = append(out, byte(hex(b[i+2])<<4|hex(b[i+3])))
			i += 3
		} else if b[i] == '\\' && i+2 < len(b) && b[i+1] == 's' && b[i+2] == '\n' {
			out = append(out, ' ')
			i++
		} else {
			out = append(out, b[i])
		}
	}
	return out
}

func hex(c byte) int { return strings.IndexByte("0123456789abcdef", c) }

func classify(raw []byte) golden {
	c := inbound.Classify(inbound.Parse(raw), now)
	return golden{c, c.Contacts}
}

// TestCorpus holds every mail against its golden and its expectation, with line feeds and with the CRLF of the wire. What must
// never happen is counted.
func TestCorpus(t *testing.T) {
	t.Parallel()
	mails, falseUnsubscribes, falseHard := 0, 0, 0
	for file, list := range corpus(t) {
		for i, s := range list {
			mails++
			got := classify(s.raw)
			for _, problem := range unmet(s.want, got) {
				t.Errorf("%s: %s: %s (why: %s)", filepath.Base(file), s.name, problem, got.Why)
			}
			if got.Kind == inbound.KindUnsubscribe && !strings.HasPrefix(s.want, "unsubscribe") {
				falseUnsubscribes++
			}
			if hardCount(got) > strings.Count(s.want, " hard") {
				falseHard++
			}
			list[i].golden = compareGolden(t, s, got)
			if crlf := classify(bytes.ReplaceAll(s.raw, []byte("\n"), []byte("\r\n"))); !cmp.Equal(crlf, got) {
				t.Errorf("%s: %s: CRLF line ends change it: %s", filepath.Base(file), s.name, cmp.Diff(got, crlf))
			}
		}
		if update {
			rewrite(t, file, list)
		}
	}
	if mails < 200 || falseUnsubscribes > 0 || falseHard > 0 {
		t.Errorf("%d mails (at least 200), %d false unsubscribes, %d false hard bounces (none)", mails, falseUnsubscribes, falseHard)
	}
	t.Logf("%d mails, %d false unsubscribes, %d false hard bounces", mails, falseUnsubscribes, falseHard)
}

func hardCount(g golden) int {
	n := 0
	for _, r := range g.Recipients {
		if r.Severity == inbound.Hard {
			n++
		}
	}
	return n
}

// unmet lists what of an expectation does not hold.
func unmet(want string, got golden) []string {
	fields := strings.Fields(want)
	kind, subkind, _ := strings.Cut(fields[0], "/")
	severities, date, meaning := []string{}, "", ""
	var contacts, problems []string
	for _, f := range fields[1:] {
		switch {
		case f == "hard" || f == "soft" || f == "policy":
			severities = append(severities, f)
		case f == "ok":
			severities = append(severities, "")
		case strings.HasPrefix(f, "~"):
			meaning = f[1:]
		case strings.HasPrefix(f, "@"):
			contacts = append(contacts, f[1:])
		default:
			date = f
		}
	}
	check := func(what string, want, got any) {
		if diff := cmp.Diff(want, got); diff != "" {
			problems = append(problems, what+": want "+text(want)+", got "+text(got))
		}
	}
	check("kind", kind, string(got.Kind))
	check("subkind", subkind, got.Subkind)
	check("return date", date, got.ReturnDate)
	check("meaning", meaning, got.SuggestedMeaning)
	found := []string{}
	for _, r := range got.Recipients {
		found = append(found, r.Severity)
	}
	check("severities", severities, found)
	for _, c := range contacts {
		if !slices.ContainsFunc(got.Contacts, func(a string) bool { return strings.HasPrefix(a, c) }) {
			problems = append(problems, "contact "+c+" is missing in "+text(got.Contacts))
		}
	}
	return problems
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func compareGolden(t *testing.T, s specimen, got golden) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(got); err != nil {
		t.Fatal(err)
	}
	if !update && b.String() != string(s.golden) {
		t.Errorf("%s (-golden +got); NURTURE_UPDATE_GOLDEN=1 accepts it\n%s", s.name, cmp.Diff(string(s.golden), b.String()))
	}
	return b.Bytes()
}

// rewrite puts the goldens into an archive and leaves the mails as they are.
func rewrite(t *testing.T, file string, list []specimen) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	fresh := &txtar.Archive{Comment: archive.Comment}
	at := 0
	for _, f := range archive.Files {
		if strings.Contains(f.Name, ".eml = ") {
			fresh.Files = append(fresh.Files, f, txtar.File{Name: list[at].name + ".json", Data: list[at].golden})
			at++
		}
	}
	if err := os.WriteFile(file, txtar.Format(fresh), 0o644); err != nil {
		t.Fatal(err)
	}
}
