package jobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"nurture/store"
)

// AlarmKind is what an alarm is about.
type AlarmKind string

// What may need a person, the gravest first.
const (
	AlarmNotReady     AlarmKind = "not_ready"     // no configuration is live: nothing leaves
	AlarmNoWorker     AlarmKind = "no_worker"     // no process works: nothing leaves
	AlarmGivenUp      AlarmKind = "given_up"      // jobs failed at their last try
	AlarmSenderStuck  AlarmKind = "sender_stuck"  // senders that nothing leaves from: they are refused, or their server is not reached
	AlarmSenderPaused AlarmKind = "sender_paused" // mailboxes send nothing
	AlarmInboxUnread  AlarmKind = "inbox_unread"  // mailboxes that answers should be read from
	AlarmLeak         AlarmKind = "leak"          // leads that nobody and nothing will come back to
	AlarmWorkerSilent AlarmKind = "worker_silent" // processes that gave no sign of life; others take their work up
	AlarmFailing      AlarmKind = "failing"       // jobs whose last try failed; they are tried again
	AlarmQueuePaused  AlarmKind = "queue_paused"
	AlarmEscalated    AlarmKind = "escalated" // handoffs that sales left unanswered beyond their time
	AlarmUnknown      AlarmKind = "unknown"   // touches of which nobody can tell whether they were sent
	AlarmUnmatched    AlarmKind = "unmatched" // mails that nobody could be found for
	AlarmReferrals    AlarmKind = "referrals" // people whom leads named
)

// Alarm is something that needs a person.
type Alarm struct {
	Kind  AlarmKind
	N     int        // how many
	More  bool       // there are more than N
	About []string   // which: queues, mailboxes, workers; nil when a list elsewhere tells
	Said  []string   // of each of About, what a server said; nil where none has a say
	Since *time.Time // of the one that waits longest; nil when not known
	Real  bool       // Since is of the real clock
}

// failingCounted is up to how many failing jobs are counted.
const failingCounted = 1000

// Alarms lists what needs a person, the gravest first; nothing when all is well.
func (e *Engine) Alarms(ctx context.Context) ([]Alarm, error) {
	var alarms []Alarm
	for _, look := range []func(context.Context) ([]Alarm, error){e.senderAlarms, e.workerAlarms, e.jobAlarms, e.matterAlarms} {
		found, err := look(ctx)
		if err != nil {
			return nil, err
		}
		alarms = append(alarms, found...)
	}
	if leaks := e.Leaks(ctx); len(leaks.Leads) > 0 {
		alarms = append(alarms, Alarm{Kind: AlarmLeak, N: len(leaks.Leads), More: leaks.More})
	}
	slices.SortStableFunc(alarms, func(a, b Alarm) int { return alarmRank(a.Kind) - alarmRank(b.Kind) })
	return alarms, nil
}

// alarmRank orders alarms as their kinds are listed.
func alarmRank(k AlarmKind) int {
	return slices.Index([]AlarmKind{
		AlarmNotReady, AlarmNoWorker, AlarmGivenUp, AlarmSenderStuck, AlarmSenderPaused, AlarmInboxUnread, AlarmLeak, AlarmWorkerSilent, AlarmFailing, AlarmQueuePaused, AlarmEscalated,
		AlarmUnknown, AlarmUnmatched, AlarmReferrals,
	}, k)
}

// senderAlarms tell of mailboxes that are paused, cannot send, or are not read, and that nothing is live.
func (e *Engine) senderAlarms(ctx context.Context) ([]Alarm, error) {
	current, err := e.liveNow(ctx, e.pool)
	if errors.Is(err, ErrNotReady) {
		return []Alarm{{Kind: AlarmNotReady, N: 1}}, nil
	} else if err != nil {
		return nil, err
	}
	troubles, err := Troubles(ctx, e.pool, current.config.Settings, e.realNow())
	if err != nil {
		return nil, err
	}
	stuck, unread := Alarm{Kind: AlarmSenderStuck, Real: true}, Alarm{Kind: AlarmInboxUnread, Real: true}
	for _, t := range troubles {
		a := &stuck
		if t.What == store.TroubleInbox {
			a = &unread
		}
		a.add(t.About, &t.Since)
		a.Said = append(a.Said, t.Said)
	}
	known, err := store.Senders(ctx, e.pool)
	if err != nil {
		return nil, err
	}
	paused := Alarm{Kind: AlarmSenderPaused}
	for _, s := range known {
		if s.PausedAt != nil {
			paused.add(s.Mailbox, s.PausedAt)
		}
	}
	return standing(stuck, paused, unread), nil
}

// workerAlarms tell of processes that are gone.
func (e *Engine) workerAlarms(ctx context.Context) ([]Alarm, error) {
	workers, err := e.Workers(ctx)
	if err != nil {
		return nil, err
	}
	alive, silent := 0, Alarm{Kind: AlarmWorkerSilent, Real: true}
	for _, w := range workers {
		if w.Alive {
			alive++
		} else {
			silent.add(w.ID, &w.SeenAt)
		}
	}
	alarms := standing(silent)
	if alive == 0 {
		alarms = append(alarms, Alarm{Kind: AlarmNoWorker, N: 1, Since: lastSeen(workers), Real: true})
	}
	return alarms, nil
}

func lastSeen(workers []WorkerState) *time.Time {
	var last *time.Time
	for _, w := range workers {
		if last == nil || w.SeenAt.After(*last) {
			last = &w.SeenAt
		}
	}
	return last
}

// jobAlarms tell of queues that stand and of jobs that fail.
func (e *Engine) jobAlarms(ctx context.Context) ([]Alarm, error) {
	queues, err := store.TroubledQueues(ctx, e.pool)
	if err != nil {
		return nil, err
	}
	givenUp, paused := Alarm{Kind: AlarmGivenUp}, Alarm{Kind: AlarmQueuePaused, Real: true}
	slices.SortFunc(queues, func(a, b store.TroubledQueue) int {
		return slices.Index(queueNames, a.Name) - slices.Index(queueNames, b.Name)
	})
	for _, q := range queues {
		if !slices.Contains(queueNames, q.Name) {
			continue
		}
		if q.Discarded > 0 {
			givenUp.N, givenUp.About = givenUp.N+q.Discarded, append(givenUp.About, q.Name)
		}
		if q.PausedAt != nil {
			paused.add(q.Name, q.PausedAt)
		}
	}
	retrying, err := store.CountRetrying(ctx, e.pool, failingCounted+1)
	if err != nil {
		return nil, err
	}
	failing := Alarm{Kind: AlarmFailing, N: min(retrying, failingCounted), More: retrying > failingCounted}
	return standing(givenUp, failing, paused), nil
}

// matterAlarms tell of what waits for somebody's decision.
func (e *Engine) matterAlarms(ctx context.Context) ([]Alarm, error) {
	m, err := store.CountMatters(ctx, e.pool)
	if err != nil {
		return nil, err
	}
	return standing(
		Alarm{Kind: AlarmEscalated, N: m.Escalated, Since: m.EscalatedSince},
		Alarm{Kind: AlarmUnknown, N: m.Unknown, Since: m.UnknownSince},
		Alarm{Kind: AlarmUnmatched, N: m.Unmatched, Since: m.UnmatchedSince},
		Alarm{Kind: AlarmReferrals, N: m.Referrals, Since: m.ReferralsSince},
	), nil
}

// add counts one more.
func (a *Alarm) add(name string, since *time.Time) {
	a.N, a.About = a.N+1, append(a.About, name)
	if a.Since == nil || since.Before(*a.Since) {
		a.Since = since
	}
}

// standing are the alarms that are about anything.
func standing(alarms ...Alarm) []Alarm {
	return slices.DeleteFunc(alarms, func(a Alarm) bool { return a.N == 0 })
}

// WorkerState is a process that works jobs.
type WorkerState struct {
	store.Worker
	Alive bool // it gave a sign of life within two minutes
}

// Workers lists the processes that work jobs, and those that died of which work is not taken up yet. Their instants are the real clock's.
func (e *Engine) Workers(ctx context.Context) ([]WorkerState, error) {
	workers, err := store.Workers(ctx, e.pool)
	states := make([]WorkerState, len(workers))
	for i, w := range workers {
		states[i] = WorkerState{w, e.realNow().Sub(w.SeenAt) < deadAfter}
	}
	return states, err
}
