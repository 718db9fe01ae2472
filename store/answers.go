package store

import (
	"context"
	"fmt"

	"nurture/cadence"
)

// StepAnswers is what came of the touches of a step, of all its versions. Kind "" are those that nothing came of.
type StepAnswers struct {
	Cadence string               `db:"cadence_key"`
	Step    string               `db:"step_key"`
	Channel cadence.Channel      `db:"channel"`
	Kind    cadence.ResponseKind `db:"kind"`
	N       int                  `db:"n"`
}

// CountStepAnswers counts what came of the touches that were made, by step. Of several responses to a mail a click counts only when it is all
// that came.
func CountStepAnswers(ctx context.Context, db DB) ([]StepAnswers, error) {
	rows, err := collect[StepAnswers](ctx, db, `SELECT v.cadence_key, t.step_key, t.channel, coalesce(first.kind, '') AS kind, count(*)::int AS n
		FROM touches t JOIN enrollments e ON e.id = t.enrollment_id JOIN cadence_versions v ON v.id = e.cadence_version_id
		LEFT JOIN LATERAL (SELECT r.kind FROM responses r WHERE r.touch_id = t.id ORDER BY r.kind IN ('click', 'topics_chosen', 'form'), r.id LIMIT 1) first ON true
		WHERE t.state = 'sent' AND (t.channel <> 'call' OR first.kind IS NOT NULL)
		GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`)
	if err != nil {
		return nil, fmt.Errorf("count what came of touches: %w", err)
	}
	return rows, nil
}

// TaskAnswers counts the outcomes of tasks that no step filed.
type TaskAnswers struct {
	Kind        cadence.TaskKind     `db:"kind"`
	Disposition cadence.ResponseKind `db:"disposition"`
	N           int                  `db:"n"`
}

// CountTaskAnswers counts what people said of the tasks that no step filed, by kind.
func CountTaskAnswers(ctx context.Context, db DB) ([]TaskAnswers, error) {
	rows, err := collect[TaskAnswers](ctx, db, `SELECT kind, disposition, count(*)::int AS n FROM tasks
		WHERE touch_id IS NULL AND state = 'done' AND disposition <> '' GROUP BY 1, 2 ORDER BY 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("count what came of tasks: %w", err)
	}
	return rows, nil
}

// TalkVerdicts counts the verdicts after conversations of a kind.
type TalkVerdicts struct {
	Kind     cadence.ResponseKind `db:"kind"`
	N        int                  `db:"n"`
	Promoted int                  `db:"promoted"`
	Closed   int                  `db:"closed"`
}

// CountTalkVerdicts counts what the definition said after responses of the kinds.
func CountTalkVerdicts(ctx context.Context, db DB, kinds []cadence.ResponseKind) ([]TalkVerdicts, error) {
	rows, err := collect[TalkVerdicts](ctx, db, `SELECT r.kind, count(*)::int AS n, count(*) FILTER (WHERE d.outcome = 'promote')::int AS promoted,
			count(*) FILTER (WHERE d.outcome = 'close')::int AS closed
		FROM responses r JOIN verdicts d ON d.response_id = r.id WHERE r.kind = ANY($1) GROUP BY 1 ORDER BY 1`, kinds)
	if err != nil {
		return nil, fmt.Errorf("count the verdicts after conversations: %w", err)
	}
	return rows, nil
}

// CountHandoffAnswers counts the handoffs that sales accepted, and those that it rejected.
func CountHandoffAnswers(ctx context.Context, db DB) (accepted, rejected int, err error) {
	err = db.QueryRow(ctx, `SELECT count(*) FILTER (WHERE state = 'accepted')::int, count(*) FILTER (WHERE state = 'rejected')::int FROM handoffs`).
		Scan(&accepted, &rejected)
	if err != nil {
		return 0, 0, fmt.Errorf("count what sales answered: %w", err)
	}
	return accepted, rejected, nil
}
