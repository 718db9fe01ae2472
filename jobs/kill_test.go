package jobs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/channels"
	"nurture/channels/email"
	"nurture/channels/journal"
	"nurture/internal/sandbox/mailsink"
	"nurture/store"
)

// connections is how many messages a worker of the kill test may have between final dot and answer at once.
const connections = 4

// workerChild is a worker process: it works the jobs of the database, and sends to the server that the environment names, until it is
// killed.
func workerChild() {
	fail := func(err error) {
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	ctx := context.Background()
	dir, id := os.Getenv("NURTURE_TEST_DIR"), os.Getenv("NURTURE_TEST_WORKER")
	host, port, err := net.SplitHostPort(os.Getenv("NURTURE_TEST_SMTP"))
	fail(err)
	number, err := strconv.Atoi(port)
	fail(err)
	pool, err := store.Open(ctx, os.Getenv("NURTURE_TEST_DATABASE"), 8)
	fail(err)
	self := store.Worker{ID: id, Host: "test", PID: os.Getpid(), StartedAt: time.Now(), SeenAt: time.Now()}
	fail(store.SeeWorker(ctx, pool, self))
	journal, err := journal.Open(dir, id)
	fail(err)
	smtp, err := email.New(email.Config{Host: host, Port: number, TLS: email.TLSNone, LocalName: "worker.example.com", Connections: connections}, journal)
	fail(err)
	now := func() time.Time { return tenOClock }
	engine, err := New(ctx, Options{
		Pool: pool, Now: now, RealNow: time.Now, Worker: self,
		Channels: map[cadence.Channel]channels.Channel{cadence.ChannelEmail: smtp, cadence.ChannelVoicemail: &fakeChannel{}},
		Journal:  journal, JournalDir: dir,
	})
	fail(err)
	fail(engine.Start(ctx))
	fmt.Println("ready")
	engine.Run(ctx, 50*time.Millisecond)
}

// TestKilledWorkers kills a worker process again and again in the midst of sending (K1): what the server has is counted at the server.
// No touch may be there twice, each touch is sent or unknown in the end, and unknown are at most as many as could be between dot and
// answer when a worker died.
func TestKilledWorkers(t *testing.T) {
	t.Parallel()
	const touches, kills = 400, 5
	files := firstSeven(mailStep + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: 1000")
	r := newLiveRig(t, files)
	ids := r.planned(touches)
	sink, err := mailsink.New(func() time.Time { return tenOClock }, mailsink.Options{
		Fault: func(mailsink.Envelope) mailsink.Verdict { return mailsink.Stall(mailsink.AtData) },
	})
	must(t, err)
	release := time.NewTicker(5 * time.Millisecond) // every answer comes a little after its dot
	released := make(chan struct{})
	go func() {
		for {
			select {
			case <-release.C:
				sink.Release()
			case <-released:
				return
			}
		}
	}()
	t.Cleanup(func() { release.Stop(); close(released); _ = sink.Close() })
	dir := t.TempDir()
	env := []string{"NURTURE_TEST_DIR=" + dir, "NURTURE_TEST_SMTP=" + sink.Addr(), "NURTURE_TEST_DATABASE=" + r.url}
	random := rand.New(rand.NewPCG(uint64(os.Getpid()), 7))
	died := 0
	for round := range kills {
		cmd := startChild(t, "worker", append(env, fmt.Sprintf("NURTURE_TEST_WORKER=k%d", round))...)
		// Killed when the server has some more mails, the number of which differs from round to round.
		enough := sink.Total() + 5 + random.IntN(touches/kills-10)
		eventually(t, "the worker sends", func() bool { return sink.Total() >= enough || sink.Total() >= touches })
		if sink.Total() < touches {
			died++
		}
		kill(t, cmd)
	}
	if died == 0 {
		t.Fatal("every worker died too late")
	}
	startChild(t, "worker", append(env, "NURTURE_TEST_WORKER=last")...)
	eventually(t, "all touches are settled", func() bool {
		return r.count(`SELECT count(*) FROM touches WHERE state IN ('planned', 'claimed')`) == 0
	})
	unknown := 0
	for _, id := range ids {
		got := r.touch(id)
		var sender string
		r.scan(`SELECT sender FROM touches WHERE id = $1`, []any{id}, &sender)
		arrived := sink.CountByMessageID(messageID(id, sender))
		switch {
		case arrived > 1:
			t.Errorf("touch %d arrived %d times", id, arrived)
		case got.State == "unknown":
			unknown++
		case got.State != "sent" || arrived != 1:
			t.Errorf("touch %d is %s (%s) and arrived %d times", id, got.State, got.Detail, arrived)
		}
		if got.Attempts != 1 || got.Step != 1 {
			t.Errorf("touch %d: %+v", id, got)
		}
	}
	if dups := sink.Duplicates(); len(dups) != 0 {
		t.Errorf("duplicates %v", dups)
	}
	if unknown > connections*died {
		t.Errorf("%d touches are unknown, want at most %d: %d kills, %d connections", unknown, connections*died, died, connections)
	}
	eventually(t, "the journals of the dead are gone", func() bool {
		left, err := os.ReadDir(dir)
		must(t, err)
		return !slices.ContainsFunc(left, func(f os.DirEntry) bool { return !strings.HasPrefix(f.Name(), "last.") })
	})
	t.Logf("%d kills, %d mails, %d unknown", died, sink.Total(), unknown)
}
