package api

import (
	"context"
	"time"
)

// queueBody is a queue, with the same keys as nurture queues list --json.
type queueBody struct {
	Queue       string     `json:"queue"`
	State       string     `json:"state"` // working or paused
	PausedAt    *time.Time `json:"paused_at"`
	Ready       int        `json:"ready"`
	Running     int        `json:"running"`
	Later       int        `json:"later"`
	Discarded   int        `json:"discarded"`
	DoneInHour  int        `json:"done_in_hour"`
	OldestReady *time.Time `json:"oldest_ready"`
}

func (s *server) queues(ctx context.Context) (any, error) {
	queues, err := s.Engine.Queues(ctx)
	bodies := make([]queueBody, len(queues))
	for i, q := range queues {
		state := "working"
		if q.PausedAt != nil {
			state = "paused"
		}
		bodies[i] = queueBody{q.Name, state, q.PausedAt, q.Ready, q.Running, q.Later, q.Discarded, q.Done, q.OldestReady}
	}
	return map[string]any{"queues": bodies}, err
}

// alarmBody is something that needs a person.
type alarmBody struct {
	Kind  string     `json:"kind"`
	Count int        `json:"count"`
	More  bool       `json:"more"` // there are more than count
	About []string   `json:"about"`
	Since *time.Time `json:"since"`
}

func (s *server) alarms(ctx context.Context) (any, error) {
	alarms, err := s.Engine.Alarms(ctx)
	bodies := make([]alarmBody, len(alarms))
	for i, a := range alarms {
		bodies[i] = alarmBody{string(a.Kind), a.N, a.More, append([]string{}, a.About...), a.Since}
	}
	return map[string]any{"alarms": bodies}, err
}
