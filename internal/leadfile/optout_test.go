package leadfile

import (
	"slices"
	"strings"
	"testing"
)

func TestOptOutsAreReadInTheirOwnWords(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"unsubscribed": true, "Opted out": true, "Opt-Out": true, "withdrawn": true, "Do Not Allow": true, "yes": true, "1": true, "2026-03-01": true, "#N/A": true, "perhaps": true,
		"": false, "no": false, "0": false, "Subscribed": false, "Opted in": false, "Allow": false, "never": false,
	} {
		lead, _ := one(t, "Email,Email Opt Out\na@x.example,"+value+"\n", Options{})
		if lead.OptedOut.Email != want {
			t.Errorf("%q: opted out %v, want %v", value, lead.OptedOut.Email, want)
		}
	}
	own := Options{Mapping: mapping(t, "words: { no: [unsubscribed] }")}
	if lead, _ := one(t, "Email,Email Opt Out\na@x.example,unsubscribed\n", own); lead.OptedOut.Email {
		t.Error("a word of one's own does not count")
	}
	if lead, _ := one(t, "Email,Consent Email\na@x.example,unsubscribed\n", Options{}); lead.Consent.Email.State != PermissionRefused {
		t.Errorf("consent %+v", lead.Consent.Email)
	}
}

func TestEveryColumnOfOptOutsCounts(t *testing.T) {
	t.Parallel()
	const file = "Email,Unsubscribed from all email,Opted out of email: Marketing Information,Opted out of email: One to One,Do Not Contact,Do Not Call,Unsubscribe Reason\n" +
		"a@x.example,,,,,,\n" +
		"b@x.example,true,,,,,\n" +
		"c@x.example,,true,,,,\n" +
		"d@x.example,false,,true,,,\n" +
		"e@x.example,,,,1,,\n" +
		"f@x.example,,,,,1,\n" +
		"g@x.example,,false\n"
	c, sum := read(t, file, Options{})
	var email, call string
	for _, row := range c.rows {
		if row.Lead.OptedOut.Email {
			email += row.Lead.Email[:1]
		}
		if row.Lead.OptedOut.Call {
			call += row.Lead.Email[:1]
		}
	}
	if email != "bcde" || call != "ef" || len(c.rejections) != 1 || c.rejections[0].Line != 8 {
		t.Errorf("email %q, call %q, rejected %s", email, call, c.reasons())
	}
	if !slices.Equal(sum.Unmatched, []string{"Unsubscribe Reason"}) ||
		c.warnings() != "0 Unsubscribe Reason: the column seems to hold opt-outs, and nothing is read from it\n" {
		t.Errorf("unmatched %q, notes %s", sum.Unmatched, c.warnings())
	}
	// A mapping says itself what is read; the rest is named.
	c, _ = read(t, file, Options{Mapping: mapping(t, "columns: { email: Email, opted_out.email: Do Not Contact }")})
	if c.rows[1].Lead.OptedOut.Email || !strings.Contains(c.warnings(), "0 Unsubscribed from all email: the column seems to hold opt-outs") {
		t.Errorf("%+v\n%s", c.rows[1].Lead.OptedOut, c.warnings())
	}
}
