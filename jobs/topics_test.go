package jobs

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"nurture/cadence"
	"nurture/internal/token"
	"nurture/store"
)

// withTopics is a first cadence whose mails are about topics.
func withTopics(t *testing.T, steps string) map[string]string {
	t.Helper()
	files := firstSeven(steps)
	for path, change := range map[string][2]string{
		"nurture.yaml":                  {"\nsenders:", "\ntopics:\n  news: Product news\n  cases: { de: Fallstudien, en: Case studies }\nsenders:"},
		"templates/email/intro.md":      {"subject:", "topic: news\nsubject:"},
		"templates/email/case-study.md": {"subject:", "topic: cases\nsubject:"},
	} {
		files[path] = starterFile(t, path, change[0], change[1])
	}
	return files
}

// TestTopicsAreSwitchedOff on the page: what is planned is not sent, what comes later is skipped, nothing is spent on either, and the
// history says why. Switched on again, mail goes on.
func TestTopicsAreSwitchedOff(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, withTopics(t, mailStep+laterMail+"  - email: intro\n    name: again\n    after: 1 business day\n"))
	id := r.planned(1)[0]
	tok := r.Tokens().Make(token.Preferences, id)
	s, err := r.Preferences(r.ctx, tok)
	must(t, err)
	if len(s.Topics) != 2 || s.Topics[0].Key != "news" || !s.Topics[0].On || s.Topics[1].Label.In("de-AT") != "Fallstudien" || s.Topics[1].Label.In("fr") != "Case studies" {
		t.Fatalf("topics are %+v", s.Topics)
	}
	choose := func(form string, wanted ...string) Standing {
		s, err := r.Prefer(r.ctx, tok, form, nil, &TopicChoice{Shown: []string{"news", "cases"}, Wanted: wanted})
		must(t, err)
		return s
	}
	if s = choose("1"); s.Topics[0].On || s.Topics[1].On {
		t.Errorf("switched off, topics are %+v", s.Topics)
	}
	r.sendNow(cadence.ChannelEmail, id)
	if got := r.touch(id); got.State != "skipped" || got.Reason != string(cadence.ReasonTopicOff) || len(r.mail.messages()) != 0 {
		t.Errorf("what was planned before the choice is %+v, %d mails left", got, len(r.mail.messages()))
	}
	choose("1", "news", "cases") // the same form once more
	if got := r.lead(1).TopicsOff; !slices.Equal(got, []string{"cases", "news"}) {
		t.Errorf("a form sent twice left %q off", got)
	}
	choose("2", "news")
	r.start()
	r.until(monday.AddDate(0, 0, 10), func() {})
	touches, err := store.LeadTouches(r.ctx, r.pool, 1)
	must(t, err)
	var got []string
	for _, touch := range touches[:3] {
		got = append(got, string(touch.State)+" "+touch.Reason+" "+itoa(int64(touch.Attempt)))
	}
	if want := []string{"skipped topic_off 0", "skipped topic_off 0", "sent  1"}; !slices.Equal(got, want) {
		t.Errorf("touches are %q, want %q", got, want)
	}
	responses, err := store.LeadResponses(r.ctx, r.pool, 1)
	must(t, err)
	if len(responses) != 2 || responses[0].Kind != cadence.TopicsChosen || !strings.Contains(responses[0].Said, "off: Product news, off: Case studies") ||
		!strings.Contains(responses[1].Said, "on: Product news") {
		t.Errorf("the history has %+v", responses)
	}
}

// TestTopicsThatAreNone are refused as a whole; leaving all as it is is no event, and a topic that is gone stays as it was.
func TestTopicsThatAreNone(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, withTopics(t, mailStep+laterMail))
	tok := r.Tokens().Make(token.Preferences, r.planned(1)[0])
	for _, bad := range []TopicChoice{
		{Shown: []string{"news"}, Wanted: []string{"news", "cases"}}, {Shown: []string{"news", "sing\x00"}, Wanted: []string{"sing\x00"}},
	} {
		if _, err := r.Prefer(r.ctx, tok, "x", []Choice{PauseMonth}, &bad); !errors.Is(err, ErrUnknownChoice) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	must(t, store.SetTopicsOff(r.ctx, r.pool, 1, []string{"gone"}, r.clock.Now()))
	for _, same := range []TopicChoice{{Shown: []string{"news", "cases"}, Wanted: []string{"news", "cases"}}, {Shown: []string{"gone"}}} {
		s, err := r.Prefer(r.ctx, tok, "y", nil, &same)
		must(t, err)
		if !s.Unchanged {
			t.Errorf("chosen as it was: %+v", s)
		}
	}
	if n := r.count(`SELECT count(*) FROM responses`); n != 0 || !slices.Equal(r.lead(1).TopicsOff, []string{"gone"}) {
		t.Errorf("%d responses, %q off", n, r.lead(1).TopicsOff)
	}
}
