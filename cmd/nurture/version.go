package main

import (
	"cmp"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersionCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the program's version",
		Args: args(0, 0, ""),
		RunE: func(*cobra.Command, []string) error {
			version, revision := buildVersion()
			if a.json {
				return a.printJSON(map[string]any{"version": version, "revision": revision, "go": runtime.Version(), "platform": platform()})
			}
			a.printf("nurture %s %s %s\n", version, runtime.Version(), platform())
			return nil
		},
	}
}

func platform() string { return runtime.GOOS + "/" + runtime.GOARCH }

// buildVersion is what the toolchain recorded: the module's version, and the commit, with "+dirty" behind when files were changed.
func buildVersion() (version, revision string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown", ""
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value + revision
		case s.Key == "vcs.modified" && s.Value == "true":
			revision += "+dirty"
		}
	}
	return cmp.Or(info.Main.Version, "(devel)"), revision
}
