package jobs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"nurture/cadence"
	"nurture/channels"
	"nurture/store"
)

// named are the referrals of the first lead, as "name email phone state".
func (r *rig) named() []string {
	r.t.Helper()
	rows, err := store.LeadReferrals(r.ctx, r.pool, 1)
	must(r.t, err)
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s", row.Name, row.Email, row.Phone, row.State)), " ")
	}
	return lines
}

// TestMailsProposePeople: who is named in a mail is proposed once, whatever kind of mail it is, and nobody becomes a lead by it.
func TestMailsProposePeople(t *testing.T) {
	t.Parallel()
	const gone = "Pat Number001 no longer works for Customer 001. Please contact Kim New (kim.new@customer-001.example, +49 30 901820) instead."
	for _, c := range []struct {
		name string
		mail func(channels.Message) letter
		want []string
		task []cadence.TaskKind
	}{
		{
			"a machine says that the lead left", func(m channels.Message) letter { return auto(m, "Automatic reply", gone) },
			[]string{"Kim New kim.new@customer-001.example +4930901820 proposed"},
			[]cadence.TaskKind{cadence.TaskReferral},
		},
		{
			"a person refers", func(m channels.Message) letter {
				return answer(m, "Please contact my colleague Bob Smith <bob@prospects.test> instead.")
			}, []string{"Bob Smith bob@prospects.test proposed"}, []cadence.TaskKind{cadence.TaskTriage},
		},
		{
			"an absence names a deputy", func(m channels.Message) letter {
				return auto(m, "Out of office", "I am out of the office until 12 March 2026. Please contact Kim New at kim.new@customer-001.example.")
			}, []string{"Kim New kim.new@customer-001.example proposed"}, nil,
		},
		{
			"our own addresses and the lead's are nobody", func(m channels.Message) letter {
				return answer(m, "Please contact my colleague. "+m.From.Address+" "+m.To.Address+" "+m.Mail.ReplyTo)
			}, []string{}, []cadence.TaskKind{cadence.TaskTriage},
		},
		{
			"whoever wants out names nobody", func(m channels.Message) letter {
				l := answer(m, "Please contact my colleague Bob Smith <bob@prospects.test>.")
				l.to = m.Mail.UnsubscribeMailto
				return l
			}, []string{}, nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
			m := r.written(1)[0]
			l := c.mail(m)
			l.id = "named@customer.example"
			raw := l.raw()
			for range 3 {
				r.take(raw)
			}
			l.id = "again@customer.example"
			r.take(l.raw())
			if got := r.named(); !slices.Equal(got, c.want) {
				t.Errorf("named are %q, want %q", got, c.want)
			}
			if got := r.tasksAbout(1); !slices.Equal(got, c.task) {
				t.Errorf("tasks are %v, want %v", got, c.task)
			}
			if n := r.count(`SELECT count(*) FROM leads`); n != 1 {
				t.Errorf("there are %d leads, want one", n)
			}
		})
	}
}

// referred is a rig whose first lead left and named Kim New.
func referred(t *testing.T) *rig {
	r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
	m := r.written(1)[0]
	r.take(auto(m, "Automatic reply", "Pat Number001 no longer works here. Please contact Kim New (kim.new@customer-001.example) instead.").raw())
	return r
}

// TestAcceptedReferralBecomesALead: a lead of the same account with no consent of its own, linked with who named it, that intake looks at;
// the task is done by it. A second time says so.
func TestAcceptedReferralBecomesALead(t *testing.T) {
	t.Parallel()
	r := referred(t)
	done, err := r.AcceptReferral(r.ctx, 1, "mara")
	must(t, err)
	first, kim := r.lead(1), r.lead(done.LeadID)
	if done.Known || kim.FullName() != "Kim New" || kim.Email != "kim.new@customer-001.example" || kim.Source != "referral" || kim.Origin != "inquiry" {
		t.Errorf("the lead is %+v, known: %t", kim, done.Known)
	}
	if kim.ReferredBy == nil || *kim.ReferredBy != 1 || kim.AccountID == nil || *kim.AccountID != *first.AccountID || kim.Name != first.Name {
		t.Errorf("named by %v at account %v, want lead 1 and account %v", kim.ReferredBy, kim.AccountID, *first.AccountID)
	}
	if kim.ConsentEmail != nil || kim.ConsentCall != nil || kim.ConsentVoicemail != nil {
		t.Error("a consent was copied")
	}
	if kim.Owner != first.Owner || kim.Mailbox != first.Mailbox || kim.IntakeAt == nil {
		t.Errorf("owner %q, mailbox %q, intake at %v", kim.Owner, kim.Mailbox, kim.IntakeAt)
	}
	if got := r.tasksAbout(1); len(got) != 0 {
		t.Errorf("tasks %v are still open", got)
	}
	if _, err := r.AcceptReferral(r.ctx, 1, "mara"); !errors.Is(err, ErrReferralDecided) || !strings.Contains(err.Error(), "accepted by mara") {
		t.Errorf("accepting twice says %v", err)
	}
	if err := r.DeclineReferral(r.ctx, 1, "mara", "no"); !errors.Is(err, ErrReferralDecided) {
		t.Errorf("declining what is accepted says %v", err)
	}
	if _, err := r.AcceptReferral(r.ctx, 99, "mara"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("accepting what is not there says %v", err)
	}
	r.tick()
	if kim = r.lead(done.LeadID); kim.IntakeAt != nil {
		t.Error("intake has not looked at the lead")
	}
}

// TestReferralToAKnownLead links it and changes nothing else, its consent least of all.
func TestReferralToAKnownLead(t *testing.T) {
	t.Parallel()
	r := referred(t)
	known := person(2)
	known.Email, known.Key = "kim.new@customer-001.example", "crm-2"
	id := r.importLeads(known)[0]
	before := r.lead(id)
	done, err := r.AcceptReferral(r.ctx, 1, "mara")
	must(t, err)
	after := r.lead(id)
	if done.LeadID != id || !done.Known || done.Barred || after.ReferredBy == nil || *after.ReferredBy != 1 {
		t.Errorf("%+v, named by %v", done, after.ReferredBy)
	}
	if after.FirstName != before.FirstName || after.Source != before.Source || *after.AccountID != *before.AccountID || after.ConsentEmail == nil {
		t.Errorf("the known lead changed from %+v to %+v", before, after)
	}
}

// TestSuppressedReferralIsRefused: who must not be contacted does not become a lead by the back door, and stays to be declined.
func TestSuppressedReferralIsRefused(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"kim.new@customer-001.example", "@customer-001.example"} {
		r := referred(t)
		must(t, store.InsertSuppressions(r.ctx, r.pool, []store.Suppression{{Address: address, Scope: cadence.SuppressAll, Reason: "opted out"}}, r.clock.Now()))
		if _, err := r.AcceptReferral(r.ctx, 1, "mara"); err == nil || !strings.Contains(err.Error(), "must not be contacted") {
			t.Errorf("%s: %v", address, err)
		}
		if n := r.count(`SELECT count(*) FROM leads`); n != 1 || r.named()[0] != "Kim New kim.new@customer-001.example proposed" {
			t.Errorf("%s: %d leads, %q", address, n, r.named())
		}
		if err := r.DeclineReferral(r.ctx, 1, "mara", " "); err == nil {
			t.Error("declined without a reason")
		}
		must(t, r.DeclineReferral(r.ctx, 1, "mara", "opted out"))
		if got := r.tasksAbout(1); len(got) != 0 {
			t.Errorf("tasks %v are still open", got)
		}
	}
}

// TestReferralAcceptedByMany: of many who accept at once one wins.
func TestReferralAcceptedByMany(t *testing.T) {
	t.Parallel()
	r := referred(t)
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if i%2 == 0 {
				_, errs[i] = r.AcceptReferral(r.ctx, 1, "mara")
			} else {
				errs[i] = r.DeclineReferral(r.ctx, 1, "jo", "no")
			}
		}()
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, ErrReferralDecided) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d decisions counted, want one", won)
	}
}

// TestTaskNamesAReferral: an SDR who hears a name records it with the outcome; what cannot be one fails the outcome as a whole.
func TestTaskNamesAReferral(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
	m := r.written(1)[0]
	r.take(answer(m, "Somebody else does this.").raw())
	tasks, err := store.LeadTasks(r.ctx, r.pool, 1)
	must(t, err)
	complete := func(p NamedPerson) error {
		return r.CompleteTask(r.ctx, TaskOutcome{TaskID: tasks[0].ID, By: "mara", Disposition: cadence.Referral, Named: &p})
	}
	for _, bad := range []NamedPerson{{Name: "Bob"}, {Email: "bob"}, {Email: m.To.Address}, {Email: m.From.Address}, {Email: strings.Replace(m.From.Address, "@", "+x@", 1)}} {
		if err := complete(bad); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	must(t, complete(NamedPerson{Name: "Bob Smith", Email: "Bob@Prospects.test"}))
	if got := r.named(); !slices.Equal(got, []string{"Bob Smith bob@prospects.test proposed"}) {
		t.Errorf("named are %q", got)
	}
	if got := r.tasksAbout(1); !slices.Equal(got, []cadence.TaskKind{cadence.TaskReferral}) {
		t.Errorf("tasks are %v, want one to follow the referral up", got)
	}
}

// TestErasedPeopleLeaveNoReferral: with whoever named or was named the row goes.
func TestErasedPeopleLeaveNoReferral(t *testing.T) {
	t.Parallel()
	r := referred(t)
	done, err := r.AcceptReferral(r.ctx, 1, "mara")
	must(t, err)
	r.exec(`DELETE FROM leads WHERE id = $1`, done.LeadID)
	if got := r.named(); len(got) != 0 {
		t.Errorf("left behind: %q", got)
	}
}
