package jobs

import (
	"errors"
	"testing"

	"nurture/cadence"
	"nurture/store"
)

func (r *rig) suppress(address string, scope cadence.SuppressScope) Suppressed {
	r.t.Helper()
	done, err := r.Suppress(r.ctx, []store.Suppression{{Address: address, Scope: scope, Reason: "list"}})
	must(r.t, err)
	return done
}

// TestSuppressClosesTasks: a number that comes on a list has its call task closed, filed by a step or not, and the cadence goes on with
// what it may still do; the budget is not spent on the call.
func TestSuppressClosesTasks(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(callStep+laterMail))
	id := r.planned(1)[0]
	r.sendNow(cadence.ChannelCall, id)
	lead := r.leadOf(id)
	r.exec(`INSERT INTO tasks (lead_id, kind, state, owner, title, why, opened_at, due_at)
		VALUES ($1, 'verify', 'open', 'mara@example.com', 'Call', 'x', $2, $2), ($1, 'triage', 'open', 'mara@example.com', 'Read', 'x', $2, $2)`, lead, r.clock.Now())
	phone := person(1).Phone
	if done := r.suppress(phone, cadence.SuppressPhone); done != (Suppressed{New: 1, Leads: 1}) {
		t.Errorf("%+v", done)
	}
	if n := r.count(`SELECT count(*) FROM tasks WHERE state = 'open'`); n != 1 {
		t.Errorf("%d tasks are open, want the one to read what was written", n)
	}
	if got := r.touch(id); got.Step != 1 || got.Attempts != 0 || got.InFlight || !got.Due {
		t.Errorf("the cadence stands at %+v, want the mail, with nothing spent", got)
	}
	before := r.dump()
	if done := r.suppress(phone, cadence.SuppressPhone); done != (Suppressed{Known: 1}) {
		t.Errorf("again: %+v", done)
	}
	if after := r.dump(); after != before {
		t.Error("the same list a second time changed something")
	}
	r.noLeaks()
}

// TestSuppressStopsPlannedTouches: a touch that is planned is refused at its claim, whichever way its address is barred.
func TestSuppressStopsPlannedTouches(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	ids := r.planned(4)
	r.suppress(person(1).Email, cadence.SuppressEmail)
	r.suppress("@"+person(2).Account.Domain, cadence.SuppressEmail)
	r.suppress(person(3).Phone, cadence.SuppressAll) // bars its mail, too
	r.sendNow(cadence.ChannelEmail, ids...)
	if got := r.mail.messages(); len(got) != 1 || got[0].TouchID != ids[3] {
		t.Errorf("%d mails left, want that of the fourth lead only", len(got))
	}
	third, err := store.FindLead(r.ctx, r.pool, person(3).Key)
	must(t, err)
	if third.EndReason != string(cadence.EndOptedOut) || !third.EmailSuppressed || !third.PhoneSuppressed {
		t.Errorf("the lead that must be left alone is %+v", third)
	}
	r.noLeaks()
}

// TestSuppressBatch: what stands twice in a batch, and leads that are in no cadence.
func TestSuppressBatch(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.importPeople(2)
	rows := []store.Suppression{
		{Address: person(1).Phone, Scope: cadence.SuppressPhone, Reason: "a"},
		{Address: person(1).Phone, Scope: cadence.SuppressPhone, Reason: "b"},
		{Address: "@" + person(2).Account.Domain, Scope: cadence.SuppressAll, Reason: "a"},
	}
	done, err := r.Suppress(r.ctx, rows)
	must(t, err)
	if done != (Suppressed{New: 2, Known: 1, Leads: 2}) {
		t.Errorf("%+v", done)
	}
	for key, want := range map[string]cadence.EndReason{person(1).Key: "", person(2).Key: cadence.EndOptedOut} {
		lead, err := store.FindLead(r.ctx, r.pool, key)
		must(t, err)
		if lead.EndReason != string(want) || !lead.PhoneSuppressed {
			t.Errorf("%s ended because of %q, want %q", key, lead.EndReason, want)
		}
	}
}

func TestLiftSuppression(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.suppress("+12125550123", cadence.SuppressPhone)
	r.suppress("+12125550123", cadence.SuppressAll)
	lifted, err := r.LiftSuppression(r.ctx, "+12125550123", cadence.SuppressPhone, "mistake", "ana")
	must(t, err)
	if len(lifted) != 1 || lifted[0].Scope != cadence.SuppressPhone || lifted[0].Reason != "list" {
		t.Errorf("lifted %+v", lifted)
	}
	if _, err := r.LiftSuppression(r.ctx, "+12125550123", cadence.SuppressPhone, "mistake", "ana"); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if n := r.count(`SELECT count(*) FROM suppression_removals WHERE reason = 'mistake' AND by = 'ana' AND suppressed = 'list' AND channel = 'phone'`); n != 1 {
		t.Errorf("%d removals are on record", n)
	}
	left, err := store.FindSuppressions(r.ctx, r.pool, []string{"+12125550123"})
	must(t, err)
	if len(left) != 1 || left[0].Scope != cadence.SuppressAll {
		t.Errorf("left %+v", left)
	}
}
