package desk

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"nurture/cadence"
	"nurture/internal/access"
	"nurture/internal/figure"
	"nurture/internal/leadfile"
	"nurture/jobs"
	"nurture/store"
)

// suppressor is what the page about addresses never to contact asks of the engine.
type suppressor interface {
	// Suppress forbids addresses on a scope from now on.
	Suppress(ctx context.Context, rows []store.Suppression) (jobs.Suppressed, error)
	// LiftSuppression takes suppressions of an address back; store.ErrNotFound when there was none.
	LiftSuppression(ctx context.Context, address string, scope cadence.SuppressScope, reason, by string) ([]store.StandingSuppression, error)
}

// Groups of roles.
var (
	protectors = []access.Role{access.Marketer, access.SDR, access.Manager, access.Ops, access.Admin} // may bar an address
	lifters    = []access.Role{access.Manager, access.Ops, access.Admin}                              // may take that back
)

// suppressScopes are what an address can be barred for.
var suppressScopes = []cadence.SuppressScope{cadence.SuppressAll, cadence.SuppressEmail, cadence.SuppressPhone}

// Up to how many suppressions a page counts by itself, and how many reasons and how many imported lists it shows.
const (
	countedSuppressions = 5000
	shownGroups         = 50
	shownLists          = 50
)

type suppressionsPage struct {
	Counted                 moment // when Groups were counted; None for now
	Groups                  []suppressionGroup
	Pages                   pager // of the groups
	Lists                   []suppressionList
	MoreLists               bool // than are shown
	Total                   int
	May                     bool // take back
	Asked                   string
	Checked                 bool // Standing is what was found of Asked
	Standing                []standingRow
	Address, Scope, Reason  string // as typed
	Scopes                  []string
	CheckProblem            string // "" when there is none; so for the others
	AddProblem, WhyProblem  string
	LiftProblem, LiftReason string
}

type suppressionGroup struct {
	store.SuppressionGroup
	FirstAt, LastAt moment
}

type suppressionList struct {
	store.SuppressionList
	Imported moment
}

type standingRow struct {
	store.StandingSuppression
	Since moment
}

// showSuppressions counts what is suppressed; the addresses themselves are not kept.
func (d *Desk) showSuppressions(v *visit) error {
	return d.renderSuppressions(v, http.StatusOK, suppressionsPage{})
}

func (d *Desk) renderSuppressions(v *visit, status int, p suppressionsPage) error {
	ctx := v.r.Context()
	groups, err := v.suppressionGroups(&p)
	if err != nil {
		return err
	}
	for _, g := range groups {
		p.Total += g.N
	}
	from := place(v.r.URL.Query(), len(groups)-1)
	part := groups[from:min(from+shownGroups, len(groups))]
	p.Pages = placed(from, len(part), len(groups), shownGroups, len(groups), func(from int64) string {
		return listPath("/desk/suppressions", "from", unlessZero(from))
	})
	lists, err := store.SuppressionLists(ctx, d.pool, shownLists+1)
	if err != nil {
		return err
	}
	if p.MoreLists = len(lists) > shownLists; p.MoreLists {
		lists = lists[:shownLists]
	}
	for _, g := range part {
		p.Groups = append(p.Groups, suppressionGroup{g, v.moment(g.First), v.moment(g.Last)})
	}
	for _, l := range lists {
		p.Lists = append(p.Lists, suppressionList{l, v.moment(l.ImportedAt)})
	}
	for _, s := range suppressScopes {
		p.Scopes = append(p.Scopes, string(s))
	}
	p.May = mayPost("/desk/suppressions/lift", v.role())
	return v.render(status, "suppressions.html", "Suppressions", p)
}

// suppressionGroups counts what is suppressed; where that is much, as the last tally says.
func (v *visit) suppressionGroups(p *suppressionsPage) ([]store.SuppressionGroup, error) {
	ctx, db := v.r.Context(), v.desk.pool
	p.Counted = moment{None: true}
	groups, all, err := store.FewSuppressions(ctx, db, countedSuppressions)
	if all || err != nil {
		return groups, err
	}
	if groups, err = store.SuppressionTallies(ctx, db); err != nil {
		return nil, err
	}
	if len(groups) == 0 { // nothing has counted yet
		return store.SuppressionGroups(ctx, db)
	}
	p.Counted, err = v.counted()
	return groups, err
}

// address normalises what was typed; wrong says what is wrong with it, in words for people.
func (d *Desk) address(ctx context.Context, typed string, scope cadence.SuppressScope) (address, wrong string, err error) {
	country := ""
	live, err := d.settings(ctx)
	if err != nil {
		return "", "", err
	}
	if live != nil {
		country = live.Settings.Country
	}
	address, reason, way := leadfile.ParseAddress(typed, country, leadfile.AddressKinds{Emails: scope != cadence.SuppressPhone, Phones: scope != cadence.SuppressEmail})
	if reason == "" {
		return address, "", nil
	}
	wrong = sentence(reason) + "."
	if way != "" {
		wrong += " " + sentence(way) + "."
	}
	return "", wrong, nil
}

// checkSuppression says what bars an address: its own suppressions, and of an email address those of its domain. It is a form that is sent,
// because addresses do not belong into the logs of proxies.
func (d *Desk) checkSuppression(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	p := suppressionsPage{Asked: strings.TrimSpace(v.field("address"))}
	return d.renderCheck(v, http.StatusOK, p)
}

// renderCheck shows the page with what bars p.Asked.
func (d *Desk) renderCheck(v *visit, status int, p suppressionsPage) error {
	address, wrong, err := d.address(v.r.Context(), p.Asked, cadence.SuppressAll)
	if err != nil {
		return err
	}
	if wrong != "" {
		p.CheckProblem = wrong
		return d.renderSuppressions(v, http.StatusUnprocessableEntity, p)
	}
	asked := []string{address}
	if at := strings.IndexByte(address, '@'); at > 0 {
		asked = append(asked, address[at:])
	}
	standing, err := store.FindSuppressions(v.r.Context(), d.pool, asked)
	if err != nil {
		return err
	}
	p.Asked, p.Checked = address, true
	for _, s := range standing {
		p.Standing = append(p.Standing, standingRow{s, v.moment(s.CreatedAt)})
	}
	return d.renderSuppressions(v, status, p)
}

// addSuppression bars an address from now on.
func (d *Desk) addSuppression(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	p := suppressionsPage{Address: strings.TrimSpace(v.field("address")), Scope: v.field("scope"), Reason: strings.TrimSpace(v.field("reason"))}
	scope := cadence.SuppressScope(p.Scope)
	if !slices.Contains(suppressScopes, scope) {
		p.AddProblem = "Choose what it must not be used for."
		return d.renderSuppressions(v, http.StatusUnprocessableEntity, p)
	}
	address, wrong, err := d.address(v.r.Context(), p.Address, scope)
	if err != nil {
		return err
	}
	p.AddProblem = wrong
	if p.Reason == "" {
		p.WhyProblem = "Say why: it is kept with the address."
	}
	if p.AddProblem != "" || p.WhyProblem != "" {
		return d.renderSuppressions(v, http.StatusUnprocessableEntity, p)
	}
	done, err := d.engine.Suppress(v.r.Context(), []store.Suppression{{Address: address, Scope: scope, Reason: p.Reason}})
	if err != nil {
		return err
	}
	if done.New == 0 {
		return v.redirect("/desk/suppressions", address+" was suppressed before.")
	}
	return v.redirect("/desk/suppressions", address+" is suppressed. It is known of "+figure.CountThousands(done.Leads, "lead")+".")
}

// liftSuppression takes the suppressions of an address back, with a reason that is kept.
func (d *Desk) liftSuppression(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	p := suppressionsPage{Asked: v.field("address"), LiftReason: strings.TrimSpace(v.field("reason"))}
	address, wrong, err := d.address(v.r.Context(), p.Asked, cadence.SuppressAll)
	if err != nil {
		return err
	}
	if wrong != "" || p.LiftReason == "" {
		p.LiftProblem = "Say why: who took it back and why is kept for ever."
		return d.renderCheck(v, http.StatusUnprocessableEntity, p)
	}
	_, err = d.engine.LiftSuppression(v.r.Context(), address, "", p.LiftReason, v.user.Email)
	if errors.Is(err, store.ErrNotFound) {
		return v.redirect("/desk/suppressions", address+" was not suppressed.")
	}
	if err != nil {
		return err
	}
	return v.redirect("/desk/suppressions", address+" is no longer suppressed. What ended because of it stays ended.")
}
