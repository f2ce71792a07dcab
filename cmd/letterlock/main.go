// Command letterlock shares secrets by links that stop working.
//
//	letterlock serve      run an instance
//	letterlock admin      accounts and organizations, on the server's machine
//	letterlock version    print the version
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"

	"letterlock/internal/config"
)

// commands is the table of subcommands.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Run an instance."`
	Admin   adminCommand   `cmd:"" help:"Accounts and organizations, on the server's machine."`
	Version versionCommand `cmd:"" help:"Print the version."`

	VersionFlag kong.VersionFlag `name:"version" help:"Print the version."`
}

// Exit codes.
const (
	exitFailed  = 1
	exitMisused = 2
)

func main() {
	var c commands
	parser := kong.Must(&c, append(config.Parsing(os.Environ()),
		kong.Name("letterlock"),
		kong.Description("Share secrets by links that open a set number of times, until a set time."),
		kong.Vars{"data": config.DefaultData(), "version": "letterlock " + version()},
	)...)
	ctx, err := parser.Parse(os.Args[1:])
	if err != nil {
		quit(exitMisused, misused(err))
	}
	if err := ctx.Run(); err != nil {
		quit(exitFailed, err)
	}
}

func quit(code int, err error) {
	fmt.Fprintf(os.Stderr, "letterlock: %v\n", err)
	os.Exit(code)
}

// misused is what is said of a command line that cannot be read. A stray
// argument may be a value that lost its option, so it is not repeated.
func misused(err error) error {
	if strings.HasPrefix(err.Error(), "unexpected argument") {
		return errors.New("an argument belongs to no option or command: see letterlock --help")
	}
	return err
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
		return "devel"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return "devel"
}
