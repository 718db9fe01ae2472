package jobs

import (
	"testing"
	"time"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
	"nurture/config"
	"nurture/store"
)

// looser accepts sites with two people to train, and asks for nothing in the dossier.
func looser(t testing.TB) *config.Config {
	t.Helper()
	return starterWith(t, map[string]string{"uld.yaml": starterFile(t, "uld.yaml", "at_least: 6", "at_least: 2")})
}

// know stores what a person confirmed of leads: they are ready, with n people to train.
func (r *rig) know(leadIDs []int64, n float64) {
	r.t.Helper()
	var facts []store.LeadFact
	for _, id := range leadIDs {
		for key, value := range map[string]predicate.Value{
			"major_hazards": predicate.Bool(true), "people_to_train": predicate.Number(n), "driver": predicate.Text("incident"), "wants_on_site": predicate.Bool(true),
			"funding": predicate.Text("training_budget"), "part_in_decision": predicate.Text("decides"), "months_to_decision": predicate.Number(2),
		} {
			facts = append(facts, store.LeadFact{LeadID: id, Fact: uld.Fact{Criterion: key, Value: value, Class: uld.HumanConfirmed, By: "test", At: r.now()}})
		}
	}
	_, err := store.InsertFacts(r.ctx, r.pool, facts)
	must(r.t, err)
}

// TestNewDefinitionWeighsEverybody in the background: what the plan counted is what comes of it, bite by bite, and a restart goes on
// where it was.
func TestNewDefinitionWeighsEverybody(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	r.at(tenOClock)
	ids := r.importPeople(40)
	r.know(ids[:10], 3)
	r.know(ids[10:15], 8)
	next := looser(t)
	plan, err := r.PlanChange(r.ctx, next, 14)
	must(t, err)
	d := plan.Definition
	if d == nil || d.Leads != 40 || d.Was != (Counts{Promote: 5, Keep: 35}) || d.New != (Counts{Promote: 15, Keep: 25}) || len(d.Flips) != 10 {
		t.Fatalf("%+v", d)
	}
	if f := d.Flips[0]; f.LeadID != ids[0] || f.Was != uld.Nurture || f.New != uld.Promote || f.Because == "" || f.WasWhy == "" {
		t.Errorf("%+v", f)
	}
	if len(plan.Unsigned) != 2 {
		t.Errorf("unsigned: %v", plan.Unsigned)
	}
	applied := r.goLive(next)
	if applied.Reevaluating != 40 {
		t.Fatalf("%+v", applied)
	}
	must(t, r.reweigh(r.ctx, Reevaluate{2}, 7)) // and the process dies
	now := r.progress()
	if now.State != "running" || now.Done != 7 || now.Total != 40 {
		t.Fatalf("%+v", now)
	}
	r.start()
	eventually(t, "all leads are weighed", func() bool { return r.progress().State == "done" })
	now = r.progress()
	if now.Done != 40 || (Counts{now.Promoted, now.Kept, now.Closed}) != d.New || now.Changed != 15 || now.EndedAt == nil {
		t.Errorf("%+v, the plan said %+v", now, d.New)
	}
	if n := r.count(`SELECT count(*) FROM verdicts WHERE uld_hash = $1 AND outcome = 'promote'`, next.DefinitionHash); n != 15 {
		t.Errorf("%d verdicts promote, want 15", n)
	}
	if n := r.count(`SELECT count(*) FROM handoffs`); n != 15 {
		t.Errorf("%d handoffs, want 15", n)
	}
	r.noLeaks()
}

func (r *rig) progress() ReevaluationNow {
	r.t.Helper()
	all, err := r.Reevaluations(r.ctx, 1)
	must(r.t, err)
	if len(all) != 1 {
		r.t.Fatalf("%d reevaluations", len(all))
	}
	return all[0]
}

// TestNewerDefinitionSupersedes: only the newest is weighed against, by jobs of whatever age, twice at once or not.
func TestNewerDefinitionSupersedes(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	r.know(r.importPeople(6), 3)
	r.goLive(looser(t))
	_, err := r.Rollback(r.ctx, 1, "test")
	must(t, err)
	must(t, (&reevaluateWorker{engine: r.Engine}).Work(r.ctx, jobOf(Reevaluate{2})))
	if n := r.count(`SELECT count(*) FROM verdicts`); n != 0 {
		t.Errorf("%d verdicts by a definition that is not live", n)
	}
	for range 4 {
		must(t, (&reevaluateWorker{engine: r.Engine}).Work(r.ctx, jobOf(Reevaluate{3})))
	}
	all, err := r.Reevaluations(r.ctx, 9)
	must(t, err)
	if len(all) != 2 || all[0].State != "done" || all[0].Done != 6 || all[0].Kept != 6 || all[1].State != "superseded" || all[1].Done != 0 {
		t.Errorf("%+v", all)
	}
	must(t, (&reevaluateWorker{engine: r.Engine}).Work(r.ctx, jobOf(Reevaluate{99})))
}

// TestOneBadLeadIsPassedOver while leads are weighed (K3).
func TestOneBadLeadIsPassedOver(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	ids := r.importPeople(5)
	r.know(ids, 3)
	r.exec(`ALTER TABLE verdicts ADD CONSTRAINT bad CHECK (lead_id <> ` + itoa(ids[2]) + `)`)
	r.goLive(looser(t))
	must(t, (&reevaluateWorker{engine: r.Engine}).Work(r.ctx, jobOf(Reevaluate{2})))
	if now := r.progress(); now.Done != 5 || now.Promoted != 4 || now.State != "done" {
		t.Errorf("%+v", now)
	}
	if n := r.count(`SELECT count(*) FROM verdicts`); n != 4 {
		t.Errorf("%d verdicts, want 4", n)
	}
}

// TestHistoryTells who applied what when, what it changed, and who is inside.
func TestHistoryTells(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.goLive(revised(t, fourSteps))
	r.sendNow(cadence.ChannelEmail, r.planned(3)...)
	r.pass(time.Hour)
	r.goLive(revised(t, otherSteps))
	back, err := r.Rollback(r.ctx, 1, "ana@example.com")
	must(t, err)
	history, err := r.History(r.ctx, 10)
	must(t, err)
	if len(history) != 3 || history[0].Number != back.Version || !history[0].Live || history[0].AppliedBy != "ana@example.com" || *history[0].RolledBackTo != 1 {
		t.Fatalf("%+v", history)
	}
	if s := history[0].Summary; s.Restored != 3 || len(s.Changes) != len(history[1].Summary.Changes) {
		t.Errorf("the rollback: %+v", s)
	}
	if s := history[1].Summary; len(s.Leads) != 1 || s.Leads[0].Move != 3 || len(s.Changes) != 5 {
		t.Errorf("the apply: %+v", s)
	}
	if !history[2].Summary.First || !history[2].AppliedAt.Equal(monday) {
		t.Errorf("the first: %+v", history[2])
	}
	inside := 0
	for _, v := range history[0].Inside {
		inside += v.Leads
	}
	if inside != 3 || len(history[1].Inside) != 0 {
		t.Errorf("inside: %+v", history)
	}
}
