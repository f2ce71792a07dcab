// Command letterlock shares secrets by links that stop working.
//
//	letterlock serve      run an instance
//	letterlock version    print the version
package main

import (
	"fmt"
	"os"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"letterlock/internal/config"
)

// commands is the table of subcommands.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Run an instance."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// Exit codes.
const (
	exitFailed  = 1
	exitMisused = 2
)

func main() {
	var c commands
	parser := kong.Must(&c,
		kong.Name("letterlock"),
		kong.Description("Share secrets by links that open a set number of times, until a set time."),
		kong.Vars{"data": config.DefaultData()},
		kong.Resolvers(config.Environment(os.Environ())),
	)
	ctx, err := parser.Parse(os.Args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "letterlock: %v\n", err)
		os.Exit(exitMisused)
	}
	if err := ctx.Run(); err != nil {
		fmt.Fprintf(os.Stderr, "letterlock: %v\n", err)
		os.Exit(exitFailed)
	}
}

type versionCommand struct{}

// Run prints the version of the module, or of the commit it was built from.
func (versionCommand) Run() error {
	fmt.Println("letterlock", version())
	return nil
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return "unknown"
}
