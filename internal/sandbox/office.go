package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/cadence/calendar"
	"nurture/channels/voicemail"
	"nurture/internal/sandbox/mailsink"
	"nurture/internal/sandbox/phone"
	"nurture/jobs"
)

// OfficeOptions say what an Office is opened on; all are needed.
type OfficeOptions struct {
	Pool *pgxpool.Pool // the database that a run has left
	// Now is the clock of the leads, which goes on from where the run ended; RealNow is the machine's.
	Now, RealNow func() time.Time
	JournalDir   string // of the run
	Staff        int    // of the run's Result
	URL          string // where leads and the phone provider reach the pages
	Outbox       string // the folder that mails are written to, as they arrive
	Log          *slog.Logger
}

// Office goes on where a run ended, for people in place of personas: workers carry out what they do at the desk, between the same stand-ins.
// The leads are silent: machines take their calls, and nobody reads their mail.
type Office struct {
	standIns
	url string
}

// OpenOffice starts the stand-ins and the workers. Close ends them.
func OpenOffice(ctx context.Context, o OfficeOptions) (*Office, error) {
	office := &Office{url: o.URL}
	var mails atomic.Int64
	err := office.open(ctx, standInOptions{
		pool: o.Pool, now: o.Now, realNow: o.RealNow, log: o.Log, journalDir: o.JournalDir, desk: o.Staff, url: o.URL, publicURL: o.URL,
		answer: func(string, string, int) phone.Answer { return phone.Answer{} },
		receive: func(m mailsink.Mail) {
			if err := writeMail(o.Outbox, fmt.Sprintf("later-%04d.eml", mails.Add(1)), m); err != nil {
				o.Log.Error("a mail is missing in the outbox", "error", err)
			}
		},
	})
	if err == nil {
		err = office.engine.Start(context.WithoutCancel(ctx)) // a signal must not cut off jobs that are running: Close ends them
	}
	if err != nil {
		return nil, errors.Join(err, office.Close(ctx))
	}
	return office, nil
}

// opens is when an Office opens: an hour by which the night's tasks have fallen due.
const opens = 10 * time.Hour

// Morning is when an Office opens after a run of some days: on the next working day, in the operator's zone. People find what the run's SDRs left
// to them, and what has fallen due since.
func Morning(days int, zone string) (time.Time, error) {
	ended, err := inZone(end(days), zone)
	if err != nil {
		return ended, err
	}
	for day := 0; ; day++ {
		at := time.Date(ended.Year(), ended.Month(), ended.Day()+day, 0, 0, 0, 0, ended.Location()).Add(opens)
		if at.After(ended) && deskHours.Allows(calendar.Place{Zones: []string{zone}}, at) {
			return at, nil
		}
	}
}

// Engine is the one that the desk's pages ask.
func (o *Office) Engine() *jobs.Engine { return o.engine }

// Signature checks that a request comes from the phone provider's stand-in.
func (o *Office) Signature() voicemail.Validator { return voicemail.NewValidator(o.url, authToken) }

// Run plans what falls due until ctx ends.
func (o *Office) Run(ctx context.Context) { o.engine.Run(ctx, time.Second) }

// Close lets what is running finish, and ends everything.
func (o *Office) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	return o.close(ctx)
}
