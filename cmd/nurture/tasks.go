package main

import (
	"cmp"
	"context"
	"time"

	"github.com/spf13/cobra"

	"nurture/store"
)

func newTasksCmd(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "tasks", Short: "The SDRs' work: calls, triage of replies, dossiers to complete",
		Long: `What people must do: call a lead, say what a reply means, confirm answers, complete a dossier. A task is claimed by one person, and
completed with a disposition; answers to the definition's questions become human-confirmed facts, on which the lead is weighed again.`,
	}, newTaskListCmd(a), newTaskShowCmd(a), newTaskClaimCmd(a), newTaskCompleteCmd(a, nil))
}

// taskJSON is a task as the tasks commands print it with --json.
type taskJSON struct {
	ID          int64      `json:"id"`
	Lead        string     `json:"lead"`
	LeadName    string     `json:"lead_name"`
	TouchID     *int64     `json:"touch_id"`
	Kind        string     `json:"kind"`
	State       string     `json:"state"`
	Owner       string     `json:"owner"`
	Title       string     `json:"title"`
	Script      string     `json:"script"`
	Ask         []string   `json:"ask"`
	Why         string     `json:"why"`
	OpenedAt    time.Time  `json:"opened_at"`
	DueAt       time.Time  `json:"due_at"`
	ExpiresAt   *time.Time `json:"expires_at"`
	ClaimedBy   string     `json:"claimed_by"`
	DoneAt      *time.Time `json:"done_at"`
	Disposition string     `json:"disposition"`
	Notes       string     `json:"notes"`
}

func taskOf(t store.Task, lead store.Lead) taskJSON {
	return taskJSON{
		ID: t.ID, Lead: cmp.Or(lead.Key, id(t.LeadID)), LeadName: lead.FullName(), TouchID: t.TouchID, Kind: string(t.Kind), State: string(t.State),
		Owner: t.Owner, Title: t.Title, Script: t.Script, Ask: append([]string{}, t.Ask...), Why: t.Why, OpenedAt: t.OpenedAt.UTC(),
		DueAt: t.DueAt.UTC(), ExpiresAt: t.ExpiresAt, ClaimedBy: t.ClaimedBy, DoneAt: t.DoneAt, Disposition: t.Disposition, Notes: t.Notes,
	}
}

type taskListOptions struct {
	*app
	owner string
	limit int
}

func newTaskListCmd(a *app) *cobra.Command {
	o := &taskListOptions{app: a}
	cmd := &cobra.Command{
		Use: "list", Short: "List open and claimed tasks, the most urgent first",
		Example: "  nurture tasks list --owner mara@example.com\n  nurture tasks list --json",
		Args:    args(0, 0, ""),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runTaskList(cmd.Context(), o) },
	}
	cmd.Flags().StringVar(&o.owner, "owner", "", "only this SDR's")
	addLimit(cmd, &o.limit, 1000, "at most so many")
	return cmd
}

func runTaskList(ctx context.Context, o *taskListOptions) error {
	return o.with(ctx, func(s *session) error {
		tasks, err := store.OpenTasks(ctx, s.pool, o.owner, o.limit)
		if err != nil {
			return err
		}
		ids := make([]int64, len(tasks))
		for i, t := range tasks {
			ids[i] = t.LeadID
		}
		leads, err := store.LeadsByID(ctx, s.pool, ids)
		if err != nil {
			return err
		}
		if o.json {
			out := make([]taskJSON, len(tasks))
			for i, t := range tasks {
				out[i] = taskOf(t, leads[t.LeadID])
			}
			return o.printJSON(out)
		}
		if len(tasks) == 0 {
			o.printf("nothing to do\n")
			return nil
		}
		rows := [][]string{{"ID", "DUE", "KIND", "LEAD", "OWNER", "STATE", "WHAT"}}
		for _, t := range tasks {
			row := taskOf(t, leads[t.LeadID])
			due := at(&t.DueAt, s.zone)
			if t.DueAt.Before(o.now()) {
				due += " (overdue)"
			}
			rows = append(rows, []string{id(row.ID), due, words(row.Kind), short(row.Lead, 30), dash(row.Owner), row.State, short(row.Title, 60)})
		}
		o.table(rows)
		return nil
	})
}
