package main

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// oneOf checks that what was given, a flag or an argument, has one of the values that are known; "" is not given. A value that is known only once
// the database is read, such as a cadence's name, is no matter of the call and is not checked here.
func oneOf[T ~string](cmd *cobra.Command, what, value string, known []T) error {
	if value == "" || slices.Contains(known, T(value)) {
		return nil
	}
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = string(k)
	}
	last := len(names) - 1
	return usagef(cmd, "%s %q is none of %s and %s", what, value, strings.Join(names[:last], ", "), names[last])
}

// isDate checks that a flag holds a date or time as parseTime reads it; "" is not given. Of which zone it is, only the configuration says.
func isDate(cmd *cobra.Command, flag, value string) error {
	if value == "" {
		return nil
	}
	if _, err := parseTime(value, time.UTC); err != nil {
		return misuse(cmd, flag+" ", err)
	}
	return nil
}

// misuse makes an error that is about what was typed one of the call, with its way out.
func misuse(cmd *cobra.Command, what string, err error) error {
	message, way := explain(err)
	wrong := usagef(cmd, "%s%s", what, message)
	if way == "" {
		return wrong
	}
	return hint(wrong, "%s", way)
}
