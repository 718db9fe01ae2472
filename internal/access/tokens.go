package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/store"
)

// tokenPrefix makes a token that was published by mistake easy to recognise.
const tokenPrefix = "nurture_"

// MaxTokenLife bounds how long a token holds.
const MaxTokenLife = 366 * 24 * time.Hour

// ErrBadToken is returned for an API token that was never made, is revoked, or has run out.
var ErrBadToken = errors.New("the API token does not hold")

// ErrTokenTerms is returned, wrapped, for a token that cannot be made so; the error says why.
var ErrTokenTerms = errors.New("the token cannot be made")

// AddToken makes an API token that holds until life is over, and returns it: it is shown once and kept as a hash only. ErrTokenTerms when it has
// no name, or life is not between a minute and MaxTokenLife.
func (a *Accounts) AddToken(ctx context.Context, name string, role Role, life time.Duration, by Actor) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "", fmt.Errorf("%w: give it a name by which to know it again", ErrTokenTerms)
	case life < time.Minute || life > MaxTokenLife:
		return "", fmt.Errorf("%w: it must hold for a minute at least, and a year at most", ErrTokenTerms)
	}
	token := tokenPrefix + strings.ToLower(rand.Text()) // 130 bits
	now := a.clock()
	err := pgx.BeginFunc(ctx, a.pool, func(tx pgx.Tx) error {
		id, err := store.AddAPIToken(ctx, tx, store.APIToken{
			Name: name, Role: string(role), CreatedBy: by.Who, CreatedAt: now, ExpiresAt: now.Add(life),
		}, tokenHash(token))
		if err != nil {
			return err
		}
		return store.NoteDeed(ctx, tx, a.deed(by, "tokens add", fmt.Sprintf("%d as %s", id, role), store.DeedDone))
	})
	return token, err
}

// RevokeToken ends an API token from the next request on. store.ErrNotFound when there is none, or it was revoked before.
func (a *Accounts) RevokeToken(ctx context.Context, id int64, by Actor) error {
	return a.inTx(ctx, by, "tokens revoke", fmt.Sprint(id), func(tx pgx.Tx) error {
		_, err := store.RevokeAPIToken(ctx, tx, id, a.clock())
		return err
	})
}

// CheckToken gives the API token that a program shows; ErrBadToken when it does not hold.
func (a *Accounts) CheckToken(ctx context.Context, token string) (store.APIToken, error) {
	if !strings.HasPrefix(token, tokenPrefix) || len(token) > 2*len(tokenPrefix)+26 {
		return store.APIToken{}, ErrBadToken
	}
	t, err := store.UseAPIToken(ctx, a.pool, tokenHash(token), a.clock())
	if errors.Is(err, store.ErrNotFound) {
		return t, ErrBadToken
	}
	return t, err
}

func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
