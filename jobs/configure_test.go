package jobs

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/store"
)

// TestNothingStartsUnsigned is A1: the error says what is missing, and no cadence starts.
func TestNothingStartsUnsigned(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cfg := starterWith(t, nil)
	r.at(tenOClock)
	refused := func(want string) {
		t.Helper()
		_, err := r.Apply(r.ctx, cfg, "test")
		if !errors.Is(err, ErrNotReady) || !strings.Contains(err.Error(), want) {
			t.Errorf("apply: %v, want it to ask for %s", err, want)
		}
		if n := r.tick(); n != 0 || r.count(`SELECT count(*) FROM enrollments`) != 0 {
			t.Errorf("%d rows moved without a signed definition", n)
		}
	}
	r.importPeople(3)
	refused("marketing and sales")
	missing, err := r.Sign(r.ctx, cfg.DefinitionHash, "sales", "Sal")
	must(t, err)
	if !slices.Equal(missing, []string{"marketing"}) {
		t.Errorf("missing %v", missing)
	}
	refused("marketing")
	if err := r.Enroll(r.ctx, []int64{1}, "first-seven"); !errors.Is(err, ErrNotReady) {
		t.Errorf("enrolled by hand: %v", err)
	}
	if _, err := r.Sign(r.ctx, cfg.DefinitionHash, "boss", "Bo"); err == nil || !strings.Contains(err.Error(), "marketing") {
		t.Errorf("a boss signed: %v", err)
	}
	if _, err := r.Sign(r.ctx, cfg.DefinitionHash, "marketing", ""); err == nil {
		t.Error("nobody signed")
	}
	_, err = r.Sign(r.ctx, cfg.DefinitionHash, "marketing", "Mar")
	must(t, err)
	_, err = r.Apply(r.ctx, cfg, "test")
	must(t, err)
	if r.tick(); r.count(`SELECT count(*) FROM enrollments`) != 3 {
		t.Error("nothing started once both had signed")
	}
	r.noLeaks() // leads that came before the configuration have got an owner
	if n := r.count(`SELECT count(*) FROM leads WHERE mailbox = '' OR owner = ''`); n != 0 {
		t.Errorf("%d leads have no mailbox or owner", n)
	}
}

// TestEditVoidsSignatures is A2.
func TestEditVoidsSignatures(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	edited := starterWith(t, map[string]string{"uld.yaml": starterFile(t, "uld.yaml", "at_least: 6", "at_least: 4")})
	if _, err := r.Apply(r.ctx, edited, "test"); !errors.Is(err, ErrNotReady) || !strings.Contains(err.Error(), "marketing and sales") {
		t.Errorf("apply of an edited definition: %v", err)
	}
	live, err := r.Live(r.ctx)
	must(t, err)
	if live.DefinitionHash != r.cfg.DefinitionHash {
		t.Error("the edited definition is live")
	}
	signed, err := store.Signatures(r.ctx, r.pool, r.cfg.DefinitionHash)
	must(t, err)
	if len(signed) != 2 || signed[0].Name != "Test marketing" || !signed[0].SignedAt.Equal(monday) {
		t.Errorf("signatures %+v: who and when must be kept", signed)
	}
}

// TestVersionsChangeWithTheirFiles, and enrolments finish on the version that they began with, with the settings of today.
func TestVersionsChangeWithTheirFiles(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + laterMail)
	r := newLiveRig(t, files)
	first := r.planned(1)
	r.sendNow(cadence.ChannelEmail, first...)

	if again := r.goLive(starterWith(t, files)); again.Changed || again.Version != 1 {
		t.Errorf("applied twice: %+v", again)
	}
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "Mara Lindqvist", "Mara Renamed", "Jonas Weber", "Jonas Renamed")
	if settings := r.goLive(starterWith(t, files)); !settings.Changed || len(settings.Cadences) != 0 {
		t.Errorf("other settings: %+v, want no cadence to change", settings)
	}
	files["templates/email/case-study.md"] = "---\nsubject: Rewritten\npreheader: Rewritten\n---\nRewritten.\n"
	if template := r.goLive(starterWith(t, files)); !slices.Equal(template.Cadences, []string{"first-seven"}) {
		t.Errorf("another template: %+v, want first-seven to change", template)
	}
	delete(files, "templates/email/case-study.md")
	files["cadences/first-seven.yaml"] = strings.Replace(files["cadences/first-seven.yaml"], "a test", "another test", 1)
	if cadence := r.goLive(starterWith(t, files)); !slices.Equal(cadence.Cadences, []string{"first-seven"}) {
		t.Errorf("another cadence: %+v", cadence)
	}
	if n := r.count(`SELECT max(number) FROM cadence_versions WHERE cadence_key = 'first-seven' AND live`); n != 3 {
		t.Errorf("first-seven is at version %d, want 3", n)
	}

	r.importLeads(person(2))
	r.at(monday.Add(4 * 24 * time.Hour).Add(3 * time.Hour))
	r.tick()
	r.sendNow(cadence.ChannelEmail, r.touchIDs("planned")...)
	for _, m := range r.mail.messages()[1:] {
		if m.Subject == "Rewritten" || !strings.HasSuffix(m.From.Name, "Renamed") {
			t.Errorf("%s got %q from %s, want the old text by today's people", m.To.Address, m.Subject, m.From.Name)
		}
	}
	pinned := r.count(`SELECT count(DISTINCT v.number) FROM enrollments e JOIN cadence_versions v ON v.id = e.cadence_version_id`)
	if pinned != 2 || len(r.mail.messages()) != 3 {
		t.Errorf("%d versions in use after %d mails, want the old lead on the old one and the new on the new", pinned, len(r.mail.messages()))
	}
}

// TestFormerPeopleHandOver: the leads, due touches and tasks of a mailbox and an SDR who left go to those who stay.
func TestFormerPeopleHandOver(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+callStep))
	r.importPeople(12)
	r.at(tenOClock)
	r.tick()
	r.sendNow(cadence.ChannelEmail, r.touchIDs("planned")...)
	r.at(tenOClock.Add(time.Minute))
	r.tick()
	r.sendNow(cadence.ChannelCall, r.touchIDs("planned")...)
	r.importLeads(person(13), person(14), person(15), person(16))
	if n := r.count(`SELECT count(DISTINCT owner) FROM tasks WHERE state = 'open'`); n != 2 {
		t.Fatalf("%d SDRs have tasks, want 2", n)
	}
	files := firstSeven(mailStep + callStep)
	text := starterFile(t, "nurture.yaml")
	text = strings.Replace(text, "  - name: Jonas Weber\n    title: Course advisor\n    email: jonas@example.com\n    phone: \"+493012345602\"\n    daily_cap: 120\n", "", 1)
	text = strings.Replace(text, "    - name: Jonas Weber\n      email: jonas@example.com\n      daily_calls: 50\n", "", 1)
	if strings.Contains(text, "jonas") {
		t.Fatal("the starter's shape has changed")
	}
	files["nurture.yaml"] = text
	r.goLive(starterWith(t, files))
	for _, sql := range []string{
		`SELECT count(*) FROM leads WHERE mailbox <> 'mara@example.com' OR owner <> 'mara@example.com'`,
		`SELECT count(*) FROM tasks WHERE state = 'open' AND owner <> 'mara@example.com'`,
		`SELECT count(*) FROM enrollments WHERE sender = 'jonas@example.com'`,
	} {
		if n := r.count(sql); n != 0 {
			t.Errorf("%d of %s", n, sql)
		}
	}
}

// TestRetiredCadence: who would move to a cadence that is gone goes to intake instead, at the date that was promised.
func TestRetiredCadence(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + laterMail)
	r := newLiveRig(t, files)
	id := r.planned(1)[0]
	r.sendNow(cadence.ChannelEmail, id)
	files["cadences/long-game.yaml"] = ""
	files["cadences/event-follow-up.yaml"] = ""
	files["cadences/first-seven.yaml"] = strings.Replace(files["cadences/first-seven.yaml"], "then: { move_to: long-game }", "then: { close: true }", 1)
	r.goLive(starterWith(t, files))
	date := r.clock.Now().Add(40 * 24 * time.Hour)
	r.respond(r.leadOf(id), cadence.NotNow, func(in *ResponseInput) { in.Date = &date })
	r.noLeaks()
	if n := r.count(`SELECT count(*) FROM leads WHERE intake_at >= $1 AND intake_at < $2`, date.Add(-time.Hour), date.Add(48*time.Hour)); n != 1 {
		t.Error("the lead does not wait for its date")
	}
	r.tick()
	if n := r.count(`SELECT count(*) FROM enrollments WHERE state <> 'finished'`); n != 0 {
		t.Error("the lead was enrolled before its date")
	}
	r.at(date.Add(4 * 24 * time.Hour))
	r.tick()
	if n := r.count(`SELECT count(*) FROM enrollments WHERE state <> 'finished' AND cycle = 2`); n != 1 {
		t.Error("the lead was not taken in again")
	}
}
