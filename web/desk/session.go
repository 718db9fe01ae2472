package desk

import (
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/store"
)

// A session ends when nobody has come for sessionLife, and at the latest after sessionMost. It is prolonged once in sessionStep, for each
// time is a write.
const (
	sessionLife = 7 * 24 * time.Hour
	sessionStep = 12 * time.Hour
	sessionMost = 30 * 24 * time.Hour
	// providerSession is the most for whom the identity provider let in: whom it lets in no more, and as what, is only seen at a login.
	providerSession = 12 * time.Hour
)

// What a session holds.
const (
	sessionUser       = "user"       // id
	sessionGeneration = "generation" // of the user, when it began
	sessionUntil      = "until"      // Unix seconds: its end, whoever comes
	sessionTyped      = "typed"      // a form that met the end of a session, as JSON
	sessionNotice     = "notice"     // what the next page says once
)

const (
	cookieName = "nurture_desk"
	cookiePath = "/desk"
)

func newSessions(pool *pgxpool.Pool, now func() time.Time) *scs.SessionManager {
	m := scs.New()
	m.Store = store.Sessions{DB: pool, Now: now}
	m.Lifetime = sessionLife
	m.HashTokenInStore = true
	return m
}

// enter loads the session of a request, and the user whose it is.
func (d *Desk) enter(v *visit) error {
	token := ""
	if cookie, err := v.r.Cookie(cookieName); err == nil {
		token = cookie.Value
	}
	ctx, err := d.sessions.Load(v.r.Context(), token)
	if err != nil { // the page that says so has an empty session, which asks no database
		if none, err := d.sessions.Load(v.r.Context(), ""); err == nil {
			v.r = v.r.WithContext(none)
		}
		return err
	}
	v.r = v.r.WithContext(ctx)
	id := d.sessions.GetInt64(ctx, sessionUser)
	if id == 0 {
		return nil
	}
	u, err := store.GetUser(ctx, d.pool, id)
	if err != nil {
		return err
	}
	now, until := d.realNow(), time.Unix(d.sessions.GetInt64(ctx, sessionUntil), 0)
	if u.DisabledAt != nil || u.Generation != d.sessions.GetInt(ctx, sessionGeneration) || now.After(until) {
		return d.sessions.Destroy(ctx)
	}
	if d.sessions.Deadline(ctx).Sub(now) < sessionLife-sessionStep {
		d.sessions.SetDeadline(ctx, now.Add(sessionLife).UTC())
	}
	v.user, v.zone = u, d.zoneOf(ctx, u)
	return nil
}

// begin makes a session for who just proved to be u, which lasts for most at the most. Its token is new, so that whoever planted one gains
// nothing.
func (v *visit) begin(u store.User, most time.Duration) error {
	ctx, s := v.r.Context(), v.desk.sessions
	if err := s.RenewToken(ctx); err != nil {
		return err
	}
	s.Put(ctx, sessionUser, u.ID)
	s.Put(ctx, sessionGeneration, u.Generation)
	s.Put(ctx, sessionUntil, v.desk.realNow().Add(most).Unix())
	if err := v.rememberTypist(u.ID); err != nil {
		return err
	}
	return v.desk.sweep(ctx)
}

// commit stores what changed of the session and sets its cookie. It must come before the first byte of an answer.
func (v *visit) commit() error {
	ctx, s := v.r.Context(), v.desk.sessions
	cookie := &http.Cookie{
		Name: cookieName, Path: cookiePath, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: encrypted(v.r),
	}
	switch s.Status(ctx) {
	case scs.Modified:
		token, expiry, err := s.Commit(ctx)
		if err != nil {
			return err
		}
		cookie.Value, cookie.Expires = token, expiry
	case scs.Destroyed:
		cookie.MaxAge = -1
	case scs.Unmodified:
		return nil
	}
	http.SetCookie(v.w, cookie)
	return nil
}
