package access

import (
	"errors"
	"strings"
	"testing"
	"time"

	"nurture/store"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	a, pool, now := newAccounts(t)
	ctx := t.Context()
	token, err := a.AddToken(ctx, " scraper ", Ops, time.Hour, byTest)
	if err != nil || !strings.HasPrefix(token, "nurture_") || len(token) != 34 {
		t.Fatalf("%q, %v", token, err)
	}
	got, err := a.CheckToken(ctx, token)
	if err != nil || got.Name != "scraper" || got.Role != "ops" || got.CreatedBy != byTest.Who {
		t.Errorf("%+v, %v", got, err)
	}
	for _, wrong := range []string{"", "nurture_", token + "x", strings.ToUpper(token), "nurture_" + strings.Repeat("a", 1<<20)} {
		if _, err := a.CheckToken(ctx, wrong); !errors.Is(err, ErrBadToken) {
			t.Errorf("%.50q: %v", wrong, err)
		}
	}
	if err := a.RevokeToken(ctx, got.ID, byTest); err != nil {
		t.Fatal(err)
	}
	if _, err := a.CheckToken(ctx, token); !errors.Is(err, ErrBadToken) {
		t.Errorf("revoked: %v", err)
	}
	if err := a.RevokeToken(ctx, got.ID, byTest); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("revoked twice: %v", err)
	}
	second, err := a.AddToken(ctx, "short", Manager, time.Minute, byTest)
	if err != nil {
		t.Fatal(err)
	}
	*now = noon.Add(time.Minute)
	if _, err := a.CheckToken(ctx, second); !errors.Is(err, ErrBadToken) {
		t.Errorf("run out: %v", err)
	}
	for _, life := range []time.Duration{0, -time.Hour, MaxTokenLife + 1} {
		if _, err := a.AddToken(ctx, "x", Ops, life, byTest); !errors.Is(err, ErrTokenTerms) {
			t.Errorf("%s: %v", life, err)
		}
	}
	if _, err := a.AddToken(ctx, "  ", Ops, time.Hour, byTest); !errors.Is(err, ErrTokenTerms) {
		t.Errorf("no name: %v", err)
	}
	deeds, err := store.Deeds(ctx, pool, byTest.Who, 0, 10)
	if err != nil || len(deeds) != 3 || deeds[1].Action != "tokens revoke" {
		t.Errorf("%+v, %v", deeds, err)
	}
	for _, d := range deeds {
		if strings.Contains(d.Object, token) {
			t.Errorf("the log has the token: %+v", d)
		}
	}
}
