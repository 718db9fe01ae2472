package jobs

import (
	"errors"
	"strings"
	"testing"

	"nurture/cadence"
	"nurture/internal/leadfile"
	"nurture/internal/token"
	"nurture/store"
)

// TestAConfigurationThatCannotBeReadIsNotNone: as one that a newer program has applied. What must be known of it to do what is asked for is not taken for
// empty: a lead that switches a topic off is not told that it is off, and leads are not stored without anybody who writes to them.
func TestAConfigurationThatCannotBeReadIsNotNone(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, withTopics(t, mailStep+laterMail))
	id := r.planned(1)[0]
	r.respond(r.leadOf(id), cadence.Referral, func(in *ResponseInput) { in.People = []NamedPerson{{Name: "Bob Smith", Email: "bob@prospects.test"}} })
	_, err := store.InsertConfig(r.ctx, r.pool, store.ConfigVersion{Hash: "newer", ULDHash: "newer", AppliedAt: r.now(), AppliedBy: "a newer program"},
		[]store.ConfigFile{{Path: "nurture.yaml", Content: []byte("thing_of_the_future: 1\n")}})
	must(t, err)
	for name, do := range map[string]func() error{
		"switch a topic off": func() error {
			_, err := r.Prefer(r.ctx, r.Tokens().Make(token.Preferences, id), "1", nil, &TopicChoice{Shown: []string{"news"}})
			return err
		},
		"switch a topic on": func() error {
			_, err := r.Prefer(r.ctx, r.Tokens().Make(token.Preferences, id), "2", nil, &TopicChoice{Shown: []string{"news"}, Wanted: []string{"news"}})
			return err
		},
		"import": func() error {
			_, err := r.Import(r.ctx, []leadfile.Row{{Line: 2, Lead: person(7)}})
			return err
		},
		"accept somebody who was named": func() error {
			_, err := r.AcceptReferral(r.ctx, 1, "mara")
			return err
		},
	} {
		if err := do(); err == nil || errors.Is(err, ErrUnknownChoice) {
			t.Errorf("%s: %v, want it to fail for the configuration", name, err)
		}
	}
	if n := r.count(`SELECT count(*) FROM leads`); n != 1 {
		t.Errorf("%d leads", n)
	}
	s, err := r.Prefer(r.ctx, r.Tokens().Make(token.Preferences, id), "3", []Choice{StopContact}, nil)
	if err != nil || !s.Stopped {
		t.Errorf("to be left alone: %+v, %v", s, err)
	}
}

// TestAVersionThatCannotBeReadIsLeft by an apply or a rollback, which are the only ways out of it, with leads that it holds and without.
func TestAVersionThatCannotBeReadIsLeft(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(r *rig) error{
		"apply":    func(r *rig) error { _, err := r.Apply(r.ctx, r.cfg, "ana"); return err },
		"rollback": func(r *rig) error { _, err := r.Rollback(r.ctx, 1, "ana"); return err },
	} {
		for inside, hold := range map[string]bool{"with leads inside": true, "with none": false} {
			t.Run(name+" "+inside, func(t *testing.T) {
				t.Parallel()
				r := newLiveRig(t, firstSeven(mailStep+laterMail))
				id := r.planned(1)[0]
				newer, err := store.InsertConfig(r.ctx, r.pool, store.ConfigVersion{Hash: "newer", ULDHash: r.cfg.DefinitionHash, AppliedAt: r.now(), AppliedBy: "a newer program"},
					[]store.ConfigFile{{Path: "nurture.yaml", Content: []byte("thing_of_the_future: 1\n")}})
				must(t, err)
				if hold {
					_, err = store.SetLiveCadences(r.ctx, r.pool, newer, map[string]string{"first-seven": "newer", "long-game": r.cfg.PlanHash["long-game"]})
					must(t, err)
					r.exec(`UPDATE enrollments SET cadence_version_id = (SELECT max(id) FROM cadence_versions WHERE cadence_key = 'first-seven')`)
				}
				if _, err := r.Tick(r.ctx); err == nil {
					t.Error("a tick does not tell that the configuration cannot be read")
				}
				if hold {
					if err := leave(r); err == nil || !strings.HasPrefix(err.Error(), "1 leads are inside cadences of version 2, which a newer program applied") {
						t.Errorf("%v", err)
					}
					return
				}
				must(t, leave(r))
				must(t, leave(r))
				live, err := r.Live(r.ctx)
				must(t, err)
				if live.DefinitionHash != r.cfg.DefinitionHash || len(live.Plans) == 0 {
					t.Errorf("live is %+v", live)
				}
				r.tick()
				r.sendNow(cadence.ChannelEmail, id)
				_, err = r.History(r.ctx, 5)
				must(t, err)
			})
		}
	}
}
