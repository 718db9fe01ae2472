package jobs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/store"
)

// heldRig has two call tasks that lapse within two business days.
func heldRig(t *testing.T) (*rig, []store.Task) {
	t.Helper()
	r := newLiveRig(t, firstSeven(callStep+laterMail))
	r.sendNow(cadence.ChannelCall, r.planned(2)...)
	tasks, err := store.OpenTasks(r.ctx, r.pool, "", 0)
	must(t, err)
	return r, tasks
}

// A task is one person's until that person has been silent for HoldFor.
func TestHolds(t *testing.T) {
	t.Parallel()
	r, tasks := heldRig(t)
	id := tasks[0].ID
	first, err := r.HoldTask(r.ctx, id, "mara")
	must(t, err)
	if _, err := r.HoldTask(r.ctx, id, "jonas"); !errors.Is(err, ErrTaken) || !strings.Contains(err.Error(), "mara") {
		t.Errorf("jonas got it as well: %v", err)
	}
	if err := r.SnoozeTask(r.ctx, id, "jonas", r.clock.Now().Add(time.Hour)); !errors.Is(err, ErrTaken) {
		t.Errorf("jonas put mara's task off: %v", err)
	}
	r.pass(HoldFor - time.Minute)
	second, err := r.HoldTask(r.ctx, id, "mara")
	must(t, err)
	r.pass(HoldFor - time.Minute)
	if _, err := r.HoldTask(r.ctx, id, "jonas"); !errors.Is(err, ErrTaken) {
		t.Errorf("the sign of life did not count: %v", err)
	}
	// A page that is left gives back its own claim, not one that was made after it.
	must(t, r.ReleaseTask(r.ctx, id, "mara", first))
	if _, err := r.HoldTask(r.ctx, id, "jonas"); !errors.Is(err, ErrTaken) {
		t.Errorf("an old page gave a new claim back: %v", err)
	}
	must(t, r.ReleaseTask(r.ctx, id, "jonas", time.Time{})) // not his
	must(t, r.ReleaseTask(r.ctx, id, "mara", second))
	_, err = r.HoldTask(r.ctx, id, "jonas")
	must(t, err)
	r.pass(HoldFor)
	if err := r.CompleteTask(r.ctx, TaskOutcome{TaskID: id, By: "mara", Disposition: cadence.NoAnswer}); err != nil {
		t.Errorf("a claim that lapsed keeps others out: %v", err)
	}
	if _, err := r.HoldTask(r.ctx, id, "jonas"); !errors.Is(err, ErrTaken) || !strings.Contains(err.Error(), "done") {
		t.Errorf("a task that is over was claimed: %v", err)
	}
}

// Nobody's task lapses under the hands.
func TestAHeldTaskDoesNotLapse(t *testing.T) {
	t.Parallel()
	r, tasks := heldRig(t)
	if tasks[0].ExpiresAt == nil {
		t.Fatal("the task never lapses")
	}
	r.at(tasks[0].ExpiresAt.Add(-time.Minute))
	_, err := r.HoldTask(r.ctx, tasks[0].ID, "mara")
	must(t, err)
	r.pass(2 * time.Minute)
	r.tick()
	states := func() (held, open string) {
		a, err := store.GetTask(r.ctx, r.pool, tasks[0].ID)
		must(t, err)
		b, err := store.GetTask(r.ctx, r.pool, tasks[1].ID)
		must(t, err)
		return string(a.State), string(b.State)
	}
	if held, open := states(); held != "claimed" || open != "expired" {
		t.Errorf("the held task is %s, the other one %s", held, open)
	}
	r.pass(HoldFor)
	r.tick()
	if held, _ := states(); held != "expired" {
		t.Errorf("the task is %s after its holder was gone", held)
	}
}

func TestSnooze(t *testing.T) {
	t.Parallel()
	r, tasks := heldRig(t)
	id, now := tasks[0].ID, r.clock.Now()
	for what, until := range map[string]time.Time{"it must be in the future": now, "the task lapses on": *tasks[0].ExpiresAt} {
		if err := r.SnoozeTask(r.ctx, id, "mara", until); !errors.Is(err, ErrBadTime) || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := r.SnoozeTask(r.ctx, 999, "mara", now.Add(time.Hour)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no task was put off: %v", err)
	}
	_, err := r.HoldTask(r.ctx, id, "mara")
	must(t, err)
	must(t, r.SnoozeTask(r.ctx, id, "mara", now.Add(2*time.Hour)))
	task, err := store.GetTask(r.ctx, r.pool, id)
	must(t, err)
	if task.State != store.TaskOpen || !task.DueAt.Equal(now.Add(2*time.Hour)) || task.ClaimedBy != "" {
		t.Errorf("the task is %+v", task)
	}
}

func TestDrafts(t *testing.T) {
	t.Parallel()
	r, tasks := heldRig(t)
	id, now := tasks[0].ID, r.clock.Now()
	kept, err := store.SaveDraft(r.ctx, r.pool, id, "mara", store.Draft{Typed: map[string]string{"notes": "half a sen"}, SavedAt: now})
	if err != nil || !kept {
		t.Fatal(kept, err)
	}
	draft, err := store.LoadDraft(r.ctx, r.pool, id, "mara")
	if err != nil || draft.Typed["notes"] != "half a sen" || !draft.SavedAt.Equal(now) {
		t.Errorf("%+v, %v", draft, err)
	}
	if draft, err = store.LoadDraft(r.ctx, r.pool, id, "jonas"); err != nil || draft.Typed != nil {
		t.Errorf("jonas reads %+v, %v", draft, err)
	}
	must(t, r.CompleteTask(r.ctx, TaskOutcome{TaskID: id, By: "mara", Disposition: cadence.NoAnswer}))
	if draft, err = store.LoadDraft(r.ctx, r.pool, id, "mara"); err != nil || draft.Typed != nil {
		t.Errorf("after the task was logged: %+v, %v", draft, err)
	}
	// What a page sends late must not come back.
	if kept, err = store.SaveDraft(r.ctx, r.pool, id, "mara", store.Draft{SavedAt: now}); err != nil || kept {
		t.Error(kept, err)
	}
}

func TestEffectsFollowTheCadence(t *testing.T) {
	t.Parallel()
	files := firstSeven(callStep + laterMail + "on_response: { not_interested: { move_to: long-game, resume: stated_date, else: 30 days } }")
	r := newLiveRig(t, files)
	r.sendNow(cadence.ChannelCall, r.planned(1)...)
	tasks, err := store.OpenTasks(r.ctx, r.pool, "", 0)
	must(t, err)
	effects, err := r.Effects(r.ctx, tasks[0])
	must(t, err)
	if got := effects[cadence.NotInterested]; got != "moves to long-game, after a rest until the date named, else for 30 days" {
		t.Errorf("not interested: %q", got)
	}
	if got := effects[cadence.NoAnswer]; !strings.HasPrefix(got, "tries again after 1 business day") {
		t.Errorf("no answer: %q", got)
	}
	alone, err := r.Effects(r.ctx, store.Task{Kind: cadence.TaskTriage})
	must(t, err)
	if len(alone) != len(Dispositions(cadence.TaskTriage)) || alone[cadence.Unsubscribe] == "" {
		t.Errorf("a triage task: %v", alone)
	}
}
