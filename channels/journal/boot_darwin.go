package journal

import "syscall"

// bootID names this boot of the machine (sysctl kern.bootsessionuuid); "" when it cannot be read.
func bootID() string {
	id, err := syscall.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return ""
	}
	return id
}
