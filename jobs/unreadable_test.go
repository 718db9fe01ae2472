package jobs

import (
	"errors"
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
