package store_test

import (
	"testing"
	"time"

	"nurture/store"
)

func TestServerVitals(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	before := time.Now()
	v, err := store.ServerVitals(b.ctx, b.pool)
	must(t, err)
	if v.Version < 140000 || v.ReadOnly || v.Connections < 1 || v.Most < v.Connections {
		t.Errorf("got %+v", v)
	}
	if v.Clock.Before(before.Add(-time.Second)) || v.Clock.After(time.Now().Add(time.Second)) {
		t.Errorf("the server on this machine says %v, which is not %v", v.Clock, before)
	}
}

func TestCountWaiting(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	leads, enrollments := b.enrolled(3)
	for _, sql := range []string{
		`UPDATE leads SET intake_at = now()`,
		`UPDATE enrollments SET due_at = now()`,
		`INSERT INTO inbound_mails (source, external_id, digest, sender, subject, kind, why, classification, state, note, received_at)
			VALUES ('imap', 'a', '\x01', '', '', 'reply', '', '{}', 'unmatched', '', now()), ('imap', 'b', '\x02', '', '', 'reply', '', '{}', 'taken', '', now())`,
	} {
		_, err := b.pool.Exec(b.ctx, sql)
		must(t, err)
	}
	w, err := store.CountWaiting(b.ctx, b.pool)
	must(t, err)
	if w != (store.Waiting{Unmatched: 1}) {
		t.Errorf("got %+v", w)
	}
	_, err = b.pool.Exec(b.ctx, `UPDATE leads SET owner = '' WHERE id = $1`, leads[0])
	must(t, err)
	_, err = b.pool.Exec(b.ctx, `UPDATE leads SET intake_at = NULL WHERE id = $1`, leads[1])
	must(t, err)
	_, err = b.pool.Exec(b.ctx, `UPDATE enrollments SET due_at = NULL WHERE id = $1`, enrollments[1])
	must(t, err)
	w, err = store.CountWaiting(b.ctx, b.pool)
	must(t, err)
	leaks, err := store.Leaks(b.ctx, b.pool, 0)
	must(t, err)
	if w.Leaks != 2 || len(leaks) != w.Leaks {
		t.Errorf("%d leaks are counted and %d listed, want 2", w.Leaks, len(leaks))
	}
}
