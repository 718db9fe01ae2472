package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/internal/leadfile"
	"nurture/internal/provenance"
	"nurture/store"
)

// FieldChange is what one source says of a lead, of its account, or of both. Exactly one of Lead, Email and Domain says of whom.
type FieldChange struct {
	Lead            string // a lead's key
	Email           string // the address of a lead; who has several keys is all of them
	Domain          string // an account's domain or key; then Person must be empty
	Kind            provenance.Kind
	Source          string
	AsOf            time.Time         // zero is now
	Person, Account map[string]string // field → value, as somebody writes it; "" says nothing
	// Message is set where the same change may come again; a second one does nothing.
	Message *store.FieldMessage
}

// FieldResult says what became of a change.
type FieldResult struct {
	Leads    int                          `json:"leads"`   // of which it was
	Account  bool                         `json:"account"` // whether it was of an account
	Fields   map[string]provenance.Ruling `json:"fields"`  // an account's with "account." before them
	Repeated bool                         `json:"-"`       // nothing was done: it came before
}

// What is wrong with a change; FieldErrors besides.
var (
	// ErrOtherCompany is returned, wrapped, when what is said of a lead's account is of another company.
	ErrOtherCompany = errors.New("the lead is known at another company")
	// ErrFieldTarget is returned when a change does not say of whom it is, or says what cannot be of that.
	ErrFieldTarget = errors.New("say of whom it is: one of key, email and domain; a person's fields need key or email")
)

// FieldError is a field that cannot be taken.
type FieldError struct {
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

// FieldErrors are all fields that cannot be taken, in the order of names. Nothing of a change is taken when there is one.
type FieldErrors []FieldError

// Error lists them.
func (e FieldErrors) Error() string {
	texts := make([]string, len(e))
	for i, one := range e {
		texts[i] = one.Field + ": " + one.Reason
	}
	return strings.Join(texts, "; ")
}

const (
	// sameAddress bounds how many leads with one address a change is taken for.
	sameAddress = 20
	// customLimit bounds how many fields of their own a lead or an account may have.
	customLimit = 200
	// sayAhead is how far the date of a statement may lie ahead of our clock.
	sayAhead      = 24 * time.Hour
	accountPrefix = "account."
)

// ChangeFields takes in what a source says of a lead and its account, by provenance.Rule: all of it, or nothing when a field cannot be. When it returns
// nil, that is committed. store.ErrNotFound when the lead or the account is not known; ErrFieldTarget, ErrOtherCompany, FieldErrors and store.ErrMessageReused say
// what else is wrong.
func (e *Engine) ChangeFields(ctx context.Context, c FieldChange) (FieldResult, error) {
	named := 0
	for _, name := range []string{c.Lead, c.Email, c.Domain} {
		if name != "" {
			named++
		}
	}
	if named != 1 || c.Domain != "" && len(c.Person) > 0 {
		return FieldResult{}, ErrFieldTarget
	}
	var result FieldResult
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		result = FieldResult{}
		if c.AsOf.After(now.Add(sayAhead)) {
			return FieldErrors{{"as_of", "the date lies ahead: " + c.AsOf.UTC().Format(time.RFC3339)}}
		}
		if c.Message == nil {
			return e.changeFields(ctx, tx, now, c, &result)
		}
		answer, fresh, err := store.TakeFieldMessage(ctx, tx, *c.Message, now)
		if err != nil {
			return err
		}
		if !fresh {
			result.Repeated = true
			return json.Unmarshal(answer, &result)
		}
		if err := e.changeFields(ctx, tx, now, c, &result); err != nil {
			return err
		}
		if answer, err = json.Marshal(result); err != nil {
			return err
		}
		return store.AnswerFieldMessage(ctx, tx, *c.Message, answer)
	})
	return result, err
}

// fieldChange is a FieldChange under way.
type fieldChange struct {
	FieldChange
	e       *Engine
	tx      pgx.Tx
	now     time.Time
	home    string // the operator's country, where numbers without country code are from
	result  *FieldResult
	stamp   provenance.Stamp // ID 0 until something is to be written
	stamps  map[int64]provenance.Stamp
	wrong   map[string]string // field → reason
	leads   []store.FieldsWritten
	account []store.FieldsWritten
	asked   []store.Proposal
}

func (e *Engine) changeFields(ctx context.Context, tx pgx.Tx, now time.Time, c FieldChange, result *FieldResult) error {
	if c.AsOf.IsZero() || c.AsOf.After(now) || c.Kind == provenance.Person {
		c.AsOf = now
	}
	f := &fieldChange{FieldChange: c, e: e, tx: tx, now: now, result: result, wrong: map[string]string{}}
	f.stamp = provenance.Stamp{Kind: c.Kind, Source: c.Source, AsOf: c.AsOf.UTC().Truncate(time.Microsecond), Written: now}
	result.Fields = map[string]provenance.Ruling{}
	current, err := e.liveOrNone(ctx, tx)
	if err != nil {
		return err
	}
	if current != nil {
		f.home = current.config.Settings.Country
	}
	leads, accounts, err := f.find(ctx)
	if err != nil {
		return err
	}
	if err := f.loadStamps(ctx, leads, accounts); err != nil {
		return err
	}
	for i := range leads {
		f.person(&leads[i])
	}
	for i := range accounts {
		f.firm(&accounts[i])
	}
	if len(f.wrong) > 0 {
		var wrong FieldErrors
		for _, field := range slices.Sorted(maps.Keys(f.wrong)) {
			wrong = append(wrong, FieldError{field, f.wrong[field]})
		}
		return wrong
	}
	return f.save(ctx)
}

// find locks and loads of whom the change is: the accounts before the leads, as imports do.
func (f *fieldChange) find(ctx context.Context) ([]store.HeldLead, []store.HeldAccount, error) {
	if f.Domain != "" {
		id, err := store.AccountNamed(ctx, f.tx, strings.ToLower(strings.TrimSpace(f.Domain)))
		if err != nil {
			return nil, nil, err
		}
		accounts, err := f.lockAccounts(ctx, []int64{id})
		return nil, accounts, err
	}
	ids, err := store.LeadsNamed(ctx, f.tx, f.Lead, f.Email, sameAddress)
	if err != nil {
		return nil, nil, err
	}
	if len(ids) == 0 {
		return nil, nil, fmt.Errorf("lead %q: %w", f.Lead+f.Email, store.ErrNotFound)
	}
	leads, err := store.Holding(ctx, f.tx, ids)
	if err != nil {
		return nil, nil, err
	}
	var accounts []store.HeldAccount
	if f.saysOfAccount() {
		if accounts, err = f.accountsOf(ctx, leads); err != nil {
			return nil, nil, err
		}
	}
	if slices.ContainsFunc(whereabouts, func(field string) bool { return f.Person[field] != "" }) {
		if _, err := lockNewest(ctx, f.tx, ids); err != nil { // before the leads, as everywhere
			return nil, nil, err
		}
	}
	if err := store.LockLeads(ctx, f.tx, ids); err != nil {
		return nil, nil, err
	}
	leads, err = store.Holding(ctx, f.tx, ids) // as they are now that they are locked
	f.result.Leads = len(leads)
	return leads, accounts, err
}

func (f *fieldChange) saysOfAccount() bool {
	for _, value := range f.Account {
		if value != "" {
			return true
		}
	}
	return false
}

// accountsOf locks the accounts of leads. Leads without one join that of the domain, else of the name, that the change gives.
func (f *fieldChange) accountsOf(ctx context.Context, leads []store.HeldLead) ([]store.HeldAccount, error) {
	domain, err := leadfile.AccountValue("domain", f.Account["domain"])
	if err != nil {
		return nil, FieldErrors{{accountPrefix + "domain", err.Error()}}
	}
	var ids, without []int64
	for _, l := range leads {
		switch {
		case l.Behind.Account.ID == 0:
			without = append(without, l.ID)
		case domain != "" && l.Domain != "" && domain != l.Domain && f.Kind != provenance.Person:
			return nil, fmt.Errorf("%w: %s, not %s", ErrOtherCompany, l.Domain, domain)
		case !slices.Contains(ids, l.Behind.Account.ID):
			ids = append(ids, l.Behind.Account.ID)
		}
	}
	if len(without) > 0 {
		name, err := leadfile.AccountValue("name", f.Account["name"])
		if err != nil {
			return nil, FieldErrors{{accountPrefix + "name", err.Error()}}
		}
		key := accountKey(leadfile.Account{Domain: domain, Name: name})
		if key == "" {
			return nil, FieldErrors{{"account", "the lead has no account: give its domain or name"}}
		}
		id, err := store.JoinAccount(ctx, f.tx, key, without, f.now)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return f.lockAccounts(ctx, ids)
}

func (f *fieldChange) lockAccounts(ctx context.Context, ids []int64) ([]store.HeldAccount, error) {
	if err := store.LockAccounts(ctx, f.tx, ids); err != nil {
		return nil, err
	}
	f.result.Account = len(ids) > 0
	return store.Accounts(ctx, f.tx, ids)
}

func (f *fieldChange) loadStamps(ctx context.Context, leads []store.HeldLead, accounts []store.HeldAccount) (err error) {
	var behind []int64
	for i := range leads {
		behind = append(behind, statementsOf(leads[i].Behind.Person)...)
	}
	for i := range accounts {
		behind = append(behind, statementsOf(accounts[i].FieldSet)...)
	}
	f.stamps, err = store.Stamps(ctx, f.tx, behind)
	return err
}
