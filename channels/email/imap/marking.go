package imap

import (
	"errors"
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// marking is how a taken message is kept from being taken again.
type marking struct {
	flag    imap.Flag // "" when messages move
	folder  string
	move    bool // the server has MOVE (RFC 6851)
	expunge bool // it can expunge single messages, UIDPLUS (RFC 4315)
}

func (m marking) String() string {
	if m.flag == "" {
		return fmt.Sprintf("move to %q", m.folder)
	}
	return fmt.Sprintf("flag %s", m.flag)
}

func chooseMarking(config Config, caps imap.CapSet, permanent []imap.Flag) (marking, error) {
	if config.Processed.MoveTo != "" {
		return marking{folder: config.Processed.MoveTo, move: caps.Has(imap.CapMove), expunge: caps.Has(imap.CapUIDPlus)}, nil
	}
	keyword := imap.Flag(config.Processed.Keyword)
	switch {
	// \* is the permission to make new keywords (RFC 9051, section 7.1).
	case slices.Contains(permanent, imap.FlagWildcard), slices.ContainsFunc(permanent, sameFlag(keyword)):
		return marking{flag: keyword}, nil
	case slices.ContainsFunc(permanent, sameFlag(imap.FlagSeen)):
		return marking{flag: imap.FlagSeen}, nil
	}
	return marking{}, refuse("the mailbox %q keeps no flag of ours (PERMANENTFLAGS), so it is read-only or shared: give %s the right "+
		"to write in it, or choose a folder to move taken messages to", config.Mailbox, config.Username)
}

// open finds what is not marked.
func (m marking) open() *imap.SearchCriteria {
	switch {
	case m.flag != "":
		return &imap.SearchCriteria{NotFlag: []imap.Flag{m.flag}}
	case m.move:
		return &imap.SearchCriteria{} // what is here was not taken; deleted by somebody counts as here until it is gone
	}
	return &imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted}}
}

// settle marks messages. That some are gone meanwhile is no error.
func (s *session) settle(uids imap.UIDSet) error {
	defer s.line.await()()
	var err error
	switch m := s.mark; {
	case m.flag != "":
		err = s.flag(uids, m.flag)
	case m.move:
		_, err = s.client.Move(uids, m.folder).Wait()
	default:
		err = s.copyAway(uids)
	}
	var answer *imap.Error
	if errors.As(err, &answer) && answer.Code == "EXPUNGEISSUED" { // RFC 5530, section 3
		return nil
	}
	if err != nil {
		return judge(err, "marking taken messages (%s)", s.mark)
	}
	return nil
}

func (s *session) flag(uids imap.UIDSet, flag imap.Flag) error {
	add := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{flag}}
	return s.client.Store(uids, add, nil).Close()
}

// copyAway moves without MOVE, one step after the other: a message that is not surely copied is not deleted. Without
// UIDPLUS it stays behind as deleted, because a plain EXPUNGE would also remove what others have deleted.
func (s *session) copyAway(uids imap.UIDSet) error {
	if _, err := s.client.Copy(uids, s.mark.folder).Wait(); err != nil {
		return err
	}
	if err := s.flag(uids, imap.FlagDeleted); err != nil || !s.mark.expunge {
		return err
	}
	return s.client.UIDExpunge(uids).Close()
}

// prepare makes the folder that taken messages move to.
func (s *session) prepare() error {
	if s.mark.folder == "" {
		return nil
	}
	defer s.line.await()()
	status := &imap.StatusOptions{NumMessages: true}
	if _, err := s.client.Status(s.mark.folder, status).Wait(); err == nil {
		return nil
	}
	if err := s.client.Create(s.mark.folder, nil).Wait(); err != nil {
		return judge(err, "making the folder %q for taken messages; name one that exists or that %s may make",
			s.mark.folder, s.config.Username)
	}
	return nil
}
