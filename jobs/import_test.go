package jobs

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/internal/leadfile"
	"nurture/internal/provenance"
	"nurture/store"
)

// TestImportedOptOutsHold for new leads and for leads in the middle of a cadence.
func TestImportedOptOutsHold(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+callStep))
	ids := r.planned(4)
	leads := make([]int64, 4)
	rows := make([]leadfile.Lead, 4)
	for i := range rows {
		leads[i], rows[i] = r.leadOf(ids[i]), person(i+1)
	}
	rows[0].OptedOut = leadfile.OptedOut{Email: true, Call: true}
	rows[1].OptedOut.Email = true
	rows[2].OptedOut.Call = true
	fresh, silent, mailOnly := person(5), person(6), person(7)
	fresh.OptedOut = leadfile.OptedOut{Email: true, Call: true}
	silent.OptedOut.Email = true
	mailOnly.OptedOut.Email, mailOnly.Phone = true, ""
	leads = append(leads, r.importLeads(append(rows, fresh, silent, mailOnly)[4:]...)...)
	r.importLeads(rows...)
	r.tick()
	for i, want := range []struct {
		end          string
		email, phone bool
		running      bool
	}{
		{"opted_out", true, true, false},
		{"", true, false, true},
		{"", false, true, true},
		{"", false, false, true},
		{"opted_out", true, true, false},
		{"", true, false, true},
		{"opted_out", true, false, false},
	} {
		l := r.lead(leads[i])
		if l.EndReason != want.end || l.EmailSuppressed != want.email || l.PhoneSuppressed != want.phone || (r.running(leads[i]).ID != 0) != want.running {
			t.Errorf("lead %d: end %q, email barred %v, phone barred %v, running %v; want %+v",
				i+1, l.EndReason, l.EmailSuppressed, l.PhoneSuppressed, r.running(leads[i]).ID != 0, want)
		}
	}
	for _, id := range r.touchIDs("planned") {
		var channel cadence.Channel
		r.scan(`SELECT channel FROM touches WHERE id = $1`, []any{id}, &channel)
		r.sendNow(channel, id)
	}
	for _, m := range r.mail.messages() {
		if !strings.HasPrefix(m.To.Address, "p003") && !strings.HasPrefix(m.To.Address, "p004") {
			t.Errorf("%s was written to", m.To.Address)
		}
	}
	r.noLeaks()
}

// TestImportTwice changes nothing the second time (J3), and a lead is known by its key whatever else changed.
func TestImportTwice(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	row := person(1)
	row.Facts = map[string]string{"driver": "retirements"}
	row.Fields = map[string]string{"size": "L"}
	row.Owner = "somebody@else.example" // who is no SDR of ours
	bare := leadfile.Lead{Key: "bare"}
	r.importLeads(row, bare)
	before := r.dump()
	done, err := r.Import(r.ctx, []leadfile.Row{{Line: 2, Lead: row}, {Line: 3, Lead: bare}})
	must(t, err)
	if done.New != 0 || done.Updated != 2 || r.dump() != before {
		t.Errorf("%+v; state\n%s\nwas\n%s", done, r.dump(), before)
	}
	lead, err := store.FindLead(r.ctx, r.pool, row.Key)
	must(t, err)
	if lead.Owner != "mara@example.com" && lead.Owner != "jonas@example.com" {
		t.Errorf("owner %q: nobody plans for that one", lead.Owner)
	}
	facts, err := store.Facts(r.ctx, r.pool, []int64{lead.ID})
	must(t, err)
	if f := facts[lead.ID]; len(f) != 1 || f[0].Class != 1 || !strings.Contains(f[0].By, "line 2") {
		t.Errorf("facts %+v, want one that is inferred", f)
	}
	lost, err := store.FindLead(r.ctx, r.pool, "bare")
	must(t, err)
	if lost.EndReason != "unreachable" {
		t.Errorf("a lead without an address is %+v", lost)
	}
	r.tick()
	r.noLeaks()
}

// TestInferredFactsAreNotRead: what a file implies orders work and never shows in a mail or promotes.
func TestInferredFactsNeverPromote(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	row := person(1)
	row.Facts = map[string]string{}
	for k, v := range criteria {
		row.Facts[k] = v
	}
	lead := r.importLeads(row)[0]
	r.at(tenOClock)
	r.tick()
	r.respond(lead, cadence.Click)
	r.evaluateAll()
	if n := r.count(`SELECT count(*) FROM handoffs`) + r.count(`SELECT count(*) FROM verdicts WHERE outcome = 'promote'`); n != 0 {
		t.Error("an import promoted a lead")
	}
}

// TestImportKeepsOddTexts: what a file holds comes back as it was, whatever means something to the database.
func TestImportKeepsOddTexts(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	odd := `a"b\\c{d},'e' NULL`
	first, second := person(1), person(2)
	first.FirstName, first.City, first.Zones = odd, odd, []string{odd, "Europe/Berlin", ""}
	first.Fields = map[string]string{odd: odd}
	first.Account = leadfile.Account{Name: odd}
	second.Account, second.Zones = leadfile.Account{Name: odd, Employees: 12}, nil
	ids := r.importLeads(first, second)
	one, two := r.lead(ids[0]), r.lead(ids[1])
	if one.FirstName != odd || one.City != odd || !slices.Equal(one.Zones, first.Zones) || one.Custom[odd] != odd || one.Account.Name != odd {
		t.Errorf("stored is %+v", one)
	}
	if len(two.Zones) != 0 || len(two.Custom) != 0 || two.AccountID == nil || *two.AccountID != *one.AccountID {
		t.Errorf("stored is %+v, colleague of %+v", two, one)
	}
}

// TestConsentsOfAnotherImport: a consent to recorded messages was given for a number, and another number has none; who takes a consent back has none from then on,
// and an older list does not take back what was given since.
func TestConsentsOfAnotherImport(t *testing.T) {
	t.Parallel()
	const other = "+493099999999"
	var none leadfile.Permission
	refused, granted := leadfile.Permission{State: leadfile.PermissionRefused}, leadfile.Permission{State: leadfile.PermissionGranted}
	for _, c := range []struct {
		name, phone string
		voicemail   leadfile.Permission
		email       leadfile.Permission
		days        int    // by which the list is newer than the first
		corrected   string // the number that a person gave in between
		wantVoice   bool
		wantEmail   bool
	}{
		{name: "the same again", phone: person(1).Phone, days: 3, wantVoice: true, wantEmail: true},
		{name: "no number", days: 3, wantVoice: true, wantEmail: true},
		{name: "another number", phone: other, days: 3, wantEmail: true},
		{name: "another number with its consent", phone: other, voicemail: granted, days: 3, wantVoice: true, wantEmail: true},
		{name: "taken back", phone: person(1).Phone, voicemail: refused, email: refused, days: 3},
		{name: "refused before", phone: person(1).Phone, voicemail: refused, email: refused, days: -3, wantVoice: true, wantEmail: true},
		{name: "for a number that does not count", phone: person(1).Phone, voicemail: granted, days: 3, corrected: other, wantEmail: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newLiveRig(t, firstSeven(mailStep+laterMail))
			first := r.clock.Now()
			lead := r.importPeople(1)[0]
			r.pass(5 * 24 * time.Hour)
			if c.corrected != "" {
				_, err := r.ChangeFields(r.ctx, FieldChange{Lead: person(1).Key, Kind: provenance.Person, Source: "mara@example.com", Person: map[string]string{"phone": c.corrected}})
				must(t, err)
			}
			by, err := r.BeginImport(r.ctx, "list.csv", first.AddDate(0, 0, c.days))
			must(t, err)
			p := person(1)
			p.Phone, p.Consent = c.phone, leadfile.Consent{Email: c.email, Voicemail: c.voicemail, Call: none}
			_, err = r.ImportBy(r.ctx, by, []leadfile.Row{{Line: 2, Lead: p}})
			must(t, err)
			got := r.lead(lead)
			if (got.ConsentVoicemail != nil) != c.wantVoice || (got.ConsentEmail != nil) != c.wantEmail || got.ConsentCall == nil {
				t.Errorf("voicemail %v, email %v, call %v", got.ConsentVoicemail, got.ConsentEmail, got.ConsentCall)
			}
		})
	}
}
