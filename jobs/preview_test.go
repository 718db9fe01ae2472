package jobs

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nurture/cadence"
	"nurture/channels"
	"nurture/internal/leadfile"
	"nurture/internal/token"
	"nurture/store"
)

var (
	tokenInLink    = regexp.MustCompile(`/([upq])/[a-z0-9]+-[a-z0-9]+`)
	tokenInAddress = regexp.MustCompile(`\+[a-z0-9]+-[a-z0-9]+@`)
)

// likePreview takes from a message what tells it from the preview: its touch, its thread, and when it was sent.
func likePreview(m channels.Message) channels.Message {
	plain := func(s string) string {
		return tokenInAddress.ReplaceAllString(tokenInLink.ReplaceAllString(s, "/$1/"+PreviewToken), "+"+PreviewToken+"@")
	}
	m.TouchID = 0
	m.Text, m.HTML = plain(m.Text), plain(m.HTML)
	m.Mail = channels.Mail{
		ReplyTo: plain(m.Mail.ReplyTo), EnvelopeFrom: plain(m.Mail.EnvelopeFrom), UnsubscribeURL: plain(m.Mail.UnsubscribeURL),
		UnsubscribeMailto: plain(m.Mail.UnsubscribeMailto),
	}
	return m
}

// TestPreviewIsWhatIsSent carries leads through the whole cadence and compares each mail, voicemail and task with its preview (I4).
func TestPreviewIsWhatIsSent(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, map[string]string{
		"templates/voicemail/hello.md": "Hello {{ .lead.first_name }}, step {{ .step.number }}, attempt {{ .step.attempt }} of {{ .step.budget }}.",
	})
	const leads = 3
	ids := r.importPeople(leads)
	previews := map[string]StepPreview{} // by lead's address or number and what is said first
	for _, id := range ids {
		lead := r.lead(id)
		steps, err := PreviewSteps(PreviewInput{Config: r.cfg, Cadence: "first-seven", Lead: lead, Now: r.clock.Now()}, -1)
		must(t, err)
		for _, p := range steps {
			if p.Err != nil || p.Obstacle != "" {
				t.Errorf("%s: %v, %q", p.Step.Key, p.Err, p.Obstacle)
			}
			if p.Own {
				previews[lead.Key+" "+p.Step.Key] = p
			}
		}
	}
	r.start()
	r.until(monday.AddDate(0, 0, 40), nil)
	sent := map[int64]channels.Message{}
	for _, m := range slices.Concat(r.mail.messages(), r.voice.messages()) {
		sent[m.TouchID] = m
	}
	compared := 0
	for _, id := range ids {
		lead := r.lead(id)
		touches, err := store.LeadTouches(r.ctx, r.pool, id)
		must(t, err)
		tasks, err := store.LeadTasks(r.ctx, r.pool, id)
		must(t, err)
		for _, touch := range touches {
			want, ok := previews[lead.Key+" "+touch.StepKey]
			if !ok || touch.State != store.TouchSent {
				t.Errorf("touch %q of %s is %s, previewed: %v", touch.StepKey, lead.Key, touch.State, ok)
				continue
			}
			compared++
			if touch.Channel != string(cadence.ChannelCall) {
				if diff := cmp.Diff(likePreview(want.Message), likePreview(sent[touch.ID])); diff != "" {
					t.Errorf("%s of %s (-preview +sent)\n%s", touch.StepKey, lead.Key, diff)
				}
				continue
			}
			i := slices.IndexFunc(tasks, func(k store.Task) bool { return k.TouchID != nil && *k.TouchID == touch.ID })
			var asked []string
			for _, q := range want.Ask {
				asked = append(asked, q.Key)
			}
			got := [3]string{tasks[i].Title, tasks[i].Script, strings.Join(tasks[i].Ask, " ")}
			if diff := cmp.Diff([3]string{want.Message.Subject, want.Message.Text, strings.Join(asked, " ")}, got); diff != "" {
				t.Errorf("task of %s of %s (-preview +filed)\n%s", touch.StepKey, lead.Key, diff)
			}
		}
	}
	if compared != 7*leads {
		t.Errorf("%d touches were compared, want %d", compared, 7*leads)
	}
}

// TestPreviewOpensNothing: whoever follows a link of a preview, or answers to its addresses, reaches no lead.
func TestPreviewOpensNothing(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	for _, p := range []token.Purpose{token.Unsubscribe, token.Preferences, token.SelfQualify, token.Reply, token.Bounce} {
		if id, err := r.Tokens().Open(p, PreviewToken); err == nil {
			t.Errorf("the token of previews opens touch %d for %c", id, p)
		}
	}
}

func TestPreviewSamples(t *testing.T) {
	t.Parallel()
	cfg := starterWith(t, map[string]string{
		"templates/email/intro.md": "---\nsubject: \"{{ .lead.fields.tier }}\"\n---\n{{ .facts.driver }}, {{ .facts.people }}, {{ .lead.city }}\n",
	})
	full, facts := SampleLead(cfg, monday)
	bare := BareLead(monday)
	for key := range cfg.Plans {
		steps, err := PreviewSteps(PreviewInput{Config: cfg, Cadence: key, Lead: full, Facts: facts, Now: monday}, -1)
		must(t, err)
		for _, p := range steps {
			if p.Err != nil || p.Obstacle != "" {
				t.Errorf("%s of %s for the full sample: %v %q", p.Step.Key, key, p.Err, p.Obstacle)
			}
		}
	}
	steps, err := PreviewSteps(PreviewInput{Config: cfg, Cadence: "first-seven", Lead: full, Facts: facts, Now: monday}, 0)
	must(t, err)
	if m := steps[0].Message; m.Subject != "[tier]" || !strings.Contains(m.Text, "incident, [People involved], Sampleton") {
		t.Errorf("full: %q %q", m.Subject, m.Text)
	}
	steps, err = PreviewSteps(PreviewInput{Config: cfg, Cadence: "first-seven", Lead: bare, Now: monday}, 0)
	must(t, err)
	var places []string
	for _, p := range steps[0].Problems() {
		places = append(places, p.String())
	}
	if len(places) != 4 || !strings.HasPrefix(places[0], "templates/email/intro.md:2:") || !strings.Contains(places[1], "facts.driver is empty") {
		t.Errorf("bare: %q", places)
	}
}

func TestPreviewOfBranches(t *testing.T) {
	t.Parallel()
	cfg := starterWith(t, nil)
	preview := func(lead store.Lead) StepPreview {
		steps, err := PreviewSteps(PreviewInput{Config: cfg, Cadence: "event-follow-up", Lead: lead, Now: monday}, 1)
		must(t, err)
		return steps[0]
	}
	full, _ := SampleLead(cfg, monday)
	want := []BranchPreview{
		{When: "consent.voicemail is yes", Why: "consent.voicemail is yes", Goto: "event-hello", Taken: true}, {Goto: "event-call"},
	}
	if diff := cmp.Diff(want, preview(full).Branches); diff != "" {
		t.Errorf("full (-want +got)\n%s", diff)
	}
	want[0].Why, want[0].Taken, want[1].Taken = "consent.voicemail is no, not yes", false, true
	if diff := cmp.Diff(want, preview(BareLead(monday)).Branches); diff != "" {
		t.Errorf("bare (-want +got)\n%s", diff)
	}
}

func TestPreviewSaysWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	cfg := starterWith(t, nil)
	lead, _ := LeadFromFile(leadfile.Row{Lead: person(1)}, cfg, monday)
	lead.ConsentVoicemail, lead.PhoneSuppressed = nil, false
	why := func(step int) cadence.Reason {
		steps, err := PreviewSteps(PreviewInput{Config: cfg, Cadence: "first-seven", Lead: lead, Now: monday}, step)
		must(t, err)
		return steps[0].Obstacle
	}
	if mail, voice, call := why(0), why(1), why(2); mail != "" || voice != cadence.ReasonNoConsent || call != "" {
		t.Errorf("mail %q, voicemail %q, call %q", mail, voice, call)
	}
	lead.EmailSuppressed, lead.PhoneInvalid = true, true
	if mail, call := why(0), why(2); mail != cadence.ReasonNoAddress || call != cadence.ReasonNoAddress {
		t.Errorf("suppressed: mail %q, call %q", mail, call)
	}
	if _, err := PreviewSteps(PreviewInput{Config: cfg, Cadence: "nowhere", Lead: lead, Now: monday}, 0); err == nil {
		t.Error("a cadence that does not exist has a preview")
	}
}

// TestTestMailNamesNoTouch: what comes back of a mail that tries a step out is matched to nobody.
func TestTestMailNamesNoTouch(t *testing.T) {
	t.Parallel()
	cfg := starterWith(t, nil)
	lead, facts := SampleLead(cfg, monday)
	steps, err := PreviewSteps(PreviewInput{Config: cfg, Cadence: "first-seven", Lead: lead, Facts: facts, Now: monday}, 0)
	must(t, err)
	one := TestMail(&steps[0], channels.Party{Address: "me@ourco.example"}, monday, 0)
	other := TestMail(&steps[0], channels.Party{Address: "me@ourco.example"}, monday, 1)
	if one.To.Address != "me@ourco.example" || one.Subject != TestSubject+steps[0].Message.Subject || !strings.Contains(one.HTML, "<title>"+TestSubject) {
		t.Errorf("%+v", one)
	}
	if id, ours := TouchOf(one.Mail.MessageID); ours || one.TouchID >= -1_000_000 {
		t.Errorf("it names touch %d, %d", id, one.TouchID)
	}
	if one.TouchID == other.TouchID || one.Mail.MessageID == other.Mail.MessageID {
		t.Error("two mails cannot be told apart")
	}
	if one.Text != steps[0].Message.Text {
		t.Error("the text is not the lead's")
	}
}
