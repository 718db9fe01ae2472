package token

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTokenNamesItsTouch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := NewSigner(rapid.SliceOfN(rapid.Byte(), 16, 32).Draw(t, "secret"))
		id := rapid.Int64Range(1, math.MaxInt64).Draw(t, "id")
		for _, spelled := range []string{s.Make(Reply, id), strings.ToUpper(s.Make(Reply, id))} {
			got, err := s.Open(Reply, spelled)
			if err != nil || got != id {
				t.Fatalf("Open(%q) = %d, %v; want %d", spelled, got, err, id)
			}
		}
	})
}

func TestLinksCarryTheirTarget(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := NewSigner(rapid.SliceOfN(rapid.Byte(), 16, 32).Draw(t, "secret"))
		id, target := rapid.Int64Range(1, math.MaxInt64).Draw(t, "id"), rapid.String().Draw(t, "target")
		link := s.MakeLink(id, target)
		if strings.Trim(link, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" {
			t.Fatalf("%q cannot stand in an address as it is", link)
		}
		gotID, gotTarget, err := s.OpenLink(link)
		if err != nil || gotID != id || gotTarget != target {
			t.Fatalf("OpenLink = %d, %q, %v; want %d, %q", gotID, gotTarget, err, id, target)
		}
		changed := []byte(link)
		at := rapid.IntRange(0, len(changed)-1).Draw(t, "at")
		changed[at] = "abcdefghijklmnopqrstuvwxyz-_.ABC012"[rapid.IntRange(0, 34).Draw(t, "by")]
		if _, _, err := s.OpenLink(string(changed)); !errors.Is(err, ErrInvalid) && string(changed) != link {
			t.Fatalf("the changed %q of %q is taken", changed, link)
		}
		for _, other := range []string{"", ".", s.Make(Click, id), link[:at], link + "a", NewSigner([]byte("x")).MakeLink(id, target)} {
			if _, _, err := s.OpenLink(other); !errors.Is(err, ErrInvalid) {
				t.Fatalf("%q is taken", other)
			}
		}
	})
}

func TestForgedTokensAreRefused(t *testing.T) {
	t.Parallel()
	s := NewSigner([]byte("a secret of the house"))
	good := s.Make(Unsubscribe, 4711)
	bad := map[string]string{
		"empty": "", "no mac": "u3mv", "other purpose": s.Make(Reply, 4711), "other secret": NewSigner([]byte("x")).Make(Unsubscribe, 4711),
		"cut short": good[:len(good)-1], "longer": good + "a", "other touch": "u3mw" + good[strings.Index(good, "-"):],
	}
	for name, tok := range bad {
		if id, err := s.Open(Unsubscribe, tok); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: Open(%q) = %d, %v; want ErrInvalid", name, tok, id, err)
		}
	}
}
