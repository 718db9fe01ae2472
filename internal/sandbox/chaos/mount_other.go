//go:build !linux

package chaos

import "errors"

func mount(string) error { return errors.New("only Linux has a tmpfs") }

func unmount(string) error { return nil }
