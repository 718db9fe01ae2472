package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// flowLife is how long somebody may take to log in at the provider.
const flowLife = 10 * time.Minute

// Flow is a login that was begun: what only the browser that began it may know. It must reach the end of the login unread and unchanged.
type Flow struct {
	Issuer   string    `json:"i"`
	State    string    `json:"s"`
	Nonce    string    `json:"n"`
	Verifier string    `json:"v"` // of PKCE
	Next     string    `json:"x"` // the caller's: where the login leads
	Until    time.Time `json:"u"`
}

// Begin gives the address at the provider where somebody logs in, and what to remember until the answer. The error is ErrAway.
func (c *Client) Begin(ctx context.Context, s Settings) (string, Flow, error) {
	p, err := c.provider(ctx, s)
	if err != nil {
		return "", Flow{}, err
	}
	f := Flow{
		Issuer: s.Issuer, State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Until: c.now().Add(flowLife).UTC().Truncate(time.Second),
	}
	return p.oauth().AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), f, nil
}

// Finish checks the provider's answer, the query that a browser brought back, against the login that was begun, and says who somebody is.
// The error is ErrRefused, ErrDeclined or ErrAway, wrapped, with details for the log.
func (c *Client) Finish(ctx context.Context, s Settings, f Flow, answer url.Values) (Identity, error) {
	switch state := answer.Get("state"); {
	case f.State == "" || subtle.ConstantTimeCompare([]byte(state), []byte(f.State)) != 1:
		return Identity{}, fmt.Errorf("%w: it belongs to no login that this browser began", ErrRefused)
	case c.now().After(f.Until):
		return Identity{}, fmt.Errorf("%w: the login was begun too long ago", ErrRefused)
	case f.Issuer != s.Issuer:
		return Identity{}, fmt.Errorf("%w: the login was begun at another provider", ErrRefused)
	}
	p, err := c.provider(ctx, s)
	if err != nil {
		return Identity{}, err
	}
	if from := answer.Get("iss"); from != "" && from != s.Issuer || from == "" && p.extra.NamesItself { // RFC 9207, section 2.4
		return Identity{}, fmt.Errorf("%w: it comes from %q", ErrRefused, from)
	}
	if code := answer.Get("error"); code != "" {
		return Identity{}, fmt.Errorf("%w: %s: %s", ErrDeclined, code, answer.Get("error_description"))
	}
	ctx = p.context(ctx)
	tokens, err := p.oauth().Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return Identity{}, exchangeError(err)
	}
	return c.identify(ctx, p, f, tokens)
}

// exchangeError tells a provider that is in trouble from one that does not take the code.
func exchangeError(err error) error {
	var answered *oauth2.RetrieveError
	if errors.As(err, &answered) && answered.Response.StatusCode < http.StatusInternalServerError {
		return fmt.Errorf("%w: the code is not taken: %w", ErrRefused, err)
	}
	return fmt.Errorf("%w: %w", ErrAway, err)
}

// identify checks the ID token (Core 1.0, section 3.1.3.7), and asks for what it lacks.
func (c *Client) identify(ctx context.Context, p *provider, f Flow, tokens *oauth2.Token) (Identity, error) {
	refuse := func(format string, args ...any) (Identity, error) {
		return Identity{}, fmt.Errorf("%w: %w", ErrRefused, fmt.Errorf(format, args...))
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return refuse("it brings no ID token")
	}
	token, err := p.Verifier(&oidc.Config{ClientID: p.ClientID, Now: c.now}).Verify(ctx, raw)
	if err != nil {
		return refuse("%w", err)
	}
	told := claims{}
	if err := token.Claims(&told); err != nil {
		return refuse("%w", err)
	}
	switch azp, _ := told["azp"].(string); {
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(f.Nonce)) != 1:
		return refuse("the ID token was made for another login")
	case len(token.Audience) > 1 && azp == "", azp != "" && azp != p.ClientID:
		return refuse("the ID token was made for %q", slices.Concat(token.Audience, []string{azp}))
	case token.Subject == "" || len(token.Subject) > 255 || strings.ContainsFunc(token.Subject, unicode.IsControl): // Core 1.0, section 2
		return refuse("the subject is missing, longer than 255 bytes, or no text")
	case token.AccessTokenHash != "":
		if err := token.VerifyAccessToken(tokens.AccessToken); err != nil {
			return refuse("%w", err)
		}
	}
	if told.lack(p.GroupsClaim) && p.UserInfoEndpoint() != "" {
		more, err := p.userInfo(ctx, tokens, token.Subject)
		if err != nil {
			return Identity{}, err
		}
		told.add(more)
	}
	return told.identity(p.Issuer, token.Subject, p.GroupsClaim), nil
}

// userInfo asks for the claims that some providers keep out of ID tokens (Core 1.0, section 5.3).
func (p *provider) userInfo(ctx context.Context, tokens *oauth2.Token, subject string) (claims, error) {
	info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		return nil, fmt.Errorf("%w: userinfo: %w", ErrAway, err)
	}
	if info.Subject != subject { // section 5.3.2: it must not be used then
		return nil, fmt.Errorf("%w: userinfo is about another subject", ErrRefused)
	}
	more := claims{}
	if err := info.Claims(&more); err != nil {
		return nil, fmt.Errorf("%w: userinfo: %w", ErrRefused, err)
	}
	return more, nil
}

// EndSession is where the provider's own session can be ended (OpenID Connect RP-Initiated Logout 1.0); "" when it has no such page, or
// has not been asked about itself yet.
func (c *Client) EndSession(s Settings) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || !c.of.equal(s) || c.known.extra.EndSession == "" {
		return ""
	}
	u, err := url.Parse(c.known.extra.EndSession)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	q := u.Query()
	q.Set("client_id", s.ClientID)
	u.RawQuery = q.Encode()
	return u.String()
}
