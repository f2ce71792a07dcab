package config_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"letterlock/internal/config"
)

// maxOptions keeps the server something that one can know by heart.
const maxOptions = 25

const docsFile = "../../docs/config.md"

// TestDocs holds docs/config.md to the declaration. UPDATE=1 rewrites it.
func TestDocs(t *testing.T) {
	options := declared(t)
	if len(options) == 0 || len(options) > maxOptions {
		t.Errorf("serve has %d options, want 1 to %d", len(options), maxOptions)
	}
	want := docs(options)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(docsFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/config.md is not what the options say (-want +got): run UPDATE=1 go test ./internal/config\n%s", diff)
	}
}

// declared are the options of "serve" in the order of their declaration.
func declared(t *testing.T) []*kong.Flag {
	t.Helper()
	for _, command := range newParser(t, new(commandLine)).Model.Leaves(false) {
		if command.Name == "serve" {
			return command.Flags
		}
	}
	t.Fatal("there is no command serve")
	return nil
}

func docs(options []*kong.Flag) string {
	var b strings.Builder
	b.WriteString(`# Configuration

` + "`letterlock serve`" + ` works without any option: on loopback, with SQLite in a directory of its own.

Each option can be given in three ways. A flag wins over the environment, and the environment over the default.

- the flag: ` + "`--max-lifetime=7d`" + `
- the environment: ` + "`LETTERLOCK_MAX_LIFETIME=7d`" + `
- a file that holds the value: ` + "`LETTERLOCK_MAX_LIFETIME_FILE=/run/secrets/max_lifetime`" + `; line ends at its end are dropped. Use it for
  whatever holds a password.

The program refuses to start with an option or a ` + "`LETTERLOCK_`" + ` variable that it does not know, and with a value that it cannot
mean. The message names the option and never repeats the value. Durations are a number with ` + "`s`, `m`, `h` or `d`" + `; sizes a number
with ` + "`KiB`, `MiB` or `GiB`" + `.

Printed from the program; do not edit.
`)
	for _, o := range options {
		fmt.Fprintf(&b, "\n## `--%s`\n\n%s\n\n", o.Name, o.Help)
		fmt.Fprintf(&b, "Environment: `%s`. Default: %s.\n", config.Variable(o.Name), defaultOf(o))
	}
	return b.String()
}

func defaultOf(o *kong.Flag) string {
	switch {
	case o.Name == "data":
		return "`letterlock-data` in the working directory, or under systemd its `$STATE_DIRECTORY`"
	case o.Default != "":
		return "`" + o.Default + "`"
	case o.IsBool():
		return "`false`"
	default:
		return "none"
	}
}
