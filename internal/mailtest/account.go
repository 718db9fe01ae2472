package mailtest

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user that all of Dovecot runs as: the one who runs the tests, or nobody for root. So there is one
// configuration, which needs no rights and no users of Dovecot's own.
type account struct {
	user, group string
	uid, gid    int
	drop        bool // we are root and must become that user
}

func chooseAccount() (account, error) {
	found, err := user.LookupId(strconv.Itoa(os.Geteuid()))
	drop := os.Geteuid() == 0
	if drop {
		found, err = user.Lookup("nobody")
	}
	if err != nil {
		return account{}, fmt.Errorf("Dovecot needs a user with a name: %w", err)
	}
	group, err := user.LookupGroupId(found.Gid)
	if err != nil {
		return account{}, fmt.Errorf("Dovecot needs a group with a name: %w", err)
	}
	a := account{user: found.Username, group: group.Name, drop: drop}
	if a.uid, err = strconv.Atoi(found.Uid); err != nil {
		return account{}, err
	}
	a.gid, err = strconv.Atoi(found.Gid)
	return a, err
}

// own gives the folder to the account.
func (a account) own(dir string) error {
	if !a.drop {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, a.uid, a.gid)
	})
}

func (a account) attributes() *syscall.SysProcAttr {
	if !a.drop {
		return nil
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid), Groups: []uint32{}}}
}
