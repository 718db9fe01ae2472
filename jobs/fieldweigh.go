package jobs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"nurture/internal/leadfile"
	"nurture/internal/provenance"
	"nurture/store"
)

// person holds what the change says of a person against what is on record.
func (f *fieldChange) person(l *store.HeldLead) {
	country := l.Lead.Country
	if said, err := leadfile.PersonValue("country", f.Person["country"], ""); err == nil && said != "" {
		country = said
	}
	country = cmp.Or(country, f.home)
	w := store.FieldsWritten{ID: l.ID, Values: map[string]string{}}
	for field, said := range f.Person {
		value, err := leadfile.PersonValue(field, said, country)
		if err != nil {
			f.wrong[field] = err.Error()
			continue
		}
		held := l.PersonValue(field)
		if field == "phone" && l.PhoneInvalid && value != held {
			held = "" // a wrong number is none
		}
		f.rule(&w, "", field, held, value, l.Behind.Person, store.Proposal{LeadID: l.ID})
	}
	f.rezone(&w, l)
	f.bound(&w, "", len(l.Custom), func(name string) bool { return l.Custom[name] != nil })
	f.leads = append(f.leads, w)
}

// firm holds what the change says of an account against what is on record.
func (f *fieldChange) firm(a *store.HeldAccount) {
	w := store.FieldsWritten{ID: a.ID, Values: map[string]string{}}
	for field, said := range f.Account {
		value, err := leadfile.AccountValue(field, said)
		if err != nil {
			f.wrong[accountPrefix+field] = err.Error()
			continue
		}
		f.rule(&w, accountPrefix, field, a.Value(field), value, a.FieldSet, store.Proposal{AccountID: a.ID})
	}
	f.bound(&w, accountPrefix, len(a.Custom), func(name string) bool { return a.Custom[name] != nil })
	f.account = append(f.account, w)
}

// rule decides on a value.
func (f *fieldChange) rule(w *store.FieldsWritten, prefix, field, held, value string, behind store.FieldSet, about store.Proposal) {
	ruling := provenance.Rule(provenance.Held{Value: held, Stamp: f.stamps[behind.Behind(field)]}, value, f.stamp, contactFields[field])
	switch ruling {
	case provenance.Write:
		w.Values[field] = value
	case provenance.Renew:
		w.Renews = append(w.Renews, field)
	case provenance.Propose:
		about.Field, about.Value = field, value
		f.asked = append(f.asked, about)
	case provenance.Keep:
	}
	if value != "" && (f.result.Fields[prefix+field] == "" || weight(ruling) > weight(f.result.Fields[prefix+field])) {
		f.result.Fields[prefix+field] = ruling
	}
}

// weight orders what became of a field of several leads: the most that became of it is told.
func weight(r provenance.Ruling) int {
	return slices.Index([]provenance.Ruling{provenance.Keep, provenance.Renew, provenance.Propose, provenance.Write}, r)
}

// rezone works the time zones of a lead out anew when its number or place changes, unless they were said by themselves: nobody is to be called by the
// clock of where it was.
func (f *fieldChange) rezone(w *store.FieldsWritten, l *store.HeldLead) {
	now := l.Lead
	moved := false
	for _, field := range []string{"phone", "country", "region"} {
		if value, ok := w.Values[field]; ok {
			now.SetPerson(field, value)
			moved = true
		}
	}
	if _, said := w.Values["zone"]; said || !moved {
		return
	}
	was := strings.Join(leadfile.ZonesOf(l.Phone, l.Lead.Country, l.Region), " ")
	zones := strings.Join(leadfile.ZonesOf(now.Phone, now.Country, now.Region), " ")
	if zones != "" && l.PersonValue("zone") == was && zones != was {
		w.Values["zone"] = zones
	}
}

// bound refuses more fields of their own than a lead or an account may have.
func (f *fieldChange) bound(w *store.FieldsWritten, prefix string, held int, has func(string) bool) {
	for field := range w.Values {
		if name, own := strings.CutPrefix(field, store.CustomField); own && !has(name) {
			if held++; held > customLimit {
				f.wrong[prefix+field] = fmt.Sprintf("there would be more than %d fields of your own", customLimit)
				return
			}
		}
	}
}

// save stores what was decided. Without anything to store there is no statement.
func (f *fieldChange) save(ctx context.Context) error {
	silent := func(w store.FieldsWritten) bool { return len(w.Values)+len(w.Renews) == 0 }
	f.leads, f.account = slices.DeleteFunc(f.leads, silent), slices.DeleteFunc(f.account, silent)
	if len(f.leads)+len(f.account)+len(f.asked) == 0 {
		return nil
	}
	stamp, err := store.AddStamp(ctx, f.tx, f.stamp)
	if err != nil {
		return err
	}
	for i := range f.leads {
		f.leads[i].Stamp = stamp.ID
	}
	for i := range f.account {
		f.account[i].Stamp = stamp.ID
	}
	for i := range f.asked {
		f.asked[i].StampID = stamp.ID
	}
	if err := store.WriteAccountFields(ctx, f.tx, f.account, f.now); err != nil {
		return err
	}
	if err := store.WriteLeadFields(ctx, f.tx, f.leads, f.now); err != nil {
		return err
	}
	if err := store.EndWindows(ctx, f.tx, moved(f.leads), f.now); err != nil {
		return err
	}
	if f.Kind == provenance.Person {
		return f.settle(ctx)
	}
	return store.InsertProposals(ctx, f.tx, f.asked, f.now)
}

// whereabouts are the fields that say where touches go, and at which hours they may.
var whereabouts = []string{"email", "phone", "country", "region", "zone"}

// moved are the leads of which something of that is written.
func moved(writes []store.FieldsWritten) []int64 {
	var ids []int64
	for _, w := range writes {
		if slices.ContainsFunc(whereabouts, func(field string) bool { return w.Values[field] != "" }) {
			ids = append(ids, w.ID)
		}
	}
	return ids
}

// settle closes what a person was asked about the fields on which one has spoken now.
func (f *fieldChange) settle(ctx context.Context) error {
	for _, w := range f.leads {
		if err := store.SettleProposals(ctx, f.tx, w.ID, 0, f.spoken(w, f.Person), f.Source, f.now); err != nil {
			return err
		}
	}
	for _, w := range f.account {
		if err := store.SettleProposals(ctx, f.tx, 0, w.ID, f.spoken(w, f.Account), f.Source, f.now); err != nil {
			return err
		}
	}
	return nil
}

// spoken are the values of the fields that were written or confirmed; what was confirmed is no open proposal's value.
func (f *fieldChange) spoken(w store.FieldsWritten, said map[string]string) map[string]string {
	spoken := make(map[string]string, len(w.Values)+len(w.Renews))
	for field, value := range w.Values {
		spoken[field] = value
	}
	for _, field := range w.Renews {
		spoken[field] = said[field]
	}
	return spoken
}

// DecideProposal takes or declines what a statement says against a value on record. Taken, it counts as the person's word. It is false when another has
// decided before; store.ErrNotFound when there is no such proposal.
func (e *Engine) DecideProposal(ctx context.Context, id int64, accept bool, who string) (bool, error) {
	p, err := store.FindProposal(ctx, e.pool, id)
	if err != nil || p.DecidedAt != nil {
		return false, err
	}
	if !accept {
		n, err := store.DecideProposals(ctx, e.pool, []int64{id}, false, who, e.now())
		return n > 0, err
	}
	c := FieldChange{Kind: provenance.Person, Source: who}
	if p.LeadID != 0 {
		lead, err := store.LeadByID(ctx, e.pool, p.LeadID)
		if err != nil {
			return false, err
		}
		c.Lead, c.Person = lead.Key, map[string]string{p.Field: p.Value}
	} else {
		accounts, err := store.Accounts(ctx, e.pool, []int64{p.AccountID})
		if err != nil || len(accounts) == 0 {
			return false, cmp.Or(err, error(store.ErrNotFound))
		}
		c.Domain, c.Account = accounts[0].Key, map[string]string{p.Field: p.Value}
	}
	_, err = e.ChangeFields(ctx, c)
	return err == nil, err
}
