package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/config"
	"nurture/internal/access"
	"nurture/internal/sandbox"
	"nurture/jobs"
	"nurture/store"
	"nurture/web"
	"nurture/web/desk"
)

// demoListen is where the pages of the demo are, when that is free.
const demoListen = "127.0.0.1:8025"

// demoLogin is who may look at the demo's desk.
type demoLogin struct {
	Role        access.Role
	Name, Email string
}

// keepOpen serves the desk on the result until Ctrl-C. The clock goes on from where the demo ended; nothing is sent any more.
func (a *app) keepOpen(ctx context.Context, o demoOptions, url, outbox string, staff int) error {
	pool, err := store.Open(ctx, url, 8)
	if err != nil {
		return err
	}
	defer pool.Close()
	ended, opened := sandbox.Start.Add(time.Duration(o.days)*24*time.Hour), a.realNow()
	now := func() time.Time { return ended.Add(a.realNow().Sub(opened)) }
	engine, err := jobs.New(ctx, jobs.Options{Pool: pool, Now: now, RealNow: a.realNow, Log: a.quietLog(), Desk: staff})
	if err != nil {
		return err
	}
	live, err := engine.Live(ctx)
	if err != nil {
		return err
	}
	logins, password, err := a.letIn(ctx, pool, live.Settings)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", demoListen)
	if err != nil { // taken: any other port will do
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return err
		}
	}
	pages := desk.New(desk.Options{Pool: pool, Engine: engine, Now: now, RealNow: a.realNow, Log: a.quietLog()})
	server := &http.Server{
		Handler:           web.New(web.Options{Desk: pages, Engine: engine, Outbox: outboxFolder(outbox), Healthy: pool.Ping, Log: a.quietLog()}),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	a.tellLogins("http://"+listener.Addr().String(), logins, password)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
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
	p("  Its clock goes on from where the demo ended. Nothing is sent any more: what you do is stored, and waits for a worker.")
}
