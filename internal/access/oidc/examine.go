package oidc

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
)

// Facts are what can be found out about a provider without logging in.
type Facts struct {
	AuthURL, TokenURL string
	Keys              int  // with which it signs
	NoPKCE            bool // it lists ways of PKCE, and S256 is none of them
	NoLogout          bool // it has no page to end its session
}

// Examine asks a provider about itself and its keys. The error is ErrAway, wrapped.
func Examine(ctx context.Context, s Settings) (Facts, error) {
	p, err := discover(ctx, s)
	if err != nil {
		return Facts{}, err
	}
	f := Facts{
		AuthURL: p.Endpoint().AuthURL, TokenURL: p.Endpoint().TokenURL, NoLogout: p.extra.EndSession == "",
		NoPKCE: len(p.extra.PKCEMethods) > 0 && !slices.Contains(p.extra.PKCEMethods, "S256"),
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.extra.KeysURL, nil)
	if err != nil {
		return f, fmt.Errorf("%w: jwks_uri: %w", ErrAway, err)
	}
	response, err := p.http.Do(request)
	if err != nil {
		return f, fmt.Errorf("%w: its keys: %w", ErrAway, err)
	}
	defer response.Body.Close()
	var set struct{ Keys []json.RawMessage }
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&set); err != nil || response.StatusCode != http.StatusOK {
		return f, fmt.Errorf("%w: its keys at %s cannot be read (%s)", ErrAway, p.extra.KeysURL, response.Status)
	}
	f.Keys = len(set.Keys)
	return f, nil
}
