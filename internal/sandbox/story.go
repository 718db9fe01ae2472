package sandbox

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"nurture/internal/dossier"
	"nurture/internal/figure"
	"nurture/store"
)

// Example is a lead whose story shows what the program does.
type Example struct {
	Label   string
	Dossier dossier.Dossier
}

// examples picks leads to tell about.
func (w *world) examples(ctx context.Context) ([]Example, error) {
	accepted, waiting, left, err := store.Examples(ctx, w.pool)
	if err != nil {
		return nil, err
	}
	var out []Example
	for _, e := range []struct {
		id    int64
		label string
	}{{accepted, "ready, and accepted by sales"}, {waiting, "not ready yet, and kept warm"}, {left, "left, and is left alone"}} {
		if e.id == 0 {
			continue
		}
		d, err := w.engine.Dossier(ctx, w.pool, e.id, w.clock.Now())
		if err != nil {
			return nil, err
		}
		out = append(out, Example{e.label, d})
	}
	return out, nil
}

// Tell writes the result for people.
func (r *Result) Tell(out io.Writer) {
	p := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	p("\n%d leads, %d days in %.1f seconds: %s touches, %.0f a second, each one a row in the ledger.\n",
		r.Leads, r.Days, r.WallSeconds, figure.Thousands(r.touches()), float64(r.touches())/max(r.WallSeconds, 0.001))
	r.funnel(out)
	p("\nTOUCHES")
	bars(out, []bar{{"email", r.Touches.Email}, {"call by an SDR", r.Touches.Call}, {"voicemail", r.Touches.Voicemail}}, r.touches())
	p("  %s were left out, each with its reason: %s", figure.Thousands(r.Skipped), listCounts(r.Summary.SkippedBecause, 4))
	p("\nWHAT CAME BACK")
	bars(out, topBars(r.Responses, 8), sum(r.Responses))
	r.promises(out)
	for i, e := range r.Examples {
		tellExample(out, i+1, e)
	}
}

func (r *Result) touches() int { return r.Touches.Email + r.Touches.Voicemail + r.Touches.Call }

func (r *Result) funnel(out io.Writer) {
	fmt.Fprintln(out, "FUNNEL")
	s := r.Summary
	bars(out, []bar{
		{"leads", r.Leads},
		{"nurtured", s.Reached["nurturing"]},
		{"qualified by the definition", s.Reached["qualified"]},
		{"handed to sales", r.Promotions},
		{"accepted", r.Handoffs.Accepted},
	}, r.Leads)
	fmt.Fprintf(out, "  %d in the long game, %d began another cycle with a fresh budget, %d ended (%s)\n",
		r.LongTerm, s.Returns, sum(s.Ends), listCounts(s.Ends, 4))
	switch n := r.Handoffs.Blocked; {
	case n == 1:
		fmt.Fprintln(out, "  1 qualified lead waits until its dossier is complete")
	case n > 1:
		fmt.Fprintf(out, "  %d qualified leads wait until their dossiers are complete\n", n)
	}
	if p := r.Precision; p != nil {
		fmt.Fprintf(out, "  of %d promoted, %d did buy in truth: %.0f %%, against %.0f %% of all leads\n", p.Promoted, p.Converted, p.Share*100, p.BaseRate*100)
	}
}

func (r *Result) promises(out io.Writer) {
	fmt.Fprintln(out, "\nPROMISES, counted by the mail server and the phone provider, not by us")
	for _, c := range []struct {
		what string
		n    int
	}{
		{"touches made twice", r.SentTwice},
		{"touches lost", r.Lost},
		{"touches after somebody said stop", r.TouchesAfterStop},
		{"touches whose fate is not known", r.Unknown},
		{"leads that nobody comes back to", r.Leaks},
	} {
		mark := "ok "
		if c.n > 0 {
			mark = "NO "
		}
		fmt.Fprintf(out, "  %s %d %s\n", mark, c.n, c.what)
	}
	fmt.Fprintf(out, "  %s %d touches at most in a cycle\n", map[bool]string{true: "ok ", false: "NO "}[r.MaxTouchesPerCycle <= 7], r.MaxTouchesPerCycle)
}

// shownEntries is how much of a story fits on a screen.
const shownEntries = 14

func tellExample(out io.Writer, n int, e Example) {
	d := e.Dossier
	fmt.Fprintf(out, "\nLEAD %d: %s (%s)\n", n, d.Title(), e.Label)
	entries := worthTelling(d.History)
	if cut := len(entries) - shownEntries; cut > 0 {
		fmt.Fprintf(out, "  … %d earlier entries\n", cut)
		entries = entries[cut:]
	}
	for _, h := range entries {
		line := h.What
		for _, more := range []string{h.Outcome, h.Detail} {
			if more != "" {
				line += ", " + more
			}
		}
		fmt.Fprintf(out, "  %-17s %s\n", d.When(h.At), cut(line, 100))
	}
	if d.Because == "" {
		fmt.Fprintln(out, "  Verdict: none, nothing was answered that could be weighed.")
		return
	}
	fmt.Fprintf(out, "  Verdict: %s. %s\n", d.Outcome, d.Because)
	for _, c := range d.Criteria {
		mark := map[string]string{"met": "+", "unmet": "-"}[c.State]
		fmt.Fprintf(out, "    %-1s %-20s %s\n", cmp.Or(mark, "?"), c.Key, cut(c.Why, 90))
	}
}

// worthTelling leaves out responses that only repeat what the touch before them shows as its result.
func worthTelling(entries []dossier.Entry) []dossier.Entry {
	shown := map[string]bool{}
	var out []dossier.Entry
	for _, e := range entries {
		if e.Kind == "touch" {
			shown[e.Outcome] = true
		}
		if e.Kind == "response" && e.Detail == "" && e.Outcome == "" && shown[e.What] {
			continue
		}
		out = append(out, e)
	}
	return out
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

type bar struct {
	label string
	n     int
}

// bars draws counts against a whole.
func bars(out io.Writer, rows []bar, whole int) {
	const width = 30
	for _, b := range rows {
		filled := 0
		if whole > 0 {
			filled = (b.n*width + whole/2) / whole
		}
		fmt.Fprintf(out, "  %-28s %7s  %s\n", b.label, figure.Thousands(b.n), strings.Repeat("█", min(filled, width)))
	}
}

func topBars(counts map[string]int, n int) []bar {
	rows := sortedCounts(counts)
	var other int
	for _, r := range rows[min(n, len(rows)):] {
		other += r.n
	}
	rows = rows[:min(n, len(rows))]
	if other > 0 {
		rows = append(rows, bar{"everything else", other})
	}
	return rows
}

func listCounts(counts map[string]int, n int) string {
	parts := make([]string, 0, n+1)
	for _, b := range topBars(counts, n) {
		parts = append(parts, fmt.Sprintf("%s %s", figure.Thousands(b.n), b.label))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

func sortedCounts(counts map[string]int) []bar {
	rows := make([]bar, 0, len(counts))
	for name, n := range counts {
		rows = append(rows, bar{dossier.Words(name), n})
	}
	slices.SortFunc(rows, func(a, b bar) int { return cmp.Or(b.n-a.n, strings.Compare(a.label, b.label)) })
	return rows
}

func sum(counts map[string]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}
