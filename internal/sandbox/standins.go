package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/cadence"
	"nurture/channels"
	"nurture/channels/email"
	"nurture/channels/journal"
	"nurture/channels/voicemail"
	"nurture/internal/sandbox/mailsink"
	"nurture/internal/sandbox/phone"
	"nurture/jobs"
	"nurture/store"
)

// standIns are a mail server and a phone provider in this process, and the engine, which knows no other ways out.
type standIns struct {
	engine  *jobs.Engine
	journal *journal.Journal
	mail    *email.SMTP
	voice   *voicemail.Channel
	sink    *mailsink.Sink
	phone   *phone.Server
}

// standInOptions say how they behave.
type standInOptions struct {
	pool       *pgxpool.Pool
	now        func() time.Time
	realNow    func() time.Time
	log        *slog.Logger
	journalDir string
	desk       int    // as in jobs.Options
	url        string // where the phone provider reaches us
	publicURL  string // as in jobs.Options
	// answer is how people take calls, and manual whether a call waits until it is run; as in phone.Config.
	answer func(to, from string, n int) phone.Answer
	manual bool
	// receive is told of every mail.
	receive func(mailsink.Mail)
}

// open starts the stand-ins and builds the engine between them; close ends what was started, also after an error.
func (s *standIns) open(ctx context.Context, o standInOptions) (err error) {
	if s.sink, err = mailsink.New(o.now, mailsink.Options{KeepBodies: keptMails}); err != nil {
		return err
	}
	s.sink.Subscribe(o.receive)
	if s.phone, err = phone.New(phone.Config{
		AccountSID: accountSID, AuthToken: authToken, Now: o.now, Manual: o.manual, Persona: o.answer,
	}); err != nil {
		return err
	}
	host, port, _ := net.SplitHostPort(s.sink.Addr())
	number, _ := strconv.Atoi(port)
	if s.journal, err = journal.Open(o.journalDir, fmt.Sprintf("demo-%d", o.realNow().UnixNano())); err != nil {
		return err
	}
	if s.mail, err = email.New(email.Config{Host: host, Port: number, TLS: email.TLSNone, LocalName: "nurture.example.com"}, s.journal); err != nil {
		return err
	}
	if s.voice, err = voicemail.New(voicemail.Config{
		Journal:    s.journal,
		AccountSID: accountSID, AuthToken: authToken, BaseURL: s.phone.URL(), PublicURL: o.url,
		Token: func(touchID int64) string { return s.engine.VoiceToken(touchID) }, // the voice channel names its calls by the engine's tokens
	}); err != nil {
		return err
	}
	s.engine, err = jobs.New(ctx, jobs.Options{
		Pool: o.pool, Now: o.now, RealNow: o.realNow, Log: o.log, Worker: store.Worker{ID: "demo", Host: "demo"},
		Channels: map[cadence.Channel]channels.Channel{cadence.ChannelEmail: s.mail, cadence.ChannelVoicemail: s.voice},
		Journal:  s.journal, JournalDir: o.journalDir, Reconciler: s.voice, Desk: o.desk, PublicURL: o.publicURL,
	})
	return err
}

// close stops the engine, then the stand-ins.
func (s *standIns) close(ctx context.Context) error {
	var errs []error
	if s.engine != nil {
		errs = append(errs, s.engine.Stop(ctx))
	}
	if s.phone != nil {
		errs = append(errs, s.phone.Close())
	}
	if s.mail != nil {
		errs = append(errs, s.mail.Close())
	}
	if s.voice != nil {
		s.voice.Close()
	}
	if s.sink != nil {
		errs = append(errs, s.sink.Close())
	}
	if s.journal != nil {
		errs = append(errs, s.journal.Close())
	}
	return errors.Join(errs...)
}
