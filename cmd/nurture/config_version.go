package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"nurture/config"
	"nurture/store"
)

// versioned is an applied configuration with its number.
type versioned struct {
	*config.Config
	number int64
	live   bool
}

// String names the version: "version 3, live".
func (v versioned) String() string {
	if v.live {
		return fmt.Sprintf("version %d, live", v.number)
	}
	return fmt.Sprintf("version %d", v.number)
}

// applied gives an applied configuration: ref is its number, "" or "live" is the one in force.
func (s *session) applied(ctx context.Context, ref string) (versioned, error) {
	current, err := s.engine.LiveVersion(ctx)
	if err != nil {
		return versioned{}, err
	}
	number := current
	if ref != "" && ref != "live" {
		if number, err = strconv.ParseInt(ref, 10, 64); err != nil || number < 1 {
			return versioned{}, hint(misusef("%q is no version", ref), "write its number, such as %d, or live", current)
		}
	}
	cfg, err := s.engine.ConfigAt(ctx, number)
	if errors.Is(err, store.ErrNotFound) {
		return versioned{}, hint(err, "the live one is version %d", current)
	}
	return versioned{cfg, number, number == current}, err
}
