package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// nobodyID is the uid and gid of nobody where the user database does not know that name.
const nobodyID = 65534

// account is the user that the server runs as. drop: it is not the user of this process, which is root.
type account struct {
	uid, gid int
	drop     bool
}

// accountFor picks the user for a cluster: this process's own, or, for root, the cluster's owner, else postgres, else nobody.
func accountFor(cluster string) (account, error) {
	if uid := os.Geteuid(); uid != 0 {
		return account{uid: uid, gid: os.Getegid()}, nil
	}
	if info, err := os.Stat(cluster); err == nil && ownerOf(info) != 0 {
		st := info.Sys().(*syscall.Stat_t)
		return account{uid: int(st.Uid), gid: int(st.Gid), drop: true}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.Atoi(u.Uid)
		gid, errGID := strconv.Atoi(u.Gid)
		if err := errors.Join(errUID, errGID); err != nil {
			return account{}, fmt.Errorf("postgres: user %s: %w", name, err)
		}
		return account{uid: uid, gid: gid, drop: true}, nil
	}
	return account{uid: nobodyID, gid: nobodyID, drop: true}, nil
}

// attributes start a process in a session of its own (no terminal, no signals of this process group), as the account.
func (a account) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setsid: true}
	if a.drop {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid), Groups: []uint32{}}
	}
	return attr
}

// own gives a path that root made to the account, so that a later start as that very user finds its own files. It and what
// opens such files follow no links: the account could have laid them to have root give it something else.
func (s *site) own(path string) error {
	if !s.run.drop {
		return nil
	}
	if err := os.Lchown(path, s.run.uid, s.run.gid); err != nil {
		return fmt.Errorf("postgres: cannot give %s to %s: %w", path, userName(s.run.uid), err)
	}
	return nil
}

// makePath is MkdirAll with the modes that the account needs whatever the umask: a folder that root makes for it can be
// passed through (0711 for the data folder, 0755 above it), one that a user makes for itself is its own (0700).
func (s *site) makePath(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := s.makeParents(parent); err != nil {
			return err
		}
	}
	if !s.run.drop {
		return os.MkdirAll(dir, 0o700)
	}
	return makeFolder(dir, 0o711)
}

func (s *site) makeParents(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := s.makeParents(filepath.Dir(dir)); err != nil {
		return err
	}
	return makeFolder(dir, 0o755)
}

// makeFolder makes one folder with exactly this mode; another process may have been first.
func makeFolder(dir string, mode os.FileMode) error {
	err := os.Mkdir(dir, mode)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Chmod(dir, mode)
}

// makeOwnFolder makes a folder that only the account may enter. An existing one must be such already, and no link: in a shared
// temporary folder it could be somebody's trap.
func (s *site) makeOwnFolder(dir string) error {
	if err := os.Mkdir(dir, 0o700); err == nil {
		return s.own(dir)
	} else if !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("postgres: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	if owner := ownerOf(info); !info.IsDir() || owner != s.run.uid || info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("postgres: %s exists but is not a private folder of %s (%s, owner %s); remove it",
			dir, userName(s.run.uid), info.Mode(), userName(owner))
	}
	return nil
}

// barrier names the first folder on the way to dir that the account may not pass, judged by mode bits. "" when the bits
// forbid nothing.
func (a account) barrier(dir string) string {
	var blocked string
	for at := dir; ; at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil && !a.mayPass(info) {
			blocked = at
		}
		if at == filepath.Dir(at) {
			return blocked
		}
	}
}

func (a account) mayPass(info os.FileInfo) bool {
	st := info.Sys().(*syscall.Stat_t)
	switch {
	case int(st.Uid) == a.uid:
		return info.Mode()&0o100 != 0
	case int(st.Gid) == a.gid:
		return info.Mode()&0o010 != 0
	}
	return info.Mode()&0o001 != 0
}

func ownerOf(info os.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

// userName is for messages: the login name, or "user 1234" for a uid without one.
func userName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return "user " + strconv.Itoa(uid)
}
