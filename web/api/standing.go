package api

import (
	"time"

	"nurture/store"
)

// Queue is a queue as the API and nurture queues list --json show it.
type Queue struct {
	Queue       string     `json:"queue"`
	State       string     `json:"state"` // working or paused
	PausedAt    *time.Time `json:"paused_at" jsonschema:"oneof_type=string;null"`
	Ready       int        `json:"ready"`
	Running     int        `json:"running"`
	Later       int        `json:"later"`
	Discarded   int        `json:"discarded"`
	DoneInHour  int        `json:"done_in_hour"`
	OldestReady *time.Time `json:"oldest_ready" jsonschema:"oneof_type=string;null"`
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

// queuesBody is every queue.
type queuesBody struct {
	Queues []Queue `json:"queues"`
}

func (s *server) queues(c *call) (any, error) {
	queues, err := s.Engine.Queues(c.Context())
	return queuesBody{Queues(queues)}, err
}

// alarmBody is something that needs a person.
type alarmBody struct {
	Kind  string     `json:"kind"`
	Count int        `json:"count"`
	More  bool       `json:"more"` // there are more than count
	About []string   `json:"about"`
	Said  []string   `json:"said"` // of each of about, what a server said; empty where none has a say
	Since *time.Time `json:"since" jsonschema:"oneof_type=string;null"`
}

// alarmsBody is all that needs a person.
type alarmsBody struct {
	Alarms []alarmBody `json:"alarms"`
}

func (s *server) alarms(c *call) (any, error) {
	alarms, err := s.Engine.Alarms(c.Context())
	bodies := make([]alarmBody, len(alarms))
	for i, a := range alarms {
		bodies[i] = alarmBody{string(a.Kind), a.N, a.More, append([]string{}, a.About...), append([]string{}, a.Said...), a.Since}
	}
	return alarmsBody{bodies}, err
}
