package jobs

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
	"nurture/config"
	"nurture/internal/leadfile"
	"nurture/internal/provenance"
	"nurture/store"
)

// Imported says what became of a batch of rows.
type Imported struct {
	New     int `json:"new"`
	Updated int `json:"updated"`
	// Kept are values that were not taken, for a later one is on record; Proposed are those that a person is asked about.
	Kept     int `json:"kept"`
	Proposed int `json:"proposed"`
}

// BeginImport notes that a file is about to be imported: its name, and of when what it says is. Each batch of it is then Imported by that statement. A
// date ahead of now counts as now.
func (e *Engine) BeginImport(ctx context.Context, file string, asOf time.Time) (provenance.Stamp, error) {
	return e.stamp(ctx, e.pool, provenance.Import, file, asOf, e.now())
}

// Import is ImportBy for rows that come from no file.
func (e *Engine) Import(ctx context.Context, rows []leadfile.Row) (Imported, error) {
	by, err := e.BeginImport(ctx, "", e.now())
	if err != nil {
		return Imported{}, err
	}
	return e.ImportBy(ctx, by, rows)
}

// ImportBy stores the leads of a file: all of a batch or none. A known key is updated with what the row has, save where a later statement or a person's
// is on record. An opt-out in the file suppresses the address at once; a lead that opted out of everything is kept, ended, and never contacted.
func (e *Engine) ImportBy(ctx context.Context, by provenance.Stamp, rows []leadfile.Row) (done Imported, err error) {
	err = e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		p, err := e.prepareImport(ctx, tx, now, by, rows)
		if err != nil {
			return err
		}
		done, err = e.finishImport(ctx, tx, now, p)
		return err
	})
	return done, err
}

// Prepared are rows of a file of which the companies are stored and the leads are not.
type Prepared struct {
	rows              []leadfile.Row
	by                provenance.Stamp
	mailboxes, owners []string
	accounts          store.AccountIDs
	guarding          // of the companies
}

// leads are the leads of the rows as they are to be stored.
func (p *Prepared) leads(now time.Time) []store.NewLead {
	leads := make([]store.NewLead, len(p.rows))
	for i := range p.rows {
		leads[i] = newLead(p.rows[i].Lead, p.mailboxes, p.owners, now)
		leads[i].Stamp = p.by.ID
		said, consent := p.saidAt(now), p.rows[i].Lead.Consent
		leads[i].Refused = store.Refused{Email: refusedAt(consent.Email, said), Voicemail: refusedAt(consent.Voicemail, said), Call: refusedAt(consent.Call, said)}
	}
	return leads
}

// saidAt is of when what the rows say is.
func (p *Prepared) saidAt(now time.Time) time.Time {
	if p.by.AsOf.IsZero() {
		return now
	}
	return p.by.AsOf
}

// PrepareImport is the first half of ImportBy, for who stores several batches at once: batches have companies in common, which must be stored one
// batch after the other, and apart, so that none waits for another's leads.
func (e *Engine) PrepareImport(ctx context.Context, by provenance.Stamp, rows []leadfile.Row) (p Prepared, err error) {
	err = e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		p, err = e.prepareImport(ctx, tx, now, by, rows)
		return err
	})
	return p, err
}

// FinishImport is the second half of ImportBy: it stores the leads of a batch, all or none.
func (e *Engine) FinishImport(ctx context.Context, p Prepared) (done Imported, err error) {
	err = e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		done, err = e.finishImport(ctx, tx, now, p)
		return err
	})
	return done, err
}

func (e *Engine) prepareImport(ctx context.Context, tx pgx.Tx, now time.Time, by provenance.Stamp, rows []leadfile.Row) (Prepared, error) {
	p := Prepared{rows: rows, by: by}
	current, err := e.liveOrNone(ctx, tx)
	if err != nil {
		return p, err
	}
	if current != nil {
		p.mailboxes, p.owners = mailboxesOf(current.config), ownersOf(current.config)
	}
	leads := p.leads(now)
	if p.guarding, err = guardAccounts(ctx, tx, now, by, leads); err != nil {
		return p, err
	}
	if p.accounts, err = store.UpsertAccounts(ctx, tx, leads, now); err != nil {
		return p, err
	}
	return p, p.overtaken(ctx, tx, by)
}

func (e *Engine) finishImport(ctx context.Context, tx pgx.Tx, now time.Time, p Prepared) (Imported, error) {
	var suppressions []store.Suppression
	for i := range p.rows {
		suppressions = append(suppressions, optOuts(p.rows[i].Lead)...)
	}
	if err := store.InsertSuppressions(ctx, tx, suppressions, now); err != nil {
		return Imported{}, err
	}
	leads := p.leads(now)
	moved, err := store.MovedLeads(ctx, tx, leads)
	if err != nil {
		return Imported{}, err
	}
	if _, err := lockNewest(ctx, tx, moved); err != nil {
		return Imported{}, err
	}
	g, err := guardLeads(ctx, tx, now, p.by, leads)
	if err != nil {
		return Imported{}, err
	}
	ids, inserted, err := store.UpsertLeadsAt(ctx, tx, leads, p.accounts, now)
	if err != nil {
		return Imported{}, err
	}
	if err := g.overtaken(ctx, tx, p.by); err != nil {
		return Imported{}, err
	}
	if err := store.EndWindows(ctx, tx, moved, now); err != nil {
		return Imported{}, err
	}
	if err := e.suppressKnown(ctx, tx, now, p.rows, ids); err != nil {
		return Imported{}, err
	}
	done := Imported{New: inserted, Updated: len(p.rows) - inserted, Kept: p.kept + g.kept, Proposed: p.proposed + g.proposed}
	return done, store.InsertImportedFacts(ctx, tx, importedFacts(p.rows, ids, p.saidAt(now)))
}

// suppressKnown tells the cadences of leads whose opt-out came with the file.
func (e *Engine) suppressKnown(ctx context.Context, tx pgx.Tx, now time.Time, rows []leadfile.Row, ids []int64) error {
	scopes := map[int64]cadence.SuppressScope{}
	var leadIDs []int64
	for i := range rows {
		if scope := scopeOf(rows[i].Lead.OptedOut); scope != cadence.SuppressNone {
			scopes[ids[i]] = scope
			leadIDs = append(leadIDs, ids[i])
		}
	}
	if len(leadIDs) == 0 {
		return nil
	}
	latest, err := lockLatest(ctx, tx, leadIDs)
	if err != nil {
		return err
	}
	var ts []transition
	var ends []store.LeadEnd
	for _, leadID := range leadIDs {
		if enrollmentID, ok := latest[leadID]; ok {
			ts = append(ts, transition{enrollmentID: enrollmentID, event: cadence.Suppressed{Scope: scopes[leadID]}})
		} else if scopes[leadID] == cadence.SuppressAll {
			ends = append(ends, store.LeadEnd{LeadID: leadID, End: cadence.EndOptedOut})
		}
	}
	if err := store.EndLeads(ctx, tx, ends, now); err != nil {
		return err
	}
	return e.apply(ctx, tx, now, ts, nil)
}

func scopeOf(o leadfile.OptedOut) cadence.SuppressScope {
	switch {
	case o.Email && o.Call:
		return cadence.SuppressAll
	case o.Email:
		return cadence.SuppressEmail
	case o.Call:
		return cadence.SuppressPhone
	}
	return cadence.SuppressNone
}

func optOuts(l leadfile.Lead) []store.Suppression {
	scope := scopeOf(l.OptedOut)
	var rows []store.Suppression
	if l.Email != "" && (scope == cadence.SuppressEmail || scope == cadence.SuppressAll) {
		rows = append(rows, store.Suppression{Address: l.Email, Scope: scope, Reason: "opted out, as imported"})
	}
	if l.Phone != "" && (scope == cadence.SuppressPhone || scope == cadence.SuppressAll) {
		rows = append(rows, store.Suppression{Address: l.Phone, Scope: scope, Reason: "opted out, as imported"})
	}
	return rows
}

// LeadsOf are the rows of a file as Import would store them at now under a configuration, with the facts of each.
func LeadsOf(rows []leadfile.Row, cfg *config.Config, now time.Time) ([]store.NewLead, [][]uld.Fact) {
	mailboxes, owners := mailboxesOf(cfg), ownersOf(cfg)
	leads, facts := make([]store.NewLead, len(rows)), make([][]uld.Fact, len(rows))
	ids := make([]int64, len(rows))
	off := map[string]bool{}
	for i := range rows {
		leads[i], ids[i] = newLead(rows[i].Lead, mailboxes, owners, now), int64(i)
		for _, s := range optOuts(rows[i].Lead) {
			off[s.Address] = true
		}
	}
	for i := range leads { // also those that share an address with one who opted out
		leads[i].EmailSuppressed, leads[i].PhoneSuppressed = off[leads[i].Email], off[leads[i].Phone]
	}
	for _, f := range importedFacts(rows, ids, now) {
		facts[f.LeadID] = append(facts[f.LeadID], f.Fact)
	}
	return leads, facts
}

// newLead is a row as it is stored. The mailbox and the owner are chosen by the lead's key, so that a repeated import of the same file
// shares the work out alike.
func newLead(l leadfile.Lead, mailboxes, owners []string, now time.Time) store.NewLead {
	n := store.NewLead{
		Lead: store.Lead{
			Key: l.Key, Email: l.Email, Phone: l.Phone, FirstName: l.FirstName, LastName: l.LastName, Title: l.Title, Role: l.Role,
			City: l.City, Country: l.Country, Region: l.Region, Zones: l.Zones, Language: l.Language, Source: l.Source,
			Origin: string(l.Origin), Mailbox: pick(mailboxes, l.Key), Owner: l.Owner, CreatedAt: l.CreatedAt,
			ConsentEmail:     consentAt(l.Consent.Email, now),
			ConsentVoicemail: consentAt(l.Consent.Voicemail, now),
			ConsentCall:      consentAt(l.Consent.Call, now),
			Account: store.Account{
				Name: l.Account.Name, Domain: l.Account.Domain, Industry: l.Account.Industry, Employees: l.Account.Employees,
				Country: l.Account.Country, Custom: custom(l.Account.Fields),
			},
		},
		AccountKey: accountKey(l.Account),
		OptedOut:   barredEverywhere(l),
		NoAddress:  l.Email == "" && l.Phone == "",
	}
	if n.Origin == "" {
		n.Origin = string(leadfile.OriginInquiry)
	}
	if len(owners) > 0 && !slices.Contains(owners, n.Owner) { // nobody plans for an SDR who is not named in the configuration
		n.Owner = pick(owners, l.Key)
	}
	n.Custom = custom(l.Fields)
	return n
}

// custom are fields of one's own as they are stored; nil when there are none.
func custom(fields map[string]string) map[string]any {
	if len(fields) == 0 {
		return nil
	}
	all := make(map[string]any, len(fields))
	for name, value := range fields {
		all[name] = value
	}
	return all
}

// barredEverywhere says that the lead opted out of every way in which it could be reached.
func barredEverywhere(l leadfile.Lead) bool {
	return (l.OptedOut.Email || l.OptedOut.Call) && (l.Email == "" || l.OptedOut.Email) && (l.Phone == "" || l.OptedOut.Call)
}

// consentAt is when a consent was given: the file's date, else the import's; nil when none is on record.
func consentAt(p leadfile.Permission, now time.Time) *time.Time {
	if p.State != leadfile.PermissionGranted {
		return nil
	}
	at := p.At
	if at.IsZero() {
		at = now
	}
	return &at
}

// refusedAt is as of when a file says that there is no consent; nil when it does not.
func refusedAt(p leadfile.Permission, said time.Time) *time.Time {
	if p.State != leadfile.PermissionRefused {
		return nil
	}
	return &said
}

func pick(names []string, key string) string {
	if len(names) == 0 {
		return ""
	}
	h := fnv.New32a()
	h.Write([]byte(key))
	return names[h.Sum32()%uint32(len(names))]
}

// accountKey is by what leads of one company are known as colleagues: its domain, else its name.
func accountKey(a leadfile.Account) string {
	if a.Domain != "" {
		return a.Domain
	}
	return strings.Join(strings.Fields(strings.ToLower(leadfile.WithoutJoiners(a.Name))), " ")
}

// importedFacts are the answers that a file implies, of when what it says is. They are inferred: they order work and fill the dossier, and never
// promote.
func importedFacts(rows []leadfile.Row, ids []int64, asOf time.Time) []store.LeadFact {
	var facts []store.LeadFact
	for i := range rows {
		for key, answer := range rows[i].Lead.Facts {
			facts = append(facts, store.LeadFact{LeadID: ids[i], Fact: uld.Fact{
				Criterion: key, Value: predicate.Text(answer), Class: uld.Inferred, By: fmt.Sprintf("import, line %d", rows[i].Line), At: asOf,
			}})
		}
	}
	return facts
}
