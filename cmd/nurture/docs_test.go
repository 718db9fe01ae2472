package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestDocsHaveTheJSONOfEveryCommand: the table of docs/cli.md has a row for each command, but for those that go on until they are ended, and no row for any
// other.
func TestDocsHaveTheJSONOfEveryCommand(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| command | prints |")
	var told []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]*) \\|").FindAllStringSubmatch(table, -1) {
		parent := ""
		for i, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			if first, _, ok := strings.Cut(name[1], " "); i == 0 && ok {
				parent = first + " "
			}
			told = append(told, parent+strings.TrimPrefix(name[1], parent))
		}
	}
	if len(told) == 0 {
		t.Fatal("the table is not there")
	}
	var there []string
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for _, child := range c.Commands() {
			walk(child)
		}
		if !c.HasSubCommands() {
			there = append(there, strings.TrimPrefix(c.CommandPath(), "nurture "))
		}
	}
	walk(newRootCmd(&app{}))
	// The first go on until they are ended, or tell a story; then come processes that others start, and what shells read.
	without := []string{
		"serve", "work", "web", "demo", "bench importer", "bench sink", "bench worker",
		"completion bash", "completion fish", "completion powershell", "completion zsh",
	}
	for _, name := range there {
		if !slices.Contains(told, name) && !slices.Contains(without, name) {
			t.Errorf("%s has no row in docs/cli.md", name)
		}
	}
	for _, name := range told {
		if !slices.Contains(there, name) {
			t.Errorf("docs/cli.md has a row for %s, and there is no such command", name)
		}
	}
}
