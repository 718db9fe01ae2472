package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"

	"nurture/channels/voicemail"
	"nurture/internal/access"
	"nurture/jobs"
	"nurture/store"
	"nurture/web"
	"nurture/web/api"
	"nurture/web/desk"
)

// httpHandler is everything that serve answers over HTTP. Call closing when the server begins to shut down: it ends the pages that wait for news.
func httpHandler(ctx context.Context, a *app, w *worker) (handler http.Handler, closing func()) {
	pages := desk.New(desk.Options{Pool: w.db.pool, Engine: w.engine, Now: a.now, RealNow: a.realNow, Log: w.log, Ways: w.outlets.waysToLogIn})
	programs := api.New(api.Options{
		Accounts: access.NewAccounts(w.db.pool, a.realNow), Engine: w.engine, Now: a.realNow, Log: w.log, EnrichmentSecrets: w.outlets.env.enrichmentSecrets,
	})
	options := web.Options{
		Desk: pages, API: programs,
		Proxies: w.outlets.env.proxies, Ready: readiness(w), Engine: w.engine, Signature: voiceSignature{w.outlets}, Healthy: w.db.pool.Ping, Log: w.log,
	}
	if token := w.outlets.env.inboundToken; token != "" {
		options.TakeMail, options.InboundToken = w.takePushed, token
	}
	if w.mail.writesFiles(ctx) {
		options.Outbox = outboxFolder(w.outbox)
	}
	return web.New(options), pages.Close
}

// readiness is what must hold before requests are worth sending here.
func readiness(w *worker) []web.Check {
	return []web.Check{
		{Name: "database", Holds: func(ctx context.Context) error { return store.TakesChanges(ctx, w.db.pool) }},
		{Name: "schema", Holds: func(ctx context.Context) error {
			old, err := schemaOld(ctx, w.db.pool)
			if err == nil && old {
				err = errors.New("migrations are to be applied: nurture migrate")
			}
			return err
		}},
		{Name: "configuration", Holds: func(ctx context.Context) error {
			_, err := w.engine.Live(ctx)
			return err
		}},
	}
}

// voiceSignature checks the voice provider's requests against the account that is configured now; without one none is valid.
type voiceSignature struct{ outlets *outlets }

// Valid implements web.Signature.
func (s voiceSignature) Valid(r *http.Request) bool {
	settings, err := s.outlets.settings(r.Context())
	if err != nil {
		return false
	}
	account, err := s.outlets.env.twilio(settings)
	if err != nil || account == nil {
		return false
	}
	return voicemail.NewValidator(account.publicURL, account.token).Valid(r)
}

// takePushed takes in a mail that a provider pushes. Its bytes are its name: the same push again is the same mail.
func (w *worker) takePushed(ctx context.Context, raw []byte) error {
	digest := sha256.Sum256(raw)
	return w.takeMail(ctx, jobs.ArrivedMail{Source: "http", ExternalID: hex.EncodeToString(digest[:]), Raw: raw})
}
