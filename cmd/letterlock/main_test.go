package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// asProgram in the environment makes the test binary the program itself, so that
// it runs as a process of its own, with the race detector if the tests have it.
const asProgram = "LETTERLOCK_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// secret stands for a value that was put in the wrong place.
const secret = "hunter2"

// patience is how long a program may take over what takes it no time.
const patience = 30 * time.Second

// program is the program with arguments, and with these variables alone, in a
// directory of its own.
func program(ctx context.Context, t *testing.T, environ []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Dir = t.TempDir()
	// Garbage is collected at once, as in a program that has run for hours: a
	// lock whose file nothing refers to is lost then.
	cmd.Env = append([]string{asProgram + "=1", "TZ=UTC", "GOGC=1"}, environ...)
	return cmd
}

// run runs the program to its end.
func run(t *testing.T, environ []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := program(ctx, t, environ, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited || ctx.Err() != nil {
		t.Fatalf("letterlock %q: %v; it said:\n%s", args, err, &errs)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// TestHelp holds the help to testdata/help.txt. UPDATE=1 rewrites it.
func TestHelp(t *testing.T) {
	const file = "testdata/help.txt"
	var got strings.Builder
	for _, command := range []string{
		"", "serve", "admin", "admin setup-link", "admin user add", "admin user reset", "admin user operator", "admin token add",
		"admin organization add", "admin member add", "version",
	} {
		args := append(strings.Fields(command), "--help")
		stdout, stderr, code := run(t, nil, args...)
		if code != 0 || stderr != "" {
			t.Errorf("letterlock %q = exit code %d, on standard error %q; want 0 and nothing", args, code, stderr)
		}
		got.WriteString("$ letterlock " + strings.Join(args, " ") + "\n" + stdout + "\n")
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("help (-want +got): if it is meant, run UPDATE=1 go test ./cmd/letterlock\n%s", diff)
	}
}

func TestVersion(t *testing.T) {
	stdout, stderr, code := run(t, nil, "version")
	if code != 0 || stderr != "" || !regexp.MustCompile(`^letterlock \S+\n$`).MatchString(stdout) {
		t.Errorf("letterlock version = %q, on standard error %q, exit code %d; want one line with the version", stdout, stderr, code)
	}
}

// TestRefusals holds what the program refuses to do to its manners: one line on
// standard error that names the culprit and repeats no value, nothing on
// standard output, an exit code that tells misuse from failure.
func TestRefusals(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	if err := os.Mkdir(filepath.Join(directory, "letterlock.db"), 0o700); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		environ []string
		args    []string
		code    int
		says    string
	}{
		{"no command", nil, nil, exitMisused, "serve"},
		{"unknown command", nil, []string{secret}, exitMisused, "argument"},
		{"stray argument", nil, []string{"serve", "postgres://user:" + secret + "@example.org/x"}, exitMisused, "argument"},
		{"unknown option", nil, []string{"serve", "--databse=" + secret}, exitMisused, "--databse"},
		{"unknown option, value apart", nil, []string{"serve", "--databse", secret}, exitMisused, "--databse"},
		{"unknown short option", nil, []string{"serve", "-x"}, exitMisused, "-x"},
		{"option without value", nil, []string{"serve", "--data"}, exitMisused, "--data"},
		{"malformed option", nil, []string{"serve", "--max-lifetime=" + secret}, exitMisused, "--max-lifetime"},
		{"malformed switch", nil, []string{"serve", "--rate-limit=" + secret}, exitMisused, "--rate-limit"},
		{"malformed network", nil, []string{"serve", "--trusted-proxy=" + secret}, exitMisused, "--trusted-proxy"},
		{"option out of range", nil, []string{"serve", "--max-lifetime=366d"}, exitMisused, "--max-lifetime"},
		{"unknown variable", []string{"LETTERLOCK_DATABSE=" + secret}, []string{"serve"}, exitMisused, "LETTERLOCK_DATABSE"},
		{"malformed variable", []string{"LETTERLOCK_MAX_STORED=" + secret}, []string{"serve"}, exitMisused, "--max-stored"},
		{"missing file", []string{"LETTERLOCK_DATABASE_FILE=/nowhere/" + secret}, []string{"serve"}, exitMisused, "LETTERLOCK_DATABASE_FILE"},
		{"malformed mail server", nil, []string{"serve", "--smtp=smtp://jane:" + secret + "@"}, exitMisused, "--smtp"},
		{"mail server with half a login", nil, []string{"serve", "--smtp=smtp://" + secret + "@mail.example.org"}, exitMisused, "--smtp"},
		{"malformed sender", nil, []string{"serve", "--mail-from=" + secret}, exitMisused, "--mail-from"},
		{"no admin command", nil, []string{"admin"}, exitMisused, "setup-link"},
		{"unknown admin command", nil, []string{"admin", secret}, exitMisused, "argument"},
		{"no user command", nil, []string{"admin", "user"}, exitMisused, "add"},
		{"no address", nil, []string{"admin", "user", "add"}, exitMisused, "<email>"},
		{"malformed address", nil, []string{"admin", "user", "add", secret}, exitMisused, "<email>"},
		{"empty address", nil, []string{"admin", "token", "add", ""}, exitMisused, "<email>"},
		{"two addresses", nil, []string{"admin", "user", "add", "jane@example.org", secret}, exitMisused, "argument"},
		{"name that cannot be seen", nil, []string{"admin", "user", "add", "--name=" + secret + "\x1b[2J", "jane@example.org"}, exitMisused, "--name"},
		{"no owner", nil, []string{"admin", "organization", "add", secret}, exitMisused, "--owner"},
		{"malformed owner", nil, []string{"admin", "organization", "add", "--owner=" + secret, "Acme"}, exitMisused, "--owner"},
		{"no name", nil, []string{"admin", "organization", "add", "--owner=jane@example.org"}, exitMisused, "<name>"},
		{"empty name", nil, []string{"admin", "organization", "add", "--owner=jane@example.org", " "}, exitMisused, "<name>"},
		{"long name", nil, []string{"admin", "organization", "add", "--owner=jane@example.org", strings.Repeat(secret, 20)}, exitMisused, "<name>"},
		{"unknown role", nil, []string{"admin", "member", "add", "--role=" + secret, "Acme", "jane@example.org"}, exitMisused, "--role"},
		{"option of serve", nil, []string{"admin", "setup-link", "--listen=" + secret}, exitMisused, "--listen"},
		{"argument as a variable", []string{"LETTERLOCK_OWNER=" + secret}, []string{"admin", "organization", "add", "Acme"}, exitMisused, "LETTERLOCK_OWNER"},
		{"database of another kind", nil, []string{"admin", "setup-link", "--database=mysql://" + secret}, exitMisused, "--database"},
		{"admin without a database", nil, []string{"admin", "setup-link", "--data=" + file}, exitFailed, "data directory"},
		{"unreadable database URL", nil, []string{"serve", "--database=postgres://user:" + secret + "%zz@example.org/x"}, exitFailed, "database"},
		{"unreachable database", nil, []string{"serve", "--database=postgres://user:" + secret + "@127.0.0.1:1/x"}, exitFailed, "PostgreSQL"},
		{"data directory is a file", nil, []string{"serve", "--data=" + file}, exitFailed, "data directory"},
		{"data directory in a file", nil, []string{"serve", "--data=" + filepath.Join(file, "data")}, exitFailed, "data directory"},
		{"database file is a directory", nil, []string{"serve", "--data=" + directory}, exitFailed, "database"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			stdout, stderr, code := run(t, tt.environ, tt.args...)
			if code != tt.code || stdout != "" {
				t.Errorf("letterlock %q = exit code %d, on standard output %q; want %d and nothing", tt.args, code, stdout, tt.code)
			}
			if !strings.HasPrefix(stderr, "letterlock: ") || !strings.Contains(stderr, tt.says) || strings.Contains(stderr, secret) {
				t.Errorf("letterlock %q said %q, want a message that names %q and repeats no value", tt.args, stderr, tt.says)
			}
		})
	}
}
