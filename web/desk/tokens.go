package desk

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"nurture/internal/access"
	"nurture/store"
)

// shownTokens is how many tokens a page shows.
const shownTokens = 50

// tokensPage is which programs are let in.
type tokensPage struct {
	Tabs             []tab
	Rows             []tokenRow
	Pages            pager
	Roles            []access.Role
	Lives            []tokenLife
	Name, Role, Life string // as typed
	Problem          string // "" when there is none
	New              string // the token that was just made, shown once
}

type tokenRow struct {
	store.APIToken
	Created, Expires, Used, Revoked moment
	Over                            bool // it has run out
}

// tokenLife is how long a token may hold.
type tokenLife struct {
	Days  int
	Label string
}

var tokenLives = []tokenLife{{30, "30 days"}, {90, "90 days"}, {365, "a year"}, {1, "a day"}}

// showTokens lists the API tokens; they themselves are not kept.
func (d *Desk) showTokens(v *visit) error { return d.renderTokens(v, http.StatusOK, tokensPage{}) }

func (d *Desk) renderTokens(v *visit, status int, p tokensPage) error {
	before := whole(v.r.URL.Query(), "before")
	tokens, err := store.APITokens(v.r.Context(), d.pool, before, shownTokens+1)
	if err != nil {
		return err
	}
	tokens, p.Pages = keyed(tokens, shownTokens, before, func(t store.APIToken) int64 { return t.ID }, func(before int64) string {
		return listPath("/desk/access/tokens", "before", unlessZero(before))
	})
	if v.beyond(p.Pages, len(tokens)) {
		return v.redirect(p.Pages.First, "")
	}
	p.Tabs, p.Roles, p.Lives = v.accessTabs(), access.Roles, tokenLives
	for _, t := range tokens {
		p.Rows = append(p.Rows, tokenRow{t, v.real(t.CreatedAt), v.real(t.ExpiresAt), v.realOf(t.UsedAt), v.realOf(t.RevokedAt), !t.ExpiresAt.After(d.realNow())})
	}
	return v.render(status, "tokens.html", "API tokens", p)
}

// addToken makes a token and shows it once.
func (d *Desk) addToken(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	p := tokensPage{Name: strings.TrimSpace(v.field("name")), Role: v.field("role"), Life: v.field("life")}
	role, err := access.ParseRole(p.Role)
	if err != nil {
		p.Problem = "Choose a role."
		return d.renderTokens(v, http.StatusUnprocessableEntity, p)
	}
	days, _ := strconv.Atoi(p.Life)
	token, err := d.accounts.AddToken(v.r.Context(), p.Name, role, time.Duration(min(max(days, 0), 1000))*24*time.Hour, v.actor())
	if errors.Is(err, access.ErrTokenTerms) {
		p.Problem = sentence(err.Error()) + "."
		return d.renderTokens(v, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	return d.renderTokens(v, http.StatusCreated, tokensPage{New: token})
}

// revokeToken ends a token at once.
func (d *Desk) revokeToken(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := d.accounts.RevokeToken(v.r.Context(), id, v.actor()); err != nil {
		return err
	}
	return v.redirect("/desk/access/tokens", "The token is revoked. It holds no more.")
}
