package journal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"nurture/channels"
)

func open(t *testing.T, dir, instance string) *Journal {
	t.Helper()
	j, err := Open(dir, instance)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// die lets go of the journal's files as a killed process does: nothing is removed.
func (j *Journal) die() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	for _, s := range j.segments {
		_ = s.file.Close()
	}
}

func readOne(t *testing.T, dir string) *Dead {
	t.Helper()
	dead, err := ReadDead(dir)
	if err != nil || len(dead) != 1 {
		t.Fatalf("%v, %v", dead, err)
	}
	t.Cleanup(func() { _ = dead[0].Release() })
	return dead[0]
}

func wantFates(t *testing.T, d *Dead, want map[int64]channels.Outcome) {
	t.Helper()
	for touch, outcome := range want {
		if got := d.Fate(touch); got.Outcome != outcome || got.Detail == "" || got.TouchID != touch {
			t.Errorf("touch %d: %+v, want %s", touch, got, outcome)
		}
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "deep", "journal")
	if dead, err := ReadDead(dir); err != nil || dead != nil {
		t.Errorf("no folder: %v, %v", dead, err)
	}
	j := open(t, dir, "p1")
	other := open(t, dir, "p2")
	marks := errors.Join(
		j.MarkLeaving(1),
		j.MarkLeaving(2), j.MarkAnswer(channels.Receipt{TouchID: 2, Outcome: channels.Sent, Detail: "250 ok"}),
		j.MarkLeaving(3), j.MarkAnswer(channels.Receipt{TouchID: 3, Outcome: channels.Temporary, Detail: "451 later"}), j.MarkLeaving(3),
		j.MarkAnswer(channels.Receipt{TouchID: 4, Outcome: channels.Permanent, Detail: "550 " + strings.Repeat("long ", 200)}),
		j.MarkLeaving(5), j.MarkAnswer(channels.Receipt{TouchID: 5, Outcome: channels.Unknown, Detail: "lost"}),
		other.MarkLeaving(9),
	)
	if marks != nil {
		t.Fatal(marks)
	}
	if dead, err := ReadDead(dir); err != nil || len(dead) != 0 {
		t.Fatalf("living owners: %v, %v", dead, err)
	}
	if _, err := Open(dir, "p1"); err == nil || !strings.Contains(err.Error(), "was used before") {
		t.Errorf("the same instance twice: %v", err)
	}
	j.die()
	d := readOne(t, dir)
	if d.Instance != "p1" || !d.Complete || len(d.marks) != 5 {
		t.Errorf("%+v", d)
	}
	want := map[int64]channels.Outcome{
		1: channels.Unknown, 2: channels.Sent, 3: channels.Unknown, 4: channels.Permanent, 5: channels.Unknown, 6: channels.Temporary,
	}
	wantFates(t, d, want)
	if again, err := ReadDead(dir); err != nil || len(again) != 0 {
		t.Errorf("two recoveries got the same journal: %v, %v", again, err)
	}
	if err := d.Release(); err != nil {
		t.Fatal(err)
	}
	d = readOne(t, dir)
	wantFates(t, d, want)
	if err := d.Remove(); err != nil {
		t.Fatal(err)
	}
	if dead, err := ReadDead(dir); err != nil || len(dead) != 0 {
		t.Errorf("after Remove: %v, %v", dead, err)
	}
	if err := errors.Join(other.Settle(9), other.Close(), other.Close()); err != nil {
		t.Error(err)
	}
	if items, _ := os.ReadDir(dir); len(items) != 0 {
		t.Errorf("left behind: %v", items)
	}
	if err := j.MarkLeaving(7); err == nil {
		t.Error("a closed journal takes marks")
	}
	for _, bad := range []string{"", "a/b", "..", "a.b", "-a", "a*"} {
		if _, err := Open(dir, bad); err == nil {
			t.Errorf("instance %q", bad)
		}
	}
}

func TestNilJournal(t *testing.T) {
	t.Parallel()
	var j *Journal
	if err := errors.Join(j.MarkLeaving(1), j.MarkAnswer(channels.Receipt{TouchID: 1, Outcome: channels.Sent, Detail: ""}), j.Settle(1), j.Close()); err != nil {
		t.Error(err)
	}
}

func edit(t *testing.T, dir string, change func(string) string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.journal"))
	if err != nil || len(paths) != 1 {
		t.Fatal(paths, err)
	}
	old, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(paths[0], []byte(change(string(old))), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTornLines cuts a journal at every octet: what is whole counts, the torn end does not, nothing is misread.
func TestTornLines(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir, "p1")
	if err := errors.Join(j.MarkLeaving(12), j.MarkAnswer(channels.Receipt{TouchID: 12, Outcome: channels.Sent, Detail: "ok"}), j.MarkLeaving(34567)); err != nil {
		t.Fatal(err)
	}
	j.die()
	var whole string
	edit(t, dir, func(s string) string { whole = s; return s })
	lines := strings.SplitAfter(whole, "\n")
	ends := []int{len(lines[0])}
	for _, line := range lines[1:4] {
		ends = append(ends, ends[len(ends)-1]+len(line))
	}
	for n := range len(whole) + 1 {
		edit(t, dir, func(string) string { return whole[:n] })
		d := readOne(t, dir)
		want := map[int64]channels.Outcome{12: channels.Temporary, 34567: channels.Temporary, 3456: channels.Temporary, 1: channels.Temporary}
		switch {
		case n < ends[0]:
			for touch := range want {
				want[touch] = channels.Unknown
			}
		case n >= ends[3]:
			want[12], want[34567] = channels.Sent, channels.Unknown
		case n >= ends[2]:
			want[12] = channels.Sent
		case n >= ends[1]:
			want[12] = channels.Unknown
		}
		wantFates(t, d, want)
		if d.Complete != (n >= ends[0]) {
			t.Fatalf("cut at %d: complete %v", n, d.Complete)
		}
		_ = d.Release()
	}
	edit(t, dir, func(string) string { return lines[0] + `{"t":12,"m":"do` + "\n" + lines[3] })
	wantFates(t, readOne(t, dir), map[int64]channels.Outcome{12: channels.Temporary, 34567: channels.Unknown})
}

// TestTornWrite: what a failed write left of a line does not spoil the next one.
func TestTornWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir, "p1")
	s := j.segments[0]
	if _, err := s.file.WriteString(`{"t":1,"m":"dot"`); err != nil {
		t.Fatal(err)
	}
	s.torn = true
	if err := errors.Join(j.MarkLeaving(2), j.MarkLeaving(3)); err != nil {
		t.Fatal(err)
	}
	j.die()
	wantFates(t, readOne(t, dir), map[int64]channels.Outcome{1: channels.Temporary, 2: channels.Unknown, 3: channels.Unknown})
}

// TestAnotherBoot: after the machine restarted a missing mark proves nothing; marks that are there still count.
func TestAnotherBoot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir, "p1")
	if err := errors.Join(j.MarkLeaving(1), j.MarkAnswer(channels.Receipt{TouchID: 1, Outcome: channels.Sent, Detail: "ok"})); err != nil {
		t.Fatal(err)
	}
	j.die()
	edit(t, dir, func(s string) string { return strings.Replace(s, bootID(), "another", 1) })
	d := readOne(t, dir)
	if d.Complete {
		t.Error("complete")
	}
	wantFates(t, d, map[int64]channels.Outcome{1: channels.Sent, 2: channels.Unknown})
}

// TestOlderJournal: processes of before calls were marked say nothing of theirs.
func TestOlderJournal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir, "p1")
	if err := j.MarkLeaving(1); err != nil {
		t.Fatal(err)
	}
	path := j.segments[0].path
	j.die()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	older := strings.Replace(string(whole), `,"calls":true`, "", 1)
	if older == string(whole) {
		t.Fatalf("the header does not say that calls are marked: %s", whole)
	}
	if err := os.WriteFile(path, []byte(older), 0o600); err != nil {
		t.Fatal(err)
	}
	d := readOne(t, dir)
	if d.Calls || !d.Complete {
		t.Errorf("%+v", d)
	}
	wantFates(t, d, map[int64]channels.Outcome{1: channels.Unknown, 2: channels.Temporary})
}

// TestSegments: a journal that grows goes on in a new file; a settled file is removed; marks spread over files are found.
func TestSegments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir, "p1")
	j.limit = 2000
	count := func() int {
		paths, _ := filepath.Glob(filepath.Join(dir, "*.journal"))
		return len(paths)
	}
	if err := j.MarkLeaving(0); err != nil {
		t.Fatal(err)
	}
	for n := range int64(500) {
		if err := errors.Join(j.MarkLeaving(n+1), j.MarkAnswer(channels.Receipt{TouchID: n + 1, Outcome: channels.Sent, Detail: "ok"})); err != nil {
			t.Fatal(err)
		}
	}
	if count() < 10 {
		t.Fatalf("%d files", count())
	}
	for n := range int64(500) {
		if err := j.Settle(n + 1); err != nil {
			t.Fatal(err)
		}
	}
	if count() != 2 { // the one with touch 0, and the one written to
		t.Errorf("%d files after settling", count())
	}
	if err := j.MarkAnswer(channels.Receipt{TouchID: 0, Outcome: channels.Permanent, Detail: "550"}); err != nil {
		t.Fatal(err)
	}
	j.die()
	d := readOne(t, dir)
	wantFates(t, d, map[int64]channels.Outcome{0: channels.Permanent, 1000: channels.Temporary})
	if err := d.Remove(); err != nil || count() != 0 {
		t.Errorf("%v, %d files", err, count())
	}
}

func TestJournalManyAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir, "p1")
	j.limit = 5000
	var wg sync.WaitGroup
	for g := range int64(8) {
		wg.Go(func() {
			for i := range int64(100) {
				touch := g*1000 + i
				err := errors.Join(j.MarkLeaving(touch), j.MarkAnswer(channels.Receipt{TouchID: touch, Outcome: channels.Sent, Detail: "ok"}))
				if i%2 == 0 {
					err = errors.Join(err, j.Settle(touch))
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	d := readOne(t, dir)
	for g := range int64(8) {
		for i := int64(1); i < 100; i += 2 {
			if got := d.Fate(g*1000 + i); got.Outcome != channels.Sent {
				t.Fatalf("touch %d: %+v", g*1000+i, got)
			}
		}
	}
}

func TestAbandonedStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "p1.000001.journal.new")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if dead, err := ReadDead(dir); err != nil || len(dead) != 0 {
		t.Errorf("%v, %v", dead, err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the abandoned file is still there")
	}
}
