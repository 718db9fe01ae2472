package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/uld"
	"nurture/store"
)

type whyOptions struct {
	*app
	lead string
}

func newWhyCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "why LEAD", Short: "Say what is next for a lead, when, and why not sooner",
		Long: `Say what is next for a lead, when, and the exact reason it is not sooner: the state of its cadence, attempts spent of the
budget, whether the window is open, suppressions, open tasks, and, for a lead that no cadence has, what each audience rule
says of it. LEAD is an id, a key or an email address.`,
		Example: "  nurture leads why jane@example.com\n  nurture leads why crm-4711 --json",
		Args:    args(1, 1, "LEAD"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runWhy(cmd.Context(), &whyOptions{app: a, lead: args[0]})
		},
	}
}

// whyJSON is what `leads why --json` prints.
type whyJSON struct {
	Lead         string            `json:"lead"`
	Stage        string            `json:"stage"`
	Readiness    string            `json:"readiness"`
	Owner        string            `json:"owner"`
	EndReason    string            `json:"end_reason"`
	Next         string            `json:"next"`
	At           *time.Time        `json:"at"`     // null when only an event brings it about, or nothing comes any more
	Reason       string            `json:"reason"` // why not sooner, by name
	Sentence     string            `json:"sentence"`
	Skip         string            `json:"skip"`          // why the step in hand will be left out when its time comes, if all stays as it is, by name; else ""
	Enrollment   *enrollmentJSON   `json:"enrollment"`    // the latest; null when there was none
	SenderPaused string            `json:"sender_paused"` // why the mailbox that the next mail would leave from sends nothing; "" when it does
	SenderStuck  *stuckJSON        `json:"sender_stuck"`  // why nothing leaves from where the next touch would, though it is not paused; null while it does
	Capacity     string            `json:"capacity"`      // whose allowance is spent, and how much it is, when that is what a due step waits for; else ""
	Touches      []waitingJSON     `json:"touches"`
	Suppressions []suppressionJSON `json:"suppressions"`
	Tasks        []taskJSON        `json:"tasks"`
	Handoffs     []handoffJSON     `json:"handoffs"` // those that are open
	IntakeAt     *time.Time        `json:"intake_at"`
	IntakeNote   string            `json:"intake_note"`
	Audiences    []audienceJSON    `json:"audiences"`
	WeighedAgain *turnJSON         `json:"weighed_again"` // by time alone; null when that changes nothing
	name         string
	place        calendar.Place
}

// stuckJSON is a sender that is refused, or whose server is not reached.
type stuckJSON struct {
	Sender  string    `json:"sender"`
	Refused bool      `json:"refused"` // else its server is not reached
	Said    string    `json:"said"`    // by its server, or why it is not reached
	Since   time.Time `json:"since"`   // of the machine's clock
	TriedAt time.Time `json:"tried_at"`
}

// turnJSON is the verdict that time alone will bring about.
type turnJSON struct {
	At        time.Time     `json:"at"`
	Outcome   uld.Outcome   `json:"outcome"`
	Readiness uld.Readiness `json:"readiness"`
	Because   string        `json:"because"`
}

type enrollmentJSON struct {
	Cadence    string `json:"cadence"`
	Version    int    `json:"version"`
	State      string `json:"state"`
	Reason     string `json:"reason"`
	Cycle      int    `json:"cycle"`
	Attempts   int    `json:"attempts"`
	Budget     int    `json:"budget"`
	Window     string `json:"window"`
	WindowOpen bool   `json:"window_open"`
	CallHours  string `json:"call_hours"`
	CallsOpen  bool   `json:"calls_open"`
}

type waitingJSON struct {
	ID        int64     `json:"id"`
	Step      string    `json:"step"`
	Channel   string    `json:"channel"`
	State     string    `json:"state"`
	Tries     int       `json:"tries"`
	NotBefore time.Time `json:"not_before"`
	Detail    string    `json:"detail"`
}

type suppressionJSON struct {
	Address string    `json:"address"`
	Scope   string    `json:"scope"`
	Reason  string    `json:"reason"`
	Since   time.Time `json:"since"`
}

func runWhy(ctx context.Context, o *whyOptions) error {
	return o.with(ctx, func(s *session) error {
		lead, err := store.FindLead(ctx, s.pool, o.lead)
		if err != nil {
			return err
		}
		w, err := s.why(ctx, &lead)
		if err != nil {
			return err
		}
		if o.json {
			return o.printJSON(w)
		}
		o.printWhy(w, s.zone)
		return nil
	})
}

// why tells what is next for a lead as the engine sees it.
func (s *session) why(ctx context.Context, lead *store.Lead) (*whyJSON, error) {
	o, err := s.engine.Outlook(ctx, lead)
	if err != nil {
		return nil, err
	}
	w := &whyJSON{
		Lead: lead.Key, Stage: lead.Stage, Readiness: lead.Readiness, Owner: lead.Owner, EndReason: lead.EndReason,
		IntakeAt: lead.IntakeAt, IntakeNote: lead.IntakeNote, Touches: []waitingJSON{}, Suppressions: []suppressionJSON{},
		Tasks: []taskJSON{}, Handoffs: []handoffJSON{}, Audiences: []audienceJSON{}, name: lead.FullName(),
		Next: o.Next, At: o.At, Reason: o.Reason, Sentence: o.Sentence, Skip: o.Skip, SenderPaused: o.SenderPaused, Capacity: o.Capacity,
		place: lead.Core(s.zone.String()).Place,
	}
	if r := o.Run; r != nil {
		w.Enrollment = &enrollmentJSON{
			Cadence: r.Cadence, Version: r.Version, State: r.State, Reason: r.Reason, Cycle: r.Cycle, Attempts: r.Spent, Budget: r.Budget,
			Window: r.Window, WindowOpen: r.WindowOpen, CallHours: r.CallHours, CallsOpen: r.CallsOn,
		}
	}
	if t := o.SenderStuck; t != nil {
		w.SenderStuck = &stuckJSON{t.About, t.Refused, t.Said, t.Since, t.SeenAt}
	}
	if t := o.Turn; t != nil {
		w.WeighedAgain = &turnJSON{t.At, t.Outcome, t.Readiness, t.Because}
	}
	for _, t := range o.Touches {
		w.Touches = append(w.Touches, waitingJSON{t.ID, t.StepKey, t.Channel, string(t.State), t.Tries, t.NotBefore, t.Detail})
	}
	for _, b := range o.Suppressions {
		w.Suppressions = append(w.Suppressions, suppressionJSON{b.Address, string(b.Scope), b.Reason, b.CreatedAt})
	}
	for _, t := range o.Tasks {
		w.Tasks = append(w.Tasks, taskOf(t, *lead))
	}
	for _, h := range o.Handoffs {
		w.Handoffs = append(w.Handoffs, handoffOf(h, *lead))
	}
	for _, a := range o.Audiences {
		w.Audiences = append(w.Audiences, audienceJSON(a))
	}
	return w, nil
}

// audienceJSON says whether a cadence would take a lead.
type audienceJSON struct {
	Cadence string `json:"cadence"`
	Matches bool   `json:"matches"`
	Manual  bool   `json:"manual"` // it never enrols by itself
	Why     string `json:"why"`
}

func (a *app) printWhy(w *whyJSON, loc *time.Location) {
	a.printf("%s, %s: %s\n\n", oneLine(w.name), oneLine(w.Lead), words(w.Stage))
	pairs := [][2]string{{"next", w.Next}, {"when", "when something happens"}, {"why", w.Sentence}}
	if w.At != nil {
		pairs[1][1] = at(w.At, loc) + localTime(w.place, *w.At, loc)
	} else if strings.HasPrefix(w.Next, "nothing") {
		pairs[1][1] = ""
	}
	if e := w.Enrollment; e != nil {
		pairs = append(pairs,
			[2]string{"cadence", fmt.Sprintf("%s version %d, %s", e.Cadence, e.Version, e.State)},
			[2]string{"since", sentence(e.Reason)},
			[2]string{"budget", fmt.Sprintf("%d of %d attempts spent in cycle %d", e.Attempts, e.Budget, e.Cycle)},
		)
		if e.State != string(cadence.Finished) {
			pairs = append(pairs, [2]string{"window", e.Window + openNow(e.WindowOpen)}, [2]string{"calls", e.CallHours + openNow(e.CallsOpen)})
		}
	}
	if w.Capacity != "" {
		pairs = append(pairs, [2]string{"spent", w.Capacity})
	}
	if w.SenderPaused != "" {
		pairs = append(pairs, [2]string{"paused", "the mailbox " + w.SenderPaused + " (nurture senders list)"})
	}
	if t := w.SenderStuck; t != nil {
		pairs = append(pairs, [2]string{"stuck", fmt.Sprintf("nothing leaves from %s since %s: %s (nurture senders list)", t.Sender, at(&t.Since, loc), oneLine(t.Said))})
	}
	pairs = append(pairs, [2]string{"owner", w.Owner})
	for _, t := range w.Touches {
		pairs = append(pairs, [2]string{"touch", touchLine(t, loc)})
	}
	for _, b := range w.Suppressions {
		pairs = append(pairs, [2]string{"suppressed", fmt.Sprintf("%s (%s) since %s: %s", b.Address, b.Scope, at(&b.Since, loc), words(b.Reason))})
	}
	for _, t := range w.Tasks {
		pairs = append(pairs, [2]string{"task", fmt.Sprintf("%d, %s, due %s: %s", t.ID, t.State, at(&t.DueAt, loc), t.Title)})
	}
	for _, h := range w.Handoffs {
		line := fmt.Sprintf("%d, %s", h.ID, h.State)
		if len(h.Missing) > 0 {
			line += ", lacks " + strings.Join(h.Missing, ", ")
		}
		pairs = append(pairs, [2]string{"handoff", line})
	}
	if t := w.WeighedAgain; t != nil {
		pairs = append(pairs, [2]string{"weighed again", fmt.Sprintf("%s, by time alone: %s, %s. %s", at(&t.At, loc), t.Outcome, words(t.Readiness), t.Because)})
	}
	for _, au := range w.Audiences {
		pairs = append(pairs, [2]string{"audience", audienceLine(au)})
	}
	a.fields(pairs...)
}

func openNow(open bool) string {
	if open {
		return " (open now)"
	}
	return " (closed now)"
}

func touchLine(t waitingJSON, loc *time.Location) string {
	line := fmt.Sprintf("%d, %s %q is %s", t.ID, t.Channel, t.Step, t.State)
	if t.State == string(store.TouchPlanned) {
		line += ", not before " + at(&t.NotBefore, loc)
	}
	if t.Tries > 1 {
		line += fmt.Sprintf(", %d tries", t.Tries)
	}
	if t.Detail != "" {
		line += ": " + t.Detail
	}
	return line
}

func audienceLine(a audienceJSON) string {
	switch {
	case a.Matches && a.Manual:
		return fmt.Sprintf("%s takes leads by hand only: nurture enroll --cadence %s", a.Cadence, a.Cadence)
	case a.Matches:
		return fmt.Sprintf("%s takes it: %s", a.Cadence, a.Why)
	}
	return fmt.Sprintf("%s does not take it: %s", a.Cadence, a.Why)
}

// localTime adds what the clock says at the lead's place when that differs from the operator's.
func localTime(place calendar.Place, t time.Time, loc *time.Location) string {
	for _, zone := range place.Zones {
		there, err := time.LoadLocation(zone)
		if err != nil {
			continue
		}
		if _, offset := t.In(there).Zone(); offset != offsetIn(t, loc) {
			return fmt.Sprintf(" (%s there)", t.In(there).Format("Mon 15:04 MST"))
		}
		return ""
	}
	return ""
}

func offsetIn(t time.Time, loc *time.Location) int {
	_, offset := t.In(loc).Zone()
	return offset
}
