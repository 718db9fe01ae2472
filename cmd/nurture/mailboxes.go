package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"nurture/channels/email/imap"
	"nurture/config"
	"nurture/jobs"
	"nurture/store"
)

// inbox is a mailbox to read; wrong says why it cannot be.
type inbox struct {
	imap.Config
	wrong error
}

// inboxes are the mailboxes to read that can be. Every mistake is named at once.
func (e environment) inboxes(s config.Settings) ([]imap.Config, error) {
	var configs []imap.Config
	var errs []error
	for _, b := range e.namedInboxes(s) {
		if b.wrong != nil {
			errs = append(errs, b.wrong)
		} else {
			configs = append(configs, b.Config)
		}
	}
	return configs, errors.Join(errs...)
}

// namedInboxes are the mailboxes that are to be read: those of the configuration, else the one that NURTURE_IMAP_… variables name.
func (e environment) namedInboxes(s config.Settings) []inbox {
	boxes := s.Inboxes
	if e.imapHost != "" {
		boxes = []config.Inbox{{
			Host: e.imapHost, Port: e.imapPort, TLS: config.TLSMode(e.imapTLS), Username: e.imapUsername, Folder: "INBOX", CACert: e.imapCACert,
		}}
	}
	named := make([]inbox, len(boxes))
	for i, b := range boxes {
		named[i].Config = imap.Config{
			Host: b.Host, Port: b.Port, TLS: string(b.TLS), Username: b.Username, Password: e.imapPassword(b.Username), Mailbox: b.Folder, CACert: b.CACert,
		}
		if named[i].Password == "" {
			named[i].wrong = hint(failf("the mailbox of %s has no password", b.Username), "set %s or NURTURE_IMAP_PASSWORD", imapVariable(b.Username))
		}
	}
	return named
}

var notInVariable = regexp.MustCompile(`[^A-Z0-9]+`)

// imapVariable is where the password of one mailbox is, when each has its own.
func imapVariable(username string) string {
	return "NURTURE_IMAP_PASSWORD_" + notInVariable.ReplaceAllString(strings.ToUpper(username), "_")
}

// inboxesEvery is how often to look whether other mailboxes are to be read now.
const inboxesEvery = 5 * time.Second

// mailboxes are those that a worker reads, each by a goroutine of its own.
type mailboxes struct {
	worker  *worker
	now     func() time.Time
	reading map[imap.Config]context.CancelFunc
	begun   bool // false at the first look, whose mistakes end the process: nobody is told of mailboxes that it never was to read
	group   sync.WaitGroup
}

// watchInboxes reads the mailboxes of the live configuration until ctx ends; the function that it returns waits for that. A mistake in it fails
// the start; later, when another configuration becomes live, it is logged, and keeps no other mailbox from being read.
func (w *worker) watchInboxes(ctx context.Context, a *app) (wait func(), err error) {
	m := &mailboxes{worker: w, now: a.now, reading: map[imap.Config]context.CancelFunc{}}
	fresh, err := m.follow(ctx)
	switch {
	case store.Away(err): // it went in this very moment: the next look finds them
		w.log.Warn("the mailboxes are not read yet", "error", err)
	case err != nil:
		return nil, err
	}
	m.begun = true
	m.begin(ctx, fresh)
	m.group.Go(func() {
		ticker := time.NewTicker(inboxesEvery)
		defer ticker.Stop()
		last := ""
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			now := ""
			fresh, err := m.follow(ctx)
			if err != nil && ctx.Err() == nil {
				now = err.Error()
			}
			if now != "" && now != last { // once is enough
				w.log.Error("not all mailboxes can be read as the configuration says", "error", now)
			}
			last = now
			m.begin(ctx, fresh)
		}
	})
	return m.group.Wait, nil
}

// follow ends to read what is not configured any more, and gives what is to be read from now on, with an error that says which mailboxes cannot be.
// When it cannot be told what is configured, it is read on as before. While nothing is applied there is only what variables name.
func (m *mailboxes) follow(ctx context.Context) (fresh map[imap.Config]*imap.Watcher, err error) {
	settings, err := m.worker.outlets.settings(ctx)
	if err != nil && !errors.Is(err, jobs.ErrNotReady) {
		return nil, err
	}
	named := m.worker.outlets.env.namedInboxes(settings)
	fresh, err = map[imap.Config]*imap.Watcher{}, nil
	for _, c := range named {
		if c.wrong == nil && m.reading[c.Config] == nil {
			var watcher *imap.Watcher
			watcher, c.wrong = imap.New(c.Config, m.worker.deliver, imap.Options{Log: m.worker.log, Now: m.now, Tell: m.tell})
			if c.wrong != nil {
				c.wrong = fmt.Errorf("mailbox of %s: %w", c.Username, c.wrong)
			} else {
				fresh[c.Config] = watcher
			}
		}
		if c.wrong != nil {
			err = errors.Join(err, c.wrong)
			if m.begun {
				m.tell(c.Name(), c.wrong, true, true)
			}
		}
	}
	m.end(named)
	return fresh, err
}

// end ends to read what is not to be read any more, or not in this way.
func (m *mailboxes) end(named []inbox) {
	for c, stop := range m.reading {
		if slices.ContainsFunc(named, func(b inbox) bool { return b.wrong == nil && b.Config == c }) {
			continue
		}
		stop()
		delete(m.reading, c)
		if !slices.ContainsFunc(named, func(b inbox) bool { return b.Name() == c.Name() }) {
			m.worker.engine.InboxRead(c.Name(), false)
		}
	}
}

// tell passes on how it goes with a mailbox, for all who look at how things stand.
func (m *mailboxes) tell(mailbox string, err error, refused, alarm bool) {
	if err == nil {
		m.worker.engine.InboxRead(mailbox, true)
		return
	}
	text, way := explain(err)
	if way != "" {
		text += ": " + way
	}
	m.worker.engine.InboxUnread(mailbox, text, refused, alarm)
}

// begin begins to read mailboxes.
func (m *mailboxes) begin(ctx context.Context, fresh map[imap.Config]*imap.Watcher) {
	for c, watcher := range fresh {
		m.read(ctx, c, watcher)
	}
}

func (m *mailboxes) read(ctx context.Context, c imap.Config, watcher *imap.Watcher) {
	ctx, stop := context.WithCancel(ctx)
	m.reading[c] = stop
	log := m.worker.log
	log.Info("reading a mailbox", "mailbox", c)
	m.group.Go(func() {
		defer stop()
		if err := watcher.Run(ctx); err != nil && ctx.Err() == nil {
			log.Error("reading a mailbox ended", "mailbox", c, "error", err)
		}
	})
}

// deliver takes in messages of a mailbox; one is marked there only when its error is nil.
func (w *worker) deliver(ctx context.Context, items []imap.Item) []error {
	mails := make([]jobs.ArrivedMail, len(items))
	for i, item := range items {
		mails[i] = jobs.ArrivedMail{Source: "imap", ExternalID: item.ExternalID, Raw: item.Raw, ReceivedAt: item.InternalDate}
		if item.TooLarge {
			mails[i].Note = fmt.Sprintf("only the beginning of %d bytes was taken", item.Size)
		}
	}
	taken, errs := w.engine.TakeMails(ctx, mails)
	for i, err := range errs {
		if err == nil {
			w.logMail(mails[i], taken[i])
		}
	}
	return errs
}

// takeMail takes a mail in and logs what became of it.
func (w *worker) takeMail(ctx context.Context, mail jobs.ArrivedMail) error {
	taken, err := w.engine.TakeMail(ctx, mail)
	if err == nil {
		w.logMail(mail, taken)
	}
	return err
}

func (w *worker) logMail(mail jobs.ArrivedMail, taken jobs.TakenMail) {
	w.log.Info("mail came back", "source", mail.Source, "new", taken.ID != 0, "kind", taken.Kind, "state", taken.State, "lead", taken.LeadID, "because", taken.Because)
}
