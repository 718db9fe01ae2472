package desk

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"

	"nurture/internal/access/oidc"
	"nurture/store"
)

// flowCookie holds a login at the identity provider while it is under way: sealed, so that it is neither read nor changed, and sent along
// to where that login ends and nowhere else. SameSite is Lax, not Strict: the way back begins at another site.
const flowCookie = "nurture_oidc"

// longestNext bounds how long an address is kept over a login: cookies have 4 KiB.
const longestNext = 1500

func (v *visit) setFlowCookie(value string, age int) {
	http.SetCookie(v.w, &http.Cookie{
		Name: flowCookie, Value: value, Path: oidcPath, MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: encrypted(v.r),
	})
}

// keepFlow gives the browser what it must bring back.
func (v *visit) keepFlow(f oidc.Flow) error {
	if len(f.Next) > longestNext {
		f.Next = ""
	}
	sealing, err := v.desk.sealing(v.r.Context())
	if err != nil {
		return err
	}
	plain, err := json.Marshal(f)
	if err != nil {
		return err
	}
	sealed := sealing.Seal(nil, nil, plain, []byte(flowCookie))
	v.setFlowCookie(base64.RawURLEncoding.EncodeToString(sealed), int(f.Until.Sub(v.desk.realNow()).Seconds()))
	return nil
}

// takeFlow gives what the browser brought back, and takes it away from it: it is good for one answer. The zero Flow fits no answer.
func (v *visit) takeFlow() (oidc.Flow, error) {
	cookie, err := v.r.Cookie(flowCookie)
	if err != nil {
		return oidc.Flow{}, nil
	}
	v.setFlowCookie("", -1)
	sealing, err := v.desk.sealing(v.r.Context())
	if err != nil {
		return oidc.Flow{}, err
	}
	var f oidc.Flow
	sealed, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(sealed) < sealing.Overhead() {
		return oidc.Flow{}, nil
	}
	plain, err := sealing.Open(nil, nil, sealed, []byte(flowCookie))
	if err != nil || json.Unmarshal(plain, &f) != nil {
		return oidc.Flow{}, nil
	}
	return f, nil
}

// sealing is AES-256-GCM with random nonces, under a key that all processes of the database share.
func (d *Desk) sealing(ctx context.Context) (cipher.AEAD, error) {
	proposed := make([]byte, 32)
	_, _ = rand.Read(proposed) // never fails, as crypto/rand documents
	key, err := store.Secret(ctx, d.pool, "desk login", proposed)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
