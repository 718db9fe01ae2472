package calltask

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nurture/channels"
)

// queue is a Filer that keeps what it is given, or fails.
type queue struct {
	tasks []Task
	err   error
}

func (q *queue) File(_ context.Context, tasks []Task) error {
	if q.err == nil {
		q.tasks = append(q.tasks, tasks...)
	}
	return q.err
}

var messages = []channels.Message{
	{TouchID: 7, From: channels.Party{Address: "sam@example.com"}, Subject: "Call Ann", Text: "Ask about timing."},
	{TouchID: 9, From: channels.Party{Address: "kim@example.com"}, Subject: "Call Bob", Text: "Ask about budget."},
}

func TestEveryMessageBecomesATask(t *testing.T) {
	t.Parallel()
	var q queue
	receipts := New(&q).Send(context.Background(), messages)
	wantTasks := []Task{
		{TouchID: 7, Owner: "sam@example.com", Title: "Call Ann", Script: "Ask about timing."},
		{TouchID: 9, Owner: "kim@example.com", Title: "Call Bob", Script: "Ask about budget."},
	}
	if diff := cmp.Diff(wantTasks, q.tasks); diff != "" {
		t.Errorf("filed tasks (-want +got):\n%s", diff)
	}
	wantReceipts := []channels.Receipt{{TouchID: 7, Outcome: channels.Sent}, {TouchID: 9, Outcome: channels.Sent}}
	if diff := cmp.Diff(wantReceipts, receipts); diff != "" {
		t.Errorf("receipts (-want +got):\n%s", diff)
	}
}

func TestNothingIsSentWhenFilingFails(t *testing.T) {
	t.Parallel()
	q := queue{err: errors.New("the disk is full")}
	for _, r := range New(&q).Send(context.Background(), messages) {
		if r.Outcome != channels.Temporary || r.Detail != "the disk is full" {
			t.Errorf("receipt %+v, want Temporary with the cause", r)
		}
	}
}
