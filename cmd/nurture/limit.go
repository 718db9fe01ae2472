package main

import (
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"nurture/jobs"
)

// limitValue is how many rows a list has at most. None would make a list say that there is nothing.
type limitValue int

// addLimit adds --limit; without it a list has most.
func addLimit(cmd *cobra.Command, limit *int, most int, usage string) {
	*limit = most
	cmd.Flags().Var((*limitValue)(limit), "limit", usage)
}

// Set implements pflag.Value.
func (l *limitValue) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return errors.New("it must be a number, 1 or more")
	}
	*l = limitValue(n)
	return nil
}

// String implements pflag.Value.
func (l *limitValue) String() string { return strconv.Itoa(int(*l)) }

// Type implements pflag.Value.
func (l *limitValue) Type() string { return "int" }

// stageValue is a stage of leads, "" for all. One that there is not would make a list say that there are no such leads.
type stageValue string

// Set implements pflag.Value.
func (s *stageValue) Set(text string) error {
	if text == "" {
		*s = ""
		return nil
	}
	stage, err := jobs.ParseStage(text)
	*s = stageValue(stage)
	return err
}

// String implements pflag.Value.
func (s *stageValue) String() string { return string(*s) }

// Type implements pflag.Value.
func (s *stageValue) Type() string { return "string" }
