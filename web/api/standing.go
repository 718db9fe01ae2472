package api

import (
	"context"
	"time"

	"nurture/store"
)

// Queue is a queue as the API and nurture queues list --json show it.
type Queue struct {
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

// Queues gives queues as they are shown.
func Queues(queues []store.Queue) []Queue {
	shown := make([]Queue, len(queues))
	for i, q := range queues {
		state := "working"
		if q.PausedAt != nil {
			state = "paused"
		}
		shown[i] = Queue{q.Name, state, q.PausedAt, q.Ready, q.Running, q.Later, q.Discarded, q.Done, q.OldestReady}
	}
	return shown
}

func (s *server) queues(ctx context.Context) (any, error) {
	queues, err := s.Engine.Queues(ctx)
	return map[string]any{"queues": Queues(queues)}, err
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
