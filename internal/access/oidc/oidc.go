// Package oidc asks an identity provider who somebody is: OpenID Connect Core 1.0, authorization code flow, with PKCE (RFC 7636), state and nonce.
// It knows no accounts; package access decides who an identity is here.
package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"nurture/internal/tlsclient"
)

// ErrAway is returned, wrapped, while the provider cannot be reached or does not answer as one should: a later try may succeed.
var ErrAway = errors.New("the identity provider does not answer as it should")

// ErrRefused is returned, wrapped, for an answer that must not be believed.
var ErrRefused = errors.New("the identity provider's answer does not hold")

// ErrDeclined is returned, wrapped, when the provider or the person there said no.
var ErrDeclined = errors.New("the identity provider said no")

// patience is how long one request to the provider may take.
const patience = 10 * time.Second

// How long what the provider says of itself is believed, and how long it is left alone after it could not be reached. Its keys are
// fetched anew whenever a token names an unknown one.
const (
	discoveryKept = time.Hour
	retryAfter    = 5 * time.Second
)

// Settings name a provider, and this program there.
type Settings struct {
	Issuer       string // exactly as the provider writes it: a slash at the end counts
	ClientID     string
	ClientSecret string
	RedirectURL  string   // where the provider sends people back to; it must be registered there
	CACert       string   // path of a PEM file with one more authority to trust; "" the system's alone
	Scopes       []string // beside openid, profile and email
	GroupsClaim  string   // which claim holds a person's groups: its name, or a path such as realm_access.roles; "" reads none
}

func (s Settings) equal(t Settings) bool {
	return s.Issuer == t.Issuer && s.ClientID == t.ClientID && s.ClientSecret == t.ClientSecret && s.RedirectURL == t.RedirectURL &&
		s.CACert == t.CACert && slices.Equal(s.Scopes, t.Scopes) && s.GroupsClaim == t.GroupsClaim
}

// Client talks to the provider that the settings of each call name, and remembers what that said of itself. It is safe for concurrent use.
type Client struct {
	now func() time.Time

	mu     sync.Mutex // held while the provider is asked about itself, so that only one asks
	of     Settings
	known  *provider // nil: none
	asked  time.Time
	failed error // of the last time; nil after a success
}

// New makes a Client. now is the real clock: by it tokens expire.
func New(now func() time.Time) *Client { return &Client{now: now} }

// provider is a provider that has told of itself.
type provider struct {
	Settings
	*oidc.Provider
	http  *http.Client
	extra metadata
}

// metadata is what OpenID Connect Discovery 1.0, section 3, tells beyond what the library reads.
type metadata struct {
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	PKCEMethods []string `json:"code_challenge_methods_supported"`
	EndSession  string   `json:"end_session_endpoint"`
	NamesItself bool     `json:"authorization_response_iss_parameter_supported"` // RFC 9207
	KeysURL     string   `json:"jwks_uri"`
}

// provider gives the provider of the settings. It is asked about itself when that is not known, or was long ago; when it does not answer
// then, what it said before holds.
func (c *Client) provider(ctx context.Context, s Settings) (*provider, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.of.equal(s) {
		c.of, c.known, c.failed, c.asked = s, nil, nil, time.Time{}
	}
	since := c.now().Sub(c.asked)
	switch {
	case c.failed != nil && since < retryAfter:
		if c.known != nil {
			return c.known, nil
		}
		return nil, c.failed
	case c.failed == nil && c.known != nil && since < discoveryKept:
		return c.known, nil
	}
	found, err := discover(ctx, s)
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, err) // who asked went away: that says nothing about the provider
	}
	c.asked, c.failed = c.now(), err
	if err == nil {
		c.known = found
	}
	if c.known != nil {
		return c.known, nil
	}
	return nil, err
}

// discover asks a provider about itself. The error is ErrAway, wrapped.
func discover(ctx context.Context, s Settings) (*provider, error) {
	conf, err := tlsclient.Config("", s.CACert)
	if err != nil {
		return nil, fmt.Errorf("%w: ca_cert: %w", ErrAway, err)
	}
	p := &provider{Settings: s, http: &http.Client{
		Timeout:   patience,
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: conf, DisableKeepAlives: true, ForceAttemptHTTP2: true},
	}}
	if p.Provider, err = oidc.NewProvider(p.context(ctx), s.Issuer); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	if err := p.Claims(&p.extra); err != nil {
		return nil, fmt.Errorf("%w: what it says of itself cannot be read: %w", ErrAway, err)
	}
	if p.Endpoint().AuthURL == "" || p.Endpoint().TokenURL == "" || p.extra.KeysURL == "" {
		return nil, fmt.Errorf("%w: it names no authorization_endpoint, token_endpoint or jwks_uri", ErrAway)
	}
	return p, nil
}

// context makes the libraries use our client.
func (p *provider) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.http)
}

// oauth is this program as a client of the provider. The way to show the secret is chosen here: to try one after the other, as the library
// does by itself, would spend the code on the first.
func (p *provider) oauth() *oauth2.Config {
	endpoint := p.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // the default of Discovery 1.0, section 3
	if len(p.extra.AuthMethods) > 0 && !slices.Contains(p.extra.AuthMethods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, RedirectURL: p.RedirectURL, Endpoint: endpoint,
		Scopes: append([]string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail}, p.Scopes...),
	}
}
