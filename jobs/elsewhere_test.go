package jobs

import (
	"testing"
	"time"

	"nurture/cadence"
	"nurture/channels"
	"nurture/internal/leadfile"
	"nurture/internal/provenance"
)

// TestWhatIsPlannedFollowsTheLead: a touch is on its way, or waits for its next try, when its lead turns out to be elsewhere: it leaves for where the lead is, at an
// hour that is allowed there.
func TestWhatIsPlannedFollowsTheLead(t *testing.T) {
	t.Parallel()
	const newMail, newPhone = "pat@elsewhere.example", "+493099999999"
	set := func(kind provenance.Kind, field, value string) func(r *rig) {
		return func(r *rig) {
			_, err := r.ChangeFields(r.ctx, FieldChange{Lead: person(1).Key, Kind: kind, Source: "mara@example.com", Person: map[string]string{field: value}})
			must(r.t, err)
		}
	}
	imported := func(change func(*leadfile.Lead)) func(r *rig) {
		return func(r *rig) {
			p := person(1)
			change(&p)
			r.importLeads(p)
		}
	}
	for _, c := range []struct {
		name    string
		step    string
		channel cadence.Channel
		move    func(r *rig)
		to      string    // where it leaves for
		at      time.Time // when
	}{
		{"a corrected address", mailStep, cadence.ChannelEmail, set(provenance.Person, "email", newMail), newMail, tenOClock.Add(time.Hour)},
		{"an imported address", mailStep, cadence.ChannelEmail, imported(func(l *leadfile.Lead) { l.Email = newMail }), newMail, tenOClock.Add(time.Hour)},
		{"an imported number", voiceStep, cadence.ChannelVoicemail, imported(func(l *leadfile.Lead) { l.Phone = newPhone }), newPhone, tenOClock.Add(time.Hour)},
		{"a zone", voiceStep, cadence.ChannelVoicemail, set(provenance.Enrichment, "zone", "America/Los_Angeles"), person(1).Phone, monday.Add(11 * time.Hour)},
		{"an imported zone", voiceStep, cadence.ChannelVoicemail, imported(func(l *leadfile.Lead) { l.Zones = []string{"America/Los_Angeles"} }), person(1).Phone, monday.Add(11 * time.Hour)},
		{"a country whose law is another", callStep, cadence.ChannelCall, imported(func(l *leadfile.Lead) { l.Country, l.Region, l.Zones = "US", "KY", []string{"America/New_York"} }), person(1).Phone, monday.Add(9 * time.Hour)},
	} {
		for _, tried := range []bool{false, true} {
			name := c.name
			if tried {
				name += ", after a try"
			}
			if tried && c.name != "a corrected address" && c.name != "an imported zone" {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				r := newLiveRig(t, firstSeven(c.step+laterMail))
				id := r.planned(1)[0]
				if tried {
					for _, by := range []*fakeChannel{r.mail, r.voice} {
						by.set(outcome(channels.Temporary))
					}
					r.sendNow(c.channel, id)
					for _, by := range []*fakeChannel{r.mail, r.voice} {
						by.set(nil)
					}
				}
				before := len(r.mail.messages()) + len(r.voice.messages())
				c.move(r)
				for end := c.at.Add(2 * time.Hour); r.clock.Now().Before(end) && r.touch(id).State != "sent"; r.pass(10 * time.Minute) {
					r.tick()
					r.sendNow(c.channel, r.plannedOf(c.channel)...)
					r.tick()
					r.sendNow(c.channel, r.plannedOf(c.channel)...)
				}
				var to string
				var at time.Time
				r.scan(`SELECT address, claimed_at FROM touches WHERE id = $1 AND state = 'sent'`, []any{id}, &to, &at)
				if to != c.to || at.Before(c.at.Add(-time.Hour)) || at.After(c.at.Add(time.Hour)) {
					t.Errorf("it left for %s at %s, want %s about %s", to, at, c.to, c.at)
				}
				if n := len(r.mail.messages()) + len(r.voice.messages()) - before; n > 1 {
					t.Errorf("%d left", n)
				}
			})
		}
	}
}

// TestNothingIsLeftAtAWrongNumber: a voicemail is on its way as an SDR learns, by another call, that the number is somebody else's.
func TestNothingIsLeftAtAWrongNumber(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(voiceStep+laterMail))
	id := r.planned(1)[0]
	r.respond(r.leadOf(id), cadence.WrongNumber)
	for range 3 {
		r.tick()
		r.sendNow(cadence.ChannelVoicemail, r.plannedOf(cadence.ChannelVoicemail)...)
		r.pass(time.Minute)
	}
	if n := len(r.voice.messages()); n != 0 {
		t.Errorf("%d messages were left at it", n)
	}
	if got := r.touch(id); got.State != "skipped" || got.Reason != "no_address" || got.Step != 1 {
		t.Errorf("%+v, want it left out", got)
	}
}
