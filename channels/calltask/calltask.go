// Package calltask is the channel whose provider is a person: a message becomes a task in an SDR's queue.
package calltask

import (
	"context"

	"nurture/channels"
)

// Task is what an SDR gets: whom to reach, and the script.
type Task struct {
	TouchID int64
	Owner   string // the SDR's address
	Title   string
	Script  string
}

// Filer puts tasks into the queue. All are filed or none; filing a touch's task twice leaves one.
type Filer interface {
	File(ctx context.Context, tasks []Task) error
}

// Channel files tasks.
type Channel struct{ filer Filer }

// New makes a Channel that files with f.
func New(f Filer) *Channel { return &Channel{filer: f} }

// Send files a task for each message. The queue is the program's own, so no answer is ever lost: all are Sent, or, when the filer
// fails, all Temporary.
func (c *Channel) Send(ctx context.Context, messages []channels.Message) []channels.Receipt {
	tasks := make([]Task, len(messages))
	receipts := make([]channels.Receipt, len(messages))
	for i, m := range messages {
		tasks[i] = Task{TouchID: m.TouchID, Owner: m.From.Address, Title: m.Subject, Script: m.Text}
		receipts[i] = channels.Receipt{TouchID: m.TouchID, Outcome: channels.Sent}
	}
	if err := c.filer.File(ctx, tasks); err != nil {
		for i := range receipts {
			receipts[i].Outcome, receipts[i].Detail = channels.Temporary, err.Error()
		}
	}
	return receipts
}
