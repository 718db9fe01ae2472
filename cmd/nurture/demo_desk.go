package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/config"
	"nurture/internal/access"
	"nurture/internal/sandbox"
	"nurture/web"
	"nurture/web/api"
	"nurture/web/desk"
)

// demoListen is where the pages of the demo are, when that is free.
const demoListen = "127.0.0.1:8025"

// demoLogin is who may look at the demo's desk.
type demoLogin struct {
	Role        access.Role
	Name, Email string
}

// keepOpen serves the desk on the result until Ctrl-C. The clock goes on from the next working morning, and workers carry out what people do, between
// stand-ins: nothing leaves this machine.
func (a *app) keepOpen(ctx context.Context, o demoOptions, cfg *config.Config, pool *pgxpool.Pool, dir, outbox string, staff int) error {
	listener, err := net.Listen("tcp", demoListen)
	if err != nil { // taken: any other port will do
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return err
		}
	}
	defer func() { _ = listener.Close() }() // what serves it closes it first
	morning, err := sandbox.Morning(o.days, cfg.Settings.Zone)
	if err != nil {
		return err
	}
	opened := a.realNow()
	now := func() time.Time { return morning.Add(a.realNow().Sub(opened)) }
	address := "http://" + listener.Addr().String()
	office, err := sandbox.OpenOffice(ctx, sandbox.OfficeOptions{
		Pool: pool, Now: now, RealNow: a.realNow, Log: a.quietLog(), JournalDir: filepath.Join(dir, "journal"), Staff: staff, URL: address, Outbox: outbox,
	})
	if err != nil {
		return err
	}
	logins, password, err := a.letIn(ctx, pool, cfg.Settings)
	if err != nil {
		return errors.Join(err, office.Close(ctx))
	}
	pages := desk.New(desk.Options{Pool: pool, Engine: office.Engine(), Now: now, RealNow: a.realNow, Log: a.quietLog()})
	programs := api.New(api.Options{Accounts: access.NewAccounts(pool, a.realNow), Engine: office.Engine(), Now: a.realNow, Log: a.quietLog()})
	server := &http.Server{
		Handler: web.New(web.Options{
			Desk: pages, API: programs, Engine: office.Engine(), Signature: office.Signature(), Outbox: outboxFolder(outbox), Healthy: pool.Ping, Log: a.quietLog(),
		}),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	server.RegisterOnShutdown(pages.Close)
	a.tellLogins(address, logins, password)
	return errors.Join(serveUntil(ctx, server, listener, office.Run), office.Close(ctx))
}

// serveUntil answers HTTP while do runs, and ends both with ctx, or when HTTP cannot be served any more.
func serveUntil(ctx context.Context, server *http.Server, listener net.Listener, do func(context.Context)) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			stop(failf("HTTP: %w", err))
		}
	}()
	do(ctx)
	<-ctx.Done()
	graceful, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(graceful); err != nil {
		_ = server.Close() // requests that take too long are cut off
	}
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) { // a signal is no failure
		return cause
	}
	return nil
}

// letIn makes one user a role, all with one password that nobody else knows.
func (a *app) letIn(ctx context.Context, pool *pgxpool.Pool, settings config.Settings) ([]demoLogin, string, error) {
	password := strings.ToLower(rand.Text())[:16] // 80 bits, for a database of made-up people on loopback
	accounts := access.NewAccounts(pool, a.realNow)
	logins := demoLogins(settings)
	for _, l := range logins {
		if err := accounts.Add(ctx, access.NewUser{Email: l.Email, Name: l.Name, Role: l.Role, Password: password}, access.Actor{Who: "cli:demo"}); err != nil {
			return nil, "", fmt.Errorf("let %s in: %w", l.Email, err)
		}
	}
	return logins, password, nil
}

// demoLogins are one user a role: those of the configured team, whose tasks and handoffs stand in the database, else made-up ones.
func demoLogins(settings config.Settings) []demoLogin {
	team := map[access.Role]config.Person{access.Manager: settings.Team.Manager}
	if len(settings.Team.SDRs) > 0 {
		team[access.SDR] = settings.Team.SDRs[0].Person
	}
	if len(settings.Team.Reps) > 0 {
		team[access.Sales] = settings.Team.Reps[0].Person
	}
	var logins []demoLogin
	taken := map[string]bool{}
	for _, role := range []access.Role{access.SDR, access.Sales, access.Manager, access.Marketer, access.Ops, access.Admin} {
		person := team[role]
		email, err := access.NormalEmail(person.Email)
		if err != nil || taken[email] { // one person may have several offices, a login has one role
			person.Name, email = "Demo "+string(role), string(role)+"@demo.example"
		}
		taken[email] = true
		logins = append(logins, demoLogin{role, person.Name, email})
	}
	return logins
}

func (a *app) tellLogins(address string, logins []demoLogin, password string) {
	p := func(format string, args ...any) { fmt.Fprintf(a.stdout, format+"\n", args...) }
	p("\nTHE DESK is open at %s/desk/ until Ctrl-C", address)
	for _, l := range logins {
		p("  %-10s %s", l.Role, l.Email)
	}
	p("  password   %s   (of all of them; made for this run)", password)
	p("  mails      %s/outbox", address)
	p("  It is the next working morning. Workers carry out what you do; mail goes to the stand-in alone, and lies in the outbox.")
}
