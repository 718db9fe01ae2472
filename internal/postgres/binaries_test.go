package postgres

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fakeServer is a postgres that only knows its version.
func fakeServer(version string) string {
	return "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + " (Fake)'\n"
}

// installFake lays a fake PostgreSQL below root and returns its folder of binaries.
func installFake(t *testing.T, root, version string) string {
	t.Helper()
	bin := filepath.Join(root, version, "bin")
	check(t, os.MkdirAll(bin, 0o755))
	check(t, os.WriteFile(filepath.Join(bin, "postgres"), []byte(fakeServer(version)), 0o755))
	check(t, os.WriteFile(filepath.Join(bin, "initdb"), []byte("#!/bin/sh\nexit 1\n"), 0o755))
	return bin
}

func TestFindPrefersPathThenTheNewest(t *testing.T) {
	t.Parallel()
	root := folder(t)
	b13, b9, b16, b18 := installFake(t, root, "13.2"), installFake(t, root, "9.6"), installFake(t, root, "16.9"), installFake(t, root, "18beta1")
	links := filepath.Join(root, "links") // as a PATH folder with a lone link to the server
	check(t, os.Mkdir(links, 0o755))
	check(t, os.Symlink(filepath.Join(b16, "postgres"), filepath.Join(links, "postgres")))
	s, err := newSite(Options{DataDir: filepath.Join(root, "data"), search: search{
		path: strings.Join([]string{filepath.Join(root, "missing"), links, b13}, string(os.PathListSeparator)), globs: []string{filepath.Join(root, "*", "bin")},
	}})
	check(t, err)
	found, problems := s.find(t.Context())
	want := []install{{b16, 16}, {b13, 13}, {b18, 18}, {b9, 9}}
	if diff := cmp.Diff(want, found, cmp.AllowUnexported(install{})); diff != "" || len(problems) > 0 {
		t.Errorf("found (-want +got):\n%s problems: %v", diff, problems)
	}
	for _, c := range []struct {
		major, want int
	}{{0, 16}, {18, 18}, {13, 13}, {17, 0}} {
		if got, _ := pick(found, c.major); got.major != c.want {
			t.Errorf("pick %d = %d, want %d", c.major, got.major, c.want)
		}
	}
	if got, ok := pick([]install{{b13, 13}}, 0); ok {
		t.Errorf("a new cluster would be made by %v", got)
	}
}

func TestBrokenBinariesAreNamed(t *testing.T) {
	t.Parallel()
	root := folder(t)
	mute, broken := installFake(t, root, "17"), installFake(t, root, "16")
	check(t, os.WriteFile(filepath.Join(mute, "postgres"), []byte("#!/bin/sh\necho hello\n"), 0o755))
	check(t, os.WriteFile(filepath.Join(broken, "postgres"), []byte("#!/bin/sh\nexit 3\n"), 0o755))
	offline := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(offline.Close)
	_, err := Start(t.Context(), Options{
		DataDir: filepath.Join(root, "data"), repository: offline.URL,
		search: search{globs: []string{filepath.Join(root, "*", "bin")}},
	})
	wantError(t, err, "none could be fetched", "apt-get install postgresql", "brew install", "database URL",
		mute+"/postgres --version says \"hello\\n\"", broken+"/postgres cannot run as", "exit status 3")
}

func TestFetch(t *testing.T) {
	t.Parallel()
	archive := jar(t, map[string]string{
		"bin/postgres": fakeServer("17.5"), "bin/initdb": "#!/bin/sh\nexit 1\n", "bin/pg_ctl": "#!/bin/sh\nexit 1\n",
	})
	sum := sha256.Sum256(archive)
	checksum := hex.EncodeToString(sum[:])
	serve := func(checksum string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, ".sha256") {
				_, _ = w.Write([]byte(checksum))
				return
			}
			_, _ = w.Write(archive)
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	fetch := func(url string, major int) (install, *site, error) {
		s, err := newSite(Options{DataDir: folder(t), repository: url, search: search{path: "/nonexistent"}})
		check(t, err)
		got, err := s.choose(t.Context(), major)
		return got, s, err
	}
	got, s, err := fetch(serve(checksum), 0)
	check(t, err)
	if want := (install{filepath.Join(s.dir, "binaries", "17.5.0", "bin"), 17}); got != want {
		t.Errorf("fetched %v, want %v", got, want)
	}
	if again, _ := s.find(t.Context()); len(again) != 1 || again[0] != got {
		t.Errorf("a later start finds %v", again)
	}
	left, err := filepath.Glob(filepath.Join(s.dir, "fetch-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	_, _, err = fetch(serve(strings.Repeat("0", 64)), 0)
	wantError(t, err, "checksums do not match", "apt-get install")
	_, _, err = fetch(serve(checksum), 12)
	wantError(t, err, "no build of PostgreSQL 12")
}

func TestFetchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	arrived, hang := make(chan struct{}, 2), make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-hang
	}))
	s, err := newSite(Options{DataDir: folder(t), repository: slow.URL, search: search{path: "/nonexistent"}})
	check(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	_, err = s.fetch(ctx, 0)
	wantError(t, err, "context canceled")
	close(hang)
	slow.Close()
	eventually(t, "the abandoned fetch cleans up", func() bool {
		left, err := filepath.Glob(filepath.Join(s.dir, "fetch-*"))
		return err == nil && len(left) == 0
	})
}

// jar wraps the files as the fetched archives are: a zip with one tar in an xz.
func jar(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var tarred, zipped bytes.Buffer
	tw := tar.NewWriter(&tarred)
	for name, content := range files {
		check(t, tw.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg}))
		_, err := tw.Write([]byte(content))
		check(t, err)
	}
	check(t, tw.Close())
	zw := zip.NewWriter(&zipped)
	w, err := zw.Create("postgres-any.txz")
	check(t, err)
	_, err = w.Write(xz(tarred.Bytes()))
	check(t, err)
	check(t, zw.Close())
	return zipped.Bytes()
}

// xz stores data uncompressed in the xz format, https://tukaani.org/xz/xz-file-format.txt, in one LZMA2 chunk.
func xz(data []byte) []byte {
	le, sum := binary.LittleEndian, crc32.ChecksumIEEE
	if len(data) > 1<<16 {
		panic(fmt.Sprintf("one chunk holds 64 KiB, not %d bytes", len(data)))
	}
	flags := []byte{0, 1} // checked by CRC32
	pad := func(b []byte) []byte { return append(b, make([]byte, -len(b)&3)...) }
	withSum := func(b []byte) []byte { return le.AppendUint32(b, sum(b)) }

	header := withSum([]byte{2, 0, 0x21, 1, 0x16, 0, 0, 0}) // 12 bytes; one filter: LZMA2, dictionary of 8 MiB
	chunk := binary.BigEndian.AppendUint16([]byte{1}, uint16(len(data)-1))
	chunk = append(append(chunk, data...), 0)
	unpadded := len(header) + len(chunk) + 4
	index := binary.AppendUvarint([]byte{0, 1}, uint64(unpadded))
	index = withSum(pad(binary.AppendUvarint(index, uint64(len(data)))))

	out := append([]byte("\xfd7zXZ\x00"), flags...)
	out = le.AppendUint32(out, sum(flags))
	out = append(out, header...)
	out = append(out, pad(chunk)...)
	out = le.AppendUint32(out, sum(data))
	out = append(out, index...)
	footer := append(le.AppendUint32(nil, uint32(len(index)/4-1)), flags...)
	out = le.AppendUint32(out, sum(footer))
	return append(append(out, footer...), "YZ"...)
}
