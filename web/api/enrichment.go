package api

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"nurture/internal/access"
	"nurture/internal/provenance"
	"nurture/jobs"
	"nurture/store"
)

const (
	enrichmentPath = "/api/v1/enrichment"
	// signatureAge is how old, or how far ahead, the time of a signature may be: what Standard Webhooks proposes. Who copies a delivery can repeat it for as long, and the
	// name of the message sees to it that it does nothing.
	signatureAge = 5 * time.Minute
	maxProvider  = 100
	// Of the secret, in bytes: the bounds of Standard Webhooks.
	minSecret, maxSecret = 24, 64
)

// deliveryBody is what a vendor of data delivers.
type deliveryBody struct {
	Lead     targetBody `json:"lead"`
	Provider string     `json:"provider" jsonschema:"minLength=1,maxLength=100,description=Who says it; shown beside each value"`
	changeBody
}

// targetBody says of whom a delivery is: exactly one of its keys.
type targetBody struct {
	Key    string `json:"key,omitempty"`
	Email  string `json:"email,omitempty"`
	Domain string `json:"domain,omitempty" jsonschema:"description=Of an account: then there is no person"`
}

// Secret is shared with a vendor of data.
type Secret struct{ webhook *standardwebhooks.Webhook }

// ErrBadSecret is returned for a secret that is none.
var ErrBadSecret = errors.New("a secret is whsec_ and, in base64, 24 to 64 random bytes")

// ParseSecret reads a secret in the form of Standard Webhooks.
func ParseSecret(text string) (Secret, error) {
	encoded, ok := strings.CutPrefix(text, "whsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(key) < minSecret || len(key) > maxSecret {
		return Secret{}, ErrBadSecret
	}
	webhook, err := standardwebhooks.NewWebhookRaw(key)
	return Secret{webhook}, err
}

// enrich takes in what a vendor of data delivers. It is acknowledged after it is committed; the same message again changes nothing.
func (s *server) enrich(c *call) (any, error) {
	raw, err := whole(c)
	if err != nil {
		return nil, err
	}
	if !s.signed(raw, c.Header) {
		s.failed.wait(access.AddressOf(c.RemoteAddr), s.Now(), true)
		return nil, refused{http.StatusUnauthorized, refusal{Error: "the signature does not hold: sign by Standard Webhooks with the secret that we share, and send at once"}}
	}
	var body deliveryBody
	if err := decode(raw, &body); err != nil {
		return nil, err
	}
	body.Provider = strings.TrimSpace(body.Provider)
	switch {
	case body.Provider == "":
		return nil, jobs.FieldErrors{{Field: "provider", Reason: "say who you are"}}
	case len([]rune(body.Provider)) > maxProvider:
		return nil, jobs.FieldErrors{{Field: "provider", Reason: "it is longer than " + strconv.Itoa(maxProvider) + " characters"}}
	}
	sum := sha256.Sum256(raw)
	change := &jobs.FieldChange{
		Lead: body.Lead.Key, Email: body.Lead.Email, Domain: body.Lead.Domain, Kind: provenance.Enrichment, Source: body.Provider,
		Message: &store.FieldMessage{Source: "enrichment", ID: c.Header.Get(standardwebhooks.HeaderWebhookID), Digest: sum[:]},
	}
	if err := body.into(change); err != nil {
		return nil, err
	}
	return s.change(c, change)
}

// signed says whether one of our secrets signed a body, just now.
func (s *server) signed(raw []byte, header http.Header) bool {
	seconds, err := strconv.ParseInt(header.Get(standardwebhooks.HeaderWebhookTimestamp), 10, 64)
	if err != nil || s.Now().Sub(time.Unix(seconds, 0)).Abs() > signatureAge || len(header.Get(standardwebhooks.HeaderWebhookID)) > maxName {
		return false
	}
	for _, secret := range s.EnrichmentSecrets {
		if secret.webhook.VerifyIgnoringTimestamp(raw, header) == nil { // the library's clock cannot be set
			return true
		}
	}
	return false
}
