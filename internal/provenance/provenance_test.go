package provenance

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var may = time.Date(2026, time.May, 4, 0, 0, 0, 0, time.UTC)

func of(kind Kind, days int) Stamp { return Stamp{Kind: kind, AsOf: may.AddDate(0, 0, days)} }

func TestRule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		held    Held
		value   string
		by      Stamp
		contact bool
		want    Ruling
	}{
		{"an empty value erases nothing", Held{"CTO", of(Import, 0)}, "", of(Person, 1), false, Keep},
		{"nothing on record", Held{}, "CTO", of(Enrichment, -900), true, Write},
		{"a later date wins", Held{"CTO", of(Import, 0)}, "CEO", of(Enrichment, 1), false, Write},
		{"an earlier date loses", Held{"CTO", of(Import, 0)}, "CEO", of(API, -1), false, Keep},
		{"of one date the last wins", Held{"CTO", of(API, 0)}, "CEO", of(Import, 0), false, Write},
		{"what nobody dated gives way", Held{"CTO", Stamp{Kind: Unknown}}, "CEO", of(Import, -9000), false, Write},
		{"the same again, later", Held{"CTO", of(Import, 0)}, "CTO", of(Enrichment, 1), false, Renew},
		{"the same again, at once", Held{"CTO", of(Import, 0)}, "CTO", of(Import, 0), false, Keep},
		{"the same again, earlier", Held{"CTO", of(Import, 0)}, "CTO", of(API, -1), false, Keep},
		{"a person is not overwritten", Held{"CTO", of(Person, 0)}, "CEO", of(Enrichment, 1), false, Propose},
		{"nor by a file", Held{"CTO", of(Person, 0)}, "CEO", of(Import, 1), false, Propose},
		{"nor bothered with what is older", Held{"CTO", of(Person, 0)}, "CEO", of(Enrichment, -1), false, Keep},
		{"what a person wrote stays the person's", Held{"CTO", of(Person, 0)}, "CTO", of(Enrichment, 1), false, Keep},
		{"a person corrects a person", Held{"CTO", of(Person, 0)}, "CEO", of(Person, 1), false, Write},
		{"a person is believed over what is dated ahead", Held{"CTO", of(API, 1)}, "CEO", of(Person, 0), false, Write},
		{"a person confirms", Held{"CTO", of(API, 1)}, "CTO", of(Person, 0), false, Renew},
		{"a person corrects a vendor", Held{"CTO", of(Enrichment, 0)}, "CEO", of(Person, 1), true, Write},
		{"a vendor changes no address", Held{"a@b.example", of(Import, 0)}, "c@b.example", of(Enrichment, 1), true, Propose},
		{"a program may", Held{"a@b.example", of(Import, 0)}, "c@b.example", of(API, 1), true, Write},
		{"a file may", Held{"a@b.example", of(Enrichment, 0)}, "c@b.example", of(Import, 1), true, Write},
	} {
		if got := Rule(c.held, c.value, c.by, c.contact); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestRuleHolds what is promised for any statements: said twice changes nothing more, a value is never erased, and no machine changes a person's word.
func TestRuleHolds(t *testing.T) {
	t.Parallel()
	kinds := []Kind{Unknown, Import, API, Enrichment, Referral, Person}
	rapid.Check(t, func(t *rapid.T) {
		stamp := func(name string) Stamp {
			return of(rapid.SampledFrom(kinds).Draw(t, name), rapid.IntRange(-2, 2).Draw(t, name+" days"))
		}
		held := Held{rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "held"), stamp("held by")}
		value, by, contact := rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "value"), stamp("by"), rapid.Bool().Draw(t, "contact")
		next := held
		switch Rule(held, value, by, contact) {
		case Write:
			next = Held{value, by}
		case Renew:
			next.Stamp = by
		case Keep, Propose:
		}
		if held.Value != "" && next.Value == "" {
			t.Fatalf("%+v was erased", held)
		}
		if held.Value != "" && held.Stamp.Kind == Person && by.Kind != Person && next != held {
			t.Fatalf("%+v became %+v", held, next)
		}
		if held.Value != "" && next.Stamp.AsOf.Before(held.Stamp.AsOf) && by.Kind != Person {
			t.Fatalf("%+v became %+v, which is older", held, next)
		}
		if again := Rule(next, value, by, contact); again != Keep && !(again == Propose && next == held) && !(again == Write && value == next.Value) {
			t.Fatalf("again: %s", again)
		}
	})
}

func TestStale(t *testing.T) {
	t.Parallel()
	if of(Import, 0).Stale(may.Add(StaleAfter)) || !of(Import, 0).Stale(may.Add(StaleAfter+1)) || (Stamp{}).Stale(may) {
		t.Error("staleness")
	}
}
