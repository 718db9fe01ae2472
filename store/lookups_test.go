package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"nurture/store"
)

// addressed are leads whose addresses are hard to take apart.
var addressed = []string{
	"ann@buyer.example", "bob@buyer.example", "cy@sub.buyer.example", "dan@buyer.example.com", "eve@33.example", "fay@1e5.example", "gil@xn--mnchen-3ya.example", "hal@a_b-c.example", "",
}

func (b *base) addressed() {
	b.t.Helper()
	for i, email := range addressed {
		_, err := b.pool.Exec(b.ctx, `INSERT INTO leads (key, email, created_at, updated_at) VALUES ($1, $2, $3, $3)`, fmt.Sprintf("key-%d", i), email, noon)
		must(b.t, err)
	}
}

// Leads at a domain are found whether it is looked up or every lead is read.
func TestLeadsAtDomains(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.addressed()
	var many []string
	for i := range 300 {
		many = append(many, fmt.Sprintf("@nobody-%d.example", i))
	}
	for domain, want := range map[string][]string{
		"@buyer.example": {"ann@buyer.example", "bob@buyer.example"}, "@sub.buyer.example": {"cy@sub.buyer.example"}, "@example": nil, "@buyer": nil,
		"@33.example": {"eve@33.example"}, "@1e5.example": {"fay@1e5.example"}, "@xn--mnchen-3ya.example": {"gil@xn--mnchen-3ya.example"}, "@a_b-c.example": {"hal@a_b-c.example"},
	} {
		for _, asked := range [][]string{{domain}, {domain, domain, ""}, append([]string{domain}, many...)} {
			found, err := store.LeadsAt(b.ctx, b.pool, asked)
			must(t, err)
			var emails []string
			for _, l := range found {
				if l.Address != domain {
					t.Errorf("%s is said to be at %s", l.Email, l.Address)
				}
				emails = append(emails, l.Email)
			}
			if !slices.Equal(emails, want) {
				t.Errorf("%s beside %d others: %v, want %v", domain, len(asked)-1, emails, want)
			}
		}
	}
}

func TestFindLead(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.addressed()
	_, err := b.pool.Exec(b.ctx, `INSERT INTO leads (key, email, created_at, updated_at) VALUES ('1', 'named-as-an-id@buyer.example', $1, $1)`, noon)
	must(t, err)
	for ref, want := range map[string]string{
		"key-2": "cy@sub.buyer.example", "ANN@buyer.example": "ann@buyer.example", "2": "bob@buyer.example", "1": "named-as-an-id@buyer.example",
		"": "", "02": "", "nobody": "", "99999999999999999999": "",
	} {
		lead, err := store.FindLead(b.ctx, b.pool, ref)
		if want == "" && !errors.Is(err, store.ErrNotFound) || want != "" && (err != nil || lead.Email != want) {
			t.Errorf("%q finds %q, %v", ref, lead.Email, err)
		}
	}
}
